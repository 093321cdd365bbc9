//! What akid asks of Identity and Access Management and of Organizations.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::CallError;
use crate::aws::{AccessKeyId, AccountId, SecretAccessKey};
use crate::owner::{KeyState, LastUse};

/// One account's users and keys.
pub trait Iam {
    /// GetAccessKeyLastUsed.
    fn key_use(&self, id: AccessKeyId) -> Result<KeyUse, CallError>;
    /// ListAccessKeys, all pages.
    fn access_keys(&self, user: &str) -> Result<Vec<UserKey>, CallError>;
    /// GetUser.
    fn user(&self, user: &str) -> Result<User, CallError>;
    /// ListUserTags, all pages.
    fn user_tags(&self, user: &str) -> Result<Vec<(String, String)>, CallError>;
    /// ListAttachedUserPolicies, all pages: the names.
    fn attached_policies(&self, user: &str) -> Result<Vec<String>, CallError>;
    /// ListUsers, all pages: the names.
    fn users(&self) -> Result<Vec<String>, CallError>;
    /// GetAccountSummary: whether the root user has access keys.
    fn has_root_keys(&self) -> Result<bool, CallError>;
    /// GenerateCredentialReport and GetCredentialReport: the root user's active keys, of which it gives no IDs.
    fn root_keys(&self) -> Result<Vec<RootKey>, CallError>;
    /// GetLoginProfile: whether the user has a password for the console.
    fn has_password(&self, user: &str) -> Result<bool, CallError>;
    /// UpdateAccessKey.
    fn set_active(&self, user: &str, id: AccessKeyId, active: bool) -> Result<(), CallError>;
    /// DeleteAccessKey.
    fn delete_key(&self, user: &str, id: AccessKeyId) -> Result<(), CallError>;
    /// CreateAccessKey, tried once: after a lost answer there may be a key that nobody knows.
    fn create_key(&self, user: &str) -> Result<CreatedKey, CallError>;
    /// TagUser.
    fn tag_user(&self, user: &str, key: &str, value: &str) -> Result<(), CallError>;
    /// GetUserPolicy or GetRolePolicy: the document of an inline policy.
    fn inline_policy(&self, holder: &Holder, name: &str) -> Result<Option<String>, CallError>;
    /// ListUserPolicies or ListRolePolicies: the names of inline policies.
    fn inline_policies(&self, holder: &Holder) -> Result<Vec<String>, CallError>;
    /// PutUserPolicy or PutRolePolicy.
    fn put_policy(&self, holder: &Holder, name: &str, document: &str) -> Result<(), CallError>;
    /// DeleteUserPolicy or DeleteRolePolicy.
    fn delete_policy(&self, holder: &Holder, name: &str) -> Result<(), CallError>;
    /// AWS's clock, from the last answer's Date header.
    fn clock(&self) -> Option<Timestamp>;
}

/// The accounts of the caller's organization.
pub trait Organization {
    /// ListAccounts, all pages: those that are active.
    fn accounts(&self) -> Result<Vec<AccountId>, CallError>;
}

/// Who has a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holder {
    /// A user, by name.
    User(String),
    /// A role, by name.
    Role(String),
}

/// What GetAccessKeyLastUsed says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyUse {
    /// The user; `None` if AWS names none.
    pub user: Option<String>,
    /// The last use.
    pub last: LastUse,
}

/// One of a user's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserKey {
    /// Its ID.
    pub id: AccessKeyId,
    /// Active, inactive or expired.
    pub state: KeyState,
    /// When it was created.
    pub created_at: Option<Timestamp>,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The ARN.
    pub arn: String,
    /// The path.
    pub path: String,
    /// When it was created.
    pub created_at: Option<Timestamp>,
}

/// An active key of the root user, from the credential report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootKey {
    /// When it was created or last rotated.
    pub rotated_at: Option<Timestamp>,
    /// When it was used last.
    pub last: LastUse,
}

/// A key that was just created. It cannot print itself.
pub struct CreatedKey {
    /// Its ID.
    pub id: AccessKeyId,
    /// Its secret.
    pub secret: SecretAccessKey,
}

impl Holder {
    /// The name.
    pub fn name(&self) -> &str {
        match self {
            Self::User(name) | Self::Role(name) => name,
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(name) => write!(f, "user {}", crate::redact::redact(name.as_bytes())),
            Self::Role(name) => write!(f, "role {}", crate::redact::redact(name.as_bytes())),
        }
    }
}

impl Drop for CreatedKey {
    fn drop(&mut self) {
        self.secret.wipe();
    }
}

impl fmt::Debug for CreatedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CreatedKey({})", self.id)
    }
}
