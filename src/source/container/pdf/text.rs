//! The text that a stream of a PDF draws: its strings, put together where nothing but spacing is between them.

use super::super::tap::Tap;
use super::glyph::{BREAK, Codes};
use super::lines::Lines;
use super::placed::Page;

/// Reads the operators that draw text, and those that say where.
#[derive(Default)]
pub(super) struct Drawn {
    lines: Lines,
    page: Page,
    state: State,
    /// The hex digits, the number or the operator that is being read.
    word: Vec<u8>,
    /// Strings since the last operator, as their bytes, of which several may be one character.
    strings: Codes,
    /// Numbers since the last operator, the last six.
    numbers: [f64; 6],
    depth: u32,
    is_text: bool,
    is_picture: bool,
}

#[derive(Default)]
enum State {
    #[default]
    Plain,
    Comment,
    String,
    /// Behind a backslash, with so many octal digits read.
    Escape(u8),
    Hex,
    /// In a picture, whose end is a word: so much of that was seen, with the space before it.
    Picture(u8),
}

/// A gap between two strings of an array that is as wide as a space, in thousandths of the font's size.
const SPACE: f64 = -180.0;

/// Text of one stream is held up to this size.
const MAX_TEXT: usize = 8 << 20;

/// The memory that it may take, in bytes: as codes, in a buffer that may have grown too large, and as text.
pub(super) const MEMORY: u64 = 5 * MAX_TEXT as u64;

impl Drawn {
    /// Whether there was more text than is held.
    pub(super) fn is_full(&self) -> bool {
        !self.has_room()
    }

    /// The text, if any was drawn, and the bytes that it is spelled with, if these may be numbers of glyphs.
    pub(super) fn into_text(mut self) -> (Option<Vec<u8>>, Option<Codes>) {
        // The last operator may end where the stream does.
        self.end_word();
        let codes = self.lines.finish();
        let is_glyphs = codes.iter().any(|&code| code < 0x20 || (0x7f..BREAK).contains(&code));
        let mut text: Vec<u8> = codes.iter().map(|&code| code.to_le_bytes()[0]).collect();
        if is_glyphs {
            // Of characters of two bytes, the upper one is zero in what can be part of a credential.
            text.retain(|byte| !matches!(byte, 0 | 0x08 | 0x0c | 0x0d));
        }
        let is_text = text.iter().any(|byte| !byte.is_ascii_whitespace());
        (is_text.then_some(text), is_glyphs.then_some(codes))
    }

    fn byte(&mut self, byte: u8) {
        match self.state {
            State::Plain => self.plain(byte),
            State::Comment if matches!(byte, b'\n' | b'\r') => self.state = State::Plain,
            State::Comment => {}
            State::String => self.string(byte),
            State::Escape(digits) => self.escape(byte, digits),
            State::Hex if byte == b'>' => self.end_hex(),
            State::Hex if self.word.len() < 2 * MAX_TEXT => {
                self.word.extend(Some(byte).filter(u8::is_ascii_hexdigit));
            }
            State::Hex => {}
            State::Picture(seen) => {
                self.state = match (seen, byte) {
                    (3, byte) if byte.is_ascii_whitespace() => State::Plain,
                    (_, byte) if byte.is_ascii_whitespace() => State::Picture(1),
                    (1, b'E') => State::Picture(2),
                    (2, b'I') => State::Picture(3),
                    _ => State::Picture(0),
                };
            }
        }
    }

    fn plain(&mut self, byte: u8) {
        match byte {
            b'(' => {
                self.end_word();
                self.depth = 1;
                self.state = State::String;
            }
            b'<' => {
                self.end_word();
                self.state = State::Hex;
            }
            b'%' => {
                self.end_word();
                self.state = State::Comment;
            }
            b'[' | b']' | b'>' | b'{' | b'}' => self.end_word(),
            b'/' => {
                self.end_word();
                self.word.push(byte);
            }
            byte if byte.is_ascii_whitespace() || byte == 0 => self.end_word(),
            // No word of these streams is as long; this is something else.
            byte if self.word.len() < 64 => self.word.push(byte),
            _ => {}
        }
    }

    fn string(&mut self, byte: u8) {
        match byte {
            b'\\' => {
                self.state = State::Escape(0);
                return;
            }
            b'(' => self.depth += 1,
            b')' => {
                self.depth -= 1;
                if self.depth == 0 {
                    self.state = State::Plain;
                    return;
                }
            }
            _ => {}
        }
        self.add(byte);
    }

    fn escape(&mut self, byte: u8, digits: u8) {
        let digit = byte.wrapping_sub(b'0');
        if digits < 3 && digit < 8 {
            let before = if digits == 0 { 0 } else { self.strings.pop().unwrap_or(0) };
            self.add((before * 8).to_le_bytes()[0].wrapping_add(digit));
            self.state = State::Escape(digits + 1);
            return;
        }
        self.state = State::String;
        match byte {
            _ if digits > 0 => self.string(byte),
            b'n' => self.add(b'\n'),
            b't' => self.add(b'\t'),
            b'r' => self.add(b'\r'),
            b'b' => self.add(0x08),
            b'f' => self.add(0x0c),
            // The end of a line behind a backslash is none.
            b'\n' | b'\r' => {}
            other => self.add(other),
        }
    }

    fn end_hex(&mut self) {
        self.state = State::Plain;
        let digits = std::mem::take(&mut self.word);
        let digit = |at: usize| digits.get(at).and_then(|&byte| char::from(byte).to_digit(16)).unwrap_or(0);
        for at in (0..digits.len()).step_by(2) {
            self.add(u8::try_from(digit(at) * 16 + digit(at + 1)).unwrap_or_default());
        }
    }

