//! Reads the index of a worktree.
//!
//! By akid's own code. libgit2 reads neither split nor sparse indexes; gix-index overflows its stack on a hostile cache
//! tree, and looks for a shared index in one place of two.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::decode::{self, Decoded};
use super::index::{Index, IndexFault};
use super::link::Link;
use crate::origin::{ObjectFormat, ObjectId};
use crate::redact::redact;
use crate::source::git::read;
use crate::source::git::refs::{Problems, RefStore};
use crate::source::git::repo::Repository;

/// Why what is staged cannot be told. Paths in it are safe to show.
#[derive(Debug, thiserror::Error)]
pub enum StagedError {
    /// The repository has no index, since it has no worktree.
    #[error(
        "{path}: a bare repository has no staged files\nhelp: run `akid staged` in a worktree, or `akid history` here"
    )]
    Bare {
        /// Which.
        path: String,
    },
    /// A file of it cannot be read.
    #[error("{path}: cannot be read")]
    Unreadable {
        /// Which.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// A file of it is not what it should be.
    #[error(
        "{path}: damaged index: {fault}\nhelp: remove it and run `git reset`, which rebuilds it from HEAD"
    )]
    Damaged {
        /// Which.
        path: String,
        /// What is wrong with it.
        fault: IndexFault,
    },
}

impl StagedError {
    /// What is wrong, without the path that it is wrong with, as it may be shown.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::Bare { .. } => "it has no worktree".to_owned(),
            Self::Unreadable { source, .. } => {
                format!("its index cannot be read: {}", redact(source.to_string().as_bytes()))
            }
            Self::Damaged { fault, .. } => format!("its index is damaged: {fault}"),
        }
    }
}

impl Index {
    /// Reads the index at `path`, whose IDs are of `format`, and what it shares from `git_dir` or beside it. An index that
    /// is not there has nothing in it, as for git.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is no sound index.
    pub(super) fn read(path: &Path, git_dir: &Path, format: ObjectFormat) -> Result<Self, StagedError> {
        let data = match read(path) {
            Err(StagedError::Unreadable { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            data => data?,
        };
        let damaged = |fault| StagedError::Damaged { path: shown(path), fault };
        let Decoded { index, link } = decode::decode(&data, format).map_err(damaged)?;
        let index = match link {
            Some(link) => {
                let (path, data) = shared(&link, path, git_dir)?;
                index.on_top_of(&path, &data, &link)?.ok_or(IndexFault::Shared)
            }
            None => Ok(index),
        };
        index.and_then(Self::in_order).map_err(damaged)
    }

    /// Puts a split index on top of the shared one with these bytes, at `path`; `None` if they do not fit.
    fn on_top_of(self, path: &Path, data: &[u8], link: &Link) -> Result<Option<Self>, StagedError> {
        let damaged = |fault| StagedError::Damaged { path: shown(path), fault };
        let Decoded { index: shared, link: nested } =
            decode::decode(data, link.shared.format()).map_err(damaged)?;
        let is_same = nested.is_none() && data.ends_with(link.shared.as_bytes());
        Ok(if is_same { self.merged(shared, link) } else { None })
    }
}

/// Reads the index that a split one shares entries with: in the repository's folder, else beside the index.
fn shared(link: &Link, path: &Path, git_dir: &Path) -> Result<(PathBuf, Vec<u8>), StagedError> {
    let name = format!("sharedindex.{}", link.shared);
    let (usual, beside) = (git_dir.join(&name), path.with_file_name(&name));
    match read(&usual) {
        Err(StagedError::Unreadable { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            read(&beside).map(|data| (beside, data))
        }
        data => data.map(|data| (usual, data)),
    }
}

/// Larger indexes are not read, in bytes: it would take more than ten million files.
const MAX_LEN: u64 = 1 << 30;

fn read(path: &Path) -> Result<Vec<u8>, StagedError> {
    let damaged = |fault| StagedError::Damaged { path: shown(path), fault };
    let unreadable = |source| StagedError::Unreadable { path: shown(path), source };
    let mut file = read::open(path).map_err(unreadable)?;
    let mut data = Vec::new();
    // A large file that is no index is not read whole.
    (&mut file).take(HEADER).read_to_end(&mut data).map_err(unreadable)?;
    if data.len() as u64 == HEADER && !data.starts_with(b"DIRC") {
        return Err(damaged(IndexFault::Header));
    }
    if file.metadata().map_err(unreadable)?.len() > MAX_LEN {
        return Err(damaged(IndexFault::TooLarge));
    }
    file.take(MAX_LEN).read_to_end(&mut data).map_err(unreadable)?;
    Ok(data)
}

/// Bytes of an index before its entries.
const HEADER: u64 = 12;

/// The blobs that the index of a worktree has, with their paths. An index that cannot be read adds to `problems`.
pub(in crate::source::git) fn indexed(
    store: &RefStore<'_>,
    problems: &mut Problems,
) -> Vec<(ObjectId, Vec<u8>)> {
    let path = store.git_dir().join("index");
    match Index::read(&path, store.git_dir(), store.format()) {
        Ok(index) => index.entries.iter().map(|entry| (entry.id, index.path(entry).to_vec())).collect(),
        Err(StagedError::Damaged { fault, .. }) => {
            problems.file(store, &path, &fault.to_string());
            Vec::new()
        }
        Err(error) => {
            let reason = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            problems.file(store, &path, &reason);
            Vec::new()
        }
    }
}

/// Whether the index of `repository` has a submodule at `path`.
pub(in crate::source::git) fn has_submodule(repository: &Repository, path: &[u8]) -> bool {
    /// The mode of a commit of another repository.
    const SUBMODULE: u32 = 0o160_000;
    let index = Index::read(&repository.git_dir().join("index"), repository.git_dir(), repository.format());
    index.is_ok_and(|index| {
        index.entries.iter().any(|entry| entry.mode == SUBMODULE && index.path(entry) == path)
    })
}

pub(super) fn shown(path: &Path) -> String {
    redact(path.as_os_str().as_encoded_bytes())
}
