//! Characters that are spelled as numbers: pairs of hex digits, and lists of decimal or octal numbers.

use std::ops::Range;

/// What a reading comes to next.
pub(super) enum Read {
    /// A character, and where it is spelled.
    Byte(u8, Range<usize>),
    /// Something that no spelling goes on behind.
    Break,
}

/// Reads pairs of hex digits, with anything but other letters between pairs. Zeros are those of UTF-16. The first
/// `skipped` digits of a run are left out: what comes before may be odd in number.
pub(super) fn read_hex(text: &[u8], skipped: usize, mut take: impl FnMut(Read)) {
    let mut at = 0;
    while at < text.len() {
        let len = text[at..].iter().take_while(|byte| digit(**byte, 16).is_some()).count();
        let (pairs, _) = text[at..at + len].get(skipped..).unwrap_or_default().as_chunks::<2>();
        for (nth, pair) in pairs.iter().enumerate() {
            let start = at + skipped + 2 * nth;
            let [high, low] = pair.map(|byte| digit(byte, 16).unwrap_or_default());
            if (high, low) != (0, 0) {
                take(Read::Byte(high << 4 | low, start..start + 2));
            }
        }
        at += len;
        let mut is_break = false;
        while let Some(&byte) = text.get(at).filter(|byte| digit(**byte, 16).is_none()) {
            // The `x` of `0x` and `\x` is none of the text's letters.
            is_break |= byte.is_ascii_alphabetic() && !matches!(byte, b'x' | b'X');
            at += 1;
        }
        if is_break {
            take(Read::Break);
        }
    }
}

/// Reads numbers with anything but letters between them as characters.
pub(super) fn read_numbers(text: &[u8], radix: u8, mut take: impl FnMut(Read)) {
    let mut at = 0;
    while at < text.len() {
        let start = at;
        let mut number = Some(0_u8);
        while let Some(&byte) = text.get(at).filter(|byte| byte.is_ascii_digit()) {
            let digit = digit(byte, radix);
            number = number.and_then(|number| number.checked_mul(radix)?.checked_add(digit?));
            at += 1;
        }
        match number {
            Some(0) => {}
            Some(byte) => take(Read::Byte(byte, start..at)),
            None => take(Read::Break),
        }
        let mut is_break = false;
        while let Some(&byte) = text.get(at).filter(|byte| !byte.is_ascii_digit()) {
            is_break |= byte.is_ascii_alphabetic();
            at += 1;
        }
        if is_break {
            take(Read::Break);
        }
    }
}

/// A stretch of a text without letters but those of hex.
pub(super) struct Stretch<'a> {
    pub(super) text: &'a [u8],
    /// Whether it has decimal numbers enough in a row.
    pub(super) may_be_list: bool,
    /// Whether its hex digits are of one case, without `x` before them and without the zeros of UTF-16.
    pub(super) is_plain_hex: bool,
}

/// The stretches of `text` in which numbers may spell `characters` characters, two digits each at least.
pub(super) fn stretches(text: &[u8], characters: usize) -> impl Iterator<Item = Stretch<'_>> {
    let shortest = 2 * characters;
    let mut at = 0;
    std::iter::from_fn(move || {
        // One byte of many decides of most text that no stretch is long enough.
        while let Some(window) = text.get(at..at + shortest) {
            let back = window.iter().rev().take_while(|byte| !is_break(**byte)).count();
            if back < shortest {
                at += shortest - back;
                continue;
            }
            let rest = &text[at + shortest..];
            let len = shortest + rest.iter().take_while(|byte| !is_break(**byte)).count();
            let stretch = Stretch::read(&text[at..at + len], characters);
            at += len;
            if stretch.is_some() {
                return stretch;
            }
        }
        None
    })
}

impl<'a> Stretch<'a> {
    /// `text` as a stretch, if it has digits enough.
    fn read(text: &'a [u8], characters: usize) -> Option<Self> {
        if text.len() > MOST_COUNTED {
            return Some(Self { text, may_be_list: true, is_plain_hex: false });
        }
        let counts = text.iter().fold(0_u64, |counts, byte| counts + COUNTS[usize::from(*byte)]);
        let [digits, lower, upper, zeros, separators] = [0, 1, 2, 3, 4].map(|field| of(counts, field));
        if digits + lower + upper < 2 * characters {
            return None;
        }
        let is_wide = zeros >= 2 * (characters - 1);
        // What is left is the `x` of `0x`.
        let has_x = digits + lower + upper + separators < text.len();
        let is_plain_hex = (lower == 0 || upper == 0) && !is_wide && !has_x;
        let may_be_list = separators >= characters - 1 && has_list(text, characters);
        Some(Self { text, may_be_list, is_plain_hex })
    }
}

/// Bits of a field of [`COUNTS`].
const FIELD: u32 = 12;
/// Longer stretches are not counted.
const MOST_COUNTED: usize = (1 << FIELD) - 1;

/// A field of a sum of [`COUNTS`].
fn of(counts: u64, field: u32) -> usize {
    usize::try_from(counts >> (field * FIELD)).map_or(0, |count| count & MOST_COUNTED)
}

/// For each byte a one in its fields: decimal digits, hex digits in lower and in upper case, zeros, separators.
static COUNTS: [u64; 256] = {
    let mut counts = [0; 256];
    let mut byte = 0_u8;
    loop {
        counts[byte as usize] = match byte {
            b'0' => 1 | 1 << (3 * FIELD),
            b'1'..=b'9' => 1,
            b'a'..=b'f' => 1 << FIELD,
            b'A'..=b'F' => 1 << (2 * FIELD),
            b'x' | b'X' => 0,
            _ => 1 << (4 * FIELD),
        };
        if byte == u8::MAX {
            break counts;
        }
        byte += 1;
    }
};

/// Whether `text` has `numbers` decimal numbers in a row, without letters between them.
fn has_list(text: &[u8], numbers: usize) -> bool {
    let parts = text.split(u8::is_ascii_alphabetic);
    let count =
        |part: &[u8]| part.split(|byte| !byte.is_ascii_digit()).filter(|number| !number.is_empty()).count();
    parts.map(count).any(|count| count >= numbers)
}

/// Whether neither hex digits nor numbers go on behind `byte`.
fn is_break(byte: u8) -> bool {
    BREAKS[usize::from(byte)]
}

static BREAKS: [bool; 256] = {
    let mut breaks = [false; 256];
    let mut byte = 0_u8;
    loop {
        breaks[byte as usize] =
            byte.is_ascii_alphabetic() && !byte.is_ascii_hexdigit() && !matches!(byte, b'x' | b'X');
        if byte == u8::MAX {
            break breaks;
        }
        byte += 1;
    }
};

/// The value of a digit in `radix`.
fn digit(byte: u8, radix: u8) -> Option<u8> {
    let value = DIGITS[usize::from(byte)];
    (value < radix).then_some(value)
}

static DIGITS: [u8; 256] = {
    let mut digits = [u8::MAX; 256];
    let mut value = 0_u8;
    while value < 16 {
        let spelled = b"0123456789abcdef"[value as usize];
        digits[spelled as usize] = value;
        digits[spelled.to_ascii_uppercase() as usize] = value;
        value += 1;
    }
    digits
};
