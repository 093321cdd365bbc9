//! What looks at objects as the walk makes them.

use std::io::Read;

use super::budget::Meter;
use super::delta::Patch;
use super::entry::Kind;
use super::index::Index;
use crate::origin::{ObjectFormat, ObjectId};
use crate::source::Fault;

/// An object that is to be looked at; `None` for one that others are made from and nothing else.
pub(super) type Wanted<'a> = Option<Named<'a>>;

/// An object, its ID looked up only when somebody asks for it: nobody does for most of them.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) kind: Kind,
    id: Id<'a>,
}

#[derive(Clone, Copy)]
enum Id<'a> {
    Known(ObjectId),
    At(&'a Index, u32),
}

impl<'a> Named<'a> {
    pub(super) fn known(kind: Kind, id: ObjectId) -> Self {
        Self { kind, id: Id::Known(id) }
    }

    /// The object at a position of an index.
    pub(super) fn at(kind: Kind, index: &'a Index, position: u32) -> Self {
        Self { kind, id: Id::At(index, position) }
    }

    /// The hash that its ID is of.
    pub(super) fn format(&self) -> ObjectFormat {
        match self.id {
            Id::Known(id) => id.format(),
            Id::At(index, _) => index.format(),
        }
    }

    pub(super) fn id(&self) -> ObjectId {
        match self.id {
            Id::Known(id) => id,
            Id::At(index, position) => index.id(position),
        }
    }
}

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
        object: Wanted<'_>,
        bytes: &[u8],
        meter: &mut Meter,
    ) -> Result<Option<Self::Known>, Fault>;

    /// Takes an object that was made from a base. Else as with [`whole`](Self::whole).
    fn patched(
        &mut self,
        object: Wanted<'_>,
        made: Made<'_, Self::Known>,
        meter: &mut Meter,
    ) -> Result<Option<Self::Known>, Fault>;

    /// Takes an object that is too large to be held.
    fn stream(&mut self, object: Wanted<'_>, content: &mut dyn Read);
}
