//! The files of a worktree that git tracks, whatever `.gitignore` says of them.

use std::collections::HashMap;
use std::path::{Component, MAIN_SEPARATOR, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::index::Index;
use crate::origin::RelativePath;
use crate::source::git::path::from_bytes;
use crate::source::git::repo::Repository;

/// The tracked files and links below a folder, and the repositories that are tracked there, each with whether it was seen.
pub(in crate::source) struct Tracked {
    top: PathBuf,
    outside: Vec<PathBuf>,
    /// The bytes of `top` and what stands between it and a path below.
    start: Vec<u8>,
    files: HashMap<Vec<u8>, AtomicBool>,
    /// Where the index has a commit of another repository: submodules.
    repositories: HashMap<Vec<u8>, AtomicBool>,
}

/// What kind of entry a mode says it is.
const KIND: u32 = 0o170_000;
const FILE: u32 = 0o100_000;
const LINK: u32 = 0o120_000;
const REPOSITORY: u32 = 0o160_000;

impl Tracked {
    /// Returns what the repository whose `.git` is in the folder `top` tracks below `folder`; both are absolute and
    /// without links. Returns `None` if no repository is there.
    ///
    /// # Errors
    ///
    /// Why that cannot be told, as it may be shown.
    pub(in crate::source) fn of(top: &Path, folder: &Path) -> Result<Option<Self>, String> {
        let Some(repository) = Repository::at_top(top).map_err(|error| error.reason())? else {
            return Ok(None);
        };
        if let Some(problem) = repository.unknown_format().next() {
            return Err(problem);
        }
        let git_dir = repository.git_dir();
        let index = Index::read(&git_dir.join("index"), git_dir, repository.format());
        let index = index.map_err(|error| error.reason())?;
        let mut prefix = RelativePath::below(top, folder).map_or(Vec::new(), |path| path.as_bytes().to_vec());
        if !prefix.is_empty() {
            prefix.push(b'/');
        }
        let of_kinds = |kinds: &[u32]| {
            let entries = index.entries.iter().filter(|entry| kinds.contains(&(entry.mode & KIND)));
            let below = entries.map(|entry| index.path(entry)).filter(|path| path.starts_with(&prefix));
            below.map(|path| (path.to_vec(), AtomicBool::new(false))).collect()
        };
        let (files, repositories) = (of_kinds(&[FILE, LINK]), of_kinds(&[REPOSITORY]));
        let start = top.join("").as_os_str().as_encoded_bytes().to_vec();
        let outside = repository.led_outside().to_vec();
        Ok(Some(Self { top: top.to_path_buf(), outside, start, files, repositories }))
    }

    /// The top of the worktree.
    pub(in crate::source) fn top(&self) -> &Path {
        &self.top
    }

    /// The folders outside of the worktree that a `.git` file or `commondir` leads to, and that were read.
    pub(in crate::source) fn outside(&self) -> &[PathBuf] {
        &self.outside
    }

    /// Takes note that the file or link at `path` was seen.
    pub(in crate::source) fn see(&self, path: &Path) {
        self.see_in(&self.files, path);
    }

    /// Takes note that the folder at `path` was seen, in which a repository is.
    pub(in crate::source) fn see_repository(&self, path: &Path) {
        self.see_in(&self.repositories, path);
    }

    fn see_in(&self, known: &HashMap<Vec<u8>, AtomicBool>, path: &Path) {
        // Every file that is walked comes by here: its path is not taken apart, only its start away.
        let Some(below) = path.as_os_str().as_encoded_bytes().strip_prefix(self.start.as_slice()) else {
            return;
        };
        let seen = if MAIN_SEPARATOR == '/' {
            known.get(below)
        } else {
            RelativePath::below(&self.top, path).and_then(|below| known.get(below.as_bytes()))
        };
        if let Some(seen) = seen {
            seen.store(true, Ordering::Relaxed);
        }
    }

    /// The files and links that were not seen, in order, by their paths from the top. None of them leads outside of the worktree
    /// or into what is git's own; whether they are there is not known.
    pub(in crate::source) fn unseen(&self) -> Vec<PathBuf> {
        unseen(&self.files)
    }

    /// The same of the folders of repositories.
    pub(in crate::source) fn unseen_repositories(&self) -> Vec<PathBuf> {
        unseen(&self.repositories)
    }
}

fn unseen(known: &HashMap<Vec<u8>, AtomicBool>) -> Vec<PathBuf> {
    let unseen = known.iter().filter(|(_, seen)| !seen.load(Ordering::Relaxed));
    let mut paths: Vec<PathBuf> = unseen.map(|(path, _)| from_bytes(path)).collect();
    paths.retain(|path| is_inside(path));
    paths.sort();
    paths
}

/// Whether a path that git wrote leads nowhere but down, and not into what is git's own.
fn is_inside(path: &Path) -> bool {
    path.components()
        .all(|part| matches!(part, Component::Normal(name) if !name.eq_ignore_ascii_case(".git")))
}
