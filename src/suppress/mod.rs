//! What is found and does not count: documented examples, placeholders, what has expired, what its line allows.

use jiff::Timestamp;

use crate::aws::{AccessKeyId, Credential, SecretAccessKey};
use crate::detect::Found;
use crate::finding::Suppression;

/// Decides what does not count.
#[derive(Clone, Copy, Debug)]
pub struct Suppressor {
    /// The time of the scan.
    pub now: Timestamp,
    /// Whether `akid:allow` on a line counts.
    pub inline_allow: bool,
}

impl Suppressor {
    /// Why `found` does not count; `None` if it does.
    pub fn reason(&self, found: &Found) -> Option<Suppression> {
        let is_expired =
            || found.signed.as_ref().and_then(|signed| signed.expires_at).is_some_and(|end| end < self.now);
        let is_allowed = || self.inline_allow && found.places.iter().all(|place| place.allowed_inline);
        example(&found.credential)
            .or_else(|| is_expired().then_some(Suppression::Expired))
            .or_else(|| is_allowed().then_some(Suppression::Inline))
    }
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
    }
}

fn kind(is_example: bool, is_placeholder: bool) -> Option<Suppression> {
    let example = is_example.then_some(Suppression::Example);
    example.or_else(|| is_placeholder.then_some(Suppression::Placeholder))
}
