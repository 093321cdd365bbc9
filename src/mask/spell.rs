//! What is written in place of a secret.

use std::ops::Range;

use super::forty::from_base64;
use super::tally::Masked;
use crate::text::base64_digit;

/// What is written in place of a secret in plain text.
const STARS: &[u8] = b"****";

/// The bytes that stand for `masked` in plain text.
pub(super) fn plain(masked: &Masked, label: bool) -> Vec<u8> {
    match masked.fingerprint {
        Some(fingerprint) if label => format!("<{}:{fingerprint}>", masked.rule.as_str()).into_bytes(),
        None if label => format!("<{}>", masked.rule.as_str()).into_bytes(),
        _ => STARS.to_vec(),
    }
}

/// `mask` in the encoding of `old`, which it replaces: bytes with zeros between them are UTF-16 or UTF-32.
///
/// In a part of a text the order of the bytes is not seen: zeros at the ends of `old` may belong to its neighbours, and
/// stay.
pub(super) fn as_wide_as(old: &[u8], mask: Vec<u8>) -> Vec<u8> {
    let zeros = old.iter().filter(|byte| **byte == 0).count();
    let unit = match (zeros * 8).checked_div(old.len()) {
        Some(4) if zeros > 2 => 2,
        Some(6) if zeros > 2 => 4,
        // The last zeros are missing where a string ends without them.
        Some(3) if zeros > 8 => 2,
        Some(5) if zeros > 8 => 4,
        _ => return mask,
    };
    let before = old.iter().take_while(|byte| **byte == 0).count();
    let behind = old.iter().rev().take_while(|byte| **byte == 0).count();
    let letters = mask.chunks(1).collect::<Vec<_>>().join(&vec![0; unit - 1][..]);
    [&vec![0; before][..], &letters, &vec![0; behind]].concat()
}

/// `text`, base64 once or twice that spells `secret` from its first letter to its last, with asterisks in its place: what
/// is around it can still be decoded. `None` if it spells something else.
pub(super) fn in_base64(text: &[u8], secret: &[u8], depth: usize) -> Option<Vec<u8>> {
    let places: Vec<usize> = (0..text.len()).filter(|&at| base64_digit(text[at]).is_some()).collect();
    if places.len() * 3 < text.len() * 2
        || text.iter().any(|byte| base64_digit(*byte).is_none() && !byte.is_ascii_whitespace())
    {
        return None;
    }
    let mut bits: Vec<bool> = Vec::with_capacity(places.len() * 6);
    for &at in &places {
        let digit = base64_digit(text[at])?;
        bits.extend((0..6).rev().map(|bit| digit >> bit & 1 == 1));
    }
    [0, 2, 4].into_iter().find_map(|first| {
        let body = bits.get(first..)?;
        let body = body.len() / 8 * 8;
        let bytes = bytes_of(&bits[first..first + body]);
        let masked = match depth {
            0 | 1 => {
                let len = secret.len();
                let starts = bytes.get(..len)? == secret && bytes.len() <= len + 1;
                starts.then(|| [vec![b'*'; len], bytes[len..].to_vec()].concat())?
            }
            _ => in_base64_within(&bytes, secret, depth - 1)?,
        };
        let mut new = bits.clone();
        for (at, byte) in masked.iter().enumerate() {
            for bit in 0..8 {
                new[first + 8 * at + bit] = byte >> (7 - bit) & 1 == 1;
            }
        }
        Some(written(text, &places, &new))
    })
}

/// Masks `secret` in decoded `bytes`, which may have a byte at an end that is none of its spelling.
fn in_base64_within(bytes: &[u8], secret: &[u8], depth: usize) -> Option<Vec<u8>> {
    let parts: [Range<usize>; 3] =
        [0..bytes.len(), 0..bytes.len().saturating_sub(1), 1.min(bytes.len())..bytes.len()];
    parts.into_iter().find_map(|part| {
        let masked = in_base64(&bytes[part.clone()], secret, depth)?;
        Some([&bytes[..part.start], &masked, &bytes[part.end..]].concat())
    })
}

