//! A change of a ref.

use crate::origin::ObjectId;

/// A change of a ref.
pub(in crate::source::git) struct Change {
    pub(in crate::source::git) old: ObjectId,
    pub(in crate::source::git) new: ObjectId,
    /// What git says of it, such as `commit: a subject`.
    pub(in crate::source::git) message: Vec<u8>,
}
