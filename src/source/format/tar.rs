//! Headers of tar.

/// Everything in a tar starts at a multiple of this.
pub(in crate::source) const BLOCK: usize = 512;

/// Where the sum of a header is in it.
const SUM: std::ops::Range<usize> = 148..156;

/// Whether this starts with a header of a tar: its sum says.
pub(in crate::source) fn is_header(head: &[u8]) -> bool {
    let Some(block) = head.get(..BLOCK).filter(|block| block[0] != 0) else { return false };
    let Some(stated) = number(&block[SUM]) else { return false };
    let byte = |at: usize| if SUM.contains(&at) { b' ' } else { block[at] };
    let unsigned: u64 = (0..BLOCK).map(|at| u64::from(byte(at))).sum();
    // Some old ones added up signed bytes.
    let high = (0..BLOCK).filter(|&at| byte(at) >= 0x80).count() as u64;
    stated == unsigned || stated.wrapping_add(256 * high) == unsigned
}

/// A number in octal digits, or in binary if it is marked so.
pub(in crate::source) fn number(field: &[u8]) -> Option<u64> {
    if field[0] == 0x80 {
        let shift = |number: u64, &byte: &u8| Some(number.checked_mul(256)? | u64::from(byte));
        return field[1..].iter().try_fold(0, shift);
    }
    let digits =
        field.iter().skip_while(|&&byte| byte == b' ').take_while(|&&byte| byte != b' ' && byte != 0);
    digits.copied().try_fold(0_u64, |number, digit| {
        let digit = digit.checked_sub(b'0').filter(|&digit| digit < 8)?;
        number.checked_mul(8)?.checked_add(u64::from(digit))
    })
}
