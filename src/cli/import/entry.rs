//! What another tool's file says of one finding, without the secret that it may contain.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use akid::aws::{AccessKeyId, SecretAccessKey, SecretFingerprint};
use akid::known::Sha1Digest;
use serde_json::Value;

/// One finding of another tool.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    /// Where it is in its file, such as `line 3`.
    pub(super) at: String,
    /// The file that it is in, as the tool calls it.
    pub(super) path: Option<String>,
    pub(super) lines: Option<RangeInclusive<u64>>,
    /// The commit, by its ID or the start of it.
    pub(super) commit: Option<String>,
    pub(super) clues: Clues,
}

/// What a file says of the credential itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Clues {
    pub(super) key_ids: BTreeSet<AccessKeyId>,
    pub(super) secrets: BTreeSet<SecretFingerprint>,
    pub(super) digest: Option<Sha1Digest>,
    /// Whether the file shows the secret, and it is no part of an access key.
    pub(super) is_other: bool,
}

impl Clues {
    /// Reads the key IDs and the fingerprints of the secrets in `texts`: the first that contains one, since a tool shows
    /// the secret and then what is around it.
    pub(super) fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut clues = Self::default();
        let mut is_shown = None;
        for text in texts {
            is_shown.get_or_insert(!is_masked(text));
            runs(text).for_each(|run| clues.add(run));
            if clues.is_named() {
                return clues;
            }
        }
        Self { is_other: is_shown.unwrap_or_default(), ..clues }
    }

    fn add(&mut self, run: &[u8]) {
        if let Some(id) = AccessKeyId::parse(run) {
            self.key_ids.insert(id);
        } else if let Some(secret) = SecretAccessKey::parse(run) {
            self.secrets.insert(secret.fingerprint());
        } else if let Some((id, secret)) = run.split_at_checked(AccessKeyId::LEN)
            && let Some((id, secret)) = AccessKeyId::parse(id).zip(SecretAccessKey::parse(secret))
        {
            self.key_ids.insert(id);
            self.secrets.insert(secret.fingerprint());
        }
    }

    /// Whether the file says which credential it is.
    pub(super) fn is_named(&self) -> bool {
        !self.key_ids.is_empty() || !self.secrets.is_empty() || self.digest.is_some()
    }
}

/// Whether a tool cut or masked the secret.
pub(super) fn is_masked(text: &str) -> bool {
    text.is_empty() || text.ends_with("...") || ["REDACTED", "***"].iter().any(|mask| text.contains(mask))
}

/// The runs of characters that keys are made of.
fn runs(text: &str) -> impl Iterator<Item = &[u8]> {
    let parts = text.as_bytes().split(|byte| !SecretAccessKey::is_letter(*byte));
    parts.filter(|run| !run.is_empty())
}

/// The text that `keys` lead to in `value`; `None` if it is empty.
pub(super) fn text(value: &Value, keys: &[&str]) -> Option<String> {
    let found = keys.iter().try_fold(value, |value, key| value.get(key))?;
    found.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The lines from `first` to `last`; `None` if the tool does not know them.
pub(super) fn lines(first: Option<u64>, last: Option<u64>) -> Option<RangeInclusive<u64>> {
    let first = first.filter(|&line| line > 0)?;
    Some(first..=last.unwrap_or(first).max(first))
}

#[cfg(test)]
mod tests {
    use akid::aws::fake;

    use super::*;

    #[test]
    fn clues_are_key_ids_and_fingerprints_and_never_a_secret() {
        let key = fake::pair(4);
        let (id, secret) = (key.id_text(), key.secret_text());
        let both = Clues {
            key_ids: [key.id()].into(),
            secrets: [key.secret().fingerprint()].into(),
            ..Clues::default()
        };
        for text in [format!("{id}:{secret}"), format!("{id}{secret}"), format!("a={id} b=\"{secret}\"")] {
            let clues = Clues::of([&*text]);
            assert_eq!(clues, both);
            assert!(!format!("{clues:?}").contains(&secret[..8]));
        }
        // The secret itself, before what is around it.
        assert_eq!(Clues::of([id, secret]).secrets, BTreeSet::new());
        assert_eq!(Clues::of(["****", secret]).secrets, both.secrets);
    }

    #[test]
    fn what_is_shown_and_is_no_part_of_a_key_is_something_else() {
        for (text, is_other) in
            [("ghp_0123", true), ("[REDACTED:1]", false), ("", false), ("wJal...", false), ("a***b", false)]
        {
            // What is around it does not tell.
            let around = format!("x = \"{text}\"");
            assert_eq!(Clues::of([text, &around]), Clues { is_other, ..Clues::default() }, "{text}");
        }
    }
}
