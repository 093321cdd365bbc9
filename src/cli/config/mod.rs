//! `.akid.toml`: where it is, what may be in it, and what is wrong with one.
//!
//! Nothing in one can make akid ask AWS, write a file, run anything or look at more than it was told to: it may come
//! with what is scanned. What it makes akid read lies beside it.

mod edit;
mod entries;
mod fault;
mod found;
mod loaded;
mod words;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use akid::aws::AccountId;
use akid::level::{Certainty, Severity};
use akid::owner::KeyState;
use serde::Deserialize;
use toml::Spanned;

pub(super) use self::edit::{Edit, target};
pub(super) use self::entries::{AcceptGap, AcceptSkip, AllowEntry, row};
pub(super) use self::found::{
    Found, NAME, Origin, beside, nearest, plain, resolved_beside, shown, unused_baseline,
};
#[cfg(feature = "git")]
pub(super) use self::found::{file_at, folders_up};
pub(super) use self::loaded::Loaded;
use self::words::AccountEntries;
#[cfg(any(test, feature = "respond"))]
pub(super) use self::words::RoleEntry;
use super::args::account::FailOwner;

/// The keys that a configuration may have.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Config {
    #[serde(default, deserialize_with = "words::severity")]
    pub(super) fail_on: Option<Severity>,
    #[serde(default, deserialize_with = "words::certainty")]
    pub(super) min_confidence: Option<Certainty>,
    #[serde(default, deserialize_with = "words::size")]
    pub(super) max_file_size: Option<u64>,
    /// How many findings are listed.
    pub(super) max_findings: Option<NonZeroUsize>,
    #[serde(default)]
    pub(super) exclude: Vec<String>,
    #[serde(default, deserialize_with = "words::fail_owner")]
    pub(super) fail_owner: Option<FailOwner>,
    /// The states of keys that fail, among those whose state was asked for.
    #[serde(default, deserialize_with = "words::states")]
    pub(super) fail_status: Option<Vec<KeyState>>,
    /// The user's own accounts.
    #[serde(default, deserialize_with = "words::account_ids")]
    pub(super) own_accounts: BTreeSet<AccountId>,
    /// What accounts are called, and how they are asked.
    #[serde(default, deserialize_with = "words::account_entries")]
    pub(super) accounts: AccountEntries,
    /// A file beside the configuration or below that.
    #[serde(default)]
    pub(super) baseline: Option<String>,
    /// How far to look into archives.
    #[serde(default)]
    archives: Archives,
    #[serde(default)]
    pub(super) allow: Vec<Spanned<AllowEntry>>,
    #[serde(default)]
    pub(super) accept_skip: Vec<Spanned<AcceptSkip>>,
    #[serde(default)]
    pub(super) accept_gap: Vec<Spanned<AcceptGap>>,
    /// Whether also what no other tool could read makes a scan incomplete.
    #[serde(default)]
    pub(super) strict: bool,
}

