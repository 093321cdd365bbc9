//! From findings in objects and names of git to findings in a history: at paths, by commits.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::beside::{self, Values};
use super::class::Class;
use super::collector::Inputs;
use super::kept::Kept;
use super::tolerance::Tolerance;
use super::{Policy, Scan, test_path};
use crate::finding::{Commit, Exposure, Finding, Reachability, Tips};
use crate::level::{Certainty, Doubt};
use crate::origin::{Member, ObjectId, ObjectKind, Origin, RelativePath};
use crate::source::{Appearance, Attribution, Skipped, Source, Stage, Subject};
use crate::stop::Stop;

/// Finds the paths and commits of what was found in git's history.
pub(super) struct Attributor<'a> {
    pub(super) sources: &'a [&'a dyn Source],
    pub(super) policy: &'a Policy,
    pub(super) tolerance: &'a Tolerance,
    /// Objects that are nothing but a value, which the name of a path has to explain.
    pub(super) values: &'a Values,
    pub(super) stop: &'a Stop,
}

impl Attributor<'_> {
    /// Finds out where the objects and names are that something was found in, and makes of what was found in the
    /// versions of a path one finding for each credential. Where it is stopped, findings stay as they are.
    pub(super) fn run(&self, scan: &mut Scan) {
        let mut wanted: BTreeSet<Subject> =
            scan.findings.iter().filter_map(|finding| subject(&finding.origin)).collect();
        if wanted.is_empty() {
            scan.run_stage(Stage::Attribution, |scan| self.name_skipped(&mut scan.skipped));
            self.list_skipped(scan, &Attribution::default());
        }
        wanted.extend(scan.skipped.iter().filter_map(blob).map(Subject::Object));
        if wanted.is_empty() {
            return;
        }
        let mut attribution = Attribution::default();
        for history in self.sources.iter().filter_map(|source| source.history()) {
            scan.run_stage(Stage::Attribution, |_| attribution.merge(history.attribute(&wanted, self.stop)));
        }
        if self.stop.is_stopped() {
            return;
        }
        scan.run_stage(Stage::Attribution, |scan| self.place(scan, &attribution));
        scan.gaps.extend(attribution.gaps);
    }

    /// Puts everything at its paths, or leaves all as it is.
    fn place(&self, scan: &mut Scan, attribution: &Attribution) {
        let mut placed = Placed {
            attribution,
            policy: self.policy,
            values: self.values,
            kept: Kept::new(self.policy.max_findings),
            excluded: BTreeSet::new(),
        };
        scan.findings.sort_by(|a, b| group(a).cmp(&group(b)).then_with(|| a.origin.cmp(&b.origin)));
        // Most credentials are in one object only. What else is in it is at the same paths, and is taken path by path: in
        // order, where there may be more than is listed.
        let mut alone: BTreeMap<Option<Subject>, Vec<&Finding>> = BTreeMap::new();
        for group in scan.findings.chunk_by(|a, b| group(a) == group(b)) {
            if self.stop.is_stopped() {
                return;
            }
            match group {
                [finding] => alone.entry(subject(&finding.origin)).or_default().push(finding),
                _ => placed.add(group),
            }
        }
        for (subject, findings) in alone {
            if !placed.add_alone(subject.as_ref(), &findings, self.stop) {
                return;
            }
        }
        let Placed { kept, excluded, .. } = placed;
        // Findings without their paths are not needed beside those with them: there may be very many.
        scan.findings = Vec::new();
        let (findings, left_out) = kept.finish();
        scan.findings = findings;
        scan.left_out.add_all(&left_out);
        scan.exclude(excluded);
        self.list_skipped(scan, attribution);
    }

    /// Lists what was skipped at its paths, in order.
    fn list_skipped(&self, scan: &mut Scan, attribution: &Attribution) {
        let mut inputs = Inputs::new();
        for skipped in std::mem::take(&mut scan.skipped) {
            at_paths(skipped, &attribution.appearances, &mut |skipped| {
                inputs.add(skipped, self.policy, self.tolerance);
            });
        }
        inputs.finish(scan);
    }

    /// Names what was skipped by a path that it has now, where that is all there is to find out: it costs a little of
    /// what the rest does.
    fn name_skipped(&self, skipped: &mut [Skipped]) {
        let wanted: BTreeSet<ObjectId> = skipped.iter().filter_map(blob).collect();
        if wanted.is_empty() {
            return;
        }
        let histories = self.sources.iter().filter_map(|source| source.history());
        let located: BTreeMap<_, _> =
            histories.flat_map(|history| history.locate(&wanted, self.stop)).collect();
        for skipped in skipped {
            if let Some(path) = blob(skipped).and_then(|id| located.get(&id)) {
                skipped.origin = skipped.origin.with_root(Origin::Version(path.clone()));
            }
        }
    }
}

