//! All that is known of one key.

use std::fmt;

use jiff::Timestamp;

use super::{CallError, Cause, Event, UserKey};
use crate::aws::AccessKeyId;
use crate::owner::{Account, KeyState, KeyStatus, Owner};
use crate::redact::redact;
use crate::resolve::sts::ResolveError;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lack {
    /// What was asked, such as `iam:GetUser`; empty where nothing was.
    pub action: &'static str,
    /// Why it was not answered.
    pub why: String,
    /// What would help, if akid knows.
    pub remedy: Option<Remedy>,
    /// Whether the caller is not allowed to ask.
    pub is_denied: bool,
}

/// What would help to learn something, as data: whoever shows it knows the options to name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// The caller needs to be allowed this action.
    Allow(&'static str),
    /// What this error calls for.
    Resolve(Box<ResolveError>),
    /// If the account is the user's, a role in it needs to be named.
    NameRole,
    /// If the user planted this canary token, it can be deleted at its issuer.
    DeleteCanary,
}

/// A key that nothing can be done with, because its user is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownUser {
    /// What akid knows of the key's state.
    pub evidence: String,
    /// What could not be learnt.
    pub lacks: Vec<Lack>,
}

impl fmt::Display for UnknownUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it is not known whose key it is: {}", self.evidence)?;
        self.lacks.iter().try_for_each(|lack| write!(f, "\n{}", lack.why))
    }
}

impl std::error::Error for UnknownUser {}

/// What was done with a key in the last 90 days, each text as it may be shown. Events of data, such as reading an
/// object, are not among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// The regions whose events were read.
    pub regions: Vec<String>,
    /// How many events there are.
    pub events: u64,
    /// How many of them AWS refused as not allowed.
    pub denied: u64,
    /// The earliest and the latest.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Counts by service and operation, the most frequent first.
    pub by_event: Vec<Count>,
    /// Counts by address.
    pub by_address: Vec<Count>,
    /// Counts by program.
    pub by_agent: Vec<Count>,
    /// Whether there are more events than were read.
    pub is_cut: bool,
}

/// How often something occurs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// What, as it may be shown.
    pub of: String,
    /// How often.
    pub events: u64,
    /// How often AWS refused it as not allowed.
    pub denied: u64,
}

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
    pub(super) fn unknown_user(&self) -> UnknownUser {
        UnknownUser { evidence: self.status.evidence.clone(), lacks: self.lacks.clone() }
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
        let remedy = match &error.cause {
            Cause::Denied(_) => Some(Remedy::Allow(error.action)),
            Cause::Failed(trouble) => Some(Remedy::Resolve(Box::new(trouble.clone()))),
            Cause::Absent(_) | Cause::Refused(_) => None,
        };
        Self { action: error.action, why: error.to_string(), remedy, is_denied: error.is_denied() }
    }
}
