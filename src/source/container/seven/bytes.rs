//! The bytes of a header: numbers, lists of them that stay where they are, and checksums.

use crate::source::container::fault::ArchiveFault;

/// What was read, or that the header makes no sense.
pub(super) type Outcome<T> = Result<T, ArchiveFault>;

/// Reads the bytes of a header.
#[derive(Clone, Default)]
pub(super) struct Bytes<'b>(pub(super) &'b [u8]);

impl<'b> Bytes<'b> {
    pub(super) fn take(&mut self, count: usize) -> Outcome<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(ArchiveFault::Header)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn byte(&mut self) -> Outcome<u8> {
        Ok(self.take(1)?[0])
    }

    /// A number: the ones that its first byte starts with say how many bytes follow.
    pub(super) fn number(&mut self) -> Outcome<u64> {
        let first = self.byte()?;
        let more = first.leading_ones();
        let low = self.take(usize::try_from(more).unwrap_or(8))?;
        let value = low.iter().rev().fold(0_u64, |value, &byte| value << 8 | u64::from(byte));
        let high = u64::from(first) & (0x7f_u64 >> more);
        Ok(if more >= 7 { value } else { value | high << (8 * more) })
    }

    /// A number of things of which each takes at least a bit here.
    pub(super) fn count(&mut self) -> Outcome<usize> {
        let number = self.number()?;
        let most = self.0.len() as u64 * 8;
        usize::try_from(number).ok().filter(|_| number <= most).ok_or(ArchiveFault::Header)
    }

    /// Passes over what `read` reads, and returns it to be read again.
    pub(super) fn passed(&mut self, read: impl FnOnce(&mut Self) -> Outcome<()>) -> Outcome<Self> {
        let before = self.0;
        read(self)?;
        Ok(Self(&before[..before.len() - self.0.len()]))
    }

    pub(super) fn numbers(&mut self, count: usize) -> Outcome<Self> {
        self.passed(|bytes| (0..count).try_for_each(|_| bytes.number().map(drop)))
    }

    /// Checksums of `count` items, some of which may have none.
    pub(super) fn digests(&mut self, count: usize) -> Outcome<Digests<'b>> {
        let known = if self.byte()? == 0 { Some(self.take(count.div_ceil(8))?) } else { None };
        let is_known = |at: usize| known.is_none_or(|bits| bit(bits, at));
        let len = match known {
            None => count.checked_mul(4),
            Some(_) => (0..count).filter(|&at| is_known(at)).count().checked_mul(4),
        };
        Ok(Digests { known, left: count, at: 0, values: self.take(len.ok_or(ArchiveFault::Header)?)? })
    }
}

/// Whether the bit at `at` is set, counted from the highest of the first byte.
pub(super) fn bit(bits: &[u8], at: usize) -> bool {
    bits.get(at / 8).is_some_and(|byte| byte & (0x80 >> (at % 8)) != 0)
}

/// Checksums, of those things that have one.
#[derive(Clone, Default)]
pub(super) struct Digests<'b> {
    known: Option<&'b [u8]>,
    left: usize,
    at: usize,
    values: &'b [u8],
}

impl Digests<'_> {
    pub(super) fn next(&mut self) -> Option<u32> {
        self.left = self.left.checked_sub(1)?;
        self.at += 1;
        if self.known.is_some_and(|bits| !bit(bits, self.at - 1)) {
            return None;
        }
        let (value, rest) = self.values.split_first_chunk()?;
        self.values = rest;
        Some(u32::from_le_bytes(*value))
    }
}