/// What findings have in common that may be versions of one: rule, credential, where in an archive, and whether in a
/// name.
fn group(finding: &Finding) -> impl Ord + use<'_> {
    let inside = finding.origin.member().map(Member::inside);
    (&finding.rule, &finding.credential, inside, finding.origin.is_name())
}

/// Findings at their paths.
struct Placed<'a> {
    attribution: &'a Attribution,
    policy: &'a Policy,
    values: &'a Values,
    kept: Kept,
    /// Paths that the user left out.
    excluded: BTreeSet<RelativePath>,
}

impl Placed<'_> {
    /// Takes the findings of a [`group`].
    fn add(&mut self, group: &[Finding]) {
        let mut versions = Vec::new();
        for finding in group {
            let subject = subject(&finding.origin);
            let appearances = subject.as_ref().and_then(|it| self.attribution.appearances.get(it));
            let Some(appearances) = appearances.filter(|appearances| !appearances.is_empty()) else {
                self.kept.add(self.policy.class(finding), finding.clone());
                continue;
            };
            let class = self.policy.class_as_found(finding, &finding.confidence);
            let versions_here = appearances.iter().map(|appearance| Version { finding, appearance, class });
            versions.extend(versions_here.filter(|version| self.is_explained(version)));
        }
        versions.sort_by(|a, b| a.place().cmp(&b.place()));
        for versions in versions.chunk_by(|a, b| a.place() == b.place()) {
            self.add_whole(versions);
        }
    }

    /// Takes findings that are in one object each, all in the same; returns whether it was not stopped.
    fn add_alone(&mut self, subject: Option<&Subject>, findings: &[&Finding], stop: &Stop) -> bool {
        let appearances = subject.and_then(|subject| self.attribution.appearances.get(subject));
        let mut appearances: Vec<&Appearance> = appearances.into_iter().flatten().collect();
        if appearances.is_empty() {
            findings.iter().for_each(|finding| self.kept.add(self.policy.class(finding), (*finding).clone()));
            return true;
        }
        appearances.sort_by(|a, b| a.path.cmp(&b.path));
        let classes: Vec<Class> =
            findings.iter().map(|finding| self.policy.class_as_found(finding, &finding.confidence)).collect();
        for at_path in appearances.chunk_by(|a, b| a.path == b.path) {
            if stop.is_stopped() {
                return false;
            }
            for (finding, &class) in findings.iter().zip(&classes) {
                let versions = at_path.iter().map(|appearance| Version { finding, appearance, class });
                let versions: Vec<Version<'_>> =
                    versions.filter(|version| self.is_explained(version)).collect();
                if !versions.is_empty() {
                    self.add_whole(&versions);
                }
            }
        }
        true
    }

    /// Whether what was found is what it was taken for: of an object that is nothing but a value, its path says so.
    fn is_explained(&self, version: &Version<'_>) -> bool {
        !self.values.has(&version.finding.origin) || beside::names_secret(&version.origin())
    }

    /// Takes all versions of one path.
    fn add_whole(&mut self, versions: &[Version<'_>]) {
        if let ([version], Some(path)) = (versions, &versions[0].appearance.path)
            && self.policy.is_blind_to_paths()
            && self.kept.leaves_out(version.class, path.as_bytes())
        {
            return;
        }
        let finding = whole(versions, &self.attribution.commits);
        match self.policy.excludes(&finding.origin) {
            Some(path) => drop(self.excluded.insert(path)),
            None => self.kept.add(self.policy.class(&finding), finding),
        }
    }
}

