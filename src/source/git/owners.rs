//! Which copy of an object is read, where there are several: that of the lowest pack, then the lowest offset.

use super::pack::Pack;

/// For each pack the places in its index whose object is read elsewhere.
pub(super) struct Owners(Vec<Duplicates>);

/// One bit for each place in an index; none at all where there are no duplicates.
#[derive(Clone, Default)]
struct Duplicates(Vec<u64>);

impl Owners {
    /// Compares the indexes of `packs`, bucket by bucket.
    pub(super) fn of(packs: &[Pack]) -> Self {
        let mut owners = Self(vec![Duplicates::default(); packs.len()]);
        let mut all: Vec<(&[u8], usize, u64, u32)> = Vec::new();
        for first in 0..=u8::MAX {
            all.clear();
            for (number, pack) in packs.iter().enumerate() {
                let (start, bucket) = pack.index.bucket(first);
                let ids = bucket.ids().zip(&bucket.offsets).zip(start..);
                all.extend(ids.map(|((id, &offset), position)| (id, number, offset, position)));
            }
            // Each index is sorted already, so that this is a merge.
            all.sort();
            for pair in all.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
                let (_, number, _, position) = pair[1];
                owners.0[number].set(position, packs[number].index.len());
            }
        }
        owners
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
