//! The entries of one pack as trees: each entry below the one that it is stored as changes to.

use std::collections::{BTreeSet, HashMap};

use super::arena::{Arena, Kept, MAX_ENTRY};
use super::data::Windows;
use super::entry::{Base, Kind};
use super::index::UNKNOWN;
use super::look::{Named, Wanted};
use super::pack::Pack;
use crate::origin::{ObjectId, ObjectKind};
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
    /// The entries that all others are made from, of which something is wanted.
    roots: Vec<u32>,
    /// Bytes of the pack that each of these and what is wanted below it take, at least one.
    weights: Vec<u64>,
    /// Entries as they are stored, or the start of each, and where each is among those.
    arena: Arena,
    kept: Vec<Kept>,
    /// Where only some entries are read: what is known already of those that start there.
    known: HashMap<u64, (Result<Base, Fault>, Kept)>,
    /// Whole trees that are not what the index has the checksum of.
    false_trees: Vec<u32>,
    /// Whether every entry of the pack is among these, so that each ends where the next starts.
    is_all: bool,
}

/// Whether a walk meets an entry where it is stored, beside those that it meets next: messages that are stored whole, as
/// nearly all are. They need not be kept.
fn is_in_order(kind: Kind, base: Result<Base, Fault>) -> bool {
    matches!(kind, Kind::Text(ObjectKind::Commit | ObjectKind::Tag)) && matches!(base, Ok(Base::None(_)))
}

