//! Commits: what they say of themselves, and the order in which they came.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use jiff::Timestamp;

use crate::finding::Commit;
use crate::origin::ObjectId;
use crate::redact::{self, redact};

/// What ties a commit to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct CommitHeader {
    pub(in super::super) id: ObjectId,
    pub(in super::super) tree: ObjectId,
    pub(in super::super) parents: Vec<ObjectId>,
    /// When it was committed, in seconds since 1970.
    pub(in super::super) time: i64,
}

/// All commits of a repository.
#[derive(Debug, Default)]
pub(in super::super) struct Commits {
    ties: Vec<CommitHeader>,
    numbers: HashMap<ObjectId, usize>,
}

impl Commits {
    pub(in super::super) fn new(mut ties: Vec<CommitHeader>) -> Self {
        // The order in which threads found them says nothing.
        ties.sort_by_key(|ties| ties.id);
        ties.dedup_by_key(|ties| ties.id);
        let numbers = ties.iter().enumerate().map(|(number, ties)| (ties.id, number)).collect();
        Self { ties, numbers }
    }

    pub(super) fn len(&self) -> usize {
        self.ties.len()
    }

    pub(in super::super) fn get(&self, number: usize) -> &CommitHeader {
        &self.ties[number]
    }

    pub(super) fn number(&self, id: ObjectId) -> Option<usize> {
        self.numbers.get(&id).copied()
    }

    /// Numbers of the parents that are there: a shallow clone lacks some.
    pub(super) fn parents(&self, number: usize) -> impl Iterator<Item = usize> {
        self.ties[number].parents.iter().filter_map(|&parent| self.number(parent))
    }

    /// All commits, parents before children; of those that could come next the one committed first, then the one of
    /// the least ID.
    pub(in super::super) fn oldest_first(&self) -> Vec<usize> {
        let mut waits_for = vec![0_usize; self.len()];
        let mut children = vec![Vec::new(); self.len()];
        for (number, waits_for) in waits_for.iter_mut().enumerate() {
            for parent in self.parents(number) {
                *waits_for += 1;
                children[parent].push(number);
            }
        }
        let next = |number: usize| Reverse((self.ties[number].time, self.ties[number].id, number));
        let ready = (0..self.len()).filter(|&number| waits_for[number] == 0);
        let mut ready: BinaryHeap<_> = ready.map(next).collect();
        let mut order = Vec::with_capacity(self.len());
        while let Some(Reverse((_, _, number))) = ready.pop() {
            order.push(number);
            for &child in &children[number] {
                waits_for[child] -= 1;
                if waits_for[child] == 0 {
                    ready.push(next(child));
                }
            }
        }
        order
    }

    /// Which commits can be reached from `tips`, those included.
    pub(super) fn reachable(&self, tips: impl IntoIterator<Item = ObjectId>) -> Vec<bool> {
        let mut reached = vec![false; self.len()];
        let mut waiting: Vec<usize> = tips.into_iter().filter_map(|tip| self.number(tip)).collect();
        while let Some(number) = waiting.pop() {
            if !std::mem::replace(&mut reached[number], true) {
                waiting.extend(self.parents(number));
            }
        }
        reached
    }
}

/// What ties the commit `id` to others, by its content; `None` if that is no commit.
pub(in super::super) fn ties(id: ObjectId, content: &[u8]) -> Option<CommitHeader> {
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
    Some(CommitHeader { id, tree: tree?, parents, time })
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

    fn commits(list: &[(u8, &[u8], i64)]) -> Commits {
        let ties = list.iter().map(|&(number, parents, time)| CommitHeader {
            id: id(number),
            tree: id(200),
            parents: parents.iter().map(|&parent| id(parent)).collect(),
            time,
        });
        Commits::new(ties.collect())
    }

    fn order(commits: &Commits) -> Vec<u8> {
        commits.oldest_first().into_iter().map(|number| commits.get(number).id.as_bytes()[0]).collect()
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

    #[test]
    fn parents_come_first_then_dates_then_ids() {
        // 1 is the root; 2 and 3 its children, 3 committed earlier; 4 merges them, with a clock that is wrong.
        let merged = commits(&[(4, &[2, 3], 5), (2, &[1], 30), (3, &[1], 20), (1, &[], 10)]);
        assert_eq!(order(&merged), [1, 3, 2, 4]);
        assert_eq!(order(&commits(&[(9, &[], 1), (7, &[], 1), (8, &[], 0)])), [8, 7, 9]);
    }

    #[test]
    fn a_parent_that_is_not_there_is_passed_over() {
        assert_eq!(order(&commits(&[(2, &[1], 1)])), [2]);
    }

    #[test]
    fn what_a_tip_reaches_is_what_it_descends_from() {
        let all = commits(&[(1, &[], 0), (2, &[1], 1), (3, &[1], 2)]);
        assert_eq!(all.reachable([id(3), id(77)]), [true, false, true]);
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
        let ties = ties(id(9), COMMIT).unwrap();
        assert_eq!((ties.tree, ties.parents.as_slice(), ties.time), (id(1), &[id(2)][..], 1_700_000_100));
        let commit = describe(id(9), COMMIT);
        assert_eq!(
            (commit.author.as_str(), commit.subject.as_str()),
            ("A U Thor <a@example.com>", "Add a key")
        );
        assert_eq!(commit.authored.map(Timestamp::as_second), Some(1_700_000_000));
        assert_eq!(super::ties(id(9), b"tree x\n\n"), None);
    }
}
