//! Finds objects in all segments, fastest in the order of their IDs.

use super::segment::{Segment, decode};
use super::{CleanCache, CleanObject};
use crate::origin::ObjectId;

/// The objects that are known to be clean.
#[derive(Debug)]
pub struct Lookup<'a> {
    cache: &'a CleanCache,
    cursors: Vec<Cursor>,
}

/// A segment, and the block of it that was read last.
#[derive(Debug)]
struct Cursor {
    segment: Segment,
    block: Option<usize>,
    bytes: Vec<u8>,
    /// The object of the block that was found last.
    at: usize,
}

/// Objects that are compared one after the other before a search by halves.
const NEAR: usize = 8;

impl<'a> Lookup<'a> {
    pub(super) fn new(cache: &'a CleanCache, segments: Vec<Segment>) -> Self {
        let cursor = |segment| Cursor { segment, block: None, bytes: Vec::new(), at: 0 };
        Self { cache, cursors: segments.into_iter().map(cursor).collect() }
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.cursors.is_empty()
    }

    /// The object `id`, if it is known to be clean.
    pub fn find(&mut self, id: ObjectId) -> Option<CleanObject> {
        self.cursors.iter_mut().find_map(|cursor| cursor.find(id, self.cache))
    }
}

impl Cursor {
    fn find(&mut self, id: ObjectId, cache: &CleanCache) -> Option<CleanObject> {
        let id = id.as_bytes();
        let block = match self.block {
            Some(block) if self.is_in(block, id) => block,
            _ => self.segment.block_of(id)?,
        };
        if self.block != Some(block) {
            (self.block, self.at) = (Some(block), 0);
            if let Err(error) = self.segment.read(block, &mut self.bytes) {
                cache.note(&self.segment.path, &error.to_string());
            }
        }
        self.at = self.place_of(id);
        let object = self.object(self.at)?;
        if object.starts_with(id) { decode(object) } else { None }
    }

    fn is_in(&self, block: usize, id: &[u8]) -> bool {
        let next = block + 1;
        self.segment.first(block) <= id && (next == self.segment.blocks() || id < self.segment.first(next))
    }

    fn object(&self, at: usize) -> Option<&[u8]> {
        let len = self.segment.object_len();
        self.bytes.get(at * len..(at + 1) * len)
    }

    /// How many objects of the block come before `id`.
    fn place_of(&self, id: &[u8]) -> usize {
        let is_before = |at: usize| self.object(at).is_some_and(|object| &object[..id.len()] < id);
        let (mut low, mut high) = (0, self.bytes.len() / self.segment.object_len());
        if self.at == 0 || is_before(self.at - 1) {
            low = self.at;
            let near = high.min(low + NEAR);
            while low < near && is_before(low) {
                low += 1;
            }
            if low < near {
                return low;
            }
        }
        while low < high {
            let middle = low.midpoint(high);
            if is_before(middle) { low = middle + 1 } else { high = middle }
        }
        low
    }
}
