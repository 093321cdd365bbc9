//! What is found and does not count: documented examples, placeholders, what has expired, key IDs in akid's own reports,
//! what its line allows; then what the configuration allows and what a baseline knows already.

mod allow;
mod baseline;
mod json_head;
mod own_report;

pub use allow::{AcceptedGap, AcceptedSkip, Allow, Term};
pub use baseline::{Baseline, BaselineError, KnownIn};
pub use own_report::{REPORT_HEAD, is_own_report};

use jiff::Timestamp;

use crate::aws::{AccessKeyId, Credential, SecretAccessKey};
use crate::detect::Found;
use crate::finding::{Place, Suppression};

/// Decides what does not count.
#[derive(Clone, Copy, Debug)]
pub struct Suppressor {
    /// The time of the scan.
    pub now: Timestamp,
    /// Whether `akid:allow` on a line counts.
    pub inline_allow: bool,
}

impl Suppressor {
    /// Why `found` does not count, and in what words its line says so, often none; `None` if it does. `in_own_report` says
    /// whether it stands in a report of akid.
    pub fn reason(&self, found: &Found, in_own_report: bool) -> Option<(Suppression, String)> {
        let ends = || {
            let signed = found.signed.as_ref().and_then(|signed| signed.expires_at);
            signed.or_else(|| found.claims.as_ref().and_then(|claims| claims.expires_at))
        };
        let is_expired = || ends().is_some_and(|end| end < self.now);
        let unsaid = |suppression| (suppression, String::new());
        example(&found.credential)
            .or_else(|| is_expired().then_some(Suppression::Expired))
            .or_else(|| (in_own_report && is_lone_key_id(found)).then_some(Suppression::AkidReport))
            .map(unsaid)
            .or_else(|| Some((Suppression::Inline, self.allowed(&found.places)?)))
    }

    /// The reason that all of `places` give for being there, if all do: the first that gives one.
    fn allowed(&self, places: &[Place]) -> Option<String> {
        let reasons: Option<Vec<&String>> =
            places.iter().map(|place| place.allowed_inline.as_ref()).collect();
        let reasons = reasons.filter(|_| self.inline_allow)?;
        Some(reasons.into_iter().find(|reason| !reason.is_empty()).cloned().unwrap_or_default())
    }
}

/// Whether a key ID is all that was found: the one part of a credential that a report of akid shows.
pub fn is_lone_key_id(found: &Found) -> bool {
    matches!(found.credential, Credential::KeyId { token: None, .. }) && found.signed.is_none()
}

/// Whether every part of a credential is a documented example or a placeholder.
fn example(credential: &Credential) -> Option<Suppression> {
    let id = |id: AccessKeyId| kind(id.is_example(), id.is_placeholder());
    let secret = |secret: &SecretAccessKey| kind(secret.is_example(), secret.is_placeholder());
    match credential {
        Credential::KeyId { id: key_id, .. } => id(*key_id),
        Credential::Secret(value) => secret(value),
        Credential::Pair { id: key_id, secret: value, .. } => {
            id(*key_id).zip(secret(value)).map(|(a, b)| a.max(b))
        }
        Credential::Token(token) => kind(token.is_example(), false),
        Credential::Service { id: key_id, secret } => {
            kind(secret.is_example() || key_id.is_some_and(|id| id.is_example()), false)
        }
    }
}

fn kind(is_example: bool, is_placeholder: bool) -> Option<Suppression> {
    let example = is_example.then_some(Suppression::Example);
    example.or_else(|| is_placeholder.then_some(Suppression::Placeholder))
}
