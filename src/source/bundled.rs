//! What a git bundle or a pack holds: read by [`git`](super::git), searched by [`container`](super::container).

use std::ops::Range;
use std::sync::Arc;

use super::Fault;

/// An object of a bundle, to be searched.
pub(super) struct Bundled {
    /// Its path, if a tree of the bundle has it; else its kind and ID.
    pub(super) name: Vec<u8>,
    pub(super) content: Arc<Vec<u8>>,
}

/// What a bundle or a pack holds, as far as it can be read.
#[derive(Default)]
pub(super) struct Bundle {
    /// Blobs, commits and tags, in order of their names.
    pub(super) objects: Vec<Bundled>,
    /// How many are stored as changes to an object that the bundle does not have.
    pub(super) lost: u64,
    /// How many bytes of objects were made.
    pub(super) made: u64,
    /// Where the pack is among all bytes.
    pub(super) pack: Range<usize>,
    /// Where reading ended before the end of the pack, why.
    pub(super) fault: Option<Fault>,
}

/// Reads bundles and packs, in so many bytes of memory.
#[derive(Clone, Copy)]
pub(super) struct ReadBundle {
    pub(super) bundle: fn(&[u8], u64) -> Bundle,
    pub(super) pack: fn(&[u8], u64) -> Bundle,
}

#[cfg(test)]
impl ReadBundle {
    /// Finds nothing in any.
    pub(super) const NOTHING: Self = {
        fn nothing(_: &[u8], _: u64) -> Bundle {
            Bundle::default()
        }
        Self { bundle: nothing, pack: nothing }
    };
}
