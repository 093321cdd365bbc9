//! LZW with codes of nine to twelve bits, the high bit first.

use std::io;

use super::coding::Coding;

const CLEAR: u16 = 256;
const END: u16 = 257;
/// The first code that stands for several bytes.
const FIRST: usize = 258;
/// Codes have at most twelve bits.
const MAX_CODES: usize = 4096;

pub(super) struct Lzw {
    /// For each code from [`FIRST`] on: the code of all but its last byte, and that byte.
    codes: Vec<(u16, u8)>,
    last: Option<u16>,
    bits: u32,
    bit_count: u32,
    /// By how many codes sooner than they have to codes become longer.
    early: usize,
}

impl Lzw {
    pub(super) fn new(is_early: bool) -> Self {
        Self { codes: Vec::new(), last: None, bits: 0, bit_count: 0, early: usize::from(is_early) }
    }

    fn code_len(&self) -> u32 {
        match FIRST + self.codes.len() + self.early {
            ..512 => 9,
            512..1024 => 10,
            1024..2048 => 11,
            _ => 12,
        }
    }

    /// Adds the bytes of a code; returns the first of them. `None` if there is no such code.
    fn spell(&self, mut code: u16, out: &mut Vec<u8>) -> Option<u8> {
        let start = out.len();
        while let Some(at) = usize::from(code).checked_sub(FIRST) {
            let (rest, byte) = *self.codes.get(at)?;
            out.push(byte);
            code = rest;
        }
        out.push(u8::try_from(code).ok()?);
        out[start..].reverse();
        out.get(start).copied()
    }

    fn code(&mut self, code: u16, out: &mut Vec<u8>) -> Option<()> {
        let next = FIRST + self.codes.len();
        let first = match self.last {
            // The code that is being made: the last one and its own first byte.
            Some(last) if usize::from(code) == next => {
                let first = self.spell(last, out)?;
                out.push(first);
                first
            }
            _ => self.spell(code, out)?,
        };
        if let Some(last) = self.last.filter(|_| next < MAX_CODES) {
            self.codes.push((last, first));
        }
        self.last = Some(code);
        Some(())
    }
}

impl Coding for Lzw {
    #[inline]
    fn push(&mut self, byte: u8, out: &mut Vec<u8>) -> io::Result<bool> {
        self.bits = self.bits << 8 | u32::from(byte);
        self.bit_count += 8;
        let len = self.code_len();
        if self.bit_count < len {
            return Ok(true);
        }
        self.bit_count -= len;
        let code = u16::try_from(self.bits >> self.bit_count).unwrap_or(END);
        self.bits &= (1 << self.bit_count) - 1;
        match code {
            CLEAR => {
                self.codes.clear();
                self.last = None;
            }
            END => return Ok(false),
            code => self.code(code, out).ok_or(io::ErrorKind::InvalidData)?,
        }
        Ok(true)
    }

    fn end(&mut self, _out: &mut Vec<u8>) -> io::Result<()> {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

#[cfg(test)]
mod tests {
    use super::super::coding::decoded;
    use super::*;

    #[test]
    fn the_example_of_the_pdf_reference_is_read_back() {
        let example = [0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01];
        let expected = [45, 45, 45, 45, 45, 65, 45, 45, 45, 66];
        assert_eq!(decoded(&example, Lzw::new(true)).unwrap(), expected);
        assert_eq!(decoded(&example[..8], Lzw::new(true)).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_code_that_was_never_made_is_damage() {
        // A clear code, and 300.
        let bytes = [0x80, 0x4b, 0];
        assert_eq!(decoded(&bytes, Lzw::new(true)).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
