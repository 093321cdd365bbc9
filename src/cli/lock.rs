//! Keeps two runs from changing one file at the same time.

use std::fs::File;
use std::path::Path;

use anyhow::Context;

use super::config::shown;

/// Keeps others from writing the file at `path`, or another beside it, until the returned file is dropped: what two add
/// at once is all kept.
pub(super) fn lock(path: &Path) -> anyhow::Result<Option<File>> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Where a folder cannot be opened, as on Windows, the last one wins.
    let Ok(file) = File::open(folder) else { return Ok(None) };
    file.lock().with_context(|| format!("{}: the folder cannot be locked", shown(folder)))?;
    Ok(Some(file))
}
