//! Pairs that are proven, after everything was read: a signature shows which secret belongs to a key ID, wherever both
//! were found.
//!
//! In: what was signed, and the secrets that were found. A match makes a pair certain, and a pair of a key ID and a secret
//! that were found apart. What was signed and does not match is a reason to doubt a pair that only distance made.

use std::collections::{BTreeMap, BTreeSet};

use super::Scan;
use crate::aws::sign::{Artefact, SigningKeys};
use crate::aws::{AccessKeyId, SecretAccessKey, SecretFingerprint};
use crate::finding::{CredentialName, Finding};
use crate::level::{Certainty, Confidence, Doubt};
use crate::rule::{Rule, RuleId, RuleSet, Yields};
use crate::source::Notice;
use crate::stop::Stop;

/// What is kept for proofs while inputs are read. It cannot print itself, and wipes its secrets where it goes out of use.
#[derive(Default)]
pub(super) struct Evidence {
    artefacts: BTreeSet<Artefact>,
    secrets: BTreeMap<SecretFingerprint, SecretAccessKey>,
    is_cut: bool,
}

/// More signatures than this, or more secrets, are not kept.
const MOST: usize = 100_000;
/// Secrets are tried, and keys derived from them, at most so often in one scan.
const TRIALS: u64 = 1_000_000;

/// A key ID and a secret.
type Pair = (AccessKeyId, SecretFingerprint);

/// What signatures show.
#[derive(Default)]
struct Verdicts {
    proven: BTreeSet<Pair>,
    /// Passwords that a secret that was found made.
    passwords: BTreeSet<SecretFingerprint>,
    /// Pairs whose secret did not make a signature of which everything is known.
    refuted: BTreeSet<Pair>,
}

impl Evidence {
    /// Keeps what was signed.
    pub(super) fn add_artefacts(&mut self, artefacts: Vec<Artefact>) {
        for artefact in artefacts {
            self.is_cut |= self.artefacts.len() >= MOST;
            if self.artefacts.len() < MOST {
                self.artefacts.insert(artefact);
            }
        }
    }

    /// Keeps a secret.
    pub(super) fn add_secret(&mut self, secret: &SecretAccessKey) {
        self.is_cut |= self.secrets.len() >= MOST;
        if self.secrets.len() < MOST {
            self.secrets.entry(secret.fingerprint()).or_insert_with(|| secret.clone());
        }
    }

    /// Keeps what another source of the same run held.
    pub(super) fn add(&mut self, other: Self) {
        self.is_cut |= other.is_cut;
        self.add_artefacts(other.artefacts.into_iter().collect());
        other.secrets.values().for_each(|secret| self.add_secret(secret));
    }

    /// Tries the secrets on what was signed, first those that are paired with its key ID already, then those without a
    /// key ID. Everything comes in order, so that a limit is met at the same place each time.
    fn verdicts(&self, findings: &[Finding], keys: &mut SigningKeys, stop: &Stop) -> Verdicts {
        let mut linked: BTreeMap<AccessKeyId, BTreeSet<SecretFingerprint>> = BTreeMap::new();
        let mut lone = BTreeSet::new();
        for finding in findings {
            let Some(secret) = finding.credential.any_secret().filter(|it| self.secrets.contains_key(it))
            else {
                continue;
            };
            match finding.credential.id() {
                Some(id) => drop(linked.entry(id).or_default().insert(secret)),
                None => drop(lone.insert(secret)),
            }
        }
        let mut verdicts = Verdicts::default();
        let none = BTreeSet::new();
        for artefact in self.artefacts.iter().take_while(|_| !stop.is_stopped()) {
            let of_id = artefact.key_id.map_or(&none, |id| linked.get(&id).unwrap_or(&none));
            let all: BTreeSet<SecretFingerprint> = match artefact.key_id {
                Some(_) => lone.clone(),
                None => self.secrets.keys().copied().collect(),
            };
            let signer = self.signer(artefact, of_id.iter().chain(all.difference(of_id)), keys);
            match (signer, artefact.key_id) {
                (Some(secret), id) => {
                    verdicts.proven.extend(id.map(|id| (id, secret)));
                    verdicts.passwords.extend(artefact.password());
                }
                (None, Some(id)) if artefact.is_complete && !keys.is_spent() => {
                    verdicts.refuted.extend(of_id.iter().map(|secret| (id, *secret)));
                }
                _ => {}
            }
        }
        verdicts
    }

    /// The first of `secrets` that made the artefact.
    fn signer<'s>(
        &self,
        artefact: &Artefact,
        secrets: impl Iterator<Item = &'s SecretFingerprint>,
        keys: &mut SigningKeys,
    ) -> Option<SecretFingerprint> {
        for name in secrets {
            let secret = self.secrets.get(name)?;
            if artefact.is_of(secret, keys)? {
                return Some(*name);
            }
        }
        None
    }
}

