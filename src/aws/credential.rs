//! Which parts of a credential there are, once they were put together: of the values themselves, of their names, and of
//! where they stand.

use super::{AccessKeyId, SecretAccessKey, ServiceSecret, SessionToken};

/// A credential, or as much of one as was there: its key ID as `I`, its secret as `S`, its session token as `T`, and a
/// secret that only one service takes as `V`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CredentialParts<I, S, T, V> {
    /// A key ID without its secret; a temporary one may have its token.
    KeyId {
        /// The key ID.
        id: I,
        /// The session token found with it.
        token: Option<T>,
    },
    /// A secret without its key ID.
    Secret(S),
    /// A session token without its key ID.
    Token(T),
    /// A key ID with its secret.
    Pair {
        /// The key ID.
        id: I,
        /// Its secret.
        secret: S,
        /// The session token found with it.
        token: Option<T>,
    },
    /// A secret that only one service takes.
    Service {
        /// The key ID that it was made with, where it or its user name tells.
        id: Option<I>,
        /// The secret.
        secret: V,
    },
}

/// The values of a credential.
pub type Credential = CredentialParts<AccessKeyId, SecretAccessKey, SessionToken, ServiceSecret>;

impl<I: Copy, S, T, V> CredentialParts<I, S, T, V> {
    /// The key ID, if it has one.
    pub fn id(&self) -> Option<I> {
        match self {
            Self::KeyId { id, .. } | Self::Pair { id, .. } => Some(*id),
            Self::Service { id, .. } => *id,
            Self::Secret(_) | Self::Token(_) => None,
        }
    }

    /// The secret, if it has one.
    pub fn secret(&self) -> Option<&S> {
        match self {
            Self::Secret(secret) | Self::Pair { secret, .. } => Some(secret),
            Self::KeyId { .. } | Self::Token(_) | Self::Service { .. } => None,
        }
    }

    /// The session token, if it has one.
    pub fn token(&self) -> Option<&T> {
        match self {
            Self::KeyId { token, .. } | Self::Pair { token, .. } => token.as_ref(),
            Self::Token(token) => Some(token),
            Self::Secret(_) | Self::Service { .. } => None,
        }
    }

    /// The secret that only one service takes, if it is one.
    pub fn service(&self) -> Option<&V> {
        match self {
            Self::Service { secret, .. } => Some(secret),
            _ => None,
        }
    }

    /// The same without a token that stands beside another part: it is renewed while the credential stays.
    #[must_use]
    pub fn without_token(self) -> Self {
        match self {
            Self::KeyId { id, .. } => Self::KeyId { id, token: None },
            Self::Pair { id, secret, .. } => Self::Pair { id, secret, token: None },
            Self::Secret(_) | Self::Token(_) | Self::Service { .. } => self,
        }
    }

    /// The same parts, each as one of these functions makes of it.
    pub fn map<J, R, U, W>(
        &self,
        id_of: impl Fn(I) -> J,
        secret_of: impl Fn(&S) -> R,
        token_of: impl Fn(&T) -> U,
        service_of: impl Fn(&V) -> W,
    ) -> CredentialParts<J, R, U, W> {
        match self {
            Self::KeyId { id, token } => {
                CredentialParts::KeyId { id: id_of(*id), token: token.as_ref().map(token_of) }
            }
            Self::Secret(secret) => CredentialParts::Secret(secret_of(secret)),
            Self::Token(token) => CredentialParts::Token(token_of(token)),
            Self::Pair { id, secret, token } => CredentialParts::Pair {
                id: id_of(*id),
                secret: secret_of(secret),
                token: token.as_ref().map(token_of),
            },
            Self::Service { id, secret } => {
                CredentialParts::Service { id: id.map(id_of), secret: service_of(secret) }
            }
        }
    }
}

impl<I: Copy, P: Copy> CredentialParts<I, P, P, P> {
    /// The parts that are there; `None` if none is. A token without a key ID is alone.
    pub fn of(id: Option<I>, secret: Option<P>, token: Option<P>) -> Option<Self> {
        match (id, secret, token) {
            (Some(id), Some(secret), token) => Some(Self::Pair { id, secret, token }),
            (Some(id), None, token) => Some(Self::KeyId { id, token }),
            (None, Some(secret), _) => Some(Self::Secret(secret)),
            (None, None, token) => token.map(Self::Token),
        }
    }

    /// The same parts, each as `each` makes of it. The key ID is of the same kind as the others.
    pub fn each<B>(&self, each: impl Fn(P) -> B) -> CredentialParts<B, B, B, B>
    where
        I: Into<P>,
    {
        self.map(|id| each(id.into()), |secret| each(*secret), |token| each(*token), |secret| each(*secret))
    }

    /// The secret, be it one of AWS or of one service.
    pub fn any_secret(&self) -> Option<P> {
        self.secret().or(self.service()).copied()
    }
}
