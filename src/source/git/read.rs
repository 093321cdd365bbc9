//! Opens files of a repository that git writes itself: regular files only, never through a link in their place.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::source::beneath::{Folder, RegularFile};

/// Opens the regular file at `path`.
///
/// # Errors
///
/// If it is a link or no regular file, or if the system refuses.
pub(super) fn open(path: &Path) -> io::Result<File> {
    regular(path).map(|opened| opened.file)
}

/// Reads the first `max` bytes of the regular file at `path`.
///
/// # Errors
///
/// As those of [`open`].
pub(super) fn plain(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    use std::io::Read;
    let mut content = Vec::new();
    open(path)?.take(max).read_to_end(&mut content)?;
    Ok(content)
}

fn regular(path: &Path) -> io::Result<RegularFile> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::ErrorKind::IsADirectory.into());
    };
    Ok(Folder::open(folder)?.file(Path::new(name))?)
}
