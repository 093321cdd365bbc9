//! What akid did to a key, kept so that a run that was killed can be taken up: one small file a key, for the user alone.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use akid::aws::AccessKeyId;
use akid::redact::redact;
use akid::resolve::respond::{Log, LogError};
use anyhow::{Context, anyhow, bail};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cli::aside::Aside;
use crate::cli::{bounded, folders};

/// The largest journal that is read, in MiB.
const MAX_LEN: u64 = 4;

/// The journal of one key, which no other akid changes meanwhile.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    _lock: File,
}

impl Journal {
    /// Opens the journal that `command` keeps of a key. Two commands never change one key at the same time.
    pub(super) fn open(command: &str, id: AccessKeyId) -> anyhow::Result<Self> {
        let folder = folder()?;
        make_folder(&folder).with_context(|| format!("{}: cannot be created", shown(&folder)))?;
        let lock = folder.join(format!("{id}.lock"));
        let lock = private(&lock).with_context(|| format!("{}: cannot be created", shown(&lock)))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!("another akid is changing {id}\nhelp: wait for it to end"),
            Err(TryLockError::Error(error)) => return Err(error).context("the journal cannot be locked"),
        }
        Ok(Self { path: folder.join(format!("{command}-{id}.json")), _lock: lock })
    }

    /// What was taken down; `None` if nothing was.
    pub(super) fn read<R: DeserializeOwned>(&self) -> anyhow::Result<Option<R>> {
        if self.path.exists() { read(&self.path).map(Some) } else { Ok(None) }
    }

    /// Where it is, as it may be shown.
    pub(super) fn place(&self) -> String {
        shown(&self.path)
    }

    /// Forgets what was taken down.
    pub(super) fn remove(&self) -> anyhow::Result<()> {
        if !self.path.exists() {
            bail!("akid has no journal of it: {} is not there", self.place());
        }
        std::fs::remove_file(&self.path).with_context(|| format!("{}: cannot be removed", self.place()))
    }
}

/// What `command` took down of every key.
pub(super) fn all<R: DeserializeOwned>(command: &str) -> anyhow::Result<Vec<R>> {
    let Ok(entries) = folder()?.read_dir() else { return Ok(Vec::new()) };
    let prefix = format!("{command}-");
    let is_journal = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(&prefix) && name.ends_with(".json")
    };
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_journal).collect();
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

fn read<R: DeserializeOwned>(path: &Path) -> anyhow::Result<R> {
    let text = bounded::read(path, MAX_LEN).with_context(|| format!("{}: cannot be read", shown(path)))?;
    serde_json::from_slice(&text).map_err(|_broken| {
        anyhow!("{}: not a journal of this akid\nhelp: move it away, and look at the key in IAM", shown(path))
    })
}

impl<R: Serialize> Log<R> for Journal {
    fn write(&mut self, record: &R) -> Result<(), LogError> {
        let text = serde_json::to_vec_pretty(record).map_err(|error| LogError(error.to_string()))?;
        let written = Aside::beside(self.path.clone()).and_then(|mut aside| {
            restrict(&aside.file)?;
            aside.file.write_all(&text)?;
            aside.put()
        });
        written.map_err(|error| {
            LogError(format!(
                "{}: cannot be written: {error}\nhelp: nothing is done that cannot be taken down there",
                self.place()
            ))
        })
    }
}

fn folder() -> anyhow::Result<PathBuf> {
    folders::state().map(|state| state.join("keys")).ok_or_else(|| {
        anyhow!("there is no folder for what akid did\nhelp: set XDG_STATE_HOME or HOME to an absolute path")
    })
}

fn shown(path: &Path) -> String {
    redact(path.as_os_str().as_encoded_bytes())
}

/// A file for the user alone.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.create(true).truncate(false).write(true).open(path)
}

/// Makes a file one for the user alone, before anything is in it.
pub(super) fn restrict(file: &File) -> std::io::Result<()> {
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}

/// A folder for the user alone, unless it is there already.
pub(super) fn make_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}
