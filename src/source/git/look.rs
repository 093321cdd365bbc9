//! What looks at objects as the walk makes them.

use std::io::Read;

use super::delta::Patch;
use super::pack::Kind;
use crate::origin::ObjectId;

/// An object that is to be looked at; `None` for one that others are made from and nothing else.
pub(super) type Wanted = Option<(Kind, ObjectId)>;

/// Looks at objects, on one thread.
pub(super) trait Look {
    /// What is kept of an object for those that are made from it.
    type Known;

    /// Whether objects of a kind are looked at.
    fn wants(kind: Kind) -> bool;

    /// How far from something new in an object there may be something new to see.
    fn reach(&self) -> usize;

    /// Whether nothing more is wanted.
    fn is_stopped(&self) -> bool;

    /// Takes an object that was read as a whole. `None` if too little is known of it afterwards.
    fn whole(&mut self, object: Wanted, bytes: &[u8]) -> Option<Self::Known>;

    /// Takes an object that was made by `patch` from a `base` of so many bytes, of which so much is known.
    fn patched(
        &mut self,
        object: Wanted,
        bytes: &[u8],
        base: (&Self::Known, usize),
        patch: &Patch,
    ) -> Option<Self::Known>;

    /// Takes an object that is too large to be held.
    fn stream(&mut self, object: Wanted, content: &mut dyn Read);
}
