//! The packs of a store of objects, with what is known of each before its objects are read.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::data::{Data, Windows};
use super::entry::{Head, MAX_HEAD};
use super::index::Index;
use super::read;
use super::shared_index::SharedIndex;
use crate::source::Fault;

/// A pack and its index.
pub(super) struct Pack {
    pub(super) path: PathBuf,
    pub(super) index: Index,
    pub(super) data: Data,
    /// Its place among all packs of a repository.
    pub(super) number: usize,
    /// Where the last entry ends.
    end: u64,
    hash_len: usize,
}

/// A pack that cannot be used, and why.
pub(super) enum Unusable {
    Damaged(Fault),
    Unreadable(io::Error),
}

/// What one of the packs of a folder needs to be opened.
struct Folder<'a> {
    path: &'a Path,
    names: &'a BTreeSet<PathBuf>,
    hash_len: usize,
    /// Read when a pack has no index of its own.
    shared: OnceLock<Option<SharedIndex>>,
}

/// The folder of a store that packs are in.
pub(super) const NAME: &str = "pack";
/// What is read at once to be checked, in bytes.
const MAX_CHECKED: u64 = 256 << 10;
/// No entry has fewer bytes: a header and the shortest compressed stream.
const MIN_ENTRY: u64 = 9;
/// Bytes of a pack before its first entry.
pub(super) const HEADER: u64 = 12;

impl Pack {
    /// Opens the packs in the folder `pack` of a store, whose IDs have `hash_len` bytes, but not those that are `known`.
    /// Returns them and the paths of those that cannot be used, both in order of names.
    pub(super) fn all_in(
        folder: &Path,
        hash_len: usize,
        known: &BTreeSet<PathBuf>,
    ) -> (Vec<Self>, Vec<(PathBuf, Unusable)>) {
        let (mut packs, mut unusable) = (Vec::new(), Vec::new());
        let mut names = BTreeSet::new();
        let store = folder.parent().unwrap_or(folder);
        match read::names(store, NAME, &mut |name| _ = names.insert(folder.join(name))) {
            // A store need not have packs.
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                unusable.push((folder.to_path_buf(), Unusable::Unreadable(error)));
            }
            _ => {}
        }
        let folder = Folder { path: folder, names: &names, hash_len, shared: OnceLock::new() };
        let with = |extension: &'static str| {
            names.iter().filter(move |path| path.extension() == Some(OsStr::new(extension)))
        };
        for path in with("pack").filter(|path| !known.contains(*path)) {
            match folder.open(path) {
                Ok(pack) => packs.push(pack),
                Err(reason) => unusable.push((path.clone(), reason)),
            }
        }
        for path in with("idx").filter(|path| !names.contains(&path.with_extension("pack"))) {
            unusable.push((path.clone(), Unusable::Damaged(Fault::NoPack)));
        }
        (packs, unusable)
    }

    /// A pack in memory that may be cut anywhere, with an index that is made elsewhere.
    pub(super) fn in_memory(bytes: Vec<u8>, index: Index, hash_len: usize) -> Self {
        let end = bytes.len() as u64;
        Self { path: PathBuf::new(), index, data: Data::Memory(bytes), number: 0, end, hash_len }
    }

    /// Where the last entry ends.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Whether an entry may start at `offset`.
    pub(super) fn has(&self, offset: u64) -> bool {
        (HEADER..self.end()).contains(&offset)
    }

    /// The bytes in `range`, as far as there are entries.
    pub(super) fn bytes<'a>(
        &'a self,
        windows: &'a mut Windows,
        range: Range<u64>,
    ) -> Result<&'a [u8], Fault> {
        windows.bytes((self.number, &self.data, self.end()), range)
    }

    /// The CRC-32 of the bytes in `range`, which may be any number; `None` if they cannot be read.
    pub(super) fn checksum(&self, windows: &mut Windows, range: Range<u64>) -> Option<u32> {
        let (mut sum, mut at, end) = (libdeflater::Crc::new(), range.start, range.end.min(self.end));
        while at < end {
            let to = end.min(at + MAX_CHECKED);
            sum.update(self.bytes(windows, at..to).ok()?);
            at = to;
        }
        Some(sum.sum())
    }

    /// What the entry at `offset` says of itself.
    pub(super) fn head(&self, windows: &mut Windows, offset: u64) -> Result<Head, Fault> {
        let bytes = self.bytes(windows, offset..offset.saturating_add(MAX_HEAD))?;
        self.parse(bytes, offset)
    }

    /// The same, from the entry's `bytes`.
    pub(super) fn parse(&self, bytes: &[u8], offset: u64) -> Result<Head, Fault> {
        Head::parse(bytes, offset, self.hash_len)
    }
}

impl Folder<'_> {
    fn open(&self, path: &Path) -> Result<Pack, Unusable> {
        let index_path = path.with_extension("idx");
        let file = read::in_store(path).map_err(Unusable::Unreadable)?;
        let has_index = self.names.contains(&index_path);
        let index = if has_index {
            read::in_store(&index_path).map_err(Unusable::Unreadable)?;
            Index::open(&index_path, self.hash_len)
        } else {
            let name = index_path.file_name().unwrap_or_default().as_encoded_bytes();
            self.shared().and_then(|shared| shared.index_of(name)).unwrap_or(Err(Fault::NoIndex))
        };
        let index = index.map_err(Unusable::Damaged)?;
        let data = Data::file(file).map_err(Unusable::Unreadable)?;
        let (objects, sum) = ends(&data, self.hash_len).ok_or(Unusable::Damaged(Fault::NotAPack))?;
        let is_same = index.pack_checksum.as_ref().is_none_or(|known| *known == sum);
        let has_room = u64::from(index.len()).saturating_mul(MIN_ENTRY) <= data.len();
        let is_all = (!has_index || index.len() == objects) && has_room;
        if !is_same || !is_all {
            return Err(Unusable::Damaged(Fault::OtherIndex));
        }
        let end = data.len().saturating_sub(self.hash_len as u64);
        Ok(Pack { path: path.to_path_buf(), index, data, number: 0, end, hash_len: self.hash_len })
    }

    fn shared(&self) -> Option<&SharedIndex> {
        let read = || {
            let path = self.path.join("multi-pack-index");
            self.names.contains(&path).then(|| SharedIndex::read(&path, self.hash_len)).flatten()
        };
        self.shared.get_or_init(read).as_ref()
    }
}

/// How many objects a pack says it has, and the sum that it ends with; `None` if it is no pack of a known version.
fn ends(data: &Data, hash_len: usize) -> Option<(u32, Vec<u8>)> {
    let (mut head, mut sum) = (Vec::new(), Vec::new());
    data.read(0..HEADER, &mut head).ok()?;
    let trailer = data.len().checked_sub(hash_len as u64).filter(|&end| end >= HEADER)?;
    data.read(trailer..data.len(), &mut sum).ok()?;
    let version = head.strip_prefix(b"PACK\0\0\0")?;
    let objects = version[1..].try_into().ok().map(u32::from_be_bytes)?;
    matches!(version[0], 2 | 3).then_some((objects, sum))
}
