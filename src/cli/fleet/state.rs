//! What the result of a scan depends on, in one hash: if it is the same, so is the result.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use akid::source::git::Repository;

use super::digest;

/// Files that git keeps beside objects and refs, and that a scan of history reads or depends on.
const FILES: [&str; 9] = [
    "HEAD",
    "packed-refs",
    "FETCH_HEAD",
    "ORIG_HEAD",
    "MERGE_HEAD",
    "index",
    "config",
    "shallow",
    "objects/info/alternates",
];
/// Folders of which every file counts with its content.
const FOLDERS: [&str; 3] = ["refs", "logs", "reftable"];
/// A file that is larger than this counts by size and time.
const MAX_FILE: u64 = 4 << 20;

/// The objects and refs of the repository at `path`, in a hash. `None` where they cannot be told by this folder alone,
/// or not at all: then it is scanned.
pub(super) fn of_repository(path: &Path) -> Option<String> {
    let repository = Repository::open(path).ok()?;
    let folder = repository.git_dir();
    // Objects elsewhere, or worktrees with files of their own: scanned again each time.
    let common = common_of(folder);
    let has_more = |name: &str| common.join(name).exists();
    if has_more("objects/info/alternates") || has_more("worktrees") || has_more("modules") {
        return None;
    }
    let mut parts: Vec<Vec<u8>> = Vec::new();
    for name in FILES {
        add_file(&mut parts, &folder.join(name), name).ok()?;
    }
    for name in FOLDERS {
        add_folder(&mut parts, &common.join(name), 0).ok()?;
    }
    add_objects(&mut parts, &common.join("objects")).ok()?;
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    Some(digest(&parts))
}

fn common_of(folder: &Path) -> PathBuf {
    match fs::read_to_string(folder.join("commondir")) {
        Ok(way) => folder.join(way.trim()),
        Err(_) => folder.to_path_buf(),
    }
}

/// Adds a file with its content, if it is there.
fn add_file(parts: &mut Vec<Vec<u8>>, path: &Path, name: &str) -> io::Result<()> {
    let metadata = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        metadata => metadata?,
    };
    parts.push(name.as_bytes().to_vec());
    parts.push(metadata.len().to_le_bytes().to_vec());
    parts.push(mode(&metadata));
    if metadata.is_file() && metadata.len() <= MAX_FILE {
        parts.push(fs::read(path)?);
    } else {
        let modified = metadata.modified()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        parts.push(modified.as_nanos().to_le_bytes().to_vec());
    }
    Ok(())
}

/// Adds the files of a folder, in order.
fn add_folder(parts: &mut Vec<Vec<u8>>, folder: &Path, depth: usize) -> io::Result<()> {
    // No ref lies deeper.
    if depth > 64 {
        return Err(io::Error::other("too deep"));
    }
    for path in sorted(folder)? {
        if path.is_dir() && !path.is_symlink() {
            parts.push(path.as_os_str().as_encoded_bytes().to_vec());
            add_folder(parts, &path, depth + 1)?;
        } else {
            add_file(parts, &path, &path.to_string_lossy())?;
        }
    }
    Ok(())
}

/// Adds the names of packs with their sizes, and the IDs of loose objects.
fn add_objects(parts: &mut Vec<Vec<u8>>, folder: &Path) -> io::Result<()> {
    for path in sorted(folder)? {
        for file in if path.is_dir() { sorted(&path)? } else { vec![path] } {
            parts.push(file.as_os_str().as_encoded_bytes().to_vec());
            let metadata = fs::symlink_metadata(&file)?;
            parts.push(metadata.len().to_le_bytes().to_vec());
            parts.push(mode(&metadata));
        }
    }
    Ok(())
}

/// Who may read a file: what could not be read may be readable now.
#[cfg(unix)]
fn mode(metadata: &fs::Metadata) -> Vec<u8> {
    use std::os::unix::fs::MetadataExt;
    [metadata.mode(), metadata.uid()].iter().flat_map(|number| number.to_le_bytes()).collect()
}

#[cfg(not(unix))]
fn mode(metadata: &fs::Metadata) -> Vec<u8> {
    vec![u8::from(metadata.permissions().readonly())]
}

fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}
