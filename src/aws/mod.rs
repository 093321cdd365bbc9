//! The domain: what an AWS credential is made of, and what its parts tell without asking anyone.
//!
//! Every type here is parsed once and trusted afterwards. Nothing here knows where bytes came from or how
//! anything is reported.

mod account;
mod canary;
mod credential;
pub mod fake;
mod key_id;
mod likeness;
mod placeholder;
mod published;
mod secret;
mod service_secret;
mod session_token;
pub mod sign;

pub use account::{AccountId, KnownAccount};
pub use credential::{Credential, CredentialParts};
pub use key_id::{AccessKeyId, Generation, KeyKind};
pub use likeness::Likeness;
pub(crate) use likeness::{looks_random, text_odds};
pub use secret::{SecretAccessKey, SecretFingerprint};
pub use service_secret::{ServiceSecret, ServiceSecretKind, service_user};
pub use session_token::{SessionToken, TokenClaims};
