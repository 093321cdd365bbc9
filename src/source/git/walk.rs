//! The walk along the trees of deltas, depth first: each entry is decompressed once, its base is at hand and hot in the
//! cache, and nothing is kept of what nothing more is made from.
//!
//! The child with the most below it comes last, and takes the place of its base. So the bases that are held at once are
//! at most as many as the logarithm of the tree's size, however long its chains are.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flate2::bufread::ZlibDecoder;

use super::budget::Meter;
use super::damages::Damages;
use super::data::Streamed;
use super::decode::Stored;
use super::entries::Entries;
use super::entry::Base;
use super::inflate::{Inflating, MAX_RATIO};
use super::look::{Look, Made};
use super::objects::Objects;
use super::pack::Pack;
use super::reader::Reader;
use super::sieve::WHOLE;
use crate::source::Fault;

/// Walks trees, one after the other.
pub(super) struct Walker<'a, L> {
    pub(super) look: L,
    reader: Reader<'a>,
    spare: Vec<Vec<u8>>,
    /// Taken by the thread that holds large objects, so that memory does not grow with the number of threads.
    large: &'a Mutex<()>,
    /// What was found to be wrong, each in the pack of that number.
    pub(super) damages: Damages,
}

/// A pack that is walked.
#[derive(Clone, Copy)]
pub(super) struct Walked<'a> {
    pub(super) pack: &'a Pack,
    pub(super) entries: &'a Entries,
}

/// A tree whose share is used up, as far as it was walked.
#[derive(Debug)]
pub(super) struct Paused {
    pub(super) root: u32,
    /// The entries that others are made from, and those of them that are still to come. None if not even the root was
    /// looked at.
    levels: Vec<(u32, Range<usize>)>,
}

/// An object that others are made from.
struct Level<K> {
    entry: u32,
    /// Those of them that are still to come.
    children: Range<usize>,
    /// `None` if it was dropped for want of room.
    content: Option<Vec<u8>>,
    known: Option<K>,
}

/// Bytes of bases that a walker holds at once; what is more is dropped and made again.
const MAX_BASES: usize = 64 << 20;
/// What each thread may hold at once. One at a time may hold more.
const MAX_SMALL: usize = 16 << 20;
/// Larger buffers are not kept for the next tree.
const MAX_SPARE: usize = 2 << 20;
/// What a byte costs that goes by as a stream.
const STREAMED: u64 = 20;

impl<'a, L: Look> Walker<'a, L> {
    pub(super) fn new(objects: &'a Objects, large: &'a Mutex<()>, look: L) -> Self {
        let reader = Reader::with(objects, Meter::unlimited(), 0);
        Self { look, reader, spare: Vec::new(), large, damages: Damages::default() }
    }

    /// Walks the tree below `root`, which may cost `share`. Returns what is left of the tree if it costs more.
    pub(super) fn tree(&mut self, walked: Walked<'_>, root: u32, share: u64) -> Option<Paused> {
        self.resume(walked, &Paused { root, levels: Vec::new() }, share)
    }

    /// Walks what is left of a tree.
    pub(super) fn resume(&mut self, walked: Walked<'_>, paused: &Paused, share: u64) -> Option<Paused> {
        self.reader.decoder.meter = Meter::new(share);
        let paused = self.walk(walked, paused);
        self.reader.settle();
        self.spare.retain(|buffer| buffer.capacity() <= MAX_SPARE);
        paused
    }

    fn walk(&mut self, walked: Walked<'_>, paused: &Paused) -> Option<Paused> {
        let root = paused.root;
        let resumed = |(entry, children): &(u32, Range<usize>)| {
            let children = children.clone();
            Level { entry: *entry, children, content: None, known: None }
        };
        let mut stack: Vec<Level<L::Known>> = paused.levels.iter().map(resumed).collect();
        let mut large = None;
        if stack.is_empty() {
            match self.root(walked, root, &mut large) {
                Ok(level) => stack.extend(level),
                Err(Fault::Work) => return Some(Paused { root, levels: Vec::new() }),
                Err(fault) => self.tell(walked, root, fault),
            }
        }
        while let Some(level) = stack.last_mut() {
            if self.look.is_stopped() {
                return None;
            }
            let Some(place) = level.children.next() else {
                let done = stack.pop().and_then(|level| level.content);
                self.keep(done);
                continue;
            };
            let child = walked.entries.child(place);
            let made = self.child(walked, level, child, &mut large);
            if let Err(Fault::Work) = made {
                level.children.start = place;
                let levels = stack.into_iter().map(|level| (level.entry, level.children));
                return Some(Paused { root, levels: levels.collect() });
            }
            if level.children.is_empty() {
                let done = stack.pop().and_then(|level| level.content);
                self.keep(done);
            }
            match made {
                Ok(level) => level.into_iter().for_each(|level| push(&mut stack, level)),
                Err(fault) => self.tell(walked, child, fault),
            }
            self.hold(&mut large, held(&stack));
        }
        None
    }

