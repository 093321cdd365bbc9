//! Forty characters that look like a secret, whatever stands around them.

use std::ops::Range;

use crate::aws::{AccessKeyId, Likeness, SecretAccessKey};
use crate::detect::is_line_of_base64;
use crate::text::base64_digit;

/// Letters of base64 that spell a secret, without padding; with a line end behind it.
const ENCODED: std::ops::RangeInclusive<usize> = 54..=56;
/// The same in base64 once more.
const ENCODED_TWICE: std::ops::RangeInclusive<usize> = 72..=76;
/// Longer runs of letters are no paths.
const LONGEST_PATH: usize = 512;
/// Hex digits that spell a secret.
const HEX: usize = 2 * SecretAccessKey::LEN;
/// The longest parameters of an escape sequence.
const MAX_ESCAPE: usize = 16;
/// Slashes that may be glued to a secret: `//SECRET@`.
const GLUED: usize = 4;

/// A value that looks like a secret.
#[derive(Debug)]
pub(super) struct Forty {
    /// Where it stands.
    pub(super) range: Range<usize>,
    /// What it is.
    pub(super) secret: SecretAccessKey,
    /// Whether it stands there in base64 or hex.
    pub(super) is_encoded: bool,
}

/// Finds every value in `text` that looks like a secret and is not part of a longer run of letters. Examples of the
/// documentation and placeholders are left out.
pub(super) fn forties(text: &[u8]) -> Vec<Forty> {
    let is_line = |forty: &Forty| !forty.is_encoded && is_line_of_base64(text, &forty.range);
    all(text).into_iter().filter(|forty| !is_line(forty)).collect()
}

/// Where there may be such a value: what is around it is not looked at.
pub(super) fn places(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    all(text).into_iter().map(|forty| forty.range)
}

fn all(text: &[u8]) -> Vec<Forty> {
    let mut found = narrow(text);
    if memchr::memchr(0, text).is_some() {
        found.extend(wide(text));
    }
    found
}

fn narrow(text: &[u8]) -> Vec<Forty> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(run) = next_run(text, at) {
        at = run.end + 1;
        let run = behind_escape(text, run.start)..run.end;
        // Most runs are paths and digests.
        if run.len() != HEX && !is_mixed(&text[run.clone()]) {
            continue;
        }
        let behind_sign = run.start + usize::from(is_added(text, run.start))..run.end;
        let whole = [run.clone(), behind_sign].into_iter().find_map(|range| {
            Some(Forty { secret: spelled(&text[range.clone()])?, range, is_encoded: true })
        });
        if let Some(forty) = whole {
            found.push(forty);
            continue;
        }
        let known = found.len();
        // Names and values that `_`, `-` or `=` joins are runs of their own, and only a whole one is a secret.
        let mut start = run.start;
        for part in text[run.clone()].split(|byte| !SecretAccessKey::is_letter(*byte)) {
            let range = start..start + part.len();
            start = range.end + 1;
            let encoded =
                spelled(part).map(|secret| Forty { range: range.clone(), secret, is_encoded: true });
            found.extend(encoded.or_else(|| plain(text, &range)));
        }
        if found.len() == known {
            found.extend(in_base64(text, &run));
        }
    }
    found
}

/// Where a run that starts at `start` starts behind the end of a terminal's escape sequence, such as `ESC[31m`.
fn behind_escape(text: &[u8], start: usize) -> usize {
    let is_parameter = |byte: &&u8| byte.is_ascii_digit() || matches!(byte, b';' | b'?');
    let before = start - text[..start].iter().rev().take(MAX_ESCAPE).take_while(is_parameter).count();
    let parameters = text[start..].iter().take(MAX_ESCAPE).take_while(is_parameter).count();
    match text.get(start + parameters) {
        Some(letter) if letter.is_ascii_alphabetic() && text[..before].ends_with(b"\x1b[") => {
            start + parameters + 1
        }
        _ => start,
    }
}

/// What looks like a secret in what a longer run of base64 spells.
fn in_base64(text: &[u8], run: &Range<usize>) -> Vec<Forty> {
    if run.len() <= *ENCODED.end() {
        return Vec::new();
    }
    let bytes = from_base64(&text[run.clone()]);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(inner) = next_run(&bytes, at) {
        at = inner.end + 1;
        let forty = if is_mixed(&bytes[inner.clone()]) { plain(&bytes, &inner) } else { None };
        // The letters that spell a byte start at four thirds of its place, and end at those of the next one.
        found.extend(forty.map(|Forty { range, secret, .. }| Forty {
            range: run.start + range.start * 4 / 3..run.start + (range.end * 4).div_ceil(3),
            secret,
            is_encoded: true,
        }));
    }
    found
}

