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

/// The labels of parts that were found alone, those of pairs, and what texts say against a pair.
#[derive(Debug, Default)]
pub(super) struct Labels {
    of_parts: BTreeMap<PartName, BTreeSet<Box<str>>>,
    of_pairs: BTreeSet<Box<str>>,
    /// Key IDs whose secret is somewhere else, and in no file.
    elsewhere: BTreeSet<AccessKeyId>,
    /// Parts that one text has, and that are no pair there.
    refused: BTreeSet<(AccessKeyId, SecretFingerprint)>,
    /// Parts of texts that have too many to note each pair that they are not.
    crowded: BTreeSet<PartName>,
}

/// More parts than this get no labels, and are not paired by them.
const MOST: usize = 100_000;

/// More key IDs or secrets alone in one text than this are not paired with parts of other files.
const CROWD: usize = 64;

impl Labels {
    /// Takes note of what was found in one text, and of key IDs beside a field for their secret that does not hold it.
    pub(super) fn add(&mut self, found: &[Found], elsewhere: &[AccessKeyId]) {
        self.elsewhere.extend(elsewhere);
        found.iter().for_each(|found| self.add_label(found));
        let (mut ids, mut secrets) = (BTreeSet::new(), BTreeSet::new());
        for found in found {
            match (found.credential.id(), found.credential.secret()) {
                (Some(id), None) if found.signed.is_none() => drop(ids.insert(id)),
                (None, Some(secret)) => drop(secrets.insert(secret.fingerprint())),
                _ => {}
            }
        }
        if ids.is_empty() || secrets.is_empty() {
            return;
        }
        if ids.len().max(secrets.len()) > CROWD {
            self.crowded.extend(ids.into_iter().map(PartName::KeyId));
            self.crowded.extend(secrets.into_iter().map(PartName::Secret));
            return;
        }
        for id in ids {
            // One more than the most tells that there were more, whichever came first.
            let pairs = secrets.iter().map(|&secret| (id, secret));
            self.refused.extend(pairs.take((MOST + 1).saturating_sub(self.refused.len())));
        }
    }

    /// Whether some text says that two parts are no pair: it has both apart, or a field for the key ID's secret that does not
    /// hold it.
    pub(super) fn refuse(&self, id: AccessKeyId, secret: SecretFingerprint) -> bool {
        let is_crowded = |part| self.crowded.contains(&part);
        self.refused.len() > MOST
            || self.elsewhere.contains(&id)
            || self.refused.contains(&(id, secret))
            || is_crowded(PartName::KeyId(id))
            || is_crowded(PartName::Secret(secret))
    }

    fn add_label(&mut self, found: &Found) {
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
