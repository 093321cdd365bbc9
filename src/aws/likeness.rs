//! What forty characters look like: a random key, or something that code is full of.

use super::SecretAccessKey;

/// What forty characters of the secrets' alphabet look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Likeness {
    /// Drawn at random, as AWS draws its keys.
    RandomKey,
    /// Forty hex digits: a SHA-1 sum, a git object ID.
    HexDigest,
    /// A path.
    Path,
    /// Words, identifiers, camel case.
    Words,
    /// Too few different characters.
    LowEntropy,
}

impl SecretAccessKey {
    /// What the secret looks like.
    pub fn likeness(&self) -> Likeness {
        Likeness::RandomKey
    }
}

/// Whether bytes look drawn at random.
pub(crate) fn looks_random(bytes: &[u8]) -> bool {
    bytes.len() >= 20
        && bytes.iter().any(u8::is_ascii_digit)
        && bytes.iter().any(u8::is_ascii_uppercase)
        && bytes.iter().any(u8::is_ascii_lowercase)
}
