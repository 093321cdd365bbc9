//! The worktrees of git that a walk is in, one in another perhaps, and what git tracks in each.
//!
//! Whoever walks a worktree last reads what git tracks there and ignore files hid: so only the indexes of worktrees that
//! are being walked are held.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::read::Reader;
#[cfg(feature = "git")]
use crate::source::git::Tracked;
#[cfg(not(feature = "git"))]
use crate::source::untracked::Tracked;

/// A worktree that is being walked.
pub(super) struct Worktree {
    tracked: Tracked,
    /// The one that it lies in.
    above: Option<Arc<Self>>,
}

/// A repository that git tracks in a worktree and no walk met: a submodule that an ignore file hid.
pub(super) struct Hidden {
    /// The top of the worktree that it lies in.
    pub(super) top: PathBuf,
    /// Its path from there.
    pub(super) below: PathBuf,
    /// The worktree around that one.
    pub(super) above: Option<Arc<Worktree>>,
}

impl Worktree {
    /// Enters the worktree whose `.git` is in the folder `top`, to walk what is below `folder`. Where that `.git` cannot be
    /// used, the walk stays in the worktree `above`.
    pub(super) fn enter(
        top: &Path,
        folder: &Path,
        above: Option<Arc<Self>>,
        reader: &Reader<'_>,
    ) -> Option<Arc<Self>> {
        match Tracked::of(top, folder) {
            Ok(Some(tracked)) => {
                tracked.outside().iter().for_each(|path| reader.outside(path));
                Some(Arc::new(Self { tracked, above }))
            }
            Ok(None) => above,
            Err(reason) => {
                reader.untracked(&top.join(".git"), reason);
                above
            }
        }
    }

    /// Takes note that a walk met the file or link at `path`.
    pub(super) fn see(worktree: Option<&Self>, path: &Path) {
        each(worktree, |tracked| tracked.see(path));
    }

    /// Takes note that a walk met the repository in the folder at `path`.
    pub(super) fn see_repository(worktree: Option<&Self>, path: &Path) {
        each(worktree, |tracked| tracked.see_repository(path));
    }

    /// Leaves a worktree. The last one to leave it reads the files that git tracks there and no walk met. Returns the
    /// repositories that are left to be walked.
    pub(super) fn leave(worktree: Option<Arc<Self>>, reader: &mut Reader<'_>) -> Vec<Hidden> {
        let mut hidden = Vec::new();
        let mut left = worktree;
        while let Some(Self { tracked, above }) = left.and_then(Arc::into_inner) {
            reader.unseen(&tracked);
            let repository = |below| Hidden { top: tracked.top().to_path_buf(), below, above: above.clone() };
            hidden.extend(tracked.unseen_repositories().into_iter().map(repository));
            left = above;
        }
        hidden
    }
}

fn each(worktree: Option<&Worktree>, take: impl Fn(&Tracked)) {
    std::iter::successors(worktree, |worktree| worktree.above.as_deref())
        .for_each(|worktree| take(&worktree.tracked));
}