    fn add(&mut self, byte: u8) {
        if self.has_room() {
            self.strings.push(byte.into());
        }
    }

    fn has_room(&self) -> bool {
        self.lines.len() + self.strings.len() < MAX_TEXT
    }

    /// Takes a number or an operator.
    fn end_word(&mut self) {
        if self.word.is_empty() {
            return;
        }
        let mut word = std::mem::take(&mut self.word);
        let number = std::str::from_utf8(&word).ok().and_then(|word| word.parse::<f64>().ok());
        if let Some(number) = number {
            if number < SPACE && self.is_text && !self.strings.is_empty() {
                self.strings.push(BREAK | u16::from(b' '));
            }
            self.numbers.rotate_left(1);
            self.numbers[5] = number;
        } else if !word.starts_with(b"/") {
            self.operator(&word);
            self.strings.clear();
            self.numbers = [0.0; 6];
        }
        word.clear();
        self.word = word;
    }

    fn operator(&mut self, operator: &[u8]) {
        self.page.operator(operator, &self.numbers);
        match operator {
            b"BT" => self.is_text = true,
            b"ET" => self.is_text = false,
            b"BI" => self.is_picture = true,
            // Its bytes are no strings, and no reason to miss those behind it.
            b"ID" if std::mem::take(&mut self.is_picture) => self.state = State::Picture(0),
            b"Tj" | b"TJ" | b"'" | b"\"" if self.is_text => {
                let place = self.page.next();
                self.lines.draw(&mut self.strings, place);
            }
            _ => {}
        }
    }
}

impl Tap for Drawn {
    fn push(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.byte(byte));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(stream: &str) -> String {
        let mut drawn = Drawn::default();
        stream.as_bytes().chunks(3).for_each(|piece| drawn.push(piece));
        String::from_utf8(drawn.into_text().0.unwrap_or_default()).unwrap()
    }

    #[test]
    fn strings_are_put_together_and_lines_kept_apart() {
        assert_eq!(drawn("BT /F1 12 Tf (ab) Tj (cd) Tj 0 -14 Td (e) Tj ET"), "abcd\ne\n");
        assert_eq!(drawn("BT [(a) 20 (b) -30 (c) -250 (d)] TJ T* (e) ' ET"), "abc d\ne\n");
        assert_eq!(drawn("BT <4142> Tj <00430044> Tj ET"), "ABCD\n");
        assert_eq!(drawn(r"BT (a\(b\)\101\\(c)) Tj ET"), "a(b)A\\(c)\n");
    }

    #[test]
    fn glyphs_that_are_moved_one_by_one_are_put_together() {
        let glyphs = |text: &str, glyph: &dyn Fn(usize, char) -> String| -> String {
            text.chars().enumerate().map(|(at, letter)| glyph(at, letter)).collect()
        };
        let [td, tm, cm]: [&dyn Fn(usize, char) -> String; 3] = [
            &|_, letter| format!("({letter}) Tj 5 0 Td "),
            &|at, letter| format!("1 0 0 1 {} 7 Tm [({letter})] TJ ", 5 * at),
            &|at, letter| format!("ET Q q 1 0 0 1 {} 7 cm BT <{:02x}> Tj ", 5 * at, u32::from(letter)),
        ];
        for way in [td, tm, cm] {
            assert_eq!(drawn(&format!("q BT {} ET", glyphs("secretkey", way))), "secretkey\n");
        }
        let lines = format!(
            "BT 9 90 Td {} 1 0 0 1 9 76 Tm {} ET",
            glyphs("secret_key", td),
            glyphs("anothersecret", td)
        );
        assert_eq!(drawn(&lines), "secret_key\nanothersecret\n");
        // A space is no glyph, or it was only a wide one.
        let spaced =
            glyphs("two words", &|_, letter| if letter == ' ' { "5 0 Td ".into() } else { td(0, letter) });
        assert_eq!(drawn(&format!("BT {spaced} ET")), "two words\ntwowords\n");
        let wide = |_, letter| match letter {
            'm' => format!("({letter}) Tj 9 0 Td "),
            ' ' => "3 0 Td ".into(),
            _ => td(0, letter),
        };
        let line = drawn(&format!("BT {} ET", glyphs("madam mama dam", &wide)));
        assert!(line.starts_with("madam mama dam\n") && line.ends_with("\nmadammamadam\n"), "{line}");
        let columns = format!("BT {} 90 0 Td {} ET", glyphs("secretkey", td), glyphs("another", td));
        assert_eq!(drawn(&columns), "secretkey another\n");
    }

    #[test]
    fn words_that_are_moved_stay_words() {
        assert_eq!(
            drawn("BT (whole) Tj 40 0 Td (words) Tj 1 0 0 1 80 0 Tm (apart) Tj ET"),
            "whole words apart\n"
        );
        assert_eq!(drawn("BT (a) Tj 9 0 Td (b) Tj 9 0 Td (c) Tj ET"), "a b c\n");
    }

    #[test]
    fn pictures_in_a_page_are_passed_over() {
        assert_eq!(drawn("BT (a) Tj ET BI /W 9 ID ((<E EIx EI EI BT (b) Tj ET"), "a\nb\n");
        assert_eq!(drawn("BT (a) Tj ID (b) Tj ET"), "ab\n");
    }

    #[test]
    fn what_is_drawn_elsewhere_is_no_text() {
        assert_eq!(drawn("(ab) Tj"), "");
        assert_eq!(drawn("1 0 0 1 5 5 cm /Im1 Do"), "");
    }
}
