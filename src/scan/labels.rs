//! What names in texts say of the parts of credentials that stand beside them.

use std::collections::{BTreeMap, BTreeSet};

use crate::aws::{AccessKeyId, SecretAccessKey, SecretFingerprint};
use crate::detect::Found;

/// A key ID or a secret, by its public name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PartName {
    KeyId(AccessKeyId),
    Secret(SecretFingerprint),
}

/// The labels of parts that were found alone, and those of pairs.
#[derive(Debug, Default)]
pub(super) struct Labels {
    of_parts: BTreeMap<PartName, BTreeSet<Box<str>>>,
    of_pairs: BTreeSet<Box<str>>,
}

/// More parts than this get no labels, and are not paired by them.
const MOST: usize = 100_000;

impl Labels {
    /// Takes note of the label of what was found.
    pub(super) fn add(&mut self, found: &Found) {
        let Some(label) = &found.label else { return };
        let id = found.credential.id();
        let secret = found.credential.secret().map(SecretAccessKey::fingerprint);
        match (id.map(PartName::KeyId), secret.map(PartName::Secret)) {
            (Some(_), Some(_)) if self.of_pairs.len() < MOST => drop(self.of_pairs.insert(label.clone())),
            (Some(part), None) | (None, Some(part)) if self.of_parts.len() < MOST => {
                self.of_parts.entry(part).or_default().insert(label.clone());
            }
            _ => {}
        }
    }

    /// The labels of a part; none if it has no name anywhere.
    pub(super) fn of(&self, part: PartName) -> impl Iterator<Item = &str> {
        self.of_parts.get(&part).into_iter().flatten().map(|label| &**label)
    }

    /// The label of a part, if it has the same wherever it has a name.
    pub(super) fn only(&self, part: PartName) -> Option<&str> {
        let mut labels = self.of(part);
        labels.next().filter(|_| labels.next().is_none())
    }

    /// Whether a pair has this label.
    pub(super) fn is_of_pair(&self, label: &str) -> bool {
        self.of_pairs.contains(label)
    }

    /// Whether names say that two parts do not belong together.
    pub(super) fn differ(&self, id: PartName, secret: PartName) -> bool {
        let telling = |part| -> BTreeSet<&str> { self.of(part).filter(|label| !label.is_empty()).collect() };
        let (of_id, of_secret) = (telling(id), telling(secret));
        !of_id.is_empty() && !of_secret.is_empty() && of_id.is_disjoint(&of_secret)
    }
}
