//! Text from outside that is about to be shown: paths, arguments, messages of other programs.
//!
//! A secret may stand in any of them. [`redact`] shows such a text with everything masked that could be one; rather
//! too much than too little, since what is masked here is never what a finding is about.

use std::ops::Range;

use crate::aws::{Likeness, SecretAccessKey, SessionToken, looks_random};
use crate::text::Escaped;

/// Runs this long that look random are masked even if they are no AWS secret: an encoded secret is longer than a
/// plain one.
const ENCODED_LEN: usize = 48;

/// Shows `untrusted` with control characters escaped and every possible secret or session token as `****`.
pub fn redact(untrusted: &[u8]) -> String {
    let mut shown = String::with_capacity(untrusted.len());
    let mut at = 0;
    for mask in masks(untrusted) {
        if mask.start > at {
            shown.push_str(&Escaped(&untrusted[at..mask.start]).to_string());
        }
        if mask.end > at {
            shown.push_str("****");
            at = mask.end;
        }
    }
    shown.push_str(&Escaped(&untrusted[at..]).to_string());
    shown
}

/// The stretches of `text` that could be secret, in order of their start.
fn masks(text: &[u8]) -> Vec<Range<usize>> {
    let letters = letters(text);
    let mut masks = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        let run = letters[at..].iter().take_while(|letter| letter.is_some()).count();
        masks.extend(masks_in_run(&letters[at..at + run]));
        at += run.max(1);
    }
    masks
}

/// A character of a secret's alphabet, and where it is spelled.
type Letter = (u8, Range<usize>);

/// The characters of `text`, percent escapes resolved; `None` is one that no secret, encoded or not, can hold.
fn letters(text: &[u8]) -> Vec<Option<Letter>> {
    let mut letters = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let (byte, len) = match text[at..] {
            [b'%', b'2', b'F' | b'f', ..] => (b'/', 3),
            [b'%', b'2', b'B' | b'b', ..] => (b'+', 3),
            [b'%', b'3', b'D' | b'd', ..] => (b'=', 3),
            [byte, ..] => (byte, 1),
            [] => break,
        };
        let is_letter = SecretAccessKey::is_letter(byte) || matches!(byte, b'-' | b'_');
        letters.push(is_letter.then(|| (byte, at..at + len)));
        at += len;
    }
    letters
}

fn masks_in_run(run: &[Option<Letter>]) -> Vec<Range<usize>> {
    let bytes: Vec<u8> = run.iter().flatten().map(|(byte, _)| *byte).collect();
    let spelled = |range: Range<usize>| -> Option<Range<usize>> {
        let first = run.get(range.start)?.as_ref()?;
        let last = run.get(range.end - 1)?.as_ref()?;
        Some(first.1.start..last.1.end)
    };
    let mut secret = Vec::new();
    if SessionToken::parse(&bytes).is_some() && looks_random(&bytes) {
        secret.push(0..bytes.len());
    }
    let is_edge = |at: usize| at == 0 || at == bytes.len() || !bytes[at].is_ascii_alphanumeric();
    let starts = (0..bytes.len()).filter(|&at| is_edge(at) || !bytes[at - 1].is_ascii_alphanumeric());
    for start in starts {
        let end = start + SecretAccessKey::LEN;
        let ends_there = end <= bytes.len() && (is_edge(end) || !bytes[end - 1].is_ascii_alphanumeric());
        if ends_there && could_be_secret(&bytes[start..end]) {
            secret.push(start..end);
        }
    }
    let mut at = 0;
    for part in bytes.split(|b| *b == b'/') {
        if part.len() >= ENCODED_LEN && looks_random(part) {
            secret.push(at..at + part.len());
        }
        at += part.len() + 1;
    }
    secret.sort_by_key(|range| range.start);
    secret.into_iter().filter_map(spelled).collect()
}

fn could_be_secret(bytes: &[u8]) -> bool {
    SecretAccessKey::parse(bytes).is_some_and(|secret| secret.likeness() == Likeness::RandomKey)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::aws::fake;

    #[test]
    fn a_secret_in_a_path_is_masked_and_the_path_kept() {
        let key = fake::pair(21);
        let path = format!("backup/{}/{}.txt", key.id_text(), key.secret_text());
        assert_eq!(redact(path.as_bytes()), format!("backup/{}/****.txt", key.id_text()));
    }

    #[test]
    fn ordinary_paths_are_shown_whole() {
        for path in ["src/main.rs", "a/very/long/path/of/ordinary/words/in/lower/case/file.txt"] {
            assert_eq!(redact(path.as_bytes()), path);
        }
        let digest = "objects/0123456789abcdef0123456789abcdef01234567";
        assert_eq!(redact(digest.as_bytes()), digest);
    }

    proptest! {
        #[test]
        fn no_secret_is_shown(seed in 0_u64..5000, before in "[a-z .=:/]{0,12}", after in "[ .:/&]?") {
            let key = fake::temporary(seed);
            prop_assume!(key.secret().likeness() == Likeness::RandomKey);
            let percent = key.secret_text().replace('/', "%2F").replace('+', "%2b");
            for secret in [key.secret_text(), &percent] {
                let before = if before.ends_with(|c: char| c.is_ascii_alphanumeric()) { "=" } else { &before };
                let shown = redact(format!("{before}{secret}{after}").as_bytes());
                prop_assert!(!shown.contains(&secret[..8]), "{shown}");
                prop_assert!(!shown.contains(&secret[secret.len() - 8..]), "{shown}");
            }
            prop_assert!(!redact(key.token_text().as_bytes()).contains(&key.token_text()[40..48]));
        }
    }
}
