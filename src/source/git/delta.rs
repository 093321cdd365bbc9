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

/// How an object comes out of its base.
#[derive(Debug, Default)]
pub(super) struct Patch {
    /// What it is put together from, in order; copies are as long as can be.
    pub(super) pieces: Vec<Piece>,
    /// The stretches of the object with something new in them or in reach of them, in order and apart: what is
    /// inserted, seams between copies, ends that are not ends of the base.
    pub(super) fresh: Vec<Range<usize>>,
}

/// A stretch of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Where it is in the object.
    pub(super) to: usize,
    pub(super) len: usize,
    pub(super) from: Source,
}

/// Where a stretch of an object is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The base, from this byte on.
    Base(usize),
    /// The delta's instructions, from this byte on.
    Inserted(usize),
}

/// Fresh stretches that are no farther apart are one.
const GAP: usize = 16;
/// Of deltas with more pieces than this no patch is made: memory is bounded, whatever a delta says.
const MAX_PIECES: usize = 1 << 20;

impl<'a> Delta<'a> {
    /// Reads the header of a delta.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (base_len, rest) = length(bytes)?;
        let (len, instructions) = length(rest)?;
        Some(Self { base_len, len, instructions })
    }

    /// Makes the object from its `base` into `out`.
    pub(super) fn apply(&self, base: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        self.reserve(out)?;
        self.pieces(base.len(), |piece| {
            out.extend_from_slice(self.bytes_of(base, &piece));
            true
        })
    }

    /// Makes the object from its `base` into `out`, and tells in `patch` how, as [`survey`](Self::survey) does.
    pub(super) fn apply_and_survey(
        &self,
        base: &[u8],
        reach: usize,
        out: &mut Vec<u8>,
        patch: &mut Patch,
    ) -> Result<bool, Fault> {
        self.reserve(out)?;
        patch.clear();
        self.pieces(base.len(), |piece| {
            out.extend_from_slice(self.bytes_of(base, &piece));
            patch.push(piece, reach);
            true
        })?;
        Ok(patch.finish(base.len(), reach))
    }

    /// Tells in `patch` how the object comes out of a base of `base_len` bytes. What is in `reach` bytes of something
    /// new is fresh, too. Says whether the patch is whole: not if there are too many pieces.
    pub(super) fn survey(&self, base_len: usize, reach: usize, patch: &mut Patch) -> Result<bool, Fault> {
        patch.clear();
        self.pieces(base_len, |piece| patch.push(piece, reach))?;
        Ok(patch.finish(base_len, reach))
    }

    fn reserve(&self, out: &mut Vec<u8>) -> Result<(), Fault> {
        out.clear();
        let len = usize::try_from(self.len).or(Err(Fault::TooLarge))?;
        out.try_reserve(len).or(Err(Fault::TooLarge))
    }

    /// The bytes of a piece.
    pub(super) fn bytes_of<'b>(&'b self, base: &'b [u8], piece: &Piece) -> &'b [u8] {
        match piece.from {
            Source::Base(from) => &base[from..from + piece.len],
            Source::Inserted(from) => &self.instructions[from..from + piece.len],
        }
    }

    /// Calls `take` with each piece, checked, until it has enough.
    fn pieces(&self, base_len: usize, mut take: impl FnMut(Piece) -> bool) -> Result<(), Fault> {
        let len = usize::try_from(self.len).or(Err(Fault::TooLarge))?;
        if base_len as u64 != self.base_len {
            return Err(Fault::Delta);
        }
        let (mut to, mut rest) = (0, self.instructions);
        while let Some((&code, after)) = rest.split_first() {
            let piece = if code & 0x80 != 0 {
                let (from, len, after) = copy(code, after).ok_or(Fault::Delta)?;
                rest = after;
                if from + len > base_len {
                    return Err(Fault::Delta);
                }
                Piece { to, len, from: Source::Base(from) }
            } else {
                // No instruction is zero.
                rest = after.get(usize::from(code)..).filter(|_| code != 0).ok_or(Fault::Delta)?;
                let from = self.instructions.len() - after.len();
                Piece { to, len: usize::from(code), from: Source::Inserted(from) }
            };
            to += piece.len;
            if to > len {
                return Err(Fault::Delta);
            }
            if !take(piece) {
                return Ok(());
            }
        }
        if to == len { Ok(()) } else { Err(Fault::Delta) }
    }
}

