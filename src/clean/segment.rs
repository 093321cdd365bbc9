//! A segment: sorted objects in one file that never changes.
//!
//! ```text
//! magic, hash of the key, length of an ID, number of objects
//! for each block: its first ID, and the start of its SHA-256
//! SHA-256 of all of the above
//! blocks of objects: ID, then size and kind in three bytes
//! ```
//!
//! The table is read when a segment is opened, a block when an object may be in it: a small repository reads little of
//! a large cache.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{CleanObject, Key, folder};
use crate::origin::{ObjectFormat, ObjectId, ObjectKind};

/// What a segment starts with: its format and the version of that.
const MAGIC: &[u8; 8] = b"akclean\x01";
/// Objects in a block.
const BLOCK: usize = 1024;
/// Bytes of a block's hash that are kept.
const SUM: usize = 8;
/// Bytes behind an ID: the kind in two bits, the size in the others.
const BEHIND_ID: usize = 3;
const KIND_BITS: u32 = 2;
/// Magic, key, length of an ID, number of objects.
const HEAD: usize = MAGIC.len() + 32 + 4 + 4;

/// What the name of a segment ends with.
pub(super) const EXTENSION: &str = ".clean";

/// The name of segments with IDs of `format` starts with this.
pub(super) fn prefix(format: ObjectFormat) -> String {
    let name = match format {
        ObjectFormat::Sha1 => "sha1",
        ObjectFormat::Sha256 => "sha256",
    };
    format!("{name}-")
}

/// A hash of parts that keeps them apart.
pub(super) fn hash_of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string never fails.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// An open segment.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) path: PathBuf,
    file: File,
    format: ObjectFormat,
    count: usize,
    /// The first ID of each block, one behind the other, and the start of its hash.
    table: Vec<u8>,
    /// Where the first block starts.
    start: u64,
}

impl Segment {
    /// Opens the segment at `path` and checks its table and its key.
    pub(super) fn open(path: &Path, key: &Key, format: ObjectFormat) -> io::Result<Self> {
        let (segment, key_hash) = Self::of_any_key(path, format)?;
        if key_hash == key.hash { Ok(segment) } else { Err(damaged(FOREIGN)) }
    }

    /// Checks all of the segment at `path`; returns how many objects it has.
    pub(super) fn check(path: &Path, format: ObjectFormat) -> io::Result<usize> {
        let (segment, _) = Self::of_any_key(path, format)?;
        let mut bytes = Vec::new();
        (0..segment.blocks()).try_for_each(|block| segment.read(block, &mut bytes))?;
        Ok(segment.count)
    }

    fn of_any_key(path: &Path, format: ObjectFormat) -> io::Result<(Self, [u8; 32])> {
        let mut file = folder::open(path)?;
        let len = file.metadata()?.len();
        let mut head = [0; HEAD];
        file.read_exact(&mut head).or(Err(damaged("truncated")))?;
        let (magic, rest) = head.split_at(MAGIC.len());
        let (key_hash, rest) = rest.split_first_chunk().ok_or_else(|| damaged("truncated"))?;
        let number = |bytes: &[u8]| bytes.try_into().map(u32::from_le_bytes).unwrap_or(0) as usize;
        let (id_len, count) = (number(&rest[..4]), number(&rest[4..]));
        if magic != MAGIC || id_len != format.id_len() {
            return Err(damaged(FOREIGN));
        }
        let table_len = count.div_ceil(BLOCK) * (id_len + SUM);
        let start = HEAD as u64 + table_len as u64 + 32;
        if len != start + (count * (id_len + BEHIND_ID)) as u64 {
            return Err(damaged("truncated"));
        }
        let mut table = vec![0; table_len];
        let mut sum = [0; 32];
        file.read_exact(&mut table)?;
        file.read_exact(&mut sum)?;
        let mut hasher = Sha256::new();
        hasher.update(head);
        hasher.update(&table);
        if hasher.finalize()[..] != sum {
            return Err(damaged("checksum mismatch"));
        }
        Ok((Self { path: path.to_path_buf(), file, format, count, table, start }, *key_hash))
    }

