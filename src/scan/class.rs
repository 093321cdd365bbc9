//! What ranks a finding.

use std::cmp::Reverse;

use crate::finding::Suppression;
use crate::level::{Certainty, Severity};

/// What ranks a finding before its place does. Findings that count come first, then the worst, then the surest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Class {
    pub(super) suppression: Option<Suppression>,
    pub(super) severity: Reverse<Severity>,
    pub(super) certainty: Reverse<Certainty>,
}
