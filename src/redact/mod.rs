//! Text from outside that is about to be shown: paths, arguments, messages of other programs.
//!
//! A secret may stand in any of them. [`redact`] shows such a text with everything masked that could be one; rather
//! too much than too little, since what is masked here is never what a finding is about.

use std::ops::Range;

use crate::aws::{AccessKeyId, Likeness, SecretAccessKey, SessionToken, looks_like_a_piece, looks_random};
use crate::text::Escaped;

/// So many letters of a secret tell too much of it.
const PIECE: usize = 8;

/// Runs this long that look random are masked even if they are no AWS secret: an encoded secret is longer than a
/// plain one.
const ENCODED_LEN: usize = 48;

/// Shows `untrusted` with control characters escaped and every possible secret or session token as `****`.
pub fn redact(untrusted: &[u8]) -> String {
    shown(untrusted, masks(untrusted))
}

/// The same of what people wrote in words, where a secret may stand in pieces: everything is masked that could be one.
pub fn words(untrusted: &[u8]) -> String {
    let mut masks = masks(untrusted);
    let is_letter = |byte: &u8| SecretAccessKey::is_letter(*byte);
    let mut at = 0;
    for run in untrusted.chunk_by(|a, b| is_letter(a) == is_letter(b)) {
        let has = |sort: fn(&u8) -> bool| run.iter().any(sort);
        let is_mixed = run.len() >= ENOUGH_TO_TELL
            && has(u8::is_ascii_lowercase)
            && has(u8::is_ascii_uppercase)
            && has(u8::is_ascii_digit);
        if looks_like_a_piece(run) || looks_random(run) || is_mixed {
            masks.push(at..at + run.len());
        }
        at += run.len();
    }
    masks.sort_by_key(|mask| (mask.start, mask.end));
    shown(untrusted, masks)
}

/// Words of people that are as long as this are not in mixed case with digits.
const ENOUGH_TO_TELL: usize = 16;

fn shown(untrusted: &[u8], masks: Vec<Range<usize>>) -> String {
    let mut shown = String::with_capacity(untrusted.len());
    let mut at = 0;
    for mask in masks {
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
        if let Some(len) = joint(&text[at..]) {
            at += len;
            continue;
        }
        let (byte, len) = spelled_letter(&text[at..]).unwrap_or((text[at], 1));
        let is_letter = SecretAccessKey::is_letter(byte) || matches!(byte, b'-' | b'_');
        letters.push(is_letter.then(|| (byte, at..at + len)));
        at += len;
    }
    letters
}

