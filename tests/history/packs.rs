//! Packs that are written byte by byte, with an index that says whatever IDs.

use std::fs;
use std::io::Write;

use akid::origin::{ObjectFormat, ObjectId};

use super::repo::Repo;

pub(super) const COMMIT: u8 = 1;
pub(super) const TREE: u8 = 2;
pub(super) const BLOB: u8 = 3;
pub(super) const REF_DELTA: u8 = 7;

/// A pack that is being made.
pub(super) struct Made<'r> {
    repo: &'r Repo,
    format: ObjectFormat,
    entries: Vec<u8>,
    /// ID, checksum and offset of each entry.
    listed: Vec<(ObjectId, u32, u32)>,
}

impl<'r> Made<'r> {
    /// For objects of `repo`.
    pub(super) fn new(repo: &'r Repo) -> Self {
        Self { repo, format: repo.id_of(0).format(), entries: Vec::new(), listed: Vec::new() }
    }

    /// Adds an object that is stored whole.
    pub(super) fn whole(&mut self, kind: u8, content: &[u8]) -> ObjectId {
        self.add(&header(kind, content.len()), content)
    }

    /// Adds an object that is stored as changes to another one.
    pub(super) fn delta(&mut self, base: ObjectId, delta: &[u8]) -> ObjectId {
        self.add(&[header(REF_DELTA, delta.len()).as_slice(), base.as_bytes()].concat(), delta)
    }

    fn add(&mut self, header: &[u8], content: &[u8]) -> ObjectId {
        let number = u32::try_from(self.listed.len()).unwrap();
        let start = [number.wrapping_mul(0x9e37_79b1).to_be_bytes(), number.to_be_bytes()].concat();
        let id = [start, vec![0; self.format.id_len() - 8]].concat();
        self.add_as(ObjectId::from_slice(&id).unwrap(), header, content)
    }

    /// Adds an entry with this header, and an ID that need not be that of the object.
    pub(super) fn add_as(&mut self, id: ObjectId, header: &[u8], content: &[u8]) -> ObjectId {
        let start = self.entries.len();
        self.entries.extend_from_slice(header);
        let mut encoder = flate2::write::ZlibEncoder::new(&mut self.entries, flate2::Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap();
        let mut sum = flate2::Crc::new();
        sum.update(&self.entries[start..]);
        self.listed.push((id, sum.sum(), u32::try_from(12 + start).unwrap()));
        id
    }

    /// Writes the pack and its index.
    pub(super) fn write(mut self) {
        let count = u32::try_from(self.listed.len()).unwrap();
        let sum = vec![7; self.format.id_len()];
        let pack = [b"PACK\0\0\0\x02", &count.to_be_bytes()[..], &self.entries, &sum].concat();
        self.listed.sort_unstable();
        let mut index = b"\xfftOc\0\0\0\x02".to_vec();
        for first in 0..=u8::MAX {
            let count = self.listed.partition_point(|(id, ..)| id.as_bytes()[0] <= first);
            index.extend(u32::try_from(count).unwrap().to_be_bytes());
        }
        self.listed.iter().for_each(|(id, ..)| index.extend(id.as_bytes()));
        self.listed.iter().for_each(|(_, sum, _)| index.extend(sum.to_be_bytes()));
        self.listed.iter().for_each(|(.., offset)| index.extend(offset.to_be_bytes()));
        index.extend(sum.repeat(2));
        fs::create_dir_all(self.repo.path(".git/objects/pack")).unwrap();
        fs::write(self.repo.path(".git/objects/pack/pack-made.pack"), pack).unwrap();
        fs::write(self.repo.path(".git/objects/pack/pack-made.idx"), index).unwrap();
    }
}

/// The header of an entry of this kind and size.
pub(super) fn header(kind: u8, size: usize) -> Vec<u8> {
    let mut header = vec![kind << 4 | u8::try_from(size & 15).unwrap()];
    let mut rest = size >> 4;
    while rest > 0 {
        *header.last_mut().unwrap() |= 0x80;
        header.push(u8::try_from(rest & 0x7f).unwrap());
        rest >>= 7;
    }
    header
}

/// A delta that starts with `text` and goes on as a base of `len` bytes does.
pub(super) fn copy_all_but(len: usize, text: &[u8]) -> Vec<u8> {
    let inserted = [&[u8::try_from(text.len()).unwrap()], text].concat();
    [length(len), length(len), inserted, copy(text.len(), len)].concat()
}

/// A delta that copies a base of `len` bytes so many `times`.
pub(super) fn copy_all(len: usize, times: usize) -> Vec<u8> {
    [length(len), length(len * times), copy(0, len).repeat(times)].concat()
}

/// Instructions that copy a base from `start` to `end`.
fn copy(start: usize, end: usize) -> Vec<u8> {
    let mut instructions = Vec::new();
    let mut at = start;
    while at < end {
        let len = (end - at).min(0x00ff_ffff);
        instructions.push(0xff);
        instructions.extend(&u32::try_from(at).unwrap().to_le_bytes());
        instructions.extend(&u32::try_from(len).unwrap().to_le_bytes()[..3]);
        at += len;
    }
    instructions
}

fn length(mut len: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while len > 0x7f {
        bytes.push(0x80 | u8::try_from(len & 0x7f).unwrap());
        len >>= 7;
    }
    bytes.push(u8::try_from(len).unwrap());
    bytes
}
