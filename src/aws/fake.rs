//! Well-formed credentials from a seed: for examples, tests, fuzzing and benches.
//!
//! They have the form and the statistics of real ones and were never issued by anyone. The same seed gives the
//! same credential on every machine, so that no file needs to hold one.

pub mod service;

use data_encoding::{BASE32_NOPAD, BASE64};

use super::{AccessKeyId, SecretAccessKey, SessionToken};

/// A made-up credential.
#[derive(Clone, Debug)]
pub struct Fake {
    seed: u64,
    id: AccessKeyId,
    secret: SecretAccessKey,
    secret_text: Hidden,
    token: Option<(SessionToken, Hidden)>,
}

/// A text that does not print itself.
#[derive(Clone)]
struct Hidden(String);

/// A long-term pair: `AKIA` key ID of the newer generation and its secret.
pub fn pair(seed: u64) -> Fake {
    make(seed, "AKIA", false)
}

/// A temporary credential: `ASIA` key ID, secret, and a session token that names the key ID's account.
pub fn temporary(seed: u64) -> Fake {
    make(seed, "ASIA", true)
}

/// Small, fast, good enough for test data, and the same on every machine: splitmix64.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Starts a sequence.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`.
    ///
    /// # Panics
    ///
    /// If `limit` is zero.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.bits() % limit as u64).unwrap_or(0)
    }

    /// One of `choices`.
    ///
    /// # Panics
    ///
    /// If there are none.
    pub fn pick<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }

    /// `len` letters of `alphabet`.
    pub fn text(&mut self, alphabet: &str, len: usize) -> String {
        let letters = alphabet.as_bytes();
        (0..len).map(|_| char::from(letters[self.below(letters.len())])).collect()
    }

    /// `len` random bytes.
    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.bits().to_le_bytes()[0]).collect()
    }
}

/// The alphabet of secret access keys.
pub const SECRET_ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/+";

fn make(seed: u64, prefix: &str, with_token: bool) -> Fake {
    let mut random = Random::new(seed ^ if with_token { 0x7e57 } else { 0 });
    let account = 100_000_000_000 + random.bits() % 899_999_999_999;
    let tail = random.bits();
    let head = (1_u64 << 47) | (account << 7) | (tail >> 57);
    let mut body = head.to_be_bytes()[2..].to_vec();
    body.extend_from_slice(&tail.to_be_bytes()[4..]);
    let id = AccessKeyId::parse(format!("{prefix}{}", BASE32_NOPAD.encode(&body)).as_bytes());
    let secret_text = random.text(SECRET_ALPHABET, SecretAccessKey::LEN);
    let secret = SecretAccessKey::parse(secret_text.as_bytes());
    let token = with_token.then(|| token(&mut random, account));
    let (Some(id), Some(secret)) = (id, secret) else { unreachable!("made of the right letters") };
    Fake { seed, id, secret, secret_text: Hidden(secret_text), token }
}

/// A token of the current form: 0x21, then protobuf with a region in field 3 and the account in field 5.3.
fn token(random: &mut Random, account: u64) -> (SessionToken, Hidden) {
    let mut message = vec![0x21, 0x0a, 0x09];
    message.extend_from_slice(b"origin_ec"); // field 1: what every current token starts with
    message.extend_from_slice(&[0x10, 0x01, 0x1a, 0x09]);
    message.extend_from_slice(b"us-east-1"); // field 3
    message.extend_from_slice(&[0x22, 0x48]);
    message.extend(random.bytes(0x48)); // field 4: a signature, as it looks
    let digits = account.to_string();
    message.extend_from_slice(&[0x2a, 0x0e, 0x1a, 0x0c]); // field 5 holds field 3
    message.extend_from_slice(digits.as_bytes());
    message.extend_from_slice(&[0x32, 0xc8, 0x01]); // field 6, 200 bytes
    message.extend(random.bytes(200));
    let text = BASE64.encode(&message);
    let Some(token) = SessionToken::parse(text.as_bytes()) else { unreachable!("long enough, and base64") };
    (token, Hidden(text))
}

impl Fake {
    /// The seed that it was made from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The key ID.
    pub fn id(&self) -> AccessKeyId {
        self.id
    }

    /// The key ID as text.
    pub fn id_text(&self) -> &str {
        self.id.as_str()
    }

    /// The secret.
    pub fn secret(&self) -> &SecretAccessKey {
        &self.secret
    }

    /// The secret as text: it guards nothing.
    pub fn secret_text(&self) -> &str {
        &self.secret_text.0
    }

    /// The session token of a temporary credential.
    pub fn token(&self) -> Option<&SessionToken> {
        self.token.as_ref().map(|(token, _)| token)
    }

    /// The session token as text, empty where there is none.
    pub fn token_text(&self) -> &str {
        self.token.as_ref().map_or("", |(_, text)| &text.0)
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("****")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::AccountId;

    #[test]
    fn a_fake_key_id_decodes_to_the_account_it_was_made_with() {
        for seed in 0..500 {
            assert!(pair(seed).id().account() >= AccountId::new(100_000_000_000), "{seed}");
        }
    }

    #[test]
    fn current_tokens_start_as_real_ones_do() {
        assert!(temporary(1).token_text().starts_with("IQoJb3JpZ2luX2Vj"));
    }

    #[test]
    fn seeds_give_different_credentials() {
        let ids: std::collections::BTreeSet<_> = (0..2000).map(|seed| pair(seed).id()).collect();
        assert_eq!(ids.len(), 2000);
    }
}
