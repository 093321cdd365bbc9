//! Temporary keys: the event that made one.

use jiff::Timestamp;

use super::trail::HISTORY;
use super::{Account, Attribute, Event, KeyFacts, SessionOrigin, Wanted};
use crate::owner::KeyState;

/// How many events about one key are read in search of its start.
const MAX_EVENTS: usize = 200;

/// Looks for the event that made a temporary key.
pub(super) fn of_session(account: &Account, wanted: &Wanted, facts: &mut KeyFacts) {
    let attribute = Attribute::ResourceName(facts.id.to_string());
    let now = facts.status.learnt_at;
    let since = now.saturating_sub(HISTORY).unwrap_or(Timestamp::MIN);
    let (mut asked, mut silent) = (Vec::new(), Vec::new());
    for region in account.regions(wanted, None) {
        let events = account.trail.events(&region, &attribute, since, MAX_EVENTS);
        let Some(events) = facts.take(events) else {
            silent.push(region);
            continue;
        };
        asked.push(region);
        let is_start = |event: &Event| event.made.as_deref() == Some(facts.id.as_str());
        if let Some(event) = events.events.into_iter().find(is_start) {
            return started(event.into(), now, facts);
        }
    }
    facts.is(KeyState::Unknown, not_found(&asked, &silent));
}

/// Says where the event was looked for: another region may have it.
fn not_found(asked: &[String], silent: &[String]) -> String {
    let silent = silent.join(" and ");
    match (asked.is_empty(), silent.is_empty()) {
        (true, _) => format!("CloudTrail could not be asked in {silent} for the event that created it"),
        (false, true) => {
            format!("CloudTrail has no event that created it, in 90 days of {}", asked.join(" and "))
        }
        (false, false) => format!(
            "CloudTrail has no event that created it, in 90 days of {}; {silent} could not be asked",
            asked.join(" and ")
        ),
    }
}

fn started(origin: SessionOrigin, now: Timestamp, facts: &mut KeyFacts) {
    let operation = &origin.operation;
    match origin.expires_at {
        Some(end) if end <= now => {
            facts.is(KeyState::Expired, format!("CloudTrail: {operation} created it, valid until {end:.0}"));
        }
        Some(end) => facts.is(
            KeyState::Active,
            format!("CloudTrail: {operation} created it, valid until {end:.0}; a policy may have revoked it"),
        ),
        None => {
            facts.is(
                KeyState::Unknown,
                format!("CloudTrail: {operation} created it, without an expiry in the event"),
            );
        }
    }
    facts.status.created_at = origin.at;
    facts.status.principal = origin.role.clone().or_else(|| origin.actor.clone());
    facts.session = Some(origin);
}
