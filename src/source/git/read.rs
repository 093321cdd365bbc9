//! Opens files of a repository that git writes itself, and nothing but files: one would wait at a pipe.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Opens the file at `path`.
pub(super) fn open(path: &Path) -> io::Result<File> {
    if path.metadata()?.is_file() { File::open(path) } else { Err(io::Error::other("no plain file")) }
}

/// The start of the file at `path`, at most `max` bytes of it.
pub(super) fn plain(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    open(path)?.take(max).read_to_end(&mut content)?;
    Ok(content)
}
