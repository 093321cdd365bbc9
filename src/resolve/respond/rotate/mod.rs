//! Replacing a key without an outage: a second key first, then the end of the old one, days later.
//!
//! What is to be done next follows from what IAM says, not from what was taken down: that only tells which of the
//! user's keys akid created, and since when.

mod error;
mod next;
mod steps;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{CreatedKey, KeyFacts};
use crate::aws::{AccessKeyId, KeyKind};
use crate::owner::KeyState;
pub use error::RotateError;
pub use next::next;
pub use steps::{arrived, create, deactivate, delete, discard};

/// IAM reports the use of a key up to some hours later.
pub const REPORTING_DELAY: SignedDuration = SignedDuration::from_hours(4);

/// Where a new key goes. It goes nowhere else.
pub trait Destination {
    /// What it is, as it may be shown.
    fn name(&self) -> String;
    /// Whether it can be written, as far as can be told before there is a key.
    ///
    /// # Errors
    ///
    /// If it cannot.
    fn check(&self) -> Result<(), DestinationError>;
    /// Hands a key over.
    ///
    /// # Errors
    ///
    /// If it was not taken.
    fn hand_over(&self, user: &str, key: &CreatedKey) -> Result<(), DestinationError>;
    /// Whether it has this key; `None` where it cannot tell.
    fn has(&self, id: AccessKeyId) -> Option<bool>;
}

/// Why a key was not taken, in the words of the [`Destination`], as they may be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DestinationError(pub String);

/// How a rotation stands. There is no secret in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// The key that is replaced.
    pub key_id: String,
    /// Its account.
    pub account: String,
    /// Its user.
    pub user: String,
    /// The user's keys before another one was created.
    pub known_ids: Vec<String>,
    /// The key that replaces it, once AWS has named it.
    pub new_id: Option<String>,
    /// Where it went or is to go.
    pub destination: String,
    /// Whether the destination did not take it, so that nobody has its secret.
    #[serde(default)]
    pub is_refused: bool,
    /// When it was handed over.
    pub handed_at: Option<Timestamp>,
    /// When the old key was deactivated.
    pub deactivated_at: Option<Timestamp>,
    /// Whether the old key is gone.
    pub is_finished: bool,
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How long the old key must not have been used.
    pub quiet_for: SignedDuration,
    /// How long the old key stays, once it is inactive.
    pub keep_inactive: SignedDuration,
    /// Whether to go on though nothing shows that the new key is used.
    pub is_forced: bool,
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// A second key is created and handed over.
    Create,
    /// A key that akid created and could not hand over is deleted.
    Discard(AccessKeyId),
    /// A key is there that was created meanwhile, perhaps by akid, and nobody has its secret. Only a person can tell.
    Unexplained(AccessKeyId),
    /// A key that akid created is where it was to go, which was not taken down.
    Arrived,
    /// Nothing yet.
    Wait {
        /// Until when, if that is known.
        until: Option<Timestamp>,
        /// For what, as it may be shown.
        why: String,
    },
    /// The old key is deactivated.
    Deactivate,
    /// The old key is deleted.
    Delete,
    /// Nothing any more.
    Finished,
}

/// Whether a key can be rotated at all, before anything is done.
///
/// # Errors
///
/// Why not.
pub fn check(facts: &KeyFacts) -> Result<String, RotateError> {
    if facts.id.kind() == KeyKind::Temporary {
        return Err(RotateError::Temporary);
    }
    if facts.is_root {
        return Err(RotateError::RootKey(facts.account));
    }
    match (&facts.user, facts.status.state) {
        (Some(user), KeyState::Active | KeyState::Inactive | KeyState::Expired) => Ok(user.name.clone()),
        (_, KeyState::Deleted) => Err(RotateError::Deleted(facts.status.evidence.clone())),
        _ => Err(facts.unknown_user().into()),
    }
}
