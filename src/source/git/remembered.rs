//! What an earlier scan remembered of the objects of a repository, and what this scan may remember.
//!
//! Objects that are known to be clean are not read. Commits, tags and trees among them are read all the same, only for
//! what they refer to, unless they belong to a set of objects of which nothing was missing and nothing is gone.

use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use super::entry::Kind;
use super::look::Decoded;
use super::objects::Objects;
use super::pack::Pack;
use crate::clean::{CleanCache, CleanObject, ObjectSet};
use crate::origin::{ObjectFormat, ObjectId, ObjectKind};
use crate::source::Sink;

/// What is known of the objects of a repository.
#[derive(Default)]
pub(super) struct Remembered {
    /// For each pack, the places in its index whose objects are not read.
    packs: Vec<Places>,
    /// Objects with files of their own that are not read.
    loose: HashSet<ObjectId>,
    /// Sizes of blobs, commits and tags that are not read.
    pub(super) passed: Vec<u32>,
    /// Objects that are read only for what they refer to.
    again: HashSet<ObjectId>,
    /// How many objects are not read.
    skipped: usize,
}

/// One bit for each place in an index.
#[derive(Clone, Default)]
struct Places(Vec<u64>);

impl Places {
    fn set(&mut self, position: u32, len: u32) {
        self.0.resize(len.div_ceil(64) as usize, 0);
        self.0[position as usize / 64] |= 1 << (position % 64);
    }

    fn has(&self, position: u32) -> bool {
        self.0.get(position as usize / 64).is_some_and(|bits| bits >> (position % 64) & 1 == 1)
    }
}

/// Where the objects were of which nothing was missing, if all of them are still there.
struct Connected {
    set: Option<ObjectSet>,
    /// For each pack, whether it was one of them.
    packs: Vec<bool>,
    /// Whether nobody asks for what is missing.
    is_partial: bool,
}

impl Connected {
    fn of(cache: &CleanCache, objects: &Objects) -> Self {
        let identities: Vec<_> = objects.packs.iter().map(identity).collect();
        let is_there = |set: &ObjectSet| {
            set.format == objects.format
                && set.shallow == objects.shallow
                && set.packs.iter().all(|pack| identities.contains(&Some(*pack)))
                && set.loose.iter().all(|id| objects.has(*id))
        };
        let set = objects.stores.first().and_then(|store| cache.connected(store)).filter(is_there);
        let was_there = |identity: &Option<[u8; 32]>| {
            set.as_ref().zip(*identity).is_some_and(|(set, identity)| set.packs.contains(&identity))
        };
        let packs = identities.iter().map(was_there).collect();
        Self { set, packs, is_partial: objects.is_partial }
    }

    /// Whether what the object refers to is there.
    fn has(&self, id: ObjectId, mut packs: impl Iterator<Item = usize>) -> bool {
        self.is_partial
            || packs.any(|pack| self.packs[pack])
            || self.set.as_ref().is_some_and(|set| set.loose.contains(&id))
    }
}

impl Remembered {
    /// What `cache` knows of `objects`.
    pub(super) fn of(cache: &CleanCache, objects: &Objects) -> Self {
        let mut lookup = cache.lookup(objects.format);
        let mut remembered = Self { packs: vec![Places::default(); objects.packs.len()], ..Self::default() };
        if lookup.is_empty() {
            return remembered;
        }
        let connected = Connected::of(cache, objects);
        let mut all: Vec<(&[u8], usize, u32)> = Vec::new();
        for first in 0..=u8::MAX {
            all.clear();
            for (number, pack) in objects.packs.iter().enumerate() {
                let (start, bucket) = pack.index.bucket(first);
                all.extend(bucket.ids().zip(start..).map(|(id, position)| (id, number, position)));
            }
            // Each index is sorted already, so that this is a merge.
            all.sort_unstable();
            for same in all.chunk_by(|a, b| a.0 == b.0) {
                let Some(id) = ObjectId::from_slice(same[0].0) else { continue };
                let Some(object) = lookup.find(id) else { continue };
                if !remembered.skips(&object, connected.has(id, same.iter().map(|it| it.1))) {
                    continue;
                }
                for &(_, pack, position) in same {
                    remembered.packs[pack].set(position, objects.packs[pack].index.len());
                }
            }
        }
        let mut loose: Vec<ObjectId> =
            objects.loose.keys().copied().filter(|&id| objects.position_of(id).is_none()).collect();
        loose.sort_unstable();
        for id in loose {
            let Some(object) = lookup.find(id) else { continue };
            if remembered.skips(&object, connected.has(id, std::iter::empty())) {
                remembered.loose.insert(id);
            }
        }
        remembered
    }

    /// Whether an object that is clean need not be read. Takes note of it.
    fn skips(&mut self, object: &CleanObject, is_connected: bool) -> bool {
        if object.kind != Some(ObjectKind::Blob) && !is_connected {
            self.again.insert(object.id);
            return false;
        }
        self.passed.extend(object.kind.map(|_| object.size));
        self.skipped += 1;
        true
    }

    /// Whether the object at a place in the index of a pack is not read.
    pub(super) fn has(&self, pack: usize, position: u32) -> bool {
        self.packs.get(pack).is_some_and(|places| places.has(position))
    }

    /// Whether the file of an object is not read.
    pub(super) fn has_loose(&self, id: ObjectId) -> bool {
        self.loose.contains(&id)
    }

