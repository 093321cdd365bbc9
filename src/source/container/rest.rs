//! What an archive holds beside its members: comments, targets of links, names that differ. It is gathered, and searched
//! under a name of its own.

use super::place::Place;
use super::visit::Visit;
use crate::aws::AccessKeyId;

/// Gathers what belongs to no member of an archive.
pub(super) struct Rest<'v> {
    visit: &'v Visit<'v>,
    archive: Place<'v>,
    bytes: Vec<u8>,
}

/// So much is gathered at a time.
const MAX_GATHERED: usize = 256 << 10;

impl<'v> Rest<'v> {
    pub(super) fn new(visit: &'v Visit<'v>, archive: &Place<'v>) -> Self {
        Self { visit, archive: *archive, bytes: Vec::new() }
    }

    /// Adds a piece, unless it is shorter than any part of a credential.
    pub(super) fn add(&mut self, piece: &[u8]) {
        if piece.len() < AccessKeyId::LEN {
            return;
        }
        self.bytes.extend_from_slice(piece);
        self.bytes.push(b'\n');
        if self.bytes.len() > MAX_GATHERED {
            self.search();
        }
    }

    /// Adds each of the pieces that zeros part.
    pub(super) fn add_all(&mut self, bytes: &[u8]) {
        // Most of what is looked at so is filled with zeros.
        if bytes.len() >= AccessKeyId::LEN && bytes.iter().any(|&byte| byte != 0) {
            bytes.split(|&byte| byte == 0).for_each(|piece| self.add(piece));
        }
    }

    fn search(&mut self) {
        if !self.bytes.is_empty() {
            self.visit.rest(&self.archive, &self.bytes);
            self.bytes.clear();
        }
    }
}

impl Drop for Rest<'_> {
    fn drop(&mut self) {
        self.search();
    }
}
