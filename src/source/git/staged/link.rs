//! How a split index builds on another one.

use crate::origin::ObjectId;

/// What a split index says of the one that it builds on.
#[derive(Debug)]
pub(super) struct Link {
    /// The sum that the shared index ends with; its name has it, too.
    pub(super) shared: ObjectId,
    /// Bitmap of the entries that are gone.
    pub(super) deleted: Vec<u64>,
    /// Bitmap of the entries that are replaced.
    pub(super) replaced: Vec<u64>,
}
