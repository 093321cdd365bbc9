//! What AWS says when it is asked whose a key is.

use std::fmt;

use crate::aws::{AccessKeyId, AccountId};
use crate::known::KnownSecrets;
use crate::owner::{Account, Owner};
use crate::redact;

/// What came of asking about one key ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Its account.
    Account(AccountId),
    /// AWS answered, and does not know the key or did not like its ID. AWS documents no error for that, so the answer
    /// is data and is kept as it came.
    Unknown(Refusal),
    /// There was no answer about the key: not asked, not reached, or the caller may not ask. Says why, as it may be
    /// shown.
    Failed(String),
}

/// An answer that is an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// AWS's code for the error; none where the answer was not one of AWS.
    pub code: Option<String>,
    /// What AWS says, as it may be shown.
    pub message: Option<String>,
    /// By what AWS finds the request again.
    pub request_id: Option<String>,
}

/// A key ID, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The ID.
    pub id: AccessKeyId,
    /// Its account, where it is known.
    pub account: Option<Account>,
    /// Whose the account is.
    pub owner: Owner,
}

/// What came of asking AWS, beside the answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolution {
    /// Who asked.
    pub caller: Option<Caller>,
    /// What could not be done, and the way out; as it may be shown. Each makes the run incomplete.
    pub failures: Vec<String>,
    /// What else the user should know; as it may be shown.
    pub notes: Vec<String>,
    /// The caller's own secrets and tokens, which AWS and what stands before it may repeat. They cannot be printed.
    pub known: KnownSecrets,
}

/// Who asks: what AWS says of the credentials that its questions are signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The caller's account.
    pub account: AccountId,
    /// The caller's ARN, as it may be shown.
    pub arn: String,
    /// The IDs of the keys that the caller signs with: that of a role, and before it the one that the role was
    /// assumed with. One of no known form is left out.
    pub key_ids: Vec<AccessKeyId>,
}

/// The longest text of an answer that is shown, in bytes.
const MAX_TEXT: usize = 400;

/// Codes of AWS that are long enough to be taken for a secret.
const CODES: [&str; 16] = [
    "AccessDeniedException",
    "ConcurrentModification",
    "DeleteConflictException",
    "EntityTemporarilyUnmodifiable",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "InvalidTimeRangeException",
    "MalformedPolicyDocument",
    "MissingAuthenticationToken",
    "NoSuchEntityException",
    "ServiceUnavailableException",
    "ThrottlingException",
    "TooManyRequestsException",
    "UnmodifiableEntity",
    "UnrecognizedClientException",
];

impl Refusal {
    /// Takes the texts of an answer, each made showable.
    pub fn new(code: Option<&str>, message: Option<&str>, request_id: Option<&str>) -> Self {
        let there = |text: &&str| !text.is_empty();
        // A code is a name, which tells what failed.
        let name = |text: &str| cut(redact::redact(text.trim().as_bytes()));
        let known = |text: &str| CODES.iter().find(|code| **code == text).map(|code| (*code).to_owned());
        Self {
            code: code.filter(there).map(|code| known(code).unwrap_or_else(|| name(code))),
            message: message.filter(there).map(shown),
            request_id: request_id.filter(there).map(name),
        }
    }
}

/// The start of a text from AWS or from the SDK, as it may be shown.
pub(super) fn shown(text: &str) -> String {
    cut(redact::words(text.trim().as_bytes()))
}

/// A text that is not too long, once nothing secret is in it any more.
fn cut(mut shown: String) -> String {
    if shown.len() > MAX_TEXT {
        let end = (0..=MAX_TEXT).rev().find(|&end| shown.is_char_boundary(end)).unwrap_or(0);
        shown.truncate(end);
        shown.push('…');
    }
    shown
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.code, &self.message) {
            (Some(code), Some(message)) => write!(f, "{code}: {message}")?,
            (Some(text), None) | (None, Some(text)) => f.write_str(text)?,
            (None, None) => f.write_str("an answer without a code, not one of AWS")?,
        }
        match &self.request_id {
            Some(id) => write!(f, " (request {id})"),
            None => Ok(()),
        }
    }
}

impl Answer {
    /// Why there is no account, as it may be shown; `None` where there is one.
    pub fn problem(&self) -> Option<String> {
        match self {
            Self::Account(_) => None,
            Self::Unknown(refusal) => Some(format!("AWS does not tell: {refusal}")),
            Self::Failed(why) => Some(why.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake;

    #[test]
    fn a_refusal_is_told_with_all_that_came() {
        let told = |code, message, id| Refusal::new(code, message, id).to_string();
        assert_eq!(told(Some("A"), Some("no such key"), Some("r-1")), "A: no such key (request r-1)");
        assert_eq!(told(Some("A"), None, None), "A");
        assert_eq!(told(None, Some(""), None), "an answer without a code, not one of AWS");
    }

    #[test]
    fn the_codes_of_aws_are_not_taken_for_secrets() {
        for code in CODES {
            assert_eq!(Refusal::new(Some(code), None, None).code.as_deref(), Some(code));
        }
        let secret = fake::pair(5);
        let code = Refusal::new(Some(secret.secret_text()), None, None).code.unwrap();
        assert!(!code.contains(&secret.secret_text()[..8]), "{code}");
    }

    #[test]
    fn what_an_answer_repeats_is_masked_and_cut() {
        let key = fake::pair(5);
        let message = format!("\x1b[31m{} is invalid {}", key.secret_text(), "x ".repeat(1000));
        let told = Refusal::new(Some("A"), Some(&message), None).to_string();
        assert!(!told.contains(&key.secret_text()[..8]) && !told.contains('\x1b'), "{told}");
        assert!(told.len() < 500 && told.ends_with('…'), "{told}");
    }
}
