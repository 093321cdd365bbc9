//! CloudTrail.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use aws_config::Region;
use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::config::Builder;
use aws_sdk_cloudtrail::primitives::DateTime;
use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};
use jiff::Timestamp;

use super::Link;
use super::link::{not_aws, timestamp};
use crate::redact::redact;
use crate::resolve::respond::{Attribute, CallError, Event, Events, Trail};
use crate::resolve::sts::Base;

/// LookupEvents takes two requests a second of an account and region.
const INTERVAL: Duration = Duration::from_millis(500);
const ACTION: &str = "cloudtrail:LookupEvents";

/// A client for one account, in every region.
#[derive(Debug)]
pub(in crate::resolve::respond) struct TrailClient {
    link: Link,
    base: Base,
    /// A client for each region, and when it was asked last.
    regions: RefCell<BTreeMap<String, (Client, Option<Instant>)>>,
}

impl TrailClient {
    pub(in crate::resolve::respond) fn new(link: Link, base: Base) -> Self {
        Self { link, base, regions: RefCell::default() }
    }

    /// The client for a region, once it may be asked again.
    fn client(&self, region: &str) -> Client {
        let make = || {
            let config = Builder::from(&self.base.config()).region(Region::new(region.to_owned()));
            (Client::from_conf(config.build()), None)
        };
        let (client, asked) = self.regions.borrow_mut().entry(region.to_owned()).or_insert_with(make).clone();
        if let Some(asked) = asked {
            self.link.pause(INTERVAL.saturating_sub(asked.elapsed()));
        }
        self.regions.borrow_mut().insert(region.to_owned(), (client.clone(), Some(Instant::now())));
        client
    }
}

impl Trail for TrailClient {
    fn events(
        &self,
        region: &str,
        attribute: &Attribute,
        since: Timestamp,
        max: usize,
    ) -> Result<Events, CallError> {
        let (key, value) = match attribute {
            Attribute::AccessKeyId(id) => (LookupAttributeKey::AccessKeyId, id),
            Attribute::ResourceName(name) => (LookupAttributeKey::ResourceName, name),
        };
        let attribute = LookupAttribute::builder().attribute_key(key).attribute_value(value).build();
        let attribute = attribute.map_err(|_incomplete| not_aws(ACTION))?;
        let mut found = Events::default();
        let mut token: Option<String> = None;
        loop {
            let request = self.client(region).lookup_events().lookup_attributes(attribute.clone());
            let request = request.start_time(DateTime::from_secs(since.as_second())).set_next_token(token);
            let answer = self.link.call(ACTION, request.send())?;
            found.events.extend(answer.events().iter().filter_map(event));
            token = answer.next_token().map(str::to_owned);
            // A page may be empty and not be the last one: each is counted as if it had an event.
            if token.is_none() {
                return Ok(found);
            }
            if found.events.len() >= max || answer.events().is_empty() {
                found.is_cut = true;
                return Ok(found);
            }
        }
    }
}

/// An event by its record, or by what is listed beside that.
fn event(listed: &aws_sdk_cloudtrail::types::Event) -> Option<Event> {
    let text = |text: &str| redact(text.as_bytes());
    listed.cloud_trail_event().and_then(Event::parse).or_else(|| {
        Some(Event {
            name: text(listed.event_name()?),
            source: text(listed.event_source().unwrap_or_default()),
            at: listed.event_time().and_then(timestamp),
            actor: listed.username().map(text),
            signer: listed.access_key_id().map(text),
            ..Event::default()
        })
    })
}
