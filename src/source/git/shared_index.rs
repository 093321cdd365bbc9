//! The index of several packs at once (`multi-pack-index`), for packs that have none of their own.

use std::io::Read;
use std::path::Path;

use super::index::{Bucket, Index, fan_out, numbers};
use super::read;
use crate::source::Fault;

/// The index of several packs, read whole.
pub(super) struct SharedIndex {
    bytes: Vec<u8>,
    chunks: Vec<([u8; 4], usize, usize)>,
    hash_len: usize,
    /// For each first byte of IDs where those end.
    fan: Vec<u32>,
}

/// No larger file is read, in bytes: one of 30 million objects is not as large.
const MAX_LEN: u64 = 1 << 30;
/// Bytes before the table of chunks.
const HEADER: usize = 12;

impl SharedIndex {
    /// Reads the file at `path`, if it is one for IDs of `hash_len` bytes.
    pub(super) fn read(path: &Path, hash_len: usize) -> Option<Self> {
        let file = read::in_store(path).ok()?;
        if file.metadata().ok()?.len() > MAX_LEN {
            return None;
        }
        let mut bytes = Vec::new();
        file.take(MAX_LEN).read_to_end(&mut bytes).ok()?;
        let hash = if hash_len == 20 { 1 } else { 2 };
        let header = bytes.get(..HEADER)?;
        if !header.starts_with(b"MIDX") || !matches!(header[4], 1 | 2) || header[5] != hash {
            return None;
        }
        let table = bytes.get(HEADER..HEADER + (usize::from(header[6]) + 1) * 12)?;
        let entry = |entry: &[u8]| {
            let (id, offset) = entry.split_first_chunk::<4>()?;
            Some((*id, usize::try_from(u64::from_be_bytes(offset.try_into().ok()?)).ok()?))
        };
        let starts: Vec<_> = table.chunks_exact(12).map(entry).collect::<Option<_>>()?;
        let chunks = starts.windows(2).map(|pair| (pair[0].0, pair[0].1, pair[1].1)).collect();
        let mut shared = Self { bytes, chunks, hash_len, fan: Vec::new() };
        shared.fan = fan_out(shared.chunk(b"OIDF")?)?;
        Some(shared)
    }

    fn chunk(&self, id: &[u8; 4]) -> Option<&[u8]> {
        let (_, start, end) = self.chunks.iter().find(|(known, ..)| known == id)?;
        self.bytes.get(*start..*end)
    }

    /// The part that is about the pack whose index would be called `name`, if there is one.
    pub(super) fn index_of(&self, name: &[u8]) -> Option<Result<Index, Fault>> {
        let names = self.chunk(b"PNAM")?.split(|&byte| byte == 0);
        let number = names.into_iter().position(|known| known == name)?;
        Some(self.index(u32::try_from(number).ok()?).ok_or(Fault::Index))
    }

    fn index(&self, number: u32) -> Option<Index> {
        let (ids, places) = (self.chunk(b"OIDL")?, self.chunk(b"OOFF")?);
        let large = self.chunk(b"LOFF").unwrap_or_default();
        let mut buckets = Vec::with_capacity(self.fan.len());
        let mut start = 0;
        for &end in &self.fan {
            let mut bucket = Bucket::new(self.hash_len);
            for at in start..end as usize {
                let mut place = numbers(places.get(at * 8..at * 8 + 8)?);
                if place.next()? == number {
                    bucket.ids.extend_from_slice(ids.get(at * self.hash_len..(at + 1) * self.hash_len)?);
                    bucket.offsets.push(offset(place.next()?, large)?);
                }
            }
            buckets.push(bucket);
            start = end as usize;
        }
        Some(Index::of(buckets, self.hash_len))
    }
}

/// An offset that may be the place of a larger one.
fn offset(short: u32, large: &[u8]) -> Option<u64> {
    let Some(place) = short.checked_sub(1 << 31).filter(|_| !large.is_empty()) else {
        return Some(short.into());
    };
    let place = place as usize * 8;
    large.get(place..place + 8)?.try_into().ok().map(u64::from_be_bytes)
}
