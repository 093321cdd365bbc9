//! `.akid.toml`, as written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use akid::aws::AccountId;
use akid::level::{Certainty, Severity};
use akid::redact::redact;
use akid::source::container::Limits;
use anyhow::{Context, bail};
use serde::Deserialize;

use super::account_args::FailOwner;

/// The keys that a configuration may have.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Config {
    #[serde(default, deserialize_with = "severity")]
    pub(super) fail_on: Option<Severity>,
    #[serde(default, deserialize_with = "certainty")]
    pub(super) min_confidence: Option<Certainty>,
    #[serde(default, deserialize_with = "size")]
    pub(super) max_file_size: Option<u64>,
    #[serde(default)]
    pub(super) exclude: Vec<String>,
    #[serde(default, deserialize_with = "fail_owner")]
    pub(super) fail_owner: Option<FailOwner>,
    /// The user's own accounts.
    #[serde(default, deserialize_with = "account_ids")]
    pub(super) own_accounts: BTreeSet<AccountId>,
    /// What accounts are called, as it may be shown.
    #[serde(default, deserialize_with = "account_names")]
    pub(super) accounts: BTreeMap<AccountId, String>,
    /// How far to look into archives.
    #[serde(default)]
    pub(super) archives: Archives,
}

/// Limits to archives; what is not written is as the library has it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Archives {
    max_depth: Option<u32>,
    max_ratio: Option<u64>,
    #[serde(default, deserialize_with = "size")]
    max_bytes: Option<u64>,
    max_members: Option<u64>,
}

impl Archives {
    pub(super) fn limits(&self) -> Limits {
        let known = Limits::default();
        Limits {
            depth: self.max_depth.unwrap_or(known.depth),
            ratio: self.max_ratio.unwrap_or(known.ratio),
            bytes: self.max_bytes.unwrap_or(known.bytes),
            members: self.max_members.unwrap_or(known.members),
        }
    }
}

/// The name of a configuration.
const NAME: &str = ".akid.toml";

