//! Which objects a pack has, and where, by our own reading of its index: versions 1 and 2, IDs of any length.
//!
//! Objects are sorted by their IDs. They are read in 256 buckets, by the first byte of the ID, each when it is first
//! asked for: a look at a few objects reads a few buckets, a walk through all of them reads all.

use std::fs::File;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::data::read_exact_at;
use super::read;
use crate::origin::{ObjectFormat, ObjectId};
use crate::source::Fault;

/// The index of one pack: positions count its objects in order of their IDs.
#[derive(Debug)]
pub(super) struct Index {
    /// How many objects have an ID whose first byte is this or lower.
    fan: Vec<u32>,
    buckets: Vec<OnceLock<Bucket>>,
    /// For each bucket, where the objects start in it by the second byte of their IDs: made at the first search.
    fans: Vec<OnceLock<Vec<u32>>>,
    /// `None` if all buckets are there.
    file: Option<Table>,
    hash_len: usize,
    is_damaged: AtomicBool,
    /// The sum that the pack ends with, if the index knows it.
    pub(super) pack_checksum: Option<Vec<u8>>,
}

/// The objects whose IDs start with the same byte.
#[derive(Debug)]
pub(super) struct Bucket {
    /// One ID after the other; none if they could not be read.
    pub(super) ids: Vec<u8>,
    /// How long each is.
    pub(super) hash_len: usize,
    /// CRC-32 of each entry; empty if the index knows none.
    pub(super) sums: Vec<u32>,
    /// Where each entry starts.
    pub(super) offsets: Vec<u64>,
}

/// The file of an index.
#[derive(Debug)]
struct Table {
    file: File,
    version: Version,
    count: u64,
    /// How many offsets need 64 bits.
    large: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    /// Offsets and IDs in turn.
    One,
    /// IDs, checksums, offsets of 31 bits, offsets of 63 bits.
    Two,
}

/// Bytes of the fan-out table.
const FAN: usize = 1024;
/// What an index of version 2 starts with.
const HEAD: &[u8] = b"\xfftOc\0\0\0\x02";
/// The offset of an object whose part of the index could not be read.
pub(super) const UNKNOWN: u64 = u64::MAX;

impl Index {
    /// Opens the index file at `path`, whose IDs have `hash_len` bytes.
    pub(super) fn open(path: &Path, hash_len: usize) -> Result<Self, Fault> {
        let file = read::in_store(path).or(Err(Fault::Index))?;
        let len = file.metadata().or(Err(Fault::Index))?.len();
        let mut start = vec![0; usize::try_from(len.min((FAN + HEAD.len()) as u64)).unwrap_or_default()];
        read_exact_at(&file, &mut start, 0).or(Err(Fault::Index))?;
        let (version, start) = match start.strip_prefix(HEAD) {
            Some(rest) => (Version::Two, rest),
            None => (Version::One, start.get(..FAN).unwrap_or_default()),
        };
        let fan = fan_out(start).ok_or(Fault::Index)?;
        let count = u64::from(fan.last().copied().unwrap_or(0));
        let fixed = version.objects() + count * version.object_len(hash_len) + 2 * hash_len as u64;
        let large = len.checked_sub(fixed).ok_or(Fault::Index)?;
        if large % 8 != 0 || large / 8 > count || (version == Version::One && large > 0) {
            return Err(Fault::Index);
        }
        let mut sum = vec![0; hash_len];
        read_exact_at(&file, &mut sum, len - 2 * hash_len as u64).or(Err(Fault::Index))?;
        let table = Table { file, version, count, large: large / 8 };
        let buckets = std::iter::repeat_with(OnceLock::new).take(256).collect();
        let is_damaged = AtomicBool::new(false);
        let fans = std::iter::repeat_with(OnceLock::new).take(256).collect();
        Ok(Self { fan, buckets, fans, file: Some(table), hash_len, is_damaged, pack_checksum: Some(sum) })
    }

