//! An archive that holds itself, and so has no innermost one.
//!
//! Deflate is taken for a language of two instructions of five bytes: print the next bytes as they stand (a stored
//! block), and print the last bytes again (a block of two matches). In it there is a program that prints itself, with
//! gzip's header before it and gzip's sums behind it. The checksum is of a text that it is part of: it is a linear
//! function of its own bits, and found by solving for them.

use std::io::Read;

use akid::source::Limits;

use crate::archives::{Streamed, places, scan, scan_within, troubles};

const HEADER: &[u8; 15] = b"\x1f\x8b\x08\x08\0\0\0\0\0\xffself\0";

/// Bits as deflate has them: from the lowest on.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    /// A number, from its lowest bit on.
    fn number(&mut self, value: usize, len: usize) {
        self.0.extend((0..len).map(|bit| value >> bit & 1 == 1));
    }

    /// A code, from its highest bit on.
    fn code(&mut self, value: usize, len: usize) {
        self.0.extend((0..len).rev().map(|bit| value >> bit & 1 == 1));
    }

    /// A match of 3 to 10 bytes, `distance` back, of 13 to 24.
    fn repeat(&mut self, len: usize, distance: usize) {
        self.code(len - 2, 7);
        let (code, first, extra) = if distance < 17 { (7, 13, 2) } else { (8, 17, 3) };
        self.code(code, 5);
        self.number(distance - first, extra);
    }

    fn bytes(&self) -> Vec<u8> {
        let byte = |bits: &[bool]| bits.iter().rev().fold(0, |byte, &bit| byte << 1 | u8::from(bit));
        self.0.chunks(8).map(byte).collect()
    }
}

/// The instruction to print the next `len` bytes.
fn print(len: u16) -> Vec<u8> {
    [&[0][..], &len.to_le_bytes(), &(!len).to_le_bytes()].concat()
}

/// The instruction to print the last `len` bytes again.
fn again(len: usize, is_last: bool) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.number(usize::from(is_last), 1);
    bits.number(1, 2);
    bits.repeat(len / 2, len);
    bits.repeat(len - len / 2, len);
    bits.code(0, 7);
    let bytes = bits.bytes();
    assert_eq!(bytes.len(), 5);
    bytes
}

/// The whole, with this checksum in it.
fn with_checksum(checksum: u32) -> Vec<u8> {
    let (p0, p5, p13, p20) = (print(0), print(5), print(13), print(20));
    let (r20, end) = (again(20, false), again(13, true));
    let sums = [checksum.to_le_bytes(), 196_u32.to_le_bytes()].concat();
    let line: [&[u8]; 34] = [
        HEADER, &p20, HEADER, &p20, &r20, &p5, &r20, &p5, &p5, &p20, &r20, &p5, &p5, &p20, &r20, &p20, &r20,
        &p20, &r20, &p20, &r20, &p20, &r20, &p0, &p0, &p13, &r20, &p0, &p0, &p13, &end, &sums, &end, &sums,
    ];
    line.concat()
}

/// The one checksum that is that of the whole with it in it.
fn quine() -> Vec<u8> {
    let sum = |checksum| crc32fast::hash(&with_checksum(checksum));
    let constant = sum(0);
    // One equation for each bit: what it is made of, and what that must come to.
    let mut rows: Vec<(u32, bool)> = (0..32)
        .map(|bit| {
            let made_of = (0..32).filter(|&of| (sum(1 << of) ^ constant) >> bit & 1 == 1);
            let made_of = made_of.fold(0, |all, of| all | 1 << of) ^ 1 << bit;
            (made_of, constant >> bit & 1 == 1)
        })
        .collect();
    for bit in 0..32 {
        let Some(pivot) = (bit..32).find(|&row| rows[row].0 >> bit & 1 == 1) else { continue };
        rows.swap(bit, pivot);
        let (made_of, value) = rows[bit];
        for row in (0..32).filter(|&row| row != bit) {
            if rows[row].0 >> bit & 1 == 1 {
                rows[row] = (rows[row].0 ^ made_of, rows[row].1 ^ value);
            }
        }
    }
    let checksum = (0..32).filter(|&bit| rows[bit].1).fold(0, |all, bit| all | 1 << bit);
    with_checksum(checksum)
}

#[test]
fn an_archive_that_holds_itself_ends_at_the_limit_of_depth() {
    let quine = quine();
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&quine[..]).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, quine);
    let held = scan(&quine);
    let streamed = scan_within(&Streamed(|| &quine[..]), Limits::default());
    for scan in [held, streamed] {
        assert_eq!(troubles(&scan), [": archive-depth"]);
        assert!(places(&scan).is_empty() && scan.bytes < 10_000, "{}", scan.bytes);
    }
}
