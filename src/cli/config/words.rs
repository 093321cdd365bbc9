//! Values of a configuration that are words, sizes or accounts.

use std::collections::{BTreeMap, BTreeSet};

use akid::aws::AccountId;
use akid::level::{Certainty, Severity};
use akid::owner::KeyState;
use akid::redact::redact;
#[cfg(feature = "sts")]
use akid::resolve::sts::MfaSerial;
use serde::Deserialize;

use crate::cli::args::account::FailOwner;
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

pub(super) fn states<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<KeyState>>, D::Error> {
    let written = Vec::<String>::deserialize(deserializer)?;
    let all = || KeyState::ALL.map(KeyState::as_str).join(", ");
    let state = |word: &String| {
        KeyState::parse(word).ok_or_else(|| serde::de::Error::custom(format!("no such state; use {}", all())))
    };
    let states: Vec<_> = written.iter().map(state).collect::<Result<_, _>>()?;
    if states.is_empty() {
        Err(serde::de::Error::custom("an empty list: no key would fail"))
    } else {
        Ok(Some(states))
    }
}

pub(super) fn account_ids<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeSet<AccountId>, D::Error> {
    let written = Vec::<String>::deserialize(deserializer)?;
    written.iter().map(|text| account_id(text)).collect()
}

/// What is written of accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::cli) struct AccountEntries {
    /// What they are called, as it may be shown.
    pub(in crate::cli) names: BTreeMap<AccountId, String>,
    /// The role by which each is asked.
    pub(in crate::cli) roles: BTreeMap<AccountId, RoleEntry>,
}

/// A role in another account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct RoleEntry {
    pub(in crate::cli) arn: String,
    /// What its trust policy asks for.
    pub(in crate::cli) external_id: Option<String>,
    /// The MFA device that it asks for.
    pub(in crate::cli) mfa_serial: Option<String>,
}

/// A name, or a table with more.
#[derive(Deserialize)]
#[serde(untagged)]
enum AccountEntry {
    Name(String),
    Table(AccountTable),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[derive(Default)]
struct AccountTable {
    name: Option<String>,
    role: Option<String>,
    external_id: Option<String>,
    mfa_serial: Option<String>,
}

pub(super) fn account_entries<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<AccountEntries, D::Error> {
    let mut entries = AccountEntries::default();
    for (text, entry) in BTreeMap::<String, AccountEntry>::deserialize(deserializer)? {
        let id = account_id(&text)?;
        let entry = match entry {
            AccountEntry::Name(name) => AccountTable { name: Some(name), ..AccountTable::default() },
            AccountEntry::Table(table) => table,
        };
        entries.names.extend(entry.name.map(|name| (id, redact(name.as_bytes()))));
        let Some(role) = entry.role.clone() else { continue };
        // A role in another account would be asked in place of the one that the entry is about.
        if !is_role(&role, id) {
            return Err(serde::de::Error::custom(
                "`role` is not the ARN of a role in this account, such as arn:aws:iam::123456789012:role/auditor",
            ));
        }
        #[cfg(feature = "sts")]
        if let Some(fault) = entry.mfa_serial.as_ref().and_then(|serial| serial.parse::<MfaSerial>().err()) {
            return Err(serde::de::Error::custom(fault));
        }
        let AccountTable { external_id, mfa_serial, .. } = entry;
        entries.roles.insert(id, RoleEntry { arn: role, external_id, mfa_serial });
    }
    Ok(entries)
}

/// Whether a text is the ARN of a role in an account.
fn is_role(arn: &str, account: AccountId) -> bool {
    let mut parts = arn.splitn(6, ':');
    parts.next() == Some("arn")
        && parts.next().is_some_and(|partition| partition.starts_with("aws"))
        && parts.next() == Some("iam")
        && parts.next() == Some("")
        && parts.next().and_then(AccountId::parse) == Some(account)
        && parts.next().is_some_and(|name| name.starts_with("role/") && name.len() > 5)
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
