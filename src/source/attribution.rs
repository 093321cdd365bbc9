//! What a source finds out later of what something was found in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::finding::{Commit, Lives, Tips};
use crate::origin::{ObjectId, RelativePath};

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
    /// What still leads to it.
    pub lives: Lives,
    /// The tips that have it there.
    pub tips: Tips,
    /// Whether what is checked out has it there.
    pub at_head: bool,
}

/// Something that a source does not have, or that could not be found out of where subjects are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// History before some commits was never fetched.
    Shallow,
    /// Some objects were never fetched.
    Partial,
    /// What is checked out is not known, so that all that an index has counts as staged.
    Head,
    /// What git tracks could not be read, so that ignore files hide tracked files, too: the `.git` at this path cannot be
    /// used, for this reason.
    Index(RelativePath, String),
    /// The ignore file at this path is not a regular file, so that it hides nothing.
    IgnoreFile(RelativePath),
    /// A repository is scanned whose own folder, or a part of it, is this one outside of what is scanned.
    Outside(String),
    /// Some commits or trees could not be read.
    Objects,
    /// What refers to commits could not be read, for this reason.
    Refs(String),
    /// There are more places than are looked for.
    TooMany,
}

impl Gap {
    /// Whether the scan is incomplete because of it: a limit was reached.
    pub fn is_incomplete(&self) -> bool {
        matches!(self, Self::TooMany)
    }
}

impl Attribution {
    /// Adds what was found out of another repository.
    pub fn merge(&mut self, other: Self) {
        for (subject, appearances) in other.appearances {
            self.appearances.entry(subject).or_default().extend(appearances);
        }
        self.commits.extend(other.commits);
        self.gaps.extend(other.gaps);
    }
}
