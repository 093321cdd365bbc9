//! Findings of archives that are one: members may have the same name, and what belongs to no member has but one.

use std::collections::HashMap;
use std::mem;

use crate::finding::Finding;

/// More places of one finding are not kept, only counted.
const MAX_PLACES: usize = 1000;

/// Makes one finding of those in archives that have rule, credential and path in common.
pub(super) fn merge(findings: &mut Vec<Finding>) {
    let mut known = HashMap::new();
    let mut merged: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in mem::take(findings) {
        if finding.origin.member().is_none() {
            merged.push(finding);
            continue;
        }
        let key = (finding.rule.clone(), finding.credential.clone(), finding.origin.clone());
        match known.get(&key) {
            Some(&at) => add(&mut merged[at], finding),
            None => {
                known.insert(key, merged.len());
                merged.push(finding);
            }
        }
    }
    *findings = merged;
}

fn add(known: &mut Finding, other: Finding) {
    known.occurrences += other.occurrences;
    known.places.extend(other.places);
    known.places.sort_by_key(crate::finding::Place::main);
    known.places.truncate(MAX_PLACES);
    // What one says does not count must be said by all.
    known.suppression = known.suppression.min(other.suppression);
    if other.confidence.certainty() > known.confidence.certainty() {
        known.confidence = other.confidence;
    }
}
