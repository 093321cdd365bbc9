//! One file of one commit.

use super::reader::Reader;
use super::revision::Revisions;
use super::run::{self, Faults};
use super::{RangeError, Repository};

/// The content of the file at `path` in the commit that `revision` names; `None` if it has none.
///
/// # Errors
///
/// If the revision names no commit, or the file cannot be read.
pub fn file_at(repository: &Repository, revision: &str, path: &[u8]) -> Result<Option<Vec<u8>>, RangeError> {
    let unknown = || RangeError::Unknown(crate::redact::redact(revision.as_bytes()));
    let objects = run::open(repository, &mut Faults::default());
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
