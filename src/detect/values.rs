//! Bytes that are spelled by their values: hex digits in one run, lists of numbers, escapes, dumps.
//!
//! The text around an anchor is copied with every such run replaced by its bytes, so that the names around a value stay
//! where they are.

use std::ops::Range;

use super::decode::Nested;
use super::view::ViewBuilder;
use crate::anchor::Radix;
use crate::text;

/// Bytes read on each side of an anchor. It is even, so that a run of hex digits without an end is read in step.
const REACH: usize = 18 * 1024;

/// Fewer numbers than this are no text.
const MIN_NUMBERS: usize = 16;
/// Fewer hex digits than this are no key ID.
const MIN_DIGITS: usize = 40;
/// The shortest line that one run of hex digits is wrapped to. A line of [`SECRET_LINE`] is a secret.
const MIN_LINE: usize = 60;
const SECRET_LINE: usize = 80;
/// Bytes that may stand between two numbers.
const MAX_GAP: usize = 100;
/// Bytes in a row of a dump.
const ROW: usize = 16;

/// Decodes the text around the anchor at `at`, with the numbers of its lists in `radix`.
pub(super) fn around(source: &[u8], at: usize, radix: Radix) -> Nested {
    let mut start = at.saturating_sub(REACH);
    if start > 0 {
        start += memchr::memchr(b'\n', &source[start..at]).map_or(0, |end| end + 1);
    }
    let range = start..source.len().min(at + REACH);
    let text = &source[..range.end];
    let mut reader = Reader { text, at: start, radix, view: ViewBuilder::with_capacity(range.len()) };
    reader.read();
    Nested::new(reader.view.finish(), range)
}

/// Whether the anchor at `at` of a text of `len` bytes needs no decoding of its own, since what is around it was decoded
/// with `nested`.
pub(super) fn is_decoded(nested: &Nested, at: usize, len: usize) -> bool {
    let end = nested.range.end;
    nested.range.contains(&at) && (end == len || at + REACH / 2 <= end)
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    radix: Radix,
    view: ViewBuilder,
}

