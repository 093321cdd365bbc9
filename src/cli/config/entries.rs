//! `[[allow]]` and `[[accept-skip]]`, as written.

use std::collections::BTreeSet;
use std::fmt;

use akid::aws::{AccessKeyId, AccountId, SecretFingerprint};
use akid::finding::Fingerprint;
use akid::redact;
use akid::rule::RuleId;
use akid::source::GapKind;
use jiff::civil::Date;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Findings that are allowed: those that everything named holds for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::cli) struct AllowEntry {
    #[serde(default, deserialize_with = "texts")]
    pub(in crate::cli) path: Vec<String>,
    #[serde(default, deserialize_with = "key_ids")]
    pub(in crate::cli) key_id: BTreeSet<AccessKeyId>,
    #[serde(default, deserialize_with = "secrets")]
    pub(in crate::cli) secret: BTreeSet<SecretFingerprint>,
    #[serde(default, deserialize_with = "findings")]
    pub(in crate::cli) finding: BTreeSet<Fingerprint>,
    #[serde(default, deserialize_with = "rules")]
    pub(in crate::cli) rule: BTreeSet<RuleId>,
    #[serde(default, deserialize_with = "accounts")]
    pub(in crate::cli) account: BTreeSet<AccountId>,
    #[serde(deserialize_with = "reason")]
    pub(in crate::cli) reason: String,
    #[serde(default, deserialize_with = "date")]
    pub(in crate::cli) expires: Option<Date>,
}

impl AllowEntry {
    /// Whether it would allow everything.
    pub(in crate::cli) fn names_nothing(&self) -> bool {
        self.path.is_empty()
            && self.key_id.is_empty()
            && self.secret.is_empty()
            && self.finding.is_empty()
            && self.rule.is_empty()
            && self.account.is_empty()
    }
}

/// Inputs that need not be scanned whole.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::cli) struct AcceptSkip {
    #[serde(deserialize_with = "texts")]
    pub(in crate::cli) path: Vec<String>,
    #[serde(deserialize_with = "reason")]
    pub(in crate::cli) reason: String,
    #[serde(default, deserialize_with = "date")]
    pub(in crate::cli) expires: Option<Date>,
}

/// Gaps that need not be closed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::cli) struct AcceptGap {
    #[serde(deserialize_with = "gap_kinds")]
    pub(in crate::cli) kind: BTreeSet<GapKind>,
    #[serde(deserialize_with = "reason")]
    pub(in crate::cli) reason: String,
    #[serde(default, deserialize_with = "date")]
    pub(in crate::cli) expires: Option<Date>,
}

/// A text, or a list of texts.
fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct Texts;
    impl<'de> Visitor<'de> for Texts {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string or a list of strings")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(vec![text.to_owned()])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut texts = Vec::new();
            while let Some(text) = list.next_element()? {
                texts.push(text);
            }
            if texts.is_empty() { Err(A::Error::custom("an empty list")) } else { Ok(texts) }
        }
    }
    deserializer.deserialize_any(Texts)
}

fn parsed<'de, D: Deserializer<'de>, T: Ord>(
    deserializer: D,
    parse: impl Fn(&str) -> Option<T>,
    expected: &str,
) -> Result<BTreeSet<T>, D::Error> {
    let one = |text: &String| parse(text).ok_or_else(|| D::Error::custom(expected));
    texts(deserializer)?.iter().map(one).collect()
}

fn key_ids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<AccessKeyId>, D::Error> {
    let expected = "not an access key ID: it is AKIA or ASIA and 16 more of A-Z and 2-7";
    parsed(deserializer, |text| AccessKeyId::parse(text.as_bytes()), expected)
}

fn secrets<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<SecretFingerprint>, D::Error> {
    let expected = "not a secret's fingerprint: it is sha256: and 12 hex digits; never the secret itself";
    parsed(deserializer, SecretFingerprint::parse, expected)
}

fn findings<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<Fingerprint>, D::Error> {
    let expected = "not a fingerprint: expected 32 hex digits, as --format json prints them";
    parsed(deserializer, |text| Fingerprint::parse(text.as_bytes()), expected)
}

fn rules<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<RuleId>, D::Error> {
    parsed(deserializer, RuleId::parse, "not a rule: `akid rules list` shows them")
}

fn accounts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<AccountId>, D::Error> {
    parsed(deserializer, AccountId::parse, "not an account: it is twelve digits, in quotes")
}

fn gap_kinds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<GapKind>, D::Error> {
    let kinds = GapKind::ACCEPTABLE;
    let named = |text: &str| kinds.into_iter().find(|kind| kind.as_str() == text);
    let expected = format!("not a kind of gap: use {}", kinds.map(GapKind::as_str).join(", "));
    parsed(deserializer, named, &expected)
}

/// Why, as it may be shown.
fn reason<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let reason = redact::words(text.trim().as_bytes());
    if reason.is_empty() { Err(D::Error::custom("the reason is empty")) } else { Ok(reason) }
}

/// A date of TOML, or one in quotes.
fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    let text = match toml::Value::deserialize(deserializer)? {
        toml::Value::Datetime(date) => date.to_string(),
        toml::Value::String(text) => text,
        _ => String::new(),
    };
    text.parse().map(Some).or(Err(D::Error::custom("not a day, such as 2027-01-31")))
}