    /// Looks at the root of a tree. `None` if nothing is made from it.
    fn root(
        &mut self,
        walked: Walked<'_>,
        root: u32,
        large: &mut Option<MutexGuard<'a, ()>>,
    ) -> Result<Option<Level<L::Known>>, Fault> {
        let range = walked.entries.range(root);
        let pack = walked.pack;
        let mut stored = self.reader.decoder.open(pack, range.clone(), walked.entries.kept(root))?;
        let head = &stored.head;
        let wanted = walked.entries.object(pack, root)?;
        let children = walked.entries.children(root);
        let is_whole = matches!(head.base, Base::None(_));
        let max_held = self.reader.max_held();
        if is_whole && head.size > WHOLE as u64 && (children.is_empty() || head.size > max_held) {
            let compressed = head.data..range.end.min(pack.end());
            // The size may be a lie.
            let len = compressed.end.saturating_sub(compressed.start).saturating_mul(MAX_RATIO);
            self.reader.decoder.meter.spend(STREAMED.saturating_mul(head.size.min(len)))?;
            let compressed = ZlibDecoder::new(Streamed::new(&pack.data, compressed));
            self.look.stream(wanted, &mut Inflating::new(compressed, head.size));
            for child in children.map(|place| walked.entries.child(place)) {
                self.tell(walked, child, Fault::TooLarge);
            }
            self.check(walked, root, stored);
            return Ok(None);
        }
        let mut content = self.spare.pop().unwrap_or_default();
        if is_whole {
            self.hold(large, usize::try_from(head.size).unwrap_or(usize::MAX));
            self.reader.decoder.whole(&mut stored, &mut content)?;
        } else {
            self.hold(large, usize::MAX);
            content = Arc::unwrap_or_clone(self.reader.content_at((pack.number, range.start))?);
        }
        let known = self.look.whole(wanted, &content, &mut self.reader.decoder.meter)?;
        self.check(walked, root, stored);
        if children.is_empty() {
            self.keep(Some(content));
            return Ok(None);
        }
        Ok(Some(Level { entry: root, children, content: Some(content), known }))
    }

    /// Looks at the object of `entry`, which is made from that of `base`. `None` if nothing is made from it.
    fn child(
        &mut self,
        walked: Walked<'_>,
        base: &mut Level<L::Known>,
        entry: u32,
        large: &mut Option<MutexGuard<'a, ()>>,
    ) -> Result<Option<Level<L::Known>>, Fault> {
        let pack = walked.pack;
        if base.content.is_none() {
            self.hold(large, usize::MAX);
            let place = (pack.number, walked.entries.range(base.entry).start);
            base.content = Some(Arc::unwrap_or_clone(self.reader.content_at(place)?));
        }
        let base_content = base.content.as_deref().unwrap_or_default();
        let range = walked.entries.range(entry);
        let mut stored = self.reader.decoder.open(pack, range, walked.entries.kept(entry))?;
        let wanted = walked.entries.object(pack, entry)?;
        let children = walked.entries.children(entry);

        let mut content = self.spare.pop().unwrap_or_default();
        let decoder = &mut self.reader.decoder;
        decoder.patched(&mut stored, base_content, self.look.reach(), &mut content)?;
        let known = match &base.known {
            Some(known) => {
                let base = (base_content.len(), known);
                let made = Made { bytes: &content, patch: &decoder.patch, base };
                self.look.patched(wanted, made, &mut decoder.meter)?
            }
            None => self.look.whole(wanted, &content, &mut decoder.meter)?,
        };
        self.check(walked, entry, stored);
        if children.is_empty() {
            self.keep(Some(content));
            return Ok(None);
        }
        Ok(Some(Level { entry, children, content: Some(content), known }))
    }

    /// Waits until no other thread holds large objects, if so many bytes are to be held here.
    fn hold(&self, large: &mut Option<MutexGuard<'a, ()>>, len: usize) {
        if len > MAX_SMALL && large.is_none() {
            *large = Some(self.large.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// Keeps a buffer for what is made next.
    fn keep(&mut self, buffer: Option<Vec<u8>>) {
        let is_large = |buffer: &Vec<u8>| buffer.capacity() > MAX_SPARE;
        let has_room =
            |buffer: &Vec<u8>| self.spare.len() < 4 && !(is_large(buffer) && self.spare.iter().any(is_large));
        let buffer = buffer.filter(has_room);
        self.spare.extend(buffer);
    }

    /// Tells of an entry that could be read but is not what the index knows.
    fn check(&mut self, walked: Walked<'_>, entry: u32, stored: Stored<'_>) {
        let Walked { pack, entries } = walked;
        let decoder = &mut self.reader.decoder;
        let is_sound = entries.is_sound(pack, entry, &mut decoder.windows, stored.bytes());
        decoder.close(stored);
        if !is_sound {
            let damage = walked.entries.damage(walked.pack, entry, Fault::Checksum, 0);
            self.damages.add(walked.pack.number, damage);
        }
    }

    fn tell(&mut self, walked: Walked<'_>, entry: u32, fault: Fault) {
        let lost = u64::from(walked.entries.wanted(entry));
        self.damages.add(walked.pack.number, walked.entries.damage(walked.pack, entry, fault, lost));
    }
}

impl Paused {
    /// How many objects were not looked at.
    pub(super) fn lost(&self, entries: &Entries) -> u64 {
        if self.levels.is_empty() {
            return entries.wanted(self.root).into();
        }
        let children = self.levels.iter().flat_map(|(_, children)| children.clone());
        children.map(|place| u64::from(entries.wanted(entries.child(place)))).sum()
    }
}

/// Bytes of the bases that are held.
fn held<K>(stack: &[Level<K>]) -> usize {
    stack.iter().map(|level| level.content.as_ref().map_or(0, Vec::len)).sum()
}

/// Goes down to `level`. Where too much is held then, the bases that are needed last are dropped.
fn push<K>(stack: &mut Vec<Level<K>>, level: Level<K>) {
    stack.push(level);
    let mut held = held(stack);
    let above = stack.len() - 1;
    for base in &mut stack[..above] {
        if held > MAX_BASES {
            held -= base.content.take().map_or(0, |content| content.len());
        }
    }
}
