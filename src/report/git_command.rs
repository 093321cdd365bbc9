//! The command that shows a place in a repository's history.

use crate::finding::{Finding, Reachability};
use crate::origin::Origin;
use crate::redact::redact;

/// Digits of an ID.
const SHORT: usize = 10;

/// Whether it is in a file that was scanned, and not only in history.
pub(super) fn is_file(finding: &Finding) -> bool {
    matches!(finding.origin.root(), Origin::File(_) | Origin::FileName(_))
}

/// The command that shows what is in history, ready to paste; `None` for what is in a file or in a name.
pub fn showing(finding: &Finding) -> Option<String> {
    let exposure = finding.exposure.as_deref().filter(|_| !finding.origin.is_name() && !is_file(finding))?;
    let object = exposure.object?;
    let repository = finding.repository.as_deref().map_or(".", |repository| repository.path.as_str());
    let git = if repository == "." { "git".to_owned() } else { format!("git -C {}", quoted(repository)?) };
    let commit = exposure.last.as_ref().filter(|_| exposure.reachability != Reachability::Index);
    let path = match finding.origin.root() {
        Origin::Version(path) => {
            std::str::from_utf8(path.as_bytes()).ok().filter(|text| redact(text.as_bytes()) == **text)
        }
        _ => None,
    };
    Some(match (commit, path.and_then(|path| Some((path, commit?)))) {
        (Some(_), Some((path, commit))) => {
            format!("{git} show {}", quoted(&format!("{}:{path}", &commit.id.to_string()[..SHORT]))?)
        }
        _ => format!("{git} cat-file -p {}", &object.to_string()[..SHORT]),
    })
}

/// A word as the shell takes it; `None` for what was masked or escaped, which names nothing.
fn quoted(word: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    match word {
        word if word.contains("****") || word.contains('\\') => None,
        word if !word.is_empty() && word.chars().all(is_plain) => Some(word.to_owned()),
        word => Some(format!("'{}'", word.replace('\'', "'\\''"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_for_the_shell_only_where_it_must_be() {
        assert_eq!(quoted("a/b-c.env").as_deref(), Some("a/b-c.env"));
        assert_eq!(quoted("it's here").as_deref(), Some("'it'\\''s here'"));
        assert_eq!(quoted("$(x)").as_deref(), Some("'$(x)'"));
        assert_eq!(quoted("a/****"), None);
    }
}
