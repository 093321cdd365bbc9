//! The scripts that git runs.
//!
//! Each line of one ends in a comment: where a tool rewrote it with the line ends of Windows, their extra character is
//! part of that comment, and of no command.

use std::path::Path;

/// A hook that akid has something to do in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hook {
    PreCommit,
    PrePush,
}

/// By this a script of akid's is known.
const MARK: &str = "# Made by `akid hook install`";

/// The hooks that git runs for somebody who works in a repository, but for those of [`Hook`]. In a folder of hooks for
/// all repositories they only run the repository's own. `reference-transaction` is not among them: it would cost a
/// process for each ref that moves.
pub(super) const OTHERS: [&str; 14] = [
    "applypatch-msg",
    "commit-msg",
    "post-applypatch",
    "post-checkout",
    "post-commit",
    "post-merge",
    "post-rewrite",
    "pre-applypatch",
    "pre-auto-gc",
    "pre-merge-commit",
    "pre-rebase",
    "prepare-commit-msg",
    "push-to-checkout",
    "sendemail-validate",
];

impl Hook {
    pub(super) const ALL: [Self; 2] = [Self::PreCommit, Self::PrePush];

    /// Git's name for it, and akid's.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PrePush => "pre-push",
        }
    }

    /// The script that runs `akid`, after `former`, the shell's words for the hook to run before.
    fn script(self, akid: &Path, former: &str) -> String {
        let name = self.name();
        let run = match self {
            Self::PreCommit => {
                "if [ -x \"$former\" ]; then \"$former\" \"$@\" || exit; fi\n\
                 exec \"$akid\" hook pre-commit"
            }
            // Both are to read what git says.
            Self::PrePush => {
                "pushed=$(cat)\n\
                 tell() { [ -z \"$pushed\" ] || printf '%s\\n' \"$pushed\"; }\n\
                 if [ -x \"$former\" ]; then tell | \"$former\" \"$@\" || exit; fi\n\
                 tell | \"$akid\" hook pre-push \"$@\""
            }
        };
        commented(&format!(
            "{MARK}; `akid hook uninstall` takes it away.\n\
             akid={}\n\
             [ -x \"$akid\" ] || akid=akid\n\
             missing='{name}: akid is not there any more: install it, or take this hook away'\n\
             command -v \"$akid\" >/dev/null || {{ echo \"$missing: $0\" >&2; exit 2; }}\n\
             former={former}\n\
             {run}\n",
            quoted(akid)
        ))
    }

    /// The script for a folder of hooks that may hold a former one.
    pub(super) fn chained(self, akid: &Path) -> String {
        self.script(akid, &format!("\"$(dirname \"$0\")/{}\"", former(self.name())))
    }

    /// The script for a folder that stands in for every repository's own.
    pub(super) fn global(self, akid: &Path) -> String {
        self.script(akid, &own(self.name()))
    }
}

/// The script that only runs the repository's own hook called `name`.
pub(super) fn passing_on(name: &str) -> String {
    commented(&format!("{MARK} --global\nown={}\n[ ! -x \"$own\" ] || exec \"$own\" \"$@\"\n", own(name)))
}

/// What the hook called `name` is renamed to where akid's runs it first.
pub(super) fn former(name: &str) -> String {
    format!("{name}.before-akid")
}

/// What it is renamed to where it does not run.
pub(super) fn replaced(name: &str) -> String {
    format!("{name}.replaced-by-akid")
}

/// Whether `script` is one of these.
pub(super) fn is_ours(script: &[u8]) -> bool {
    script.split(|&byte| byte == b'\n').nth(1).is_some_and(|line| line.starts_with(MARK.as_bytes()))
}

/// The shell's words for the repository's own hook.
fn own(name: &str) -> String {
    format!("\"$(git rev-parse --git-common-dir)/hooks/{name}\"")
}

fn commented(lines: &str) -> String {
    let lines = lines.lines().map(|line| format!("{line} #\n"));
    format!("#!/bin/sh\n{}", lines.collect::<String>())
}

fn quoted(path: &Path) -> String {
    let path = path.to_string_lossy();
    let path = if cfg!(windows) { path.replace('\\', "/") } else { path.into_owned() };
    format!("'{}'", path.replace('\'', r"'\''"))
}
