//! Which findings make a run fail.

use crate::finding::Finding;
use crate::level::{Certainty, Severity};
use crate::owner::Ownership;

/// What makes a run fail: the exit code follows it, and reports for people who act on it mark it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// Findings of this severity or above.
    pub severity: Severity,
    /// Findings of this certainty or above.
    pub certainty: Certainty,
    /// Findings of keys of these.
    pub owners: Vec<Ownership>,
}

impl Failing {
    /// Whether a finding makes the run fail. A suppressed one never does.
    pub fn includes(&self, finding: &Finding) -> bool {
        finding.suppression.is_none()
            && finding.severity >= self.severity
            && finding.confidence.certainty() >= self.certainty
            && self.owners.contains(&finding.owner.ownership)
    }
}

impl Default for Failing {
    /// What the command does if it is told nothing: medium or above of both, whoever's.
    fn default() -> Self {
        Self { severity: Severity::Medium, certainty: Certainty::Medium, owners: Ownership::ALL.to_vec() }
    }
}
