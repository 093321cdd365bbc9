//! What one thread takes from the trees that it reads: of a tree that is stored as changes to another one, only what
//! changed. A folder with hundreds of entries costs no more than one with few.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicI64, Ordering};

use super::wanted::Wanted;
use crate::origin::{ObjectFormat, ObjectId};
use crate::source::Fault;
use crate::source::git::boundaries::{Boundaries, Parsing, TakeEntries};
use crate::source::git::budget::Meter;
use crate::source::git::delta::Copied;
use crate::source::git::tree::{TREE, TreeEntry};

/// Enough of an ID to tell trees apart.
pub(super) type Key = u64;

pub(super) fn key(id: &[u8]) -> Key {
    id.first_chunk().map_or(0, |head| Key::from_le_bytes(*head))
}

/// What was taken from trees.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) names: Names,
    pub(super) trees: Vec<SeenTree>,
    pub(super) entries: Vec<Entry>,
    /// Entries that trees do not have from their bases, by their numbers.
    gone: Vec<u32>,
}

/// A tree: the entries of its base without those that are gone, and some of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct SeenTree {
    /// `None` if it was read only because others are stored as changes to it.
    pub(super) key: Option<Key>,
    pub(super) base: Option<u32>,
    /// Where its own entries and what is gone start among all.
    entries: u32,
    gone: u32,
}

/// An entry that may lead to something in question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: u32,
    pub(super) target: Option<Target>,
    /// What is in question by its name, by its number.
    pub(super) named: Option<u32>,
}

/// What an entry leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Tree(Key),
    /// Something in question, by its number.
    Subject(u32),
}

/// Names, each once.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) names: Vec<Box<[u8]>>,
    numbers: HashMap<Box<[u8]>, u32>,
}

impl Names {
    fn number(&mut self, name: &[u8]) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = number_of(self.names.len());
        self.names.push(name.into());
        self.numbers.insert(name.into(), number);
        number
    }
}

/// How many more entries of trees are kept, by all threads together. A few bytes of deltas can stand for any number.
#[derive(Debug)]
pub(super) struct Room(AtomicI64);

impl Room {
    /// Entries of trees that any repository may have, besides one for so many bytes of packs. Those of git/git have one
    /// for 180, if each tree is read whole.
    const FREE: u64 = 2_000_000;
    const BYTES: u64 = 2;
    /// Entries have numbers of 32 bits.
    const MAX: i64 = 1 << 31;

    /// For packs of so many bytes.
    pub(super) fn of(packed: u64) -> Self {
        let room = i64::try_from(Self::FREE + packed / Self::BYTES).unwrap_or(Self::MAX);
        Self(AtomicI64::new(room.min(Self::MAX)))
    }

