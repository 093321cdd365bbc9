//! Whose accounts are whose: options and configuration put together, and applied to what was found.

#[cfg(feature = "respond")]
use std::cell::RefCell;
#[cfg(feature = "respond")]
use std::collections::BTreeMap;

#[cfg(feature = "respond")]
use akid::aws::AccessKeyId;
#[cfg(feature = "respond")]
use akid::owner::{Account, Claim, KnownBy, Owner};
use akid::resolve::Accounts;
#[cfg(feature = "respond")]
use akid::resolve::respond::{KeyFacts, Wanted};
use akid::scan::Scan;
use akid::stop::Stop;
use anyhow::bail;
use jiff::Timestamp;

#[cfg(feature = "sts")]
use super::args::account::Which;
use super::args::account::{AccountArgs, FailOwner, StatusOptions};
#[cfg(feature = "sts")]
use super::ask::Question;
use super::config::Loaded;
#[cfg(feature = "respond")]
use super::inquiry::{Inquiry, Told, reach};

/// What is said of accounts, and what is to be asked.
#[derive(Debug)]
pub(super) struct Owners {
    /// What the user says.
    pub(super) accounts: Accounts,
    /// What AWS is to be asked, if it is.
    #[cfg(feature = "sts")]
    pub(super) question: Option<Question>,
    /// What the accounts of keys are to be asked, if they are.
    #[cfg(feature = "respond")]
    inquiry: Option<Inquiry>,
    /// Keys that are asked about beside those that are found, and what came of it.
    #[cfg(feature = "respond")]
    beside: RefCell<BTreeMap<AccessKeyId, Option<KeyFacts>>>,
}

/// A session with AWS that was opened before the scan, or what kept it from opening.
#[cfg(feature = "sts")]
pub(super) type Early = Option<Result<akid::resolve::sts::Session, akid::resolve::sts::ResolveError>>;
/// There is none: this akid was built without the means to ask.
#[cfg(not(feature = "sts"))]
#[derive(Debug)]
pub(super) struct Early;

impl Owners {
    pub(super) fn new(
        args: &AccountArgs,
        status: &StatusOptions,
        loaded: &Loaded,
        fail_owner: FailOwner,
    ) -> anyhow::Result<Self> {
        let config = &loaded.config;
        let own = args.own.own_account.iter().chain(&config.own_accounts).copied().collect();
        let owners = Self {
            accounts: Accounts { own, names: config.accounts.names.clone() },
            #[cfg(feature = "sts")]
            question: args
                .resolve
                .or(status.is_wanted().then_some(Which::Missing))
                .map(|which| Question::new(which, &args.ask)),
            #[cfg(feature = "respond")]
            inquiry: status.status.then(|| Inquiry {
                reach: reach(&status.reach, loaded),
                wanted: Wanted { activity: false, regions: args.ask.region.clone() },
            }),
            #[cfg(feature = "respond")]
            beside: RefCell::default(),
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
        if let (None, Some(option)) = (&owners.question, args.ask.given()) {
            bail!("{option} has no effect without --resolve\nhelp: add --resolve");
        }
        #[cfg(feature = "respond")]
        if owners.inquiry.is_none() && args.ask.region.len() > 1 {
            bail!("--region is repeated, which has no effect without --status\nhelp: name one region");
        }
        #[cfg(feature = "respond")]
        if let (None, Some(option)) = (&owners.inquiry, status.reach.given()) {
            bail!("{option} has no effect without --status\nhelp: add --status");
        }
        #[cfg(not(feature = "sts"))]
        let _ = status;
        Ok(owners)
    }

    /// Adds keys to those that are asked about, if accounts are asked at all.
    #[cfg(feature = "respond")]
    pub(super) fn also(&self, ids: impl Iterator<Item = AccessKeyId>) {
        self.beside.borrow_mut().extend(ids.map(|id| (id, None)));
    }

    /// What the account of such a key knows of it, if it was asked.
    #[cfg(feature = "respond")]
    pub(super) fn facts_of(&self, id: AccessKeyId) -> Option<KeyFacts> {
        self.beside.borrow().get(&id).cloned().flatten()
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
    pub(super) fn settle(&self, scan: &mut Scan, early: Early, now: Timestamp, stop: &Stop) {
        #[cfg(feature = "respond")]
        if let (Some(question), Some(inquiry), false) = (&self.question, &self.inquiry, scan.interrupted) {
            let mut accounts = self.accounts.clone();
            let mut beside = self.beside.borrow_mut();
            let mut keys = scan.keys();
            for id in beside.keys() {
                let claim = id.account().map(|account| Claim { id: account, known_by: KnownBy::KeyId });
                keys.entry(*id).or_insert(Account::of(claim));
            }
            let told = inquiry.ask(question, &keys, early, &mut accounts, now, stop);
            beside.iter_mut().for_each(|(id, facts)| *facts = told.keys.get(id).cloned());
            scan.tell_owners(&accounts, &told.outcome.answers);
            take_status(scan, told, stop);
            return;
        }
        let _ = now;
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

    /// Asks the accounts of the keys in a report of an earlier scan, if they are to be asked. What the report says of
    /// other keys stays.
    #[cfg(feature = "respond")]
    pub(super) fn settle_again(&self, scan: &mut Scan, now: Timestamp, stop: &Stop) {
        if let (Some(question), Some(inquiry)) = (&self.question, &self.inquiry) {
            let told = inquiry.ask(question, &scan.keys(), None, &mut self.accounts.clone(), now, stop);
            take_status(scan, told, stop);
        }
    }
}

#[cfg(feature = "respond")]
fn take_status(scan: &mut Scan, told: Told, stop: &Stop) {
    let resolution = told.outcome.resolution;
    scan.known.merge(resolution.known);
    scan.resolution.caller = resolution.caller;
    scan.resolution.failures.extend(resolution.failures);
    scan.resolution.notes.extend(resolution.notes);
    scan.interrupted |= stop.is_stopped();
    let owner = |facts: KeyFacts| (facts.account, Owner { status: Some(facts.status), ..facts.owner });
    scan.tell_status(&told.keys.into_iter().map(|(id, facts)| (id, owner(facts))).collect());
}
