//! Finds pieces of known secrets in a text, in every spelling.
//!
//! A text is read in several ways at once. Each reading drops what may stand between the characters of a secret, so
//! that pieces of one are seen, too: eight characters agree by chance once in 2^48.
//!
//! - as it is;
//! - as characters, with escapes undone, once with and once without the four signs that secrets and their joints have;
//! - as pairs of hex digits, and as lists of decimal or octal numbers;
//! - as base64, and what that holds again.

use std::ops::Range;

use super::numbers::{self, Read};
use super::spelling;
use super::windows::{PIECE, Windows};
use crate::text::base64_digit;

/// Levels of base64 that are undone.
const MAX_DEPTH: u8 = 2;
/// Letters of base64 that spell eight characters at least.
const MIN_BASE64: usize = 11;

/// A stretch of a text that spells a piece of a secret, and whether it was part of a longer one.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// What spells it, unsorted: the characters alone, without what stands between them.
    pub(super) spans: Vec<Range<usize>>,
    /// How many stretches spell two pieces in a row or more.
    pub(super) long: u64,
    /// The pieces, each with the stretch that spells it whole.
    pub(super) pieces: Vec<(Range<usize>, u64)>,
}

/// Finds every piece of a known secret in `text`.
pub(super) fn search(windows: &Windows, text: &[u8]) -> Found {
    let mut found = Found::default();
    Text { bytes: text, spelled: None }.search(windows, 0, &mut found);
    found
}

/// A text, with the way back to what it was decoded from.
struct Text<'a> {
    bytes: &'a [u8],
    spelled: Option<&'a [Range<usize>]>,
}

impl Text<'_> {
    fn search(&self, windows: &Windows, depth: u8, found: &mut Found) {
        let roller = || Roller::new(self, windows);
        self.read_plain(roller(), found);
        let characters = Characters::of(self);
        characters.read([roller(), roller()], found);
        for skipped in 0..2 {
            numbers::read_hex(self.bytes, skipped, taken_by(roller(), found));
        }
        for radix in [8, 10] {
            numbers::read_numbers(self.bytes, radix, taken_by(roller(), found));
        }
        if depth < MAX_DEPTH {
            characters.read_base64(windows, depth, found);
        }
    }

    fn read_plain(&self, mut roller: Roller<'_>, found: &mut Found) {
        for (at, &byte) in self.bytes.iter().enumerate() {
            roller.push(byte, at..at + 1, found);
        }
    }

    /// What spells `range` in the outermost text.
    fn span(&self, range: Range<usize>) -> Range<usize> {
        match self.spelled {
            None => range,
            Some(spelled) => spelled[range.start].start..spelled[range.end - 1].end,
        }
    }
}

/// The characters of a text, escapes undone, each with what spells it in that text.
struct Characters<'a> {
    text: &'a Text<'a>,
    /// A space for what is part of no secret.
    bytes: Vec<u8>,
    spelled: Vec<Range<usize>>,
}

impl<'a> Characters<'a> {
    fn of(text: &'a Text<'a>) -> Self {
        let len = text.bytes.len();
        let (mut bytes, mut spelled) = (Vec::with_capacity(len), Vec::with_capacity(len));
        let mut at = 0;
        while at < len {
            let character = spelling::read(&text.bytes[at..]);
            bytes.push(character.byte.unwrap_or(b' '));
            spelled.push(at..at + character.len);
            at += character.len;
        }
        Self { text, bytes, spelled }
    }

    /// Reads all characters of secrets, and letters and digits alone: other signs may be joints.
    fn read(&self, [mut all, mut plain]: [Roller<'_>; 2], found: &mut Found) {
        for (&byte, span) in self.bytes.iter().zip(&self.spelled).filter(|(byte, _)| **byte != b' ') {
            all.push(byte, span.clone(), found);
            if byte.is_ascii_alphanumeric() {
                plain.push(byte, span.clone(), found);
            }
        }
    }

    /// Reads runs of base64, from each of the four places of a group.
    fn read_base64(&self, windows: &Windows, depth: u8, found: &mut Found) {
        let mut start = 0;
        while start < self.bytes.len() {
            let run = self.bytes[start..].iter().take_while(|byte| base64_digit(**byte).is_some()).count();
            if run >= MIN_BASE64 {
                for phase in start..start + 4 {
                    self.decode(phase..start + run, windows, depth, found);
                }
            }
            start += run + 1;
        }
    }

    fn decode(&self, run: Range<usize>, windows: &Windows, depth: u8, found: &mut Found) {
        let letters = &self.bytes[run.clone()];
        let mut bytes = Vec::with_capacity(letters.len() / 4 * 3 + 2);
        let mut spelled = Vec::with_capacity(bytes.capacity());
        for (nth, group) in letters.chunks(4).enumerate() {
            let start = run.start + 4 * nth;
            let bits =
                group.iter().fold(0, |bits, &byte| bits << 6 | u32::from(base64_digit(byte).unwrap_or(0)))
                    << (6 * (4 - group.len()));
            let [_, decoded @ ..] = bits.to_be_bytes();
            for (nth, byte) in decoded.into_iter().enumerate().take(group.len() * 6 / 8) {
                bytes.push(byte);
                let (first, last) = (&self.spelled[start + nth], &self.spelled[start + nth + 1]);
                spelled.push(self.text.span(first.start..last.end));
            }
        }
        // What is no text holds no secret, however it is read.
        let is_text = bytes.chunk_by(|a, b| is_printable(*a) == is_printable(*b));
        let mut at = 0;
        for part in is_text {
            if is_printable(part[0]) && part.len() >= PIECE {
                let spelled = Some(&spelled[at..at + part.len()]);
                Text { bytes: part, spelled }.search(windows, depth + 1, found);
            }
            at += part.len();
        }
    }
}

/// Bytes of text; a zero is half a character of UTF-16.
fn is_printable(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | b'\r' | b' '..=b'~')
}

/// Hands what is read to `roller`.
fn taken_by<'a>(mut roller: Roller<'a>, found: &'a mut Found) -> impl FnMut(Read) + 'a {
    move |read| match read {
        Read::Byte(byte, range) => roller.push(byte, range, found),
        Read::Break => roller.restart(),
    }
}

/// The last eight characters of a reading.
struct Roller<'a> {
    text: &'a Text<'a>,
    windows: &'a Windows,
    window: u64,
    spans: [Range<usize>; PIECE],
    read: usize,
    /// Matches in a row.
    streak: usize,
}

impl<'a> Roller<'a> {
    fn new(text: &'a Text<'a>, windows: &'a Windows) -> Self {
        Self { text, windows, window: 0, spans: Default::default(), read: 0, streak: 0 }
    }

    /// What was read so far does not go on.
    fn restart(&mut self) {
        (self.window, self.read, self.streak) = (0, 0, 0);
    }

    /// Reads on by one character that `range` of the text spells.
    fn push(&mut self, byte: u8, range: Range<usize>, found: &mut Found) {
        self.window = self.window << 8 | u64::from(byte);
        self.spans[self.read % PIECE] = range;
        self.read += 1;
        if !self.windows.contains(self.window) {
            self.streak = 0;
            return;
        }
        self.streak += 1;
        found.long += u64::from(self.streak == PIECE + 1);
        let spans = || self.spans.iter().map(|range| self.text.span(range.clone()));
        let whole = spans().reduce(|a, b| a.start.min(b.start)..a.end.max(b.end));
        found.pieces.extend(whole.map(|whole| (whole, self.window)));
        found.spans.extend(spans());
    }
}
