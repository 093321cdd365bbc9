//! Temporary keys: the event that made one.

use jiff::Timestamp;

use super::deleted::HISTORY;
use super::{Account, Attribute, Event, KeyFacts, Wanted};
use crate::owner::KeyState;

/// How many events about one key are read in search of its start.
const MAX_EVENTS: usize = 200;

/// How a temporary key came to be, each text as it may be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionOrigin {
    /// The operation, such as `AssumeRole`.
    pub operation: String,
    /// The ARN of who asked for it.
    pub actor: Option<String>,
    /// The key that it was asked for with.
    pub signer: Option<String>,
    /// The role that was assumed.
    pub role: Option<String>,
    /// From where.
    pub address: Option<String>,
    /// With what program.
    pub agent: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
    /// Until when it works.
    pub expires_at: Option<Timestamp>,
}

impl From<Event> for SessionOrigin {
    fn from(event: Event) -> Self {
        let Event { name: operation, actor, signer, role, address, agent, at, expires_at, .. } = event;
        Self { operation, actor, signer, role, address, agent, at, expires_at }
    }
}

/// Looks for the event that made a temporary key.
pub(super) fn of_session(account: &Account, wanted: &Wanted, facts: &mut KeyFacts) {
    let attribute = Attribute::ResourceName(facts.id.to_string());
    let now = facts.status.learnt_at;
    let since = now.saturating_sub(HISTORY).unwrap_or(Timestamp::MIN);
    let regions = account.regions(wanted, None);
    for region in &regions {
        let events = account.trail.events(region, &attribute, since, MAX_EVENTS);
        let Some(events) = facts.take(events) else { continue };
        let is_start = |event: &Event| event.made.as_deref() == Some(facts.id.as_str());
        if let Some(event) = events.events.into_iter().find(is_start) {
            return started(event.into(), now, facts);
        }
    }
    let evidence = if facts.lacks.is_empty() {
        format!("CloudTrail has no event that made it, of 90 days in {}", regions.join(" and "))
    } else {
        "CloudTrail could not be asked for the event that made it".to_owned()
    };
    facts.is(KeyState::Unknown, evidence);
}

fn started(origin: SessionOrigin, now: Timestamp, facts: &mut KeyFacts) {
    let operation = &origin.operation;
    match origin.expires_at {
        Some(end) if end <= now => {
            facts.is(KeyState::Expired, format!("CloudTrail: {operation} made it until {end:.0}"));
        }
        Some(end) => facts.is(
            KeyState::Active,
            format!("CloudTrail: {operation} made it until {end:.0}; a policy may have revoked it"),
        ),
        None => {
            facts.is(
                KeyState::Unknown,
                format!("CloudTrail: {operation} made it, and does not say until when"),
            );
        }
    }
    facts.created_at = origin.at;
    facts.status.principal = origin.role.clone().or_else(|| origin.actor.clone());
    facts.session = Some(origin);
}
