//! A file beside another, which takes its place once it is whole.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// A file that is being written. It is removed when dropped, unless it was put in its place.
#[derive(Debug)]
pub(in crate::cli) struct Aside {
    pub(in crate::cli) file: File,
    path: PathBuf,
    target: PathBuf,
}

/// How often to try another name, or the same one again.
const TRIES: u32 = 100;

impl Aside {
    /// Creates a file beside `target` and locks it, so that no other run takes it for what a killed one left. Removes
    /// what killed runs left.
    pub(in crate::cli) fn beside(target: PathBuf) -> io::Result<Self> {
        remove_abandoned(&target);
        for nth in 0..TRIES {
            let path = name(&target, nth);
            // Never through a link under that name.
            let file = match File::create_new(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                file => file?,
            };
            // Between the two calls another run may have taken it for abandoned.
            let is_locked = !matches!(file.try_lock(), Err(TryLockError::WouldBlock));
            if is_locked && is_at(&file, &path) {
                return Ok(Self { file, path, target });
            }
        }
        Err(io::Error::other("too many temporary files are beside it"))
    }

    /// Writes all of it to disk and replaces the target with it.
    pub(in crate::cli) fn put(&self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.path, &self.target)
    }

    /// The two files.
    pub(super) fn paths(&self) -> [&Path; 2] {
        [&self.path, &self.target]
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // Once it is in its place, another run may have one of that name.
        if is_at(&self.file, &self.path) {
            drop(fs::remove_file(&self.path));
        }
    }
}

/// What stands between the name of the target and the number of the process: nobody else's files are called so.
const MARK: &[u8] = b".akid-";

/// `TARGET.akid-PID.tmp`, and `TARGET.akid-PID-N.tmp` where that is taken: containers have processes of the same number.
fn name(target: &Path, nth: u32) -> PathBuf {
    let pid = std::process::id();
    let suffix = if nth == 0 { format!(".akid-{pid}.tmp") } else { format!(".akid-{pid}-{nth}.tmp") };
    let mut name = OsString::from(target);
    name.push(suffix);
    PathBuf::from(name)
}

/// Removes the files beside `target` that killed runs left.
fn remove_abandoned(target: &Path) {
    let (Some(folder), Some(name)) = (target.parent(), target.file_name()) else { return };
    let Ok(entries) = folder.read_dir() else { return };
    for entry in entries.filter_map(Result::ok) {
        let is_aside = is_name_beside(entry.file_name().as_encoded_bytes(), name.as_encoded_bytes());
        if !is_aside || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        // If the lock fails, for any reason, another run may hold it.
        let path = entry.path();
        if let Ok(file) = File::open(&path)
            && file.try_lock().is_ok()
            && is_at(&file, &path)
        {
            drop(fs::remove_file(&path));
        }
    }
}

fn is_name_beside(name: &[u8], target: &[u8]) -> bool {
    let middle = name.strip_prefix(target).and_then(|rest| rest.strip_prefix(MARK));
    let number = middle.and_then(|rest| rest.strip_suffix(b".tmp")).unwrap_or_default();
    !number.is_empty() && number.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-')
}

/// Whether the file at `path` has the name of one that is being written, or that a killed run left.
pub(in crate::cli) fn is_aside(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    let mark = name.windows(MARK.len()).rposition(|part| part == MARK);
    mark.is_some_and(|at| is_name_beside(name, &name[..at]))
}

/// Whether `file` is what is at `path`.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let (own, there) = (file.metadata().map(id), path.symlink_metadata().map(id));
    matches!((own, there), (Ok(own), Ok(there)) if own == there)
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_run_left_goes_and_what_a_live_one_writes_stays() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in [
            "r.json.akid-1.tmp",
            "r.json.akid-22-3.tmp",
            "r.json.1.tmp",
            "r.json.akid-x.tmp",
            "other.akid-1.tmp",
        ] {
            fs::write(at(name), "").unwrap();
            assert_eq!(is_aside(&at(name)), name.contains("akid-") && !name.contains('x'), "{name}");
        }
        let live = Aside::beside(at("r.json")).unwrap();
        let second = Aside::beside(at("r.json")).unwrap();
        let there = |name: &str| at(name).exists();
        assert!(!there("r.json.akid-1.tmp") && !there("r.json.akid-22-3.tmp"));
        assert!(there("r.json.1.tmp") && there("r.json.akid-x.tmp") && there("other.akid-1.tmp"));
        let pid = std::process::id();
        assert!(there(&format!("r.json.akid-{pid}.tmp")) && there(&format!("r.json.akid-{pid}-1.tmp")));
        live.put().unwrap();
        second.put().unwrap();
        drop((live, second));
        assert_eq!(folder.path().read_dir().unwrap().count(), 4);
    }

    #[test]
    fn two_at_once_never_lose_a_file_to_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("r.json");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        Aside::beside(target.clone()).unwrap().put().unwrap();
                    }
                });
            }
        });
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    }
}
