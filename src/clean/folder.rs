//! The cache's folder: who may write to it, and how files get into it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::redact::redact;

/// Why a folder is not used as a cache.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The system said no.
    #[error("{path}: {source}")]
    Io {
        /// The folder, as it may be shown.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// Others may write to it.
    #[error("{path}: {why}, so that others could hide objects from a scan")]
    Others {
        /// The folder, as it may be shown.
        path: String,
        /// Who may.
        why: &'static str,
    },
}

/// Temporary files start with this.
const TEMPORARY: &str = ".new-";

/// Creates a folder that only its owner may use.
pub(super) fn make(folder: &Path) -> Result<(), Refused> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|source| Refused::Io { path: shown(folder), source })
}

/// Checks that no other user may write to a folder.
pub(super) fn check(folder: &Path) -> Result<(), Refused> {
    let metadata = fs::metadata(folder).map_err(|source| Refused::Io { path: shown(folder), source })?;
    match others(&metadata) {
        None => Ok(()),
        Some(why) => Err(Refused::Others { path: shown(folder), why }),
    }
}

/// Opens a file that no other user may write to.
pub(super) fn open(path: &Path) -> io::Result<File> {
    // akid writes no links and no pipes. The folder is the user's own, so no other user can swap the file.
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let file = File::open(path)?;
    match others(&file.metadata()?) {
        None => Ok(file),
        Some(why) => Err(io::Error::other(why)),
    }
}

/// Why others may change a file or folder, if they may.
#[cfg(unix)]
fn others(metadata: &fs::Metadata) -> Option<&'static str> {
    use std::os::unix::fs::MetadataExt;
    const WRITABLE_BY_OTHERS: u32 = 0o022;
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        Some("it belongs to another user")
    } else if metadata.mode() & WRITABLE_BY_OTHERS != 0 {
        Some("its group or everybody may write to it")
    } else {
        None
    }
}

/// The same where access lists decide: folders below the user's profile are the user's.
#[cfg(not(unix))]
fn others(_: &fs::Metadata) -> Option<&'static str> {
    None
}

/// The files in `folder` whose names start with `prefix`, in order.
pub(super) fn names(folder: &Path, prefix: &str) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(prefix)) {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

/// Files that a process left behind when it was killed, or that another one is writing now.
pub(super) fn temporary(folder: &Path) -> io::Result<Vec<PathBuf>> {
    names(folder, TEMPORARY)
}

/// Writes a file beside its place and renames it, so that no reader sees a part of it.
pub(super) fn replace(
    folder: &Path,
    name: &str,
    write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let nth = NEXT.fetch_add(1, Ordering::Relaxed);
    let temporary = folder.join(format!("{TEMPORARY}{}-{nth}", std::process::id()));
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&temporary).and_then(|file| {
        let mut out = io::BufWriter::new(file);
        write(&mut out)?;
        out.flush()?;
        drop(out);
        fs::rename(&temporary, folder.join(name))
    });
    if written.is_err() {
        // The error that is reported says more than one about this file.
        drop(fs::remove_file(&temporary));
    }
    written
}

/// Removes a file, which somebody else may have removed meanwhile.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn shown(path: &Path) -> String {
    redact(path.as_os_str().as_encoded_bytes())
}
