//! A delta: how to make an object from another one, by copies out of it and insertions.

use crate::source::Fault;

/// A delta, its header read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delta<'a> {
    pub(super) base_len: u64,
    pub(super) len: u64,
    instructions: &'a [u8],
}

impl<'a> Delta<'a> {
    /// Reads the header of a delta.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (base_len, rest) = length(bytes)?;
        let (len, instructions) = length(rest)?;
        Some(Self { base_len, len, instructions })
    }

    /// Makes the object from its `base` into `out`.
    pub(super) fn apply(&self, base: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        out.clear();
        let len = usize::try_from(self.len).or(Err(Fault::TooLarge))?;
        if base.len() as u64 != self.base_len {
            return Err(Fault::Delta);
        }
        out.reserve(len);
        let mut rest = self.instructions;
        while let Some((&code, after)) = rest.split_first() {
            if code & 0x80 != 0 {
                let (from, copied, after) = copy(code, after).ok_or(Fault::Delta)?;
                let bytes = base.get(from..from + copied).ok_or(Fault::Delta)?;
                out.extend_from_slice(bytes);
                rest = after;
            } else {
                // No instruction is zero.
                let inserted = after.get(..usize::from(code)).filter(|_| code != 0).ok_or(Fault::Delta)?;
                out.extend_from_slice(inserted);
                rest = &after[inserted.len()..];
            }
            if out.len() > len {
                return Err(Fault::Delta);
            }
        }
        if out.len() == len { Ok(()) } else { Err(Fault::Delta) }
    }
}

/// A length in groups of seven bits, the lowest first, and what follows it.
fn length(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut len = 0_u64;
    for (nth, &byte) in (0..9).zip(bytes) {
        len |= u64::from(byte & 0x7f) << (7 * nth);
        if byte & 0x80 == 0 {
            return Some((len, &bytes[nth + 1..]));
        }
    }
    None
}

/// Where an instruction copies from, how much, and what follows it. Its `code` says which bytes of both numbers are
/// spelled.
fn copy(code: u8, mut rest: &[u8]) -> Option<(usize, usize, &[u8])> {
    let mut number = |bits: u8, bytes: u32| {
        (0..bytes).filter(|nth| bits >> nth & 1 != 0).try_fold(0_usize, |number, nth| {
            let (&byte, after) = rest.split_first()?;
            rest = after;
            Some(number | usize::from(byte) << (8 * nth))
        })
    };
    let from = number(code, 4)?;
    let len = number(code >> 4 & 7, 3)?;
    Some((from, if len == 0 { 0x10000 } else { len }, rest))
}
