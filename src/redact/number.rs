//! Numbers: those that spell characters of a secret, and those that count.

use crate::aws::SecretAccessKey;

/// More digits than a counter or a time in nanoseconds has: they may spell anything.
pub(super) const MANY_DIGITS: usize = 20;

/// How many characters of a secret the decimal `digits` may spell: as codes in base 2, 8, 10 or 16, as one integer.
pub(super) fn spelled_by(digits: &[u8]) -> usize {
    if digits.len() > MANY_DIGITS {
        return digits.len() / 2;
    }
    let value = digits.iter().fold(0_u128, |value, digit| value * 10 + u128::from(digit - b'0'));
    let codes = |size: usize, base: u32| {
        let is_code = |code: &[u8]| code_of(code, base).is_some_and(is_letter);
        (digits.len().is_multiple_of(size) && digits.chunks(size).all(is_code)).then_some(digits.len() / size)
    };
    let is_binary = digits.len() >= 7 && digits.iter().all(|digit| matches!(digit, b'0' | b'1'));
    let ways = [
        codes(2, 16),
        codes(3, 8),
        codes(3, 10),
        codes(2, 10),
        packed(value),
        is_binary.then_some(digits.len().div_ceil(8)),
    ];
    ways.into_iter().flatten().max().unwrap_or(0)
}

/// How many characters of a secret the bytes of an integer are, if all are.
fn packed(value: u128) -> Option<usize> {
    let bytes = value.to_be_bytes();
    let bytes = &bytes[usize::try_from(value.leading_zeros() / 8).unwrap_or(0)..];
    (!bytes.is_empty() && bytes.iter().all(|&byte| is_letter(byte))).then_some(bytes.len())
}

/// The longest run of a secret's characters in what `digits` of base 16 spell, wherever a byte begins; zeros, as in
/// UTF-16, are passed over.
pub(super) fn spelled_by_hex(digits: &[u8]) -> usize {
    let from = |start: usize| {
        let bytes =
            digits[start..].chunks_exact(2).filter_map(|pair| code_of(pair, 16)).filter(|&byte| byte != 0);
        longest_run(bytes)
    };
    if digits.is_empty() { 0 } else { from(0).max(from(1)) }
}

/// The longest run of a secret's characters in what `digits` of base 32 spell, wherever a byte begins.
pub(super) fn spelled_by_base32(digits: &[u8]) -> usize {
    let from = |start: usize| {
        let (mut bits, mut count) = (0_u32, 0);
        let bytes = digits[start..].iter().filter_map(move |&digit| {
            let value =
                if digit.is_ascii_digit() { digit - b'2' + 26 } else { digit.to_ascii_uppercase() - b'A' };
            bits = bits << 5 | u32::from(value);
            count += 5;
            if count < 8 {
                return None;
            }
            count -= 8;
            Some((bits >> count).to_le_bytes()[0])
        });
        longest_run(bytes)
    };
    (0..8.min(digits.len())).map(from).max().unwrap_or(0)
}

fn longest_run(bytes: impl Iterator<Item = u8>) -> usize {
    let (mut run, mut longest) = (0, 0);
    for byte in bytes {
        run = if is_letter(byte) { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// Whether `byte` is a character of secrets, in either alphabet of base64.
fn is_letter(byte: u8) -> bool {
    SecretAccessKey::is_letter(byte) || matches!(byte, b'-' | b'_')
}

fn code_of(digits: &[u8], base: u32) -> Option<u8> {
    let code =
        digits.iter().try_fold(0, |code, &digit| Some(code * base + char::from(digit).to_digit(base)?))?;
    u8::try_from(code).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_characters_count_and_other_numbers_do_not() {
        for (digits, spelled) in [
            ("119", 1),
            ("167", 1),
            ("2003460460", 4),
            ("119074097108", 4),
            ("7477", 2),
            ("01110111", 1),
            ("8", 0),
            ("443", 0),
            ("2026", 0),
            ("123456789012", 0),
            ("1764180000", 0),
        ] {
            assert_eq!(spelled_by(digits.as_bytes()), spelled, "{digits}");
        }
    }

    #[test]
    fn hex_and_base32_of_text_are_read_wherever_they_begin() {
        assert_eq!(spelled_by_hex(b"774a616c72"), 5);
        assert_eq!(spelled_by_hex(b"f774a616c72f"), 5);
        assert_eq!(spelled_by_hex(b"77004a006100"), 3);
        let base32 = data_encoding::BASE32.encode(b"....wJalrXUtnFEMI....");
        assert_eq!(spelled_by_base32(base32.trim_end_matches('=').as_bytes()), 13);
    }
}
