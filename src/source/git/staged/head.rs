//! What a worktree's `HEAD` has: the tree of the commit that is checked out.

use crate::origin::ObjectId;
use crate::source::git::reader::Reader;
use crate::source::git::refs::RefStore;
use crate::source::git::repo::Repository;

/// What the index is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// The tree of the commit that is checked out.
    Tree(ObjectId),
    /// There is no commit yet.
    Unborn,
    /// It is not known.
    Unknown,
}

impl Head {
    /// Reads what is checked out.
    pub(super) fn read(repository: &Repository, reader: &mut Reader<'_>) -> Self {
        match RefStore::of(repository).head() {
            Ok(Some(commit)) => {
                let content = reader.content(commit);
                let tree = content.ok().and_then(|content| {
                    ObjectId::parse(content.strip_prefix(b"tree ")?.split(|&byte| byte == b'\n').next()?)
                });
                tree.map_or(Self::Unknown, Self::Tree)
            }
            Ok(None) => Self::Unborn,
            Err(_) => Self::Unknown,
        }
    }
}
