//! Where bytes come from.

use std::io;

use crate::origin::Origin;

/// An input that was not scanned, or not whole.
#[derive(Debug)]
pub struct Skipped {
    /// Which.
    pub origin: Origin,
    /// Why.
    pub reason: SkipReason,
}

/// Why an input was not scanned, or not whole.
#[derive(Debug)]
pub enum SkipReason {
    /// The system said no.
    Io(io::Error),
    /// Scanning it panicked, at this place in akid's source: a bug of akid.
    Panic(String),
    /// It holds more candidates than are kept.
    TooMany,
}

/// An input that the user left out.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Excluded {
    /// Which.
    pub origin: Origin,
    /// By what.
    pub by: ExcludedBy,
}

/// What left an input out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExcludedBy {
    /// It is larger than `--max-file-size`.
    Size,
    /// A glob of the configuration.
    Glob,
}
