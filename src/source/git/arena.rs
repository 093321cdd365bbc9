//! Entries of a pack as they are stored, kept in memory: a walk reads the pack once, from front to back, and then goes
//! along the deltas, whose entries lie anywhere in the pack.

/// Bytes of entries.
#[derive(Debug)]
pub(super) struct Arena {
    chunks: Vec<Vec<u8>>,
    /// The number of the chunk that is filled next: those before are full.
    filled: usize,
    /// How many more bytes are kept.
    room: usize,
}

/// Where bytes are in an arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    chunk: u32,
    start: u32,
    len: u32,
}

impl Kept {
    /// For bytes that are not kept.
    pub(super) const NOT: Self = Self { chunk: u32::MAX, start: 0, len: 0 };
}

const CHUNK: usize = 1 << 20;
/// Longer entries are not kept: each is worth a read of its own. They are few and take half of a pack.
pub(super) const MAX_ENTRY: u64 = 4 << 10;

impl Arena {
    pub(super) fn new(room: usize) -> Self {
        Self { chunks: Vec::new(), filled: 0, room }
    }

    /// How many more bytes are kept.
    pub(super) fn room(&self) -> usize {
        self.room
    }

    /// Forgets all bytes, of which there is to be room for so many from now on. Memory is used again.
    pub(super) fn clear(&mut self, room: usize) {
        self.chunks.iter_mut().for_each(Vec::clear);
        (self.filled, self.room) = (0, room);
    }

    /// Keeps `bytes`, if they are not too many.
    pub(super) fn keep(&mut self, bytes: &[u8]) -> Kept {
        if bytes.len() > self.room || bytes.len() as u64 > MAX_ENTRY {
            return Kept::NOT;
        }
        self.room -= bytes.len();
        let has_room = |chunk: &Vec<u8>| chunk.capacity() - chunk.len() >= bytes.len();
        if self.chunks.get(self.filled).is_some_and(|chunk| !has_room(chunk)) {
            self.filled += 1;
        }
        if self.filled == self.chunks.len() {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        let number = self.filled;
        let chunk = &mut self.chunks[number];
        let start = chunk.len();
        chunk.extend_from_slice(bytes);
        let [Ok(chunk), Ok(start), Ok(len)] = [number, start, bytes.len()].map(u32::try_from) else {
            return Kept::NOT;
        };
        Kept { chunk, start, len }
    }

    /// The bytes that are kept there.
    pub(super) fn get(&self, kept: Kept) -> Option<&[u8]> {
        let start = kept.start as usize;
        self.chunks.get(kept.chunk as usize)?.get(start..start + kept.len as usize)
    }
}
