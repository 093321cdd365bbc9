//! Findings in unreachable objects: one for each credential of a repository. Nobody works through them one by one, and
//! `git gc` takes all of them away at once.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::mem;
use std::sync::Arc;

use super::{Scan, kept};
use crate::finding::{Commit, CredentialName, Exposure, Finding, RepositoryName, Suppression};
use crate::rule::RuleId;

/// What findings have in common that become one.
type Key = (Option<Arc<RepositoryName>>, RuleId, CredentialName, Option<Suppression>);

impl Scan {
    /// Makes one finding of those that one repository has of a credential in unreachable objects. What suppresses them
    /// must be settled: of some that are suppressed and some that are not there are two.
    pub fn fold_unreachable(&mut self) {
        if !self.findings.iter().any(Finding::is_unreachable) {
            return;
        }
        let mut folded: BTreeMap<Key, Finding> = BTreeMap::new();
        let mut findings = Vec::with_capacity(self.findings.len());
        for finding in mem::take(&mut self.findings) {
            if !finding.is_unreachable() {
                findings.push(finding);
                continue;
            }
            let key = (
                finding.repository.clone(),
                finding.rule.clone(),
                finding.credential.clone(),
                finding.suppression,
            );
            match folded.entry(key) {
                Entry::Vacant(place) => drop(place.insert(finding)),
                Entry::Occupied(mut known) => fold(known.get_mut(), finding),
            }
        }
        findings.extend(folded.into_values());
        findings.sort_by(kept::report_order);
        self.findings = findings;
    }
}

/// Adds what is in further objects. Shown is what has a path, for that says more than an ID.
fn fold(known: &mut Finding, mut other: Finding) {
    if known.origin.file_path().is_none() && other.origin.file_path().is_some() {
        mem::swap(known, &mut other);
    }
    known.occurrences += other.occurrences;
    if other.confidence.certainty() > known.confidence.certainty() {
        known.confidence = other.confidence;
    }
    if let (Some(known), Some(other)) = (&mut known.exposure, other.exposure) {
        fold_exposure(known, *other);
    }
}

fn fold_exposure(known: &mut Exposure, other: Exposure) {
    known.versions += other.versions;
    let objects = other.object.into_iter().chain(other.other_objects);
    known.other_objects.extend(objects.filter(|object| Some(*object) != known.object));
    known.other_objects.sort();
    known.other_objects.dedup();
    known.other_objects.truncate(Exposure::MAX_OBJECTS - 1);
    let committed = |commit: &Arc<Commit>| commit.committed;
    let first = known.first.take().into_iter().chain(other.first);
    known.first = first.min_by_key(|commit| (committed(commit).is_none(), committed(commit)));
    known.last = known.last.take().into_iter().chain(other.last).max_by_key(committed);
}
