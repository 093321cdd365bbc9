//! Opens files of a repository that git writes itself: regular files only, never through a link in their place.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use crate::source::beneath::{Folder, RegularFile, Stat};

/// Opens the regular file at `path`.
///
/// # Errors
///
/// If it is a link or no regular file, or if the system refuses.
pub(super) fn open(path: &Path) -> io::Result<File> {
    regular(path).map(|opened| opened.file)
}

/// Reads the regular file at `path`, which has no more than `max` bytes.
///
/// # Errors
///
/// As those of [`open`], and if the file is larger.
pub(super) fn plain(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    Ok(regular(path)?.read(max, &|| false)?)
}

fn regular(path: &Path) -> io::Result<RegularFile> {
    let (folder, name) = split(path)?;
    Ok(folder.file(name)?)
}

/// Returns what is at `path`, without opening it and without following a link there.
///
/// # Errors
///
/// If nothing is there, or the system refuses.
pub(super) fn stat(path: &Path) -> io::Result<Stat> {
    let (folder, name) = split(path)?;
    Ok(folder.stat(name)?)
}

/// The folder that `path` is in, and its name there.
fn split(path: &Path) -> io::Result<(Folder, &Path)> {
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) => Ok((Folder::open(folder)?, Path::new(name))),
        _ => Err(io::ErrorKind::IsADirectory.into()),
    }
}

/// Opens the file at `path` in a folder of a store of objects. No link below the store is followed.
///
/// # Errors
///
/// As those of [`open`].
pub(super) fn in_store(path: &Path) -> io::Result<File> {
    let store = path.ancestors().nth(2).ok_or(io::ErrorKind::IsADirectory)?;
    beneath(store, path.strip_prefix(store).unwrap_or(path))
}

/// The names of what is in the folder `name` of `store`, which may not be a link.
///
/// # Errors
///
/// If nothing is there, or the system refuses. What it listed before is handed to `take`.
pub(super) fn names(store: &Path, name: &str, take: &mut dyn FnMut(OsString)) -> io::Result<()> {
    let (_, listed) = Folder::open(store)?.listed(Path::new(name), &mut |entry| take(entry.name))?;
    listed
}

/// Opens the regular file at `relative` below the folder `base`. No link below `base` is followed.
///
/// # Errors
///
/// As those of [`open`].
pub(super) fn beneath(base: &Path, relative: &Path) -> io::Result<File> {
    Ok(Folder::open(base)?.file(relative)?.file)
}

/// Reads the regular file at `relative` below the folder `base`, which has no more than `max` bytes.
///
/// # Errors
///
/// As those of [`open`], and if the file is larger.
pub(super) fn small(base: &Path, relative: &Path, max: u64) -> io::Result<Vec<u8>> {
    Ok(Folder::open(base)?.read(relative, max, &|| false)?)
}

/// Longer lines are not held, in bytes.
const MAX_LINE: usize = 1 << 14;

/// Hands the lines of `file` to `take`, `None` for one that is longer than is held, until it returns `false`.
///
/// # Errors
///
/// What the system says; `FileTooLarge` after `max` bytes.
pub(super) fn lines(file: File, max: u64, take: &mut dyn FnMut(Option<&[u8]>) -> bool) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let (mut line, mut is_long, mut left) = (Vec::new(), false, max);
    loop {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            if is_long || !line.is_empty() {
                take((!is_long).then_some(&line));
            }
            return Ok(());
        }
        let end = memchr::memchr(b'\n', bytes);
        let part = &bytes[..end.unwrap_or(bytes.len())];
        let used = part.len() + usize::from(end.is_some());
        is_long |= line.len() + part.len() > MAX_LINE;
        if !is_long {
            line.extend_from_slice(part);
        }
        if end.is_some() {
            if !take((!is_long).then_some(&line)) {
                return Ok(());
            }
            line.clear();
            is_long = false;
        }
        reader.consume(used);
        left = left.checked_sub(used as u64).ok_or(io::ErrorKind::FileTooLarge)?;
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn all(content: &[u8], max: u64) -> (Vec<Option<usize>>, bool) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), content).unwrap();
        let mut found = Vec::new();
        let file = beneath(folder.path(), Path::new("file")).unwrap();
        let whole = lines(file, max, &mut |line| {
            found.push(line.map(<[u8]>::len));
            true
        });
        (found, whole.is_ok())
    }

    #[test]
    fn lines_are_handed_over_one_by_one_and_long_ones_are_only_counted() {
        assert_eq!(all(b"ab\n\ncde", 100), (vec![Some(2), Some(0), Some(3)], true));
        assert_eq!(all(b"", 100), (vec![], true));
        let long = [vec![b'x'; 200_000], b"\nab\n".to_vec()].concat();
        assert_eq!(all(&long, 1 << 20), (vec![None, Some(2)], true));
        assert_eq!(all(&long, 1000), (vec![], false));
    }

    #[cfg(unix)]
    #[test]
    fn no_link_leads_out_of_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().join("top");
        fs::create_dir(&top).unwrap();
        fs::write(folder.path().join("secret"), "x").unwrap();
        std::os::unix::fs::symlink(folder.path(), top.join("out")).unwrap();
        for path in ["out/secret", "../secret", "/etc/hostname", "out"] {
            assert!(beneath(&top, Path::new(path)).is_err(), "{path}");
            assert!(small(&top, Path::new(path), 100).is_err(), "{path}");
        }
    }
}
