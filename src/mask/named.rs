//! Values that only an AWS secret has there, whatever their length: behind its name, and glued to a key ID.
//!
//! Detection wants forty letters. A value that is cut, that has something glued to it, or that goes on in the next line
//! is no finding, and shows a secret all the same.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use regex::bytes::Regex;

use super::forty::is_plausible;
use crate::aws::{AccessKeyId, SecretAccessKey};
use crate::detect::is_line_of_base64;
use crate::redact;

/// Fewer letters show too little of a secret.
const SHOWS: usize = 12;
/// More letters beside a key ID are those of something else, in which it stands by chance.
const GLUED: usize = 2 * SecretAccessKey::LEN;
/// More letters around a secret are no words. A run that is longer is base64 of something.
const MOST_WORDS: usize = 24;
/// Fewer letters at the end of a line may be a word.
const SHOWN_OF_LINE: usize = 8;
/// What may stand between a name and its value: quotes, signs, brackets, escapes of colours.
const JOINT: usize = 16;
/// The longest name, with the words in it apart.
const NAME: usize = 48;

/// AWS's names of a secret.
const AWS_SECRET: &str =
    "(?:(?:aws|amazon)[a-z0-9_. -]{0,12}secret[a-z_. -]{0,12}?key|secret[_. -]?access[_. -]?key)";

static NAMED: LazyLock<Regex> =
    LazyLock::new(|| regex(&format!(r"(?i-u){AWS_SECRET}[^A-Za-z0-9+/\r\n]{{0,16}}(/?[A-Za-z0-9+/_-]+)")));

/// The end of a line that may be the first part of such a value.
static OPEN: LazyLock<Regex> =
    LazyLock::new(|| regex(&format!(r"(?i-u){AWS_SECRET}[^A-Za-z0-9+/\r\n]{{1,16}}[A-Za-z0-9+/]+$")));

/// What every such name holds, as names are written.
static SECRET: LazyLock<[Finder<'static>; 2]> =
    LazyLock::new(|| [Finder::new("ecret"), Finder::new("ECRET")]);

/// Strings that are joined.
static PIECES: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"(?-u)["'`][A-Za-z0-9+/]{4,36}["'`](?:[ \t\r\n]*[+.&|~\\]{0,2}[ \t\r\n]*["'`][A-Za-z0-9+/]{4,36}["'`]){1,9}"#,
    )
});

pub(super) fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap_or_else(|error| unreachable!("{pattern}: {error}"))
}

/// What of `text` is to be masked.
pub(super) fn values(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for captures in NAMED.captures_iter(text) {
        // What goes on with an escaped letter is not the whole value, and detection reads it.
        let is_whole = |end: usize| !text.get(end).is_some_and(|byte| matches!(byte, b'\\' | b'%' | b'&'));
        let Some(value) = captures.get(1).filter(|value| is_whole(value.end())) else { continue };
        found.extend(unknown(text, value.range()));
        found.extend(in_two_lines(text, value.range()).into_iter().flatten());
    }
    found.extend(key_ids(text).filter_map(|id| glued(text, id)).flatten().flatten());
    found
}

/// What needs no name near a key ID: a secret in pieces or in two lines, or with a word glued to it.
pub(super) fn beside_id(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = pieces(text);
    let ends = memchr::memchr_iter(b'\n', text);
    found.extend(ends.filter_map(|end| wrapped(text, end)).flatten());
    let mut at = 0;
    while let Some(start) = text[at..].iter().position(|byte| is_letter(*byte)).map(|start| at + start) {
        at = start + text[start..].iter().take_while(|byte| is_letter(**byte)).count();
        found.extend(in_words(text, start..at));
    }
    found
}

/// The parts of a secret that fill the line up to its `end`, and go on in the next line.
fn wrapped(text: &[u8], end: usize) -> Option<[Range<usize>; 2]> {
    let end = end - usize::from(text[..end].ends_with(b"\r"));
    let letters = tail(&text[..end]);
    in_two_lines(text, end - letters..end).filter(|_| letters >= SHOWN_OF_LINE)
}

/// A secret with as many letters glued to it as a word has.
fn in_words(text: &[u8], run: Range<usize>) -> Option<Range<usize>> {
    let is_long = (SecretAccessKey::LEN + 1..SecretAccessKey::LEN + MOST_WORDS).contains(&run.len());
    if !is_long || text.get(run.end) == Some(&b'=') || is_line_of_base64(text, &run) {
        return None;
    }
    let mut parts = text[run.clone()].windows(SecretAccessKey::LEN);
    let is_secret = |part: &[u8]| SecretAccessKey::parse(part).is_some_and(|secret| is_plausible(&secret));
    parts.any(is_secret).then(|| unknown(text, run))?
}

