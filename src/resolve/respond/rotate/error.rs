//! What keeps a rotation from going on.

use super::DestinationError;
use crate::aws::AccessKeyId;
use crate::owner::{Account, KeyState};
use crate::redact::redact;
use crate::resolve::respond::{CallError, LogError, UnknownUser};

/// What keeps a rotation from going on. Every text in one may be shown, but the user's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RotateError {
    /// Only long-term keys are replaced.
    #[error("it is a temporary key, which ends by itself")]
    Temporary,
    /// The key is the root user's. The account, if it is known.
    #[error("it is likely a key of the root user, which akid never replaces")]
    RootKey(Option<Account>),
    /// The key is gone, by this evidence.
    #[error("the key no longer exists: {0}")]
    Deleted(String),
    /// The key's user is not known.
    #[error(transparent)]
    UnknownUser(#[from] UnknownUser),
    /// The new key is gone.
    #[error("the new key {new} no longer exists")]
    NewKeyGone {
        /// The key that it was to replace.
        old: AccessKeyId,
        /// The new key.
        new: AccessKeyId,
    },
    /// The user has two keys already.
    #[error(
        "user {} has a second key already, {id} ({}): AWS allows two, inactive ones count",
        redact(user.as_bytes()),
        state.as_str()
    )]
    SecondKey {
        /// The user's name, as AWS takes it.
        user: String,
        /// The second key.
        id: AccessKeyId,
        /// Its state.
        state: KeyState,
    },
    /// Somebody activated the old key again.
    #[error("{0} was activated again: something still needs it")]
    Reactivated(AccessKeyId),
    /// The request to create a key had no answer.
    #[error("{error}\nIt is not known whether a key was created; nobody has its secret if so")]
    LostCreation {
        /// What came instead.
        error: Box<CallError>,
        /// The key that is to be replaced.
        old: String,
    },
    /// The new key is deleted again.
    #[error("the new key was not handed over, and is deleted again: {0}")]
    NotHandedOver(Box<Self>),
    /// The new key is there, and nobody has its secret.
    #[error("the new key was not handed over: {cause}\n{new} could not be deleted again: {left}")]
    NotDeletedAgain {
        /// The key that is to be replaced.
        old: String,
        /// The new key.
        new: AccessKeyId,
        /// Why it was not handed over.
        cause: Box<Self>,
        /// Why it was not deleted.
        left: Box<Self>,
    },
    /// AWS did not do what was asked.
    #[error(transparent)]
    Call(#[from] CallError),
    /// What is done could not be taken down.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The destination does not take keys.
    #[error(transparent)]
    Destination(#[from] DestinationError),
}