/// Limits to archives; what is not written is as the library has it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Archives {
    max_depth: Option<u32>,
    max_ratio: Option<u64>,
    #[serde(default, deserialize_with = "words::size")]
    max_bytes: Option<u64>,
    max_members: Option<u64>,
    max_work: Option<u64>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use akid::source::Limits;

    use super::*;

    fn read_text(text: &str) -> anyhow::Result<Config> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("c.toml");
        std::fs::write(&path, text)?;
        Ok(Loaded::of_file(Some(path), None)?.config)
    }

    #[test]
    fn a_configuration_is_read() {
        let config = read_text("fail-on = 'high'\nmax-file-size = '2M'\nexclude = ['*.bin']\n").unwrap();
        assert_eq!((config.fail_on, config.max_file_size), (Some(Severity::High), Some(2 << 20)));
    }

    #[test]
    fn limits_to_archives_are_lowered_by_any_configuration_and_raised_by_one_that_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.toml");
        std::fs::write(&path, "[archives]\nmax-depth = 3\nmax-bytes = '2000G'\n").unwrap();
        let named = Loaded::of_file(Some(path.clone()), None).unwrap().limits();
        assert_eq!(named, Limits { depth: 3, bytes: 2000 << 30, ..Limits::default() });
        let nearest = Loaded::read(Some(Found::named(path.clone()).unwrap())).unwrap().limits();
        assert_eq!(nearest, Limits { depth: 3, ..Limits::default() });
        // The tests do not run in its folder.
        let elsewhere = Loaded::of_file(None, Some(path)).unwrap();
        assert!(elsewhere.limits() == Limits::default() && elsewhere.ignored.is_some());
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
        assert_eq!(config.accounts.names, BTreeMap::from([(account, "payments".to_owned())]));
        assert_eq!(config.fail_owner, Some(FailOwner::Own));
        let config = read_text("fail-status = ['active', 'unknown']").unwrap();
        assert_eq!(config.fail_status, Some(vec![KeyState::Active, KeyState::Unknown]));
        // Nothing would fail any more.
        assert!(
            ["[]", "['live']", "'active'"]
                .iter()
                .all(|it| read_text(&format!("fail-status = {it}")).is_err())
        );
        let secret = akid::aws::fake::pair(8);
        let config =
            read_text(&format!("[accounts]\n222222222222 = \"{}\\u001b\"\n", secret.secret_text())).unwrap();
        assert_eq!(config.accounts.names[&account], "****\\x1b");
        for text in ["own-accounts = ['22222222222']", "own-accounts = [222222222222]", "[accounts]\n2 = 'x'"]
        {
            assert!(read_text(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_account_is_asked_by_a_role_of_its_own() {
        let role = "arn:aws:iam::222222222222:role/auditor";
        let text =
            format!("[accounts.'222222222222']\nname = 'payments'\nrole = '{role}'\nexternal-id = 'x'\n");
        let accounts = read_text(&text).unwrap().accounts;
        let account = AccountId::parse("222222222222").unwrap();
        assert_eq!(accounts.names[&account], "payments");
        let entry = RoleEntry { arn: role.to_owned(), external_id: Some("x".to_owned()), mfa_serial: None };
        assert_eq!(accounts.roles[&account], entry);
        assert!(read_text(&format!("{text}mfa-serial = 'short'\n")).is_err());
        let elsewhere = text.replace("iam::222222222222", "iam::333333333333");
        let error = format!("{:#}", read_text(&elsewhere).unwrap_err());
        assert!(error.contains("not the ARN of a role in this account"), "{error}");
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
            format!("[[allow]]\nreason = 'x'\nsecret = '{secret}'\n"),
            format!("[[allow]]\nreason = 'x'\nkey-id = ['{secret}']\n"),
            format!("[[allow]]\nreason = 'x'\nfinding = '{secret}'\n"),
            format!("[[allow]]\nreason = 'x'\nrule = '{secret}'\n"),
            format!("[[allow]]\nreason = 'x'\nexpires = '{secret}'\n"),
            format!("[[accept-skip]]\nreason = ['{secret}']\npath = 'x'\n"),
        ] {
            let error = format!("{:#}", read_text(&text).unwrap_err());
            assert!(error.contains("c.toml:"), "{error}");
            for part in secret.as_bytes().windows(8) {
                assert!(!error.contains(std::str::from_utf8(part).unwrap()), "{error}");
            }
        }
        let error = format!("{:#}", read_text("fail-on = 'high'\nfail-no = 1\n").unwrap_err());
        assert!(error.contains("c.toml:2:1: unknown field `fail-no`, expected one of `fail-on`"), "{error}");
        assert!(error.ends_with("\nhelp: did you mean `fail-on`?"), "{error}");
    }

    #[test]
    fn an_entry_is_one_thing_or_several_and_says_why() {
        let config = read_text(
            "[[allow]]\nrule = 'aws-access-key'\npath = ['a/*.rs', 'b']\nreason = 'made up'\nexpires = 2027-01-31\n\
             [[accept-skip]]\npath = 'c.zip'\nreason = 'broken on purpose'\nexpires = '2027-01-31'\n",
        )
        .unwrap();
        let day = Some("2027-01-31".parse().unwrap());
        let allow = config.allow[0].get_ref();
        assert_eq!((allow.path.len(), allow.rule.len(), allow.expires), (2, 1, day));
        assert_eq!(config.accept_skip[0].get_ref().expires, day);
        for wrong in [
            "[[allow]]\npath = 'a'\n",
            "[[allow]]\npath = 'a'\nreason = ' '\n",
            "[[allow]]\npath = []\nreason = 'a'\n",
            "[[allow]]\npath = 3\nreason = 'a'\n",
            "[[allow]]\npaths = 'a'\nreason = 'a'\n",
            "[[allow]]\npath = 'a'\nreason = 'a'\nexpires = 'soon'\n",
            "[[accept-skip]]\nreason = 'a'\n",
            "[allow]\npath = 'a'\nreason = 'a'\n",
        ] {
            let error = format!("{:#}", read_text(wrong).unwrap_err());
            assert!(error.contains("c.toml:"), "{error}");
        }
    }

    #[test]
    fn a_configuration_cannot_ask_aws_write_or_look_further() {
        for key in
            ["resolve", "output", "write-baseline", "rules", "profile", "no-ignore", "paths", "threads"]
        {
            let error = format!("{:#}", read_text(&format!("{key} = 'x'\n")).unwrap_err());
            assert!(error.contains("unknown field"), "{error}");
        }
    }

    #[test]
    fn a_baseline_lies_beside_its_configuration_or_below() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("repo/.akid.toml");
        std::fs::create_dir_all(folder.path().join("repo/ci")).unwrap();
        assert!(beside(&config, "ci/known").is_ok() && beside(&config, "known").is_ok());
        for outside in ["/etc/known", "../known", "ci/../../known"] {
            assert!(beside(&config, outside).is_err(), "{outside}");
        }
        #[cfg(unix)]
        {
            std::fs::write(folder.path().join("elsewhere"), "").unwrap();
            std::os::unix::fs::symlink("../elsewhere", folder.path().join("repo/known")).unwrap();
            assert!(beside(&config, "known").is_err());
        }
    }
}
