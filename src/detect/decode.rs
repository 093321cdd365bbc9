//! Undoes what a text was wrapped in: UTF-16 and UTF-32, base64, and the escapes of the languages that quote it.

use std::collections::VecDeque;
use std::ops::Range;

use super::Charset;
use super::view::{View, ViewBuilder};
use crate::text::{ByteOrder, Wide, base64_digit};

/// Bytes of encoded text read on each side of an anchor: the reach of pairing, twice encoded, and then some.
const ENCODED_REACH: usize = 18 * 1024;

/// No stretch that is decoded around one anchor is longer, however it is wrapped.
pub(super) const LONGEST: usize = 4 * ENCODED_REACH;

/// A stretch of a blob that was decoded.
#[derive(Debug)]
pub(super) struct Nested {
    /// The decoded text; its source is the whole blob.
    pub(super) view: View<'static>,
    /// The bytes that were decoded.
    pub(super) range: Range<usize>,
    /// Where each letter of the encoded text stands; for base64, in groups of four.
    letters: Vec<usize>,
}

impl Nested {
    pub(super) fn new(view: View<'static>, range: Range<usize>) -> Self {
        Self { view, range, letters: Vec::new() }
    }

    /// Whether this already decodes the base64 letter at `at` as number `digit` of its group; where a wrap broke the
    /// anchor, the letter behind the white space that stands there.
    pub(super) fn decodes(&self, at: usize, digit: u8) -> bool {
        let place = self.letters.partition_point(|&letter| letter < at);
        let is_blank = self.letters.get(place).is_some_and(|&letter| letter != at);
        place < self.letters.len()
            && self.range.start <= at
            && place % 4 == (usize::from(digit) + usize::from(is_blank)) % 4
    }
}

/// The text of a whole piece as UTF-8, or as it is.
pub(super) fn whole(bytes: &[u8], charset: Charset) -> View<'_> {
    match charset {
        Charset::Bytes => View::identity(bytes),
        Charset::Utf16Le => utf16(bytes, ByteOrder::Little),
        Charset::Utf16Be => utf16(bytes, ByteOrder::Big),
        Charset::Utf32Le => utf32(bytes, ByteOrder::Little),
        Charset::Utf32Be => utf32(bytes, ByteOrder::Big),
    }
}

/// Decodes all of `source`. Lone surrogates become U+FFFD.
fn utf16(source: &[u8], order: ByteOrder) -> View<'static> {
    let (units, wide) = (source.as_chunks::<2>().0, Wide::Utf16(order));
    let mut view = ViewBuilder::with_capacity(units.len());
    let mut at = 0;
    let numbers = units.iter().map(|unit| u16::try_from(wide.number(unit)).unwrap_or(0));
    for decoded in char::decode_utf16(numbers) {
        let len = decoded.as_ref().map_or(2, |c| 2 * c.len_utf16());
        let c = decoded.unwrap_or(char::REPLACEMENT_CHARACTER);
        view.push_all(c.encode_utf8(&mut [0; 4]).as_bytes(), &(at..at + len));
        at += len;
    }
    view.finish()
}

/// Decodes all of `source`. What is no character becomes U+FFFD.
fn utf32(source: &[u8], order: ByteOrder) -> View<'static> {
    let (units, wide) = (source.as_chunks::<4>().0, Wide::Utf32(order));
    let mut view = ViewBuilder::with_capacity(units.len());
    for (unit, at) in units.iter().zip((0..).step_by(4)) {
        let c = char::from_u32(wide.number(unit)).unwrap_or(char::REPLACEMENT_CHARACTER);
        view.push_all(c.encode_utf8(&mut [0; 4]).as_bytes(), &(at..at + 4));
    }
    view.finish()
}

