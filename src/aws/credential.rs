//! What a place held, once its parts were put together.

use super::{AccessKeyId, SecretAccessKey, ServiceSecret, SessionToken};

/// A credential, or as much of one as was there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Credential {
    /// A key ID without its secret; a temporary one may have its token.
    KeyId {
        /// The key ID.
        id: AccessKeyId,
        /// The session token found with it.
        token: Option<SessionToken>,
    },
    /// A secret without its key ID.
    Secret(SecretAccessKey),
    /// A session token without its key ID.
    Token(SessionToken),
    /// A key ID with its secret.
    Pair {
        /// The key ID.
        id: AccessKeyId,
        /// Its secret.
        secret: SecretAccessKey,
        /// The session token found with it.
        token: Option<SessionToken>,
    },
    /// A secret that only one service takes.
    Service {
        /// The key ID that it was made with, where it or its user name tells.
        id: Option<AccessKeyId>,
        /// The secret.
        secret: ServiceSecret,
    },
}

impl Credential {
    /// The key ID, if it has one.
    pub fn id(&self) -> Option<AccessKeyId> {
        match self {
            Self::KeyId { id, .. } | Self::Pair { id, .. } => Some(*id),
            Self::Service { id, .. } => *id,
            Self::Secret(_) | Self::Token(_) => None,
        }
    }

    /// The secret, if it has one.
    pub fn secret(&self) -> Option<&SecretAccessKey> {
        match self {
            Self::Secret(secret) | Self::Pair { secret, .. } => Some(secret),
            Self::KeyId { .. } | Self::Token(_) | Self::Service { .. } => None,
        }
    }

    /// The session token, if it has one.
    pub fn token(&self) -> Option<&SessionToken> {
        match self {
            Self::KeyId { token, .. } | Self::Pair { token, .. } => token.as_ref(),
            Self::Token(token) => Some(token),
            Self::Secret(_) | Self::Service { .. } => None,
        }
    }

    /// The secret that only one service takes, if it is one.
    pub fn service(&self) -> Option<&ServiceSecret> {
        match self {
            Self::Service { secret, .. } => Some(secret),
            _ => None,
        }
    }
}
