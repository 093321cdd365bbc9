//! Makes objects of entries: the one place where something is decompressed and where deltas are applied, for walks along
//! trees of deltas, for single objects, for bundles.

use std::ops::Range;

use super::budget::Meter;
use super::data::Windows;
use super::delta::{Delta, Patch};
use super::entry::Head;
use super::inflate::Inflater;
use super::pack::Pack;
use crate::source::Fault;

/// An entry, its header read.
pub(super) struct Stored<'a> {
    pub(super) pack: &'a Pack,
    pub(super) head: Head,
    /// Where it ends, or something behind that.
    pub(super) end: u64,
    /// Its compressed data, or the start of that, if it is in memory.
    pub(super) data: Option<&'a [u8]>,
}

/// What one thread decodes with.
pub(super) struct Decoder {
    pub(super) windows: Windows,
    pub(super) meter: Meter,
    /// How the object that was made last came out of its base.
    pub(super) patch: Patch,
    inflater: Inflater,
    /// The delta that was applied last.
    delta: Vec<u8>,
    /// The size of the largest object that is held, in bytes.
    max_held: u64,
}

/// What an entry costs, whatever is in it.
const ENTRY: u64 = 5_000;
/// What a byte costs that is decompressed.
const INFLATED: u64 = 10;
/// What a byte of a delta costs: most instructions take several.
const INSTRUCTION: u64 = 20;
/// Larger buffers are not kept for the next delta.
const MAX_KEPT: usize = 1 << 20;

impl Decoder {
    pub(super) fn new(meter: Meter, max_held: u64) -> Self {
        Self {
            windows: Windows::default(),
            meter,
            patch: Patch::default(),
            inflater: Inflater::new(),
            delta: Vec::new(),
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
        let head = match kept {
            Some(bytes) => pack.parse(bytes, range.start)?,
            None => pack.head(&mut self.windows, range.start)?,
        };
        let behind_head = usize::try_from(head.data - range.start).or(Err(Fault::Header))?;
        let data = kept.and_then(|bytes| bytes.get(behind_head..));
        Ok(Stored { pack, head, end: range.end, data })
    }

    /// Makes an object that is stored whole, into `out`.
    pub(super) fn whole(&mut self, stored: &Stored<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
        self.inflate(stored, out)
    }

    /// Makes an object that is stored as changes to `base`, into `out`. What is in `reach` bytes of something new is
    /// fresh, too.
    pub(super) fn patched(
        &mut self,
        stored: &Stored<'_>,
        base: &[u8],
        reach: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        let mut compressed = std::mem::take(&mut self.delta);
        let made = self.inflate(stored, &mut compressed).and_then(|()| {
            let delta = Delta::parse(&compressed).ok_or(Fault::Delta)?;
            if delta.len > self.max_held {
                return Err(Fault::TooLarge);
            }
            self.meter.spend(delta.len.saturating_add(INSTRUCTION * compressed.len() as u64))?;
            delta.apply(base, reach, out, &mut self.patch)
        });
        if compressed.capacity() <= MAX_KEPT {
            self.delta = compressed;
        }
        made
    }

    fn inflate(&mut self, stored: &Stored<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
        let head = &stored.head;
        if head.size > self.max_held {
            return Err(Fault::TooLarge);
        }
        self.meter.spend(ENTRY + INFLATED * head.size)?;
        let end = stored.end.min(stored.pack.end());
        if let Some(data) = stored.data {
            let made = self.inflater.inflate(data, head.size, out);
            // What is in memory may be its start only.
            if made.is_ok() || head.data + data.len() as u64 >= end {
                return made;
            }
        }
        let end = end.min(head.data.saturating_add(head.max_compressed()));
        let compressed = stored.pack.bytes(&mut self.windows, head.data..end)?;
        self.inflater.inflate(compressed, head.size, out)
    }
}
