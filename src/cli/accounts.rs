//! Whose accounts are whose: options and configuration put together, and applied to what was found.

use akid::resolve::Accounts;
use akid::scan::Scan;
use akid::stop::Stop;
use anyhow::bail;

use super::account_args::{AccountArgs, FailOwner};
#[cfg(feature = "sts")]
use super::ask::Question;
use super::config::Config;

/// What is said of accounts, and what is to be asked.
#[derive(Debug)]
pub(super) struct Owners {
    /// What the user says.
    pub(super) accounts: Accounts,
    /// What AWS is to be asked, if it is.
    #[cfg(feature = "sts")]
    pub(super) question: Option<Question>,
}

/// A session with AWS that was opened before the scan, or what kept it from opening.
#[cfg(feature = "sts")]
pub(super) type Early = Option<Result<akid::resolve::sts::Session, akid::resolve::sts::ResolveError>>;
/// There is none: this akid was built without the means to ask.
#[cfg(not(feature = "sts"))]
#[derive(Debug)]
pub(super) struct Early;

impl Owners {
    pub(super) fn new(args: &AccountArgs, config: &Config, fail_owner: FailOwner) -> anyhow::Result<Self> {
        let own = args.own_account.iter().chain(&config.own_accounts).copied().collect();
        let owners = Self {
            accounts: Accounts { own, names: config.accounts.clone() },
            #[cfg(feature = "sts")]
            question: args.resolve.map(|which| Question::new(which, &args.ask)),
        };
        // A slip: all would fail, since nobody's keys can be told from the user's own.
        if fail_owner == FailOwner::Own && owners.accounts.own.is_empty() && !owners.asks() {
            let ask = if cfg!(feature = "sts") { ", or ask AWS with --resolve" } else { "" };
            bail!(
                "to fail on your own keys only, akid must know your accounts\n\
                 help: name them with --own-account or `own-accounts` in `.akid.toml`{ask}"
            );
        }
        #[cfg(feature = "sts")]
        if let (None, Some(option)) = (args.resolve, args.ask.given()) {
            bail!("{option} has no effect without --resolve\nhelp: add --resolve");
        }
        Ok(owners)
    }

    fn asks(&self) -> bool {
        #[cfg(feature = "sts")]
        return self.question.is_some();
        #[cfg(not(feature = "sts"))]
        return false;
    }

    /// Signs in, where that cannot wait until the scan is over.
    pub(super) fn sign_in_early(&self, stop: &Stop) -> Early {
        #[cfg(feature = "sts")]
        return self.question.as_ref().and_then(|question| question.sign_in_early(stop));
        #[cfg(not(feature = "sts"))]
        {
            let _ = stop;
            Early
        }
    }

    /// Tells of each finding of `scan` whose it is, and asks AWS if it is to be asked. Whatever comes of that, the
    /// findings stay.
    pub(super) fn settle(&self, scan: &mut Scan, early: Early, stop: &Stop) {
        #[cfg(feature = "sts")]
        if let (Some(question), false) = (&self.question, scan.interrupted) {
            let mut accounts = self.accounts.clone();
            let outcome = question.ask(&scan.keys(), early, &mut accounts, stop);
            scan.known.merge(outcome.resolution.known.clone());
            scan.resolution = outcome.resolution;
            scan.interrupted = stop.is_stopped();
            scan.tell_owners(&accounts, &outcome.answers);
            return;
        }
        let _ = (early, stop);
        scan.tell_owners(&self.accounts, &std::collections::BTreeMap::new());
    }
}
