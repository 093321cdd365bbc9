//! Keys that no user seems to have: proofs that one is gone, and the root user.
//!
//! A key is called deleted for one of two reasons: CloudTrail has the event of its deletion, or a complete listing of
//! all users' keys does not have it and the root user has none. Nothing less will do.

use jiff::Timestamp;

use super::trail::HISTORY;
use super::user::{describe_user, take_from};
use super::{Account, Attribute, CallError, Event, KeyFacts, Listing, UserFacts};
use crate::aws::AccessKeyId;
use crate::owner::KeyState;
use crate::redact::redact;

/// How many events about one key are read in search of its end.
const MAX_EVENTS: usize = 200;
/// More users than this are not listed one by one.
const MAX_USERS: usize = 2_000;

/// What an account's trail and the keys of its users say of a key.
pub(super) enum Trace {
    /// It was deleted.
    Deleted,
    /// A user has it.
    Listed,
    /// None of so many users has it.
    Nowhere(usize),
    /// That was not learnt.
    Unknown,
}

/// Looks for a key of which the account did not say whose it is.
pub(super) fn search(account: &Account, facts: &mut KeyFacts) {
    if let Trace::Nowhere(users) = trace(account, facts) {
        root(account, users, facts);
    }
}

/// Looks for the end of a key, then for it among the keys of all users.
pub(super) fn trace(account: &Account, facts: &mut KeyFacts) -> Trace {
    if let Some(event) = deletion(account, facts) {
        let actor = event.actor.as_deref().unwrap_or("somebody");
        let when = event.at.map(|at| format!(" at {at:.0}")).unwrap_or_default();
        facts.is(KeyState::Deleted, format!("CloudTrail: DeleteAccessKey by {actor}{when}"));
        return Trace::Deleted;
    }
    let listing = account.listing.get_or_init(|| list(account)).clone();
    let Some(listing) = facts.take(listing) else {
        facts.is(KeyState::Unknown, "the keys of all users could not be listed");
        return Trace::Unknown;
    };
    if listing.users > MAX_USERS {
        let evidence = format!("no event of its deletion; {} users are too many to list", listing.users);
        facts.is(KeyState::Unknown, evidence);
        return Trace::Unknown;
    }
    let owner = listing.keys.iter().find(|(_, key)| key.id == facts.id).map(|(user, _)| user.clone());
    match owner {
        Some(user) => {
            let keys = listing.keys.into_iter().filter(|(name, _)| *name == user).map(|(_, key)| key);
            take_from(keys.collect(), facts);
            facts.status.principal = Some(redact(user.as_bytes()));
            facts.user = Some(UserFacts { name: user, ..UserFacts::default() });
            describe_user(account, facts);
            Trace::Listed
        }
        None => Trace::Nowhere(listing.users),
    }
}

/// The event of the key's deletion, if it succeeded.
fn deletion(account: &Account, facts: &mut KeyFacts) -> Option<Event> {
    let attribute = Attribute::ResourceName(facts.id.to_string());
    let since = facts.status.learnt_at.saturating_sub(HISTORY).unwrap_or(Timestamp::MIN);
    let events = account.trail.events(account.global_region, &attribute, since, MAX_EVENTS);
    let id = facts.id;
    facts.take(events)?.events.into_iter().find(|event| is_deletion(event, id))
}

fn is_deletion(event: &Event, id: AccessKeyId) -> bool {
    event.name == "DeleteAccessKey"
        && event.source == "iam.amazonaws.com"
        && event.error.is_none()
        && event.about_key.as_deref() == Some(id.as_str())
}

fn list(account: &Account) -> Result<Listing, CallError> {
    let users = account.iam.users()?;
    let mut listing = Listing { users: users.len(), keys: Vec::new() };
    if users.len() <= MAX_USERS {
        for user in users {
            let keys = account.iam.access_keys(&user)?;
            listing.keys.extend(keys.into_iter().map(|key| (user.clone(), key)));
        }
    }
    Ok(listing)
}

/// No user has the key: the root user may. The credential report shows that user's keys, but no IDs.
fn root(account: &Account, users: usize, facts: &mut KeyFacts) {
    match facts.take(account.iam.has_root_keys()) {
        None => facts.is(KeyState::Unknown, format!("none of {users} users has it; the root user may")),
        Some(false) => {
            facts.is(
                KeyState::Deleted,
                format!("none of {users} users has it, and the root user has no keys"),
            );
        }
        Some(true) => likely_root(account, users, facts),
    }
}

fn likely_root(account: &Account, users: usize, facts: &mut KeyFacts) {
    let Some(keys) = facts.take(account.iam.root_keys()) else {
        let evidence =
            format!("none of {users} users has it; the root user has keys, and it may be one of them");
        return facts.is(KeyState::Unknown, evidence);
    };
    let Some(key) = keys.first() else {
        let evidence = format!("none of {users} users has it; the root user has a key that is not active");
        return facts.is(KeyState::Unknown, evidence);
    };
    let age = key.rotated_at.map(|at| format!(", created or rotated at {at:.0}")).unwrap_or_default();
    facts.is(
        KeyState::Active,
        format!(
            "none of {users} users has it; the credential report has an active key of the root user{age}"
        ),
    );
    facts.status.is_likely = true;
    facts.status.principal = Some("root".to_owned());
    facts.is_root = true;
    if keys.len() == 1 {
        facts.status.created_at = key.rotated_at;
        facts.status.last_use.get_or_insert_with(|| key.last.clone());
    }
}