/// What looks like a secret in UTF-16 and UTF-32 of either order: letters with zeros between them.
fn wide(text: &[u8]) -> Vec<Forty> {
    let mut found = Vec::new();
    for unit in [2, 4] {
        for offset in 0..unit {
            // In the other order the zeros before the next letter are those behind this one.
            let letter = |chunk: &[u8]| if chunk[1..].iter().all(|byte| *byte == 0) { chunk[0] } else { 0 };
            let letters: Vec<u8> = text.get(offset..).unwrap_or_default().chunks(unit).map(letter).collect();
            let place = |at: usize| (offset + at * unit).min(text.len());
            found.extend(
                narrow(&letters)
                    .into_iter()
                    .filter(|forty| !forty.is_encoded)
                    .map(|forty| Forty { range: place(forty.range.start)..place(forty.range.end), ..forty }),
            );
        }
    }
    found
}

/// Whether there are letters of both cases, as in every secret and its base64: what has fewer is no random key.
fn is_mixed(letters: &[u8]) -> bool {
    const FEW: usize = 4;
    let has = |is: fn(&u8) -> bool| letters.iter().filter(|byte| is(byte)).nth(FEW - 1).is_some();
    has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase)
}

/// The secret that a run of letters spells in base64, once or twice, or in hex.
fn spelled(letters: &[u8]) -> Option<SecretAccessKey> {
    let len = letters.len();
    let secret = if ENCODED.contains(&len) {
        parsed(&from_base64(letters))
    } else if ENCODED_TWICE.contains(&len) {
        let once = from_base64(letters);
        let once = once.trim_ascii();
        let padding = once.iter().rev().take(2).take_while(|byte| **byte == b'=').count();
        let once = &once[..once.len() - padding];
        let is_base64 =
            ENCODED.contains(&once.len()) && once.iter().all(|byte| base64_digit(*byte).is_some());
        if is_base64 { parsed(&from_base64(once)) } else { None }
    } else {
        None
    };
    secret.or_else(|| {
        if len == HEX { parsed(&data_encoding::HEXLOWER_PERMISSIVE.decode(letters).ok()?) } else { None }
    })
}

/// Finds what looks like a secret between slashes: a part of a path, if no key ID is near.
pub(super) fn in_paths(text: &[u8]) -> Vec<Forty> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(run) = next_run(text, at) {
        at = run.end + 1;
        if run.len() > LONGEST_PATH {
            continue;
        }
        let is_bound = |at: Option<usize>| {
            at.and_then(|at| text.get(at)).is_none_or(|byte| !IS_LETTER[usize::from(*byte)] || *byte == b'/')
        };
        for start in run.start..=run.end - SecretAccessKey::LEN {
            let range = start..start + SecretAccessKey::LEN;
            if is_bound(range.start.checked_sub(1))
                && is_bound(Some(range.end))
                && let Some(secret) = parsed(&text[range.clone()])
            {
                found.push(Forty { range, secret, is_encoded: false });
            }
        }
    }
    found
}

/// The next run of letters of either alphabet of base64 that is long enough, from `at` on.
///
/// One byte in forty decides of most text that there is none.
pub(super) fn next_run(text: &[u8], mut at: usize) -> Option<Range<usize>> {
    const LEN: usize = SecretAccessKey::LEN;
    while let Some(&last) = text.get(at + LEN - 1) {
        let back = if IS_LETTER[usize::from(last)] {
            text[at..at + LEN].iter().rev().take_while(|byte| IS_LETTER[usize::from(**byte)]).count()
        } else {
            0
        };
        if back < LEN {
            at += LEN - back;
            continue;
        }
        let len = text[at..].iter().take_while(|byte| IS_LETTER[usize::from(**byte)]).count();
        return Some(at..at + len);
    }
    None
}

