//! The text that a stream of a PDF draws: its strings, put together where nothing but spacing is between them.

use super::super::tap::Tap;
use super::glyph::{BREAK, Codes};

/// Reads the operators that draw text, and those that go to another line.
#[derive(Default)]
pub(super) struct Drawn {
    text: Vec<u8>,
    /// The same as the bytes of its strings are, of which several may be one character.
    codes: Codes,
    state: State,
    /// The string, the hex digits, the number or the operator that is being read.
    word: Vec<u8>,
    /// Strings since the last operator.
    strings: Vec<u8>,
    string_codes: Codes,
    /// Numbers since the last operator, the last two.
    numbers: [f64; 2],
    depth: u32,
    is_text: bool,
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
}

/// A gap between two strings of an array that is as wide as a space, in thousandths of the font's size.
const SPACE: f64 = -180.0;

/// Text of one stream is held up to this size.
const MAX_TEXT: usize = 8 << 20;

/// The memory that it may take, in bytes: as text and as codes, each in a buffer that may have grown too large.
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
        let is_text = self.text.iter().any(|byte| !byte.is_ascii_whitespace());
        let is_glyphs = self.codes.iter().any(|&code| code < 0x20 || (0x7f..BREAK).contains(&code));
        (is_text.then_some(self.text), is_glyphs.then_some(self.codes))
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
            let before = if digits == 0 { 0 } else { self.take_back() };
            self.add(before.wrapping_mul(8).wrapping_add(digit));
            self.state = State::Escape(digits + 1);
            return;
        }
        self.state = State::String;
        match byte {
            _ if digits > 0 => self.string(byte),
            b'n' => self.add(b'\n'),
            b't' => self.add(b'\t'),
            b'r' => self.string_codes.push(0x0d),
            b'b' => self.string_codes.push(0x08),
            b'f' => self.string_codes.push(0x0c),
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
            if !self.has_room() {
                return;
            }
            let byte = u8::try_from(digit(at) * 16 + digit(at + 1)).unwrap_or_default();
            // Characters of two bytes: the upper one is zero in what can be part of a credential.
            if byte != 0 {
                self.strings.push(byte);
            }
            self.string_codes.push(byte.into());
        }
    }

    fn add(&mut self, byte: u8) {
        if self.has_room() {
            self.strings.push(byte);
            self.string_codes.push(byte.into());
        }
    }

    fn take_back(&mut self) -> u8 {
        self.string_codes.pop();
        self.strings.pop().unwrap_or(0)
    }

    fn has_room(&self) -> bool {
        self.codes.len() + self.string_codes.len() < MAX_TEXT
    }

    fn draw(&mut self) {
        self.text.append(&mut self.strings);
        self.codes.append(&mut self.string_codes);
    }

    /// Takes a number or an operator.
    fn end_word(&mut self) {
        if self.word.is_empty() {
            return;
        }
        let word = std::mem::take(&mut self.word);
        let number = std::str::from_utf8(&word).ok().and_then(|word| word.parse::<f64>().ok());
        if let Some(number) = number {
            if number < SPACE && self.is_text && !self.strings.is_empty() {
                self.strings.push(b' ');
                self.string_codes.push(BREAK | u16::from(b' '));
            }
            self.numbers = [self.numbers[1], number];
        } else if !word.starts_with(b"/") {
            self.operator(&word);
            self.strings.clear();
            self.string_codes.clear();
            self.numbers = [0.0; 2];
        }
    }

    fn operator(&mut self, operator: &[u8]) {
        match operator {
            b"BT" => self.is_text = true,
            b"ET" => {
                self.is_text = false;
                self.break_line(b'\n');
            }
            b"Tj" | b"TJ" if self.is_text => self.draw(),
            b"'" | b"\"" if self.is_text => {
                self.break_line(b'\n');
                self.draw();
            }
            b"T*" => self.break_line(b'\n'),
            b"Td" | b"TD" if self.numbers[1] != 0.0 => self.break_line(b'\n'),
            b"Td" | b"TD" => self.break_line(b' '),
            // Where it leads is not followed: somewhere else.
            b"Tm" => self.break_line(b'\n'),
            _ => {}
        }
    }

    fn break_line(&mut self, with: u8) {
        if self.text.last().is_some_and(|last| !last.is_ascii_whitespace()) {
            self.text.push(with);
            self.codes.push(BREAK | u16::from(with));
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
    fn what_is_drawn_elsewhere_is_no_text() {
        assert_eq!(drawn("(ab) Tj"), "");
        assert_eq!(drawn("1 0 0 1 5 5 cm /Im1 Do"), "");
    }
}
