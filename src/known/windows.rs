//! The pieces of known secrets: every eight characters in a row.

use std::collections::BTreeSet;
use std::fmt;

use crate::aws::{Likeness, SecretAccessKey, ServiceSecret, SessionToken, text_odds};

/// Length of a piece that shows too much of a secret.
pub(super) const PIECE: usize = 8;

/// How every token begins is no secret: version, region and the like.
pub(crate) const TOKEN_HEAD: usize = 24;

/// A piece of a random secret that is likelier to be text than this, in half bits, is not looked for: it may be part of
/// an ordinary word. What is beside it in the secret is, and is masked with it.
pub(crate) const TEXT: i32 = 20;
/// The same of a secret that does not look random, which is mostly words.
pub(crate) const TEXT_OF_WORDS: i32 = 0;

/// Every eight characters in a row of the known secrets. Shows nothing of them.
#[derive(Default)]
pub struct Windows {
    sorted: Vec<u64>,
    /// One bit for each hash of a window: most text is ruled out without a search.
    bits: Vec<u64>,
}

impl Windows {
    #[expect(clippy::disallowed_methods, reason = "what is known is masked, and shown nowhere")]
    pub(super) fn new(
        secrets: &BTreeSet<SecretAccessKey>,
        tokens: &BTreeSet<SessionToken>,
        services: &BTreeSet<ServiceSecret>,
    ) -> Self {
        let mut sorted = Vec::with_capacity(secrets.len() * (SecretAccessKey::LEN - PIECE + 1));
        for secret in secrets {
            let limit = if secret.likeness() == Likeness::RandomKey { TEXT } else { TEXT_OF_WORDS };
            sorted.extend(pieces(secret.expose(), limit));
        }
        for token in tokens {
            sorted.extend(pieces(token.expose().get(TOKEN_HEAD..).unwrap_or_default(), TEXT));
        }
        for service in services {
            sorted.extend(pieces(service.expose().get(service.head_len()..).unwrap_or_default(), TEXT));
        }
        let mut windows = Self::default();
        windows.extend(sorted.into_iter());
        windows
    }

    /// Adds pieces.
    pub(super) fn extend(&mut self, pieces: impl Iterator<Item = u64>) {
        let old = self.sorted.len();
        self.sorted.extend(pieces);
        let words = (self.sorted.len() / 4).next_power_of_two().max(64);
        let first_new = if words > self.bits.len() { 0 } else { old };
        if first_new == 0 {
            self.bits = vec![0; words];
        }
        for at in first_new..self.sorted.len() {
            let (word, bit) = self.place(self.sorted[at]);
            self.bits[word] |= bit;
        }
        // What was there is sorted: a stable sort merges.
        self.sorted.sort();
        self.sorted.dedup();
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// Whether eight bytes, the first in the highest place, are a piece of a known secret.
    pub(super) fn contains(&self, window: u64) -> bool {
        let (word, bit) = self.place(window);
        self.bits.get(word).is_some_and(|bits| bits & bit != 0) && self.sorted.binary_search(&window).is_ok()
    }

    /// The word of the bits, and the bit in it, that stand for `window`.
    fn place(&self, window: u64) -> (usize, u64) {
        place(window, self.bits.len())
    }
}

/// The word of `words`, and the bit in it, that stand for `window`.
pub(super) fn place(window: u64, words: usize) -> (usize, u64) {
    let hash = window.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let word = usize::try_from(hash >> 32).unwrap_or_default() & words.saturating_sub(1);
    (word, 1 << (hash >> 26 & 63))
}

impl fmt::Debug for Windows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Windows(****)")
    }
}

/// The pieces of `secret` that are looked for. Digits of hashes and parts of words are not: masking those by accident
/// would garble what akid itself says.
pub(super) fn pieces(secret: &[u8], text_limit: i32) -> impl Iterator<Item = u64> {
    let is_digest = |piece: &[u8]| piece.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    secret
        .windows(PIECE)
        .filter(move |piece| !is_digest(piece) && text_odds(piece) <= text_limit)
        .filter_map(|piece| piece.first_chunk().map(|piece| u64::from_be_bytes(*piece)))
}
