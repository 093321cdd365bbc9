//! Files and folders, walked and read in parallel.
//!
//! Each thread walks, reads into its one buffer and pushes from there. Hidden files are read, `.git` is not;
//! `.gitignore` counts as it does for git, so that what git tracks is read all the same; neither `.ignore` nor the
//! user's own excludes count, so that every machine scans the same. Everything below a folder is opened by the folder's
//! handle. Links are not followed, but the text of each is scanned; pipes, sockets and devices are passed over unless the user names one.

mod ignore;
mod lfs;
mod pattern;
mod queue;
mod read;
mod walk;
mod worktree;

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use globset::GlobSet;

use self::read::Reader;
use super::base::{self, Base};
use super::{Event, Sink, SkipReason, Skipped, Source, again};
use crate::origin::{Origin, RelativePath};

/// Files below some roots.
#[derive(Debug)]
pub struct Files {
    roots: Vec<Root>,
    unresolved: Vec<(PathBuf, io::Error)>,
    base: Option<Base>,
    overlapping: bool,
    options: FilesOptions,
}

/// Which files are read, and how.
#[derive(Clone, Debug, Default)]
pub struct FilesOptions {
    /// Threads that walk and read; 0 for as many as there are processors.
    pub threads: usize,
    /// Whether files that `.gitignore` hides are read, too.
    pub no_ignore: bool,
    /// The largest file that is read, in bytes.
    pub max_file_size: Option<u64>,
    /// Paths below the base that are left out.
    pub exclude: GlobSet,
    /// Files that this run writes, absolute and without links: reports, which hold key IDs. They are no input.
    pub outputs: Vec<PathBuf>,
}

#[derive(Debug)]
struct Root {
    path: PathBuf,
    is_folder: bool,
}

impl Files {
    /// The files below `roots`. A root that is not there is told when the source runs.
    pub fn new(roots: &[PathBuf], options: FilesOptions) -> Self {
        let mut resolved: Vec<Root> = Vec::new();
        let mut unresolved = Vec::new();
        for root in roots {
            match base::resolve(root)
                .and_then(|path| path.metadata().map(|metadata| (path, metadata.is_dir())))
            {
                Ok((path, _)) if resolved.iter().any(|known| known.path == path) => {}
                Ok((path, is_folder)) => resolved.push(Root { path, is_folder }),
                Err(error) => unresolved.push((root.clone(), error)),
            }
        }
        let paths: Vec<PathBuf> = resolved.iter().map(|root| root.path.clone()).collect();
        let overlapping = paths.iter().enumerate().any(|(at, path)| {
            paths.iter().enumerate().any(|(other, root)| at != other && path.starts_with(root))
        });
        Self { base: Base::of(&paths), roots: resolved, unresolved, overlapping, options }
    }

    /// What the paths of this source are relative to; `None` if no root is there.
    pub fn base(&self) -> Option<&Base> {
        self.base.as_ref()
    }

    /// How a file at `path` is told.
    pub(in crate::source) fn origin(&self, path: &Path) -> Origin {
        Origin::File(self.relative(path))
    }

    fn relative(&self, path: &Path) -> RelativePath {
        let below = self.base.as_ref().and_then(|base| RelativePath::below(base.as_path(), path));
        // A root on another drive, or a folder that is the base itself and cannot be read.
        below.unwrap_or_else(|| RelativePath::from_bytes(path.as_os_str().as_encoded_bytes()))
    }

    fn is_excluded(&self, path: &Path) -> bool {
        if self.options.exclude.is_empty() {
            return false;
        }
        let below = self.base.as_ref().and_then(|base| path.strip_prefix(base.as_path()).ok());
        below.is_some_and(|below| self.options.exclude.is_match(below))
    }
}

impl Source for Files {
    fn named(&self) -> Vec<Origin> {
        let files = self.roots.iter().filter(|root| !root.is_folder);
        files.map(|root| self.origin(&root.path)).collect()
    }

    fn run(&self, sink: &dyn Sink) {
        for (path, error) in &self.unresolved {
            let path = RelativePath::from_bytes(path.as_os_str().as_encoded_bytes());
            sink.take(Event::Skip(Skipped {
                origin: Origin::File(path),
                reason: SkipReason::Io(again(error)),
            }));
        }
        let seen = Seen { files: self.overlapping.then(Mutex::default), tops: Mutex::default() };
        let (folders, files): (Vec<&Root>, Vec<&Root>) = self.roots.iter().partition(|root| root.is_folder);
        let folders: Vec<&Path> = folders.iter().map(|root| root.path.as_path()).collect();
        let reader = || Reader::new(self, sink, &seen);
        let mut own = reader();
        for root in files {
            own.named(&root.path);
        }
        walk::walk(&folders, self.options.threads, reader);
    }
}

/// What was met.
struct Seen {
    /// The files that were read, where roots lie in each other.
    files: Option<Mutex<HashSet<PathBuf>>>,
    /// The tops of worktrees, each of which is walked once.
    tops: Mutex<HashSet<PathBuf>>,
}

impl Seen {
    fn is_new(&self, path: &Path) -> bool {
        self.files.as_ref().is_none_or(|files| insert(files, path))
    }

    fn is_new_top(&self, path: &Path) -> bool {
        insert(&self.tops, path)
    }
}

fn insert(paths: &Mutex<HashSet<PathBuf>>, path: &Path) -> bool {
    paths.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_path_buf())
}
