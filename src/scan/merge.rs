//! Findings of archives that are one: members may have the same name, and what belongs to no member has but one.

use std::collections::HashMap;
use std::mem;

use crate::finding::{CredentialName, Finding, Place};
use crate::origin::{Member, Origin};

/// More places of one finding are not kept, only counted.
const MAX_PLACES: usize = 1000;

/// Makes one finding of those in archives that have rule, credential and path in common.
pub(super) fn merge(findings: &mut Vec<Finding>) {
    if findings.iter().all(|finding| finding.origin.member().is_none()) {
        return;
    }
    let mut known = HashMap::new();
    let mut merged: Vec<Finding> = Vec::new();
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
    drop_told_twice(findings);
}

/// Takes out what was found in a document as it is written, where its text alone has it, too.
fn drop_told_twice(findings: &mut Vec<Finding>) {
    let mut texts: HashMap<Origin, Vec<CredentialName>> = HashMap::new();
    for finding in findings.iter() {
        if let Some(document) = finding.origin.member().and_then(document_of) {
            texts.entry(document).or_default().push(finding.credential.clone());
        }
    }
    if texts.is_empty() {
        return;
    }
    findings.retain(|finding| {
        texts.get(&finding.origin).is_none_or(|known| !is_covered(&finding.credential, known))
    });
}

/// The document that this is the text of.
fn document_of(member: &Member) -> Option<Origin> {
    let is_text = member.names().next_back() == Some(Member::TEXT);
    is_text.then(|| member.ancestor(member.names().len() - 1))
}

/// Whether each part of a credential is one of those that are known.
fn is_covered(name: &CredentialName, known: &[CredentialName]) -> bool {
    let has = |is_it: &dyn Fn(&CredentialName) -> bool| known.iter().any(is_it);
    name.id().is_none_or(|id| has(&|known| known.id() == Some(id)))
        && name.any_secret().is_none_or(|secret| has(&|known| known.any_secret() == Some(secret)))
        && name.token().is_none_or(|token| has(&|known| known.token() == Some(token)))
}

/// Adds what was found once more at the same path.
pub(super) fn add(known: &mut Finding, other: Finding) {
    known.occurrences += other.occurrences;
    let last = known.places.last().map(Place::main);
    let is_of_use = known.places.len() < MAX_PLACES || other.places.first().map(Place::main) < last;
    if is_of_use {
        let mut places = [&known.places[..], &other.places[..]].concat();
        places.sort_by_key(Place::main);
        places.truncate(MAX_PLACES);
        known.places = places.into();
    }
    // What one says does not count must be said by all.
    known.suppression = known.suppression.min(other.suppression);
    if other.confidence.certainty() > known.confidence.certainty() {
        known.confidence = other.confidence;
    }
}
