//! What a developer reads whose commit or push was stopped: which line, which credential, what to do now.
//!
//! ```text
//! akid: commit stopped: 1 credential is staged
//! config/app.env:1:19: critical: AWS access key (aws-access-key)
//!     AWS_ACCESS_KEY_ID=AKIA…
//!     AKIA…, secret sha256:0123456789ab, account 609629065308
//! 1. Take it out of the file and `git add` again, or leave the file out of this commit:
//!        git restore --staged ':/config/app.env'
//! …
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use super::{Report, history, text, words};
use crate::finding::{Commit, CredentialId, Finding, Fingerprint};
use crate::origin::{Origin, RelativePath};
use crate::redact::redact;
use crate::text::repository_url;

/// What a hook stopped.
#[derive(Debug)]
pub struct Stopped<'a> {
    /// What was about to happen.
    pub act: HookEvent<'a>,
    /// What stopped it; not empty.
    pub failing: &'a [&'a Finding],
    /// The remote branches that have a credential already.
    pub published: &'a BTreeMap<CredentialId, BTreeSet<String>>,
}

/// What was about to happen.
#[derive(Clone, Copy, Debug)]
pub enum HookEvent<'a> {
    /// A commit.
    Commit {
        /// Whether there is none yet.
        is_first: bool,
        /// Whether git takes files as they are now, and not what is staged: `git commit -a`, or with paths.
        is_of_files: bool,
    },
    /// The commit of a merge.
    Merge {
        /// The commits that brought what is found to the branches that are merged.
        brought_by: &'a BTreeMap<Fingerprint, Arc<Commit>>,
    },
    /// A push to a remote of this name or URL.
    Push {
        /// Which; empty if it is not known.
        remote: &'a str,
    },
    /// A push that is received.
    Receive,
}

impl<'a> HookEvent<'a> {
    /// What becomes of it where it is stopped.
    fn verdict(self) -> &'static str {
        match self {
            Self::Commit { .. } => "commit stopped",
            Self::Merge { .. } => "merge stopped",
            Self::Push { .. } => "push stopped",
            Self::Receive => "push refused",
        }
    }

    /// Tells in a line that it is stopped since there is something in it that could not be looked at.
    pub fn not_covered(self) -> String {
        let help = match self {
            Self::Receive => "; if it is known and harmless, the server's administrator can accept it",
            _ => "; if it is known and harmless: `[[accept-skip]]` in .akid.toml",
        };
        format!("akid: {}: the scan is incomplete{help}\n", self.verdict())
    }

    /// Tells in a line that it is stopped since the scan was.
    pub fn interrupted(self) -> String {
        format!("akid: {}: the scan was interrupted\n", self.verdict())
    }

    /// Tells in a line that it is stopped by an error, which is told behind it.
    pub fn by_error(self) -> String {
        format!("akid: {} by an error\n", self.verdict())
    }

    /// The commit that brought `finding`, as far as it is known.
    fn commit_of(self, finding: &'a Finding) -> Option<&'a Commit> {
        match self {
            Self::Merge { brought_by } => brought_by.get(&finding.fingerprint()).map(AsRef::as_ref),
            _ => finding.exposure.as_deref()?.first.as_deref(),
        }
    }
}

/// How many findings are told.
const MAX_FINDINGS: usize = 10;
/// How many remote branches are named.
const MAX_TIPS: usize = 3;

/// Tells what stopped something and what to do now; ends with a newline.
pub fn stopped(report: &Report<'_>, stopped: &Stopped<'_>) -> String {
    let told = &stopped.failing[..stopped.failing.len().min(MAX_FINDINGS)];
    let mut lines = vec![headline(stopped)];
    lines.extend(told.iter().map(|finding| entry(report, finding, stopped.act)));
    if stopped.failing.len() > told.len() {
        lines.push(format!("and {} more", stopped.failing.len() - told.len()));
    }
    lines.extend(take_out(stopped, told));
    lines.push(rotate(stopped, told));
    if let Some(line) = published(stopped) {
        lines.push(line);
    }
    lines.push(allow(stopped, told));
    lines.into_iter().map(|line| line.trim_end_matches('\n').to_owned() + "\n").collect()
}

