//! What AWS has said before: an ID never changes its account, so it is kept for good.
//!
//! One small file, a line for each key: ID, space, account. Nothing else is in it. It is only an aid: what cannot be
//! read or written is as good as empty.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::aws::{AccessKeyId, AccountId};

/// The accounts that AWS has told.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

/// The file's name.
const NAME: &str = "accounts";
/// The largest file that is read, in bytes: some 500,000 keys.
const MAX_LEN: u64 = 16 << 20;
/// How long to wait for another process to have written, at most.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

impl Cache {
    /// A cache in a folder, which is made when there is something to keep.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// All that is known. Lines that are no ID and account are passed over.
    pub fn load(&self) -> BTreeMap<AccessKeyId, AccountId> {
        let mut text = String::new();
        let file = File::open(self.folder.join(NAME));
        if file.and_then(|file| file.take(MAX_LEN).read_to_string(&mut text)).is_err() {
            return BTreeMap::new();
        }
        text.lines().filter_map(parse).collect()
    }

    /// Adds what is not there yet. Whether it could be written.
    pub fn store(&self, new: &BTreeMap<AccessKeyId, AccountId>) -> bool {
        new.is_empty() || self.write(new).is_ok()
    }

    /// Writes a new file beside the old one, which it then takes the place of: who reads sees the one or the other. Two
    /// processes take turns, so that each adds to what the other has written.
    fn write(&self, new: &BTreeMap<AccessKeyId, AccountId>) -> io::Result<()> {
        make_folder(&self.folder)?;
        let lock = private(&self.folder.join("lock"), OpenOptions::new().create(true))?;
        wait_for(&lock)?;
        let mut all = self.load();
        all.extend(new);
        let text: String = all.iter().map(|(id, account)| format!("{id} {account}\n")).collect();
        let aside = self.folder.join(format!("{NAME}.tmp"));
        // What a killed process left: nobody else writes while the lock is held.
        drop(fs::remove_file(&aside));
        let mut file = private(&aside, OpenOptions::new().create_new(true))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&aside, self.folder.join(NAME))
    }
}

fn parse(line: &str) -> Option<(AccessKeyId, AccountId)> {
    let (id, account) = line.split_once(' ')?;
    Some((AccessKeyId::parse(id.as_bytes())?, AccountId::parse(account)?))
}

fn wait_for(lock: &File) -> io::Result<()> {
    for _ in 0..TRIES {
        match lock.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
        }
    }
    Err(io::ErrorKind::WouldBlock.into())
}

/// A file for the user alone.
fn private(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.write(true).open(path)
}

/// A folder for the user alone, unless it is there already.
fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake;

    fn some(seeds: std::ops::Range<u64>) -> BTreeMap<AccessKeyId, AccountId> {
        seeds.map(|seed| fake::pair(seed).id()).map(|id| (id, id.account().unwrap())).collect()
    }

    #[test]
    fn what_is_stored_is_there_again_and_what_is_broken_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("deep/akid"));
        assert!(cache.load().is_empty());
        assert!(cache.store(&some(0..3)));
        let path = folder.path().join("deep/akid").join(NAME);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{text}nonsense\nAKIA 1\n")).unwrap();
        assert!(cache.store(&some(3..5)));
        assert_eq!(cache.load(), some(0..5));
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 5);
    }

    #[test]
    fn processes_that_write_at_once_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path());
        std::thread::scope(|scope| {
            for nth in 0..8 {
                let cache = &cache;
                scope.spawn(move || {
                    (0..5).for_each(|n| assert!(cache.store(&some(nth * 5 + n..nth * 5 + n + 1))))
                });
            }
        });
        assert_eq!(cache.load(), some(0..40));
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_the_user_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("akid"));
        assert!(cache.store(&some(0..1)));
        for (name, mode) in [("akid", 0o700), ("akid/accounts", 0o600), ("akid/lock", 0o600)] {
            let found = folder.path().join(name).metadata().unwrap().permissions().mode();
            assert_eq!(found & 0o777, mode, "{name}");
        }
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_no_failure() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let cache = Cache::new(folder.path().join("file/akid"));
        assert!(!cache.store(&some(0..1)) && cache.load().is_empty());
    }
}
