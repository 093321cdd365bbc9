//! Keys of which each part is a file: `envdir`, mounted secrets of Docker and Kubernetes, password stores. The names of the
//! files say what is in them, and the content is the value alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Scan;
use crate::aws::{AccessKeyId, Likeness, SecretAccessKey, SecretFingerprint};
use crate::detect::{Detection, Detector};
use crate::finding::{CredentialName, Finding, Location, Place, RepositoryName};
use crate::level::{Certainty, Confidence, Doubt};
use crate::origin::Origin;
use crate::rule::{RuleSet, Yields};
use crate::text::Excerpt;

/// What stands before the value where a name is in the file itself.
const NAME: &[u8] = b"aws_secret_access_key=";

/// Which part of a key a file's name is that of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    KeyId,
    Secret,
}

/// The longest name that file systems take, in bytes.
const MAX_NAME: usize = 255;

/// The part that a file's name says, and what else the name says.
fn part_named(name: &[u8]) -> Option<(Part, String)> {
    // Each finding at a path asks, and only a path that was made up is longer.
    if name.len() > MAX_NAME {
        return None;
    }
    let name = String::from_utf8_lossy(name).to_ascii_lowercase().replace(['-', '.', ' '], "_");
    let parts = [
        ("secret_access_key", Part::Secret),
        ("secretaccesskey", Part::Secret),
        ("aws_secret_key", Part::Secret),
        ("access_key_id", Part::KeyId),
        ("accesskeyid", Part::KeyId),
    ];
    let (word, part) = parts.into_iter().find(|(word, _)| name.contains(word))?;
    Some((part, name.replacen(word, "", 1).replace("aws_", "")))
}

/// The last name of a path, and the folder before it.
fn folder_and_name(path: &[u8]) -> (&[u8], &[u8]) {
    let at = path.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
    path.split_at(at)
}

/// Whether `content` is nothing but what looks like a secret.
pub(super) fn is_lone_secret(content: &[u8]) -> bool {
    let end = content.len().min(SecretAccessKey::LEN);
    content.len() <= SecretAccessKey::LEN + 2
        && content[end..].trim_ascii().is_empty()
        && SecretAccessKey::parse(&content[..end]).is_some_and(|it| it.likeness() == Likeness::RandomKey)
}

/// What `content`, which is nothing but a value, is by the name of its file.
pub(super) fn detect(detector: &Detector, origin: &Origin, content: &[u8]) -> Option<Detection> {
    let (_, name) = folder_and_name(origin.file_path()?.as_bytes());
    let is_secret = part_named(name).is_some_and(|(part, _)| part == Part::Secret);
    let mut detection = is_secret.then(|| detector.detect(&[NAME, content].concat()))?;
    for found in &mut detection.found {
        found.places = std::mem::take(&mut found.places).into_iter().map(without_name).collect();
    }
    Some(detection)
}

/// A place without the name that was written before the value.
fn without_name(place: Place) -> Place {
    let len = NAME.len() as u64;
    let moved = |mut location: Location| {
        location.span.start = location.span.start.saturating_sub(len);
        location.span.end = location.span.end.saturating_sub(len);
        location.start.column = location.start.column.saturating_sub(len).max(1);
        location.end.column = location.end.column.saturating_sub(len).max(1);
        location
    };
    Place { secret: place.secret.map(moved), excerpt: Excerpt::of_shown("****"), line_hash: None, ..place }
}

/// A folder of a repository, and what the names in it say beside the part.
type Key = (Option<Arc<RepositoryName>>, Vec<u8>, String);

/// Where among the findings the parts are that one folder has under one name.
#[derive(Default)]
struct Parts {
    ids: BTreeMap<AccessKeyId, Vec<usize>>,
    secrets: BTreeMap<SecretFingerprint, Vec<usize>>,
}

impl Scan {
    /// Key IDs and secrets that are in a pair.
    fn taken(&self) -> BTreeSet<(Option<AccessKeyId>, Option<SecretFingerprint>)> {
        let names = self.findings.iter().map(|finding| &finding.credential);
        let pairs = names.filter_map(|name| name.key_id.zip(name.secret));
        pairs.flat_map(|(id, secret)| [(Some(id), None), (None, Some(secret))]).collect()
    }

    /// Pairs a key ID and a secret that are alone in two files of one folder, if the names of the files say the same and
    /// no other part is there.
    pub(super) fn pair_files(&mut self, rules: &RuleSet) {
        let mut folders: BTreeMap<Key, Parts> = BTreeMap::new();
        for (at, finding) in self.findings.iter().enumerate() {
            let Some((part, key)) = file_of_part(finding) else { continue };
            let parts = folders.entry(key).or_default();
            match (part, finding.credential.key_id, finding.credential.secret) {
                (Part::KeyId, Some(id), None) => parts.ids.entry(id).or_default().push(at),
                (Part::Secret, None, Some(secret)) => parts.secrets.entry(secret).or_default().push(at),
                _ => {}
            }
        }
        let taken = self.taken();
        for parts in folders.into_values() {
            let (Some((id, ids)), Some((secret, secrets))) = (only(parts.ids), only(parts.secrets)) else {
                continue;
            };
            if taken.contains(&(Some(id), None)) || taken.contains(&(None, Some(secret))) {
                continue;
            }
            let Some(rule) = rules.yielding(Yields::pair_of(id.kind())) else { continue };
            for at in ids.into_iter().chain(secrets) {
                let finding = &mut self.findings[at];
                let credential =
                    CredentialName { key_id: Some(id), secret: Some(secret), ..finding.credential.clone() };
                finding.become_pair(rule, credential);
                let doubts = finding.confidence.doubts().to_vec();
                let confidence = Confidence::new(Certainty::High).doubting(Doubt::PairedAcrossFiles);
                finding.confidence = doubts.into_iter().fold(confidence, Confidence::doubting);
            }
        }
    }
}

fn file_of_part(finding: &Finding) -> Option<(Part, Key)> {
    if finding.signed.is_some() || finding.claims.is_some() || finding.suppression.is_some() {
        return None;
    }
    let (folder, name) = folder_and_name(finding.origin.file_path()?.as_bytes());
    let (part, rest) = part_named(name)?;
    Some((part, (finding.repository.clone(), folder.to_vec(), rest)))
}

/// The one entry of a map, if it has no other.
fn only<K: Ord, V>(map: BTreeMap<K, V>) -> Option<(K, V)> {
    let mut entries = map.into_iter();
    let first = entries.next()?;
    entries.next().is_none().then_some(first)
}
