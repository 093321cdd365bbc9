//! What looks at objects as the walk makes them.

use std::io::Read;

use super::budget::Meter;
use super::delta::Patch;
use super::entry::Kind;
use crate::origin::ObjectId;
use crate::source::Fault;

/// An object that is to be looked at; `None` for one that others are made from and nothing else.
pub(super) type Wanted = Option<(Kind, ObjectId)>;

/// An object that was made from another one.
pub(super) struct Made<'a, K> {
    pub(super) bytes: &'a [u8],
    pub(super) patch: &'a Patch,
    /// How long the base is, and what is known of it.
    pub(super) base: (usize, &'a K),
}

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

    /// Takes an object that was read as a whole. `None` if too little is known of it afterwards. An error if looking at it
    /// costs more than `meter` has left; then nothing was done.
    fn whole(
        &mut self,
        object: Wanted,
        bytes: &[u8],
        meter: &mut Meter,
    ) -> Result<Option<Self::Known>, Fault>;

    /// Takes an object that was made from a base. Else as with [`whole`](Self::whole).
    fn patched(
        &mut self,
        object: Wanted,
        made: Made<'_, Self::Known>,
        meter: &mut Meter,
    ) -> Result<Option<Self::Known>, Fault>;

    /// Takes an object that is too large to be held.
    fn stream(&mut self, object: Wanted, content: &mut dyn Read);
}