/// Tells in a line each what was found and stopped nothing; often empty.
pub fn passed(report: &Report<'_>) -> String {
    let counting: Vec<_> = report.counting().collect();
    let line = |finding: &&&Finding| {
        let heading = text::heading(report, finding, report.rule(finding));
        format!("akid: not blocking: {heading}, confidence {}\n", finding.confidence.certainty())
    };
    let mut lines: String = counting.iter().take(MAX_FINDINGS).map(|finding| line(&finding)).collect();
    if counting.len() > MAX_FINDINGS {
        // Writing to a string does not fail.
        let _ = writeln!(lines, "akid: not blocking: {} more", counting.len() - MAX_FINDINGS);
    }
    lines
}

fn headline(stopped: &Stopped<'_>) -> String {
    let n = stopped.failing.len();
    let (plural, are) = if n == 1 { ("", "is") } else { ("s", "are") };
    let place = match stopped.act {
        HookEvent::Commit { .. } => format!("{are} staged"),
        HookEvent::Merge { .. } => "in the merged commits".to_owned(),
        HookEvent::Push { remote: "" } => "in its commits".to_owned(),
        HookEvent::Push { remote } => {
            format!("in commits that `{}` does not have", redact(repository_url(remote).as_bytes()))
        }
        HookEvent::Receive => "in the pushed commits".to_owned(),
    };
    format!("akid: {}: {n} credential{plural} {place}", stopped.act.verdict())
}

/// Where it is and what.
fn entry<'a>(report: &Report<'_>, finding: &'a Finding, act: HookEvent<'a>) -> String {
    let mut entry = text::heading(report, finding, report.rule(finding)) + "\n";
    if let Some(place) = finding.places.first() {
        entry.push_str(&text::excerpt(&place.excerpt));
    }
    let name = &finding.credential;
    let parts = [
        name.id().map(|id| id.to_string()),
        name.any_secret().map(|secret| format!("secret {secret}")),
        name.token().map(|token| format!("session token {token}")),
        finding.account.map(|account| format!("account {}", words::account(account, &finding.owner))),
    ];
    // Writing to a string does not fail.
    let _ = writeln!(entry, "    {}", parts.into_iter().flatten().collect::<Vec<_>>().join(", "));
    if let Some(commit) = act.commit_of(finding) {
        let _ = writeln!(entry, "    introduced in {}", history::described(commit));
    }
    entry
}

fn take_out(stopped: &Stopped<'_>, told: &[&Finding]) -> Vec<String> {
    let commits = stopped.failing.iter().filter_map(|finding| stopped.act.commit_of(finding));
    let (it, file) = if stopped.failing.len() == 1 { ("it", "the file") } else { ("them", "the files") };
    match (stopped.act, commits.min_by_key(|commit| commit.committed)) {
        (HookEvent::Commit { is_of_files: true, .. }, _) => {
            vec![format!("1. Remove {it} from {file} and commit again")]
        }
        (HookEvent::Commit { is_first, .. }, _) => {
            let paths: BTreeSet<_> = told.iter().filter_map(|finding| pathspec(&finding.origin)).collect();
            let paths = paths.into_iter().collect::<Vec<_>>().join(" ");
            // By force, since the file may have been mended by now; it stays where it is.
            let command = if is_first { "git rm -f --cached" } else { "git restore --staged" };
            vec![
                format!(
                    "1. Remove {it} from {file} and `git add` again, or leave {file} out of this commit:"
                ),
                format!("       {command} {}", if paths.is_empty() { "FILE" } else { &paths }),
            ]
        }
        // What the merge itself records is no matter: the commits come with it.
        (HookEvent::Merge { .. }, Some(_)) => vec![
            format!(
                "1. Abort the merge, then remove {it} from the commits that introduced {it}, on their own branch:"
            ),
            "       git merge --abort".to_owned(),
        ],
        (HookEvent::Merge { .. }, None) => vec![format!("1. Remove {it} from {file} and `git add` again")],
        (_, Some(commit)) => {
            let id = &commit.id.to_string()[..10];
            vec![
                format!(
                    "1. Remove {it} from the commits: `git commit --amend` if the last one introduced {it}, else"
                ),
                format!("       git rebase -i {id}^     (mark {id} `edit`; if it has no parent: --root)"),
            ]
        }
        _ => vec!["1. Remove it from the push: recreate the tag, or rename the branch".to_owned()],
    }
}

