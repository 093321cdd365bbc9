//! Makes objects of entries: the one place where something is decompressed and where deltas are applied, for walks along
//! trees of deltas, for single objects, for bundles.

use std::ops::Range;

use super::arena::MAX_ENTRY as SMALL;
use super::budget::Meter;
use super::data::Windows;
use super::delta::{Delta, Patch};
use super::entry::Head;
use super::inflate::Inflater;
use super::pack::Pack;
use crate::source::Fault;

/// An entry, its header read.
pub(super) struct Stored<'a> {
    pack: &'a Pack,
    pub(super) head: Head,
    /// Where it starts, and where it ends, or something behind that.
    range: Range<u64>,
    bytes: Bytes<'a>,
}

/// The bytes of an entry, from its header on, or those that it starts with.
enum Bytes<'a> {
    Kept(&'a [u8]),
    Read(Vec<u8>),
    /// In the pack only.
    Stored,
}

/// What one thread decodes with.
pub(super) struct Decoder {
    pub(super) windows: Windows,
    pub(super) meter: Meter,
    /// How the object that was made last came out of its base.
    pub(super) patch: Patch,
    inflater: Inflater,
    /// The delta that was applied last, and what an entry was read into.
    delta: Vec<u8>,
    spare: Vec<u8>,
    /// The size of the largest object that is held, in bytes.
    max_held: u64,
}

/// What an entry costs, whatever is in it.
const ENTRY: u64 = 5_000;
/// What a byte costs that is decompressed.
const INFLATED: u64 = 10;
/// What a byte of a delta costs: most instructions take several.
const INSTRUCTION: u64 = 20;
/// Larger buffers are not kept for the next entry.
const MAX_KEPT: usize = 1 << 20;
/// What is read of an entry before its header says how long it may be, in bytes.
const FIRST: u64 = 16 << 10;

impl<'a> Stored<'a> {
    /// The entry at `start` of a pack that nothing says the length of.
    pub(super) fn at(pack: &'a Pack, start: u64, head: Head) -> Self {
        Self { pack, head, range: start..u64::MAX, bytes: Bytes::Stored }
    }

    /// All of its bytes, if they are in memory.
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        let bytes = match &self.bytes {
            Bytes::Kept(bytes) => bytes,
            Bytes::Read(bytes) => bytes.as_slice(),
            Bytes::Stored => return None,
        };
        let is_whole = self.range.start + bytes.len() as u64 == self.range.end;
        is_whole.then_some(bytes)
    }
}

impl Decoder {
    pub(super) fn new(meter: Meter, max_held: u64) -> Self {
        Self {
            windows: Windows::default(),
            meter,
            patch: Patch::default(),
            inflater: Inflater::new(),
            delta: Vec::new(),
            spare: Vec::new(),
            max_held,
        }
    }

    /// Reads the header of the entry in `range`, whose bytes are `kept` if they are in memory.
    pub(super) fn open<'a>(
        &mut self,
        pack: &'a Pack,
        range: Range<u64>,
        kept: Option<&'a [u8]>,
    ) -> Result<Stored<'a>, Fault> {
        let range = range.start..range.end.min(pack.end());
        if let Some(bytes) = kept {
            let head = pack.parse(bytes, range.start)?;
            return Ok(Stored { pack, head, range, bytes: Bytes::Kept(bytes) });
        }
        let first = range.start..range.end.min(range.start.saturating_add(FIRST));
        let mut bytes = std::mem::take(&mut self.spare);
        if first.end.saturating_sub(first.start) <= SMALL {
            // Its neighbours come next.
            bytes.clear();
            bytes.extend_from_slice(pack.bytes(&mut self.windows, first)?);
        } else {
            pack.data.read(first, &mut bytes)?;
        }
        let head = pack.parse(&bytes, range.start)?;
        Ok(Stored { pack, head, range, bytes: Bytes::Read(bytes) })
    }

    /// Takes back an entry that is no longer needed.
    pub(super) fn close(&mut self, stored: Stored<'_>) {
        if let Bytes::Read(bytes) = stored.bytes
            && bytes.capacity() <= MAX_KEPT
        {
            self.spare = bytes;
        }
    }

    /// Makes an object that is stored whole, into `out`.
    pub(super) fn whole(&mut self, stored: &mut Stored<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
        let len = self.inflate(stored, out)?;
        out.truncate(len);
        Ok(())
    }

    /// Makes an object that is stored as changes to `base`, into `out`. What is in `reach` bytes of something new is
    /// fresh, too.
    pub(super) fn patched(
        &mut self,
        stored: &mut Stored<'_>,
        base: &[u8],
        reach: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        let mut compressed = std::mem::take(&mut self.delta);
        let made = self.inflate(stored, &mut compressed).and_then(|len| {
            let delta = Delta::parse(&compressed[..len]).ok_or(Fault::Delta)?;
            if delta.len > self.max_held {
                return Err(Fault::TooLarge);
            }
            self.meter.spend(delta.len.saturating_add(INSTRUCTION * len as u64))?;
            delta.apply(base, reach, out, &mut self.patch)
        });
        if compressed.capacity() <= MAX_KEPT {
            self.delta = compressed;
        }
        made
    }

    /// Decompresses an entry to the start of `out`. Returns how many bytes that are.
    fn inflate(&mut self, stored: &mut Stored<'_>, out: &mut Vec<u8>) -> Result<usize, Fault> {
        let Stored { pack, head, range, bytes } = stored;
        if head.size > self.max_held {
            return Err(Fault::TooLarge);
        }
        self.meter.spend(ENTRY + INFLATED * head.size)?;
        let end = range.end.min(pack.end());
        let likely_end = end.min(head.data.saturating_add(head.max_compressed()));
        let behind_head = usize::try_from(head.data - range.start).or(Err(Fault::Header))?;
        let in_memory = match bytes {
            Bytes::Kept(bytes) => *bytes,
            Bytes::Read(bytes) => {
                let read = range.start + bytes.len() as u64;
                pack.data.read_on(read..likely_end, bytes)?;
                bytes.as_slice()
            }
            Bytes::Stored => &[],
        };
        if let Some(data) = in_memory.get(behind_head..).filter(|data| !data.is_empty()) {
            let made = self.inflater.inflate(data, head.size, out);
            // What is in memory may be its start only.
            if made.is_ok() || head.data + data.len() as u64 >= likely_end {
                return made;
            }
        }
        let compressed = pack.bytes(&mut self.windows, head.data..likely_end)?;
        self.inflater.inflate(compressed, head.size, out)
    }
}
