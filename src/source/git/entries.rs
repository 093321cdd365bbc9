//! The entries of one pack as trees: each entry below the one that it is stored as changes to.

use std::collections::BTreeSet;

use super::index::{gix_id, object_id};
use super::look::Wanted;
use super::pack::{Base, Kind, Pack};
use crate::origin::ObjectId;
use crate::source::{Damage, Fault, Part};

/// The entries of a pack, numbered in the order in which they are stored.
pub(super) struct Entries {
    /// Where each starts.
    offsets: Vec<u64>,
    /// The place of each in the index; [`NOWHERE`] where only another entry knows of it.
    positions: Vec<u32>,
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
    /// Whether every entry of the pack is among these, so that each ends where the next starts.
    is_all: bool,
}

const NOWHERE: u32 = u32::MAX;
const ELSEWHERE: u32 = u32::MAX - 1;
/// The base of an entry that cannot be read.
const BROKEN: u32 = u32::MAX - 2;

impl Entries {
    /// Reads the headers of `pack`. `is_owned` says of a place in the index whether the object is to be read here,
    /// `wants` whether objects of a kind are; `kind_of` finds out what an object of another pack is.
    pub(super) fn read(
        pack: &Pack,
        is_owned: &dyn Fn(u32) -> bool,
        wants: fn(Kind) -> bool,
        kind_of: &dyn Fn(ObjectId) -> Result<Kind, Fault>,
    ) -> (Self, Vec<Damage>) {
        let mut damages = Vec::new();
        let listed = listed(pack, 0..pack.index.len(), &mut damages);
        let mut entries = Self::of(pack, listed, is_owned, wants, kind_of, &mut damages);
        entries.is_all = true;
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
        kind_of: &dyn Fn(ObjectId) -> Result<Kind, Fault>,
    ) -> (Self, Vec<Damage>) {
        let mut damages = Vec::new();
        let listed = listed(pack, positions.iter().copied(), &mut damages);
        let mut entries = Self::of(pack, listed, &|_| true, wants, kind_of, &mut damages);
        entries.forget_unwanted(&|_| true, wants);
        (entries, damages)
    }

    fn of(
        pack: &Pack,
        listed: Vec<(u64, u32)>,
        is_owned: &dyn Fn(u32) -> bool,
        wants: fn(Kind) -> bool,
        kind_of: &dyn Fn(ObjectId) -> Result<Kind, Fault>,
        damages: &mut Vec<Damage>,
    ) -> Self {
        let mut entries = Self::new(listed);
        if entries.has_unlisted_base(pack) {
            entries = Self::new(with_unlisted(pack, entries.offsets, entries.positions));
            entries.has_unlisted_base(pack);
        }
        let mut external = entries.settle_external(pack, damages);
        entries.link_children();
        let order = entries.sort_downwards(kind_of, &mut external);
        for (root, fault) in external {
            damages.push(entries.damage(pack, root, fault, entries.below(root)));
        }
        entries.tell_cycles(pack, &order, damages);
        entries.count_wanted(&order, is_owned, wants);
        entries.heaviest_last();
        entries
    }

    fn new(listed: Vec<(u64, u32)>) -> Self {
        let len = listed.len();
        let (offsets, positions) = listed.into_iter().unzip();
        Self {
            offsets,
            positions,
            bases: vec![NOWHERE; len],
            kinds: vec![None; len],
            wanted: vec![0; len],
            first_child: Vec::new(),
            children: Vec::new(),
            roots: Vec::new(),
            is_all: false,
        }
    }

    /// Tells of trees that may be none. Nobody reads them; but what one flipped bit made one of would not be missed,
    /// either.
    fn tell_false_trees(&self, pack: &Pack, damages: &mut Vec<Damage>) {
        for entry in (0..).take(self.offsets.len()) {
            let at = entry as usize;
            let is_tree = self.bases[at] == NOWHERE && self.kinds[at] == Some(Kind::Tree);
            if is_tree && !self.is_sound(pack, entry) {
                damages.push(self.damage(pack, entry, Fault::Checksum, 1));
            }
        }
    }

    /// Whether the bytes of `entry` are those that the index knows, as far as it does.
    pub(super) fn is_sound(&self, pack: &Pack, entry: u32) -> bool {
        let position = self.positions[entry as usize];
        !self.is_all || position == NOWHERE || pack.is_sound(position, self.range(entry))
    }

