//! Bitmaps as a split index has them: runs of equal words, then words as they are, and so on (EWAH).

/// The places of the bits that are set in `words`, in order; `None` if one is not below `len`, or it is no bitmap.
pub(super) fn set_bits(words: &[u64], len: usize) -> Option<Vec<usize>> {
    let mut set = Vec::new();
    let mut at = 0_usize;
    let mut words = words.iter();
    while let Some(&marker) = words.next() {
        let run = usize::try_from((marker >> 1) & u64::from(u32::MAX)).ok()?.checked_mul(64)?;
        // Before room is made for bits that are not there.
        let end = at.checked_add(run).filter(|&end| end <= len.next_multiple_of(64))?;
        if marker & 1 == 1 {
            set.extend(at..end);
        }
        at = end;
        for _ in 0..marker >> 33 {
            let word = words.next().filter(|_| at < len)?;
            set.extend((0..64).filter(|bit| word >> bit & 1 == 1).map(|bit| at + bit));
            at += 64;
        }
    }
    set.last().is_none_or(|last| *last < len).then_some(set)
}

#[cfg(test)]
mod tests {
    use super::set_bits;

    fn marker(bit: u64, run: u64, literals: u64) -> u64 {
        bit | run << 1 | literals << 33
    }

    #[test]
    fn runs_and_words_are_read_in_turn() {
        let words = [marker(0, 1, 1), 0b101, marker(1, 1, 0)];
        let expected: Vec<usize> = [64, 66].into_iter().chain(128..192).collect();
        assert_eq!(set_bits(&words, 192), Some(expected));
        assert_eq!(set_bits(&[], 0), Some(Vec::new()));
    }

    #[test]
    fn a_bitmap_that_claims_too_much_is_none() {
        for words in [
            &[marker(1, u64::from(u32::MAX), 0)][..],
            &[marker(0, 0, 2), 1],
            &[marker(0, 0, 1), 1 << 40],
            &[marker(0, u64::from(u32::MAX), 1), 1],
        ] {
            assert_eq!(set_bits(words, 40), None, "{words:?}");
        }
    }
}
