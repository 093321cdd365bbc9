//! `[[allow]]` and `[[accept-skip]]`, as written.

use std::collections::BTreeSet;
use std::fmt::{self, Display};

use akid::aws::{AccessKeyId, AccountId, SecretFingerprint};
use akid::finding::Fingerprint;
use akid::redact;
use akid::rule::RuleId;
use akid::source::GapKind;
use jiff::civil::Date;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Findings that are allowed: those that everything named holds for.
#[derive(Clone, Debug, Default, Deserialize)]
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

    /// Whether this allows everything that `other` would, for as long.
    pub(in crate::cli) fn covers(&self, other: &Self) -> bool {
        let paths = |entry: &Self| entry.path.iter().cloned().collect::<BTreeSet<_>>();
        is_wider(&paths(self), &paths(other))
            && is_wider(&self.key_id, &other.key_id)
            && is_wider(&self.secret, &other.secret)
            && is_wider(&self.finding, &other.finding)
            && is_wider(&self.rule, &other.rule)
            && is_wider(&self.account, &other.account)
            && self.expires.is_none_or(|last| other.expires.is_some_and(|day| day <= last))
    }

    /// The entry in TOML, one key in each row.
    pub(in crate::cli) fn rows(&self) -> Vec<String> {
        let Self { path, key_id, secret, finding, rule, account, reason, expires } = self;
        let rows = [
            row("path", path),
            row("key-id", key_id),
            row("secret", secret),
            row("finding", finding),
            row("rule", rule),
            row("account", account),
            row("reason", [reason]),
            expires.map(|day| format!("expires = {day}")),
        ];
        rows.into_iter().flatten().collect()
    }
}

/// Whether a condition holds wherever another does. One that names nothing always holds.
fn is_wider<T: Ord>(named: &BTreeSet<T>, other: &BTreeSet<T>) -> bool {
    named.is_empty() || !other.is_empty() && other.is_subset(named)
}

/// A key with its value in TOML: one text, or a list of them; `None` if there is none.
pub(in crate::cli) fn row<T: Display>(key: &str, values: impl IntoIterator<Item = T>) -> Option<String> {
    let values: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
    match values.as_slice() {
        [] => None,
        [one] => Some(format!("{key} = {}", toml::Value::from(one.as_str()))),
        _ => Some(format!("{key} = {}", toml::Value::from(values))),
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
