//! The last check of everything that is shown: [`Filter`] knows each secret and token that was detected in a run, and
//! masks what is left of one in a report or a message.
//!
//! In: secrets ([`KnownSecrets`], which cannot be printed) and text that is about to be shown. Out: the same text, with
//! every eight characters in a row of a known secret as `****`, in any spelling that `search` reads. Masking is the
//! work of others: what this filter has to mask was missed by them.

#[cfg(feature = "cli")]
mod digest;
mod filter;
mod numbers;
mod remembered;
mod runs;
mod search;
mod sieve;
mod spelling;
#[cfg(test)]
mod spellings;
mod windows;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::aws::{SecretAccessKey, ServiceSecret, SessionToken};

#[cfg(feature = "cli")]
pub use digest::Sha1Digest;
pub use filter::{Filter, Masked};
pub(crate) use remembered::Remembered;
pub use windows::Windows;
pub(crate) use windows::{TEXT, TEXT_OF_WORDS, TOKEN_HEAD};

/// The secrets and tokens that were detected, suppressed ones included.
///
/// Documented examples and placeholders are public and are left out. It shows nothing of what it has.
#[derive(Clone, Default)]
pub struct KnownSecrets {
    secrets: BTreeSet<SecretAccessKey>,
    tokens: BTreeSet<SessionToken>,
    services: BTreeSet<ServiceSecret>,
    /// Made once, after the last one was added.
    windows: OnceLock<Arc<Windows>>,
}

impl KnownSecrets {
    /// Adds a secret.
    pub fn add_secret(&mut self, secret: &SecretAccessKey) {
        if !secret.is_example() && !secret.is_placeholder() {
            self.windows.take();
            self.secrets.insert(secret.clone());
        }
    }

    /// Adds a session token.
    pub fn add_token(&mut self, token: &SessionToken) {
        if !token.is_example() {
            self.windows.take();
            self.tokens.insert(token.clone());
        }
    }

    /// Adds the secret of a service.
    pub fn add_service(&mut self, secret: &ServiceSecret) {
        if !secret.is_example() {
            self.windows.take();
            self.services.insert(secret.clone());
        }
    }

    /// Adds all that `other` has.
    pub fn merge(&mut self, other: Self) {
        self.windows.take();
        self.secrets.extend(other.secrets);
        self.tokens.extend(other.tokens);
        self.services.extend(other.services);
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty() && self.tokens.is_empty() && self.services.is_empty()
    }

    /// The pieces by which a [`Filter`] recognizes the secrets.
    pub fn windows(&self) -> Arc<Windows> {
        Arc::clone(
            self.windows.get_or_init(|| Arc::new(Windows::new(&self.secrets, &self.tokens, &self.services))),
        )
    }
}

/// Secrets that are learned in one place and masked in another.
#[derive(Clone, Debug, Default)]
pub struct SharedSecrets(Arc<Mutex<KnownSecrets>>);

impl SharedSecrets {
    /// Adds a secret and a session token.
    pub fn add(&self, secret: Option<&SecretAccessKey>, token: Option<&SessionToken>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        secret.into_iter().for_each(|secret| known.add_secret(secret));
        token.into_iter().for_each(|token| known.add_token(token));
    }

    /// All that was added so far.
    pub fn known(&self) -> KnownSecrets {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl PartialEq for KnownSecrets {
    fn eq(&self, other: &Self) -> bool {
        (&self.secrets, &self.tokens, &self.services) == (&other.secrets, &other.tokens, &other.services)
    }
}

impl Eq for KnownSecrets {}

impl fmt::Debug for KnownSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KnownSecrets(****)")
    }
}
