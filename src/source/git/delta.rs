//! A delta: how to make an object from another one, by copies out of it and insertions.

use std::ops::Range;

use crate::source::Fault;

/// A delta, its header read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delta<'a> {
    pub(super) base_len: u64,
    pub(super) len: u64,
    instructions: &'a [u8],
}

/// How an object came out of its base.
#[derive(Debug, Default)]
pub(super) struct Patch {
    /// What is the same in both, in order, as long as can be.
    pub(super) copies: Vec<Copied>,
    /// The stretches of the object with something new in them or in reach of them, in order and apart: what is
    /// inserted, seams between copies, ends that are not ends of the base.
    pub(super) fresh: Vec<Range<usize>>,
}

/// A stretch that an object has from its base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Copied {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) len: usize,
}

/// Fresh stretches that are no farther apart are one.
const GAP: usize = 16;

impl<'a> Delta<'a> {
    /// Reads the header of a delta.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (base_len, rest) = length(bytes)?;
        let (len, instructions) = length(rest)?;
        Some(Self { base_len, len, instructions })
    }

    /// Makes the object from its `base` into `out`, and tells in `patch` how. What is in `reach` bytes of something new
    /// is fresh, too.
    pub(super) fn apply(
        &self,
        base: &[u8],
        reach: usize,
        out: &mut Vec<u8>,
        patch: &mut Patch,
    ) -> Result<(), Fault> {
        out.clear();
        patch.copies.clear();
        patch.fresh.clear();
        let len = usize::try_from(self.len).or(Err(Fault::TooLarge))?;
        if base.len() as u64 != self.base_len {
            return Err(Fault::Delta);
        }
        out.reserve(len);
        let mut rest = self.instructions;
        while let Some((&code, after)) = rest.split_first() {
            let at = out.len();
            if code & 0x80 != 0 {
                let (from, copied, after) = copy(code, after).ok_or(Fault::Delta)?;
                let bytes = base.get(from..from + copied).ok_or(Fault::Delta)?;
                patch.copy(Copied { from, to: at, len: copied }, reach);
                out.extend_from_slice(bytes);
                rest = after;
            } else {
                // No instruction is zero.
                let inserted = after.get(..usize::from(code)).filter(|_| code != 0).ok_or(Fault::Delta)?;
                patch.fresh(at, at + inserted.len(), reach);
                out.extend_from_slice(inserted);
                rest = &after[inserted.len()..];
            }
            if out.len() > len {
                return Err(Fault::Delta);
            }
        }
        patch.finish(base.len(), out.len(), reach);
        if out.len() == len { Ok(()) } else { Err(Fault::Delta) }
    }
}

impl Patch {
    fn copy(&mut self, copied: Copied, reach: usize) {
        if let Some(last) = self.copies.last_mut() {
            if last.to + last.len == copied.to && last.from + last.len == copied.from {
                last.len += copied.len;
                return;
            }
        }
        if copied.to > 0 || copied.from > 0 {
            self.fresh(copied.to, copied.to, reach);
        }
        self.copies.push(copied);
    }

    fn fresh(&mut self, start: usize, end: usize, reach: usize) {
        let (start, end) = (start.saturating_sub(reach), end + reach);
        match self.fresh.last_mut() {
            Some(last) if start <= last.end + GAP => last.end = last.end.max(end),
            _ => self.fresh.push(start..end),
        }
    }

    fn finish(&mut self, base_len: usize, len: usize, reach: usize) {
        let ends_like_base = self
            .copies
            .last()
            .is_some_and(|last| last.to + last.len == len && last.from + last.len == base_len);
        if !ends_like_base {
            self.fresh(len, len, reach);
        }
        self.fresh.iter_mut().for_each(|fresh| fresh.end = fresh.end.min(len));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(delta: &[u8], base: &[u8]) -> Result<(Vec<u8>, Patch), Fault> {
        let (mut out, mut patch) = (Vec::new(), Patch::default());
        Delta::parse(delta).ok_or(Fault::Delta)?.apply(base, 2, &mut out, &mut patch)?;
        Ok((out, patch))
    }

    #[test]
    fn copies_and_insertions_make_the_object_and_tell_what_is_fresh() {
        let base = b"0123456789abcdefghijklmnopqrstuvwxyz";
        // 0..20, insert XY, 20..36: one seam, and ends that are the base's.
        let (out, patch) = apply(b"\x24\x26\x90\x14\x02XY\x91\x14\x10", base).unwrap();
        assert_eq!(out, b"0123456789abcdefghijXYklmnopqrstuvwxyz");
        assert_eq!(patch.fresh, [18..24]);
        let copied = [Copied { from: 0, to: 0, len: 20 }, Copied { from: 20, to: 22, len: 16 }];
        assert_eq!(patch.copies, copied);
        // Two copies that go on from each other are one.
        let (_, patch) = apply(b"\x24\x24\x90\x14\x91\x14\x10", base).unwrap();
        assert_eq!(patch.copies, [Copied { from: 0, to: 0, len: 36 }]);
        assert_eq!(patch.fresh, []);
        // Ends that are not the base's are fresh.
        let (out, patch) = apply(b"\x24\x14\x91\x01\x14", base).unwrap();
        assert_eq!(out.len(), 20);
        assert_eq!(patch.fresh, [0..2, 18..20]);
    }

    #[test]
    fn a_delta_that_lies_is_told() {
        let base = b"0123456789";
        for delta in [
            &b""[..],
            b"\x0a",
            b"\x0b\x02\x90\x02", // another base
            b"\x0a\x03\x90\x02", // shorter than it says
            b"\x0a\x01\x90\x02", // longer than it says
            b"\x0a\x0b\x90\x0b", // past the end of the base
            b"\x0a\x02\x91",     // cut short in an instruction
            b"\x0a\x02\x02x",    // cut short in an insertion
            b"\x0a\x01\x00",     // no instruction
            b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
            b"\x0a\xff\xff\xff\xff\xff\xff\xff\x7f\x90\x02",
        ] {
            assert!(apply(delta, base).is_err(), "{delta:x?}");
        }
    }
}
