//! What the user says of a scan, and the one place where it is applied: what is left out, which findings count, whose
//! they are, what is accepted, and how much is listed.

use std::cmp::Reverse;
use std::mem;
use std::sync::Arc;

use globset::GlobSet;
use jiff::Timestamp;

use super::class::Class;
use super::kept::Kept;
use super::{Accepted, Scan};
use crate::finding::{Finding, Suppression};
use crate::level::Confidence;
use crate::origin::{Origin, RelativePath};
use crate::owner::Ownership;
use crate::resolve::Accounts;
use crate::source::Stage;

/// What the user says of a scan. What is suppressed or excluded never takes the place of another finding, and what is the
/// user's own ranks before what is not.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The most findings that are listed.
    pub max_findings: usize,
    /// Whether `akid:allow` on a line counts.
    pub inline_allow: bool,
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

impl Policy {
    /// The most findings that are listed by default.
    pub const MAX_FINDINGS: usize = 100_000;

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
            _ => self.accounts.ownership(finding.credential.id(), finding.account),
        };
        Class {
            suppression: finding.suppression,
            severity: Reverse(ownership.weigh(finding.rule_severity)),
            certainty: Reverse(confidence.certainty()),
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            max_findings: Self::MAX_FINDINGS,
            inline_allow: true,
            accounts: Accounts::default(),
            accepted: Arc::default(),
            exclude: GlobSet::empty(),
            strict: false,
            now: Timestamp::UNIX_EPOCH,
        }
    }
}

impl Scan {
    /// Applies `policy` to what was found, once everything is put together: takes out what is excluded, finds the owners
    /// by `settle_owners`, and suppresses what is accepted. Entries that match nothing are reported where the scan
    /// `is_whole`: of all that they may be about.
    ///
    /// A panic in a step costs what that step would have added. To apply the same policy again changes nothing.
    pub fn apply(&mut self, policy: &Policy, is_whole: bool, settle_owners: impl FnOnce(&mut Self)) {
        self.run_stage(Stage::Acceptance, |scan| scan.leave_out(policy));
        self.run_stage(Stage::Owners, settle_owners);
        self.run_stage(Stage::Acceptance, |scan| {
            scan.accept(&policy.accepted, policy.now, is_whole);
            scan.fold_unreachable();
        });
    }

    /// Leaves out the findings that are more than may be listed.
    pub(super) fn trim(&mut self, policy: &Policy) {
        let mut kept = Kept::new(policy.max_findings);
        for finding in mem::take(&mut self.findings) {
            kept.add(policy.class(&finding), finding);
        }
        let left_out;
        (self.findings, left_out) = kept.finish();
        self.left_out.add_all(&left_out);
    }
}
