//! Whether the folders of a repository belong together.
//!
//! A worktree may have its repository elsewhere: as a linked worktree or as a submodule. Git writes a link each way then.
//! Where only the worktree leads to the repository, anybody may have written that, for a repository that is not theirs.

use std::path::{Path, PathBuf};

use super::path::from_bytes;
use super::read;

/// Files that hold a path are no longer than this, in bytes.
const MAX_PATH_FILE: u64 = 1 << 16;

/// The folders of a repository that lie outside of its worktree `top` and do not lead back to it. `worktree` is the
/// worktree that the repository's configuration names.
pub(super) fn of(git_dir: &Path, common_dir: &Path, top: &Path, worktree: Option<&str>) -> Vec<PathBuf> {
    let mut outside = Vec::new();
    let real = git_dir.canonicalize().unwrap_or_else(|_| git_dir.to_path_buf());
    let leads_back = real.starts_with(top)
        || gitdir_of(&real).is_some_and(|file| is_same(&file, &top.join(".git")))
        || worktree.is_some_and(|path| is_same(&real.join(path), top));
    if !leads_back {
        outside.push(real.clone());
    }
    let linked_from = real.parent().filter(|folder| folder.ends_with("worktrees")).and_then(Path::parent);
    let is_own = common_dir == real || linked_from == Some(common_dir);
    if !is_own && !common_dir.starts_with(top) {
        outside.push(common_dir.to_path_buf());
    }
    outside
}

/// The `.git` file of the worktree that the folder of a linked worktree is for.
fn gitdir_of(git_dir: &Path) -> Option<PathBuf> {
    let path = read::plain(&git_dir.join("gitdir"), MAX_PATH_FILE).ok()?;
    Some(git_dir.join(from_bytes(path.trim_ascii_end())))
}

fn is_same(one: &Path, two: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    real(one).is_some_and(|one| real(two) == Some(one))
}
