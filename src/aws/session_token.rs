//! Session tokens: what makes a temporary key usable, and what can be read from one without asking.

use std::fmt;

use data_encoding::BASE64_NOPAD;

use super::{AccountId, SecretFingerprint};

/// The session token of a temporary credential. It cannot print itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionToken(Box<[u8]>);

/// What a session token says of itself: seen on public tokens, undocumented, so read leniently.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenClaims {
    /// The region whose STS made the token.
    pub region: Option<String>,
    /// The account that the session belongs to.
    pub account: Option<AccountId>,
}

impl SessionToken {
    /// The shortest token, in bytes; AWS documents no maximum.
    pub const MIN_LEN: usize = 100;
    /// The longest token that is read, in bytes.
    pub const MAX_LEN: usize = 16 * 1024;
    /// How tokens begin, those of today and of earlier years.
    pub(crate) const PREFIXES: [&str; 6] =
        ["IQoJb3JpZ2luX2Vj", "AgoJb3JpZ2luX2Vj", "FQoDYXdz", "AQoDYXdz", "FQoGZXIvYXdz", "FwoGZXIvYXdz"];

    /// Parses a base64 text of [`MIN_LEN`](Self::MIN_LEN) to [`MAX_LEN`](Self::MAX_LEN) bytes, padded or not.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let body = bytes.trim_ascii_end();
        let padding = body.iter().rev().take_while(|&&b| b == b'=').count();
        let letters = &body[..body.len() - padding];
        let well_formed = (Self::MIN_LEN..=Self::MAX_LEN).contains(&body.len())
            && padding <= 2
            && letters.iter().all(|&b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/');
        well_formed.then(|| Self(body.into()))
    }

    /// The token itself. Each caller must say why it needs it.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The token's name in every output.
    pub fn fingerprint(&self) -> SecretFingerprint {
        SecretFingerprint::of(&self.0)
    }

    /// Whether this is one of the documentation's tokens, all of which hold the word `EXAMPLE`. A real one does so by
    /// chance less than once in a billion.
    pub fn is_example(&self) -> bool {
        self.0.windows(7).any(|part| part == b"EXAMPLE")
    }

    /// Region and account, where the token is of the form that carries them: a byte 0x21, then protobuf with the
    /// region in field 3 and the account in field 5.3.
    pub fn claims(&self) -> TokenClaims {
        let letters = self.0.iter().take_while(|&&b| b != b'=').count() / 4 * 4;
        let Ok(decoded) = BASE64_NOPAD.decode(&self.0[..letters]) else { return TokenClaims::default() };
        let Some((0x21, message)) = decoded.split_first() else { return TokenClaims::default() };
        let region = field(message, 3).and_then(Value::bytes).and_then(region_name);
        let account = field(message, 5)
            .and_then(Value::bytes)
            .and_then(|inner| field(inner, 3))
            .and_then(Value::account);
        TokenClaims { region, account }
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(****)")
    }
}

/// A region's name is lower-case letters, digits and hyphens; anything else means that this is no region.
fn region_name(bytes: &[u8]) -> Option<String> {
    let plain = bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-');
    ((4..=24).contains(&bytes.len()) && plain).then(|| String::from_utf8_lossy(bytes).into_owned())
}

/// One value of a protobuf message.
#[derive(Clone, Copy)]
enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

impl<'a> Value<'a> {
    fn bytes(self) -> Option<&'a [u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Number(_) => None,
        }
    }

    fn account(self) -> Option<AccountId> {
        match self {
            Self::Bytes(digits) => AccountId::parse(std::str::from_utf8(digits).ok()?),
            Self::Number(number) => AccountId::new(number),
        }
    }
}

/// The first value of field `wanted`, as far as the message can be read.
fn field(mut message: &[u8], wanted: u64) -> Option<Value<'_>> {
    while !message.is_empty() {
        let key = varint(&mut message)?;
        let value = match key & 7 {
            0 => Value::Number(varint(&mut message)?),
            1 => Value::Bytes(take(&mut message, 8)?),
            2 => {
                let len = usize::try_from(varint(&mut message)?).ok()?;
                Value::Bytes(take(&mut message, len)?)
            }
            5 => Value::Bytes(take(&mut message, 4)?),
            _ => return None,
        };
        if key >> 3 == wanted {
            return Some(value);
        }
    }
    None
}

fn varint(message: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = *take(message, 1)?.first()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn take<'a>(message: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (head, rest) = message.split_at_checked(len)?;
    *message = rest;
    Some(head)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::aws::fake;

    #[test]
    fn a_token_tells_its_region_and_account() {
        let temporary = fake::temporary(11);
        let claims = temporary.token().unwrap().claims();
        assert_eq!(claims.account, temporary.id().account());
        assert_eq!(claims.region.as_deref(), Some("us-east-1"));
    }

    #[test]
    fn a_token_has_a_hundred_characters_at_least() {
        assert!(SessionToken::parse("A".repeat(99).as_bytes()).is_none());
        assert!(SessionToken::parse("A".repeat(100).as_bytes()).is_some());
        assert!(SessionToken::parse("A".repeat(SessionToken::MAX_LEN + 1).as_bytes()).is_none());
        assert!(SessionToken::parse(format!("{}-", "A".repeat(100)).as_bytes()).is_none());
    }

    #[test]
    fn a_documented_token_says_so() {
        assert!(
            SessionToken::parse(format!("AQoDYXdzEPT//////////wEXAMPLE{}", "a".repeat(80)).as_bytes())
                .unwrap()
                .is_example()
        );
        assert!((0..200).all(|seed| !fake::temporary(seed).token().unwrap().is_example()));
    }

    proptest! {
        #[test]
        fn any_token_is_read_without_a_panic(body in "[A-Za-z0-9/+]{100,300}={0,2}") {
            if let Some(token) = SessionToken::parse(body.as_bytes()) {
                token.claims();
            }
        }
    }
}
