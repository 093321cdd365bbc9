//! Findings that are known already: fingerprints, one a line, in order. Behind a fingerprint may stand the repository that
//! it is known in; without one it is known in every repository that the baseline is used for.
//!
//! A fingerprint is of rule, credential and path: it stays through moves of lines, squash and rebase, and lines of two
//! branches merge without a conflict that matters. Nothing in it leads back to a key.

use std::collections::BTreeSet;
use std::fmt;

use crate::aws::KeyKind;
use crate::finding::{CredentialName, Finding, Fingerprint, RepositoryName};
use crate::rule::{RuleSet, Yields};

/// What a baseline starts with where the command wrote it.
pub(super) const START: &str = "# Known findings: `akid scan ";

/// Findings that are known already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    known: BTreeSet<Entry>,
}

/// A fingerprint and, if it is known in one repository only, the [identity](RepositoryName::identity) of that one.
type Entry = (Fingerprint, Option<String>);

/// Where the findings of a new baseline are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownIn {
    /// In every repository: for a baseline that lies in the one that it is for.
    Any,
    /// Each in its own repository: for a baseline of several.
    Own,
}

/// A line of a baseline that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} does not begin with a fingerprint of 32 hex digits and is no comment")]
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
                known.insert(entry(line).ok_or(BaselineError { line: nth + 1 })?);
            }
        }
        Ok(Self { known })
    }

    /// What makes `findings` known.
    ///
    /// A credential whose secret is taken out leaves its key ID behind: that is known, too, and so is the secret alone.
    /// What is known of a lone key ID, on the other hand, never covers a secret that comes to it.
    pub fn of<'a>(
        findings: impl IntoIterator<Item = &'a Finding>,
        rules: &RuleSet,
        known_in: KnownIn,
    ) -> Self {
        let entries = |finding: &'a Finding| {
            let repository = match known_in {
                KnownIn::Any => None,
                KnownIn::Own => identity(finding).map(str::to_owned),
            };
            let whole = std::iter::once(finding.fingerprint()).chain(finding.pair_id());
            let fingerprints = whole.chain(left_overs(finding, rules));
            fingerprints.map(move |fingerprint| (fingerprint, repository.clone()))
        };
        Self { known: findings.into_iter().flat_map(entries).collect() }
    }

    /// Whether `finding` is known. What was known at its path still is once its branch is deleted.
    pub fn covers(&self, finding: &Finding) -> bool {
        let is_known = |fingerprint| {
            self.entries_of(fingerprint).any(|repository| match repository {
                None => true,
                Some(repository) => identity(finding) == Some(repository),
            })
        };
        // What is known of a part does not hide the other part.
        if let Some(pair) = finding.pair_id() {
            return is_known(pair);
        }
        is_known(finding.fingerprint()) || finding.is_unreachable() && is_known(finding.fingerprint_by_path())
    }

    /// The repositories that a fingerprint is known in: `None` for all.
    fn entries_of(&self, fingerprint: Fingerprint) -> impl Iterator<Item = Option<&str>> {
        let from_here = self.known.range((fingerprint, None)..);
        let same = from_here.take_while(move |(known, _)| *known == fingerprint);
        same.map(|(_, repository)| repository.as_deref())
    }

    /// Whether the finding with this fingerprint is known.
    pub fn contains(&self, fingerprint: &Fingerprint) -> bool {
        self.entries_of(*fingerprint).next().is_some()
    }

    /// What both have. What one knows in every repository and the other in one, the result has as `self` has it.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let has = |(fingerprint, repository): &&Entry| {
            other
                .entries_of(*fingerprint)
                .any(|theirs| theirs.is_none() || repository.is_none() || theirs == repository.as_deref())
        };
        Self { known: self.known.iter().filter(has).cloned().collect() }
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
        Self { known: known.into_iter().map(|fingerprint| (fingerprint, None)).collect() }
    }
}

fn identity(finding: &Finding) -> Option<&str> {
    finding.repository.as_deref().map(RepositoryName::identity)
}

/// A line that is no comment.
fn entry(line: &[u8]) -> Option<Entry> {
    let (fingerprint, repository) = match line.iter().position(u8::is_ascii_whitespace) {
        None => (line, None),
        Some(at) => (&line[..at], Some(str::from_utf8(line[at..].trim_ascii()).ok()?.to_owned())),
    };
    Some((Fingerprint::parse(fingerprint)?, repository))
}

/// The fingerprints of what may be left of a pair.
fn left_overs(finding: &Finding, rules: &RuleSet) -> impl Iterator<Item = Fingerprint> {
    let name = &finding.credential;
    let pair = name.id().zip(name.any_secret());
    let parts = pair.into_iter().flat_map(|(id, secret)| {
        let of_id = match id.kind() {
            KeyKind::LongTerm => Yields::LongTermKeyId,
            KeyKind::Temporary => Yields::TemporaryKeyId,
        };
        let alone = CredentialName::KeyId { id, token: None };
        [(of_id, alone), (Yields::Secret, CredentialName::Secret(secret))]
    });
    let parts = parts.filter_map(|(yields, name)| Some((rules.yielding(yields)?, name)));
    parts.map(|(rule, name)| Fingerprint::of(&rule.id, &name, &finding.origin))
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.known.iter().try_for_each(|(fingerprint, repository)| match repository {
            None => writeln!(f, "{fingerprint}"),
            Some(repository) => writeln!(f, "{fingerprint} {repository}"),
        })
    }
}
