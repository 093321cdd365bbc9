//! Why a key cannot be contained, or what of it was not done.

use crate::aws::AccessKeyId;
use crate::owner::{Account, KeyState};
use crate::resolve::respond::{CallError, Holder, LogError, UnknownUser};

/// Why a key cannot be contained, or what of it was not done. Every text in one may be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContainError {
    /// No policy limits the root user. The account, if it is known.
    #[error("it is likely a key of the root user, whose keys and sessions no policy limits")]
    RootKey(Option<Account>),
    /// The session is one of the root user.
    #[error("it is a session of the root user, which no policy limits")]
    RootSession,
    /// The key is gone, by this evidence.
    #[error("the key no longer exists: {0}")]
    Deleted(String),
    /// The temporary key has expired, by this evidence.
    #[error("it has expired: {0}")]
    Expired(String),
    /// The long-term key's user is not known.
    #[error(transparent)]
    UnknownUser(#[from] UnknownUser),
    /// The temporary key's session is not known, by this evidence.
    #[error("it is not known which session it belongs to: {0}")]
    UnknownSession(String),
    /// The session was asked for by something that is neither a user nor a role.
    #[error("it is not known whom to deny: {0} asked for it")]
    UnknownActor(String),
    /// The event of the session names nobody.
    #[error("CloudTrail does not say who asked for it")]
    NoActor,
    /// The ARN is not one of a role.
    #[error("{0} is not the ARN of a role")]
    NotARole(String),
    /// The role of this name is linked to a service.
    #[error("{0} is a service-linked role, whose policies only its service changes")]
    ServiceLinkedRole(String),
    /// The role of this name is one of IAM Identity Center.
    #[error("{0} is a role of IAM Identity Center, whose policies only its permission set changes")]
    PermissionSetRole(String),
    /// Another inline policy would exceed the quota.
    #[error("{holder} has too many inline policies for one more: the quota is {quota} characters")]
    TooManyPolicies {
        /// Who has them.
        holder: Holder,
        /// The quota, in characters.
        quota: usize,
    },
    /// The key may still be active.
    #[error("{id} is not known to be deactivated: {cause}")]
    NotDeactivated {
        /// The key.
        id: AccessKeyId,
        /// Why.
        cause: Box<Self>,
    },
    /// Older sessions may still work.
    #[error("older sessions of {holder} are not denied: {cause}")]
    NotDenied {
        /// Whose.
        holder: Holder,
        /// Why.
        cause: Box<Self>,
    },
    /// Somebody changed the key after akid.
    #[error("{id} is {} now: it was changed since", state.as_str())]
    KeyChanged {
        /// The key.
        id: AccessKeyId,
        /// What it is now.
        state: KeyState,
    },
    /// Somebody deleted the key after akid deactivated it.
    #[error("{0} no longer exists")]
    KeyGone(AccessKeyId),
    /// The policy is not as akid left it.
    #[error("the policy {policy} of {holder} {change}")]
    PolicyChanged {
        /// Its name.
        policy: String,
        /// Who has it.
        holder: Holder,
        /// What happened to it.
        change: PolicyChange,
    },
    /// AWS did not do what was asked.
    #[error(transparent)]
    Call(#[from] CallError),
    /// What is done could not be taken down.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// What happened to a policy since akid put it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyChange {
    /// Another one has its name, and akid's was perhaps never there.
    #[error("is not the one that akid put there")]
    Foreign,
    /// It has another content.
    #[error("was changed since")]
    Changed,
    /// It is gone.
    #[error("was deleted since")]
    Deleted,
}