impl Patch {
    fn clear(&mut self) {
        self.pieces.clear();
        self.fresh.clear();
    }

    /// Says whether there is room for more.
    fn push(&mut self, piece: Piece, reach: usize) -> bool {
        match (self.pieces.last_mut(), piece.from) {
            (Some(Piece { from: Source::Base(last), len, .. }), Source::Base(from))
                if *last + *len == from =>
            {
                *len += piece.len;
                return true;
            }
            (None, Source::Base(0)) => {}
            (_, Source::Base(_)) => self.fresh(piece.to, piece.to, reach),
            (_, Source::Inserted(_)) => self.fresh(piece.to, piece.to + piece.len, reach),
        }
        let has_room = self.pieces.len() < MAX_PIECES;
        if has_room {
            self.pieces.push(piece);
        }
        has_room
    }

    fn fresh(&mut self, start: usize, end: usize, reach: usize) {
        let (start, end) = (start.saturating_sub(reach), end + reach);
        match self.fresh.last_mut() {
            Some(last) if start <= last.end + GAP => last.end = last.end.max(end),
            _ => self.fresh.push(start..end),
        }
    }

    /// Says whether it is whole.
    fn finish(&mut self, base_len: usize, reach: usize) -> bool {
        let len = self.len();
        let ends_as_base =
            self.pieces.last().is_some_and(|last| last.from == Source::Base(base_len.wrapping_sub(last.len)));
        if !ends_as_base {
            self.fresh(len, len, reach);
        }
        self.fresh.iter_mut().for_each(|fresh| fresh.end = fresh.end.min(len));
        self.pieces.len() < MAX_PIECES
    }

    /// Length of the object.
    pub(super) fn len(&self) -> usize {
        self.pieces.last().map_or(0, |last| last.to + last.len)
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
        let (mut out, mut made, mut patch) = (Vec::new(), Vec::new(), Patch::default());
        let delta = Delta::parse(delta).ok_or(Fault::Delta)?;
        let surveyed = delta.survey(base.len(), 2, &mut patch);
        assert_eq!(surveyed.map(|_| ()), delta.apply(base, &mut out));
        let pieces = patch.pieces.clone();
        assert_eq!(surveyed, delta.apply_and_survey(base, 2, &mut made, &mut patch));
        surveyed?;
        assert_eq!((made, pieces), (out.clone(), patch.pieces.clone()));
        Ok((out, patch))
    }

    fn copied(from: usize, to: usize, len: usize) -> Piece {
        Piece { to, len, from: Source::Base(from) }
    }

    #[test]
    fn copies_and_insertions_make_the_object_and_tell_what_is_fresh() {
        let base = b"0123456789abcdefghijklmnopqrstuvwxyz";
        // 0..20, insert XY, 20..36: one seam, and ends that are the base's.
        let (out, patch) = apply(b"\x24\x26\x90\x14\x02XY\x91\x14\x10", base).unwrap();
        assert_eq!(out, b"0123456789abcdefghijXYklmnopqrstuvwxyz");
        assert_eq!(patch.fresh, [18..24]);
        let inserted = Piece { to: 20, len: 2, from: Source::Inserted(3) };
        assert_eq!(patch.pieces, [copied(0, 0, 20), inserted, copied(20, 22, 16)]);
        // Two copies that go on from each other are one.
        let (_, patch) = apply(b"\x24\x24\x90\x14\x91\x14\x10", base).unwrap();
        assert_eq!(patch.pieces, [copied(0, 0, 36)]);
        assert!(patch.fresh.is_empty());
        // Ends that are not the base's are fresh.
        let (out, patch) = apply(b"\x24\x14\x91\x01\x14", base).unwrap();
        assert_eq!(out.len(), 20);
        assert_eq!(patch.fresh, [0..20]);
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
