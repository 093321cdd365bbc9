//! Reasons to doubt a candidate, or to drop it, by what stands around it. Each has a test of its own.

use std::ops::Range;

use super::measured;
use super::view::View;
use crate::aws::{AccessKeyId, Generation, Likeness, looks_random};
use crate::level::Doubt;

/// Whether a key ID stands for itself: it is not a part of a longer word, of a base64 text, or of a protein.
pub(super) fn stands_alone(text: &View<'_>, id: &Range<usize>) -> bool {
    let bytes = text.bytes();
    let before = &bytes[..id.start];
    let after = &bytes[id.end..];
    let bounded_before = text.is_seam(id.start) || is_bound_before(before);
    let bounded_after = text.is_seam(id.end) || is_bound_after(after);
    let is_bounded = bounded_before && bounded_after || measured::is_measured(bytes, id);
    is_bounded && !is_in_protein(bytes, id)
}

/// Base64 text this long beside a `/` or `+` makes the whole a blob.
const BLOB_LEN: usize = 24;
/// How far a run is followed to tell what it is.
const LOOK: usize = 96;

fn is_bound_before(before: &[u8]) -> bool {
    match before.last() {
        Some(byte) if byte.is_ascii_alphanumeric() => false,
        Some(b'/' | b'+') => {
            let len = before.iter().rev().take(LOOK).take_while(|byte| is_base64(**byte)).count();
            let run = &before[before.len() - len..];
            is_secret(run.iter().rev()) || !is_blob(run)
        }
        _ => true,
    }
}

fn is_bound_after(after: &[u8]) -> bool {
    match after.first() {
        Some(byte) if byte.is_ascii_alphanumeric() => false,
        Some(b'/' | b'+') => {
            let len = after.iter().take(LOOK).take_while(|byte| is_base64(**byte)).count();
            is_secret(after[..len].iter()) || !is_blob(&after[..len])
        }
        _ => true,
    }
}

/// Whether a slash and a secret follow each other: `ID/SECRET` is how some tools write a pair.
fn is_secret<'a>(run: impl Iterator<Item = &'a u8>) -> bool {
    let mut run = run.enumerate().filter(|(at, byte)| matches!((at, byte), (0, b'/') | (41, _)));
    matches!((run.next(), run.next()), (Some((0, _)), None | Some((_, b'/'))))
}

fn is_blob(run: &[u8]) -> bool {
    run.len() >= BLOB_LEN && looks_random(run)
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// Whether the ID is a line, or the end of one, in a text of upper-case letters wrapped to lines: what protein
/// sequences look like.
fn is_in_protein(bytes: &[u8], id: &Range<usize>) -> bool {
    if bytes[id.clone()].iter().any(u8::is_ascii_digit) {
        return false;
    }
    let line_before =
        bytes[..id.start].strip_suffix(b"\n").map(|text| text.strip_suffix(b"\r").unwrap_or(text));
    let line_after = bytes[id.end..].strip_prefix(b"\r\n").or_else(|| bytes[id.end..].strip_prefix(b"\n"));
    let letters =
        |line: &mut dyn Iterator<Item = &u8>| line.take_while(|byte| byte.is_ascii_uppercase()).count() >= 30;
    line_before.is_some_and(|line| letters(&mut line.iter().rev()))
        || line_after.is_some_and(|line| letters(&mut line.iter()))
}

/// How far around a key ID lower-case letters are looked for.
const NEIGHBOURHOOD: usize = 120;

/// What makes a key ID that stands alone doubtful all the same.
pub(super) fn key_id_doubts(bytes: &[u8], range: &Range<usize>, id: AccessKeyId) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    if id.generation() == Generation::Implausible && !id.is_example() {
        doubts.push(Doubt::ImplausibleGeneration);
    }
    let letters_only = !id.as_str().bytes().any(|byte| byte.is_ascii_digit());
    let around =
        &bytes[range.start.saturating_sub(NEIGHBOURHOOD)..bytes.len().min(range.end + NEIGHBOURHOOD)];
    let upper = around.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    let among_letters = upper >= 60 && !around.iter().any(u8::is_ascii_lowercase);
    if letters_only && among_letters && !id.is_example() {
        doubts.push(Doubt::LettersOnly);
    }
    doubts
}