impl Reader<'_> {
    fn read(&mut self) {
        let mut is_dump = false;
        while let Some(&byte) = self.text.get(self.at) {
            let starts_line = self.at == 0 || self.text[self.at - 1] == b'\n';
            if starts_line {
                match self.dump_row() {
                    Some(end) => {
                        (self.at, is_dump) = (end, true);
                        continue;
                    }
                    None if is_dump => self.view.push(b'\n', &(self.at - 1..self.at)),
                    None => {}
                }
                is_dump = false;
            }
            match byte {
                b'\\' | b'%' | b'&' => self.escape(),
                byte if is_word(byte) => self.word(),
                _ => self.copy(self.at + 1),
            }
        }
    }

    fn copy(&mut self, end: usize) {
        self.view.copy(self.text, self.at..end);
        self.at = end;
    }

    fn escape(&mut self) {
        let text = &self.text[self.at..];
        match text::escape(text) {
            Some((character, len)) => {
                let byte = u8::try_from(character).ok().filter(u8::is_ascii).unwrap_or(b'?');
                self.view.push(byte, &(self.at..self.at + len));
                self.at += len;
            }
            None => self.copy(self.at + text.iter().take_while(|&&byte| byte == text[0]).count()),
        }
    }

    /// Reads numbers from the start of a word on, or copies the word.
    fn word(&mut self) {
        let word = self.at..self.at + self.word_len(self.at, usize::MAX);
        let digits =
            if self.text[word.clone()].starts_with(b"0x") { word.start + 2..word.end } else { word.clone() };
        if digits.len() >= MIN_DIGITS && self.is_run(&digits) {
            self.copy(digits.start);
            return self.run(digits);
        }
        let mut numbers: Vec<(u8, Range<usize>)> = self.number(word.clone()).into_iter().collect();
        let mut end = word.end;
        while let Some(number) = self.number_after(end).filter(|_| !numbers.is_empty()) {
            end = number.1.end;
            numbers.push(number);
        }
        if numbers.len() < MIN_NUMBERS {
            return self.copy(end);
        }
        self.push(&numbers);
        self.at = end;
    }

    fn push(&mut self, numbers: &[(u8, Range<usize>)]) {
        numbers.iter().for_each(|(byte, spelled)| self.view.push(*byte, spelled));
    }

    /// How many letters and digits stand from `at` on, at most `max`.
    fn word_len(&self, at: usize, max: usize) -> usize {
        self.text[at..].iter().take(max).take_while(|&&byte| is_word(byte)).count()
    }

    fn is_run(&self, digits: &Range<usize>) -> bool {
        let is_hex = self.text[digits.clone()].iter().all(u8::is_ascii_hexdigit);
        is_hex && digits.len().is_multiple_of(2)
    }

    /// Reads a run of hex digits, and those on the next lines that it was wrapped to.
    fn run(&mut self, digits: Range<usize>) {
        let mut line = digits;
        loop {
            for at in line.clone().step_by(2) {
                let byte = number(&self.text[at..at + 2]).unwrap_or_default();
                self.view.push(byte, &(at..at + 2));
            }
            self.at = line.end;
            let is_whole =
                self.text[..line.start].last().is_none_or(|byte| matches!(byte, b'\n' | b' ' | b'\t'));
            if !is_whole || line.len() < MIN_LINE || line.len() == SECRET_LINE {
                return;
            }
            let blank =
                self.text[line.end..].iter().take(MAX_GAP).take_while(|byte| byte.is_ascii_whitespace());
            let next = line.end + blank.count();
            let next = next..next + self.word_len(next, usize::MAX);
            let ends = self.text.get(next.end).is_none_or(|byte| matches!(byte, b'\r' | b'\n'));
            if next.is_empty() || next.len() > line.len() || !ends || !self.is_run(&next) {
                return;
            }
            line = next;
        }
    }

    /// The number that a word is, as lists have it.
    fn number(&self, word: Range<usize>) -> Option<(u8, Range<usize>)> {
        let byte = match (&self.text[word.clone()], self.radix) {
            ([b'0', b'x', digits @ ..], Radix::Hex) if matches!(digits.len(), 1 | 2) => number(digits)?,
            (digits @ [_, _], Radix::Hex) => number(digits)?,
            (digits, Radix::Decimal) if digits.len() <= 3 => {
                std::str::from_utf8(digits).ok()?.parse().ok()?
            }
            _ => return None,
        };
        Some((byte, word))
    }

    /// The next number of a list in which one ends at `end`.
    fn number_after(&self, end: usize) -> Option<(u8, Range<usize>)> {
        let gap =
            self.text[end..].iter().take(MAX_GAP).take_while(|byte| b" \t\r\n,;:-\\".contains(byte)).count();
        let next = end + gap;
        // One letter more than any number has.
        self.number(next..next + self.word_len(next, 5)).filter(|_| gap > 0)
    }

    /// Reads a row of a dump, if one is here: an offset, bytes in groups, and perhaps their characters. Returns where the
    /// next row starts.
    fn dump_row(&mut self) -> Option<usize> {
        let offset = self.word_len(self.at, 20);
        let is_offset = (4..=16).contains(&offset) && self.text[self.at + offset - 1] == b'0';
        if !is_offset || !self.text[self.at..][..offset].iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let mut at = self.at + offset;
        at += usize::from(self.text.get(at) == Some(&b':'));
        let mut row = Vec::with_capacity(ROW);
        let mut spaces = self.spaces(at);
        // Some dumps have a wider gap in the middle.
        while spaces == 1 || spaces == 2 && (row.is_empty() || row.len() == ROW / 2) {
            at += spaces;
            let group = at..at + self.word_len(at, 9);
            let fits = matches!(group.len(), 2 | 4 | 8) && row.len() + group.len() / 2 <= ROW;
            if !fits || !self.is_run(&group) {
                break;
            }
            at = group.end;
            row.extend(
                group.step_by(2).map(|at| (number(&self.text[at..at + 2]).unwrap_or_default(), at..at + 2)),
            );
            spaces = self.spaces(at);
        }
        self.push(&row);
        let end = memchr::memchr(b'\n', &self.text[at..]).map_or(self.text.len(), |end| at + end + 1);
        (!row.is_empty()).then_some(end)
    }

    fn spaces(&self, at: usize) -> usize {
        self.text[at..].iter().take(3).take_while(|&&byte| byte == b' ').count()
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The byte that `digits` spell.
fn number(digits: &[u8]) -> Option<u8> {
    let value = digits.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?));
    value.filter(|_| !digits.is_empty()).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "key = AKIA and more";

    fn decoded(text: &str) -> String {
        String::from_utf8_lossy(around(text.as_bytes(), 0, Radix::Hex).view.bytes()).into_owned()
    }

    fn each(spell: impl Fn(u8) -> String) -> String {
        TEXT.bytes().map(spell).collect()
    }

    #[test]
    fn bytes_are_read_by_their_values() {
        for spelled in [
            each(|byte| format!("\\x{byte:02x}")),
            each(|byte| format!("\\{byte:03o}")),
            each(|byte| format!("%{byte:02X}")),
            each(|byte| format!("&#{byte};")),
            each(|byte| format!("0x{byte:02X}, ")),
            each(|byte| format!("0x{byte:x},\n    ")),
            each(|byte| format!("{byte:02x} ")),
            each(|byte| format!("{byte:02x},\\\r\n  ")),
            each(|byte| format!("{byte:02x}")) + "2020",
            each(|byte| format!("{byte:02X}")) + "2020",
        ] {
            let text = decoded(&format!("{{{spelled}}}"));
            assert!(text.starts_with(&format!("{{{TEXT}")), "{spelled}: {text}");
        }
    }

    #[test]
    fn lists_are_read_in_decimal_where_the_anchor_is() {
        for spelled in [each(|byte| format!("{byte}, ")), each(|byte| format!("{byte},\n  "))] {
            let nested = around(spelled.as_bytes(), 0, Radix::Decimal);
            assert!(nested.view.bytes().starts_with(TEXT.as_bytes()), "{spelled}");
        }
        let text = b"1, 2, 3, 256, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17";
        assert_eq!(around(text, 0, Radix::Decimal).view.bytes(), text);
    }

    #[test]
    fn dumps_are_read_without_their_offsets_and_characters() {
        let hexdump = "\
00000000  6b 65 79 20 3d 20 41 4b  49 41 20 61 6e 64 20 6d  |key = AKIA and m|
00000010  6f 72 65                                          |ore|
end
";
        let xxd = "\
00000000: 6b65 7920 3d20 414b 4941 2061 6e64 206d  key = AKIA and m
00000010: 6f72 65                                  ore
end
";
        for dump in [hexdump, xxd] {
            assert_eq!(decoded(dump), format!("{TEXT}\nend\n"));
        }
    }

    #[test]
    fn a_run_of_digits_may_be_wrapped() {
        let digits = each(|byte| format!("{byte:02x}")).repeat(5);
        let lines: Vec<_> = digits.as_bytes().chunks(60).map(String::from_utf8_lossy).collect();
        assert_eq!(decoded(&lines.join("\n")), TEXT.repeat(5));
    }

    #[test]
    fn other_text_stays_as_it_is() {
        for text in ["a 1, 2, 3 and 41 4b", "deadbeef cafe 0x41", "2026-01-31 12:00\n1000 men\n", "41,4b,49"]
        {
            assert_eq!(decoded(text), text);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 1..200), at in 0_usize..200) {
            let at = at % bytes.len();
            around(&bytes, at, Radix::Hex);
            around(&bytes, at, Radix::Decimal);
        }

        #[test]
        fn any_numbers_are_read_without_a_panic(text in "([0-9a-f]{1,50}|0x|[ ,:\n\\\\%&#;-]){0,60}") {
            around(text.as_bytes(), 0, Radix::Hex);
            around(text.as_bytes(), 0, Radix::Decimal);
        }
    }
}
