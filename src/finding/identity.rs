//! The names of findings and credentials that stay: hashes of what an edit, a squash or a rebase does not change.

use std::fmt;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::CredentialName;
use crate::origin::Origin;
use crate::rule::RuleId;

/// Names a finding for good: a hash of rule, credential and path, of nothing that an edit, a squash or a rebase
/// changes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; 16]);

/// Names a credential wherever it is: a hash of rule and credential.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CredentialId([u8; 16]);

impl Fingerprint {
    /// The fingerprint of what `rule` finds of `credential` at `origin`.
    pub fn of(rule: &RuleId, credential: &CredentialName, origin: &Origin) -> Self {
        Self::of_path(rule, credential, origin.path())
    }

    pub(super) fn of_path(rule: &RuleId, credential: &CredentialName, path: &[u8]) -> Self {
        Self(hash(&[b"akid finding 1", rule.as_str().as_bytes(), &credential.identity(), path]))
    }

    /// Reads 32 hex digits; `None` if they are something else.
    pub fn parse(hex: &[u8]) -> Option<Self> {
        HEXLOWER.decode(hex).ok()?.try_into().ok().map(Self)
    }
}

impl CredentialId {
    /// The ID of what `rule` finds of `credential`.
    pub(super) fn of(rule: &RuleId, credential: &CredentialName) -> Self {
        Self(hash(&[b"akid credential 1", rule.as_str().as_bytes(), &credential.identity()]))
    }
}

impl CredentialName {
    /// What of the credential goes into fingerprints. A session token does so only where it is alone: tokens are
    /// renewed while the credential stays.
    fn identity(&self) -> Vec<u8> {
        let lasting = self.clone().without_token();
        let [secret, token] = [lasting.any_secret(), lasting.token().copied()];
        let [secret, token] = [secret, token].map(|part| part.map(|part| part.to_string()));
        let parts = [lasting.id().map(|id| id.to_string()), secret, token];
        parts.map(Option::unwrap_or_default).join("\0").into_bytes()
    }
}

fn hash(parts: &[&[u8]]) -> [u8; 16] {
    let mut hasher = Sha256::new();
    for part in parts {
        // Lengths keep ("a", "bc") and ("ab", "c") apart.
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let mut head = [0; 16];
    head.copy_from_slice(&hasher.finalize()[..16]);
    head
}

/// Shows hashes as lower-case hex, in debug output, too.
macro_rules! show_as_hex {
    ($($hash:ident),+) => {$(
        impl fmt::Display for $hash {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $hash {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    )+};
}

show_as_hex!(Fingerprint, CredentialId);
