//! Where the objects of a repository are.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use super::budget::Budget;
use super::entry::Kind;
use super::index::Bucket;
use super::loose::{self, Loose};
use super::pack::Pack;
use crate::origin::{ObjectFormat, ObjectId};
use crate::source::Fault;

/// The packs and the folders of a repository's objects.
pub(super) struct Objects {
    /// The hash that they are named by.
    pub(super) format: ObjectFormat,
    pub(super) packs: Vec<Pack>,
    pub(super) stores: Vec<PathBuf>,
    /// The objects that have files of their own, each with the store that has it: only if they were listed.
    pub(super) loose: HashMap<ObjectId, usize>,
    /// The commits whose parents are not there, because a shallow clone ends with them.
    pub(super) shallow: BTreeSet<ObjectId>,
    pub(super) is_partial: bool,
    /// What decoding them may still cost.
    pub(super) budget: Budget,
    /// The size of the largest object that is held, in bytes.
    pub(super) max_held: u64,
}

/// The entry of a pack: the pack's number, and where it starts.
pub(super) type Place = (usize, u64);

/// Objects of this size are held, however small their packs are.
const MIN_HELD: u64 = 64 << 20;
/// Of larger packs, larger objects are held: as many times the size of all packs.
const HELD_RATIO: u64 = 8;
/// No larger object is held: git makes no deltas of larger ones, either.
const MAX_HELD: u64 = 512 << 20;

impl Objects {
    /// Takes packs and folders. `input` is the size of those packs that are to be read.
    pub(super) fn new(
        format: ObjectFormat,
        mut packs: Vec<Pack>,
        stores: Vec<PathBuf>,
        is_partial: bool,
        input: u64,
    ) -> Self {
        packs.iter_mut().enumerate().for_each(|(number, pack)| pack.number = number);
        let max_held = input.saturating_mul(HELD_RATIO).clamp(MIN_HELD, MAX_HELD);
        let (loose, shallow) = (HashMap::new(), BTreeSet::new());
        Self { format, packs, stores, loose, shallow, is_partial, budget: Budget::of(input), max_held }
    }

    /// The size of all packs, in bytes.
    pub(super) fn packed(&self) -> u64 {
        self.packs.iter().map(|pack| pack.data.len()).sum()
    }

    /// Whether the object `id` was there when they were listed.
    pub(super) fn has(&self, id: ObjectId) -> bool {
        self.position_of(id).is_some() || self.loose.contains_key(&id)
    }

    /// Where the object `id` is, if it is in a pack.
    pub(super) fn place_of(&self, id: ObjectId) -> Option<Place> {
        self.position_of(id).map(|(number, position)| (number, self.packs[number].index.offset(position)))
    }

    /// The pack that the object `id` is in, if it is in one, by its number; and its place in the pack's index.
    pub(super) fn position_of(&self, id: ObjectId) -> Option<(usize, u32)> {
        let in_pack = |(number, pack): (usize, &Pack)| Some((number, pack.index.position(id)?));
        self.packs.iter().enumerate().find_map(in_pack)
    }

    /// All objects that were listed, some of them several times.
    pub(super) fn ids(&self) -> impl Iterator<Item = ObjectId> {
        let buckets =
            self.packs.iter().flat_map(|pack| (0..=u8::MAX).map(|first| pack.index.bucket(first).1));
        let packed = buckets.flat_map(Bucket::ids).filter_map(ObjectId::from_slice);
        packed.chain(self.loose.keys().copied())
    }

    /// The file of the object `id` and what it is, if it has one.
    pub(super) fn loose(&self, id: ObjectId) -> Option<(PathBuf, Kind)> {
        self.stores.iter().find_map(|store| {
            let path = loose::path_in(store, id);
            let kind = Loose::open(&path).ok()?.kind;
            Some((path, kind))
        })
    }

    /// Why the object `id`, which is not there, is not.
    pub(super) fn absent(&self, id: ObjectId) -> Fault {
        if self.is_partial { Fault::Promised(id) } else { Fault::Absent(id) }
    }

    /// The same of an object that another one is made from.
    pub(super) fn missing(&self, id: ObjectId) -> Fault {
        if self.is_partial { Fault::Promised(id) } else { Fault::MissingBase(id) }
    }
}