    /// How many objects it has.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn blocks(&self) -> usize {
        self.count.div_ceil(BLOCK)
    }

    fn row(&self) -> usize {
        self.format.id_len() + SUM
    }

    /// The length of an object, in bytes.
    pub(super) fn object_len(&self) -> usize {
        self.format.id_len() + BEHIND_ID
    }

    /// The first ID of a block.
    pub(super) fn first(&self, block: usize) -> &[u8] {
        &self.table[block * self.row()..][..self.format.id_len()]
    }

    /// The block that has the object `id` if any has; `None` if it would come before the first one.
    pub(super) fn block_of(&self, id: &[u8]) -> Option<usize> {
        let (mut low, mut high) = (0, self.blocks());
        while low < high {
            let middle = low.midpoint(high);
            if self.first(middle) <= id { low = middle + 1 } else { high = middle }
        }
        low.checked_sub(1)
    }

    /// Reads a block into `out`.
    pub(super) fn read(&self, block: usize, out: &mut Vec<u8>) -> io::Result<()> {
        let objects = self.objects(block);
        let start = self.start + (objects.start * self.object_len()) as u64;
        out.clear();
        out.resize(objects.len() * self.object_len(), 0);
        let mut file = &self.file;
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(out)?;
        let sum = &self.table[block * self.row() + self.format.id_len()..][..SUM];
        if Sha256::digest(&out)[..SUM] != *sum {
            out.clear();
            return Err(damaged("checksum mismatch"));
        }
        Ok(())
    }

    fn objects(&self, block: usize) -> Range<usize> {
        block * BLOCK..self.count.min((block + 1) * BLOCK)
    }

    /// All of its objects, in order.
    pub(super) fn all(&self) -> io::Result<Vec<CleanObject>> {
        let (mut all, mut bytes) = (Vec::with_capacity(self.count), Vec::new());
        for block in 0..self.blocks() {
            self.read(block, &mut bytes)?;
            all.extend(bytes.chunks_exact(self.object_len()).filter_map(decode));
        }
        Ok(all)
    }
}

/// Of another version of akid, or no segment at all.
const FOREIGN: &str = "not a segment of this cache";

fn damaged(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn encode(object: &CleanObject, out: &mut Vec<u8>) {
    let kind = match object.kind {
        Some(ObjectKind::Blob) => 0,
        Some(ObjectKind::Commit) => 1,
        Some(ObjectKind::Tag) => 2,
        None => 3,
    };
    out.extend_from_slice(object.id.as_bytes());
    let number = object.size.min(CleanObject::MAX_SIZE) << KIND_BITS | kind;
    out.extend_from_slice(&number.to_le_bytes()[..BEHIND_ID]);
}

/// The object that these bytes are.
pub(super) fn decode(bytes: &[u8]) -> Option<CleanObject> {
    let (id, &[low, middle, high]) = bytes.split_last_chunk::<BEHIND_ID>()?;
    let number = u32::from_le_bytes([low, middle, high, 0]);
    let kind = match number & ((1 << KIND_BITS) - 1) {
        0 => Some(ObjectKind::Blob),
        1 => Some(ObjectKind::Commit),
        2 => Some(ObjectKind::Tag),
        _ => None,
    };
    Some(CleanObject { id: ObjectId::from_slice(id)?, size: number >> KIND_BITS, kind })
}

/// Writes a segment of sorted `objects` into `folder`, and returns its path.
pub(super) fn write(
    folder: &Path,
    key: &Key,
    format: ObjectFormat,
    objects: impl Iterator<Item = CleanObject>,
) -> io::Result<PathBuf> {
    let mut bytes = Vec::new();
    objects.filter(|object| object.id.format() == format).for_each(|object| encode(&object, &mut bytes));
    let object_len = format.id_len() + BEHIND_ID;
    let count = u32::try_from(bytes.len() / object_len).map_err(io::Error::other)?;
    let mut head = MAGIC.to_vec();
    head.extend_from_slice(&key.hash);
    head.extend_from_slice(&u32::try_from(format.id_len()).map_err(io::Error::other)?.to_le_bytes());
    head.extend_from_slice(&count.to_le_bytes());
    for block in bytes.chunks(BLOCK * object_len) {
        head.extend_from_slice(&block[..format.id_len()]);
        head.extend_from_slice(&Sha256::digest(block)[..SUM]);
    }
    let sum = Sha256::digest(&head);
    // The table knows all blocks, so that its hash names the whole.
    let name = format!("{}{}{EXTENSION}", prefix(format), hex(&sum[..16]));
    folder::replace(folder, &name, &mut |out| {
        out.write_all(&head)?;
        out.write_all(&sum)?;
        out.write_all(&bytes)
    })?;
    Ok(folder.join(name))
}