    /// Whether there were more than are kept. That does not depend on the number of threads.
    pub(super) fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed) < 0
    }

    pub(super) fn take(&self, entries: usize) {
        self.0.fetch_sub(i64::try_from(entries).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    #[cfg(test)]
    pub(super) fn for_entries(entries: i64) -> Self {
        Self(AtomicI64::new(entries))
    }
}

/// What is known of a tree that others are stored as changes to.
pub(super) struct KnownTree {
    number: u32,
    boundaries: Boundaries,
    /// For each entry its number; [`NOTHING`] if it leads to nothing in question.
    entries: Vec<u32>,
}

const NOTHING: u32 = u32::MAX;

/// A tree that is stored as changes to another one.
pub(super) type Change<'a> = (&'a KnownTree, &'a [Copied]);

impl Seen {
    /// Takes the tree `id`, as long as there is room. Where there is none nothing is kept.
    ///
    /// # Errors
    ///
    /// If reading it costs more than `meter` has left. Nothing is taken then.
    pub(super) fn tree(
        &mut self,
        (id, content, format): (Option<ObjectId>, &[u8], ObjectFormat),
        change: Option<Change<'_>>,
        (wanted, room): (&Wanted, &Room),
        meter: &mut Meter,
    ) -> Result<Option<KnownTree>, Fault> {
        if room.is_over() {
            *self = Self::default();
            return Ok(None);
        }
        let (start, gone) = (self.entries.len(), self.gone.len());
        let base = change.map(|(base, _)| base);
        let mut reading = ReadTree { seen: self, wanted, base, entries: Vec::new(), same: Vec::new() };
        let parsing = Parsing::new(content, format, &mut reading, meter);
        let parsed = match change {
            Some((base, copies)) => parsing.changed(&base.boundaries, copies),
            None => parsing.whole(),
        };
        let ReadTree { mut entries, same, .. } = reading;
        let (boundaries, _) = parsed.inspect_err(|_| self.entries.truncate(start))?;
        let base = base.filter(|base| self.take_gone(base, &same, &entries, start));
        if base.is_none() {
            self.make_own(&mut entries, start);
        }
        room.take(self.entries.len() - start + self.gone.len() - gone);
        let number = number_of(self.trees.len());
        self.trees.push(SeenTree {
            key: id.map(|id| key(id.as_bytes())),
            base: base.map(|base| base.number),
            entries: number_of(start),
            gone: number_of(gone),
        });
        Ok(Some(KnownTree { number, boundaries, entries }))
    }

    /// Takes note of the entries of `base` that a tree does not have, in order, unless it is shorter to list all that it
    /// has: says whether it did.
    fn take_gone(&mut self, base: &KnownTree, same: &[Range<usize>], entries: &[u32], start: usize) -> bool {
        // No tree that git wrote has an entry twice, or in another order than its base.
        if same.windows(2).any(|two| two[0].end > two[1].start) {
            return false;
        }
        let gone = self.gone.len();
        let starts = same.iter().map(|same| same.start).chain([base.entries.len()]);
        let ends = [0].into_iter().chain(same.iter().map(|same| same.end));
        let between = ends.zip(starts).flat_map(|(end, start)| &base.entries[end..start]);
        self.gone.extend(between.copied().filter(|&entry| entry != NOTHING));
        let all = entries.iter().filter(|&&entry| entry != NOTHING).count();
        let is_shorter = self.gone.len() - gone + self.entries.len() - start <= all;
        if is_shorter {
            self.gone[gone..].sort_unstable();
        } else {
            self.gone.truncate(gone);
        }
        is_shorter
    }

    /// Gives a tree whose own entries start at `start` all of its `entries` as its own.
    fn make_own(&mut self, entries: &mut [u32], start: usize) {
        let all: Vec<Entry> = entries
            .iter_mut()
            .filter(|entry| **entry != NOTHING)
            .zip(start..)
            .map(|(entry, number)| self.entries[std::mem::replace(entry, number_of(number)) as usize])
            .collect();
        self.entries.truncate(start);
        self.entries.extend(all);
    }

    /// Puts together what all threads took.
    pub(super) fn merge(all: Vec<Self>) -> Self {
        let mut all = all.into_iter();
        let mut merged = all.next().unwrap_or_default();
        for seen in all {
            let trees = number_of(merged.trees.len());
            let (entries, gone) = (number_of(merged.entries.len()), number_of(merged.gone.len()));
            let names: Vec<u32> = seen.names.names.iter().map(|name| merged.names.number(name)).collect();
            merged.trees.extend(seen.trees.into_iter().map(|tree| SeenTree {
                base: tree.base.map(|base| base + trees),
                entries: tree.entries + entries,
                gone: tree.gone + gone,
                ..tree
            }));
            let renamed = |entry: Entry| Entry { name: names[entry.name as usize], ..entry };
            merged.entries.extend(seen.entries.into_iter().map(renamed));
            merged.gone.extend(seen.gone.into_iter().map(|entry| entry + entries));
        }
        merged
    }

    /// The tree that has an entry as its own.
    pub(super) fn owner(&self, entry: u32) -> u32 {
        // Trees without entries of their own start where the next one does.
        number_of(self.trees.partition_point(|tree| tree.entries <= entry) - 1)
    }

    /// Whether the base of a tree has an entry that the tree has not.
    pub(super) fn is_gone(&self, tree: u32, entry: u32) -> bool {
        let start = self.trees[tree as usize].gone as usize;
        let end = self.trees.get(tree as usize + 1).map_or(self.gone.len(), |next| next.gone as usize);
        self.gone[start..end].binary_search(&entry).is_ok()
    }
}

/// There are never as many: [`Room`] has an end, and so do packs.
fn number_of(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// A tree that is read.
struct ReadTree<'a> {
    seen: &'a mut Seen,
    wanted: &'a Wanted,
    base: Option<&'a KnownTree>,
    entries: Vec<u32>,
    /// Places of the base whose entries it has, too.
    same: Vec<Range<usize>>,
}

impl<'a> TakeEntries<'a> for ReadTree<'_> {
    fn read(&mut self, (mode, name, target): TreeEntry<'a>) {
        let target = if mode == TREE {
            Some(Target::Tree(key(target.as_bytes())))
        } else {
            self.wanted.object(&target).map(Target::Subject)
        };
        let named = self.wanted.name(name);
        if target.is_none() && named.is_none() {
            self.entries.push(NOTHING);
            return;
        }
        self.entries.push(number_of(self.seen.entries.len()));
        let name = self.seen.names.number(name);
        self.seen.entries.push(Entry { name, target, named });
    }

    fn same(&mut self, places: Range<usize>) {
        let Some(base) = self.base else { return };
        self.entries.extend_from_slice(&base.entries[places.clone()]);
        self.same.push(places);
    }
}
