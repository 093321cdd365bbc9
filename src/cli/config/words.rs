//! Values of a configuration that are words, sizes or accounts.

use std::collections::{BTreeMap, BTreeSet};

use akid::aws::AccountId;
use akid::level::{Certainty, Severity};
use akid::redact::redact;
use serde::Deserialize;

use crate::cli::account_args::FailOwner;
use crate::cli::args::parse_size;

pub(super) fn severity<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Severity>, D::Error> {
    word(deserializer, &Severity::ALL.map(|level| (level.as_str(), level)))
}

pub(super) fn certainty<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Certainty>, D::Error> {
    word(deserializer, &Certainty::ALL.map(|level| (level.as_str(), level)))
}

pub(super) fn fail_owner<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<FailOwner>, D::Error> {
    word(deserializer, &FailOwner::ALL.map(|owner| (owner.as_str(), owner)))
}

pub(super) fn account_ids<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeSet<AccountId>, D::Error> {
    let written = Vec::<String>::deserialize(deserializer)?;
    written.iter().map(|text| account_id(text)).collect()
}

pub(super) fn account_names<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<AccountId, String>, D::Error> {
    let written = BTreeMap::<String, String>::deserialize(deserializer)?;
    written.iter().map(|(text, name)| Ok((account_id(text)?, redact(name.as_bytes())))).collect()
}

pub(super) fn account_id<E: serde::de::Error>(text: &str) -> Result<AccountId, E> {
    AccountId::parse(text).ok_or_else(|| E::custom("not an account: it is twelve digits, in quotes"))
}

fn word<'de, D: serde::Deserializer<'de>, T: Copy>(
    deserializer: D,
    words: &[(&'static str, T)],
) -> Result<Option<T>, D::Error> {
    let written = String::deserialize(deserializer)?;
    let known = words.iter().find(|(word, _)| *word == written);
    let all = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
    known
        .map(|(_, value)| Some(*value))
        .ok_or_else(|| serde::de::Error::custom(format!("unknown level; use one of {all}")))
}

pub(super) fn size<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let size = match toml::Value::deserialize(deserializer)? {
        toml::Value::Integer(bytes) => u64::try_from(bytes).or_else(|_| parse_size("")),
        toml::Value::String(text) => parse_size(&text),
        _ => parse_size(""),
    };
    size.map(Some).map_err(serde::de::Error::custom)
}