    /// The objects that are read, if they are so few that looking for each is faster than reading all packs.
    pub(super) fn few_left(&self, objects: &Objects) -> Option<Vec<ObjectId>> {
        let all: usize = objects.packs.iter().map(|pack| pack.index.len() as usize).sum();
        if self.skipped < (all + objects.loose.len()) / 8 * 7 {
            return None;
        }
        let mut left = BTreeSet::new();
        for pack in &objects.packs {
            let places = (0..pack.index.len()).filter(|&position| !self.has(pack.number, position));
            left.extend(places.map(|position| pack.index.id(position)));
        }
        left.extend(
            objects.loose.keys().filter(|id| !self.has_loose(**id) && !self.has_packed(objects, **id)),
        );
        Some(left.into_iter().collect())
    }

    fn has_packed(&self, objects: &Objects, id: ObjectId) -> bool {
        objects.position_of(id).is_some_and(|(pack, position)| self.has(pack, position))
    }
}

/// What tells a pack from others: how many objects it has, how long it is and the checksum that it ends with.
fn identity(pack: &Pack) -> Option<[u8; 32]> {
    let (len, mut sum) = (pack.data.len(), Vec::new());
    pack.data.read(pack.end()..len, &mut sum).ok()?;
    let hasher = Sha256::new().chain_update(len.to_le_bytes()).chain_update(pack.index.len().to_le_bytes());
    Some(hasher.chain_update(&sum).finalize().into())
}

/// The set of all `objects`, to be remembered; `None` if a pack cannot be told from others.
pub(super) fn set_of(objects: &Objects) -> Option<ObjectSet> {
    let packs: Option<BTreeSet<[u8; 32]>> = objects.packs.iter().map(identity).collect();
    let is_alone = |id: &ObjectId| objects.position_of(*id).is_none();
    Some(ObjectSet {
        format: objects.format,
        packs: packs?,
        loose: objects.loose.keys().copied().filter(is_alone).collect(),
        shallow: objects.shallow.clone(),
    })
}

/// Decides which objects may be remembered. Works off no budget of the scan's: what is found must not depend on it.
pub(super) struct Recorder<'a> {
    format: ObjectFormat,
    sink: &'a dyn Sink,
    known: Remembered,
    /// Bytes that may still be hashed: a few bytes of deltas can stand for any number.
    left: AtomicU64,
    /// Bytes of names that may still be kept.
    room: AtomicI64,
}

/// Bytes that are hashed of any repository, and for each byte of its packs. Those of git/git have 40 for each.
const FREE: u64 = 4 << 30;
const PER_BYTE: u64 = 512;
/// Bytes of names that are kept of trees.
const MAX_NAMES: i64 = 32 << 20;

impl<'a> Recorder<'a> {
    /// For `objects`, of which those are `known`.
    pub(super) fn new(objects: &Objects, known: Remembered, sink: &'a dyn Sink) -> Self {
        let left = FREE.saturating_add(objects.packed().saturating_mul(PER_BYTE));
        let (left, room) = (AtomicU64::new(left), AtomicI64::new(MAX_NAMES));
        Self { format: objects.format, sink, known, left, room }
    }

    pub(super) fn known(&self) -> &Remembered {
        &self.known
    }

    /// The object of these `bytes`, in which nothing was found, if it may be remembered: it is not known already, and its
    /// ID is the hash of them.
    pub(super) fn clean(&self, object: Decoded<'_>, bytes: &[u8]) -> Option<CleanObject> {
        let size = u32::try_from(bytes.len()).ok().filter(|&size| size <= CleanObject::MAX_SIZE)?;
        let id = object.name?.id();
        // What was searched while the scan was stopped may not have been searched to its end.
        if id.format() != self.format || self.known.again.contains(&id) || self.sink.is_stopped() {
            return None;
        }
        let pay = |left: u64| left.checked_sub(size.into());
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, pay).ok()?;
        let kind = match object.kind {
            Kind::Text(kind) => Some(kind),
            Kind::Tree => None,
        };
        (hash_of(object.kind, bytes, self.format)? == id).then_some(CleanObject { id, size, kind })
    }

    /// Whether `len` more bytes of names may be kept.
    pub(super) fn has_room(&self, len: usize) -> bool {
        let len = i64::try_from(len).unwrap_or(i64::MAX);
        self.room.fetch_sub(len, Ordering::Relaxed) >= len
    }
}

/// The ID of an object. `None` if its bytes were made to collide with others.
fn hash_of(kind: Kind, bytes: &[u8], format: ObjectFormat) -> Option<ObjectId> {
    let header = format!("{} {}\0", kind.as_str(), bytes.len());
    match format {
        ObjectFormat::Sha1 => {
            use sha1_checked::{Digest, Sha1};
            let hash = Sha1::new().chain_update(&header).chain_update(bytes).try_finalize();
            ObjectId::from_slice(hash.hash()).filter(|_| !hash.has_collision())
        }
        ObjectFormat::Sha256 => {
            ObjectId::from_slice(&Sha256::new().chain_update(&header).chain_update(bytes).finalize())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_what_git_computes() {
        let blob = Kind::Text(ObjectKind::Blob);
        let of = |format| hash_of(blob, b"what is up, doc?", format).unwrap().to_string();
        assert_eq!(of(ObjectFormat::Sha1), "bd9dbf5aae1a3862dd1526723246b20206e5fc37");
        let empty = hash_of(Kind::Tree, b"", ObjectFormat::Sha256).unwrap().to_string();
        assert_eq!(empty, "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321");
    }
}
