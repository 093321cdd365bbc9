//! Pairs of a key ID and a secret that were found apart, where no signature proves one: the names of their files say the
//! same, or the names beside them do, or one commit brought both.
//!
//! Each piece of evidence brings key IDs and secrets together in groups. A group is a pair only if it has exactly one of
//! each, and no other evidence gives one of them to a third: where there may be a second answer, there is none.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Scan;
use super::beside::{Part, folder_and_name, part_named};
use super::labels::{Labels, PartName};
use super::paths;
use crate::aws::{AccessKeyId, SecretFingerprint};
use crate::finding::{CredentialName, Finding, RepositoryName, Suppression};
use crate::level::{Certainty, Confidence, Doubt};
use crate::origin::ObjectId;
use crate::rule::{RuleSet, Yields};

type Repository = Option<Arc<RepositoryName>>;
type Pair = (AccessKeyId, SecretFingerprint);

/// What a piece of evidence brings together.
#[derive(Default)]
struct Group {
    ids: BTreeSet<AccessKeyId>,
    secrets: BTreeSet<SecretFingerprint>,
    /// Whether something is there that makes the evidence ambiguous.
    has_more: bool,
}

impl Group {
    fn add(&mut self, part: PartName) {
        match part {
            PartName::KeyId(id) => drop(self.ids.insert(id)),
            PartName::Secret(secret) => drop(self.secrets.insert(secret)),
        }
    }

    /// The pair that it is, if there is no second answer.
    fn pair(&self) -> Option<Pair> {
        let is_clear = !self.has_more && self.ids.len() == 1 && self.secrets.len() == 1;
        self.ids.first().copied().zip(self.secrets.first().copied()).filter(|_| is_clear)
    }
}

impl Scan {
    /// Pairs key IDs and secrets that were found apart, each repository by itself.
    pub(super) fn pair_apart(&mut self, labels: &Labels, rules: &RuleSet) {
        let mut of_repository: BTreeMap<Repository, Vec<usize>> = BTreeMap::new();
        for (at, finding) in self.findings.iter().enumerate() {
            of_repository.entry(finding.repository.clone()).or_default().push(at);
        }
        for places in of_repository.into_values() {
            let findings: Vec<&Finding> = places.iter().map(|&at| &self.findings[at]).collect();
            let pairs = Apart::new(&findings, labels).pairs();
            if pairs.is_empty() {
                continue;
            }
            let of_id: BTreeMap<_, _> = pairs.iter().copied().collect();
            let of_secret: BTreeMap<_, _> = pairs.iter().map(|&(id, secret)| (secret, id)).collect();
            for at in places {
                let pair = match lone(&self.findings[at]) {
                    Some(PartName::KeyId(id)) => of_id.get(&id).map(|&secret| (id, secret)),
                    Some(PartName::Secret(secret)) => of_secret.get(&secret).map(|&id| (id, secret)),
                    None => None,
                };
                pair.into_iter().for_each(|pair| join(&mut self.findings[at], pair, rules));
            }
        }
    }
}

/// The findings of one repository.
struct Apart<'a> {
    findings: &'a [&'a Finding],
    labels: &'a Labels,
    /// Parts that are in a pair.
    taken: BTreeSet<PartName>,
}