/// What to ask a source about.
fn subject(origin: &Origin) -> Option<Subject> {
    match origin.root() {
        Origin::Object(object) => Some(Subject::Object(object.id)),
        Origin::VersionName(path) => Some(Subject::Name(path.name().to_vec())),
        _ => None,
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
fn at_paths(
    skipped: Skipped,
    appearances: &BTreeMap<Subject, Vec<Appearance>>,
    add: &mut dyn FnMut(Skipped),
) {
    let appearances = blob(&skipped).and_then(|id| appearances.get(&Subject::Object(id)));
    let paths: BTreeSet<&RelativePath> =
        appearances.into_iter().flatten().filter_map(|appearance| appearance.path.as_ref()).collect();
    if paths.is_empty() {
        return add(skipped);
    }
    for path in paths {
        let origin = skipped.origin.with_root(Origin::Version(path.clone()));
        add(Skipped { origin, reason: skipped.reason.again() });
    }
}

/// A credential in one version of a path.
struct Version<'a> {
    finding: &'a Finding,
    appearance: &'a Appearance,
    /// The finding's, as far as its path does not change it.
    class: Class,
}

impl<'a> Version<'a> {
    /// The path, or else what is known by no path.
    fn place(&self) -> (Option<&'a RelativePath>, Option<&'a Origin>) {
        match &self.appearance.path {
            Some(path) => (Some(path), None),
            None => (None, Some(&self.finding.origin)),
        }
    }

    /// The object that it is in, if it is not in a name.
    fn object(&self) -> Option<ObjectId> {
        match self.finding.origin.root() {
            Origin::Object(object) => Some(object.id),
            _ => None,
        }
    }

    /// Where the finding is, told by its path.
    fn origin(&self) -> Origin {
        let origin = &self.finding.origin;
        match &self.appearance.path {
            Some(path) if self.object().is_none() => Origin::VersionName(path.clone()),
            Some(path) => origin.with_root(Origin::Version(path.clone())),
            None => origin.clone(),
        }
    }
}

/// One finding of all versions of a path that have the credential. It shows the version that is still there, or the
/// last one.
fn whole(versions: &[Version<'_>], commits: &BTreeMap<ObjectId, Arc<Commit>>) -> Finding {
    let rank = |version: &&Version<'_>| {
        let last = version.appearance.brought.map(|(_, last)| last);
        Reverse((version.appearance.at_head, !version.appearance.tips.is_empty(), last, version.object()))
    };
    let Some(shown) = versions.iter().min_by_key(rank) else { unreachable!("there is a version") };
    let brought = || versions.iter().filter_map(|version| version.appearance.brought);
    let commit = |id: ObjectId| commits.get(&id).cloned();
    let reachability = versions.iter().map(|version| version.appearance.reachability).min();
    let reachability = reachability.unwrap_or(Reachability::Unknown);
    let last = brought().map(|(_, last)| last).max();
    // What removes one version may bring the next one.
    let removed = versions.iter().filter_map(|version| version.appearance.removed).max();
    let removed = removed.filter(|removed| reachability == Reachability::Past && Some(*removed) > last);
    let no_tips = Tips::default();
    let exposure = Exposure {
        object: shown.object(),
        other_objects: Vec::new(),
        first: brought().map(|(first, _)| first).min().and_then(|(_, id)| commit(id)),
        last: last.and_then(|(_, id)| commit(id)),
        removed: removed.and_then(|(_, id)| commit(id)),
        versions: versions.len() as u64,
        reachability,
        tips: versions.iter().fold(no_tips, |tips, version| tips.union(&version.appearance.tips)),
        at_head: versions.iter().any(|version| version.appearance.at_head),
    };
    // What one version says does not count must be said by all.
    let suppression = versions.iter().map(|version| version.finding.suppression).min().flatten();
    let reason = |version: &Version<'_>| version.finding.justification.clone();
    let justification = suppression.and_then(|_| versions.iter().find_map(reason));
    let (origin, shown) = (shown.origin(), shown.finding.clone());
    // What is proven is no less so in a test.
    let is_proven = shown.confidence.certainty() == Certainty::Certain;
    let confidence = if !is_proven && test_path::says_test(&origin) {
        shown.confidence.doubting(Doubt::TestPath)
    } else {
        shown.confidence
    };
    Finding { origin, confidence, suppression, justification, exposure: Some(Box::new(exposure)), ..shown }
}
