//! What `.gitignore` files hide.
//!
//! They count within a repository, from its top down. Each is read by the safe opener, and is only data: one that is no
//! small regular file hides nothing and is reported.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::pattern::{Candidate, Patterns, Steps};
use crate::source::beneath::{Folder, OpenError};

/// The name of an ignore file.
pub(super) const NAME: &str = ".gitignore";

/// The ignore files that apply to one place may have as many bytes together.
pub(super) const MAX_LEN: u64 = 1 << 20;

/// Comparing one path with all patterns may take as many steps, each of some nanoseconds.
const MAX_STEPS: usize = 250_000;

/// The ignore files that apply in a folder.
#[derive(Clone, Debug, Default)]
pub(super) struct Ignore {
    is_in_repository: bool,
    last: Option<Arc<File>>,
}

/// An ignore file, and those in the folders above.
#[derive(Debug)]
struct File {
    above: Option<Arc<File>>,
    path: PathBuf,
    /// How many bytes of a path are that of the folder of this file, its slash included.
    base: usize,
    patterns: Patterns,
    /// Bytes of this file and those above.
    len: u64,
    /// Whether it was reported that comparing with it takes too long.
    is_reported: AtomicBool,
}

/// Why an ignore file is not applied.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unapplied {
    /// It was removed since.
    Missing,
    /// It is not a regular file, so that git does not apply it either.
    NotAFile,
    /// It and those above it are too large.
    TooLarge,
    /// The system does not let it be read.
    Unreadable,
}

/// What to make of something in a folder.
#[derive(Debug)]
pub(super) enum Decision {
    Hidden,
    Shown,
    /// Shown because deciding takes too long; with the path of the ignore file, the first time.
    Undecided(Option<PathBuf>),
}

impl Ignore {
    /// What applies in a folder which is the top of a repository, above its own ignore file.
    pub(super) fn of_top() -> Self {
        Self { is_in_repository: true, last: None }
    }

    /// Whether nothing is hidden.
    pub(super) fn is_empty(&self) -> bool {
        self.last.is_none()
    }

    /// Adds the ignore file of `folder`, which is at `path`. `base` bytes of each path are that of the folder.
    ///
    /// # Errors
    ///
    /// If the file is not applied. What is above it applies all the same.
    pub(super) fn add(
        &mut self,
        folder: &Folder,
        path: &Path,
        base: usize,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<(), Unapplied> {
        if !self.is_in_repository {
            return Ok(());
        }
        let above = self.last.as_ref().map_or(0, |file| file.len);
        let text =
            folder.read(Path::new(NAME), MAX_LEN - above, is_stopped).map_err(|error| match error {
                OpenError::Link | OpenError::NotAFile => Unapplied::NotAFile,
                OpenError::TooLarge(_) => Unapplied::TooLarge,
                error if error.is_missing() => Unapplied::Missing,
                _ => Unapplied::Unreadable,
            })?;
        let len = above + text.len() as u64;
        let patterns = Patterns::parse(text);
        if !patterns.is_empty() {
            let (above, path) = (self.last.take(), path.join(NAME));
            let file = File { above, path, base, patterns, len, is_reported: AtomicBool::new(false) };
            self.last = Some(Arc::new(file));
        }
        Ok(())
    }

    /// Decides about what is at `path`. The nearest ignore file with a pattern for it decides.
    pub(super) fn decide(&self, path: &[u8], is_folder: bool) -> Decision {
        let mut steps = Steps::new(MAX_STEPS);
        let mut next = self.last.as_deref();
        while let Some(file) = next {
            let candidate = Candidate { path: &path[file.base..], is_folder };
            match file.patterns.decide(candidate, &mut steps) {
                Some(None) => next = file.above.as_deref(),
                Some(Some(true)) => return Decision::Hidden,
                Some(Some(false)) => return Decision::Shown,
                None => {
                    let is_first = !file.is_reported.swap(true, Ordering::Relaxed);
                    return Decision::Undecided(is_first.then(|| file.path.clone()));
                }
            }
        }
        Decision::Shown
    }
}
