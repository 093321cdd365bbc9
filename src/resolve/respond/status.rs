//! What an account says of one of its keys.
//!
//! The state is what AWS says, never what it does not say: a refusal, an answer without the key and an unknown error
//! leave it `unknown`. See `deleted` for the two proofs that a key is gone.

use std::cell::OnceCell;

use jiff::Timestamp;

use super::activity::activity;
use super::deleted::search;
use super::session_key::of_session;
use super::{CallError, Iam, KeyFacts, Trail, UserFacts, UserKey};
use crate::aws::{AccessKeyId, KeyKind};
use crate::owner::KeyState;
use crate::redact::redact;

/// An account that can be asked.
pub struct Account {
    /// Its users and keys.
    pub iam: Box<dyn Iam>,
    /// Its events.
    pub trail: Box<dyn Trail>,
    /// The region that requests go to.
    pub region: String,
    /// The region that has the events of IAM.
    pub global_region: &'static str,
    /// All of its users' keys, once they were listed.
    pub(super) listing: OnceCell<Result<Listing, CallError>>,
}

/// All keys of all users of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// How many users there are.
    pub users: usize,
    /// Their keys, each with its user.
    pub keys: Vec<(String, UserKey)>,
}

/// What is to be learnt beside the state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// What was done with the key in the last 90 days.
    pub activity: bool,
    /// Regions whose events are read beside those of the home region, of IAM's and of the last use.
    pub regions: Vec<String>,
}

impl Account {
    /// An account behind these clients.
    pub fn new(
        iam: Box<dyn Iam>,
        trail: Box<dyn Trail>,
        region: impl Into<String>,
        global: &'static str,
    ) -> Self {
        Self { iam, trail, region: region.into(), global_region: global, listing: OnceCell::new() }
    }

    /// The regions whose events may tell of a key: each once.
    pub(super) fn regions(&self, wanted: &Wanted, used_in: Option<&str>) -> Vec<String> {
        let mut regions = vec![self.region.clone(), self.global_region.to_owned()];
        regions.extend(wanted.regions.iter().cloned());
        regions.extend(used_in.filter(|region| region.contains('-')).map(str::to_owned));
        let mut seen = std::collections::BTreeSet::new();
        regions.retain(|region| seen.insert(region.clone()));
        regions
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("region", &self.region).finish_non_exhaustive()
    }
}

/// Asks the account of a key about it.
pub fn status(account: &Account, id: AccessKeyId, wanted: &Wanted, now: Timestamp) -> KeyFacts {
    let mut facts = KeyFacts::new(id, now);
    match id.kind() {
        KeyKind::LongTerm => long_term(account, &mut facts),
        KeyKind::Temporary => of_session(account, wanted, &mut facts),
    }
    if wanted.activity {
        facts.activity = Some(activity(account, wanted, &mut facts));
    }
    facts
}

fn long_term(account: &Account, facts: &mut KeyFacts) {
    let used = match account.iam.key_use(facts.id) {
        Ok(used) => used,
        Err(error) => {
            // That there is no such key is said of keys that exist, too.
            if !error.is_absent() {
                facts.lack(&error);
            }
            search(account, facts);
            // AWS may refuse to speak of a key that is gone, to a caller who is allowed to ask.
            if facts.status.state == KeyState::Deleted {
                facts.lacks.retain(|lack| lack.action != error.action);
            }
            return;
        }
    };
    facts.status.last_use = Some(used.last);
    match used.user {
        Some(user) if !is_root(&user) => of_user(account, user, facts),
        _ => search(account, facts),
    }
}

pub(super) fn is_root(user: &str) -> bool {
    user.is_empty() || user == "<root_account>" || user == "root"
}

fn of_user(account: &Account, name: String, facts: &mut KeyFacts) {
    facts.status.principal = Some(redact(name.as_bytes()));
    let keys = account.iam.access_keys(&name);
    let keys = facts.take(keys);
    facts.user = Some(UserFacts { name, ..UserFacts::default() });
    describe_user(account, facts);
    match keys.map(|keys| take_from(keys, facts)) {
        None => facts.is(KeyState::Unknown, "the keys of its user could not be listed"),
        Some(false) => search(account, facts),
        Some(true) => {}
    }
}

/// Takes what a complete list of a user's keys says of one; whether it is among them.
pub(super) fn take_from(keys: Vec<UserKey>, facts: &mut KeyFacts) -> bool {
    let (own, others): (Vec<_>, Vec<_>) = keys.into_iter().partition(|key| key.id == facts.id);
    let Some(own) = own.into_iter().next() else { return false };
    facts.other_keys = others;
    facts.status.created_at = own.created_at;
    facts.is(own.state, format!("iam:ListAccessKeys lists it as {}", own.state.as_str()));
    true
}

pub(super) fn describe_user(account: &Account, facts: &mut KeyFacts) {
    let Some(mut user) = facts.user.take() else { return };
    if let Some(found) = facts.take(account.iam.user(&user.name)) {
        user.arn = Some(redact(found.arn.as_bytes()));
        user.path = Some(redact(found.path.as_bytes()));
        user.created_at = found.created_at;
    }
    if let Some(tags) = facts.take(account.iam.user_tags(&user.name)) {
        let shown = |(key, value): (String, String)| (redact(key.as_bytes()), redact(value.as_bytes()));
        user.tags = tags.into_iter().map(shown).collect();
    }
    if let Some(policies) = facts.take(account.iam.attached_policies(&user.name)) {
        let is_quarantine = |name: &String| name.starts_with("AWSCompromisedKeyQuarantine");
        user.quarantine = policies.into_iter().filter(is_quarantine).collect();
    }
    facts.user = Some(user);
}
