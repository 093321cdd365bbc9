//! What is wrong with a store of objects: where, what, and how much is lost by it.

use crate::origin::ObjectId;

/// Something of a pack or an object that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Damage {
    /// Where in the input it is.
    pub part: Part,
    /// What is wrong there.
    pub fault: Fault,
    /// How many objects were not scanned for it, as far as is known.
    pub lost: u64,
}

/// A part of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// All of it.
    Whole,
    /// The entry of a pack that starts at this byte.
    Entry {
        /// The byte.
        offset: u64,
        /// The entry's object, if the index says.
        id: Option<ObjectId>,
    },
}

/// What may be wrong with a store of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// It is no pack of a known version, or it is cut short.
    NotAPack,
    /// There is a pack and no index of it.
    NoIndex,
    /// There is an index and no pack for it.
    NoPack,
    /// The index is damaged, or not of a known version.
    Index,
    /// Objects are named by another hash than the configuration of the repository says.
    OtherHash,
    /// The index is one of another pack, or of another state of it.
    OtherIndex,
    /// An entry lies outside of the pack.
    Outside,
    /// An entry's header is damaged.
    Header,
    /// The compressed data is damaged.
    Compression,
    /// The bytes of an entry are not those that the index knows.
    Checksum,
    /// The data is not as long as it should be.
    Size,
    /// A delta does not fit its base, or is damaged.
    Delta,
    /// The base of a delta is nowhere.
    MissingBase(ObjectId),
    /// The base of a delta is nowhere, and the repository is a partial clone: it was never fetched.
    Promised(ObjectId),
    /// A delta is its own base by way of others.
    Cycle,
    /// The object is larger than is held in memory.
    TooLarge,
    /// A folder of objects that another one names is not there.
    MissingAlternate,
    /// The file of an object is none.
    NotAnObject,
    /// An object that something refers to is nowhere, or its file is damaged.
    Absent(ObjectId),
    /// An object that should be a blob is something else.
    NotABlob(ObjectId),
    /// Folders are nested without end.
    Endless,
    /// The file was truncated while it was read, or the system reported an error.
    Unread,
    /// Decoding the objects costs more work than the repository's size allows.
    Work,
}

impl Fault {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAPack => "not-a-pack",
            Self::NoIndex => "no-index",
            Self::NoPack => "no-pack",
            Self::Index => "damaged-index",
            Self::OtherHash => "other-hash",
            Self::OtherIndex => "other-index",
            Self::Outside | Self::Header => "damaged-header",
            Self::Compression => "damaged-data",
            Self::Checksum => "wrong-checksum",
            Self::Size => "wrong-size",
            Self::Delta => "damaged-delta",
            Self::MissingBase(_) => "missing-base",
            Self::Promised(_) => "promised",
            Self::Cycle => "delta-cycle",
            Self::TooLarge => "too-large",
            Self::MissingAlternate => "missing-alternate",
            Self::NotAnObject => "not-an-object",
            Self::Absent(_) => "absent",
            Self::NotABlob(_) => "not-a-blob",
            Self::Endless => "endless",
            Self::Unread => "unread",
            Self::Work => "work-limit",
        }
    }
}
