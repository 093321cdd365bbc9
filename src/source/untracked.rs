//! What stands for the files that git tracks where akid is built without git: there are none.

use std::path::{Path, PathBuf};

/// No files.
pub(super) struct Tracked;

impl Tracked {
    /// There are none.
    ///
    /// # Errors
    ///
    /// Never.
    pub(super) fn of(_: &Path, _: &Path) -> Result<Option<Self>, String> {
        Ok(None)
    }

    /// Takes note of nothing.
    pub(super) fn see(&self, _: &Path) {}

    /// Takes note of nothing.
    pub(super) fn see_repository(&self, _: &Path) {}

    /// There is none.
    pub(super) fn top(&self) -> &Path {
        Path::new("")
    }

    /// None.
    pub(super) fn outside(&self) -> &[PathBuf] {
        &[]
    }

    /// None.
    pub(super) fn unseen(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    /// None.
    pub(super) fn unseen_repositories(&self) -> Vec<PathBuf> {
        Vec::new()
    }
}