/// The letters that `line` ends in, as far as a secret goes.
fn tail(line: &[u8]) -> usize {
    line.iter().rev().take(SecretAccessKey::LEN).take_while(|byte| is_letter(**byte)).count()
}

/// Strings in `text` that are joined and together are a secret.
fn pieces(text: &[u8]) -> Vec<Range<usize>> {
    let joined = PIECES.find_iter(text).filter(|strings| {
        let letters: Vec<u8> = pieces_of(strings.as_bytes()).flatten().copied().collect();
        SecretAccessKey::parse(&letters).is_some_and(|secret| is_plausible(&secret))
    });
    joined.map(|strings| strings.start() + 1..strings.end() - 1).collect()
}

/// What the strings say that are joined.
fn pieces_of(strings: &[u8]) -> impl Iterator<Item = &[u8]> {
    strings.split(|byte| matches!(byte, b'"' | b'\'' | b'`')).skip(1).step_by(2)
}

/// Whether `line`, without its end, ends in what may be the first part of such a value.
pub(super) fn is_open(line: &[u8]) -> bool {
    let letters = tail(line);
    let (before, part) = line.split_at(line.len() - letters);
    if (SHOWN_OF_LINE..SecretAccessKey::LEN).contains(&letters)
        && is_mixed(part)
        && key_ids(before).next().is_some()
    {
        return true;
    }
    // Nearly every line is told by this alone.
    if !SECRET.iter().any(|word| word.find(line).is_some()) {
        return false;
    }
    let joint = before.iter().rev().take(JOINT).take_while(|byte| !byte.is_ascii_alphanumeric()).count();
    let name = &before[..before.len() - joint];
    let is_named = name.len() >= 3 && name[name.len() - 3..].eq_ignore_ascii_case(b"key");
    (1..SecretAccessKey::LEN).contains(&letters)
        && joint > 0
        && is_named
        && OPEN.is_match(&line[name.len().saturating_sub(NAME)..])
}

fn is_letter(byte: u8) -> bool {
    SecretAccessKey::is_letter(byte)
}

/// The places in `text` where key IDs start. Letters may touch them.
fn key_ids(text: &[u8]) -> impl Iterator<Item = usize> {
    let ends = memchr::memmem::find_iter(text, b"KIA").chain(memchr::memmem::find_iter(text, b"SIA"));
    let starts = ends.filter_map(|at| at.checked_sub(1));
    starts
        .filter(|&at| text.get(at..at + AccessKeyId::LEN).is_some_and(|id| AccessKeyId::parse(id).is_some()))
}

/// From the first to the last letter of `value` that is not known to be harmless.
fn unknown(text: &[u8], value: Range<usize>) -> Option<Range<usize>> {
    let letters = &text[value.clone()];
    if let Some(secret) = SecretAccessKey::parse(letters) {
        return is_plausible(&secret).then_some(value);
    }
    if !is_mixed(letters) {
        return None;
    }
    let ranges = redact::unknown(letters);
    let (first, last) = (ranges.first()?, ranges.last()?);
    let shows: usize = ranges.iter().map(ExactSizeIterator::len).sum();
    (shows >= SHOWS).then(|| value.start + first.start..value.start + last.end)
}

/// Whether there are letters of both cases, as in every piece of a secret that shows much of it.
pub(super) fn is_mixed(letters: &[u8]) -> bool {
    letters.iter().any(u8::is_ascii_uppercase) && letters.iter().any(u8::is_ascii_lowercase)
}

/// The parts of a secret that goes on in the next line.
fn in_two_lines(text: &[u8], first: Range<usize>) -> Option<[Range<usize>; 2]> {
    let rest = &text[first.end..];
    let behind = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n"))?;
    let start = text.len() - behind.trim_ascii_start().len();
    let len = text[start..].iter().take_while(|byte| is_letter(**byte)).count();
    let whole = [&text[first.clone()], &text[start..start + len]].concat();
    let is_secret = SecretAccessKey::parse(&whole).is_some_and(|secret| is_plausible(&secret));
    (is_secret && len > 0).then(|| [first, start..start + len])
}