static IS_LETTER: [bool; 256] = {
    let mut is_letter = [false; 256];
    let mut byte = 0_u8;
    loop {
        is_letter[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
        if byte == u8::MAX {
            break is_letter;
        }
        byte += 1;
    }
};

/// Whether the letter at `at` may be the sign of an added line of a diff.
fn is_added(text: &[u8], at: usize) -> bool {
    text.get(at) == Some(&b'+') && (at == 0 || text[at - 1] == b'\n')
}

/// The secret in a run of letters of secrets, if it is one but for slashes at its ends.
fn plain(text: &[u8], run: &Range<usize>) -> Option<Forty> {
    if !(SecretAccessKey::LEN..=SecretAccessKey::LEN + GLUED).contains(&run.len()) {
        return None;
    }
    let more = run.len() - SecretAccessKey::LEN;
    let is_slash = |range: Range<usize>| text[range].iter().all(|byte| *byte == b'/');
    let is_of_diff = |range: Range<usize>| range.len() == 1 && is_added(text, range.start);
    let is_sign = |range: Range<usize>| is_slash(range.clone()) || is_of_diff(range);
    // A sign is likelier than a letter before forty others.
    let starts =
        is_added(text, run.start).then_some(run.start + 1).filter(|start| *start <= run.start + more);
    let mut starts = starts
        .into_iter()
        .chain(run.start..=run.start + more)
        .filter(|&start| is_sign(run.start..start) && is_slash(start + SecretAccessKey::LEN..run.end));
    starts.find_map(|start| {
        let range = start..start + SecretAccessKey::LEN;
        let secret = parsed(&text[range.clone()])?;
        Some(Forty { range, secret, is_encoded: false })
    })
}

/// The secret that `letters` are but for white space around them, if they look like one.
fn parsed(letters: &[u8]) -> Option<SecretAccessKey> {
    let letters = letters.trim_ascii();
    let has_key_id = || letters.windows(AccessKeyId::LEN).any(|id| AccessKeyId::parse(id).is_some());
    SecretAccessKey::parse(letters).filter(|secret| is_plausible(secret) && !has_key_id())
}

/// Whether a value of forty letters is neither an example nor written as words are.
pub(super) fn is_plausible(secret: &SecretAccessKey) -> bool {
    secret.likeness() == Likeness::RandomKey && !secret.is_example() && !secret.is_placeholder()
}

/// What `letters` of base64 spell.
pub(super) fn from_base64(letters: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(letters.len());
    for group in letters.chunks(4) {
        let digits = group.iter().map(|byte| base64_digit(*byte));
        let bits = digits.fold(0_u32, |bits, digit| bits << 6 | u32::from(digit.unwrap_or(0)))
            << (6 * (4 - group.len()));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..1 + group.len() * 6 / 8]);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake;

    #[test]
    fn a_secret_alone_is_found_wherever_it_stands() {
        for key in (0..200).map(fake::pair) {
            let secret = key.secret_text();
            let encoded = data_encoding::BASE64.encode(secret.as_bytes());
            for (before, after) in [
                ("", ""),
                ("key=", "\n"),
                ("x: ", " y"),
                ("\"", "\""),
                ("a_b-", ";"),
                ("=", "="),
                ("+", "\n"),
            ] {
                for spelled in [secret, &encoded] {
                    let text = format!("{before}{spelled}{after}");
                    let found = forties(text.as_bytes());
                    assert!(found.len() == 1 && found[0].secret == *key.secret(), "{text}");
                }
            }
            let in_file = data_encoding::BASE64.encode(format!("A=1\nPASSWORD={secret}\nB=2\n").as_bytes());
            let wide = |to_bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
                format!("key {secret}\r\n").encode_utf16().flat_map(to_bytes).collect()
            };
            let in_url = format!("https://{secret}@host/");
            assert_eq!(forties(in_url.as_bytes()).len(), 1, "{in_url}");
            for text in [
                format!("\x1b[1m{secret}\x1b[0m").as_bytes(),
                format!("\x1b[01;31m\x1b[K{secret}\x1b[m\x1b[K").as_bytes(),
                in_file.as_bytes(),
                &wide(u16::to_le_bytes),
                &wide(u16::to_be_bytes),
            ] {
                let found = forties(text);
                assert!(found.len() == 1 && found[0].secret == *key.secret(), "{}", text.escape_ascii());
            }
        }
    }

    #[test]
    fn digests_paths_words_and_parts_of_longer_runs_are_not_secrets() {
        let secret = fake::pair(9).secret_text().to_owned();
        for text in [
            "d670460b4b4aece5915caf5c68d12f560a9fe3e4",
            "/usr/lib/python3/dist-packages/botocore/session",
            "AbstractSingletonProxyFactoryBeanDefinition",
            concat!("wJalrXUtnFEMI/K7MDENG/", "bPxRfiCYEXAMPLEKEY"),
            &format!("{secret}x"),
            &format!("{secret}{secret}"),
        ] {
            assert!(forties(text.as_bytes()).is_empty(), "{text}");
        }
    }
}
