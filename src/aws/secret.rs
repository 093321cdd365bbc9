//! Secret access keys: forty characters that no output ever shows.

use std::fmt;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use super::AccessKeyId;
use super::placeholder::has_walk;
use super::published::is_published;

/// The secret half of an AWS credential. It cannot print itself; its name is its [fingerprint](Self::fingerprint).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretAccessKey([u8; 40]); // no Display, no Serialize, on purpose

/// The name under which a secret or a session token is told: `sha256:` and the first twelve hex digits of its hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretFingerprint([u8; 6]);

impl SecretAccessKey {
    /// Length of every secret, in bytes.
    pub const LEN: usize = 40;

    /// Parses forty bytes of `A-Za-z0-9/+`.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let secret: [u8; Self::LEN] = bytes.try_into().ok()?;
        secret.iter().all(|&b| Self::is_letter(b)).then_some(Self(secret))
    }

    /// Whether a byte belongs to the alphabet of secrets.
    pub fn is_letter(byte: u8) -> bool {
        byte.is_ascii_alphanumeric() || byte == b'/' || byte == b'+'
    }

    /// The secret itself. Each caller must say why it needs it.
    pub fn expose(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// Overwrites the secret, once nobody needs it any more.
    pub fn wipe(&mut self) {
        self.0 = [b'A'; Self::LEN];
        // What nobody reads would not be written.
        std::hint::black_box(&self.0);
    }

    /// The secret's name in every output.
    pub fn fingerprint(&self) -> SecretFingerprint {
        SecretFingerprint::of(&self.0)
    }

    /// Whether this is one of the documentation's secrets, which end in `EXAMPLEKEY`, or is published elsewhere on
    /// purpose.
    pub fn is_example(&self) -> bool {
        self.0.ends_with(b"EXAMPLEKEY") || self.0.ends_with(b"EXAMPLE") || is_published(&self.0)
    }

    /// Whether this is plainly a placeholder: one character repeated, an alphabet in order, a walk over a
    /// keyboard, the word `EXAMPLE`.
    ///
    /// A random secret is taken for one less than once in a million.
    pub fn is_placeholder(&self) -> bool {
        let long_run = |follows: fn(&u8, &u8) -> bool| self.0.chunk_by(follows).any(|run| run.len() >= 7);
        let says = |word: &[u8]| self.0.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
        long_run(|a, b| a == b)
            || long_run(|a, b| *b == a.wrapping_add(1))
            || has_walk(&self.0, 7)
            || [&b"EXAMPLE"[..], b"PLACEHOLDER", b"CHANGEME", b"YOURSECRET", b"SECRETACCESSKEY", b"REDACTED"]
                .into_iter()
                .any(says)
    }
}

/// A secret is wiped from memory where it goes out of use.
impl Drop for SecretAccessKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl SecretFingerprint {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let hash = Sha256::digest(bytes);
        let mut head = [0; 6];
        head.copy_from_slice(&hash[..6]);
        Self(head)
    }

    /// The fingerprint of a key ID. akid shows key IDs; other tools name them by their hash, too.
    pub fn of_key_id(id: &AccessKeyId) -> Self {
        Self::of(id.as_str().as_bytes())
    }

    /// Reads `sha256:` and 12 hex digits; `None` if it is something else.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix("sha256:")?;
        HEXLOWER.decode(hex.as_bytes()).ok()?.try_into().ok().map(Self)
    }
}

impl fmt::Debug for SecretAccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretAccessKey(****)")
    }
}

impl fmt::Display for SecretFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for SecretFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake;

    #[test]
    fn a_secret_does_not_print_itself() {
        let pair = fake::pair(3);
        let printed = format!("{:?}", pair.secret());
        assert!(!printed.contains(pair.secret_text()), "{printed}");
    }

    #[test]
    fn a_fingerprint_is_the_head_of_the_sha256() {
        let secret = SecretAccessKey::parse(b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY").unwrap();
        let text = secret.fingerprint().to_string();
        assert_eq!((text.len(), &text[..7]), (19, "sha256:"));
        assert_ne!(secret.fingerprint(), fake::pair(3).secret().fingerprint());
    }

    #[test]
    fn documented_secrets_and_placeholders_are_seen() {
        let secret = |text: &str| SecretAccessKey::parse(text.as_bytes()).unwrap();
        assert!(secret("je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY").is_example());
        assert!(secret(&"x".repeat(40)).is_placeholder());
        assert!(secret("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN").is_placeholder());
        assert!((0..2000).all(|seed| !fake::pair(seed).secret().is_placeholder()));
    }
}
