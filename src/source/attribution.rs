//! What a source finds out later of what something was found in.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Gap;
use crate::finding::{Commit, Reachability, Tips};
use crate::origin::{ObjectId, RelativePath};
use crate::stop::Stop;

/// Finds out where in git's history is what something was found in.
pub trait Attribute {
    /// Finds out where some of `objects` are at present: a path of each, as far as that is known at little cost.
    fn locate(&self, _objects: &BTreeSet<ObjectId>, _stop: &Stop) -> BTreeMap<ObjectId, RelativePath> {
        BTreeMap::new()
    }

    /// Finds out where `subjects` are, and since when, as far as they are from this source. Ends early once `stop` says
    /// so.
    fn attribute(&self, subjects: &BTreeSet<Subject>, stop: &Stop) -> Attribution;
}

/// Something in git's history that a source can be asked about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// An object.
    Object(ObjectId),
    /// Whatever files and folders have this name, without their paths.
    Name(Vec<u8>),
}

/// Where subjects are, and since when.
#[derive(Debug, Default)]
pub struct Attribution {
    /// For each subject where it is: at several paths, perhaps, and without one if no tree has it.
    pub appearances: BTreeMap<Subject, Vec<Appearance>>,
    /// The commits that these name.
    pub commits: BTreeMap<ObjectId, Arc<Commit>>,
    /// What could not be found out.
    pub gaps: BTreeSet<Gap>,
}

/// A subject at one path.
#[derive(Clone, Debug)]
pub struct Appearance {
    /// The path from the repository's top; `None` for what has none: messages, and blobs that no tree has.
    pub path: Option<RelativePath>,
    /// The first and the last commit that brought it there, each with its place in the order from the oldest on.
    pub brought: Option<((usize, ObjectId), (usize, ObjectId))>,
    /// The last commit, of those that tips lead to, that took it away from there, with its place in the same order.
    pub removed: Option<(usize, ObjectId)>,
    /// What still leads to it.
    pub reachability: Reachability,
    /// The tips that have it there.
    pub tips: Tips,
    /// Whether what is checked out has it there.
    pub at_head: bool,
}

impl Attribution {
    /// Adds what was found out of another repository.
    pub fn merge(&mut self, other: Self) {
        for (subject, appearances) in other.appearances {
            match self.appearances.entry(subject) {
                // Taken as it is: a list that grows has room for four, and nearly all have one.
                Entry::Vacant(new) => drop(new.insert(appearances)),
                Entry::Occupied(mut known) => known.get_mut().extend(appearances),
            }
        }
        self.commits.extend(other.commits);
        self.gaps.extend(other.gaps);
    }
}
