//! Keeps two runs from changing one file at the same time.

use std::fs::File;
use std::path::Path;

use anyhow::Context;

use super::config::shown;
use super::place::folder_of;

/// Keeps others from writing the file at `path`, or another beside it, until the returned file is dropped: what two add
/// at once is all kept.
pub(super) fn lock(path: &Path) -> anyhow::Result<Option<File>> {
    // Where a folder cannot be opened, as on Windows, the last one wins.
    let Ok(file) = File::open(folder_of(path)) else { return Ok(None) };
    file.lock().with_context(|| format!("{}: the folder cannot be locked", shown(folder_of(path))))?;
    Ok(Some(file))
}
