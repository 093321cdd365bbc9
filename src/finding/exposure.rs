//! What git knows of a finding in history.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::Arc;

use jiff::Timestamp;

use crate::origin::ObjectId;

/// Since when, and where, a credential is in a repository's history.
#[derive(Clone, Debug, PartialEq)]
pub struct Exposure {
    /// The object that the places are in; `None` if they are in a name.
    pub object: Option<ObjectId>,
    /// Of a finding in unreachable objects: further objects that have it, fewer than
    /// [`MAX_OBJECTS`](Self::MAX_OBJECTS).
    pub other_objects: Vec<ObjectId>,
    /// The commit that brought it, the oldest if it came several times; `None` if no commit has it.
    pub first: Option<Arc<Commit>>,
    /// The last commit that wrote a version with it.
    pub last: Option<Arc<Commit>>,
    /// The last commit that took it away from its path, if what is there now is only in old commits.
    pub removed: Option<Arc<Commit>>,
    /// How many versions of the path have it; of a finding in unreachable objects, how many objects do.
    pub versions: u64,
    /// What still leads to it.
    pub reachability: Reachability,
    /// The tips that still have it.
    pub tips: Tips,
    /// Whether what is checked out has it.
    pub at_head: bool,
}

/// Names that lead to a commit: the first [`Tips::MAX`] in order, and how many more there are. Derefs to the names.
///
/// Shared by the findings that the same tips have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tips {
    named: Arc<[Tip]>,
    more: u64,
}

impl Tips {
    /// More names are counted, not kept.
    pub const MAX: usize = 100;

    /// The first tips, in order and at most [`MAX`](Self::MAX), of which there are so many `more`.
    #[cfg(feature = "git")]
    pub(crate) fn cut(first: Arc<[Tip]>, more: u64) -> Self {
        Self { named: first, more }
    }

    /// How many tips there are beside the named ones.
    pub fn more(&self) -> u64 {
        self.more
    }

    /// Whether both share one list: a cheap test that is never wrong where it says yes.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.named, &other.named) && self.more == other.more
    }

    /// The tips of both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        match (self.is_empty(), other.is_empty()) {
            (_, true) => self.clone(),
            (true, _) => other.clone(),
            _ if self.is_same(other) => self.clone(),
            // Of very many, most come behind those that are named.
            _ if self.len() == Self::MAX && self.last() < other.first() => {
                let more = self.more + other.more + other.len() as u64;
                Self { named: Arc::clone(&self.named), more }
            }
            _ => {
                let all: BTreeSet<&Tip> = self.iter().chain(other.iter()).collect();
                let cut = all.len().saturating_sub(Self::MAX) as u64;
                let named = all.into_iter().take(Self::MAX).cloned().collect();
                Self { named, more: self.more + other.more + cut }
            }
        }
    }
}

impl Deref for Tips {
    type Target = [Tip];

    fn deref(&self) -> &[Tip] {
        &self.named
    }
}

impl FromIterator<Tip> for Tips {
    fn from_iter<T: IntoIterator<Item = Tip>>(tips: T) -> Self {
        let all: BTreeSet<Tip> = tips.into_iter().collect();
        let more = all.len().saturating_sub(Self::MAX) as u64;
        Self { named: all.into_iter().take(Self::MAX).collect(), more }
    }
}

/// A name that leads to a commit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tip {
    /// What it is the name of.
    pub kind: TipKind,
    /// The name, as short as git has it.
    pub name: String,
}

/// What a name that leads to a commit is the name of; what people look at first comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TipKind {
    /// What is checked out.
    Head,
    /// A branch.
    Branch,
    /// A branch of a remote repository, when it was fetched last.
    Remote,
    /// A tag.
    Tag,
    /// Something else: notes, what was fetched last, what another worktree has.
    Other,
}

/// What still leads to an object, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reachability {
    /// The tip of a branch, a tag or the like has it.
    Tip,
    /// It is in what came before a tip.
    Past,
    /// Only a stash has it.
    Stash,
    /// Only a reflog leads to it.
    Reflog,
    /// It is staged and in no commit.
    Index,
    /// Nothing leads to it; git has it until it is collected.
    Unreachable,
    /// It is in the repository; what refers to it could not be read.
    Unknown,
}

/// A commit, as far as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its ID.
    pub id: ObjectId,
    /// Name and address of who wrote it, as they may be shown.
    pub author: String,
    /// When it was written, if it says.
    pub authored: Option<Timestamp>,
    /// When it was committed, if it says.
    pub committed: Option<Timestamp>,
    /// The first line of its message, as it may be shown.
    pub subject: String,
}

impl Exposure {
    /// How many objects are named, at most.
    pub const MAX_OBJECTS: usize = 10;
}

impl Reachability {
    /// Every one, the strongest first.
    pub const ALL: [Self; 7] =
        [Self::Tip, Self::Past, Self::Stash, Self::Reflog, Self::Index, Self::Unreachable, Self::Unknown];

    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tip => "tip",
            Self::Past => "past",
            Self::Stash => "stash",
            Self::Reflog => "reflog",
            Self::Index => "index",
            Self::Unreachable => "unreachable",
            Self::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tips(numbers: impl Iterator<Item = usize>) -> Tips {
        numbers.map(|number| Tip { kind: TipKind::Tag, name: format!("v{number:04}") }).collect()
    }

    #[test]
    fn tips_that_come_one_by_one_are_those_that_come_at_once() {
        let count = 3 * Tips::MAX;
        let orders: [Box<dyn Fn(usize) -> usize>; 3] =
            [Box::new(|nth| nth), Box::new(|nth| count - 1 - nth), Box::new(|nth| nth * 7 % count)];
        for order in orders {
            let add = |all: Tips, nth| all.union(&tips(std::iter::once(order(nth))));
            let one_by_one = (0..count).fold(Tips::default(), add);
            assert_eq!(one_by_one, tips(0..count));
            assert_eq!((one_by_one.len(), one_by_one.more()), (Tips::MAX, 200));
        }
    }
}