/// The run of base64 around `range`, over the ends of its lines, with its padding.
pub(super) fn base64_around(text: &[u8], range: &Range<usize>) -> Range<usize> {
    let is_digit = |byte: &u8| base64_digit(*byte).is_some() || matches!(byte, b'\r' | b'\n');
    let before = text[..range.start].iter().rev().take_while(|byte| is_digit(byte)).count();
    let behind = text[range.end..].iter().take_while(|byte| is_digit(byte)).count();
    let run = range.start - before..range.end + behind;
    let ends = text[run.clone()].iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
    let starts = text[run.clone()].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let end = run.end - ends;
    let padding = text[end..].iter().take(2).take_while(|byte| **byte == b'=').count();
    run.start + starts..end + padding
}

/// Whether `text` in base64 is an object of JSON that does not hold `word`.
pub(super) fn is_object_without(text: &[u8], word: &[u8]) -> bool {
    let letters: Vec<u8> = text.iter().copied().filter(|byte| base64_digit(*byte).is_some()).collect();
    let bytes = from_base64(&letters);
    bytes.starts_with(b"{") && memchr::memmem::find(&bytes, word).is_none()
}

/// The text without blanks and quotes around `range`, where each character has zeros around it.
pub(super) fn wide_around(text: &[u8], range: &Range<usize>) -> Range<usize> {
    let is_of_word =
        |byte: &u8| *byte == 0 || byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'<' | b'>');
    let before = text[..range.start].iter().rev().take_while(|byte| is_of_word(byte)).count();
    let behind = text[range.end..].iter().take_while(|byte| is_of_word(byte)).count();
    range.start - before..range.end + behind
}

fn bytes_of(bits: &[bool]) -> Vec<u8> {
    bits.chunks(8).map(|byte| byte.iter().fold(0, |byte, &bit| byte << 1 | u8::from(bit))).collect()
}

/// `text` with the digits that `bits` are at `places`, in the alphabet that it is written in.
fn written(text: &[u8], places: &[usize], bits: &[bool]) -> Vec<u8> {
    let is_for_urls = text.iter().any(|byte| matches!(byte, b'-' | b'_'));
    let alphabet = if is_for_urls { data_encoding::BASE64URL_NOPAD } else { data_encoding::BASE64_NOPAD };
    let mut new = text.to_vec();
    for (digit, &at) in bits.chunks(6).zip(places) {
        let number = digit.iter().fold(0_u8, |number, &bit| number << 1 | u8::from(bit));
        // The first letter of a byte's base64 is its upper six bits.
        if let Some(&letter) = alphabet.encode(&[number << 2]).as_bytes().first() {
            new[at] = letter;
        }
    }
    new
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64;

    use super::*;
    use crate::aws::fake;

    #[test]
    fn a_mask_leaves_the_zeros_to_its_neighbours() {
        for (unit, order) in [(2, 0), (2, 1), (4, 0), (4, 3)] {
            let wide = |text: &str| {
                let mut bytes = vec![0; text.len() * unit];
                text.bytes().enumerate().for_each(|(at, byte)| bytes[at * unit + order] = byte);
                bytes
            };
            let text = wide("key=SECRETSECRET\nnext");
            // From its first letter to its last one, or to the end of the zeros behind that.
            let start = text.iter().position(|byte| *byte == b'S').unwrap();
            for end in [start + 11 * unit + 1, start + 12 * unit] {
                let shown = as_wide_as(&text[start..end], b"****".to_vec());
                let all = [&text[..start], &shown, &text[end..]].concat();
                assert_eq!(all, wide("key=****\nnext"), "{unit} {order} {end}");
            }
        }
    }

    #[test]
    fn base64_around_a_masked_secret_can_still_be_decoded() {
        let key = fake::pair(5);
        let secret = key.secret_text();
        for before in ["", "a", "ab", "abc", "key = "] {
            let text = format!("{before}{secret} and more");
            let once = BASE64.encode(text.as_bytes());
            let letters = before.len() * 8 / 6..((before.len() + secret.len()) * 8).div_ceil(6);
            let masked = in_base64(&once.as_bytes()[letters.clone()], secret.as_bytes(), 1).unwrap();
            let all = [&once.as_bytes()[..letters.start], &masked, &once.as_bytes()[letters.end..]].concat();
            let decoded = BASE64.decode(&all).unwrap();
            assert_eq!(String::from_utf8(decoded).unwrap(), format!("{before}{} and more", "*".repeat(40)));
        }
    }
}
