//! The walk along the trees of deltas, depth first: each entry is decompressed once, its base is at hand and hot in the
//! cache, and nothing is kept of what nothing more is made from.
//!
//! The child with the most below it comes last, and takes the place of its base. So the bases that are held at once are
//! at most as many as the logarithm of the tree's size, however long its chains are.

use std::ops::Range;

use flate2::read::ZlibDecoder;

use super::delta::{Delta, Patch};
use super::entries::Entries;
use super::inflate::{Inflater, Inflating, MAX_HELD};
use super::look::Look;
use super::objects::Objects;
use super::pack::{Base, Pack};
use super::sieve::WHOLE;
use crate::source::{Damage, Fault};

/// Walks trees, one after the other.
pub(super) struct Walker<'a, L> {
    objects: &'a Objects,
    pub(super) look: L,
    inflater: Inflater,
    compressed: Vec<u8>,
    patch: Patch,
    spare: Vec<Vec<u8>>,
    /// What was found to be wrong, each in the pack of that number.
    pub(super) damages: Vec<(usize, Damage)>,
}

/// A pack that is walked.
#[derive(Clone, Copy)]
pub(super) struct Walked<'a> {
    pub(super) number: usize,
    pub(super) pack: &'a Pack,
    pub(super) entries: &'a Entries,
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
/// Larger buffers are not kept for later.
const MAX_SPARE: usize = WHOLE;

impl<'a, L: Look> Walker<'a, L> {
    pub(super) fn new(objects: &'a Objects, look: L) -> Self {
        Self {
            objects,
            look,
            inflater: Inflater::new(),
            compressed: Vec::new(),
            patch: Patch::default(),
            spare: Vec::new(),
            damages: Vec::new(),
        }
    }

    /// Walks the tree below `root`.
    pub(super) fn tree(&mut self, walked: Walked<'_>, root: u32) {
        let mut stack = Vec::new();
        match self.root(walked, root) {
            Ok(level) => {
                self.check(walked, root);
                stack.extend(level);
            }
            Err(fault) => self.tell(walked, root, fault),
        }
        while let Some(level) = stack.last_mut() {
            if self.look.is_stopped() {
                return;
            }
            let Some(place) = level.children.next() else {
                let done = stack.pop().and_then(|level| level.content);
                self.keep(done);
                continue;
            };
            let child = walked.entries.child(place);
            let made = self.child(walked, level, child);
            if level.children.is_empty() {
                let done = stack.pop().and_then(|level| level.content);
                self.keep(done);
            }
            match made {
                Ok(level) => {
                    self.check(walked, child);
                    level.into_iter().for_each(|level| push(&mut stack, level));
                }
                Err(fault) => self.tell(walked, child, fault),
            }
        }
    }

    /// Looks at the root of a tree. `None` if nothing is made from it.
    fn root(&mut self, walked: Walked<'_>, root: u32) -> Result<Option<Level<L::Known>>, Fault> {
        let range = walked.entries.range(root);
        let head = walked.pack.head(range.start)?;
        let wanted = walked.entries.object(walked.pack, root);
        let children = walked.entries.children(root);
        let is_whole = matches!(head.base, Base::None(_));
        if is_whole && head.size > WHOLE as u64 && (children.is_empty() || head.size > MAX_HELD) {
            let compressed = ZlibDecoder::new(walked.pack.bytes(head.data, range.end));
            self.look.stream(wanted, &mut Inflating::new(compressed, head.size));
            for child in children.map(|place| walked.entries.child(place)) {
                self.tell(walked, child, Fault::TooLarge);
            }
            return Ok(None);
        }
        let mut content = self.spare.pop().unwrap_or_default();
        if is_whole {
            let compressed = walked.pack.bytes(head.data, range.end);
            let len = self.inflater.inflate(compressed, head.size, &mut content)?.len();
            content.truncate(len);
        } else {
            content = self.objects.content_at((walked.number, range.start), &mut self.inflater)?;
        }
        let known = self.look.whole(wanted, &content);
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
    ) -> Result<Option<Level<L::Known>>, Fault> {
        if base.content.is_none() {
            let place = (walked.number, walked.entries.range(base.entry).start);
            base.content = Some(self.objects.content_at(place, &mut self.inflater)?);
        }
        let base_content = base.content.as_deref().unwrap_or_default();
        let range = walked.entries.range(entry);
        let head = walked.pack.head(range.start)?;
        let compressed = walked.pack.bytes(head.data, range.end);
        let delta = self.inflater.inflate(compressed, head.size, &mut self.compressed)?;
        let delta = Delta::parse(delta).ok_or(Fault::Delta)?;
        if delta.len > MAX_HELD {
            return Err(Fault::TooLarge);
        }
        let wanted = walked.entries.object(walked.pack, entry);
        let children = walked.entries.children(entry);

        let mut content = self.spare.pop().unwrap_or_default();
        delta.apply(base_content, self.look.reach(), &mut content, &mut self.patch)?;
        let known = match &base.known {
            Some(known) => self.look.patched(wanted, &content, (known, base_content.len()), &self.patch),
            None => self.look.whole(wanted, &content),
        };
        if self.compressed.len() > MAX_SPARE {
            self.compressed = Vec::new();
        }
        if children.is_empty() {
            self.keep(Some(content));
            return Ok(None);
        }
        Ok(Some(Level { entry, children, content: Some(content), known }))
    }

    /// Keeps a buffer for what is made next.
    fn keep(&mut self, buffer: Option<Vec<u8>>) {
        self.spare.extend(buffer.filter(|buffer| buffer.capacity() <= MAX_SPARE && self.spare.len() < 4));
    }

    /// Tells of an entry that could be read but is not what the index knows.
    fn check(&mut self, walked: Walked<'_>, entry: u32) {
        if !walked.entries.is_sound(walked.pack, entry) {
            let damage = walked.entries.damage(walked.pack, entry, Fault::Checksum, 0);
            self.damages.push((walked.number, damage));
        }
    }

    fn tell(&mut self, walked: Walked<'_>, entry: u32, fault: Fault) {
        let lost = u64::from(walked.entries.wanted(entry));
        self.damages.push((walked.number, walked.entries.damage(walked.pack, entry, fault, lost)));
    }
}

/// Goes down to `level`. Where too much is held then, the bases that are needed last are dropped.
fn push<K>(stack: &mut Vec<Level<K>>, level: Level<K>) {
    stack.push(level);
    let len_of = |level: &Level<K>| level.content.as_ref().map_or(0, Vec::len);
    let mut held: usize = stack.iter().map(len_of).sum();
    let above = stack.len() - 1;
    for base in &mut stack[..above] {
        if held > MAX_BASES {
            held -= len_of(base);
            base.content = None;
        }
    }
}
