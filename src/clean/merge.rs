//! Keeps the cache's folder small: merges segments where there are many, and removes what no scan uses.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::segment::{self, Segment};
use super::{CleanObject, Key, connected, folder};
use crate::origin::ObjectFormat;

/// With more segments than this, the smallest are merged.
const MANY: usize = 8;
const FORMATS: [ObjectFormat; 2] = [ObjectFormat::Sha1, ObjectFormat::Sha256];

/// Merges the smallest segments if there are many. Where another process is doing that, it does it.
pub(super) fn merge_small(folder: &Path, key: &Key, format: ObjectFormat) -> io::Result<()> {
    let names = folder::names(folder, &segment::prefix(format))?;
    if names.len() <= MANY {
        return Ok(());
    }
    // Where a folder cannot be opened, as on Windows, two may do the same work.
    let lock = File::open(folder).ok();
    if lock.as_ref().is_some_and(|lock| lock.try_lock().is_err()) {
        return Ok(());
    }
    let mut segments: Vec<Segment> =
        names.iter().filter_map(|path| Segment::open(path, key, format).ok()).collect();
    segments.sort_by_key(Segment::count);
    // The smaller half, and what is not larger than all of that: so an object is merged a few times only.
    let (mut small, mut total) = (0, 0);
    while let Some(segment) = segments.get(small).filter(|it| small <= MANY / 2 || it.count() <= total) {
        (small, total) = (small + 1, total + segment.count());
    }
    merge(folder, key, format, &segments[..small])
}

fn merge(folder: &Path, key: &Key, format: ObjectFormat, segments: &[Segment]) -> io::Result<()> {
    if segments.len() < 2 {
        return Ok(());
    }
    let mut all: Vec<CleanObject> = Vec::new();
    let mut merged = Vec::new();
    for segment in segments {
        // One with a damaged block stays, and is reported where it is used.
        if let Ok(objects) = segment.all() {
            all.extend(objects);
            merged.push(&segment.path);
        }
    }
    all.sort_unstable();
    all.dedup_by_key(|object| object.id);
    let written = segment::write(folder, key, format, all.into_iter())?;
    merged.into_iter().filter(|path| **path != written).try_for_each(|path| folder::remove(path))
}

/// What the cache has for one key.
#[derive(Debug)]
pub struct Contents {
    /// The name of the key's folder: akid's version, and the start of the key.
    pub name: String,
    /// How many segments there are, and how many of them are damaged or may be changed by others.
    pub segments: u64,
    /// Of these, how many cannot be used.
    pub unusable: u64,
    /// How many objects are remembered.
    pub objects: u64,
    /// How many repositories have all objects that theirs refer to.
    pub repositories: u64,
    /// How many bytes all of it takes.
    pub bytes: u64,
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// How many files.
    pub files: u64,
    /// How many bytes.
    pub bytes: u64,
}

/// Lists what the cache in `folder` has, key by key. A folder that is not there has nothing.
///
/// # Errors
///
/// If a folder cannot be listed.
pub fn contents(folder: &Path) -> io::Result<Vec<Contents>> {
    key_folders(folder)?.iter().map(|folder| contents_of(folder)).collect()
}

fn contents_of(folder: &Path) -> io::Result<Contents> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut contents = Contents { name, segments: 0, unusable: 0, objects: 0, repositories: 0, bytes: 0 };
    for path in own_files(folder)? {
        contents.bytes += fs::metadata(&path).map_or(0, |metadata| metadata.len());
        let format = FORMATS.into_iter().find(|format| is_segment(&path, *format));
        let Some(format) = format else {
            contents.repositories += u64::from(connected::is_one(&path));
            continue;
        };
        contents.segments += 1;
        match Segment::check(&path, format) {
            Ok(objects) => contents.objects += objects as u64,
            Err(_) => contents.unusable += 1,
        }
    }
    Ok(contents)
}

/// Removes what no scan with `version` of akid uses: what other versions remembered, damaged segments, and files that
/// were never finished.
///
/// # Errors
///
/// If a folder cannot be listed, or a file not be removed.
pub fn prune(folder: &Path, version: &str) -> io::Result<Pruned> {
    let mut pruned = Pruned::default();
    for own in key_folders(folder)? {
        let name = own.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_current = name.rsplit_once('-').is_some_and(|(of, _)| of == version);
        for path in own_files(&own)? {
            let format = FORMATS.into_iter().find(|format| is_segment(&path, *format));
            let is_sound = match format {
                Some(format) => Segment::check(&path, format).is_ok(),
                None => connected::is_one(&path) || is_fresh(&path),
            };
            if !is_current || !is_sound {
                pruned.remove(&path)?;
            }
        }
        // Not empty where something of it is kept.
        drop(fs::remove_dir(&own));
    }
    Ok(pruned)
}

/// Removes the whole cache in `folder`, and nothing that is not of it.
///
/// # Errors
///
/// If a folder cannot be listed, or a file not be removed.
pub fn clear(folder: &Path) -> io::Result<Pruned> {
    let mut pruned = Pruned::default();
    for own in key_folders(folder)? {
        own_files(&own)?.iter().try_for_each(|path| pruned.remove(path))?;
        drop(fs::remove_dir(&own));
    }
    Ok(pruned)
}

impl Pruned {
    fn remove(&mut self, path: &Path) -> io::Result<()> {
        self.bytes += fs::symlink_metadata(path).map_or(0, |metadata| metadata.len());
        self.files += 1;
        folder::remove(path)
    }
}

/// A file that is being written is not older than this, in seconds.
const FRESH: u64 = 24 * 60 * 60;

/// Whether a temporary file may be one that another process is writing.
fn is_fresh(path: &Path) -> bool {
    let modified = fs::symlink_metadata(path).and_then(|metadata| metadata.modified());
    modified.is_ok_and(|time| time.elapsed().is_ok_and(|age| age.as_secs() < FRESH))
}

fn is_segment(path: &Path, format: ObjectFormat) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with(&segment::prefix(format)) && name.ends_with(segment::EXTENSION)
}

/// The folders of keys: a version, and the start of a hash.
fn key_folders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let is_key = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let hash = name.rsplit_once('-').map(|(_, hash)| hash.to_owned()).unwrap_or_default();
        let is_hash = hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hash && fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
    };
    match folder::names(folder, "") {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        names => Ok(names?.into_iter().filter(is_key).collect()),
    }
}

/// The files of the cache in the folder of a key.
fn own_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = folder::names(folder, "")?;
    let temporary = folder::temporary(folder)?;
    files.retain(|path| {
        FORMATS.iter().any(|format| is_segment(path, *format))
            || connected::is_one(path)
            || temporary.contains(path)
    });
    Ok(files)
}
