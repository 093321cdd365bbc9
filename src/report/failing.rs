//! Which findings make a run fail.

use crate::finding::Finding;
use crate::level::{Certainty, Severity};
use crate::owner::{KeyState, Ownership};

/// What makes a run fail: the exit code follows it, and reports for people who act on it mark it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// Findings of this severity or above.
    pub severity: Severity,
    /// Findings of this certainty or above.
    pub certainty: Certainty,
    /// Findings of keys of these.
    pub owners: Vec<Ownership>,
    /// Findings of keys in these states.
    pub states: Vec<KeyState>,
    /// Findings of keys that nobody asked about. Without this, they are as those in an unknown state.
    pub unasked: bool,
}

impl Failing {
    /// Whether a finding makes the run fail. A suppressed one never does.
    pub fn includes(&self, finding: &Finding) -> bool {
        finding.suppression.is_none()
            && finding.severity() >= self.severity
            && finding.confidence.certainty() >= self.certainty
            && self.owners.contains(&finding.owner.ownership)
            && match &finding.owner.status {
                Some(status) => self.states.contains(&status.state),
                None => self.unasked || self.states.contains(&KeyState::Unknown),
            }
    }
}

impl Default for Failing {
    /// What the command does if it is told nothing: medium or above of both, whoever's.
    fn default() -> Self {
        let (owners, states) = (Ownership::ALL.to_vec(), KeyState::ALL.to_vec());
        Self { severity: Severity::Medium, certainty: Certainty::Medium, owners, states, unasked: true }
    }
}