/// A file from the repository's top, for a shell: in any folder of the worktree. `None` if it cannot be written so.
fn pathspec(origin: &Origin) -> Option<String> {
    let path = origin.file_path().map(RelativePath::as_bytes)?;
    let text = std::str::from_utf8(path).ok().filter(|text| redact(path) == **text)?;
    // What follows `:/` could mean something else.
    let is_plain = text.starts_with(char::is_alphanumeric) && !text.contains(['*', '?', '[', '\\']);
    let magic = if is_plain { ":/" } else { ":(top,literal)" };
    Some(format!("'{magic}{}'", text.replace('\'', r"'\''")))
}

fn rotate(stopped: &Stopped<'_>, told: &[&Finding]) -> String {
    let why = match stopped.act {
        HookEvent::Commit { .. } => "it is on disk in plain text",
        HookEvent::Merge { .. } => "it is on disk and in git's object store",
        HookEvent::Push { .. } => "it is on disk and in git's object store",
        HookEvent::Receive => "it has left the machine it was on",
    };
    let what = told.iter().find_map(|finding| finding.credential.id()).map_or_else(
        || told.first().map(|finding| finding.rule.to_string()).unwrap_or_default(),
        |id| id.to_string(),
    );
    let it = if stopped.failing.len() == 1 { "it" } else { "each" };
    format!("2. Rotate {it}: {why}. How: akid explain {what}")
}

/// Whether it is out already.
fn published(stopped: &Stopped<'_>) -> Option<String> {
    let tips = |finding: &&Finding| stopped.published.get(&finding.credential_id());
    let tips: BTreeSet<&String> = stopped.failing.iter().filter_map(tips).flatten().collect();
    let mut named: Vec<String> = tips.iter().take(MAX_TIPS).map(|tip| redact(tip.as_bytes())).collect();
    if tips.len() > MAX_TIPS {
        named.push(format!("{} more", tips.len() - MAX_TIPS));
    }
    match stopped.act {
        HookEvent::Receive => None,
        _ if !named.is_empty() => {
            Some(format!("   ALREADY PUSHED, to {}: rotate it now, before anything else.", named.join(", ")))
        }
        HookEvent::Commit { .. } | HookEvent::Merge { .. } => Some(
            "   Not found in this file on any fetched remote branch; nothing else was checked.".to_owned(),
        ),
        HookEvent::Push { .. } => Some("   Not at the tip of any fetched remote branch.".to_owned()),
    }
}

/// What to do if it is none.
fn allow(stopped: &Stopped<'_>, told: &[&Finding]) -> String {
    let ids: Vec<_> = told.iter().map(|finding| format!("\"{}\"", finding.fingerprint())).collect();
    if let HookEvent::Receive = stopped.act {
        return format!(
            "3. A test value? Ask the server's administrator to allow finding {}",
            ids.join(", ")
        );
    }
    // A mark that only the merge has would not be in the commits.
    let mark = line_to_mark(told).filter(|_| !matches!(stopped.act, HookEvent::Merge { .. }));
    let mark = mark.map(|line| format!("Put `akid:allow` and why in a comment on {line}, or run:"));
    format!(
        "A test value? {}\n    \
         printf '\\n[[allow]]\\nfinding = [{}]\\nreason = \"test value\"\\n' >> \
         \"$(git rev-parse --show-toplevel)/.akid.toml\"",
        mark.unwrap_or_else(|| "Run:".to_owned()),
        ids.join(", ")
    )
}

/// The line for a mark that allows all of `told`; `None` if there is none, as in names, messages and archives.
fn line_to_mark(told: &[&Finding]) -> Option<String> {
    let has_line = |finding: &&&Finding| matches!(finding.origin, Origin::File(_) | Origin::Version(_));
    match told {
        [one] if has_line(&one) => {
            let place = one.places.first()?;
            Some(format!("line {}", place.secret().unwrap_or_else(|| place.main()).start.line))
        }
        _ => (told.iter().filter(has_line).count() == told.len()).then(|| "the secret's line".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_so_that_a_shell_and_git_take_it_for_itself() {
        let file = |path: &str| pathspec(&Origin::File(RelativePath::from_bytes(path)));
        assert_eq!(file("a b/c.env").as_deref(), Some("':/a b/c.env'"));
        assert_eq!(file("it's").as_deref(), Some(r"':/it'\''s'"));
        assert_eq!(file("a*[1].env").as_deref(), Some("':(top,literal)a*[1].env'"));
        assert_eq!(file("-q.env").as_deref(), Some("':(top,literal)-q.env'"));
        assert_eq!(file("a\nb"), None);
        assert_eq!(pathspec(&Origin::Stdin), None);
    }
}