/// What is read of an entry at once, where only some are, in bytes.
const START: u64 = 2 << 10;

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
        if !wants(Kind::Tree) {
            entries.tell_false_trees(pack, &mut damages);
        }
        entries.forget_unwanted(is_owned, wants);
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
        entries.forget_unwanted(&|_| true, wants);
        (entries, damages)
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
        self.count_wanted(pack, &order, is_owned, wants);
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
            roots: Vec::new(),
            weights: Vec::new(),
            arena: Arena::new(0),
            kept: vec![Kept::NOT; len],
            known: HashMap::new(),
            false_trees: Vec::new(),
            is_all: false,
        }
    }

    /// Tells of trees that may be none. Nobody reads them; but what one flipped bit made one of would not be missed,
    /// either.
    fn tell_false_trees(&self, pack: &Pack, damages: &mut Vec<Damage>) {
        let told = self.false_trees.iter().map(|&entry| self.damage(pack, entry, Fault::Checksum, 1));
        damages.extend(told);
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

    /// Reads every header. Adds to `external` the entries whose base is elsewhere or whose header is damaged, each with
    /// the fault that it has if nobody finds the base. Says whether one names a base that is no entry yet.
    fn read_headers(
        &mut self,
        pack: &Pack,
        wants: fn(Kind) -> bool,
        external: &mut Vec<(u32, Fault)>,
    ) -> bool {
        let mut windows = Windows::default();
        let mut has_unlisted = false;
        for entry in (0..).take(self.offsets.len()) {
            let at = entry as usize;
            let read = self.base_at(pack, &mut windows, self.offsets[at]);
            self.bases[at] = match read {
                Ok(Base::None(kind)) => {
                    self.kinds[at] = Some(kind);
                    if kind == Kind::Tree && !self.is_sound(pack, entry, &mut windows, None) {
                        self.false_trees.push(entry);
                    }
                    NOWHERE
                }
                Ok(Base::At(offset)) => match self.find_before(entry, offset) {
                    Some(base) => {
                        // The base comes before what is made from it.
                        self.kinds[at] = self.kinds[base as usize];
                        base
                    }
                    None => {
                        has_unlisted = true;
                        BROKEN
                    }
                },
                Ok(Base::Of(id)) => {
                    let inside = pack.index.position(id);
                    let inside = inside.and_then(|position| self.find(pack.index.offset(position)));
                    inside.unwrap_or_else(|| {
                        external.push((entry, Fault::MissingBase(id)));
                        ELSEWHERE
                    })
                }
                Err(fault) => {
                    external.push((entry, fault));
                    BROKEN
                }
            };
            let range = self.range(entry);
            let is_small = range.end.min(pack.end()) - range.start <= MAX_ENTRY;
            if !self.is_all {
                self.kept[at] = self.known.get(&range.start).map_or(Kept::NOT, |(_, kept)| *kept);
            } else if is_small && self.kinds[at].is_some_and(|kind| wants(kind) && !is_in_order(kind, read)) {
                let bytes = pack.bytes(&mut windows, range);
                self.kept[at] = bytes.map_or(Kept::NOT, |bytes| self.arena.keep(bytes));
            }
        }
        has_unlisted
    }

    /// What the entry at `offset` is made from. Where only some entries are read, each is read once, with what follows
    /// its header.
    fn base_at(&mut self, pack: &Pack, windows: &mut Windows, offset: u64) -> Result<Base, Fault> {
        if self.is_all {
            return pack.head(windows, offset).map(|head| head.base);
        }
        if let Some((base, _)) = self.known.get(&offset) {
            return *base;
        }
        let bytes = pack.bytes(windows, offset..offset.saturating_add(START))?;
        let head = pack.parse(bytes, offset);
        let end = head.map_or(0, |head| (head.data - offset).saturating_add(head.max_compressed()));
        let start = &bytes[..bytes.len().min(usize::try_from(end).unwrap_or(usize::MAX))];
        let (base, kept) = (head.map(|head| head.base), self.arena.keep(start));
        self.known.insert(offset, (base, kept));
        base
    }

    /// Where all entries start, and those that they are made from and the index does not list, as that of several packs
    /// does not list what two of them have.
    fn with_unlisted(&mut self, pack: &Pack) -> Vec<Listed> {
        let mut windows = Windows::default();
        let mut unlisted = BTreeSet::new();
        let offsets = std::mem::take(&mut self.offsets);
        for &offset in &offsets {
            let mut at = offset;
            while let Ok(Base::At(base)) = self.base_at(pack, &mut windows, at) {
                if offsets.binary_search(&base).is_ok() || !unlisted.insert(base) {
                    break;
                }
                at = base;
            }
        }
        let sums = self.sums.iter().copied().chain(std::iter::repeat(0));
        let listed = offsets.into_iter().zip(std::mem::take(&mut self.positions)).zip(sums);
        let listed = listed.map(|((offset, position), sum)| Listed { offset, position, sum });
        let unlisted = unlisted.into_iter().map(|offset| Listed { offset, position: NOWHERE, sum: 0 });
        let mut all: Vec<Listed> = listed.chain(unlisted).collect();
        all.sort_unstable();
        all
    }

    /// Sorts the entries below their bases.
    fn link_children(&mut self) {
        let mut first = vec![0_u32; self.offsets.len() + 1];
        for &base in self.bases.iter().filter(|&&base| base < BROKEN) {
            first[base as usize + 1] += 1;
        }
        for at in 1..first.len() {
            first[at] += first[at - 1];
        }
        let mut next = first.clone();
        self.children = vec![0; first.last().map_or(0, |&len| len as usize)];
        for (entry, &base) in (0..).zip(&self.bases).filter(|(_, base)| **base < BROKEN) {
            let place = &mut next[base as usize];
            self.children[*place as usize] = entry;
            *place += 1;
        }
        self.first_child = first;
    }

    /// Every entry that can be read, after its base. Each gets the kind of its base on the way. Of the `external` ones
    /// those whose base is found are taken out.
    fn sort_downwards(
        &mut self,
        kind_of: &mut dyn FnMut(ObjectId) -> Result<Kind, Fault>,
        external: &mut Vec<(u32, Fault)>,
    ) -> Vec<u32> {
        external.retain_mut(|(entry, fault)| {
            let Fault::MissingBase(id) = *fault else { return true };
            match kind_of(id) {
                Ok(kind) => {
                    self.kinds[*entry as usize] = Some(kind);
                    false
                }
                Err(found) => {
                    *fault = found;
                    true
                }
            }
        });
        let is_root =
            |entry: &u32| self.bases[*entry as usize] >= ELSEWHERE && self.kinds[*entry as usize].is_some();
        let mut order: Vec<u32> = (0..).take(self.offsets.len()).filter(is_root).collect();
        let mut at = 0;
        while let Some(&base) = order.get(at) {
            let children = self.all_children(base);
            for place in children {
                let child = self.children[place];
                self.kinds[child as usize] = self.kinds[base as usize];
                order.push(child);
            }
            at += 1;
        }
        order
    }

    /// What leads to no root and is not told yet goes round in a circle.
    fn tell_cycles(&self, pack: &Pack, order: &[u32], damages: &mut Vec<Damage>) {
        if order.len() == self.offsets.len() {
            return;
        }
        let mut lost = vec![true; self.offsets.len()];
        order.iter().for_each(|&entry| lost[entry as usize] = false);
        // Below what cannot be read: told with it.
        let mut broken: Vec<u32> = (0..).take(lost.len()).filter(|&entry| self.is_lost_root(entry)).collect();
        while let Some(entry) = broken.pop() {
            lost[entry as usize] = false;
            broken.extend(self.all_children(entry).map(|place| self.children[place]));
        }
        let cycles = lost.iter().filter(|lost| **lost).count() as u64;
        if let Some(first) = (0..).take(lost.len()).find(|&entry| lost[entry as usize]) {
            damages.push(self.damage(pack, first, Fault::Cycle, cycles));
        }
    }

    fn is_lost_root(&self, entry: u32) -> bool {
        let base = self.bases[entry as usize];
        base == BROKEN || (base == ELSEWHERE && self.kinds[entry as usize].is_none())
    }

    /// How many entries are made from this one, by whatever way, itself included.
    fn below(&self, entry: u32) -> u64 {
        let mut count = 0;
        let mut waiting = vec![entry];
        while let Some(entry) = waiting.pop() {
            count += 1;
            waiting.extend(self.all_children(entry).map(|place| self.children[place]));
        }
        count
    }

    fn count_wanted(
        &mut self,
        pack: &Pack,
        order: &[u32],
        is_owned: &dyn Fn(u32) -> bool,
        wants: fn(Kind) -> bool,
    ) {
        let mut weights = vec![0; self.offsets.len()];
        for &entry in order.iter().rev() {
            let at = entry as usize;
            let position = self.positions[at];
            let is_wanted = self.kinds[at].is_some_and(wants) && position != NOWHERE && is_owned(position);
            self.wanted[at] += u32::from(is_wanted);
            if self.wanted[at] == 0 {
                continue;
            }
            let range = self.range(entry);
            weights[at] += range.end.min(pack.end()).saturating_sub(range.start).max(1);
            if self.bases[at] < BROKEN {
                let base = self.bases[at] as usize;
                self.wanted[base] += self.wanted[at];
                weights[base] += weights[at];
            } else {
                self.roots.push(entry);
            }
        }
        self.roots.sort_unstable();
        self.weights = self.roots.iter().map(|&root| weights[root as usize]).collect();
    }

    /// Forgets which objects are not wanted: the walk asks for each entry itself.
    fn forget_unwanted(&mut self, is_owned: &dyn Fn(u32) -> bool, wants: fn(Kind) -> bool) {
        for at in 0..self.positions.len() {
            let position = self.positions[at];
            if position != NOWHERE && !(self.kinds[at].is_some_and(wants) && is_owned(position)) {
                self.positions[at] = NOWHERE;
            }
        }
    }

    /// Puts the children of each entry in the order in which they are walked.
    fn heaviest_last(&mut self) {
        for entry in (0..).take(self.offsets.len()) {
            let range = self.all_children(entry);
            if range.len() > 1 {
                let wanted = &self.wanted;
                self.children[range].sort_by_key(|&child| (wanted[child as usize], child));
            }
        }
    }

    fn all_children(&self, entry: u32) -> std::ops::Range<usize> {
        self.first_child[entry as usize] as usize..self.first_child[entry as usize + 1] as usize
    }

    /// The entry that starts at `offset`, somewhere before `entry`. Most bases are near.
    fn find_before(&self, entry: u32, offset: u64) -> Option<u32> {
        let (mut low, mut high, mut step) = (entry as usize, entry as usize, 1);
        while low > 0 && self.offsets[low] > offset {
            (low, high, step) = (low.saturating_sub(step), low, step * 2);
        }
        let place = self.offsets[low..high].binary_search(&offset).ok()?;
        u32::try_from(low + place).ok()
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

    /// Which object `entry` is, if it is wanted.
    pub(super) fn object<'a>(&self, pack: &'a Pack, entry: u32) -> Wanted<'a> {
        let kind = self.kinds[entry as usize]?;
        let position = self.positions[entry as usize];
        (position != NOWHERE).then(|| Named::at(kind, &pack.index, position))
    }

    /// Tells of a fault of `entry`.
    pub(super) fn damage(&self, pack: &Pack, entry: u32, fault: Fault, lost: u64) -> Damage {
        let position = self.positions[entry as usize];
        let id = (position != NOWHERE).then(|| pack.index.id(position));
        Damage { part: Part::Entry { offset: self.offsets[entry as usize], id }, fault, lost }
    }
}

/// Those of these entries that are in the pack, in order.
fn listed(pack: &Pack, entries: impl Iterator<Item = Listed>, damages: &mut Vec<Damage>) -> Vec<Listed> {
    let mut all: Vec<Listed> = entries.collect();
    all.sort_unstable();
    let known = all.partition_point(|listed| listed.offset != UNKNOWN);
    if known < all.len() {
        let lost = (all.len() - known) as u64;
        damages.push(Damage { part: Part::Whole, fault: Fault::Index, lost });
        all.truncate(known);
    }
    all.dedup_by_key(|listed| listed.offset);
    all.retain(|Listed { offset, position, .. }| {
        let is_inside = pack.has(*offset);
        if !is_inside {
            let part = Part::Entry { offset: *offset, id: Some(pack.index.id(*position)) };
            damages.push(Damage { part, fault: Fault::Outside, lost: 1 });
        }
        is_inside
    });
    all
}
