//! What an account says of a user.

use super::{Account, KeyFacts, UserKey};
use crate::redact::redact;

pub(super) fn is_root(user: &str) -> bool {
    user.is_empty() || user == "<root_account>" || user == "root"
}

/// Takes what a complete list of a user's keys says of one; whether it is among them.
pub(super) fn take_from(keys: Vec<UserKey>, facts: &mut KeyFacts) -> bool {
    let (own, others): (Vec<_>, Vec<_>) = keys.into_iter().partition(|key| key.id == facts.id);
    let Some(own) = own.into_iter().next() else { return false };
    facts.other_keys = others;
    facts.status.created_at = own.created_at;
    facts.is(own.state, format!("iam:ListAccessKeys lists it as {}", own.state.as_str()));
    true
}

pub(super) fn describe_user(account: &Account, facts: &mut KeyFacts) {
    let Some(mut user) = facts.user.take() else { return };
    if let Some(found) = facts.take(account.iam.user(&user.name)) {
        user.arn = Some(redact(found.arn.as_bytes()));
        user.path = Some(redact(found.path.as_bytes()));
        user.created_at = found.created_at;
    }
    if let Some(tags) = facts.take(account.iam.user_tags(&user.name)) {
        let shown = |(key, value): (String, String)| (redact(key.as_bytes()), redact(value.as_bytes()));
        user.tags = tags.into_iter().map(shown).collect();
    }
    if let Some(policies) = facts.take(account.iam.attached_policies(&user.name)) {
        let is_quarantine = |name: &String| name.starts_with("AWSCompromisedKeyQuarantine");
        user.quarantine = policies.into_iter().filter(is_quarantine).collect();
    }
    facts.user = Some(user);
}
