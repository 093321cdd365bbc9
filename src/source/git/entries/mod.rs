//! The entries of one pack as trees: each entry below the one that it is stored as changes to.

mod headers;
mod order;

use std::collections::HashMap;

use self::headers::listed;
use super::arena::{Arena, Kept};
use super::data::Windows;
use super::entry::{Base, Kind};
use super::look::{Decoded, Named};
use super::pack::Pack;
use crate::origin::ObjectId;
use crate::source::{Damage, Fault, Part};

/// The entries of a pack, numbered in the order in which they are stored.
pub(super) struct Entries {
    /// Where each starts.
    offsets: Vec<u64>,
    /// The place of each in the index; [`NOWHERE`] where only another entry knows of it.
    positions: Vec<u32>,
    /// The CRC-32 of each as the index has it; none if it has none, or if not all entries are read.
    sums: Vec<u32>,
    /// What each is made from: an entry, [`NOWHERE`] or [`ELSEWHERE`].
    bases: Vec<u32>,
    kinds: Vec<Option<Kind>>,
    /// The entries that are made from each, the one with the most below it last; what holds nothing wanted left out.
    children: Vec<u32>,
    /// For each entry where its children start among all.
    first_child: Vec<u32>,
    /// How many objects are wanted of each entry and those below it.
    wanted: Vec<u32>,
    /// The entries that all others are made from, of which something is wanted, each with its weight.
    all_roots: Vec<(u32, u64)>,
    /// Those of the kinds that are walked.
    roots: Vec<u32>,
    /// Bytes of the pack that each of these and what is wanted below it take, at least one.
    weights: Vec<u64>,
    /// Entries as they are stored, or the start of each, and where each is among those.
    arena: Arena,
    kept: Vec<Kept>,
    /// Where only some entries are read: what is known already of those that start there.
    known: HashMap<u64, (Result<Base, Fault>, Kept)>,
    /// Whether every entry of the pack is among these, so that each ends where the next starts.
    is_all: bool,
}

/// Whether the object at a place in the index is to be read from this pack, and whether objects of a kind are.
pub(super) type Choice<'a> = (&'a dyn Fn(u32) -> bool, fn(Kind) -> bool);

/// An entry as the index lists it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Listed {
    offset: u64,
    position: u32,
    sum: u32,
}

const NOWHERE: u32 = u32::MAX;
const ELSEWHERE: u32 = u32::MAX - 1;
/// The base of an entry that cannot be read.
const BROKEN: u32 = u32::MAX - 2;

impl Entries {
    /// Reads `pack` from front to back: the headers, and of what is wanted as many bytes as `room` has for, to be kept.
    /// `kind_of` finds out what an object of another pack is.
    pub(super) fn read(
        pack: &Pack,
        (is_owned, wants): Choice<'_>,
        kind_of: &mut dyn FnMut(ObjectId) -> Result<Kind, Fault>,
        room: &mut usize,
    ) -> (Self, Vec<Damage>) {
        let mut damages = Vec::new();
        let all = (0..=u8::MAX).flat_map(|first| {
            let (start, bucket) = pack.index.bucket(first);
            let sums = bucket.sums.iter().copied().chain(std::iter::repeat(0));
            let listed = bucket.offsets.iter().zip(sums).zip(start..);
            listed.map(|((&offset, sum), position)| Listed { offset, position, sum })
        });
        let mut entries = Self::new(listed(pack, all, &mut damages));
        entries.is_all = true;
        if !pack.index.has_sums() {
            entries.sums = Vec::new();
        }
        entries.arena = Arena::new(*room);
        entries.sort_out(pack, (is_owned, wants), kind_of, &mut damages);
        *room = entries.arena.room();
        entries.choose_roots(wants);
        (entries, damages)
    }

    /// The same of the entries at some places in the index, and those that they are made from.
    pub(super) fn read_some(
        pack: &Pack,
        positions: &[u32],
        wants: fn(Kind) -> bool,
        kind_of: &mut dyn FnMut(ObjectId) -> Result<Kind, Fault>,
        room: &mut usize,
    ) -> (Self, Vec<Damage>) {
        let mut damages = Vec::new();
        let some = positions.iter().map(|&position| {
            let offset = pack.index.offset(position);
            Listed { offset, position, sum: 0 }
        });
        let mut entries = Self::new(listed(pack, some, &mut damages));
        entries.sums = Vec::new();
        entries.arena = Arena::new(*room);
        entries.sort_out(pack, (&|_| true, wants), kind_of, &mut damages);
        *room = entries.arena.room();
        entries.known = HashMap::new();
        entries.choose_roots(wants);
        (entries, damages)
    }

    /// Turns to objects of other kinds: what was kept of the pack is forgotten, and what is needed for those is kept.
    pub(super) fn turn_to(&mut self, pack: &Pack, wants: fn(Kind) -> bool, room: &mut usize) {
        self.choose_roots(wants);
        if self.is_all {
            self.arena.clear(*room);
            self.keep_all(pack, wants);
            *room = self.arena.room();
        }
    }

