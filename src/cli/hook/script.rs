//! The scripts that git runs.
//!
//! Each line of one ends in a comment: where a tool rewrote it with the line ends of Windows, their extra character is
//! part of that comment, and of no command.

use std::path::Path;

/// A hook that akid has something to do in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hook {
    Commit,
    /// Before the commits of merges that git makes by itself, which `pre-commit` is not run for.
    MergeCommit,
    Push,
}

/// By this a script of akid's is known.
const MARK: &str = "# Made by `akid hook install`";

/// The hooks of git but for those of [`Hook`], on servers, too: in a folder of hooks for all repositories they only run
/// the repository's own.
pub(super) const OTHERS: [&str; 20] = [
    "applypatch-msg",
    "commit-msg",
    "p4-changelist",
    "p4-post-changelist",
    "p4-pre-submit",
    "p4-prepare-changelist",
    "post-applypatch",
    "post-checkout",
    "post-commit",
    "post-merge",
    "post-receive",
    "post-rewrite",
    "post-update",
    "pre-applypatch",
    "pre-auto-gc",
    "pre-rebase",
    "pre-receive",
    "prepare-commit-msg",
    "sendemail-validate",
    "update",
];

/// The hooks of git that cannot be passed on: that there is a `push-to-checkout` changes what git does itself, and the
/// others would cost a process for each ref or index that is written, or take part in a conversation.
pub(super) const NOT_PASSED_ON: [&str; 4] =
    ["post-index-change", "proc-receive", "push-to-checkout", "reference-transaction"];

impl Hook {
    pub(super) const ALL: [Self; 3] = [Self::Commit, Self::MergeCommit, Self::Push];

    /// Git's name for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Commit => "pre-commit",
            Self::MergeCommit => "pre-merge-commit",
            Self::Push => "pre-push",
        }
    }

    /// The line of a shell that runs akid in a hook of somebody else's.
    pub(super) fn line(self) -> &'static str {
        match self {
            Self::Commit | Self::MergeCommit => "akid hook pre-commit",
            Self::Push => "akid hook pre-push -- \"$@\"",
        }
    }

    /// The script that runs `akid`, or else the one on the PATH, after `former`, the shell's words for the hook to run before.
    fn script(self, akid: Option<&Path>, former: &str) -> String {
        let name = self.name();
        let run = match self {
            Self::Commit | Self::MergeCommit => {
                "if $has_former; then \"$former\" \"$@\" || exit; fi\n\
                 exec \"$akid\" hook pre-commit"
            }
            // Both are to read what git says.
            Self::Push => {
                "pushed=$(cat) || exit 2\n\
                 tell() { [ -z \"$pushed\" ] || printf '%s\\n' \"$pushed\"; }\n\
                 if $has_former; then tell | \"$former\" \"$@\" || exit; fi\n\
                 tell | \"$akid\" hook pre-push -- \"$@\""
            }
        };
        commented(&format!(
            "{MARK}; `akid hook uninstall` takes it away.\n\
             akid={}\n\
             [ -x \"$akid\" ] || akid=akid\n\
             missing='{name}: akid was not found: install it, or remove this hook'\n\
             command -v \"$akid\" >/dev/null || {{ echo \"$missing: $0\" >&2; exit 2; }}\n\
             former={former}\n\
             has_former=false\n\
             if [ -f \"$former\" ] && [ -x \"$former\" ] && ! [ \"$former\" -ef \"$0\" ]; then has_former=true; fi\n\
             {run}\n",
            akid.map_or_else(|| "akid".to_owned(), quoted)
        ))
    }

    /// The script for a folder of hooks that may hold a former one.
    pub(super) fn chained(self, akid: Option<&Path>) -> String {
        self.script(akid, &format!("\"${{0%/*}}/{}\"", former(self.name())))
    }

    /// The script for a folder that stands in for every repository's own.
    pub(super) fn global(self, akid: &Path) -> String {
        self.script(Some(akid), &own(self.name()))
    }
}

/// The script that only runs the repository's own hook called `name`.
pub(super) fn passing_on(name: &str) -> String {
    commented(&format!(
        "{MARK} --global\nown={}\n[ ! -f \"$own\" ] || [ ! -x \"$own\" ] || [ \"$own\" -ef \"$0\" ] || exec \"$own\" \"$@\"\n",
        own(name)
    ))
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

/// Whether `script` is one that only passes on, as in a folder for all repositories.
pub(super) fn is_passing_on(script: &[u8]) -> bool {
    is_ours(script) && script.windows(10).any(|part| part == b"--global #")
}

/// Whether the hook `script` looks at its own name: under another, it would not do what it does.
pub(super) fn looks_at_its_name(script: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&script[..script.len().min(1 << 16)]);
    let names = ["basename", "$PROGRAM_NAME", "sys.argv[0]", "${0##"];
    names.iter().any(|name| text.contains(name))
        && (text.contains("$0") || text.contains("argv[0]") || text.contains("$PROGRAM_NAME"))
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