    /// An index with these buckets, one for each first byte.
    pub(super) fn of(buckets: Vec<Bucket>, hash_len: usize) -> Self {
        let mut count = 0_u32;
        let count_to = |bucket: &Bucket| {
            count = count.saturating_add(u32::try_from(bucket.offsets.len()).unwrap_or(u32::MAX));
            count
        };
        let fan = buckets.iter().map(count_to).collect();
        let buckets = buckets.into_iter().map(OnceLock::from).collect();
        let is_damaged = AtomicBool::new(false);
        let fans = std::iter::repeat_with(OnceLock::new).take(256).collect();
        Self { fan, buckets, fans, file: None, hash_len, is_damaged, pack_checksum: None }
    }

    /// How many objects it has.
    pub(super) fn len(&self) -> u32 {
        self.fan.last().copied().unwrap_or(0)
    }

    /// Whether a part of it could not be read.
    pub(super) fn is_damaged(&self) -> bool {
        self.is_damaged.load(Ordering::Relaxed)
    }

    /// The objects whose IDs start with `first`, and the position of the first of them.
    pub(super) fn bucket(&self, first: u8) -> (u32, &Bucket) {
        let first = usize::from(first);
        let start = first.checked_sub(1).map_or(0, |before| self.fan[before]);
        let bucket = self.buckets[first].get_or_init(|| {
            let len = (self.fan[first] - start) as usize;
            let read = self.file.as_ref().and_then(|table| table.read(start.into(), len, self.hash_len));
            read.unwrap_or_else(|| {
                self.is_damaged.store(true, Ordering::Relaxed);
                Bucket { offsets: vec![UNKNOWN; len], ..Bucket::new(self.hash_len) }
            })
        });
        (start, bucket)
    }

    fn at(&self, position: u32) -> (&Bucket, usize) {
        let first = self.fan.partition_point(|&count| count <= position);
        let (start, bucket) = self.bucket(u8::try_from(first).unwrap_or(u8::MAX));
        (bucket, (position - start) as usize)
    }

    /// The ID of the object at `position`, which is below [`len`](Self::len).
    pub(super) fn id(&self, position: u32) -> ObjectId {
        let (bucket, at) = self.at(position);
        ObjectId::from_slice(bucket.id(at)).unwrap_or(ObjectId::zero(ObjectFormat::Sha1))
    }

    /// Where the object at `position`, which is below [`len`](Self::len), is said to start in the pack.
    pub(super) fn offset(&self, position: u32) -> u64 {
        let (bucket, at) = self.at(position);
        bucket.offsets[at]
    }

    /// Whether it knows the checksums of entries.
    pub(super) fn has_sums(&self) -> bool {
        self.file.as_ref().is_some_and(|table| table.version == Version::Two)
    }

    /// The position of the object `id`.
    pub(super) fn position(&self, id: ObjectId) -> Option<u32> {
        let id = id.as_bytes();
        let (start, bucket) = self.bucket(*id.first()?);
        let (mut low, mut high) = (0, bucket.ids().len());
        if high > WORTH_A_FAN {
            let fan = self.fans[usize::from(*id.first()?)].get_or_init(|| bucket.fan());
            let second = usize::from(*id.get(1)?);
            (low, high) = (fan[second] as usize, fan[second + 1] as usize);
        }
        while high - low > FEW {
            let middle = low.midpoint(high);
            if bucket.id(middle) < id { low = middle + 1 } else { high = middle + 1 }
        }
        // Most IDs differ in the bytes behind the two that the fans know, and comparing eight takes no call.
        let key = key_of(id);
        let is_it = |&at: &usize| key_of(bucket.id(at)) == key && bucket.id(at) == id;
        (low..high).find(is_it).map(|at| start + u32::try_from(at).unwrap_or(0))
    }
}

