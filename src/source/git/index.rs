//! Which objects a pack has, and where.

use std::path::Path;
use std::sync::Arc;

use gix_hash::{Kind, oid};
use gix_pack::{index, multi_index};

use crate::origin::ObjectId;
use crate::source::Fault;

/// The index of one pack: positions count its objects in order of their IDs.
pub(super) enum Index {
    /// A file of its own.
    Own(Box<index::File>),
    /// A part of the index of several packs: for each object its place there, and its offset in the pack.
    Shared(Arc<multi_index::File>, Vec<(u32, u64)>),
}

impl Index {
    /// Maps the index file at `path`.
    pub(super) fn open(path: &Path) -> Result<Self, Fault> {
        index::File::at(path, Kind::Sha1).map(|file| Self::Own(Box::new(file))).or(Err(Fault::Index))
    }

    /// The part of `shared` that is about the pack whose index would be called `name`, if there is one.
    pub(super) fn shared(shared: &Arc<multi_index::File>, name: &Path) -> Option<Result<Self, Fault>> {
        let number = shared.index_names().iter().position(|known| known == name)?;
        let places = (0..shared.num_objects()).filter_map(|place| {
            match shared.pack_id_and_pack_offset_at_index(place) {
                Ok((pack, offset)) => (pack as usize == number).then_some(Ok((place, offset))),
                Err(_) => Some(Err(Fault::Index)),
            }
        });
        Some(places.collect::<Result<_, _>>().map(|places| Self::Shared(Arc::clone(shared), places)))
    }

    /// How many objects it has.
    pub(super) fn len(&self) -> u32 {
        match self {
            Self::Own(file) => file.num_objects(),
            Self::Shared(_, places) => u32::try_from(places.len()).unwrap_or(u32::MAX),
        }
    }

    /// The ID of the object at `position`, which is below [`len`](Self::len).
    pub(super) fn id(&self, position: u32) -> &oid {
        match self {
            Self::Own(file) => file.oid_at_index(position),
            Self::Shared(file, places) => file.oid_at_index(places[position as usize].0),
        }
    }

    /// Where the object at `position`, which is below [`len`](Self::len), is said to start in the pack.
    pub(super) fn offset(&self, position: u32) -> u64 {
        match self {
            Self::Own(file) => file.pack_offset_at_index(position),
            Self::Shared(_, places) => places[position as usize].1,
        }
    }

    /// The CRC-32 of the entry at `position`, which is below [`len`](Self::len), as the pack has it; only an index of
    /// its own and of version 2 knows it.
    pub(super) fn checksum(&self, position: u32) -> Option<u32> {
        match self {
            Self::Own(file) => file.crc32_at_index(position),
            Self::Shared(..) => None,
        }
    }

    /// The position of the object `id`.
    pub(super) fn position(&self, id: &oid) -> Option<u32> {
        match self {
            Self::Own(file) => file.lookup(id),
            Self::Shared(file, places) => {
                let place = places.binary_search_by(|(place, _)| file.oid_at_index(*place).cmp(id)).ok()?;
                u32::try_from(place).ok()
            }
        }
    }

    /// The sum that the pack ends with, if the index knows it.
    pub(super) fn pack_checksum(&self) -> Option<gix_hash::ObjectId> {
        match self {
            Self::Own(file) => Some(file.pack_checksum()),
            Self::Shared(..) => None,
        }
    }
}

/// Our ID of what gix calls `id`.
pub(super) fn object_id(id: &oid) -> ObjectId {
    let mut bytes = [0; 20];
    bytes.iter_mut().zip(id.as_bytes()).for_each(|(to, from)| *to = *from);
    ObjectId::from_bytes(bytes)
}

/// What gix calls `id`.
pub(super) fn gix_id(id: ObjectId) -> gix_hash::ObjectId {
    gix_hash::ObjectId::Sha1(id.as_bytes().first_chunk().copied().unwrap_or_default())
}