/// Decodes the wide text around the anchor whose first byte that is not zero is at `at`, as far as it is Latin text, which
/// an embedded string of a credential is written in: bytes with zeros between them, `unit` bytes from one to the next.
/// Strings that follow each other, as in the heaps of programs, are lines, at any alignment.
///
/// In both orders the zeros are between, so that the order matters only for what each character is spelled by.
pub(super) fn wide_around(source: &[u8], at: usize, unit: usize) -> Nested {
    let wide = WideStrings { source, unit };
    let reach = ENCODED_REACH / 2 * unit;
    let string = wide.string_around(at, reach);
    let (first, last) = (string.start, string.end);
    let zeros =
        |range: Range<usize>| source.get(range).is_some_and(|bytes| bytes.iter().all(|&byte| byte == 0));
    let is_big = first >= unit - 1 && zeros(first + 1 - unit..first) && !zeros(last + 1..last + unit);
    let mut strings = VecDeque::from([string]);
    while let Some(before) =
        strings.front().and_then(|next| wide.before(next.start)).filter(|it| at - it.start < reach)
    {
        strings.push_front(before);
    }
    while let Some(behind) =
        strings.back().and_then(|last| wide.behind(last.end)).filter(|it| it.end - at < reach)
    {
        strings.push_back(behind);
    }

    let before = if is_big { unit - 1 } else { 0 };
    let spelled = |at: usize| at.saturating_sub(before)..(at.saturating_sub(before) + unit).min(source.len());
    let mut view = ViewBuilder::with_capacity(strings.iter().map(|string| string.len() / unit + 2).sum());
    let range = spelled(strings[0].start).start..spelled(strings[strings.len() - 1].end).end;
    let mut previous = None;
    for string in strings {
        if let Some(last) = previous {
            view.push(b'\n', &(spelled(last).end.min(string.start)..string.start));
        }
        for at in (string.start..=string.end).step_by(unit) {
            view.push_all(char::from(source[at]).encode_utf8(&mut [0; 4]).as_bytes(), &spelled(at));
        }
        previous = Some(string.end);
    }
    Nested::new(view.finish(), range)
}

/// Bytes that may contain wide strings. The positions of its first and last character identify a string.
struct WideStrings<'a> {
    source: &'a [u8],
    unit: usize,
}

/// What may stand between two wide strings, in bytes: an end, a length, padding.
const GAP: usize = 8;
/// What is shorter is no string, in characters.
const SHORTEST: usize = 3;

impl WideStrings<'_> {
    fn is_letter(&self, at: usize) -> bool {
        self.source.get(at).is_some_and(|&byte| byte != 0)
    }

    /// Whether only zeros stand between the letter at `at` and where the next one would.
    fn is_joined(&self, at: usize) -> bool {
        self.source.get(at + 1..at + self.unit).is_some_and(|zeros| zeros.iter().all(|&byte| byte == 0))
    }

    /// The string around `at`, as far as `reach` on each side.
    fn string_around(&self, at: usize, reach: usize) -> Range<usize> {
        let (mut first, mut last, unit) = (at, at, self.unit);
        while first >= unit
            && at - first < reach
            && self.is_letter(first - unit)
            && self.is_joined(first - unit)
        {
            first -= unit;
        }
        while last - at < reach && self.is_letter(last + unit) && self.is_joined(last) {
            last += unit;
        }
        first..last
    }

    /// The string that starts a few bytes behind the one whose last character is at `last`.
    fn behind(&self, last: usize) -> Option<Range<usize>> {
        let starts = last + self.unit..last + self.unit + GAP;
        starts.into_iter().find_map(|at| self.string(at)).filter(|string| string.start > last)
    }

    /// The string that ends a few bytes before `first`.
    fn before(&self, first: usize) -> Option<Range<usize>> {
        let ends = first.saturating_sub(GAP + self.unit)..first;
        ends.rev().find_map(|at| self.string(at)).filter(|string| string.end < first)
    }

    /// The string of plain characters around `at`, if it is long enough.
    fn string(&self, at: usize) -> Option<Range<usize>> {
        let is_plain = self.source.get(at).is_some_and(|byte| byte.is_ascii_graphic());
        let string =
            Some(self.string_around(at, ENCODED_REACH)).filter(|_| is_plain && self.is_joined(at))?;
        (string.len() >= SHORTEST * self.unit).then_some(string)
    }
}

