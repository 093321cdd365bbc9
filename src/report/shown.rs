//! Which credentials the report for people shows.

use super::Credential;
use crate::level::Severity;

/// What narrows the report for people. It changes neither the exit code nor any other report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Only credentials that make the run fail.
    pub only_failing: bool,
    /// Only credentials of this severity or above.
    pub min_severity: Severity,
}

impl Shown {
    /// Whether a credential is shown. A suppressed one never is.
    pub fn includes(&self, credential: &Credential<'_>) -> bool {
        !credential.is_suppressed() && !self.hides(credential)
    }

    /// Whether a credential would be shown if nothing were narrowed.
    pub(super) fn hides(&self, credential: &Credential<'_>) -> bool {
        self.only_failing && !credential.fails || credential.severity() < self.min_severity
    }
}

impl Default for Shown {
    /// Everything.
    fn default() -> Self {
        Self { only_failing: false, min_severity: Severity::Low }
    }
}