/// So few IDs are looked at one after the other: they lie in two or three lines of the processor's cache.
const FEW: usize = 8;

/// Bytes 2 to 10 of an ID.
fn key_of(id: &[u8]) -> Option<[u8; 8]> {
    id.get(2..)?.first_chunk().copied()
}

/// In buckets with fewer objects, any is found as soon without knowing their second bytes.
const WORTH_A_FAN: usize = 64;

impl Bucket {
    /// Where the objects start by the second byte of their IDs, and where they end.
    fn fan(&self) -> Vec<u32> {
        let mut fan = vec![0; 257];
        self.ids().for_each(|id| fan[usize::from(id[1]) + 1] += 1);
        for second in 1..fan.len() {
            fan[second] += fan[second - 1];
        }
        fan
    }

    pub(super) fn new(hash_len: usize) -> Self {
        Self { ids: Vec::new(), hash_len, sums: Vec::new(), offsets: Vec::new() }
    }

    /// The ID of the object at `at`, counted in this bucket; empty if it could not be read.
    fn id(&self, at: usize) -> &[u8] {
        self.ids.get(at * self.hash_len..(at + 1) * self.hash_len).unwrap_or_default()
    }

    /// Each ID, in order.
    pub(super) fn ids(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.ids.chunks_exact(self.hash_len)
    }
}

/// The numbers of a fan-out table, if they do not go down.
pub(super) fn fan_out(bytes: &[u8]) -> Option<Vec<u32>> {
    let fan: Vec<u32> = numbers(bytes).collect();
    (fan.len() == 256 && fan.is_sorted()).then_some(fan)
}

/// Numbers of four bytes.
pub(super) fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.as_chunks().0.iter().map(|number| u32::from_be_bytes(*number))
}

impl Version {
    /// Where the objects start.
    fn objects(self) -> u64 {
        match self {
            Self::One => FAN as u64,
            Self::Two => (FAN + HEAD.len()) as u64,
        }
    }

    /// Bytes for one object.
    fn object_len(self, hash_len: usize) -> u64 {
        match self {
            Self::One => 4 + hash_len as u64,
            Self::Two => 8 + hash_len as u64,
        }
    }
}

impl Table {
    /// Reads `len` objects from the position `start` on.
    fn read(&self, start: u64, len: usize, hash_len: usize) -> Option<Bucket> {
        let objects = self.version.objects();
        if self.version == Version::One {
            let size = 4 + hash_len;
            let bytes = self.bytes(objects + start * size as u64, len * size)?;
            let mut bucket = Bucket::new(hash_len);
            for object in bytes.chunks_exact(size) {
                bucket.offsets.extend(numbers(&object[..4]).map(u64::from));
                bucket.ids.extend_from_slice(&object[4..]);
            }
            return Some(bucket);
        }
        let sums = objects + self.count * hash_len as u64;
        let offsets = sums + self.count * 4;
        let ids = self.bytes(objects + start * hash_len as u64, len * hash_len)?;
        let sums = numbers(&self.bytes(sums + start * 4, len * 4)?).collect();
        let short = self.bytes(offsets + start * 4, len * 4)?;
        let large = offsets + self.count * 4;
        let offset = |short: u32| match short.checked_sub(1 << 31).map(u64::from) {
            None => Some(short.into()),
            // Outside of any pack if it is not there: only its own object is lost.
            Some(place) if place >= self.large => Some(UNKNOWN - 1),
            Some(place) => {
                self.bytes(large + place * 8, 8)?.as_slice().try_into().ok().map(u64::from_be_bytes)
            }
        };
        let offsets = numbers(&short).map(offset).collect::<Option<_>>()?;
        Some(Bucket { ids, hash_len, sums, offsets })
    }

    fn bytes(&self, start: u64, len: usize) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(len).ok()?;
        bytes.resize(len, 0);
        read_exact_at(&self.file, &mut bytes, start).ok()?;
        Some(bytes)
    }
}
