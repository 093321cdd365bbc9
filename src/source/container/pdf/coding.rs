//! Codings that are undone byte by byte. Rows of a predictor are one, see [`super::predictor`].

use std::io::{self, BufRead, BufReader, Read};

/// Undoes a coding.
pub(super) trait Coding {
    /// Takes the next byte, and adds what it decodes to. Returns whether more may follow.
    fn push(&mut self, byte: u8, out: &mut Vec<u8>) -> io::Result<bool>;

    /// Takes the end of the input where [`push`](Self::push) saw none, and adds what is left.
    fn end(&mut self, _out: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }
}

/// Reads what a coding decodes to.
pub(super) struct Decoded<R, C> {
    inner: BufReader<R>,
    coding: C,
    is_over: bool,
    /// What is wrong behind what was made.
    fault: Option<io::Error>,
    made: Vec<u8>,
    taken: usize,
}

/// About as much is decoded at a time.
const CHUNK: usize = 8 << 10;

impl<R: Read, C: Coding> Decoded<R, C> {
    pub(super) fn new(inner: R, coding: C) -> Self {
        let inner = BufReader::with_capacity(CHUNK, inner);
        Self { inner, coding, is_over: false, fault: None, made: Vec::new(), taken: 0 }
    }

    /// Decodes the next bytes. Returns whether more may follow.
    fn fill(&mut self) -> io::Result<bool> {
        self.taken = 0;
        self.made.clear();
        let chunk = self.inner.fill_buf()?;
        if chunk.is_empty() {
            self.coding.end(&mut self.made)?;
            return Ok(false);
        }
        let (mut used, mut outcome) = (0, Ok(true));
        for &byte in chunk {
            used += 1;
            match self.coding.push(byte, &mut self.made) {
                Ok(true) if self.made.len() < CHUNK => {}
                last => {
                    outcome = last;
                    break;
                }
            }
        }
        self.inner.consume(used);
        outcome
    }
}

impl<R: Read, C: Coding> Read for Decoded<R, C> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // Bytes that stand for nothing may be many, but each was paid for where it comes from.
        while self.taken == self.made.len() && !self.is_over && !out.is_empty() {
            match self.fill() {
                Ok(may_follow) => self.is_over = !may_follow,
                Err(fault) => (self.is_over, self.fault) = (true, Some(fault)),
            }
        }
        if let Some(fault) = self.fault.take_if(|_| self.taken == self.made.len()) {
            return Err(fault);
        }
        let read = (&self.made[self.taken..]).read(out)?;
        self.taken += read;
        Ok(read)
    }
}

/// Five letters for four bytes, `z` for four zeros, up to `~>`; perhaps behind `<~`.
#[derive(Default)]
pub(super) struct Ascii85 {
    group: u32,
    len: usize,
    has_made: bool,
}

impl Coding for Ascii85 {
    #[inline]
    fn push(&mut self, letter: u8, out: &mut Vec<u8>) -> io::Result<bool> {
        match letter {
            b'~' if !self.has_made && (self.len, self.group) == (1, u32::from(b'<' - b'!')) => {
                (self.group, self.len) = (0, 0);
            }
            b'~' => {
                self.end(out)?;
                return Ok(false);
            }
            b'z' if self.len == 0 => out.extend([0; 4]),
            b'!'..=b'u' => {
                self.group = self.group.wrapping_mul(85).wrapping_add(u32::from(letter - b'!'));
                self.len += 1;
                if self.len == 5 {
                    out.extend(self.group.to_be_bytes());
                    (self.group, self.len, self.has_made) = (0, 0, true);
                }
            }
            // White space, and what should not be there.
            _ => {}
        }
        Ok(true)
    }

    fn end(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        if self.len > 1 {
            let fill = |group: u32, _| group.wrapping_mul(85).wrapping_add(84);
            let filled = (self.len..5).fold(self.group, fill);
            out.extend(&filled.to_be_bytes()[..self.len - 1]);
        }
        Ok(())
    }
}

/// Two digits for a byte, up to `>`.
#[derive(Default)]
pub(super) struct AsciiHex {
    half: Option<u8>,
}

impl Coding for AsciiHex {
    #[inline]
    fn push(&mut self, letter: u8, out: &mut Vec<u8>) -> io::Result<bool> {
        let digit = char::from(letter).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match (digit, self.half.take()) {
            (Some(low), Some(high)) => out.push(high << 4 | low),
            (Some(high), None) => self.half = Some(high),
            (None, half) => self.half = half,
        }
        if letter == b'>' {
            self.end(out)?;
        }
        Ok(letter != b'>')
    }

    fn end(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        out.extend(self.half.take().map(|high| high << 4));
        Ok(())
    }
}

#[cfg(test)]
pub(super) fn decoded(bytes: &[u8], coding: impl Coding) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    Decoded::new(bytes, coding).read_to_end(&mut out).map(|_| out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_read_back() {
        let ascii85 = |text: &str| decoded(text.as_bytes(), Ascii85::default()).unwrap();
        assert_eq!(ascii85("<~87cURD]i,\"Ebo80~>"), b"Hello World!");
        assert_eq!(ascii85(" <~87cUR D]i,\n\"Ebo80~>more"), b"Hello World!");
        assert_eq!(ascii85("z!!"), b"\0\0\0\0\0");
        let hex = |text: &str| decoded(text.as_bytes(), AsciiHex::default()).unwrap();
        assert_eq!(hex("48 65\n6C6c 6F>00"), b"Hello");
        assert_eq!(hex("4>"), b"@");
        assert_eq!(hex("4x1"), b"A");
    }
}