impl<'a> Apart<'a> {
    fn new(findings: &'a [&'a Finding], labels: &'a Labels) -> Self {
        let pairs = findings.iter().filter_map(|it| it.credential.id().zip(it.credential.any_secret()));
        Self { findings, labels, taken: pairs.flat_map(parts).collect() }
    }

    /// The pairs that some evidence suggests and none contradicts.
    fn pairs(self) -> Vec<Pair> {
        let labels = self.labels;
        let is_named = |&(id, secret): &Pair| {
            let label = labels.only(PartName::KeyId(id));
            label.is_some() && label == labels.only(PartName::Secret(secret))
        };
        let may_be = |&(id, secret): &Pair| !labels.differ(PartName::KeyId(id), PartName::Secret(secret));
        let mut suggested: BTreeSet<Pair> = clear(self.by_folder_and_label()).filter(is_named).collect();
        suggested.extend(clear(self.by_label()).filter(is_named));
        suggested.extend(clear(self.by_commit()).filter(may_be));
        let paths = self.paths();
        suggested.retain(|pair| {
            let [ids, secrets] = parts(*pair).map(|part| &paths[&part]);
            ids.iter().any(|one| secrets.iter().any(|two| !paths::differ(one, two)))
        });
        suggested.extend(clear(self.by_file_names()));
        suggested.retain(|&(id, secret)| !labels.refuse(id, secret));
        let mut answers: BTreeMap<PartName, u64> = BTreeMap::new();
        for part in suggested.iter().copied().flat_map(parts) {
            *answers.entry(part).or_default() += 1;
        }
        let is_only = |part: PartName| answers[&part] == 1 && !self.taken.contains(&part);
        suggested.into_iter().filter(|&pair| parts(pair).into_iter().all(is_only)).collect()
    }

    /// The paths of parts, as many as are compared.
    fn paths(&self) -> BTreeMap<PartName, Vec<&'a [u8]>> {
        /// More paths of one part are versions and copies of those.
        const MOST: usize = 16;
        let mut paths: BTreeMap<PartName, Vec<&[u8]>> = BTreeMap::new();
        for (finding, part) in self.lone() {
            let of_part = paths.entry(part).or_default();
            if of_part.len() < MOST {
                of_part.push(finding.origin.file_path().map(|path| path.as_bytes()).unwrap_or_default());
            }
        }
        paths
    }

    fn lone(&self) -> impl Iterator<Item = (&'a Finding, PartName)> {
        self.findings.iter().filter_map(|finding| Some((*finding, lone(finding)?)))
    }

    /// The names of the files in one folder say the same.
    fn by_file_names(&self) -> BTreeMap<(&'a [u8], String), Group> {
        let mut groups: BTreeMap<_, Group> = BTreeMap::new();
        for (finding, part) in self.lone() {
            let Some((folder, name)) =
                finding.origin.file_path().map(|path| folder_and_name(path.as_bytes()))
            else {
                continue;
            };
            match (part_named(name), part) {
                (Some((Part::KeyId, rest)), PartName::KeyId(_))
                | (Some((Part::Secret, rest)), PartName::Secret(_)) => {
                    groups.entry((folder, rest)).or_default().add(part);
                }
                _ => {}
            }
        }
        groups
    }

    /// The names beside them in files of one folder say the same. Where they say nothing more than what the values are, all
    /// parts of the folder without a telling name count, and a pair there, too.
    fn by_folder_and_label(&self) -> BTreeMap<(&'a [u8], &'a str), Group> {
        let mut groups: BTreeMap<(&[u8], &str), Group> = BTreeMap::new();
        for finding in self.findings.iter().filter(|finding| is_meant(finding)) {
            let Some((folder, _)) = finding.origin.file_path().map(|path| folder_and_name(path.as_bytes()))
            else {
                continue;
            };
            match lone(finding) {
                Some(part) => {
                    let mut labels = self.labels.of(part).peekable();
                    if labels.peek().is_none() {
                        groups.entry((folder, "")).or_default().add(part);
                    }
                    for label in labels {
                        let group = groups.entry((folder, label)).or_default();
                        group.add(part);
                        group.has_more |= !finding.confidence.doubts().is_empty();
                    }
                }
                None if is_pair(finding) => groups.entry((folder, "")).or_default().has_more = true,
                None => {}
            }
        }
        groups
    }

    /// The names beside them say the same, and nothing else in the repository has that name.
    fn by_label(&self) -> BTreeMap<&'a str, Group> {
        let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
        for (finding, part) in self.lone() {
            for label in self.labels.of(part).filter(|label| is_telling(label)) {
                let group = groups.entry(label).or_default();
                group.add(part);
                group.has_more |= self.labels.is_of_pair(label) || !finding.confidence.doubts().is_empty();
            }
        }
        groups
    }

    /// One commit brought both, and no other credential.
    fn by_commit(&self) -> BTreeMap<ObjectId, Group> {
        let mut groups: BTreeMap<_, Group> = BTreeMap::new();
        for finding in self.findings.iter().filter(|finding| is_meant(finding)) {
            let Some(commit) = finding.exposure.as_ref().and_then(|it| it.first.as_ref()) else { continue };
            let group = groups.entry(commit.id).or_default();
            match lone(finding).filter(|_| finding.confidence.doubts().is_empty()) {
                Some(part) => group.add(part),
                None => group.has_more = true,
            }
        }
        groups
    }
}

/// The pairs among groups that are clear.
fn clear<K>(groups: BTreeMap<K, Group>) -> impl Iterator<Item = Pair> {
    groups.into_values().filter_map(|group| group.pair())
}

fn parts((id, secret): Pair) -> [PartName; 2] {
    [PartName::KeyId(id), PartName::Secret(secret)]
}

/// Words that many keys of one repository have in their names.
const COMMON: [&str; 16] = [
    "default", "profile", "main", "test", "tests", "testing", "example", "sample", "demo", "dummy", "fake",
    "mock", "user", "app", "local", "new",
];

/// Whether a label says more than what is common to many.
fn is_telling(label: &str) -> bool {
    let tells = |word: &str| word.len() > 1 && word.bytes().any(|byte| !byte.is_ascii_digit());
    label.split(' ').any(|word| tells(word) && !COMMON.contains(&word))
}

/// Whether a finding is of a credential that somebody may have: examples and the key IDs of reports are of none.
fn is_meant(finding: &Finding) -> bool {
    !matches!(
        finding.suppression,
        Some(
            Suppression::Example | Suppression::Placeholder | Suppression::AkidReport | Suppression::Expired
        )
    )
}

fn is_pair(finding: &Finding) -> bool {
    finding.credential.id().is_some() && finding.credential.any_secret().is_some()
}

/// The part of a credential that was found alone, if it counts.
fn lone(finding: &Finding) -> Option<PartName> {
    if finding.signed.is_some() || finding.claims.is_some() || finding.suppression.is_some() {
        return None;
    }
    match &finding.credential {
        CredentialName::KeyId { id, .. } => Some(PartName::KeyId(*id)),
        CredentialName::Secret(secret) => Some(PartName::Secret(*secret)),
        _ => None,
    }
}

/// Makes a part of a pair that its surroundings suggest.
fn join(finding: &mut Finding, (id, secret): Pair, rules: &RuleSet) {
    let Some(rule) = rules.yielding(Yields::pair_of(id.kind())) else { return };
    finding.become_pair(rule, id, secret);
    let confidence = Confidence::new(Certainty::High).doubting(Doubt::PairedAcrossFiles);
    finding.confidence = finding.confidence.doubts().iter().copied().fold(confidence, Confidence::doubting);
}
