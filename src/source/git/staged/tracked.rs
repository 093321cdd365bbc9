//! The files of a worktree that git tracks, whatever `.gitignore` says of them.

use std::collections::HashMap;
use std::path::{Component, MAIN_SEPARATOR, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::index::Index;
use crate::origin::RelativePath;
use crate::source::git::repo::{Repository, RepositoryError, from_bytes};

/// The tracked files below a folder, each with whether it was seen.
pub(in crate::source) struct Tracked {
    top: PathBuf,
    outside: Vec<PathBuf>,
    /// The bytes of `top` and what stands between it and a path below.
    start: Vec<u8>,
    files: HashMap<Vec<u8>, AtomicBool>,
}

/// What kind of file a mode says it is, and that it is a plain one.
const KIND: u32 = 0o170_000;
const FILE: u32 = 0o100_000;

impl Tracked {
    /// The tracked files below `folder`, which is absolute and without links; `None` if it is in no repository.
    ///
    /// # Errors
    ///
    /// If the repository's index cannot be read.
    pub(in crate::source) fn below(folder: &Path) -> Result<Option<Self>, ()> {
        let repository = match Repository::open(folder) {
            Ok(repository) => repository,
            Err(RepositoryError::NotARepository { .. }) => return Ok(None),
            Err(_) => return Err(()),
        };
        let index = Index::read(&repository.git_dir().join("index"), repository.git_dir()).or(Err(()))?;
        let mut prefix =
            RelativePath::below(repository.top(), folder).map_or(Vec::new(), |path| path.as_bytes().to_vec());
        if !prefix.is_empty() {
            prefix.push(b'/');
        }
        let files = index.entries.iter().filter(|entry| entry.mode & KIND == FILE);
        let below = files.map(|entry| index.path(entry)).filter(|path| path.starts_with(&prefix));
        let files = below.map(|path| (path.to_vec(), AtomicBool::new(false))).collect();
        let top = repository.top().to_path_buf();
        let start = top.join("").as_os_str().as_encoded_bytes().to_vec();
        let outside = repository.led_outside().to_vec();
        Ok(Some(Self { top, outside, start, files }))
    }

    /// The top of the worktree.
    pub(in crate::source) fn top(&self) -> &Path {
        &self.top
    }

    /// The folders outside of the worktree that a `.git` file or `commondir` leads to, and that were read.
    pub(in crate::source) fn outside(&self) -> &[PathBuf] {
        &self.outside
    }

    /// Takes note that `path` was seen.
    pub(in crate::source) fn see(&self, path: &Path) {
        // Every file that is walked comes by here: its path is not taken apart, only its start away.
        let Some(below) = path.as_os_str().as_encoded_bytes().strip_prefix(self.start.as_slice()) else {
            return;
        };
        let seen = if MAIN_SEPARATOR == '/' {
            self.files.get(below)
        } else {
            RelativePath::below(&self.top, path).and_then(|below| self.files.get(below.as_bytes()))
        };
        if let Some(seen) = seen {
            seen.store(true, Ordering::Relaxed);
        }
    }

    /// The files that were not seen, in order, by their paths from the top. None of them leads outside of the worktree
    /// or into what is git's own; whether they are there is not known.
    pub(in crate::source) fn unseen(&self) -> Vec<PathBuf> {
        let unseen = self.files.iter().filter(|(_, seen)| !seen.load(Ordering::Relaxed));
        let mut paths: Vec<PathBuf> = unseen.map(|(path, _)| from_bytes(path)).collect();
        paths.retain(|path| is_inside(path));
        paths.sort();
        paths
    }
}

/// Whether a path that git wrote leads nowhere but down, and not into what is git's own.
fn is_inside(path: &Path) -> bool {
    path.components()
        .all(|part| matches!(part, Component::Normal(name) if !name.eq_ignore_ascii_case(".git")))
}
