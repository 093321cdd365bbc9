//! All that is known of one key.

use jiff::Timestamp;

use super::{Activity, CallError, SessionOrigin, UserKey};
use crate::aws::AccessKeyId;
use crate::owner::{Account, KeyState, KeyStatus, Owner};
use crate::redact::redact;

/// All that is known of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFacts {
    /// Its ID.
    pub id: AccessKeyId,
    /// Its account, where it is known.
    pub account: Option<Account>,
    /// Whose the account is.
    pub owner: Owner,
    /// Whether it works.
    pub status: KeyStatus,
    /// Its user.
    pub user: Option<UserFacts>,
    /// Whether it belongs to the root user.
    pub is_root: bool,
    /// The user's other keys: a user may have two.
    pub other_keys: Vec<UserKey>,
    /// How a temporary key came to be.
    pub session: Option<SessionOrigin>,
    /// What was done with it, if that was asked.
    pub activity: Option<Activity>,
    /// What could not be learnt, and why.
    pub lacks: Vec<Lack>,
}

/// A user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFacts {
    /// The name, as AWS takes it.
    pub name: String,
    /// The ARN, as it may be shown.
    pub arn: Option<String>,
    /// The path, as it may be shown.
    pub path: Option<String>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// Tags, such as the mail address of an owner, as they may be shown.
    pub tags: Vec<(String, String)>,
    /// The policies by which AWS keeps a leaked key from doing harm.
    pub quarantine: Vec<String>,
}

/// Something that could not be learnt, as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lack {
    /// What was asked, such as `iam:GetUser`; empty where nothing was.
    pub action: &'static str,
    /// Why it was not answered.
    pub why: String,
    /// The way out.
    pub help: Option<String>,
    /// Whether the caller is not allowed to ask.
    pub is_denied: bool,
}

impl KeyFacts {
    /// A key of which nothing is known yet.
    pub fn new(id: AccessKeyId, now: Timestamp) -> Self {
        let status = KeyStatus {
            state: KeyState::Unknown,
            is_likely: false,
            evidence: "nothing was asked".to_owned(),
            learnt_at: now,
            principal: None,
            created_at: None,
            last_use: None,
        };
        Self {
            id,
            account: None,
            owner: Owner::default(),
            status,
            user: None,
            is_root: false,
            other_keys: Vec::new(),
            session: None,
            activity: None,
            lacks: Vec::new(),
        }
    }

    /// Whether everything that was asked was answered. A key whose account nobody may ask is no failure.
    pub fn is_complete(&self) -> bool {
        self.lacks.iter().all(|lack| lack.action.is_empty())
    }

    /// Why it is not known whose key it is, with what is missing for it.
    pub(super) fn whose_is_unknown(&self) -> String {
        let mut text = format!("it is not known whose key it is: {}", self.status.evidence);
        for lack in &self.lacks {
            let help = lack.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
            text.push_str(&format!("\n{}{help}", lack.why));
        }
        text
    }

    /// Notes the state with what says so.
    pub(super) fn is(&mut self, state: KeyState, evidence: impl Into<String>) {
        self.status.state = state;
        self.status.evidence = evidence.into();
    }

    /// Takes an answer, or notes why there is none.
    pub(super) fn take<T>(&mut self, answer: Result<T, CallError>) -> Option<T> {
        answer.map_err(|error| self.lack(&error)).ok()
    }

    /// Notes what could not be learnt, once.
    pub(super) fn lack(&mut self, error: &CallError) {
        let lack = Lack::of(error);
        if !self.lacks.iter().any(|known| known.action == lack.action) {
            self.lacks.push(lack);
        }
    }
}

impl UserFacts {
    /// The name, as it may be shown.
    pub fn shown(&self) -> String {
        redact(self.name.as_bytes())
    }
}

impl Lack {
    pub(super) fn of(error: &CallError) -> Self {
        Self {
            action: error.action,
            why: error.to_string(),
            help: error.help(),
            is_denied: error.is_denied(),
        }
    }
}