    fn sort_out(
        &mut self,
        pack: &Pack,
        (is_owned, wants): Choice<'_>,
        kind_of: &mut dyn FnMut(ObjectId) -> Result<Kind, Fault>,
        damages: &mut Vec<Damage>,
    ) {
        let mut external = Vec::new();
        if self.read_headers(pack, wants, &mut external) {
            let listed = self.with_unlisted(pack);
            let (is_all, known) = (self.is_all, std::mem::take(&mut self.known));
            let arena = std::mem::replace(&mut self.arena, Arena::new(0));
            let mut all = Self { is_all, known, arena, ..Self::new(listed) };
            if self.sums.is_empty() {
                all.sums = Vec::new();
            }
            *self = all;
            external.clear();
            self.read_headers(pack, wants, &mut external);
        }
        // Those whose header is damaged are told at once.
        external.retain(|(entry, fault)| {
            let is_missing = matches!(fault, Fault::MissingBase(_));
            if !is_missing {
                damages.push(self.damage(pack, *entry, *fault, 1));
            }
            is_missing
        });
        self.link_children();
        let order = self.sort_downwards(kind_of, &mut external);
        for (root, fault) in external {
            damages.push(self.damage(pack, root, fault, self.below(root)));
        }
        self.tell_cycles(pack, &order, damages);
        self.count_wanted(pack, &order, is_owned);
        self.heaviest_last();
    }

    fn new(listed: Vec<Listed>) -> Self {
        let len = listed.len();
        Self {
            offsets: listed.iter().map(|listed| listed.offset).collect(),
            positions: listed.iter().map(|listed| listed.position).collect(),
            sums: listed.iter().map(|listed| listed.sum).collect(),
            bases: vec![NOWHERE; len],
            kinds: vec![None; len],
            wanted: vec![0; len],
            first_child: Vec::new(),
            children: Vec::new(),
            all_roots: Vec::new(),
            roots: Vec::new(),
            weights: Vec::new(),
            arena: Arena::new(0),
            kept: vec![Kept::NOT; len],
            known: HashMap::new(),
            is_all: false,
        }
    }

    /// Whether `entry` is what the index knows, as far as it does. `bytes` are all of the entry, if they are in memory.
    pub(super) fn is_sound(
        &self,
        pack: &Pack,
        entry: u32,
        windows: &mut Windows,
        bytes: Option<&[u8]>,
    ) -> bool {
        let Some(&known) = self.sums.get(entry as usize) else { return true };
        let sum = match bytes {
            Some(bytes) => Some(libdeflater::crc32(bytes)),
            None => pack.checksum(windows, self.range(entry)),
        };
        self.positions[entry as usize] == NOWHERE || sum == Some(known)
    }

    /// The bytes of `entry`, or those that it starts with, if they are kept.
    pub(super) fn kept(&self, entry: u32) -> Option<&[u8]> {
        self.arena.get(self.kept[entry as usize])
    }

    fn all_children(&self, entry: u32) -> std::ops::Range<usize> {
        self.first_child[entry as usize] as usize..self.first_child[entry as usize + 1] as usize
    }

    /// The entry that starts at `offset`.
    pub(super) fn find(&self, offset: u64) -> Option<u32> {
        self.offsets.binary_search(&offset).ok().and_then(|at| u32::try_from(at).ok())
    }

    /// The entries that all others are made from, of which something is wanted, in order.
    pub(super) fn roots(&self) -> &[u32] {
        &self.roots
    }

    /// Bytes of the pack that each root and what is wanted below it take, at least one each.
    pub(super) fn weights(&self) -> &[u64] {
        &self.weights
    }

    /// The same of one root.
    pub(super) fn weight(&self, root: u32) -> u64 {
        self.roots.binary_search(&root).map_or(0, |place| self.weights[place])
    }

    /// How many objects are wanted of `entry` and those below it.
    pub(super) fn wanted(&self, entry: u32) -> u32 {
        self.wanted[entry as usize]
    }

    /// Places of the children of `entry` that have something wanted, to be asked for with [`child`](Self::child).
    pub(super) fn children(&self, entry: u32) -> std::ops::Range<usize> {
        let mut range = self.all_children(entry);
        range.start +=
            self.children[range.clone()].partition_point(|&child| self.wanted[child as usize] == 0);
        range
    }

    /// The child at a place.
    pub(super) fn child(&self, place: usize) -> u32 {
        self.children[place]
    }

    /// Where `entry` starts, and where the next does.
    pub(super) fn range(&self, entry: u32) -> std::ops::Range<u64> {
        let at = entry as usize;
        self.offsets[at]..self.offsets.get(at + 1).copied().unwrap_or(u64::MAX)
    }

    /// Which object `entry` is.
    pub(super) fn object<'a>(&self, pack: &'a Pack, entry: u32) -> Result<Decoded<'a>, Fault> {
        let kind = self.kinds[entry as usize].ok_or(Fault::Header)?;
        let position = self.positions[entry as usize];
        let name = (position != NOWHERE).then_some(Named::At(&pack.index, position));
        Ok(Decoded { kind, name })
    }

    /// Tells of a fault of `entry`.
    pub(super) fn damage(&self, pack: &Pack, entry: u32, fault: Fault, lost: u64) -> Damage {
        let position = self.positions[entry as usize];
        let id = (position != NOWHERE).then(|| pack.index.id(position));
        Damage { part: Part::Entry { offset: self.offsets[entry as usize], id }, fault, lost }
    }
}
