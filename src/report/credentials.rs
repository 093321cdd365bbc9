//! What was found, by credential: nobody rotates a finding, people rotate credentials.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::Failing;
use crate::finding::{Commit, CredentialId, Exposure, Finding, Reachability};
use crate::level::{Certainty, Severity};
use crate::origin::Origin;
use crate::scan::Scan;

/// A credential with everything that was found of it.
#[derive(Debug)]
pub struct Credential<'a> {
    /// The findings that count, the best place to look at first; where none counts, the suppressed ones.
    pub findings: Vec<&'a Finding>,
    /// How many of all of its findings are suppressed.
    pub suppressed: u64,
    /// Whether it makes the run fail.
    pub fails: bool,
}

/// Where a finding is to be seen, what is easiest to see and to abuse first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// In a file, in the current commit, or staged.
    Current,
    /// At the tip of another branch or tag.
    Tip,
    /// Only in what came before.
    Past,
    /// In objects that no ref leads to.
    Unreachable,
}

impl Standing {
    /// Where `finding` is to be seen.
    pub fn of(finding: &Finding) -> Self {
        let is_file = matches!(finding.origin.root(), Origin::File(_) | Origin::FileName(_));
        match finding.exposure.as_deref().filter(|_| !is_file) {
            None => Self::Current,
            Some(exposure) if exposure.at_head => Self::Current,
            Some(exposure) => match exposure.reachability {
                Reachability::Index => Self::Current,
                Reachability::Tip => Self::Tip,
                Reachability::Past => Self::Past,
                Reachability::Stash | Reachability::Reflog => Self::Past,
                Reachability::Unreachable | Reachability::Unknown => Self::Unreachable,
            },
        }
    }
}

/// Groups what a scan lists by credential: those that fail first, then by severity, confidence and where they are to be
/// seen. Suppressed ones come last.
pub fn credentials<'a>(scan: &'a Scan, failing: &Failing) -> Vec<Credential<'a>> {
    let mut groups: BTreeMap<CredentialId, Vec<&Finding>> = BTreeMap::new();
    for finding in &scan.findings {
        groups.entry(finding.credential_id()).or_default().push(finding);
    }
    let mut credentials: Vec<_> =
        groups.into_values().map(|findings| Credential::of(findings, failing)).collect();
    credentials.sort_by_cached_key(Credential::rank);
    credentials
}

impl<'a> Credential<'a> {
    fn of(findings: Vec<&'a Finding>, failing: &Failing) -> Self {
        let (counting, suppressed): (Vec<_>, Vec<_>) =
            findings.into_iter().partition(|finding| finding.suppression.is_none());
        let number = suppressed.len() as u64;
        let mut findings = if counting.is_empty() { suppressed } else { counting };
        let fails = findings.iter().any(|finding| failing.includes(finding));
        // The order of reports settles what these leave open.
        findings.sort_by_key(|finding| {
            let certainty = Reverse(finding.confidence.certainty());
            (!failing.includes(finding), Standing::of(finding), certainty, Reverse(finding.severity()))
        });
        Self { findings, suppressed: number, fails }
    }

    fn rank(&self) -> impl Ord + use<> {
        let best = self.best();
        (
            self.is_suppressed(),
            !self.fails,
            Reverse(self.severity()),
            Reverse(self.certainty()),
            Standing::of(best),
            best.repository.clone(),
            best.origin.clone(),
            best.credential_id(),
        )
    }

    /// The best place to look at.
    ///
    /// # Panics
    ///
    /// Never for what [`credentials`] returns: it has a finding.
    pub fn best(&self) -> &'a Finding {
        let Some(best) = self.findings.first() else { unreachable!("a credential has a finding") };
        best
    }

    /// Its ID, equal in all reports.
    pub fn id(&self) -> CredentialId {
        self.best().credential_id()
    }

    /// Whether none of its findings counts.
    pub fn is_suppressed(&self) -> bool {
        self.best().suppression.is_some()
    }

    /// The worst severity of its findings.
    pub fn severity(&self) -> Severity {
        self.findings.iter().map(|finding| finding.severity()).max().unwrap_or(Severity::Low)
    }

    /// The highest certainty of its findings.
    pub fn certainty(&self) -> Certainty {
        let certainty = |finding: &&Finding| finding.confidence.certainty();
        self.findings.iter().map(certainty).max().unwrap_or(Certainty::Low)
    }

    /// How many of its findings are to be seen where.
    pub fn count(&self, standings: &[Standing]) -> u64 {
        self.findings.iter().filter(|finding| standings.contains(&Standing::of(finding))).count() as u64
    }

    /// How many repositories and scanned folders it is in.
    pub fn repositories(&self) -> u64 {
        let repositories = self.findings.iter().filter_map(|finding| finding.repository.as_ref());
        repositories.map(|repository| repository.identity()).collect::<BTreeSet<_>>().len() as u64
    }

    /// The finding and the commit that brought it first, as far as commits tell their dates.
    pub fn introduced(&self) -> Option<(&'a Finding, &'a Arc<Commit>)> {
        let first = |finding: &&'a Finding| Some((*finding, finding.exposure.as_deref()?.first.as_ref()?));
        let firsts = self.findings.iter().filter_map(first);
        firsts.min_by_key(|(_, commit)| (commit.committed.is_none(), commit.committed))
    }

    /// Whether a file, or the tip of a branch or tag, still has it.
    pub fn is_still_there(&self) -> bool {
        self.count(&[Standing::Current, Standing::Tip]) > 0
    }

    /// When it was there last, as far as commits tell; `None` where it still is.
    pub fn last_seen(&self) -> Option<Timestamp> {
        if self.is_still_there() {
            return None;
        }
        self.findings.iter().filter_map(|finding| finding.exposure.as_deref()).filter_map(ended).max()
    }
}

/// When it was removed; where nothing says so, when a version with it was written last.
pub(super) fn ended(exposure: &Exposure) -> Option<Timestamp> {
    let removed = exposure.removed.as_ref().and_then(|removed| removed.committed);
    removed.or_else(|| exposure.last.as_ref()?.committed)
}