/// Decodes the base64 text around `at`, whose character is number `digit` of its group of four.
///
/// Both alphabets are read, and text that is wrapped, also where the line end is spelled `\n` or an indent follows.
pub(super) fn base64_around(source: &[u8], at: usize, digit: u8) -> Nested {
    // Where a wrap broke the anchor the hit is white space; the letter that goes on is one digit further.
    let blank = source[at..].iter().take(200).take_while(|byte| byte.is_ascii_whitespace()).count();
    let digit_after = usize::from(digit) + usize::from(blank > 0);
    let first = at + blank;
    let mut places = letters_left(source, first);
    let before = places.len();
    places.extend(letters_right(source, first, ENCODED_REACH));
    // Drop what comes before the first whole group.
    let first_digit = (digit_after + 3 * before) % 4;
    let skip = (4 - first_digit) % 4;
    let places = places.get(skip..).unwrap_or_default();
    let mut view = ViewBuilder::with_capacity(places.len() / 4 * 3 + 3);
    for group in places.chunks(4) {
        let bits = group.iter().fold(0_u32, |bits, &(_, _, value)| bits << 6 | u32::from(value))
            << (6 * (4 - group.len()));
        let decoded = bits.to_be_bytes();
        for byte in 0..group.len() * 6 / 8 {
            let (from, to) = (group[byte].0, group[byte + 1].1);
            view.push(decoded[byte + 1], &(from..to));
        }
    }
    let range = places.first().map_or(at, |first| first.0)..places.last().map_or(at, |last| last.1);
    Nested { view: view.finish(), range, letters: places.iter().map(|place| place.0).collect() }
}

/// Compressed bytes that stand in base64, and the range of the text that spells them.
#[derive(Debug)]
pub(super) struct Packed {
    pub(super) bytes: Vec<u8>,
    pub(super) range: Range<usize>,
}

/// What gzip starts with: a mark and the only method that there is.
const GZIP: [u8; 3] = [0x1f, 0x8b, 8];

/// What zlib starts with at its usual level, and how long it is at least if a key ID is in it.
const ZLIB: [u8; 2] = [0x78, 0x9c];
const MIN_ZLIB: usize = 30;

/// Decodes the compressed bytes in base64, once or twice, that start at `at`; `None` if none do.
pub(super) fn packed_at(source: &[u8], at: usize) -> Option<Packed> {
    let is_letter = |&byte: &u8| base64_digit(byte).is_some();
    // A line end that is spelled `\n` is no letter.
    let before = &source[..at];
    if before.last().is_some_and(is_letter) && !before.ends_with(b"\\n") {
        return None;
    }
    let letters = letters_right(source, at, usize::MAX);
    let range = at..letters.last()?.1;
    let mut bytes = bytes_of(letters.iter().map(|letter| letter.2));
    if bytes.starts_with(&ZLIB) {
        return (bytes.len() >= MIN_ZLIB).then_some(Packed { bytes, range });
    }
    if !bytes.starts_with(&GZIP) {
        let inner = letters_right(&bytes, 0, usize::MAX);
        bytes = bytes_of(inner.iter().map(|letter| letter.2));
    }
    bytes.starts_with(&GZIP).then_some(Packed { bytes, range })
}

/// The bytes that the digits of a base64 text spell.
fn bytes_of(digits: impl Iterator<Item = u8>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut bits = 0_u32;
    for (nth, digit) in digits.enumerate() {
        bits = bits << 6 | u32::from(digit);
        if nth % 4 > 0 {
            // The digits of a group spell a byte each but for the first.
            let [_, _, _, low] = (bits >> (6 - 2 * (nth % 4))).to_be_bytes();
            bytes.push(low);
        }
    }
    bytes
}

/// Decodes exactly `text`, padded or not; `None` if it is not base64 of either alphabet.
pub(super) fn base64_exact(text: &[u8]) -> Option<Vec<u8>> {
    let padding = text.iter().rev().take_while(|&&byte| byte == b'=').count();
    let letters = &text[..text.len() - padding];
    let standard: Option<Vec<u8>> = letters
        .iter()
        .map(|&byte| match byte {
            b'-' => Some(b'+'),
            b'_' => Some(b'/'),
            _ => base64_digit(byte).map(|_| byte),
        })
        .collect();
    data_encoding::BASE64_NOPAD.decode(&standard?).ok()
}

/// A letter of base64: where it is spelled, and its six bits.
type Letter = (usize, usize, u8);

/// The shortest line of base64 text that another one may go on from.
const MIN_LINE: usize = 20;

/// The letters from `at` on, in order, as far as `reach`.
fn letters_right(source: &[u8], at: usize, reach: usize) -> Vec<Letter> {
    let mut letters = Vec::new();
    let mut next = at;
    while next < source.len() && next - at < reach {
        if let Some(value) = base64_digit(source[next]) {
            letters.push((next, next + 1, value));
            next += 1;
            continue;
        }
        match wrap_len(&source[next..]) {
            Some(len) if source.get(next + len).is_some_and(|&byte| base64_digit(byte).is_some()) => {
                next += len
            }
            _ => break,
        }
    }
    letters
}

