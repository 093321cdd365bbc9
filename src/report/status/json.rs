//! Keys with all that their accounts know of them, as JSON.

use std::io::{self, Write};

use serde::Serialize;

use super::{RemedyWords, Statuses};
use crate::report::json::{Account, Status, time};
use crate::report::keys::{kind_of, write_log};
use crate::resolve::respond::{Activity, Count, KeyFacts, Lack, SessionOrigin, UserKey};

#[derive(Serialize)]
struct Entry<'a> {
    key_id: &'a str,
    kind: &'static str,
    account: Option<Account>,
    ownership: &'static str,
    unresolved: Option<&'a str>,
    status: Status<'a>,
    root: bool,
    user: Option<User<'a>>,
    other_keys: Vec<OtherKey<'a>>,
    session: Option<Session<'a>>,
    activity: Option<Signed<'a>>,
    missing: Vec<Missing<'a>>,
}

#[derive(Serialize)]
struct User<'a> {
    name: String,
    arn: Option<&'a str>,
    path: Option<&'a str>,
    created_at: Option<String>,
    tags: Vec<Tag<'a>>,
    quarantine: &'a [String],
}

#[derive(Serialize)]
struct Tag<'a> {
    key: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct OtherKey<'a> {
    key_id: &'a str,
    state: &'static str,
    created_at: Option<String>,
}

#[derive(Serialize)]
struct Session<'a> {
    operation: &'a str,
    actor: Option<&'a str>,
    signer: Option<&'a str>,
    role: Option<&'a str>,
    address: Option<&'a str>,
    agent: Option<&'a str>,
    created_at: Option<String>,
    expires_at: Option<String>,
}

#[derive(Serialize)]
struct Signed<'a> {
    regions: &'a [String],
    events: u64,
    denied: u64,
    first_at: Option<String>,
    last_at: Option<String>,
    truncated: bool,
    by_event: Vec<Counted<'a>>,
    by_address: Vec<Counted<'a>>,
    by_agent: Vec<Counted<'a>>,
}

#[derive(Serialize)]
struct Counted<'a> {
    name: &'a str,
    events: u64,
    denied: u64,
}

#[derive(Serialize)]
struct Missing<'a> {
    action: Option<&'a str>,
    denied: bool,
    message: &'a str,
    help: Option<String>,
}

impl<'a> Entry<'a> {
    fn of(key: &'a KeyFacts, words: RemedyWords) -> Self {
        Self {
            key_id: key.id.as_str(),
            kind: kind_of(key.id),
            account: key.account.map(|account| Account::of(account, &key.owner)),
            ownership: key.owner.ownership.as_str(),
            unresolved: key.owner.unresolved.as_deref(),
            status: Status::of(&key.status),
            root: key.is_root,
            user: key.user.as_ref().map(|user| User {
                name: user.shown(),
                arn: user.arn.as_deref(),
                path: user.path.as_deref(),
                created_at: user.created_at.map(time),
                tags: user.tags.iter().map(|(key, value)| Tag { key, value }).collect(),
                quarantine: &user.quarantine,
            }),
            other_keys: key.other_keys.iter().map(OtherKey::of).collect(),
            session: key.session.as_ref().map(Session::of),
            activity: key.activity.as_ref().map(Signed::of),
            missing: key.lacks.iter().map(|lack| Missing::of(lack, words)).collect(),
        }
    }
}

impl<'a> OtherKey<'a> {
    fn of(key: &'a UserKey) -> Self {
        let created_at = key.created_at.map(time);
        Self { key_id: key.id.as_str(), state: key.state.as_str(), created_at }
    }
}

impl<'a> Session<'a> {
    fn of(origin: &'a SessionOrigin) -> Self {
        Self {
            operation: &origin.operation,
            actor: origin.actor.as_deref(),
            signer: origin.signer.as_deref(),
            role: origin.role.as_deref(),
            address: origin.address.as_deref(),
            agent: origin.agent.as_deref(),
            created_at: origin.at.map(time),
            expires_at: origin.expires_at.map(time),
        }
    }
}

impl<'a> Signed<'a> {
    fn of(activity: &'a Activity) -> Self {
        let counted = |counts: &'a [Count]| {
            let counted =
                |count: &'a Count| Counted { name: &count.of, events: count.events, denied: count.denied };
            counts.iter().map(counted).collect()
        };
        Self {
            regions: &activity.regions,
            events: activity.events,
            denied: activity.denied,
            first_at: activity.span.map(|(first, _)| time(first)),
            last_at: activity.span.map(|(_, last)| time(last)),
            truncated: activity.is_cut,
            by_event: counted(&activity.by_event),
            by_address: counted(&activity.by_address),
            by_agent: counted(&activity.by_agent),
        }
    }
}

impl<'a> Missing<'a> {
    fn of(lack: &'a Lack, words: RemedyWords) -> Self {
        let action = Some(lack.action).filter(|action| !action.is_empty());
        Self { action, denied: lack.is_denied, message: &lack.why, help: lack.remedy.as_ref().map(words) }
    }
}

/// One key, as it stands in the list.
///
/// # Errors
///
/// None that is known: the types are those of JSON.
pub fn value(key: &KeyFacts, words: RemedyWords) -> serde_json::Result<serde_json::Value> {
    serde_json::to_value(Entry::of(key, words))
}

pub(super) fn write(statuses: &Statuses, words: RemedyWords, out: &mut dyn Write) -> io::Result<()> {
    let is_all_known = statuses.keys.iter().all(KeyFacts::is_complete);
    write_log(statuses.keys.iter().map(|key| Entry::of(key, words)), &statuses.resolution, is_all_known, out)
}
