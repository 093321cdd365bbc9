//! The other worktrees of a repository. Each has a `HEAD`, an index and some refs of its own in a folder of the
//! repository, which stays when the worktree's own folder is deleted.

use std::io;

use super::{LINK, Problems, RefStore};
use crate::source::git::read;

/// Further worktrees are not read.
const MAX_WORKTREES: usize = 10_000;

impl<'a> RefStore<'a> {
    /// The refs of the repository's other worktrees, by the names of these, in order. The one that is not linked has no
    /// name; `main worktree` stands for it.
    pub(in crate::source::git) fn worktrees(&self, problems: &mut Problems) -> Vec<(String, RefStore<'a>)> {
        let mut found = Vec::new();
        if self.git_dir != self.common_dir() {
            found.push((
                "main worktree".to_owned(),
                Self::at(self.repository, self.common_dir().to_path_buf()),
            ));
        }
        let top = self.common_dir().join("worktrees");
        let mut names = Vec::new();
        match read::names(self.common_dir(), "worktrees", &mut |name| names.push(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => problems.io(self, &top, &error),
            _ => {}
        }
        names.sort();
        if names.len() > MAX_WORKTREES {
            problems.file(self, &top, "too many worktrees: the first 10,000 are read");
        }
        for name in names.into_iter().take(MAX_WORKTREES) {
            let folder = top.join(&name);
            // Either is reason enough: git keeps what an index has, whatever else of its worktree is gone.
            if folder == self.git_dir || !["HEAD", "index"].iter().any(|file| folder.join(file).exists()) {
                continue;
            }
            if folder.is_symlink() {
                problems.file(self, &folder, LINK);
            } else {
                found.push((name.to_string_lossy().into_owned(), Self::at(self.repository, folder)));
            }
        }
        found
    }
}
