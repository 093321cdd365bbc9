//! The packs of a store of objects, with what is known of each before its objects are read.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gix_pack::data::{self, entry::Header};
use gix_pack::multi_index;

use super::index::{Index, object_id};
use super::read;
use crate::origin::{ObjectId, ObjectKind};
use crate::source::Fault;

/// A pack and its index, mapped into memory.
pub(super) struct Pack {
    pub(super) path: PathBuf,
    pub(super) index: Index,
    data: data::File,
}

/// A pack that cannot be used, and why.
pub(super) enum Unusable {
    Damaged(Fault),
    Unreadable(io::Error),
}

/// What an entry of a pack says of itself.
pub(super) struct Head {
    pub(super) base: Base,
    /// Bytes of what is compressed: an object or a delta.
    pub(super) size: u64,
    /// Where the compressed data starts.
    pub(super) data: u64,
}

/// What an entry is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Base {
    /// Nothing: it is whole.
    None(Kind),
    /// The entry that starts there.
    At(u64),
    /// The object of that ID.
    Of(ObjectId),
}

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Tree,
    Text(ObjectKind),
}

/// Bytes of a pack before its first entry.
const HEADER: u64 = 12;
/// Bytes of a pack behind its last entry.
const TRAILER: usize = 20;

impl Pack {
    /// The packs in the folder `pack` of a store, and the paths of those that cannot be used; both in order of names.
    pub(super) fn all_in(folder: &Path) -> (Vec<Self>, Vec<(PathBuf, Unusable)>) {
        let (mut packs, mut unusable) = (Vec::new(), Vec::new());
        let names: BTreeSet<PathBuf> = match fs::read_dir(folder) {
            Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
            // A store need not have packs.
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeSet::new(),
            Err(error) => {
                unusable.push((folder.to_path_buf(), Unusable::Unreadable(error)));
                BTreeSet::new()
            }
        };
        let shared = folder.join("multi-pack-index");
        let shared = (names.contains(&shared) && shared.is_file())
            .then(|| multi_index::File::at(&shared, None).ok())
            .flatten();
        let shared = shared.filter(|file| file.object_hash() == gix_hash::Kind::Sha1).map(Arc::new);
        let with = |extension: &'static str| {
            names.iter().filter(move |path| path.extension() == Some(OsStr::new(extension)))
        };
        for path in with("pack") {
            match Self::open(path, names.contains(&path.with_extension("idx")), shared.as_ref()) {
                Ok(pack) => packs.push(pack),
                Err(reason) => unusable.push((path.clone(), reason)),
            }
        }
        for path in with("idx").filter(|path| !names.contains(&path.with_extension("pack"))) {
            unusable.push((path.clone(), Unusable::Damaged(Fault::NoPack)));
        }
        (packs, unusable)
    }

    fn open(path: &Path, has_index: bool, shared: Option<&Arc<multi_index::File>>) -> Result<Self, Unusable> {
        let index_path = path.with_extension("idx");
        // What the system says is lost in gix's own errors.
        read::open(path).map_err(Unusable::Unreadable)?;
        let index = if has_index {
            read::open(&index_path).map_err(Unusable::Unreadable)?;
            Index::open(&index_path)
        } else {
            let name = Path::new(index_path.file_name().unwrap_or_default());
            shared.and_then(|shared| Index::shared(shared, name)).unwrap_or(Err(Fault::NoIndex))
        };
        let index = index.map_err(Unusable::Damaged)?;
        let data = data::File::at(path, gix_hash::Kind::Sha1).or(Err(Unusable::Damaged(Fault::NotAPack)))?;
        let is_same = index.pack_checksum().is_none_or(|sum| sum == data.checksum());
        let is_all = !has_index || index.len() == data.num_objects();
        if !is_same || !is_all {
            return Err(Unusable::Damaged(Fault::OtherIndex));
        }
        Ok(Self { path: path.to_path_buf(), index, data })
    }

    /// Where the last entry ends.
    pub(super) fn end(&self) -> u64 {
        self.data.data_len().saturating_sub(TRAILER) as u64
    }

    /// Whether an entry may start at `offset`.
    pub(super) fn has(&self, offset: u64) -> bool {
        (HEADER..self.end()).contains(&offset)
    }

    /// The bytes from `start` to `end`, as far as there are entries.
    pub(super) fn bytes(&self, start: u64, end: u64) -> &[u8] {
        self.data.entry_slice(start..end.min(self.end())).unwrap_or_default()
    }

    /// Whether the index knows no other checksum than that of the bytes in `range`, which are the entry of `position`.
    pub(super) fn is_sound(&self, position: u32, range: Range<u64>) -> bool {
        let is_same = |known| libdeflater::crc32(self.bytes(range.start, range.end)) == known;
        self.index.checksum(position).is_none_or(is_same)
    }

    /// What the entry at `offset` says of itself.
    pub(super) fn head(&self, offset: u64) -> Result<Head, Fault> {
        // No header is longer: ten bytes of a size, and an ID or ten bytes of a distance.
        let bytes = self.bytes(offset, offset.saturating_add(40));
        let entry = data::Entry::from_bytes(bytes, offset, gix_hash::Kind::Sha1).or(Err(Fault::Header))?;
        let base = match entry.header {
            Header::Tree => Base::None(Kind::Tree),
            Header::Blob => Base::None(Kind::Text(ObjectKind::Blob)),
            Header::Commit => Base::None(Kind::Text(ObjectKind::Commit)),
            Header::Tag => Base::None(Kind::Text(ObjectKind::Tag)),
            Header::RefDelta { base_id } => Base::Of(object_id(&base_id)),
            Header::OfsDelta { base_distance } => {
                Base::At(entry.checked_base_pack_offset(base_distance).ok_or(Fault::Header)?)
            }
        };
        Ok(Head { base, size: entry.decompressed_size, data: entry.data_offset })
    }
}
