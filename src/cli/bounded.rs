//! Small files that the user names: read up to a limit, since a device has no end.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// At most `len` bytes of the start of what is at `path`.
pub(super) fn head(path: &Path, len: usize) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(len as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// The whole of what is at `path`, which has no more than `max` MiB.
pub(super) fn read(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    let len = max << 20;
    let mut content = Vec::new();
    File::open(path)?.take(len + 1).read_to_end(&mut content)?;
    if content.len() as u64 > len {
        return Err(io::Error::other(format!("too large: over {max} MiB")));
    }
    Ok(content)
}
