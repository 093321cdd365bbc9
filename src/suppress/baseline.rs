//! Findings that are known already: fingerprints, one a line, in order.
//!
//! A fingerprint is of rule, credential and path: it stays through moves of lines, squash and rebase, and lines of two
//! branches merge without a conflict that matters. Nothing in it leads back to a key.

use std::collections::BTreeSet;
use std::fmt;

use crate::aws::KeyKind;
use crate::finding::{CredentialName, Finding, Fingerprint};
use crate::rule::{RuleSet, Yields};

/// What a baseline starts with where akid wrote it.
pub(super) const START: &str = "# Known findings: `akid scan --baseline`";

/// Findings that are known already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    known: BTreeSet<Fingerprint>,
}

/// A line of a baseline that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is neither a fingerprint of 32 hex digits nor a comment")]
pub struct BaselineError {
    /// Its number, from 1.
    pub line: usize,
}

impl Baseline {
    /// Reads what [`Display`](fmt::Display) writes. Lines may stand in any order and more than once, as after a merge.
    ///
    /// # Errors
    ///
    /// The first line that is something else.
    pub fn parse(text: &[u8]) -> Result<Self, BaselineError> {
        let mut known = BTreeSet::new();
        for (nth, line) in text.split(|&byte| byte == b'\n').enumerate() {
            let line = line.trim_ascii();
            if !line.is_empty() && !line.starts_with(b"#") {
                known.insert(Fingerprint::parse(line).ok_or(BaselineError { line: nth + 1 })?);
            }
        }
        Ok(Self { known })
    }

    /// What makes `findings` known.
    ///
    /// A credential whose secret is taken out leaves its key ID behind: that is known, too, and so is the secret alone.
    /// What is known of a lone key ID, on the other hand, never covers a secret that comes to it.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>, rules: &RuleSet) -> Self {
        let all = findings
            .into_iter()
            .flat_map(|finding| std::iter::once(finding.fingerprint()).chain(left_overs(finding, rules)));
        Self { known: all.collect() }
    }

    /// Whether `finding` is known. What was known at its path still is once its branch is deleted.
    pub fn covers(&self, finding: &Finding) -> bool {
        self.contains(&finding.fingerprint())
            || finding.is_unreachable() && self.contains(&finding.fingerprint_by_path())
    }

    /// Whether the finding with this fingerprint is known.
    pub fn contains(&self, fingerprint: &Fingerprint) -> bool {
        self.known.contains(fingerprint)
    }

    /// What both have.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self { known: self.known.intersection(&other.known).copied().collect() }
    }

    /// Takes what `other` has, too.
    pub fn extend(&mut self, other: Self) {
        self.known.extend(other.known);
    }

    /// How many fingerprints there are.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}

impl FromIterator<Fingerprint> for Baseline {
    fn from_iter<T: IntoIterator<Item = Fingerprint>>(known: T) -> Self {
        Self { known: known.into_iter().collect() }
    }
}

/// The fingerprints of what may be left of a pair.
fn left_overs(finding: &Finding, rules: &RuleSet) -> impl Iterator<Item = Fingerprint> {
    let name = &finding.credential;
    let pair = name.key_id.zip(name.secret);
    let parts = pair.into_iter().flat_map(|(id, secret)| {
        let of_id = match id.kind() {
            KeyKind::LongTerm => Yields::LongTermKeyId,
            KeyKind::Temporary => Yields::TemporaryKeyId,
        };
        let alone = CredentialName { key_id: Some(id), ..CredentialName::default() };
        let secret = CredentialName { secret: Some(secret), ..CredentialName::default() };
        [(of_id, alone), (Yields::Secret, secret)]
    });
    let parts = parts.filter_map(|(yields, name)| Some((rules.yielding(yields)?, name)));
    parts.map(|(rule, name)| Fingerprint::of(&rule.id, &name, &finding.origin))
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{START} fails only on others. Written by `--write-baseline`,")?;
        writeln!(f, "# tidied by `akid baseline prune`. Merge it by keeping the lines of both sides.")?;
        self.known.iter().try_for_each(|fingerprint| writeln!(f, "{fingerprint}"))
    }
}
