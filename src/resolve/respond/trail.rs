//! What akid asks of CloudTrail, and what its events say.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::CallError;
use crate::redact::{redact, words};

/// How far CloudTrail's own history of events goes back.
pub(super) const HISTORY: SignedDuration = SignedDuration::from_hours(90 * 24);
/// The events of one account, region by region.
pub trait Trail {
    /// LookupEvents: the newest events since `since` that have an attribute, at most `max`.
    fn events(
        &self,
        region: &str,
        attribute: &Attribute,
        since: Timestamp,
        max: usize,
    ) -> Result<Events, CallError>;
}

/// What events are looked up by. CloudTrail takes one attribute a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// The key that signed the request.
    AccessKeyId(String),
    /// A resource that the request was about, such as the key that it made.
    ResourceName(String),
}

/// Some events, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Events {
    /// The events.
    pub events: Vec<Event>,
    /// Whether there are more than were asked for.
    pub is_cut: bool,
}

/// One event, each text as it may be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// The operation, such as `AssumeRole`.
    pub name: String,
    /// The service, such as `sts.amazonaws.com`.
    pub source: String,
    /// When it happened.
    pub at: Option<Timestamp>,
    /// The ARN of who did it.
    pub actor: Option<String>,
    /// The key that signed it.
    pub signer: Option<String>,
    /// From where.
    pub address: Option<String>,
    /// With what program.
    pub agent: Option<String>,
    /// AWS's code of the error, if it did not succeed.
    pub error: Option<String>,
    /// The role that was assumed.
    pub role: Option<String>,
    /// The key that it made.
    pub made: Option<String>,
    /// When the key that it made expires.
    pub expires_at: Option<Timestamp>,
    /// The key that it changed or deleted.
    pub about_key: Option<String>,
}

impl Event {
    /// Reads the record of an event. What is not there or has another form is left out.
    pub fn parse(record: &str) -> Option<Self> {
        let record: Value = serde_json::from_str(record).ok()?;
        let at = |path: &str| record.pointer(path).and_then(Value::as_str);
        let name = |path: &str| at(path).map(|text| redact(text.as_bytes()));
        Some(Self {
            name: name("/eventName")?,
            source: name("/eventSource").unwrap_or_default(),
            at: at("/eventTime").and_then(time),
            actor: name("/userIdentity/arn")
                .or_else(|| name("/userIdentity/invokedBy"))
                .or_else(|| name("/userIdentity/principalId")),
            signer: name("/userIdentity/accessKeyId"),
            address: name("/sourceIPAddress"),
            agent: at("/userAgent").map(|text| words(text.as_bytes())),
            error: name("/errorCode"),
            role: name("/requestParameters/roleArn"),
            made: name("/responseElements/credentials/accessKeyId"),
            expires_at: at("/responseElements/credentials/expiration").and_then(time),
            about_key: name("/requestParameters/accessKeyId"),
        })
    }

    /// Whether AWS refused it because it was not allowed.
    pub fn is_denied(&self) -> bool {
        let codes = ["AccessDenied", "UnauthorizedOperation", "Unauthorized"];
        self.error.as_deref().is_some_and(|error| codes.iter().any(|code| error.contains(code)))
    }
}

/// CloudTrail writes the time of an event by ISO 8601, and that of an expiry as `Nov 27, 2026, 1:00:00 PM`, with or
/// without the second comma.
fn time(text: &str) -> Option<Timestamp> {
    // Newer versions of Java put a narrow space before AM and PM.
    let text = text.replace('\u{202f}', " ");
    let civil = |format| {
        let civil = jiff::civil::DateTime::strptime(format, &text).ok()?;
        civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    };
    text.parse().ok().or_else(|| civil("%b %d, %Y %I:%M:%S %p")).or_else(|| civil("%b %d, %Y, %I:%M:%S %p"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_says_who_made_a_key_and_until_when() {
        let record = r#"{"eventName": "AssumeRole", "eventSource": "sts.amazonaws.com",
            "eventTime": "2026-11-27T12:00:00Z", "sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli/2.17",
            "userIdentity": {"arn": "arn:aws:iam::222222222222:user/ada", "accessKeyId": "AKIAQAAAAAAAAAAAAAAA"},
            "requestParameters": {"roleArn": "arn:aws:iam::222222222222:role/deploy", "roleSessionName": "x"},
            "responseElements": {"credentials": {"accessKeyId": "ASIAQAAAAAAAAAAAAAAA",
                "expiration": "Nov 27, 2026 1:00:00 PM"}}}"#;
        let event = Event::parse(record).unwrap();
        assert_eq!(event.actor.as_deref(), Some("arn:aws:iam::222222222222:user/ada"));
        assert_eq!(event.made.as_deref(), Some("ASIAQAAAAAAAAAAAAAAA"));
        assert_eq!(event.role.as_deref(), Some("arn:aws:iam::222222222222:role/deploy"));
        assert_eq!(event.expires_at, "2026-11-27T13:00:00Z".parse().ok());
        for text in ["Nov 27, 2026, 1:00:00 PM", "Nov 27, 2026, 1:00:00\u{202f}PM", "2026-11-27T13:00:00Z"] {
            assert_eq!(time(text), event.expires_at, "{text}");
        }
        assert_eq!((time("soon"), Event::parse("{}")), (None, None));
    }
}
