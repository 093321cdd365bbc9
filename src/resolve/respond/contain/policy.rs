//! The policy that denies older sessions.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::aws::AccessKeyId;
use crate::resolve::respond::{Holder, Iam};

/// How many characters all inline policies of a user, and of a role, may have together, white space not counted.
const USER_QUOTA: usize = 2_048;
const ROLE_QUOTA: usize = 10_240;

/// The name of the policy that denies the sessions of one key.
pub fn policy_name(id: AccessKeyId) -> String {
    format!("akid-deny-sessions-{id}")
}

/// The policy that denies everything to sessions that were opened before a time. A long-term key has no such time, and
/// is not denied anything.
pub fn deny_document(before: Timestamp) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": format!("{before:.0}")}}}]})
    .to_string()
}

/// Whether two policies say the same, however they are written.
pub(super) fn is_same(a: &str, b: &str) -> bool {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).ok();
    a == b || parsed(a).is_some_and(|a| Some(a) == parsed(b))
}

/// Whether a policy is one of those that akid makes, of whatever time.
pub(super) fn is_own(document: &str) -> bool {
    let Ok(value) = serde_json::from_str::<Value>(document) else { return false };
    let before = value.pointer("/Statement/0/Condition/DateLessThan/aws:TokenIssueTime");
    let before = before.and_then(Value::as_str).and_then(|text| text.parse().ok());
    before.is_some_and(|before| is_same(document, &deny_document(before)))
}

pub(super) fn quota(holder: &Holder) -> usize {
    match holder {
        Holder::User(_) => USER_QUOTA,
        Holder::Role(_) => ROLE_QUOTA,
    }
}

/// Whether one more policy keeps within the quota. Where the others cannot be read, AWS decides.
pub(super) fn fits(iam: &dyn Iam, holder: &Holder, name: &str, document: &str) -> bool {
    let len = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
    let Ok(names) = iam.inline_policies(holder) else { return true };
    let others = names.iter().filter(|other| *other != name);
    let used: usize = others
        .filter_map(|other| iam.inline_policy(holder, other).ok().flatten())
        .map(|document| len(&document))
        .sum();
    used + len(document) <= quota(holder)
}