/// The letters before `at`, in order. A line before this one belongs to the text if it is as long as such lines are.
fn letters_left(source: &[u8], at: usize) -> Vec<Letter> {
    let mut letters = Vec::new();
    let mut end = at;
    loop {
        let line = source[..end].iter().rev().take_while(|&&byte| base64_digit(byte).is_some()).count();
        // The first stretch is the rest of the anchor's own line; those before it must be whole lines.
        let is_line = end == at || line >= MIN_LINE;
        if !is_line || at - end > ENCODED_REACH {
            break;
        }
        // The `n` of a line end that is spelled `\n` is no letter.
        let spelled_end = line > 0 && source[end - line] == b'n' && source[..end - line].ends_with(b"\\");
        let line = line.min(ENCODED_REACH) - usize::from(spelled_end && line <= ENCODED_REACH);
        letters
            .extend((end - line..end).rev().filter_map(|at| Some((at, at + 1, base64_digit(source[at])?))));
        let Some(before) = wrap_before(&source[..end - line]) else { break };
        end = before;
    }
    letters.reverse();
    letters
}

/// Length of the line end, with the indent after it, that `text` starts with.
fn wrap_len(text: &[u8]) -> Option<usize> {
    let end =
        [&b"\r\n"[..], b"\n", b"\\r\\n", b"\\n", b" ", b"\t"].iter().find(|end| text.starts_with(end))?.len();
    let indent = text[end..]
        .iter()
        .take(200)
        .take_while(|&&byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
        .count();
    text[..end + indent].iter().any(|&byte| matches!(byte, b'\n' | b'n')).then_some(end + indent)
}

/// Where the line end, with the indent after it, that `text` ends with starts.
fn wrap_before(text: &[u8]) -> Option<usize> {
    let indent = text.iter().rev().take(200).take_while(|&&byte| matches!(byte, b' ' | b'\t')).count();
    let text = &text[..text.len() - indent];
    [&b"\\r\\n"[..], b"\\n", b"\r\n", b"\n"]
        .iter()
        .find(|end| text.ends_with(end))
        .map(|end| text.len() - end.len())
}

#[cfg(test)]
mod tests {
    use data_encoding::{BASE64, BASE64URL};
    use proptest::prelude::*;

    use super::*;

    fn around(source: &str, anchor: &str, digit: u8) -> String {
        let nested = base64_around(source.as_bytes(), source.find(anchor).unwrap(), digit);
        String::from_utf8_lossy(nested.view.bytes()).into_owned()
    }

    #[test]
    fn wrapped_base64_is_read_across_its_lines() {
        let text = "the quick brown fox jumps over AKIA and the lazy dog, twice, to make it long";
        let encoded = BASE64.encode(text.as_bytes());
        let at =
            encoded.find("QUtJQ").or_else(|| encoded.find("FLSU")).or_else(|| encoded.find("BS0lB")).unwrap();
        let anchor = &encoded[at..at + 4];
        for wrap in ["\n", "\r\n", "\n    ", "\\n"] {
            let lines: Vec<_> =
                encoded.as_bytes().chunks(40).map(|line| std::str::from_utf8(line).unwrap()).collect();
            assert_eq!(around(&lines.join(wrap), anchor, u8::try_from(at % 4).unwrap()), text, "{wrap:?}");
        }
    }

    #[test]
    fn a_word_on_the_line_before_is_no_base64() {
        assert_eq!(around("Secret\nQUtJQUFB", "QUtJ", 0), "AKIAAA");
    }

    proptest! {
        #[test]
        fn base64_of_both_alphabets_is_decoded_at_any_phase(text in prop::collection::vec(any::<u8>(), 3..60), at in 0_usize..80) {
            for encoded in [BASE64.encode(&text), BASE64URL.encode(&text)] {
                let letters = encoded.trim_end_matches('=').len();
                let at = at % letters;
                let nested = base64_around(encoded.as_bytes(), at, u8::try_from(at % 4).unwrap());
                prop_assert_eq!(nested.view.bytes(), &text[..]);
                prop_assert_eq!(base64_exact(encoded.as_bytes()), Some(text.clone()));
            }
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 1..200), at in 0_usize..200, digit in 0_u8..4) {
            let at = at % bytes.len();
            base64_around(&bytes, at, digit);
            wide_around(&bytes, at, 2);
            wide_around(&bytes, at, 4);
        }
    }
}
