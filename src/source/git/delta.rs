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
/// Of more copies than this none is kept, and all of the object is fresh: memory is bounded, whatever a delta says.
const MAX_COPIES: usize = 1 << 20;

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
        out.try_reserve(len).or(Err(Fault::TooLarge))?;
        let mut rest = self.instructions;
        while let Some((&code, after)) = rest.split_first() {
            let to = out.len();
            let piece = if code & 0x80 != 0 {
                let (from, len, after) = copy(code, after).ok_or(Fault::Delta)?;
                rest = after;
                patch.copy(Copied { from, to, len }, reach);
                base.get(from..from + len).ok_or(Fault::Delta)?
            } else {
                let (inserted, after) = after.split_at_checked(usize::from(code)).ok_or(Fault::Delta)?;
                rest = after;
                patch.fresh(to, to + inserted.len(), reach);
                inserted
            };
            // No instruction is zero, and none makes nothing.
            if piece.is_empty() || piece.len() > len - to {
                return Err(Fault::Delta);
            }
            out.extend_from_slice(piece);
        }
        patch.finish(base.len(), len, reach);
        if out.len() == len { Ok(()) } else { Err(Fault::Delta) }
    }
}

impl Patch {
    fn copy(&mut self, copied: Copied, reach: usize) {
        match self.copies.last_mut() {
            Some(last) if last.to + last.len == copied.to && last.from + last.len == copied.from => {
                last.len += copied.len;
                return;
            }
            None if copied.to == 0 && copied.from == 0 => {}
            _ => self.fresh(copied.to, copied.to, reach),
        }
        if self.copies.len() < MAX_COPIES {
            self.copies.push(copied);
        }
    }

    fn fresh(&mut self, start: usize, end: usize, reach: usize) {
        let (start, end) = (start.saturating_sub(reach), end + reach);
        let has_room = self.fresh.len() < MAX_COPIES;
        match self.fresh.last_mut() {
            Some(last) if start <= last.end + GAP => last.end = last.end.max(end),
            _ if has_room => self.fresh.push(start..end),
            // Seen in the end.
            _ => {}
        }
    }

    fn finish(&mut self, base_len: usize, len: usize, reach: usize) {
        if self.copies.len() >= MAX_COPIES || self.fresh.len() >= MAX_COPIES {
            self.copies.clear();
            self.fresh.clear();
            self.fresh.push(0..len);
            return;
        }
        let ends_as_base = |last: &Copied| last.to + last.len == len && last.from + last.len == base_len;
        if !self.copies.last().is_some_and(ends_as_base) {
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
#[inline]
fn copy(code: u8, rest: &[u8]) -> Option<(usize, usize, &[u8])> {
    let mut next = 0;
    let mut byte = |bit: u8, shift: u32| {
        if code & bit == 0 {
            return Some(0);
        }
        let byte = usize::from(*rest.get(next)?) << shift;
        next += 1;
        Some(byte)
    };
    let from = byte(1, 0)? | byte(2, 8)? | byte(4, 16)? | byte(8, 24)?;
    let len = byte(16, 0)? | byte(32, 8)? | byte(64, 16)?;
    Some((from, if len == 0 { 0x10000 } else { len }, &rest[next..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(delta: &[u8], base: &[u8]) -> Result<(Vec<u8>, Patch), Fault> {
        let (mut out, mut patch) = (Vec::new(), Patch::default());
        Delta::parse(delta).ok_or(Fault::Delta)?.apply(base, 2, &mut out, &mut patch)?;
        Ok((out, patch))
    }

    fn copied(from: usize, to: usize, len: usize) -> Copied {
        Copied { from, to, len }
    }

    #[test]
    fn copies_and_insertions_make_the_object_and_tell_what_is_fresh() {
        let base = b"0123456789abcdefghijklmnopqrstuvwxyz";
        // 0..20, insert XY, 20..36: one seam, and ends that are the base's.
        let (out, patch) = apply(b"\x24\x26\x90\x14\x02XY\x91\x14\x10", base).unwrap();
        assert_eq!(out, b"0123456789abcdefghijXYklmnopqrstuvwxyz");
        assert_eq!(patch.fresh, std::slice::from_ref(&(18..24)));
        assert_eq!(patch.copies, [copied(0, 0, 20), copied(20, 22, 16)]);
        // Two copies that go on from each other are one.
        let (_, patch) = apply(b"\x24\x24\x90\x14\x91\x14\x10", base).unwrap();
        assert_eq!(patch.copies, [copied(0, 0, 36)]);
        assert!(patch.fresh.is_empty());
        // Ends that are not the base's are fresh.
        let (out, patch) = apply(b"\x24\x14\x91\x01\x14", base).unwrap();
        assert_eq!(out.len(), 20);
        assert_eq!(patch.fresh, std::slice::from_ref(&(0..20)));
    }

    #[test]
    fn a_delta_that_lies_is_told() {
        let base = b"0123456789";
        for delta in [
            &b""[..],
            b"\x0a",
            // Another base.
            b"\x0b\x02\x90\x02",
            // Shorter, then longer than it says.
            b"\x0a\x03\x90\x02",
            b"\x0a\x01\x90\x02",
            // Past the end of the base.
            b"\x0a\x0b\x90\x0b",
            // Cut short in an instruction, in an insertion.
            b"\x0a\x02\x91",
            b"\x0a\x02\x02x",
            // No instruction.
            b"\x0a\x01\x00",
            // Numbers without an end.
            b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
            b"\x0a\xff\xff\xff\xff\xff\xff\xff\x7f\x90\x02",
        ] {
            assert!(apply(delta, base).is_err(), "{delta:x?}");
        }
    }
}
