//! Where the entries of a tree start, taken from those of its base where the two are the same: so of a tree that is
//! stored as changes, only the entries that changed are read.

use std::ops::Range;

use super::budget::Meter;
use super::delta::Copied;
use super::tree::{TreeEntry, entry_at};
use crate::origin::ObjectFormat;
use crate::source::Fault;

/// Where each entry of a tree starts, and where the last one ends.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Boundaries(Vec<u32>);

/// Takes the entries of a tree, in their order.
pub(super) trait TakeEntries<'a> {
    /// Takes an entry that was read.
    fn read(&mut self, entry: TreeEntry<'a>);

    /// Takes entries that were not read: those at these places of the base.
    fn same(&mut self, places: Range<usize>);
}

impl<'a, F: FnMut(TreeEntry<'a>)> TakeEntries<'a> for F {
    fn read(&mut self, entry: TreeEntry<'a>) {
        self(entry);
    }

    fn same(&mut self, _: Range<usize>) {}
}

/// A tree that is read, as far as it was.
pub(super) struct Parsing<'a, 'b> {
    content: &'a [u8],
    format: ObjectFormat,
    /// Where each entry starts.
    starts: Vec<u32>,
    /// Where the next one starts.
    at: usize,
    take: &'b mut dyn TakeEntries<'a>,
    meter: &'b mut Meter,
}

/// What reading an entry costs.
const ENTRY: u64 = 200;
/// What an entry costs that is as in the base, and a copy.
const SAME: u64 = 1;
const COPY: u64 = 100;

impl Boundaries {
    /// How many entries start at `at` or before. Entries are about as long as each other, so that it is near where it
    /// would be if they were.
    fn past(&self, at: usize) -> usize {
        let starts = &self.0;
        let end = starts.last().map_or(0, |&end| end as usize);
        let is_past = |place: usize| starts.get(place).is_none_or(|&start| start as usize > at);
        let guess = (at * starts.len() / end.max(1)).min(starts.len());
        let (mut low, mut high, mut step) = (guess, guess, 2);
        while low > 0 && is_past(low) {
            (low, high, step) = (low.saturating_sub(step), low, step * 2);
        }
        while !is_past(high) {
            (low, high, step) = (high, high + step, step * 2);
        }
        let high = high.min(starts.len());
        low + starts[low..high].partition_point(|&start| start as usize <= at)
    }
}

impl<'a, 'b> Parsing<'a, 'b> {
    /// Reads `content`, whose entries are handed to `take`.
    pub(super) fn new(
        content: &'a [u8],
        format: ObjectFormat,
        take: &'b mut dyn TakeEntries<'a>,
        meter: &'b mut Meter,
    ) -> Self {
        Self { content, format, starts: Vec::new(), at: 0, take, meter }
    }

    /// Reads all entries. Returns where they start, and whether all of it is entries.
    pub(super) fn whole(mut self) -> Result<(Boundaries, bool), Fault> {
        while self.next()? {}
        Ok(self.finish())
    }

    /// Reads the entries that are not copied whole from `base`. Else as with [`whole`](Self::whole).
    pub(super) fn changed(
        mut self,
        base: &Boundaries,
        copies: &[Copied],
    ) -> Result<(Boundaries, bool), Fault> {
        let cost = SAME * base.0.len() as u64 + COPY * copies.len() as u64;
        self.meter.spend(cost)?;
        self.starts.reserve(base.0.len() + 4);
        let mut copies = copies.iter().peekable();
        loop {
            while copies.next_if(|copied| copied.to + copied.len <= self.at).is_some() {}
            let copied = copies.peek().filter(|copied| copied.to <= self.at);
            if !copied.is_some_and(|copied| self.copy(base, copied)) && !self.next()? {
                return Ok(self.finish());
            }
        }
    }

    /// Takes over the entries from here on that a copy has whole. Says whether there are some.
    fn copy(&mut self, base: &Boundaries, copied: &Copied) -> bool {
        let from = copied.from + (self.at - copied.to);
        let end = copied.from + copied.len;
        let (Ok(from), Ok(at)) = (u32::try_from(from), u32::try_from(self.at)) else { return false };
        let first = base.past(from as usize).checked_sub(1).filter(|&first| base.0[first] == from);
        let (Some(first), past) = (first, base.past(end) - 1) else { return false };
        let Some(len) = base.0[past].checked_sub(from).filter(|&len| len > 0) else { return false };
        self.take.same(first..past);
        let starts = base.0[first..past].iter();
        self.starts.extend(starts.map(|start| start.wrapping_sub(from).wrapping_add(at)));
        self.at += len as usize;
        true
    }

    /// Reads the next entry. Says whether there is one.
    fn next(&mut self) -> Result<bool, Fault> {
        let Some((entry, len)) = entry_at(&self.content[self.at..], self.format) else { return Ok(false) };
        self.meter.spend(ENTRY + len as u64)?;
        self.take.read(entry);
        self.starts.extend(u32::try_from(self.at));
        self.at += len;
        Ok(true)
    }