/// The length of what joins two halves of a string in a program's text, at the start of `text`: `" + "`, or a line
/// that is continued.
fn joint(text: &[u8]) -> Option<usize> {
    let blanks = |from: usize| text[from..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    match text {
        [b'\\', b'\n' | b'\r', ..] => Some(1 + blanks(1)),
        [quote @ (b'"' | b'\'' | b'`'), ..] => {
            let sign = 1 + blanks(1);
            let sign = sign + usize::from(matches!(text.get(sign), Some(b'+' | b'.' | b'&' | b',')));
            let end = sign + blanks(sign);
            (text.get(end) == Some(quote)).then_some(end + 1)
        }
        _ => None,
    }
}

/// The letter that the escape at the start of `text` stands for, and the escape's length: `%2F`, `%252F`, `\/`.
fn spelled_letter(text: &[u8]) -> Option<(u8, usize)> {
    let rest = text.strip_prefix(b"%").or_else(|| text.strip_prefix(b"\\"))?;
    let again =
        if text[0] == b'%' { rest.chunks_exact(2).take_while(|pair| *pair == b"25").count() } else { 0 };
    let (byte, len) = match (text[0], &rest[2 * again..]) {
        (b'%', [b'2', b'F' | b'f', ..]) => (b'/', 2),
        (b'%', [b'2', b'B' | b'b', ..]) => (b'+', 2),
        (b'%', [b'3', b'D' | b'd', ..]) => (b'=', 2),
        (b'\\', [b'/', ..]) => (b'/', 1),
        _ => return None,
    };
    Some((byte, 1 + 2 * again + len))
}

fn masks_in_run(run: &[Option<Letter>]) -> Vec<Range<usize>> {
    let bytes: Vec<u8> = run.iter().flatten().map(|(byte, _)| *byte).collect();
    let spelled = |range: Range<usize>| -> Option<Range<usize>> {
        let first = run.get(range.start)?.as_ref()?;
        let last = run.get(range.end - 1)?.as_ref()?;
        Some(first.1.start..last.1.end)
    };
    let mut secret = Vec::new();
    if let Some(start) = SessionToken::find_start(&bytes) {
        secret.push(start..bytes.len());
    } else if SessionToken::parse(&bytes).is_some()
        && looks_random(&bytes)
        && !bytes.split(|b| *b == b'/').any(is_digest)
    {
        secret.push(0..bytes.len());
    }
    secret.extend(windows(&bytes));
    let mut at = 0;
    for part in bytes.split(|b| *b == b'/') {
        if part.len() >= ENCODED_LEN && looks_random(part) && !is_digest(part) {
            secret.push(at..at + part.len());
        }
        at += part.len() + 1;
    }
    secret.sort_by_key(|range| range.start);
    secret.into_iter().filter_map(spelled).collect()
}

/// Whether `part` is the digest of something by a function of the SHA-2 family, in hex as files are named by it, and no
/// text in hex.
fn is_digest(part: &[u8]) -> bool {
    let bytes = data_encoding::HEXLOWER.decode(part).ok().filter(|bytes| matches!(bytes.len(), 32 | 48 | 64));
    bytes.is_some_and(|bytes| bytes.iter().any(|byte| !(b' '..=b'~').contains(byte)))
}

/// Every forty letters that could be a secret, wherever they begin: letters that are not the secret's may be glued to
/// it. Forty that nothing is glued to are surest, and others that are nearly the same ones are passed over, so that
/// the folder around a secret stays to be seen. A key ID is no part of a secret.
fn windows(run: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at + SecretAccessKey::LEN <= run.len() {
        let window = at..at + SecretAccessKey::LEN;
        let parts = run[window.clone()].windows(AccessKeyId::LEN);
        if let Some(id) = { parts }.rposition(|part| AccessKeyId::parse(part).is_some()) {
            at += id + AccessKeyId::LEN;
            continue;
        }
        found.extend(could_be_secret(&run[window.clone()]).then_some(window));
        at += 1;
    }
    let is_letter = |at: Option<usize>| at.and_then(|at| run.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    let is_exact =
        |window: &&Range<usize>| !is_letter(window.start.checked_sub(1)) && !is_letter(Some(window.end));
    let exact: Vec<usize> = found.iter().filter(is_exact).map(|window| window.start).collect();
    let is_told =
        |window: &Range<usize>| exact.iter().all(|start| !(1..PIECE).contains(&start.abs_diff(window.start)));
    found.into_iter().filter(|window| is_told(window) || is_exact(&window)).collect()
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

    #[test]
    fn a_digest_is_shown_and_text_in_its_form_is_not() {
        for len in [32, 48, 64] {
            let mut random = fake::Random::new(len);
            let bytes: Vec<u8> = (0..len).map(|_| u8::try_from(random.below(256)).unwrap()).collect();
            let digest = data_encoding::HEXLOWER.encode(&bytes);
            assert_eq!(redact(format!("blobs/sha256/{digest}").as_bytes()), format!("blobs/sha256/{digest}"));
        }
        let text = format!("key={}{}", fake::pair(24).secret_text(), " ".repeat(20));
        assert!(redact(data_encoding::HEXLOWER.encode(&text.as_bytes()[..64]).as_bytes()).contains("****"));
    }

    #[test]
    fn a_secret_in_two_strings_is_masked() {
        let key = fake::pair(25);
        for joint in ["\" + \"", "' . '", "''", "\\\n    ", "\",\n \""] {
            let (left, right) = key.secret_text().split_at(17);
            let shown = redact(format!("RUN key=\"{left}{joint}{right}\"").as_bytes());
            for piece in key.secret_text().as_bytes().windows(8) {
                assert!(!shown.as_bytes().windows(8).any(|window| window == piece), "{shown}");
            }
        }
    }

    #[test]
    fn a_secret_is_masked_whatever_is_glued_to_it() {
        let key = fake::temporary(23);
        let (secret, token) = (key.secret_text(), key.token_text());
        let escaped = secret.replace('/', "%252F").replace('+', "%252B");
        for text in
            [format!("key{secret}"), format!("{secret}x"), format!("a{escaped}"), format!("/tmp/{token}/x")]
        {
            let shown = redact(text.as_bytes());
            for piece in secret.as_bytes().windows(8).chain(token.as_bytes()[24..].windows(8)) {
                assert!(!shown.as_bytes().windows(8).any(|window| window == piece), "{shown}");
            }
        }
        let id = key.id_text();
        assert_eq!(redact(format!("{id}/{id}x/{id}").as_bytes()), format!("{id}/{id}x/{id}"));
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
