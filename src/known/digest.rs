//! Finds known secrets by the SHA-1 digests that other tools keep of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use data_encoding::HEXLOWER_PERMISSIVE;
use sha1::{Digest, Sha1};

use super::KnownSecrets;
use crate::aws::{AccessKeyId, SecretFingerprint};

/// The SHA-1 digest of a key ID or of a secret. It cannot print itself: what it is of could be guessed from it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sha1Digest([u8; 20]);

impl Sha1Digest {
    /// Parses 40 hex digits.
    pub fn parse(hex: &str) -> Option<Self> {
        HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).ok()?.try_into().ok().map(Self)
    }

    /// The digest of a key ID.
    pub fn of_key_id(id: &AccessKeyId) -> Self {
        Self::of(id.to_string().as_bytes())
    }

    fn of(bytes: &[u8]) -> Self {
        Self(Sha1::digest(bytes).into())
    }
}

impl fmt::Debug for Sha1Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sha1Digest(****)")
    }
}

impl KnownSecrets {
    /// The fingerprints of the secrets whose digests are `wanted`.
    pub fn with_digests(&self, wanted: &BTreeSet<Sha1Digest>) -> BTreeMap<Sha1Digest, SecretFingerprint> {
        let digests = self.secrets.iter().map(|secret| {
            #[expect(
                clippy::disallowed_methods,
                reason = "only a digest of it leaves, and only to be compared"
            )]
            let digest = Sha1Digest::of(secret.expose());
            (digest, secret.fingerprint())
        });
        digests.filter(|(digest, _)| wanted.contains(digest)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake;

    #[test]
    fn a_secret_is_found_by_its_digest() {
        let mut known = KnownSecrets::default();
        (1..=3).for_each(|seed| known.add_secret(fake::pair(seed).secret()));
        let digest = |text: &str| Sha1Digest::of(text.as_bytes());
        let wanted =
            BTreeSet::from([digest(fake::pair(2).secret_text()), digest(fake::pair(4).secret_text())]);
        let found: Vec<_> = known.with_digests(&wanted).into_values().collect();
        assert_eq!(found, [fake::pair(2).secret().fingerprint()]);
    }

    #[test]
    fn digests_are_hex_in_any_case_and_shown_as_nothing() {
        // Of "abc", in FIPS 180.
        let hex = "a9993e364706816aba3e25717850c26c9cd0d89d";
        for hex in [hex.to_owned(), hex.to_uppercase()] {
            assert!(Sha1Digest::parse(&hex) == Some(Sha1Digest::of(b"abc")));
        }
        assert!(Sha1Digest::parse("a9993e36").is_none());
        assert!(!format!("{:?}", Sha1Digest::of(b"abc")).contains("a99"));
    }
}