    fn finish(mut self) -> (Boundaries, bool) {
        self.starts.extend(u32::try_from(self.at));
        (Boundaries(self.starts), self.at == self.content.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::git::delta::{Delta, Patch};

    fn tree(entries: &[(String, u8)]) -> Vec<u8> {
        let entry = |(name, id): &(String, u8)| [format!("100644 {name}\0").as_bytes(), &[*id; 20]].concat();
        entries.iter().flat_map(entry).collect()
    }

    /// A delta out of copies and insertions, and what it makes.
    fn delta(base: &[u8], pieces: &[(bool, usize, usize)]) -> Vec<u8> {
        let number = |mut number: usize| {
            let mut bytes = Vec::new();
            while number > 0x7f {
                bytes.push(u8::try_from(number & 0x7f).unwrap() | 0x80);
                number >>= 7;
            }
            bytes.push(u8::try_from(number).unwrap());
            bytes
        };
        let (mut len, mut instructions) = (0, Vec::new());
        for &(is_copy, from, size) in pieces {
            let from = from % base.len();
            let size = size.clamp(1, 100).min(base.len() - from);
            if is_copy {
                let [low, high] = u16::try_from(from).unwrap().to_le_bytes();
                instructions.extend([0x80 | 1 | 2 | 16, low, high, u8::try_from(size).unwrap()]);
            } else {
                instructions.push(u8::try_from(size).unwrap());
                instructions.extend_from_slice(&base[from..from + size]);
            }
            len += size;
        }
        [number(base.len()), number(len), instructions].concat()
    }

    type Taken = Vec<(Vec<u8>, String)>;

    fn read(content: &[u8], base: Option<(&Boundaries, &[Copied])>) -> (Boundaries, bool, Taken) {
        let mut taken = Vec::new();
        let mut take = |(_, name, id): TreeEntry<'_>| taken.push((name.to_vec(), id.to_string()));
        let mut meter = Meter::unlimited();
        let parsing = Parsing::new(content, ObjectFormat::Sha1, &mut take, &mut meter);
        let (boundaries, is_whole) = match base {
            Some((base, copies)) => parsing.changed(base, copies).unwrap(),
            None => parsing.whole().unwrap(),
        };
        (boundaries, is_whole, taken)
    }

    fn names() -> impl Strategy<Value = Vec<(String, u8)>> {
        prop::collection::vec(("[a-c]{1,12}", any::<u8>()), 1..30)
    }

    proptest! {
        /// What is read of a tree and its base together is what the tree has, whatever a delta copies.
        #[test]
        fn changes_and_the_base_have_all_entries(
            base in names(),
            pieces in prop::collection::vec((any::<bool>(), any::<usize>(), any::<usize>()), 1..20),
            aligned in any::<bool>(),
        ) {
            let base = tree(&base);
            let (base_boundaries, _, of_base) = read(&base, None);
            // Half of the cases copy whole entries, as git does more often than not.
            let align = |at: usize| base_boundaries.0[at % (base_boundaries.0.len() - 1)] as usize;
            let pieces: Vec<_> = pieces
                .into_iter()
                .map(|(is_copy, from, size)| if aligned {
                    let from = align(from);
                    let next = base_boundaries.0.iter().find(|&&start| start as usize > from).unwrap();
                    (is_copy, from, *next as usize - from)
                } else {
                    (is_copy, from, size)
                })
                .collect();
            let (mut made, mut patch) = (Vec::new(), Patch::default());
            let delta = delta(&base, &pieces);
            Delta::parse(&delta).unwrap().apply(&base, 0, &mut made, &mut patch).unwrap();

            let (boundaries, is_whole, all) = read(&made, None);
            let (by_changes, is_whole_by_changes, changed) =
                read(&made, Some((&base_boundaries, &patch.copies)));
            prop_assert_eq!(&boundaries, &by_changes);
            prop_assert_eq!(is_whole, is_whole_by_changes);
            prop_assert!(all.iter().all(|entry| changed.contains(entry) || of_base.contains(entry)));
            prop_assert!(changed.iter().all(|entry| all.contains(entry)));
        }
    }

    #[test]
    fn an_entry_that_is_copied_whole_is_not_read_again() {
        let entries: Vec<(String, u8)> = (0..50).map(|n| (format!("file{n:02}"), n)).collect();
        let base = tree(&entries);
        let (boundaries, ..) = read(&base, None);
        // The ID of the twentieth changes.
        let at = boundaries.0[20] as usize - 20;
        let mut made = base.clone();
        made[at] ^= 1;
        let copies = [
            Copied { from: 0, to: 0, len: at },
            Copied { from: at + 1, to: at + 1, len: base.len() - at - 1 },
        ];
        let (by_changes, is_whole, changed) = read(&made, Some((&boundaries, &copies)));
        assert_eq!((by_changes, is_whole), (boundaries, true));
        assert_eq!(changed.len(), 1);
        assert_eq!(changed[0].0, b"file19");
    }

    #[test]
    fn what_is_no_entry_is_reported() {
        let good = tree(&[("a".to_owned(), 1)]);
        for end in 0..good.len() {
            let (_, is_whole, taken) = read(&[good.as_slice(), &good[..end]].concat(), None);
            assert_eq!((is_whole, taken.len()), (end == 0, 1), "{end}");
        }
    }
}
