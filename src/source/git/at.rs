//! One file of one commit, or of the repository itself.

use std::path::Path;

use super::faults::Faults;
use super::open::open;
use super::reader::Reader;
use super::revision::Revisions;
use super::{RangeError, Repository};
use crate::source::beneath::{Folder, Kind};

/// The content of the file at `path` in the commit that `revision` names; `None` if it has none.
///
/// # Errors
///
/// If the revision names no commit, or the file cannot be read.
pub fn file_at(repository: &Repository, revision: &str, path: &[u8]) -> Result<Option<Vec<u8>>, RangeError> {
    let unknown = || RangeError::Unknown(crate::redact::redact(revision.as_bytes()));
    let objects = open(repository, &mut Faults::default());
    let mut revisions = Revisions::new(repository, Reader::new(&objects));
    let commit = revisions.commit(revision).ok_or_else(unknown)?;
    let mut reader = revisions.reader;
    let tree = reader.commit(commit).or(Err(unknown()))?.tree;
    let Some(blob) = reader.target_at(tree, path) else { return Ok(None) };
    match reader.content(blob) {
        Ok(content) => Ok(Some(content.as_ref().clone())),
        Err(_) => Err(unknown()),
    }
}

/// Whether the repository of the worktree that `file` lies in has a regular file at `below` in its own folder.
pub(in crate::source) fn has_file(file: &Path, below: &Path) -> bool {
    let top = file.ancestors().skip(1).find(|folder| folder.join(".git").symlink_metadata().is_ok());
    let repository = top.and_then(|top| Repository::at_top(top).ok().flatten());
    let folder = repository.and_then(|repository| Folder::open(repository.common_dir()).ok());
    folder.and_then(|folder| folder.stat(below).ok()).is_some_and(|stat| stat.kind == Kind::File)
}
