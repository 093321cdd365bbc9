//! Predictors: rows of which each byte is stored as the difference to bytes beside and above it, by the PNG and the TIFF
//! specifications.

use std::io;

use super::coding::Coding;
use crate::source::container::fault::ArchiveFault;

/// Undoes a predictor.
#[derive(Debug)]
pub(super) struct Predictor {
    /// How all rows are predicted; `None` if the first byte of each says it.
    every: Option<Guess>,
    /// Bytes of a row, without that one.
    row_len: usize,
    /// Bytes from a sample to the next one of the same colour.
    step: usize,
    /// How this row is predicted.
    guess: Option<Guess>,
    row: Vec<u8>,
    above: Vec<u8>,
}

/// What a byte is the difference to.
#[derive(Clone, Copy, Debug)]
enum Guess {
    Nothing,
    Left,
    Up,
    Average,
    Paeth,
}

/// No row is longer, in bytes.
pub(super) const MAX_ROW: usize = 64 << 10;

impl Predictor {
    /// Returns the predictor of this number, for rows of so many colours, bits and columns. `Ok(None)` if nothing is
    /// predicted.
    ///
    /// # Errors
    ///
    /// If there is no such predictor, or if it is one for pictures only: the rows of TIFF are read in whole bytes.
    pub(super) fn new(number: u64, [colours, bits, columns]: [u64; 3]) -> Result<Option<Self>, ArchiveFault> {
        let every = match number {
            0 | 1 => return Ok(None),
            2 if bits == 8 => Some(Guess::Left),
            10..=15 if matches!(bits, 1 | 2 | 4 | 8 | 16) => None,
            _ => return Err(ArchiveFault::Filter),
        };
        let pixel = colours.checked_mul(bits);
        let row = pixel.and_then(|pixel| pixel.checked_mul(columns));
        let bytes = |bits: Option<u64>| usize::try_from(bits?.div_ceil(8)).ok();
        let fits = |len: &usize| (1..=MAX_ROW).contains(len);
        let (Some(step), Some(row_len)) = (bytes(pixel).filter(fits), bytes(row).filter(fits)) else {
            return Err(ArchiveFault::Filter);
        };
        Ok(Some(Self { every, row_len, step, guess: every, row: Vec::new(), above: Vec::new() }))
    }

    fn guessed(&self, guess: Guess) -> u8 {
        let at = self.row.len();
        let left = |row: &[u8]| at.checked_sub(self.step).and_then(|at| row.get(at).copied()).unwrap_or(0);
        let up = || self.above.get(at).copied().unwrap_or(0);
        match guess {
            Guess::Nothing => 0,
            Guess::Left => left(&self.row),
            Guess::Up => up(),
            Guess::Average => left(&self.row).midpoint(up()),
            Guess::Paeth => paeth(left(&self.row), up(), left(&self.above)),
        }
    }
}

/// The one of the three that is nearest to the sum of the first two without the last.
fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let [a, b, c] = [left, up, corner].map(i16::from);
    let [to_left, to_up, to_corner] = [a, b, c].map(|other| (a + b - c - other).abs());
    match () {
        () if to_left <= to_up && to_left <= to_corner => left,
        () if to_up <= to_corner => up,
        () => corner,
    }
}

impl Coding for Predictor {
    #[inline]
    fn push(&mut self, byte: u8, out: &mut Vec<u8>) -> io::Result<bool> {
        let Some(guess) = self.guess else {
            self.guess = Some(match byte {
                0 => Guess::Nothing,
                1 => Guess::Left,
                2 => Guess::Up,
                3 => Guess::Average,
                4 => Guess::Paeth,
                _ => return Err(io::ErrorKind::InvalidData.into()),
            });
            return Ok(true);
        };
        let byte = byte.wrapping_add(self.guessed(guess));
        self.row.push(byte);
        out.push(byte);
        if self.row.len() == self.row_len {
            std::mem::swap(&mut self.row, &mut self.above);
            self.row.clear();
            self.guess = self.every;
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::coding::decoded;
    use super::*;

    /// Writes `bytes` as rows of which each is predicted in its own way, as the PNG specification says.
    fn png(bytes: &[u8], row_len: usize, step: usize, tags: &[u8]) -> Vec<u8> {
        let byte = |row: usize, at: isize| {
            let at = usize::try_from(at).ok().map(|at| row * row_len + at);
            at.and_then(|at| bytes.get(at)).copied().map_or(0, i32::from)
        };
        let mut out = Vec::new();
        for (nth, row) in bytes.chunks(row_len).enumerate() {
            let tag = tags[nth % tags.len()];
            out.push(tag);
            for (at, &value) in (0_isize..).zip(row) {
                let left = at - isize::try_from(step).unwrap();
                let above = |at| nth.checked_sub(1).map_or(0, |above| byte(above, at));
                let (a, b, c) = (byte(nth, left), above(at), above(left));
                let nearest = [a, b, c].into_iter().min_by_key(|other| (a + b - c - other).abs());
                let guess = match tag {
                    0 => 0,
                    1 => a,
                    2 => b,
                    3 => (a + b) / 2,
                    _ => nearest.unwrap(),
                };
                out.push(u8::try_from((i32::from(value) - guess).rem_euclid(256)).unwrap());
            }
        }
        out
    }

    proptest! {
        #[test]
        fn rows_of_png_are_read_back(
            bytes in proptest::collection::vec(any::<u8>(), 0..600),
            colours in 1_usize..5,
            columns in 1_usize..40,
            tags in proptest::collection::vec(0_u8..5, 1..9),
        ) {
            let sizes = [colours, 8, columns].map(|size| size as u64);
            let predictor = Predictor::new(12, sizes).unwrap().unwrap();
            let rows = png(&bytes, colours * columns, colours, &tags);
            prop_assert_eq!(decoded(&rows, predictor).unwrap(), bytes);
        }
    }

    #[test]
    fn rows_of_tiff_start_anew() {
        let predictor = Predictor::new(2, [3, 8, 2]).unwrap().unwrap();
        assert_eq!(decoded(b"abc\x01\x01\x01ab", predictor).unwrap(), b"abcbcdab");
    }

    #[test]
    fn samples_smaller_than_a_byte_are_predicted_by_bytes() {
        let predictor = Predictor::new(10, [1, 4, 5]).unwrap().unwrap();
        assert_eq!(
            decoded(b"\x01\x11\x01\x01\x02\x01\x01\x01", predictor).unwrap(),
            b"\x11\x12\x13\x12\x13\x14"
        );
    }

    #[test]
    fn what_is_too_strange_is_no_predictor() {
        assert!(Predictor::new(1, [0, 0, 0]).unwrap().is_none());
        for (number, sizes) in [
            (3, [1, 8, 1]),
            (99, [1, 8, 1]),
            (2, [0, 8, 1]),
            (2, [1, 16, 1]),
            (12, [1, 7, 1]),
            (12, [1, 8, 0]),
            (12, [1, 8, 1 << 40]),
            (12, [1 << 62, 16, 1]),
        ] {
            assert_eq!(
                Predictor::new(number, sizes).unwrap_err(),
                ArchiveFault::Filter,
                "{number} {sizes:?}"
            );
        }
        let predictor = Predictor::new(15, [1, 8, 2]).unwrap().unwrap();
        assert_eq!(decoded(b"\0ab\x05ab", predictor).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
