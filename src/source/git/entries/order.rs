//! Puts entries in the order in which a walk meets them: below their bases.

use super::{BROKEN, ELSEWHERE, Entries, NOWHERE};
use crate::origin::ObjectId;
use crate::source::git::entry::Kind;
use crate::source::git::pack::Pack;
use crate::source::{Damage, Fault};

impl Entries {
    /// Sorts the entries below their bases.
    pub(super) fn link_children(&mut self) {
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
    pub(super) fn sort_downwards(
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
    pub(super) fn tell_cycles(&self, pack: &Pack, order: &[u32], damages: &mut Vec<Damage>) {
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
    pub(super) fn below(&self, entry: u32) -> u64 {
        let mut count = 0;
        let mut waiting = vec![entry];
        while let Some(entry) = waiting.pop() {
            count += 1;
            waiting.extend(self.all_children(entry).map(|place| self.children[place]));
        }
        count
    }

    /// Counts the objects of each entry and those below it, and forgets which object an entry is that is read elsewhere.
    pub(super) fn count_wanted(&mut self, pack: &Pack, order: &[u32], is_owned: &dyn Fn(u32) -> bool) {
        let mut weights = vec![0; self.offsets.len()];
        for &entry in order.iter().rev() {
            let at = entry as usize;
            let position = self.positions[at];
            if position != NOWHERE && !is_owned(position) {
                self.positions[at] = NOWHERE;
            }
            self.wanted[at] += u32::from(self.positions[at] != NOWHERE);
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
                self.all_roots.push((entry, weights[at]));
            }
        }
        self.all_roots.sort_unstable();
    }

    /// Takes as roots those of the wanted kinds: what is made from an object is of its kind.
    pub(super) fn choose_roots(&mut self, wants: fn(Kind) -> bool) {
        let is_wanted = |(root, _): &&(u32, u64)| self.kinds[*root as usize].is_some_and(wants);
        (self.roots, self.weights) = self.all_roots.iter().filter(is_wanted).copied().unzip();
    }

    /// Puts the children of each entry in the order in which they are walked.
    pub(super) fn heaviest_last(&mut self) {
        for entry in (0..).take(self.offsets.len()) {
            let range = self.all_children(entry);
            if range.len() > 1 {
                let wanted = &self.wanted;
                self.children[range].sort_by_key(|&child| (wanted[child as usize], child));
            }
        }
    }
}
