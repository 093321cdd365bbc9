//! Access key IDs: the public half of a credential, and the account that newer ones carry.

use std::fmt;

use data_encoding::BASE32_NOPAD;

use super::AccountId;
use super::placeholder::has_walk;
use super::published::is_published;

/// The public half of an AWS credential, such as `AKIAIOSFODNN7EXAMPLE`.
///
/// Holding one is the proof that its form was checked: there is no way in but [`parse`](Self::parse). A key ID
/// is a name, not a secret, and is printed whole.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccessKeyId([u8; 20]);

/// What kind of credential a key ID names, by its four-letter prefix.
///
/// Source: the table of unique identifiers in the IAM user guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// `AKIA`: the key of an IAM user or of the root user; works until somebody deactivates it.
    LongTerm,
    /// `ASIA`: made by STS, useless without its session token, expires by itself.
    Temporary,
}

/// Which of the known ways of making key IDs an ID was made in.
///
/// Observed on public IDs, not documented by AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Generation {
    /// Fifth character `I` or `J`: the account is not in the ID.
    Old,
    /// Fifth character `Q` to `Z` or `2` to `6`: the account is in the ID.
    New(AccountId),
    /// An ID of a form that was never seen on a real key.
    Implausible,
}

impl AccessKeyId {
    /// Length of every key ID, in bytes.
    pub const LEN: usize = 20;

    /// Length of its prefix, which says what it is.
    pub const PREFIX_LEN: usize = 4;

    /// Parses twenty bytes: `AKIA` or `ASIA`, then sixteen of `A-Z2-7`.
    ///
    /// IDs of the AWS documentation, which end in `EXAMPLE`, are accepted although some of them hold digits that
    /// are not base32 (`AKIAI44QH8DHBEXAMPLE`), so that they can be recognised and counted.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let id: [u8; Self::LEN] = bytes.try_into().ok()?;
        let (prefix, body) = id.split_at(4);
        KeyKind::from_prefix(prefix)?;
        let well_formed = body.iter().all(|&b| is_base32(b))
            || (body.ends_with(b"EXAMPLE")
                && body.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()));
        well_formed.then_some(Self(id))
    }

    /// The ID as text.
    pub fn as_str(&self) -> &str {
        // Only ASCII gets past `parse`.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// What kind of credential the ID names.
    pub fn kind(&self) -> KeyKind {
        if self.0.starts_with(b"ASIA") { KeyKind::Temporary } else { KeyKind::LongTerm }
    }

    /// Which generation the ID is of, with its account where that is part of it.
    pub fn generation(&self) -> Generation {
        let Ok(body) = BASE32_NOPAD.decode(&self.0[4..]) else { return Generation::Implausible };
        let head = body.iter().take(6).fold(0_u64, |head, &byte| head << 8 | u64::from(byte));
        let is_new = head >> 47 == 1;
        match self.0[4] {
            b'I' | b'J' => Generation::Old,
            _ if is_new => AccountId::new((head & 0x7fff_ffff_ff80) >> 7)
                .map_or(Generation::Implausible, Generation::New),
            _ => Generation::Implausible,
        }
    }

    /// The owning account, where the ID carries it.
    pub fn account(&self) -> Option<AccountId> {
        match self.generation() {
            Generation::New(account) => Some(account),
            Generation::Old | Generation::Implausible => None,
        }
    }

    /// Whether this is one of the documentation's IDs, which end in `EXAMPLE`, or is published elsewhere on purpose.
    pub fn is_example(&self) -> bool {
        self.0.ends_with(b"EXAMPLE") || is_published(&self.0)
    }

    /// Whether this is plainly a placeholder: `AKIAXXXXXXXXXXXXXXXX`, `AKIAABCDEFGHIJKLMNOP`, a walk over a keyboard, or
    /// masked at its end, by `XXXX`.
    ///
    /// A random ID is taken for one less than twice in a million.
    pub fn is_placeholder(&self) -> bool {
        let body = &self.0[4..];
        longest_run(body, |a, b| a == b) >= 6
            || longest_run(body, |a, b| b == a.wrapping_add(1)) >= 6
            || has_walk(body, 6)
            || body.ends_with(b"XXXX")
            || self.0.windows(7).any(|word| word == b"EXAMPLE")
    }
}

