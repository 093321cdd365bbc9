//! The clean-object cache: IDs of git objects in which an earlier scan found nothing, so that the next scan of the same
//! repository, or of a fork, reads only objects that are new or were not clean.
//!
//! In: objects that were read whole, contain nothing, and whose hash was recomputed. Out: which of the objects of a
//! repository are known to be clean. The cache contains object IDs, sizes and kinds: no secret, no finding, no name. All
//! of it belongs to one [`Key`]: what decides whether an object is clean. It may be lost at any time.
//!
//! ```text
//! FOLDER/VERSION-KEY/sha1-CHECKSUM.clean      a sorted, immutable segment
//! FOLDER/VERSION-KEY/REPOSITORY.connected     an object set without missing references
//! ```

mod connected;
mod folder;
mod lookup;
mod merge;
mod segment;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

pub use connected::ObjectSet;
pub use folder::Refused;
pub use lookup::Lookup;
pub use merge::{Contents, Pruned, clear, contents, prune};

use self::segment::Segment;
use crate::origin::{ObjectFormat, ObjectId, ObjectKind};
use crate::redact::redact;

/// An object in which nothing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CleanObject {
    /// Its ID, which was recomputed from its bytes.
    pub id: ObjectId,
    /// Its size in bytes, at most [`MAX_SIZE`](Self::MAX_SIZE).
    pub size: u32,
    /// Its kind; `None` for a tree.
    pub kind: Option<ObjectKind>,
}

impl CleanObject {
    /// Larger objects are never remembered.
    pub const MAX_SIZE: u32 = (1 << 22) - 1;
}

/// What decides whether an object is clean: akid's version, the rules, and the options of detection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    version: String,
    hash: [u8; 32],
}

impl Key {
    /// The key of a version of akid with everything else that matters.
    pub fn new(version: &str, parts: &[&[u8]]) -> Self {
        let all = std::iter::once(version.as_bytes()).chain(parts.iter().copied());
        Self { version: version.to_owned(), hash: segment::hash_of(all) }
    }

    /// The name of the folder for this key.
    fn folder(&self) -> String {
        format!("{}-{}", self.version, segment::hex(&self.hash[..8]))
    }
}

/// The cache for one key. Any number of processes may use one folder at the same time.
#[derive(Debug)]
pub struct CleanCache {
    folder: PathBuf,
    key: Key,
    problems: Mutex<BTreeSet<String>>,
}

impl CleanCache {
    /// Opens the cache in `folder`, which is created.
    ///
    /// # Errors
    ///
    /// If the folder cannot be created, or if somebody else may write to it: they could hide objects from a scan.
    pub fn open(folder: &Path, key: Key) -> Result<Self, Refused> {
        let own = folder.join(key.folder());
        for folder in [folder, &own] {
            folder::make(folder)?;
            folder::check(folder)?;
        }
        Ok(Self { folder: own, key, problems: Mutex::default() })
    }

    /// Returns what is known of objects with IDs of `format`, as it is now.
    pub fn lookup(&self, format: ObjectFormat) -> Lookup<'_> {
        Lookup::new(self, self.segments(format))
    }

    /// Remembers objects. Those that are known already take no more room.
    pub fn add(&self, format: ObjectFormat, mut objects: Vec<CleanObject>) {
        objects.sort_unstable();
        objects.dedup_by_key(|object| object.id);
        let mut known = self.lookup(format);
        objects.retain(|object| known.find(object.id).is_none());
        if objects.is_empty() {
            return;
        }
        let written = segment::write(&self.folder, &self.key, format, objects.into_iter());
        if let Err(error) = written.and_then(|_| merge::merge_small(&self.folder, &self.key, format)) {
            self.note(&self.folder, &error.to_string());
        }
    }

    /// Returns the objects that the repository at `repository` had when a scan last found that none of them refers to a
    /// missing one.
    pub fn connected(&self, repository: &Path) -> Option<ObjectSet> {
        match connected::read(&self.folder, &self.key, repository) {
            Ok(set) => set,
            Err((path, why)) => {
                self.note(&path, &why);
                None
            }
        }
    }

    /// Remembers that no object of `set`, the objects of the repository at `repository`, refers to a missing one.
    pub fn remember_connected(&self, repository: &Path, set: &ObjectSet) {
        if let Err(error) = connected::write(&self.folder, &self.key, repository, set) {
            self.note(&self.folder, &error.to_string());
        }
    }

    /// What of the cache could not be used or written, in order. The scan is right without it, only slower.
    pub fn problems(&self) -> Vec<String> {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn segments(&self, format: ObjectFormat) -> Vec<Segment> {
        let listed = folder::names(&self.folder, &segment::prefix(format)).unwrap_or_else(|error| {
            self.note(&self.folder, &error.to_string());
            Vec::new()
        });
        let opened = listed.into_iter().filter_map(|path| match Segment::open(&path, &self.key, format) {
            Ok(segment) => Some(segment),
            // Another process has merged it into another one.
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                self.note(&path, &error.to_string());
                None
            }
        });
        opened.collect()
    }

    fn note(&self, path: &Path, why: &str) {
        let problem = format!("{}: {why}", redact(path.as_os_str().as_encoded_bytes()));
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).insert(problem);
    }
}

#[cfg(test)]
mod tests;
