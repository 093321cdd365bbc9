//! From findings in objects and names of git to findings in a history: at paths, by commits.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{Scan, test_path};
use crate::finding::{Commit, CredentialName, Exposure, Finding, Lives, Tip};
use crate::level::Doubt;
use crate::origin::{ObjectId, ObjectKind, Origin};
use crate::rule::RuleId;
use crate::source::{Appearance, Attribution, Skipped, Source, Subject};

/// Finds out where the objects and names are that something was found in, and makes of what was found in the versions of a path
/// one finding for each credential.
pub(super) fn attribute(scan: &mut Scan, sources: &[&dyn Source]) {
    let mut wanted: BTreeSet<Subject> =
        scan.findings.iter().filter_map(|finding| subject(&finding.origin)).collect();
    if wanted.is_empty() {
        name_skipped(&mut scan.skipped, sources);
    }
    wanted.extend(scan.skipped.iter().filter_map(blob).map(Subject::Object));
    if wanted.is_empty() {
        return;
    }
    let mut attribution = Attribution::default();
    sources.iter().for_each(|source| attribution.merge(source.attribute(&wanted)));
    let mut versions: BTreeMap<(RuleId, CredentialName, Origin), Vec<Version>> = BTreeMap::new();
    for finding in std::mem::take(&mut scan.findings) {
        let subject = subject(&finding.origin);
        let appearances = subject.as_ref().and_then(|subject| attribution.appearances.get(subject));
        let Some(appearances) = appearances.filter(|appearances| !appearances.is_empty()) else {
            scan.findings.push(finding);
            continue;
        };
        for appearance in appearances {
            let (id, origin) = match (&subject, &appearance.path) {
                (Some(Subject::Name(_)), Some(path)) => (None, Origin::VersionName(path.clone())),
                (Some(Subject::Object(id)), Some(path)) => {
                    (Some(*id), finding.origin.with_root(Origin::Version(path.clone())))
                }
                (Some(Subject::Object(id)), None) => (Some(*id), finding.origin.clone()),
                _ => (None, finding.origin.clone()),
            };
            let key = (finding.rule.clone(), finding.credential.clone(), origin);
            let appearance = appearance.clone();
            versions.entry(key).or_default().push(Version { id, finding: finding.clone(), appearance });
        }
    }
    let whole =
        versions.into_iter().map(|((_, _, origin), versions)| whole(origin, versions, &attribution.commits));
    scan.findings.extend(whole);
    scan.skipped = std::mem::take(&mut scan.skipped)
        .into_iter()
        .flat_map(|skipped| at_paths(skipped, &attribution.appearances))
        .collect();
    scan.gaps.extend(attribution.gaps);
}

/// What to ask a source about.
fn subject(origin: &Origin) -> Option<Subject> {
    match origin.root() {
        Origin::Object(object) => Some(Subject::Object(object.id)),
        Origin::VersionName(path) => Some(Subject::Name(path.name().to_vec())),
        _ => None,
    }
}

/// Names what was skipped by a path that it has now, where that is all there is to find out: it costs a little of what
/// the rest does.
fn name_skipped(skipped: &mut [Skipped], sources: &[&dyn Source]) {
    let wanted: BTreeSet<ObjectId> = skipped.iter().filter_map(blob).collect();
    if wanted.is_empty() {
        return;
    }
    let located: BTreeMap<_, _> = sources.iter().flat_map(|source| source.locate(&wanted)).collect();
    for skipped in skipped {
        if let Some(path) = blob(skipped).and_then(|id| located.get(&id)) {
            skipped.origin = skipped.origin.with_root(Origin::Version(path.clone()));
        }
    }
}

/// The blob that was skipped, or is the archive of what was skipped.
fn blob(skipped: &Skipped) -> Option<ObjectId> {
    match skipped.origin.root() {
        Origin::Object(object) if object.kind == ObjectKind::Blob => Some(object.id),
        _ => None,
    }
}

/// The same of each path that the blob is at: by its ID alone nobody knows it, and nobody can accept it.
fn at_paths(skipped: Skipped, appearances: &BTreeMap<Subject, Vec<Appearance>>) -> Vec<Skipped> {
    let appearances = blob(&skipped).and_then(|id| appearances.get(&Subject::Object(id)));
    let paths = appearances.into_iter().flatten().filter_map(|appearance| appearance.path.clone());
    let origins: BTreeSet<Origin> =
        paths.map(|path| skipped.origin.with_root(Origin::Version(path))).collect();
    if origins.is_empty() {
        return vec![skipped];
    }
    origins.into_iter().map(|origin| Skipped { origin, reason: skipped.reason.again() }).collect()
}

/// A credential in one version of a path.
struct Version {
    /// The object that it is in, if it is not in a name.
    id: Option<ObjectId>,
    finding: Finding,
    appearance: Appearance,
}

/// One finding of all versions of a path that have the credential. It shows the version that is still there, or the
/// last one.
fn whole(origin: Origin, mut versions: Vec<Version>, commits: &BTreeMap<ObjectId, Commit>) -> Finding {
    versions.sort_by_key(|version| {
        let last = version.appearance.brought.map(|(_, last)| last);
        Reverse((version.appearance.at_head, !version.appearance.tips.is_empty(), last, version.id))
    });
    let brought = || versions.iter().filter_map(|version| version.appearance.brought);
    let commit = |id: ObjectId| commits.get(&id).cloned();
    let exposure = Exposure {
        object: versions[0].id,
        first: brought().map(|(first, _)| first).min().and_then(|(_, id)| commit(id)),
        last: brought().map(|(_, last)| last).max().and_then(|(_, id)| commit(id)),
        versions: versions.len() as u64,
        lives: versions.iter().map(|version| version.appearance.lives).min().unwrap_or(Lives::Unknown),
        tips: versions
            .iter()
            .flat_map(|version| version.appearance.tips.iter().cloned())
            .collect::<BTreeSet<Tip>>()
            .into_iter()
            .collect(),
        at_head: versions.iter().any(|version| version.appearance.at_head),
    };
    // What one version says does not count must be said by all.
    let suppression = versions.iter().map(|version| version.finding.suppression).min().flatten();
    let reason = |version: &Version| version.finding.justification.clone();
    let justification = suppression.and_then(|_| versions.iter().find_map(reason));
    let shown = versions.swap_remove(0).finding;
    let confidence = if test_path::says_test(&origin) {
        shown.confidence.doubting(Doubt::TestPath)
    } else {
        shown.confidence
    };
    Finding { origin, confidence, suppression, justification, exposure: Some(exposure), ..shown }
}
