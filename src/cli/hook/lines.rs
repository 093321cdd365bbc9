//! What git tells a hook on standard input: one line for each ref.

use std::io::{self, BufRead, BufReader, Read};

use akid::origin::ObjectId;
use akid::source::git::{Push, Receiver};
use anyhow::{Context, bail};

/// A ref that is to change.
#[derive(Debug, PartialEq, Eq)]
struct Change {
    /// What it is to point to; `None` if it goes away.
    to: Option<String>,
    /// What it points to now, where that is known; `None` if it is new.
    from: Option<String>,
    /// Its name.
    name: Vec<u8>,
}

/// What a pre-push hook is told: `<local ref> <local ID> <remote ref> <remote ID>`.
pub(super) fn of_pre_push(input: impl Read, receiver: Receiver) -> anyhow::Result<Push> {
    push(input, receiver, |parts| match parts {
        [_, to, name, from] => Some((*to, *from, *name)),
        _ => None,
    })
}

/// What a pre-receive hook is told: `<old ID> <new ID> <ref>`.
pub(super) fn of_pre_receive(input: impl Read) -> anyhow::Result<Push> {
    push(input, Receiver::Here, |parts| match parts {
        [from, to, name] => Some((*to, *from, *name)),
        _ => None,
    })
}

/// The parts of a line that a [`Change`] is made of: to, from, name.
type Parts<'a> = (&'a [u8], &'a [u8], &'a [u8]);

fn push(
    input: impl Read,
    receiver: Receiver,
    order: impl for<'a> Fn(&[&'a [u8]]) -> Option<Parts<'a>>,
) -> anyhow::Result<Push> {
    let mut push = Push { tips: Vec::new(), names: Vec::new(), known: Vec::new(), receiver };
    for (nth, line) in BufReader::new(input).split(b'\n').enumerate() {
        let line = line.context("the hook's input from git cannot be read")?;
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        if line.is_empty() {
            continue;
        }
        let parts: Vec<&[u8]> = line.split(|&byte| byte == b' ').collect();
        let Some(change) = order(&parts).and_then(change) else {
            bail!(
                "line {} of standard input is not hook input from git\nhelp: git runs this command; see `akid hook install`",
                nth + 1
            );
        };
        push.known.extend(change.from);
        if let Some(to) = change.to {
            push.tips.push(to);
            push.names.push(change.name);
        }
    }
    Ok(push)
}

fn change((to, from, name): Parts<'_>) -> Option<Change> {
    // Git writes an ID of zeros for no object.
    let id = |hex: &[u8]| ObjectId::parse(hex).map(|id| (!id.is_zero()).then(|| id.to_string()));
    Some(Change { to: id(to)?, from: id(from)?, name: name.to_vec() })
}

/// Standard input, unless a person would have to type it.
pub(super) fn stdin() -> anyhow::Result<impl Read> {
    let stdin = io::stdin();
    if io::IsTerminal::is_terminal(&stdin) {
        bail!(
            "this hook reads git's hook input from standard input\nhelp: `akid hook install` makes git run it; `akid history --range A..B` scans commits"
        );
    }
    Ok(stdin.lock())
}

#[cfg(test)]
mod tests {
    use akid::origin::ObjectFormat;

    use super::*;

    fn pushed(text: &str) -> anyhow::Result<Push> {
        of_pre_push(text.as_bytes(), Receiver::Remote("origin".to_owned()))
    }

    #[test]
    fn new_refs_changed_ones_and_deletions_are_told_apart() {
        for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
            let [a, b, zero] = ["a", "b", "0"].map(|digit| digit.repeat(format.hex_len()));
            let text = format!(
                "refs/heads/a {a} refs/heads/x {zero}\nrefs/heads/b {a} refs/heads/b {b}\r\n(delete) {zero} refs/heads/c {b}\n"
            );
            let push = pushed(&text).unwrap();
            assert_eq!(push.tips, [a.as_str(), &a]);
            assert_eq!(push.names, [b"refs/heads/x", b"refs/heads/b"]);
            assert_eq!(push.known, [b.as_str(), &b]);
            let received = of_pre_receive(format!("{zero} {a} refs/tags/v1\n").as_bytes()).unwrap();
            assert_eq!((received.tips, received.receiver), (vec![a], Receiver::Here));
        }
    }

    #[test]
    fn what_is_no_line_of_git_is_an_error_that_names_it() {
        for text in ["x\n", "a b c d\n", &format!("refs/heads/a {} refs/heads/b\n", "a".repeat(40))] {
            let error = pushed(text).unwrap_err().to_string();
            assert!(error.starts_with("line 1 of standard input"), "{error}");
        }
        assert!(pushed("").unwrap().tips.is_empty());
    }
}