    /// Reads every header. Says whether one names a base that is no entry yet.
    fn has_unlisted_base(&mut self, pack: &Pack) -> bool {
        let mut has_unlisted = false;
        for at in 0..self.offsets.len() {
            self.bases[at] = match pack.head(self.offsets[at]).map(|head| head.base) {
                Ok(Base::None(kind)) => {
                    self.kinds[at] = Some(kind);
                    NOWHERE
                }
                Ok(Base::At(offset)) => self.find(offset).unwrap_or_else(|| {
                    has_unlisted = true;
                    BROKEN
                }),
                Ok(Base::Of(id)) => {
                    let inside = pack.index.position(&gix_id(id));
                    let inside = inside.and_then(|position| self.find(pack.index.offset(position)));
                    inside.unwrap_or(ELSEWHERE)
                }
                Err(_) => BROKEN,
            };
        }
        has_unlisted
    }

    /// The entries whose base is elsewhere, each with the fault that it has if nobody finds it. Tells of those whose
    /// header is damaged.
    fn settle_external(&self, pack: &Pack, damages: &mut Vec<Damage>) -> Vec<(u32, Fault)> {
        let mut external = Vec::new();
        let odd = (0_u32..).zip(&self.bases).filter(|(_, base)| matches!(**base, BROKEN | ELSEWHERE));
        for (entry, _) in odd {
            match pack.head(self.offsets[entry as usize]).map(|head| head.base) {
                Ok(Base::Of(id)) => external.push((entry, Fault::MissingBase(id))),
                Ok(_) => {}
                Err(fault) => damages.push(self.damage(pack, entry, fault, 1)),
            }
        }
        external
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
        kind_of: &dyn Fn(ObjectId) -> Result<Kind, Fault>,
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

    fn count_wanted(&mut self, order: &[u32], is_owned: &dyn Fn(u32) -> bool, wants: fn(Kind) -> bool) {
        for &entry in order.iter().rev() {
            let at = entry as usize;
            let position = self.positions[at];
            let is_wanted = self.kinds[at].is_some_and(wants) && position != NOWHERE && is_owned(position);
            self.wanted[at] += u32::from(is_wanted);
            if self.bases[at] < BROKEN {
                self.wanted[self.bases[at] as usize] += self.wanted[at];
            } else if self.wanted[at] > 0 {
                self.roots.push(entry);
            }
        }
        self.roots.sort_unstable();
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

    /// The entry that starts at `offset`.
    pub(super) fn find(&self, offset: u64) -> Option<u32> {
        self.offsets.binary_search(&offset).ok().and_then(|at| u32::try_from(at).ok())
    }

    /// The entries that all others are made from, of which something is wanted, in order.
    pub(super) fn roots(&self) -> &[u32] {
        &self.roots
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
    pub(super) fn object(&self, pack: &Pack, entry: u32) -> Wanted {
        let kind = self.kinds[entry as usize]?;
        let position = self.positions[entry as usize];
        (position != NOWHERE).then(|| (kind, object_id(pack.index.id(position))))
    }

    /// Tells of a fault of `entry`.
    pub(super) fn damage(&self, pack: &Pack, entry: u32, fault: Fault, lost: u64) -> Damage {
        let position = self.positions[entry as usize];
        let id = (position != NOWHERE).then(|| object_id(pack.index.id(position)));
        Damage { part: Part::Entry { offset: self.offsets[entry as usize], id }, fault, lost }
    }
}

/// Where the entries at these places in the index start, in order, and the places.
fn listed(pack: &Pack, positions: impl Iterator<Item = u32>, damages: &mut Vec<Damage>) -> Vec<(u64, u32)> {
    let mut all: Vec<(u64, u32)> =
        positions.map(|position| (pack.index.offset(position), position)).collect();
    all.sort_unstable();
    all.dedup_by_key(|(offset, _)| *offset);
    all.retain(|(offset, position)| {
        let is_inside = pack.has(*offset);
        if !is_inside {
            let id = Some(object_id(pack.index.id(*position)));
            let part = Part::Entry { offset: *offset, id };
            damages.push(Damage { part, fault: Fault::Outside, lost: 1 });
        }
        is_inside
    });
    all
}

/// The same with the bases that the index does not list, as that of several packs does not list what two of them have.
fn with_unlisted(pack: &Pack, offsets: Vec<u64>, positions: Vec<u32>) -> Vec<(u64, u32)> {
    let mut unlisted = BTreeSet::new();
    for &offset in &offsets {
        let mut at = offset;
        while let Ok(Base::At(base)) = pack.head(at).map(|head| head.base) {
            if offsets.binary_search(&base).is_ok() || !unlisted.insert(base) {
                break;
            }
            at = base;
        }
    }
    let listed = offsets.into_iter().zip(positions);
    let mut all: Vec<_> = listed.chain(unlisted.into_iter().map(|offset| (offset, NOWHERE))).collect();
    all.sort_unstable();
    all
}