/// The configuration for scanning `roots`: the nearest one in the folder of the first root or above it, up to the
/// repository's top.
pub(super) fn nearest(roots: &[PathBuf]) -> Option<PathBuf> {
    let first = roots.iter().find(|root| root.as_os_str() != "-")?.canonicalize().ok()?;
    let folder = if first.is_dir() { first.as_path() } else { first.parent()? };
    for folder in folder.ancestors() {
        let config = folder.join(NAME);
        if config.is_file() {
            return Some(config);
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

/// Reads a configuration.
pub(super) fn read(path: &Path) -> anyhow::Result<Config> {
    let name = redact(path.as_os_str().as_encoded_bytes());
    let text = std::fs::read_to_string(path).with_context(|| format!("{name}: cannot be read"))?;
    match toml::from_str(&text) {
        Ok(config) => Ok(config),
        // toml's own display prints the line, which may hold anything; its message may quote a value.
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start.min(text.len()));
            let line = text[..at].matches('\n').count() + 1;
            let column = text[..at].chars().rev().take_while(|c| *c != '\n').count() + 1;
            bail!("{name}:{line}:{column}: {}", message(error.message()));
        }
    }
}

/// A message of toml without the values that it quotes, unless they are names of keys.
fn message(message: &str) -> String {
    let parts = message.split('`').enumerate().map(|(at, part)| {
        let is_name = part.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') && part.len() <= 32;
        if at % 2 == 0 || is_name { redact(part.as_bytes()) } else { "****".to_owned() }
    });
    let quoted = parts.collect::<Vec<_>>().join("`");
    // Strings are quoted in double quotes.
    let parts = quoted.split('"').enumerate();
    parts.map(|(at, part)| if at % 2 == 0 { part } else { "****" }).collect::<Vec<_>>().join("\"")
}

fn severity<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Severity>, D::Error> {
    word(deserializer, &Severity::ALL.map(|level| (level.as_str(), level)))
}

fn certainty<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Certainty>, D::Error> {
    word(deserializer, &Certainty::ALL.map(|level| (level.as_str(), level)))
}

fn fail_owner<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<FailOwner>, D::Error> {
    word(deserializer, &FailOwner::ALL.map(|owner| (owner.as_str(), owner)))
}

fn account_ids<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<AccountId>, D::Error> {
    let written = Vec::<String>::deserialize(deserializer)?;
    written.iter().map(|text| account_id(text)).collect()
}

fn account_names<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<AccountId, String>, D::Error> {
    let written = BTreeMap::<String, String>::deserialize(deserializer)?;
    written.iter().map(|(text, name)| Ok((account_id(text)?, redact(name.as_bytes())))).collect()
}

fn account_id<E: serde::de::Error>(text: &str) -> Result<AccountId, E> {
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
        .ok_or_else(|| serde::de::Error::custom(format!("no such level; use one of {all}")))
}

fn size<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Size {
        Bytes(u64),
        Text(String),
    }
    match Size::deserialize(deserializer)? {
        Size::Bytes(bytes) => Ok(Some(bytes)),
        Size::Text(text) => super::args::parse_size(&text).map(Some).map_err(serde::de::Error::custom),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> anyhow::Result<Config> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("c.toml");
        std::fs::write(&path, text)?;
        read(&path)
    }

    #[test]
    fn a_configuration_is_read() {
        let config = read_text("fail-on = 'high'\nmax-file-size = '2M'\nexclude = ['*.bin']\n").unwrap();
        assert_eq!((config.fail_on, config.max_file_size), (Some(Severity::High), Some(2 << 20)));
    }

    #[test]
    fn limits_to_archives_are_read_and_the_others_stay() {
        let archives = read_text("[archives]\nmax-depth = 3\nmax-bytes = '2G'\n").unwrap().archives.limits();
        assert_eq!(archives, Limits { depth: 3, bytes: 2 << 30, ..Limits::default() });
        assert!(read_text("[archives]\nmax-size = 3\n").is_err());
    }

    #[test]
    fn accounts_have_names_and_some_are_ones_own() {
        let config = read_text(
            "own-accounts = ['222222222222']\nfail-owner = 'own'\n[accounts]\n'222222222222' = 'payments'\n",
        );
        let config = config.unwrap();
        let account = AccountId::parse("222222222222").unwrap();
        assert_eq!(config.own_accounts, BTreeSet::from([account]));
        assert_eq!(config.accounts, BTreeMap::from([(account, "payments".to_owned())]));
        assert_eq!(config.fail_owner, Some(FailOwner::Own));
        let secret = akid::aws::fake::pair(8);
        let config =
            read_text(&format!("[accounts]\n222222222222 = \"{}\\u001b\"\n", secret.secret_text())).unwrap();
        assert_eq!(config.accounts[&account], "****\\x1b");
        for text in ["own-accounts = ['22222222222']", "own-accounts = [222222222222]", "[accounts]\n2 = 'x'"]
        {
            assert!(read_text(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_error_names_the_place_and_repeats_no_value() {
        let key = akid::aws::fake::pair(8);
        let secret = key.secret_text();
        for text in [
            format!("fail-on = 'high'\nsecret = '{secret}'\n"),
            format!("fail-on = '{secret}'\n"),
            format!("exclude = '{secret}'\n"),
            format!("{secret}\n"),
            format!("fail-on = {secret}\n"),
            format!("'{secret}' = 1\n"),
            format!("own-accounts = ['{secret}']\n"),
            format!("[accounts]\n'{secret}' = 'x'\n"),
        ] {
            let error = format!("{:#}", read_text(&text).unwrap_err());
            assert!(error.contains("c.toml:"), "{error}");
            for part in secret.as_bytes().windows(8) {
                assert!(!error.contains(std::str::from_utf8(part).unwrap()), "{error}");
            }
        }
        let error = format!("{:#}", read_text("fail-on = 'high'\nfail-no = 1\n").unwrap_err());
        assert!(error.contains("c.toml:2:1: unknown field `fail-no`, expected one of `fail-on`"), "{error}");
    }
}