/// The doubt that a secret's characters give by themselves.
pub(super) fn secret_doubt(likeness: Likeness) -> Option<Doubt> {
    match likeness {
        Likeness::RandomKey => None,
        Likeness::HexDigest => Some(Doubt::HexDigest),
        Likeness::Path => Some(Doubt::PathLike),
        Likeness::Words => Some(Doubt::WordLike),
        Likeness::LowEntropy => Some(Doubt::LowEntropy),
    }
}

/// How long the lines of wrapped base64 are, in bytes: 64 in PEM, 76 in mail, up to 100 elsewhere. A line of another
/// length is a value of its own, such as a session token, or a secret in a column of them.
const WRAPPED: std::ops::RangeInclusive<usize> = 48..=100;

/// Whether a run of a line's letters is a whole line of wrapped base64, and not of digits such as a checksum's.
fn is_wrapped(run: &[u8]) -> bool {
    let has = |kind: fn(&u8) -> bool| run.iter().any(kind);
    WRAPPED.contains(&run.len()) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase)
}

/// Whether `range` is a line of its own next to a whole line of wrapped base64: the last line of the text, no secret.
pub(super) fn is_line_of_base64(bytes: &[u8], range: &Range<usize>) -> bool {
    // Before a line stand the signs of a diff or of a quotation, too.
    let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'+' | b'-' | b'>');
    // Whether the line beyond is one, if the line that `rest` leads out of ends there.
    let beyond = |rest: &mut dyn Iterator<Item = &u8>| -> Option<bool> {
        let mut rest = rest.skip_while(blank);
        match rest.next() {
            Some(b'\n') => {
                let letters = rest.skip_while(blank).take_while(|byte| is_base64(**byte));
                Some(is_wrapped(&letters.take(WRAPPED.end() + 1).copied().collect::<Vec<u8>>()))
            }
            Some(_) => None,
            None => Some(false),
        }
    };
    let before = beyond(&mut bytes[..range.start].iter().rev());
    let after = beyond(&mut bytes[range.end..].iter());
    before.zip(after).is_some_and(|(before, after)| before || after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake;

    fn alone(before: &str, after: &str) -> bool {
        let text = format!("{before}{}{after}", fake::pair(5).id_text());
        stands_alone(&View::identity(text.as_bytes()), &(before.len()..before.len() + 20))
    }

    #[test]
    fn punctuation_bounds_a_key_id_and_letters_do_not() {
        for (before, after) in
            [("", ""), ("old_", "_old"), ("//", ":"), ("=", "/20130524/us-east-1"), ("+", "\n"), ("%", "-")]
        {
            assert!(alone(before, after), "{before} {after}");
        }
        for (before, after) in [("x", ""), ("", "x"), ("9", ""), ("", "0")] {
            assert!(!alone(before, after), "{before} {after}");
        }
    }

    #[test]
    fn a_long_base64_run_behind_a_slash_makes_it_a_blob() {
        let run = fake::pair(9).secret_text().replace(['/', '+'], "x") + "Qm9vaw3";
        assert!(!alone(&format!("{run}/"), ""));
        assert!(!alone("", &format!("+{run}")));
        assert!(alone("https://example.com/some/path/to/", ""));
    }

    #[test]
    fn letters_wrapped_to_lines_are_a_protein() {
        let id = concat!("AKIA", "QRQISFVKSHFSRQLE");
        let text = format!("MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPILSRVGD\n{id}\n");
        let start = text.find(id).unwrap();
        assert!(!stands_alone(&View::identity(text.as_bytes()), &(start..start + 20)));
    }
}
