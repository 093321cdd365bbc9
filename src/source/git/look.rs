//! What looks at objects as the walk makes them.

use std::io::Read;

use super::budget::Meter;
use super::delta::Patch;
use super::entry::Kind;
use super::index::Index;
use crate::origin::ObjectId;
use crate::source::Fault;

/// An object that was decoded.
#[derive(Clone, Copy)]
pub(super) struct Decoded<'a> {
    pub(super) kind: Kind,
    /// `None` if it is not to be looked at: others are made from it, and that is all.
    pub(super) name: Option<Named<'a>>,
}

/// The ID of an object, looked up only when somebody asks for it: nobody does for most of them.
#[derive(Clone, Copy)]
pub(super) enum Named<'a> {
    Known(ObjectId),
    /// At a position of an index.
    At(&'a Index, u32),
}

/// An object that was made from another one.
pub(super) struct Made<'a, K> {
    pub(super) bytes: &'a [u8],
    pub(super) patch: &'a Patch,
    /// How long the base is, and what is known of it.
    pub(super) base: (usize, &'a K),
}

impl Decoded<'_> {
    /// Whether it is to be looked at.
    pub(super) fn is_wanted(&self) -> bool {
        self.name.is_some()
    }
}

impl Named<'_> {
    pub(super) fn id(&self) -> ObjectId {
        match *self {
            Self::Known(id) => id,
            Self::At(index, position) => index.id(position),
        }
    }
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
    /// costs more than `meter` has left; it is taken again then.
    fn whole(
        &mut self,
        object: Decoded<'_>,
        bytes: &[u8],
        meter: &mut Meter,
    ) -> Result<Option<Self::Known>, Fault>;

    /// Takes an object that was made from a base. Else as with [`whole`](Self::whole).
    fn patched(
        &mut self,
        object: Decoded<'_>,
        made: Made<'_, Self::Known>,
        meter: &mut Meter,
    ) -> Result<Option<Self::Known>, Fault>;

    /// Takes an object that is too large to be held.
    fn stream(&mut self, object: Decoded<'_>, content: &mut dyn Read);
}