impl Scan {
    /// Applies what `evidence` proves.
    pub(super) fn prove(&mut self, evidence: &Evidence, rules: &RuleSet, stop: &Stop) {
        if evidence.artefacts.is_empty() {
            return;
        }
        let mut keys = SigningKeys::new(TRIALS);
        let verdicts = evidence.verdicts(&self.findings, &mut keys, stop);
        if keys.is_spent() || evidence.is_cut {
            self.notices.insert(Notice::Proofs);
        }
        verdicts.apply(&mut self.findings, rules);
    }
}

impl Verdicts {
    fn apply(&self, findings: &mut [Finding], rules: &RuleSet) {
        let secret_of: BTreeMap<AccessKeyId, SecretFingerprint> = self.proven.iter().copied().collect();
        let id_of: BTreeMap<SecretFingerprint, AccessKeyId> =
            self.proven.iter().map(|&(id, secret)| (secret, id)).collect();
        let together: BTreeSet<Pair> =
            findings.iter().filter(|finding| finding.lone.is_none()).filter_map(pair).collect();
        for finding in findings {
            let is_password = finding.credential.any_secret().is_some_and(|it| self.passwords.contains(&it));
            if is_password {
                finding.confidence = Confidence::new(Certainty::Certain);
                continue;
            }
            match pair(finding) {
                Some(pair) if self.proven.contains(&pair) => {
                    finding.confidence = Confidence::new(Certainty::Certain);
                }
                Some((id, secret))
                    if secret_of.contains_key(&id)
                        || finding.lone.is_some() && id_of.contains_key(&secret) =>
                {
                    part(finding, &secret_of, &id_of, rules);
                }
                Some(pair) if self.refuted.contains(&pair) => doubt(finding),
                Some(_) => {}
                None => {
                    let apart = lone(finding, &secret_of, &id_of).filter(|pair| !together.contains(pair));
                    if let Some(pair) = apart {
                        join(finding, pair, rules);
                    }
                }
            }
        }
    }
}

/// A key ID and a secret that were found together.
fn pair(finding: &Finding) -> Option<Pair> {
    finding.credential.id().zip(finding.credential.any_secret())
}

/// The proven pair that a lone key ID or a lone secret is a part of.
fn lone(
    finding: &Finding,
    secret_of: &BTreeMap<AccessKeyId, SecretFingerprint>,
    id_of: &BTreeMap<SecretFingerprint, AccessKeyId>,
) -> Option<Pair> {
    match &finding.credential {
        CredentialName::KeyId { id, .. } if finding.signed.is_none() => Some((*id, *secret_of.get(id)?)),
        CredentialName::Secret(secret) => Some((*id_of.get(secret)?, *secret)),
        _ => None,
    }
}

/// A pair that only distance made loses certainty, but not so much that it fails no more.
fn doubt(finding: &mut Finding) {
    let is_by_distance =
        finding.confidence.certainty() == Certainty::Medium && finding.confidence.doubts().is_empty();
    if is_by_distance {
        finding.confidence = Confidence::new(Certainty::High).doubting(Doubt::OtherSignature);
    }
}

/// Takes back that a part was paired with one in another file.
fn become_lone(finding: &mut Finding, (rule, credential): (RuleId, CredentialName), rules: &RuleSet) {
    rules.get(&rule).into_iter().for_each(|rule| finding.set_rule(rule));
    finding.credential = credential;
    let doubts = finding.confidence.doubts().iter().copied();
    let others = doubts.filter(|doubt| *doubt != Doubt::PairedAcrossFiles);
    finding.confidence = others.fold(Confidence::new(Certainty::High), Confidence::doubting);
}

/// Makes a part of the pair that it is proven to be.
fn join(finding: &mut Finding, (id, secret): Pair, rules: &RuleSet) {
    let Some(rule) = rules.yielding(Yields::pair_of(id.kind())) else { return };
    finding.become_pair(rule, id, secret);
    finding.confidence = Confidence::new(Certainty::Certain);
}

/// Takes the key ID away, which is proven to belong to another secret. What was paired across files is alone again first.
fn part(
    finding: &mut Finding,
    secret_of: &BTreeMap<AccessKeyId, SecretFingerprint>,
    id_of: &BTreeMap<SecretFingerprint, AccessKeyId>,
    rules: &RuleSet,
) {
    if let Some(alone) = finding.lone.take() {
        become_lone(finding, *alone, rules);
        if let Some(pair) = lone(finding, secret_of, id_of) {
            join(finding, pair, rules);
        }
        return;
    }
    let is_pair = |rule: &Rule| matches!(rule.yields, Yields::LongTermPair | Yields::TemporaryPair);
    let (Some(rule), Some(secret)) = (rules.yielding(Yields::Secret), finding.credential.any_secret()) else {
        return;
    };
    if !rules.get(&finding.rule).is_some_and(is_pair) {
        return;
    }
    finding.set_rule(rule);
    finding.credential = CredentialName::Secret(secret);
    finding.confidence = finding.confidence.clone().doubting(Doubt::OtherSecretFits);
}
