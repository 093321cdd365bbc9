//! One file of one commit.

use super::attribute::open_refs;
use super::reader::Reader;
use super::run::{self, Faults};
use super::{RangeError, Repository};
use crate::origin::ObjectId;

/// The content of the file at `path` in the commit that `revision` names; `None` if it has none.
///
/// # Errors
///
/// If the revision names no commit, or the file cannot be read.
pub fn file_at(repository: &Repository, revision: &str, path: &[u8]) -> Result<Option<Vec<u8>>, RangeError> {
    let unknown = || RangeError::Unknown(crate::redact::redact(revision.as_bytes()));
    let git = open_refs(repository).map_err(|error| RangeError::Refs(error.message().to_owned()))?;
    let commit = git.revparse_single(revision).and_then(|object| object.peel_to_commit());
    let commit = commit.or(Err(unknown()))?;
    let tree: [u8; 20] = commit.tree_id().as_bytes().try_into().or(Err(unknown()))?;
    let objects = run::open(repository, &mut Faults::default());
    let mut reader = Reader::new(&objects);
    let Some(blob) = reader.target_at(ObjectId::from_bytes(tree), path) else { return Ok(None) };
    match reader.content(blob) {
        Ok(content) => Ok(Some(content.as_ref().clone())),
        Err(_) => Err(unknown()),
    }
}
