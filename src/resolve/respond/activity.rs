//! What was done with a key, from the events that it signed.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::trail::HISTORY;
use super::{Account, Activity, Attribute, Count, Event, KeyFacts, Wanted};
use crate::owner::LastUse;

/// How many events of one region are read: 50 a request, two requests a second.
const MAX_EVENTS: usize = 5_000;

pub(super) fn activity(account: &Account, wanted: &Wanted, facts: &mut KeyFacts) -> Activity {
    let used_in = match &facts.status.last_use {
        Some(LastUse::Used { region, .. }) => Some(region.clone()),
        _ => None,
    };
    let attribute = Attribute::AccessKeyId(facts.id.to_string());
    let since = facts.status.learnt_at.saturating_sub(HISTORY).unwrap_or(Timestamp::MIN);
    let mut activity = Activity::default();
    let mut all = Vec::new();
    for region in account.regions(wanted, used_in.as_deref()) {
        let events = account.trail.events(&region, &attribute, since, MAX_EVENTS);
        let Some(events) = facts.take(events) else { continue };
        activity.is_cut |= events.is_cut;
        all.extend(events.events);
        activity.regions.push(region);
    }
    activity.count(&all);
    activity
}

impl Activity {
    fn count(&mut self, events: &[Event]) {
        self.events = events.len() as u64;
        self.denied = events.iter().filter(|event| event.is_denied()).count() as u64;
        let times = || events.iter().filter_map(|event| event.at);
        self.span = times().min().zip(times().max());
        let service = |event: &Event| event.source.trim_end_matches(".amazonaws.com").to_owned();
        self.by_event = counts(events, |event| Some(format!("{}:{}", service(event), event.name)));
        self.by_address = counts(events, |event| event.address.clone());
        self.by_agent = counts(events, |event| event.agent.clone());
    }
}

fn counts(events: &[Event], of: impl Fn(&Event) -> Option<String>) -> Vec<Count> {
    let mut counts: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for event in events {
        let Some(name) = of(event) else { continue };
        let (all, denied) = counts.entry(name).or_default();
        *all += 1;
        *denied += u64::from(event.is_denied());
    }
    let mut counts: Vec<_> =
        counts.into_iter().map(|(of, (events, denied))| Count { of, events, denied }).collect();
    counts.sort_by(|a, b| b.events.cmp(&a.events).then_with(|| a.of.cmp(&b.of)));
    counts
}
