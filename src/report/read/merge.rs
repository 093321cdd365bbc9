//! Several reports as one, and what is new or gone between two.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::Reported;
use crate::finding::{CredentialId, Finding, Fingerprint, Novelty, Suppression};
use crate::scan::Scan;

/// By what a finding is known in all reports.
type Key = (Option<String>, Fingerprint);

fn key(finding: &Finding) -> Key {
    let repository = finding.repository.as_ref().map(|repository| repository.identity().to_owned());
    (repository, finding.fingerprint())
}

/// Makes one scan of several: of findings that are the same, that of the newest report. Each remembers the times of all
/// scans that saw it.
#[must_use]
pub fn merge(mut reports: Vec<Reported>) -> Scan {
    reports.sort_by_key(|report| report.at);
    let mut all = Scan::default();
    let mut findings: BTreeMap<Key, Finding> = BTreeMap::new();
    let mut repositories = BTreeSet::new();
    for Reported { mut scan, .. } in reports {
        for mut finding in std::mem::take(&mut scan.findings) {
            match findings.entry(key(&finding)) {
                Entry::Vacant(place) => drop(place.insert(finding)),
                Entry::Occupied(mut known) => {
                    finding.seen.extend_from_slice(&known.get().seen);
                    finding.seen.sort();
                    finding.seen.dedup();
                    known.insert(finding);
                }
            }
        }
        all.add_reported(scan, &mut repositories);
    }
    all.findings = findings.into_values().collect();
    all.sort_findings();
    all
}

/// How two scans differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Credentials that the old one does not have.
    pub new: u64,
    /// Credentials that the new one does not have: rotated, or removed.
    pub gone: u64,
    /// Credentials that both have.
    pub still_there: u64,
}

/// Marks what is new in `scan`, and adds what was in `old` and is gone, as suppressed.
pub fn compare(scan: &mut Scan, old: Scan) -> Compared {
    let counts = |finding: &&Finding| finding.suppression.is_none();
    let ids = |scan: &Scan| -> BTreeSet<CredentialId> {
        scan.findings.iter().filter(counts).map(Finding::credential_id).collect()
    };
    let (new_ids, old_ids) = (ids(scan), ids(&old));
    let places: BTreeSet<Key> = old.findings.iter().map(key).collect();
    for finding in &mut scan.findings {
        finding.novelty = match (old_ids.contains(&finding.credential_id()), places.contains(&key(finding))) {
            (_, true) => None,
            (true, false) => Some(Novelty::Place),
            (false, false) => Some(Novelty::Credential),
        };
    }
    let present: BTreeSet<Key> = scan.findings.iter().map(key).collect();
    let is_gone = |finding: &Finding| finding.suppression.is_none() && !present.contains(&key(finding));
    let gone = old.findings.into_iter().filter(is_gone);
    scan.findings.extend(gone.map(|finding| Finding { suppression: Some(Suppression::Gone), ..finding }));
    scan.sort_findings();
    Compared {
        new: new_ids.difference(&old_ids).count() as u64,
        gone: old_ids.difference(&new_ids).count() as u64,
        still_there: new_ids.intersection(&old_ids).count() as u64,
    }
}
