//! Reads small files of a repository that git writes itself.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The start of the file at `path`, at most `max` bytes of it. What is no file is not opened: one would wait at a pipe.
pub(super) fn plain(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("no plain file"));
    }
    let mut content = Vec::new();
    File::open(path)?.take(max).read_to_end(&mut content)?;
    Ok(content)
}