/// What stands before and behind the key ID at `at`, with nothing between.
fn glued(text: &[u8], at: usize) -> Option<[Option<Range<usize>>; 2]> {
    let end = at + AccessKeyId::LEN;
    let before = text[..at].iter().rev().take_while(|byte| is_letter(**byte)).count();
    let behind = text[end..].iter().take_while(|byte| is_letter(**byte)).count();
    if is_line_of_base64(text, &(at - before..end + behind)) {
        return None;
    }
    let side = |side: Range<usize>| (side.len() <= GLUED).then(|| unknown(text, side))?;
    Some([at - before..at, end..end + behind].map(side))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake;

    fn shown(text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        values(text.as_bytes()).into_iter().for_each(|range| bytes[range].fill(b'*'));
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn what_is_left_of_a_secret_that_is_no_finding_is_masked() {
        for seed in 0..200 {
            let key = fake::pair(seed);
            let (id, secret) = (key.id_text(), key.secret_text());
            for text in [
                format!("AWSSecretKey{secret}"),
                format!("aws_secret_access_key=x{secret}"),
                format!("https://host/aws_secret_access_key/{secret}"),
                format!("SecretAccessKey: '{}'", &secret[..30]),
                format!("AWS_SECRET_ACCESS_KEY={}\r\n{}\r\n", &secret[..25], &secret[25..]),
                format!("AWS_SECRET_ACCESS_KEY={}\n{}\n", &secret[..5], &secret[5..]),
                format!("x{id}{secret}y"),
                format!("{secret}{id}"),
            ] {
                let shown = shown(&text);
                let leak = secret
                    .as_bytes()
                    .windows(8)
                    .find(|piece| shown.as_bytes().windows(8).any(|window| window == *piece));
                assert!(leak.is_none(), "{text}\n{shown}");
            }
        }
    }

    #[test]
    fn joined_pieces_are_one_value() {
        let secret = fake::pair(3).secret_text().to_owned();
        let (a, b) = secret.split_at(17);
        for text in [format!("f(\"{a}\" + \"{b}\")"), format!("x = '{a}' \\\n    '{b}'")] {
            assert_eq!(pieces(text.as_bytes()).len(), 1, "{text}");
        }
        for text in [format!("f(\"{a}\" + \"{}\")", &b[1..]), format!("f(\"{a}\", \"{b}\")")] {
            assert!(pieces(text.as_bytes()).is_empty(), "{text}");
        }
    }

    #[test]
    fn near_a_key_id_words_and_line_ends_hide_no_secret() {
        for seed in 0..100 {
            let secret = fake::pair(seed).secret_text().to_owned();
            let (a, b) = secret.split_at(9 + usize::try_from(seed).unwrap() % 30);
            let words = format!("user{secret}prod ");
            let masked: usize = beside_id(words.as_bytes()).iter().map(ExactSizeIterator::len).sum();
            assert!((40..=48).contains(&masked), "{words}");
            for end in ["\n", "\r\n", "\n    "] {
                let text = format!("key {a}{end}{b}\n");
                let found: usize = beside_id(text.as_bytes()).iter().map(ExactSizeIterator::len).sum();
                assert_eq!(found, 40, "{text}");
            }
        }
        for text in ["sha512-47DEQpj8HBSaTImWZ5JCeuQeRkm5NMpJWZG3hSuFUxx=", "a\nb\n", "\n"] {
            assert!(beside_id(text.as_bytes()).is_empty(), "{text}");
        }
    }

    #[test]
    fn names_paths_and_words_stay() {
        let id = fake::pair(1).id_text().to_owned();
        for text in [
            "aws_secret_access_key_rotation_lambda_arn",
            "aws_secret_access_key = getSecretFromVault(name)",
            "export AWS_SECRET_ACCESS_KEY=$(vault read -field=secret_key aws/creds/deploy)",
            "aws-secret-access-key: ${{ secrets.AWS_SECRET_ACCESS_KEY }}",
            "secret_access_key: /run/secrets/production/credentials",
            "AWS_SECRET_ACCESS_KEY=\nDEPLOYMENT_ENVIRONMENT_PRODUCTION\n",
            &format!("Credential={id}/20260101/us-east-1/s3/aws4_request"),
        ] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn a_line_that_ends_in_a_part_of_a_named_value_is_open() {
        let secret = fake::pair(2).secret_text().to_owned();
        for line in [
            format!("AWS_SECRET_ACCESS_KEY={}", &secret[..25]),
            format!("  \"SecretAccessKey\": \"{}", &secret[..1]),
            format!("{} {}", fake::pair(2).id_text(), &secret[..20]),
        ] {
            assert!(is_open(line.as_bytes()), "{line}");
        }
        for line in [format!("AWS_SECRET_ACCESS_KEY={secret}"), "the key is".into(), "monkey=1".into()] {
            assert!(!is_open(line.as_bytes()), "{line}");
        }
    }
}
