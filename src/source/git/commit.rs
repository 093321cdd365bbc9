//! What a commit says of itself.

use jiff::Timestamp;

use crate::finding::Commit;
use crate::origin::ObjectId;
use crate::redact::{self, redact};

/// What ties a commit to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CommitHeader {
    pub(super) id: ObjectId,
    pub(super) tree: ObjectId,
    pub(super) parents: Vec<ObjectId>,
    /// When it was committed, in seconds since 1970.
    pub(super) time: i64,
}

impl CommitHeader {
    /// What ties the commit `id` to others, by its content; `None` if that is no commit.
    pub(super) fn parse(id: ObjectId, content: &[u8]) -> Option<Self> {
        let (mut tree, mut parents, mut time) = (None, Vec::new(), 0);
        for line in header(content) {
            if let Some(hex) = line.strip_prefix(b"tree ") {
                tree = tree.or_else(|| ObjectId::parse(hex));
            } else if let Some(hex) = line.strip_prefix(b"parent ") {
                // A header that repeats one parent millions of times costs no memory.
                parents.extend(ObjectId::parse(hex).filter(|parent| parents.last() != Some(parent)));
            } else if let Some(who) = line.strip_prefix(b"committer ") {
                time = seconds(who).unwrap_or(0);
            }
        }
        Some(Self { id, tree: tree?, parents, time })
    }
}

/// Who wrote a commit, when, and what it says it is about.
pub(super) fn describe(id: ObjectId, content: &[u8]) -> Commit {
    let line = |key: &[u8]| header(content).find_map(|line| line.strip_prefix(key)).unwrap_or_default();
    let (author, committer) = (line(b"author "), line(b"committer "));
    let name_end = memchr::memrchr(b'>', author).map_or(author.len(), |end| end + 1);
    let time = |who| seconds(who).and_then(|seconds| Timestamp::from_second(seconds).ok());
    let message = memchr::memmem::find(content, b"\n\n").map_or(&[][..], |end| &content[end + 2..]);
    let subject = message.trim_ascii_start().split(|&byte| byte == b'\n').next().unwrap_or_default();
    Commit {
        id,
        author: shown_author(author[..name_end].trim_ascii()),
        authored: time(author),
        committed: time(committer),
        subject: shown(subject.trim_ascii(), redact::words),
    }
}

/// Longer names and subjects are cut, in characters.
const MAX_SHOWN: usize = 100;
/// More of one is not looked at, in bytes.
const MAX_READ: usize = 16 << 10;

/// Shows a name, a mailbox and a host, each by itself: together, those of people whose names are rare words would look
/// like a secret.
fn shown_author(author: &[u8]) -> String {
    let (name, address) = author.split_at(memchr::memrchr(b'<', author).unwrap_or(author.len()));
    let (mailbox, host) = address.split_at(memchr::memrchr(b'@', address).unwrap_or(address.len()));
    let name = shown(name.trim_ascii(), redact);
    let address = shown(mailbox, redact) + &shown(host, redact);
    let gap = if name.is_empty() || address.is_empty() { "" } else { " " };
    format!("{name}{gap}{address}")
}

/// Returns the start of a name or subject as `show` shows it. The text is cut only after masking: half of a secret is
/// not recognised as one. For the same reason, the word that [`MAX_READ`] falls in is left out whole.
fn shown(text: &[u8], show: impl Fn(&[u8]) -> String) -> String {
    let head = &text[..text.len().min(MAX_READ)];
    let is_cut = head.len() < text.len();
    let end = if is_cut { head.iter().rposition(u8::is_ascii_whitespace).unwrap_or(0) } else { head.len() };
    let shown = show(&head[..end]);
    match shown.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", &shown[..end]),
        None if is_cut => format!("{shown}…"),
        None => shown,
    }
}

/// The lines before a commit's message.
fn header(content: &[u8]) -> impl Iterator<Item = &[u8]> {
    content.split(|&byte| byte == b'\n').take_while(|line| !line.is_empty())
}

/// The seconds at the end of a line that names somebody.
fn seconds(who: &[u8]) -> Option<i64> {
    let after = &who[memchr::memrchr(b'>', who)? + 1..];
    let number = after.trim_ascii_start().split(|&byte| byte == b' ').next()?;
    std::str::from_utf8(number).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u8) -> ObjectId {
        ObjectId::from_bytes([number; 20])
    }

    #[test]
    fn authors_with_rare_names_are_shown_and_a_secret_is_not() {
        for author in [
            "Braxton Plaxco <bplaxco@example.com>",
            "Erlend E. Aasland <erlend.aasland@example.no>",
            "Andrea Gelmini <andrea.gelmini@gelma.example>",
            "root <root@localhost>",
            "Nobody",
        ] {
            assert_eq!(shown_author(author.as_bytes()), author);
        }
        let secret = crate::aws::fake::pair(5).secret_text().to_owned();
        for author in [
            format!("{secret} <a@example.com>"),
            format!("A <{secret}@example.com>"),
            format!("A <a@{secret}>"),
        ] {
            let told = shown_author(author.as_bytes());
            assert!((0..secret.len() - 8).all(|at| !told.contains(&secret[at..at + 8])), "{told}");
        }
    }

    #[test]
    fn a_long_subject_is_cut_and_never_within_a_word() {
        assert_eq!(shown(b"Add a key", redact::words), "Add a key");
        assert_eq!(shown("é".repeat(101).as_bytes(), redact::words), format!("{}…", "é".repeat(100)));
        assert_eq!(shown(&b"Ab1/xY9+".repeat(1_000_000), redact::words), "…");
        // The first half of the last secret is within what is read.
        let secret = crate::aws::fake::pair(5).secret_text().to_owned();
        let filler = " ".repeat(MAX_READ - 20 - 2);
        assert_eq!(
            shown(format!("a{filler} {secret}").as_bytes(), redact::words).trim_end(),
            format!("a{}…", &filler[..99])
        );
    }

    const COMMIT: &[u8] = b"tree 0101010101010101010101010101010101010101\n\
        parent 0202020202020202020202020202020202020202\n\
        author A U Thor <a@example.com> 1700000000 +0100\n\
        committer C <c@example.com> 1700000100 +0000\n\
        gpgsig -----BEGIN\n tree 0303030303030303030303030303030303030303\n\nAdd a key\n\nauthor x\n";

    #[test]
    fn a_long_subject_is_cut_and_a_secret_in_it_is_not_shown_in_part() {
        let key = crate::aws::fake::pair(3);
        let subject = format!("{} {} {}", "x".repeat(80), key.secret_text(), "y ".repeat(5_000_000));
        let content = format!("tree {}\n\n{subject}\n", "01".repeat(20));
        let shown = describe(id(9), content.as_bytes()).subject;
        assert!(shown.chars().count() <= MAX_SHOWN + 1 && shown.ends_with('…'), "{shown}");
        assert!(!shown.contains(&key.secret_text()[..8]), "{shown}");
    }

    #[test]
    fn a_commit_is_read_by_its_header_alone() {
        let ties = CommitHeader::parse(id(9), COMMIT).unwrap();
        assert_eq!((ties.tree, ties.parents.as_slice(), ties.time), (id(1), &[id(2)][..], 1_700_000_100));
        let commit = describe(id(9), COMMIT);
        assert_eq!(
            (commit.author.as_str(), commit.subject.as_str()),
            ("A U Thor <a@example.com>", "Add a key")
        );
        assert_eq!(commit.authored.map(Timestamp::as_second), Some(1_700_000_000));
        assert_eq!(CommitHeader::parse(id(9), b"tree x\n\n"), None);
    }
}
