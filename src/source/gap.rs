//! What a source could not look at, beside single inputs, and what else there is to know of how it was read.

use std::sync::Arc;

use crate::origin::{ObjectId, RelativePath};
use crate::panic::Panicked;

/// Something that was asked for, is no single input, and was not read: it makes the scan incomplete.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// History before some commits was never fetched.
    Shallow,
    /// Some objects were never fetched.
    Partial,
    /// What git tracks could not be read, because the `.git` at this path cannot be used, for this reason: files are not
    /// scanned that an ignore file hides and git tracks.
    Index(RelativePath, String),
    /// Some commits or trees could not be read.
    Objects,
    /// Objects that refs lead to are not there.
    Missing {
        /// How many are known.
        lost: u64,
        /// The first ones, in order.
        first: Vec<ObjectId>,
    },
    /// Each time that all objects were read, there were new ones.
    Changing,
    /// Refs could not be read, for this reason.
    Refs(String),
    /// There are more places than are looked for.
    TooMany,
    /// A stage of the scan panicked: this is a bug in akid.
    Stage(Stage, Panicked),
    /// A gap of the repository of this name, where several are scanned.
    In(Arc<str>, Box<Self>),
    /// A report that was read says so, in words that may be shown.
    Told(GapKind, String),
}

/// A stage of a scan that comes after, or stands beside, what finds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Reading a source.
    Source,
    /// Finding the commits and paths of what was found.
    Attribution,
    /// Proving pairs by signatures.
    Proof,
    /// Applying what the user excludes, allows and accepts.
    Acceptance,
    /// Identifying owners.
    Owners,
}

/// What a [`Gap`] is about, as `[[accept-gap]]` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GapKind {
    /// See [`Gap::Shallow`].
    Shallow,
    /// See [`Gap::Partial`].
    Partial,
    /// See [`Gap::Index`].
    Index,
    /// See [`Gap::Objects`].
    Objects,
    /// See [`Gap::Refs`].
    Refs,
    /// See [`Gap::TooMany`].
    TooMany,
    /// See [`Gap::Stage`].
    Stage,
    /// A report that was read is not whole, or has a gap of a kind that is not known.
    Report,
}

impl Gap {
    /// Returns what the gap is about.
    pub fn kind(&self) -> GapKind {
        match self {
            Self::Shallow => GapKind::Shallow,
            Self::Partial => GapKind::Partial,
            Self::Index(..) => GapKind::Index,
            Self::Objects | Self::Missing { .. } | Self::Changing => GapKind::Objects,
            Self::Refs(_) => GapKind::Refs,
            Self::TooMany => GapKind::TooMany,
            Self::Stage(..) => GapKind::Stage,
            Self::In(_, gap) => gap.kind(),
            Self::Told(kind, _) => *kind,
        }
    }
}

impl GapKind {
    /// The kinds that a user may accept: everything but bugs of akid.
    pub const ACCEPTABLE: [Self; 6] =
        [Self::Shallow, Self::Partial, Self::Index, Self::Objects, Self::Refs, Self::TooMany];

    /// The word for it in reports and in configurations.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shallow => "shallow",
            Self::Partial => "partial",
            Self::Index => "index",
            Self::Objects => "objects",
            Self::Refs => "refs",
            Self::TooMany => "too-many",
            Self::Stage => "stage",
            Self::Report => "report",
        }
    }
}

/// Something about how a source was read that leaves nothing out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Notice {
    /// The commit that is checked out is unknown, so that everything in the index counts as staged.
    Head,
    /// The ignore file at this path is not a regular file, so that it hides nothing.
    IgnoreFile(RelativePath),
    /// A repository's folder, or a part of the repository, is at this path, outside of what is scanned.
    Outside(String),
    /// The repository borrows objects from this folder, an alternate outside of it.
    Borrowed(String),
    /// A push begins where a shallow clone ends: it does not bring the commits before that.
    ShallowPush,
    /// There was more signed, or there were more secrets, than could be tried to prove pairs.
    Proofs,
    /// The same of the repository of this name, where several are scanned.
    In(Arc<str>, Box<Self>),
    /// A report that was read says so, in words that may be shown.
    Told(String),
}
