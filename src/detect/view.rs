//! Text that was decoded from other text, with the way back.

use std::borrow::Cow;
use std::ops::Range;

/// Decoded bytes, each of which knows where in its source it is spelled.
#[derive(Debug)]
pub(super) struct View<'a> {
    bytes: Cow<'a, [u8]>,
    /// For each byte, the source range that spells it; `None` where the view is its source.
    spelled: Option<Vec<(u32, u32)>>,
}

impl<'a> View<'a> {
    /// The source itself.
    pub(super) fn identity(bytes: &'a [u8]) -> Self {
        Self { bytes: Cow::Borrowed(bytes), spelled: None }
    }

    /// The bytes of the view.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The range of the source that spells `range`.
    pub(super) fn source_range(&self, range: &Range<usize>) -> Range<usize> {
        let Some(spelled) = &self.spelled else { return range.clone() };
        if range.is_empty() {
            let at = spelled.get(range.start).map_or_else(|| self.source_len(), |&(start, _)| start as usize);
            return at..at;
        }
        spelled[range.start].0 as usize..spelled[range.end - 1].1 as usize
    }

    /// The first byte of the view that is spelled at or after `source`.
    pub(super) fn place_of(&self, source: usize) -> usize {
        match &self.spelled {
            None => source.min(self.bytes.len()),
            Some(spelled) => spelled.partition_point(|&(start, _)| (start as usize) < source),
        }
    }

    /// Whether something was decoded or left out between the byte at `at` and the one before it.
    pub(super) fn is_seam(&self, at: usize) -> bool {
        let Some(spelled) = &self.spelled else { return false };
        match (at.checked_sub(1).and_then(|before| spelled.get(before)), spelled.get(at)) {
            (Some(before), Some(here)) => before.0 + 1 != here.0 || before.1 != here.0,
            _ => false,
        }
    }

    fn source_len(&self) -> usize {
        self.spelled
            .as_ref()
            .and_then(|spelled| spelled.last())
            .map_or(self.bytes.len(), |&(_, end)| end as usize)
    }
}

/// Makes a [`View`] byte by byte.
#[derive(Debug, Default)]
pub(super) struct ViewBuilder {
    bytes: Vec<u8>,
    spelled: Vec<(u32, u32)>,
}

impl ViewBuilder {
    pub(super) fn with_capacity(len: usize) -> Self {
        Self { bytes: Vec::with_capacity(len), spelled: Vec::with_capacity(len) }
    }

    /// Adds bytes that are spelled as they are, from `at` of the source.
    pub(super) fn copy(&mut self, source: &[u8], range: Range<usize>) {
        self.bytes.extend_from_slice(&source[range.clone()]);
        self.spelled.extend(range.map(|at| (offset(at), offset(at + 1))));
    }

    /// Adds one byte that `range` of the source spells.
    pub(super) fn push(&mut self, byte: u8, range: &Range<usize>) {
        self.bytes.push(byte);
        self.spelled.push((offset(range.start), offset(range.end)));
    }

    /// Adds bytes that `range` of the source spells together.
    pub(super) fn push_all(&mut self, bytes: &[u8], range: &Range<usize>) {
        bytes.iter().for_each(|&byte| self.push(byte, range));
    }

    pub(super) fn finish(self) -> View<'static> {
        View { bytes: Cow::Owned(self.bytes), spelled: Some(self.spelled) }
    }
}

/// Views are made of pieces and windows, never of more than 4 GiB.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
