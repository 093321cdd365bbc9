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
    let mut content = Ok(None);
    files_at(repository, [(revision, path)], |read| content = read);
    content
}

/// Reads the file of each revision and path in `wanted`, as [`file_at`] does, and passes it to `take`. The repository's
/// objects are opened once.
pub fn files_at<'w>(
    repository: &Repository,
    wanted: impl IntoIterator<Item = (&'w str, &'w [u8])>,
    mut take: impl FnMut(Result<Option<Vec<u8>>, RangeError>),
) {
    let objects = open(repository, &mut Faults::default());
    let mut revisions = Revisions::new(repository, Reader::new(&objects));
    for (revision, path) in wanted {
        let content = content_at(&mut revisions, revision, path);
        take(content.ok_or_else(|| RangeError::Unknown(crate::redact::redact(revision.as_bytes()))));
    }
}

/// The content of a file; `None` if its commit or its object cannot be read.
fn content_at(revisions: &mut Revisions<'_, '_>, revision: &str, path: &[u8]) -> Option<Option<Vec<u8>>> {
    let commit = revisions.commit(revision)?;
    let tree = revisions.reader.commit(commit).ok()?.tree;
    let Some(blob) = revisions.reader.target_at(tree, path) else { return Some(None) };
    revisions.reader.content(blob).ok().map(|content| Some(content.as_ref().clone()))
}

/// Whether the repository of the worktree that `file` lies in has a regular file at `below` in its own folder.
pub(in crate::source) fn has_file(file: &Path, below: &Path) -> bool {
    let top = file.ancestors().skip(1).find(|folder| folder.join(".git").symlink_metadata().is_ok());
    let repository = top.and_then(|top| Repository::at_top(top).ok().flatten());
    let folder = repository.and_then(|repository| Folder::open(repository.common_dir()).ok());
    folder.and_then(|folder| folder.stat(below).ok()).is_some_and(|stat| stat.kind == Kind::File)
}