impl KeyKind {
    /// Every kind, with its prefix.
    pub const PREFIXES: [(&'static str, Self); 2] = [("AKIA", Self::LongTerm), ("ASIA", Self::Temporary)];

    fn from_prefix(prefix: &[u8]) -> Option<Self> {
        Self::PREFIXES.iter().find(|(text, _)| text.as_bytes() == prefix).map(|&(_, kind)| kind)
    }
}

fn is_base32(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'2'..=b'7')
}

/// Length of the longest run of bytes of which each follows from the one before it.
fn longest_run(bytes: &[u8], follows: impl Fn(u8, u8) -> bool) -> usize {
    bytes.chunk_by(|&a, &b| follows(a, b)).map(<[u8]>::len).max().unwrap_or(0)
}

impl fmt::Display for AccessKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for AccessKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(text: &str) -> AccessKeyId {
        AccessKeyId::parse(text.as_bytes()).unwrap()
    }

    /// The vectors are public IDs, live or deleted, and synthetic ones; each is cut in two so that no line here is
    /// a finding.
    #[test]
    fn a_new_key_id_carries_its_account() {
        for (head, tail, account) in [
            ("ASIAY34FZK", "BOKMUTVV7A", "609629065308"),
            ("ASIAQNZGKI", "QY56JQ7WML", "029608264753"),
            ("AKIASP2TPH", "JSQH3FJRUX", "171436882533"),
            ("AKIAXYZDQC", "EN4B6JSJQI", "534261010715"),
            ("AKIAQYLPMN", "5HHHFPZAM2", "052310077262"),
            ("ASIAXYSUA4", "4VYD2FFBHK", "533825906475"),
            ("ASIAZI2LB4", "663XRN7GHD", "637423183805"),
            ("ASIAQBH7IS", "VOTS6VVX2G", "002682819933"),
            ("AKIARZPUZD", "IKAAAAAAAA", "123456789012"),
            ("AKIAQAAAAA", "AAAAAAAAAA", "000000000000"),
            ("AKIA6RVFFB", "77QAAAAAAA", "999999999999"),
        ] {
            assert_eq!(id(&[head, tail].concat()).account(), AccountId::parse(account), "{head}");
        }
    }

    #[test]
    fn an_id_without_an_account_in_it_shows_none() {
        for (head, tail) in [
            ("AKIAIOSFOD", "NN7EXAMPLE"),
            ("AKIAJSIE27", "KKMHXI3BJQ"),
            ("AKIALALEME", "L33243OLIB"),
            ("ASIAOZW6VB", "VAZFJHJLQA"),
        ] {
            assert_eq!(id(&[head, tail].concat()).account(), None, "{head}");
        }
    }

    #[test]
    fn a_generation_is_told_by_the_fifth_character() {
        let with_fifth = |fifth: char| id(&format!("AKIA{fifth}{}", "BCDEF234567GHIJ")).generation();
        assert_eq!(with_fifth('I'), Generation::Old);
        assert_eq!(with_fifth('J'), Generation::Old);
        for fifth in "ABCDEFGHKLMNOP7".chars() {
            assert_eq!(with_fifth(fifth), Generation::Implausible, "{fifth}");
        }
        for fifth in "QRSTUVWXYZ2345".chars() {
            assert!(matches!(with_fifth(fifth), Generation::New(_)), "{fifth}");
        }
    }

    #[test]
    fn the_alphabet_is_base32_but_for_documented_examples() {
        assert!(AccessKeyId::parse([&b"ASIABBKK02"[..], b"W42Q3IPSPG"].concat().as_slice()).is_none());
        assert!(id("AKIAI44QH8DHBEXAMPLE").is_example());
        assert!(AccessKeyId::parse(b"AROAIOSFODNN7EXAMPLE").is_none());
        assert!(AccessKeyId::parse(b"AKIAIOSFODNN7EXAMPL").is_none());
    }

    #[test]
    fn placeholders_are_seen() {
        assert!(id(&format!("AKIA{}", "X".repeat(16))).is_placeholder());
        for body in ["ABCDEFGHIJKLMNOP", "QWERTYUIOPASDFGH", "3M2K6QZTV5WBXXXX"] {
            assert!(id(&format!("AKIA{body}")).is_placeholder(), "{body}");
        }
        assert!((0..2000).all(|seed| !crate::aws::fake::pair(seed).id().is_placeholder()));
    }

    proptest! {
        #[test]
        fn a_parsed_id_prints_as_it_was(body in "[A-Z2-7]{16}") {
            let text = format!("ASIA{body}");
            prop_assert_eq!(id(&text).to_string(), text);
        }
    }
}
