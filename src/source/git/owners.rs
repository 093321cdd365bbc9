//! Which copy of an object is read, where there are several: that of the lowest pack, then the lowest offset.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::pack::Pack;

/// For each pack the places in its index whose object is read elsewhere.
pub(super) struct Owners(Vec<Duplicates>);

/// One bit for each place in an index; none at all where there are no duplicates.
#[derive(Clone, Default)]
struct Duplicates(Vec<u64>);

impl Owners {
    /// Goes through the sorted indexes of `packs` at once.
    pub(super) fn of(packs: &[Pack]) -> Self {
        let mut owners = Self(vec![Duplicates::default(); packs.len()]);
        let mut next = BinaryHeap::new();
        for (number, pack) in packs.iter().enumerate().filter(|(_, pack)| pack.index.len() > 0) {
            next.push(Reverse((pack.index.id(0), number, 0_u32)));
        }
        let mut same: Vec<(usize, u32)> = Vec::new();
        let mut last = None;
        while let Some(Reverse((id, number, position))) = next.pop() {
            if last != Some(id) {
                owners.settle(packs, &mut same);
                last = Some(id);
            }
            same.push((number, position));
            if position + 1 < packs[number].index.len() {
                next.push(Reverse((packs[number].index.id(position + 1), number, position + 1)));
            }
        }
        owners.settle(packs, &mut same);
        owners
    }

    /// Gives the object that is at the places `same` to the first of them.
    fn settle(&mut self, packs: &[Pack], same: &mut Vec<(usize, u32)>) {
        if same.len() > 1 {
            same.sort_by_key(|(number, position)| (*number, packs[*number].index.offset(*position)));
            for (number, position) in &same[1..] {
                self.0[*number].set(*position, packs[*number].index.len());
            }
        }
        same.clear();
    }

    /// Whether the object at `position` of the index of a pack is read there.
    pub(super) fn is_owner(&self, pack: usize, position: u32) -> bool {
        !self.0[pack].has(position)
    }
}

impl Duplicates {
    fn set(&mut self, position: u32, len: u32) {
        self.0.resize(len.div_ceil(64) as usize, 0);
        self.0[position as usize / 64] |= 1 << (position % 64);
    }

    fn has(&self, position: u32) -> bool {
        self.0.get(position as usize / 64).is_some_and(|bits| bits >> (position % 64) & 1 == 1)
    }
}
