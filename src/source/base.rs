//! What paths are told relative to.

use std::io;
use std::path::{Path, PathBuf};

/// The folder that all paths of a scan are told relative to: the top of the repository that holds every root; else the
/// root itself, or the folder that holds all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base(PathBuf);

impl Base {
    /// The base of `roots`, which are absolute and without symbolic links. `None` if they have nothing in common, as
    /// on two drives.
    pub(super) fn of(roots: &[PathBuf]) -> Option<Self> {
        let tops: Vec<PathBuf> = roots.iter().map(|root| top_of(root)).collect();
        let (first, rest) = tops.split_first()?;
        let common = rest.iter().try_fold(first.clone(), |common, top| {
            common.ancestors().find(|folder| top.starts_with(folder)).map(Path::to_path_buf)
        })?;
        Some(Self(common))
    }

    /// The folder.
    pub fn as_path(&self) -> &Path {
        &self.0
    }
}

/// An absolute path of `root` without symbolic links on the way to it. Its own name stays: a link that the user names
/// is told by the user's name.
pub(super) fn resolve(root: &Path) -> io::Result<PathBuf> {
    if root.is_dir() {
        return root.canonicalize();
    }
    let absolute = std::path::absolute(root)?;
    match (absolute.parent(), absolute.file_name()) {
        (Some(parent), Some(name)) => Ok(parent.canonicalize()?.join(name)),
        _ => Ok(absolute),
    }
}

/// The top of the repository that holds `root`, else the folder that `root` is or lies in.
fn top_of(root: &Path) -> PathBuf {
    let folder = if root.is_dir() { root } else { root.parent().unwrap_or(root) };
    // In a linked worktree or a submodule `.git` is a file.
    folder.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(folder).to_path_buf()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_is_the_repository_else_what_the_roots_share() {
        let temp = tempfile::tempdir().unwrap();
        let top = temp.path().canonicalize().unwrap();
        for folder in ["repo/.git", "repo/src", "plain/a", "plain/b"] {
            std::fs::create_dir_all(top.join(folder)).unwrap();
        }
        let base = |roots: &[&str]| {
            Base::of(&roots.iter().map(|root| top.join(root)).collect::<Vec<_>>()).unwrap().0
        };
        assert_eq!(base(&["repo/src"]), top.join("repo"));
        assert_eq!(base(&["plain/a"]), top.join("plain/a"));
        assert_eq!(base(&["plain/a", "plain/b"]), top.join("plain"));
        assert_eq!(base(&["repo/src", "plain/b"]), top);
    }
}
