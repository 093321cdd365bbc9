//! Signatures that a secret access key makes, recomputed to prove which secret belongs to which key ID.
//!
//! In: an [`Artefact`], which is all that a signed request, a form or a password shows, and a secret. Out: whether the
//! secret made it. A match is a proof; nothing is sent to anyone.

mod canonical;
mod post;
mod presigned;
mod smtp;
mod v2;

use std::collections::BTreeMap;
use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{AccessKeyId, SecretAccessKey, SecretFingerprint};

pub use canonical::{Scope, StringToSign};
pub use post::policy;
pub use presigned::{header, payload_digest, presigned};
pub use smtp::{REGIONS, smtp_password};
pub use v2::{v2_header, v2_presigned};

/// Something that only the holder of a key's secret can have made.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Artefact {
    /// The key ID that it names, if it names one.
    pub key_id: Option<AccessKeyId>,
    /// Whether everything that was signed is known: only then a secret that does not match is the wrong one.
    pub is_complete: bool,
    signed: Signed,
}

/// What was signed, and the signature.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Signed {
    /// Version 4: the strings that may have been signed.
    V4 { scope: Scope, strings: Vec<StringToSign>, signature: [u8; 32] },
    /// Version 2, whose signature is of SHA-1 or, if it is longer, of SHA-256.
    V2 { strings: Vec<Vec<u8>>, signature: Vec<u8> },
    /// A password for SMTP: its version and its digest.
    SmtpPassword { version: u8, digest: [u8; 32], name: SecretFingerprint },
}

/// Keys that were derived from secrets, and how often secrets may be tried.
///
/// Memory is wiped where a key goes out of use.
pub struct SigningKeys {
    keys: BTreeMap<(SecretFingerprint, Scope), Zeroizing<[u8; 32]>>,
    left: u64,
}

/// More keys than this are derived anew rather than kept.
const MOST_KEPT: usize = 10_000;

impl SigningKeys {
    /// Allows `most` trials of a secret on an artefact; each derivation counts as one more.
    pub fn new(most: u64) -> Self {
        Self { keys: BTreeMap::new(), left: most }
    }

    /// Whether no more trials are allowed.
    pub fn is_spent(&self) -> bool {
        self.left == 0
    }

    fn spend(&mut self) -> bool {
        let has = self.left > 0;
        self.left = self.left.saturating_sub(1);
        has
    }

    /// The key of version 4 that `secret` signs with in a scope.
    fn v4(&mut self, secret: &SecretAccessKey, scope: &Scope) -> Option<Zeroizing<[u8; 32]>> {
        let name = (secret.fingerprint(), scope.clone());
        if let Some(key) = self.keys.get(&name) {
            return Some(key.clone());
        }
        if !self.spend() {
            return None;
        }
        let key = derive(secret, [&scope.date, &scope.region, &scope.service, "aws4_request"]);
        if self.keys.len() < MOST_KEPT {
            self.keys.insert(name, key.clone());
        }
        Some(key)
    }
}

/// A key that is derived from a secret step by step, as version 4 does.
#[expect(clippy::disallowed_methods, reason = "only digests of it leave")]
fn derive<'t>(secret: &SecretAccessKey, steps: impl IntoIterator<Item = &'t str>) -> Zeroizing<[u8; 32]> {
    let start = Zeroizing::new([b"AWS4", &secret.expose()[..]].concat());
    let mut key = Zeroizing::new(Vec::from(&start[..]));
    for step in steps {
        key = Zeroizing::new(hmac_sha256(&key, step.as_bytes()).to_vec());
    }
    let mut derived = Zeroizing::new([0; 32]);
    derived.copy_from_slice(&key);
    derived
}

impl Artefact {
    /// A signature of version 4 under one of `strings`.
    pub fn v4(
        key_id: AccessKeyId,
        scope: Scope,
        strings: Vec<StringToSign>,
        signature: [u8; 32],
        is_complete: bool,
    ) -> Self {
        Self { key_id: Some(key_id), is_complete, signed: Signed::V4 { scope, strings, signature } }
    }

    /// A signature of version 2 under one of `strings`.
    pub fn v2(key_id: AccessKeyId, strings: Vec<Vec<u8>>, signature: Vec<u8>, is_complete: bool) -> Self {
        Self { key_id: Some(key_id), is_complete, signed: Signed::V2 { strings, signature } }
    }

    /// The password that it is, by its fingerprint, if it is one.
    pub fn password(&self) -> Option<SecretFingerprint> {
        match &self.signed {
            Signed::SmtpPassword { name, .. } => Some(*name),
            Signed::V4 { .. } | Signed::V2 { .. } => None,
        }
    }

    /// Whether `secret` made it; `None` if `keys` are spent.
    pub fn is_of(&self, secret: &SecretAccessKey, keys: &mut SigningKeys) -> Option<bool> {
        if !keys.spend() {
            return None;
        }
        match &self.signed {
            Signed::V4 { scope, strings, signature } => {
                let key = keys.v4(secret, scope)?;
                Some(strings.iter().any(|string| hmac_sha256(&key[..], &string.bytes(scope)) == *signature))
            }
            Signed::V2 { strings, signature } => {
                Some(strings.iter().any(|string| v2::sign(secret, string, signature.len()) == *signature))
            }
            Signed::SmtpPassword { version, digest, .. } => smtp::is_of(*version, digest, secret, keys),
        }
    }
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { unreachable!("a key has any length") };
    mac.update(message);
    mac.finalize().into_bytes().into()
}

fn hmac_sha1(key: &[u8], message: &[u8]) -> [u8; 20] {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(key) else { unreachable!("a key has any length") };
    mac.update(message);
    mac.finalize().into_bytes().into()
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

impl fmt::Debug for Artefact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Artefact({:?}, ****)", self.key_id)
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKeys(****)")
    }
}

#[cfg(test)]
mod tests;
