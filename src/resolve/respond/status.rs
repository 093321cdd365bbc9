//! What an account says of one of its keys.
//!
//! The state is what AWS says, never what it does not say: a refusal, an answer without the key and an unknown error
//! leave it `unknown`. See `deleted` for the two proofs that a key is gone.

use jiff::Timestamp;

use super::activity::activity;
use super::deleted::search;
use super::session_key::of_session;
use super::user::{describe_user, is_root, take_from};
use super::{Account, KeyFacts, UserFacts, Wanted};
use crate::aws::{AccessKeyId, KeyKind};
use crate::owner::KeyState;
use crate::redact::redact;

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
