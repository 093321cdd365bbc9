//! Reads what entries are made from, and keeps those that are worth it.

use std::collections::BTreeSet;

use super::{BROKEN, ELSEWHERE, Entries, Listed, NOWHERE};
use crate::origin::ObjectKind;
use crate::source::git::arena::{Kept, MAX_ENTRY};
use crate::source::git::data::Windows;
use crate::source::git::entry::{Base, Kind};
use crate::source::git::index::UNKNOWN;
use crate::source::git::pack::Pack;
use crate::source::{Damage, Fault, Part};

/// Whether a walk meets an entry where it is stored, beside those that it meets next: messages that are stored whole, as
/// nearly all are. They need not be kept. Between trees and between blobs, there is much else.
fn is_in_order(kind: Kind, base: u32) -> bool {
    matches!(kind, Kind::Text(ObjectKind::Commit | ObjectKind::Tag)) && base == NOWHERE
}

/// What is read of an entry at once, where only some are, in bytes.
const START: u64 = 2 << 10;

impl Entries {
    /// Reads every header. Adds to `external` the entries whose base is elsewhere or whose header is damaged, each with
    /// the fault that it has if nobody finds the base. Says whether one names a base that is no entry yet.
    pub(super) fn read_headers(
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
            if self.is_all {
                self.keep(pack, &mut windows, entry, wants);
            } else {
                self.kept[at] = self.known.get(&self.offsets[at]).map_or(Kept::NOT, |(_, kept)| *kept);
            }
        }
        has_unlisted
    }

    /// Keeps what of the pack is needed for objects of these kinds, in place of what was kept.
    pub(super) fn keep_all(&mut self, pack: &Pack, wants: fn(Kind) -> bool) {
        self.kept.fill(Kept::NOT);
        let mut windows = Windows::default();
        for entry in (0..).take(self.offsets.len()) {
            self.keep(pack, &mut windows, entry, wants);
        }
    }

    /// Keeps an entry if it is of these kinds, small, and not read in its turn.
    fn keep(&mut self, pack: &Pack, windows: &mut Windows, entry: u32, wants: fn(Kind) -> bool) {
        let at = entry as usize;
        let base = self.bases[at];
        if self.kinds[at].is_some_and(|kind| wants(kind) && !is_in_order(kind, base)) {
            let range = self.range(entry);
            if range.end.min(pack.end()) - range.start <= MAX_ENTRY {
                let bytes = pack.bytes(windows, range);
                self.kept[at] = bytes.map_or(Kept::NOT, |bytes| self.arena.keep(bytes));
            }
        }
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
    pub(super) fn with_unlisted(&mut self, pack: &Pack) -> Vec<Listed> {
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

    /// The entry that starts at `offset`, somewhere before `entry`. Most bases are near.
    fn find_before(&self, entry: u32, offset: u64) -> Option<u32> {
        let (mut low, mut high, mut step) = (entry as usize, entry as usize, 1);
        while low > 0 && self.offsets[low] > offset {
            (low, high, step) = (low.saturating_sub(step), low, step * 2);
        }
        let place = self.offsets[low..high].binary_search(&offset).ok()?;
        u32::try_from(low + place).ok()
    }
}

/// Those of these entries that are in the pack, in order.
pub(super) fn listed(
    pack: &Pack,
    entries: impl Iterator<Item = Listed>,
    damages: &mut Vec<Damage>,
) -> Vec<Listed> {
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
