//! Values with their length before them, as in binary formats. Such a value ends where the length says, whatever letter
//! follows.

use std::ops::Range;

use crate::aws::{AccessKeyId, SecretAccessKey};
use crate::text::is_continuation;

/// How many bytes around a value are searched for bytes that do not occur in text.
const AROUND: usize = 256;
/// Longest run of letters that is searched for a value, in bytes.
const LONGEST: usize = 256;

/// Whether what stands before `value` says that it has just as many bytes.
pub(super) fn is_measured(text: &[u8], value: &Range<usize>) -> bool {
    let before = &text[..value.start];
    let Ok(len) = u8::try_from(value.len()) else { return false };
    // Big-endian numbers end with the byte itself.
    let numbers: [&[u8]; 2] = [&[len, 0], &[len, 0, 0, 0]];
    if numbers.iter().any(|number| before.ends_with(number)) {
        return true;
    }
    let is_one = before.last().is_some_and(|&last| {
        // A byte; zigzag, as Avro has it; a short text of CBOR.
        last == len || last == 2 * len || len < 24 && last == 0x60 + len
    });
    is_one && is_binary(text, value) || is_decimal(before, len) || is_line_of_pickle(text, value)
}

/// The secret in `run`, a run of a secret's letters, if its length stands before it. The length may be a letter, and so
/// may be what is before that.
pub(super) fn secret(text: &[u8], run: &Range<usize>) -> Option<Range<usize>> {
    let last = run.end.checked_sub(SecretAccessKey::LEN).filter(|_| run.len() <= LONGEST)?;
    // A letter of a key ID is no length, and twice that of a key ID is the length of a secret.
    let id = (run.start..=last).find(|&at| AccessKeyId::parse(&text[at..at + AccessKeyId::LEN]).is_some());
    let start = id.map_or(run.start, |at| at + AccessKeyId::LEN);
    let mut values = (start..=last).map(|start| start..start + SecretAccessKey::LEN);
    values.find(|value| is_measured(text, value) && ends_well(text, value, run))
}

/// Whether a length that is a letter of `run` fits where its value ends: with the run, but for the type or the length of
/// what comes next, or before a key ID. Any letter of a longer run may be one by chance.
fn ends_well(text: &[u8], value: &Range<usize>, run: &Range<usize>) -> bool {
    const NEXT: usize = 2;
    let ends_with_run = run.end - value.end <= NEXT;
    let last_id = run.end.saturating_sub(AccessKeyId::LEN);
    let mut ids = (run.start..=last_id)
        .filter(|&at| AccessKeyId::parse(&text[at..at + AccessKeyId::LEN]).is_some())
        .map(|at| at..at + AccessKeyId::LEN);
    let overlaps = |id: &Range<usize>| id.start < value.end && value.start < id.end;
    value.start == run.start
        || ids.clone().any(|id| id.start == value.end)
        || (ends_with_run && !ids.any(|id| overlaps(&id)))
}

/// Whether bytes stand around `value` that no text has.
fn is_binary(text: &[u8], value: &Range<usize>) -> bool {
    let is_control = |byte: &u8| *byte < 9 || (14..32).contains(byte) && *byte != 27 || *byte == 0xff;
    let start = value.start.saturating_sub(AROUND);
    // A character may be cut where the stretch starts.
    let cut = if start == 0 {
        0
    } else {
        text[start..].iter().take(3).take_while(|byte| is_continuation(**byte)).count()
    };
    let before = &text[start + cut..value.start];
    let behind = &text[value.end..text.len().min(value.end + AROUND)];
    [before, behind].into_iter().any(|bytes| bytes.iter().any(is_control) || is_no_utf8(bytes))
}

/// Whether `bytes` are no text, but for a character that is cut at their end.
fn is_no_utf8(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_some())
}

/// Whether a length stands there in digits: `20:`, as bencode has it.
fn is_decimal(before: &[u8], len: u8) -> bool {
    let Some(number) = before.strip_suffix(b":") else { return false };
    let Some(rest) = number.strip_suffix(len.to_string().as_bytes()) else { return false };
    let is_time = rest.last().is_some_and(|byte| byte.is_ascii_digit() || *byte == b':');
    let is_behind_id =
        rest.len().checked_sub(AccessKeyId::LEN).is_some_and(|at| AccessKeyId::parse(&rest[at..]).is_some());
    !is_time || is_behind_id
}

/// Whether `value` is a text in the first version of Python's pickle: `V`, the text, a line end, `p` and a number.
fn is_line_of_pickle(text: &[u8], value: &Range<usize>) -> bool {
    let is_text = text[..value.start].ends_with(b"V");
    let next = text[value.end..].strip_prefix(b"\np");
    is_text && next.and_then(<[u8]>::first).is_some_and(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake;

    fn measured(before: &[u8], value: &str, behind: &[u8]) -> bool {
        let text = [before, value.as_bytes(), behind].concat();
        is_measured(&text, &(before.len()..before.len() + value.len()))
    }

    #[test]
    fn a_length_of_any_form_measures_a_value() {
        let key = fake::pair(1);
        for (value, lengths) in [
            (key.id_text(), [&b"\x14"[..], b"\0\x14", b"\x14\0\0\0", b"\xa2t", b"\x01(", b"l20:", b"(V"]),
            (key.secret_text(), [b"\x01z(", b"\0(", b"(\0\0\0", b"\xa2x(", b"\x01P", b"l40:", b"(V"]),
        ] {
            for length in lengths {
                assert!(measured(length, value, b"\np1"), "{length:?}");
            }
        }
    }

    #[test]
    fn a_letter_in_a_run_is_a_length_only_where_the_run_ends_with_its_value() {
        let is_clear = |key: &fake::Fake| !key.secret_text().contains('P');
        let (Some(key), other) = ((1..).map(fake::pair).find(is_clear), fake::pair(2)) else { return };
        let found = |behind: &str| {
            let text = format!("\x01keyP{}{behind}\x02", key.secret_text()).into_bytes();
            secret(&text, &(1..text.len() - 1)).map(|value| text[value].to_vec())
        };
        for behind in ["", "z", "qQ", other.id_text()] {
            assert_eq!(found(behind).as_deref(), Some(key.secret_text().as_bytes()), "{behind}");
        }
        assert_eq!(found("abc"), None);
    }

    #[test]
    fn punctuation_and_letters_of_a_text_measure_nothing() {
        let key = fake::pair(1);
        for (value, lengths) in [
            (key.id_text(), [&b"f("[..], b"t", b"\x13", b"120:", b"10:20:", b"21:", b"V"]),
            (key.secret_text(), [b"f(", b"P", b"\0)", b"140:", b"10:40:", b"39:", b"V"]),
        ] {
            for length in lengths {
                assert!(!measured(length, value, b"\n"), "{length:?}");
            }
        }
    }
}
