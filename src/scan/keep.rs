//! What decides which findings are listed where there are too many: how bad they are, and what the user says of them.

use std::cmp::Reverse;
use std::sync::Arc;

use globset::GlobSet;
use jiff::Timestamp;

use super::Accepted;
use super::class::Class;
use crate::finding::{Finding, Suppression};
use crate::level::Confidence;
use crate::origin::{Origin, RelativePath};
use crate::owner::Ownership;
use crate::resolve::Accounts;

/// How many findings a scan lists, and what the user says of findings. What is suppressed or excluded never takes the
/// place of another finding, and what is the user's own ranks before what is not.
#[derive(Clone, Debug)]
pub struct Keep {
    /// The most findings that are listed.
    pub findings: usize,
    /// Whose accounts are whose.
    pub accounts: Accounts,
    /// What the user knows of and accepts.
    pub accepted: Arc<Accepted>,
    /// Paths in history that the user left out.
    pub exclude: GlobSet,
    /// Whether also what nothing else could read makes the scan incomplete.
    pub strict: bool,
    /// The time of the scan.
    pub now: Timestamp,
}

impl Keep {
    /// The most findings that are listed by default.
    pub const FINDINGS: usize = 100_000;

    /// Whether the path of something in history is one that the user left out.
    pub(super) fn excludes(&self, origin: &Origin) -> Option<RelativePath> {
        let (Origin::Version(path) | Origin::VersionName(path)) = origin.root() else { return None };
        let is_excluded =
            !self.exclude.is_empty() && self.exclude.is_match(&*String::from_utf8_lossy(path.as_bytes()));
        is_excluded.then(|| path.clone())
    }

    /// What the user says does not depend on where a finding is.
    pub(super) fn is_blind_to_paths(&self) -> bool {
        self.exclude.is_empty() && self.accepted.allows.is_empty() && self.accepted.baseline.is_empty()
    }

    /// The class of a finding, with what the user says of it.
    pub(super) fn class(&self, finding: &Finding) -> Class {
        let known = self.accepted.suppression(finding, self.now);
        let suppression = finding.suppression.or(known);
        Class { suppression, ..self.class_as_found(finding, &finding.confidence) }
    }

    /// The class of a finding by itself, with this confidence.
    pub(super) fn class_as_found(&self, finding: &Finding, confidence: &Confidence) -> Class {
        let ownership = match finding.suppression {
            Some(Suppression::Example | Suppression::Placeholder) => Ownership::Example,
            _ => self.accounts.ownership(finding.credential.key_id, finding.account),
        };
        Class {
            suppression: finding.suppression,
            severity: Reverse(ownership.weigh(finding.rule_severity)),
            certainty: Reverse(confidence.certainty()),
        }
    }
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            findings: Self::FINDINGS,
            accounts: Accounts::default(),
            accepted: Arc::default(),
            exclude: GlobSet::empty(),
            strict: false,
            now: Timestamp::UNIX_EPOCH,
        }
    }
}
