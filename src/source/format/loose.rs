//! Objects of git in files of their own, and other streams of zlib.

use flate2::{Decompress, FlushDecompress};

/// What such an object may be.
const KINDS: [&[u8]; 4] = [b"blob ", b"tree ", b"commit ", b"tag "];

/// No header of an object is longer: a word, a number, a zero.
pub(in crate::source) const MAX_HEADER: usize = 32;

/// Whether this starts with an object.
pub(in crate::source) fn is_object(head: &[u8]) -> bool {
    // As zlib marks a stream with its usual window, whatever the level.
    if !matches!(head, [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..]) {
        return false;
    }
    size(&unpacked_start(head)).is_some()
}

/// Whether this starts with a stream of zlib that is none of git's objects: enough of it can be decoded.
pub(in crate::source) fn is_zlib(head: &[u8]) -> bool {
    begins_zlib(head) && unpacked_start(head).len() == MAX_HEADER && !is_object(head)
}

/// Whether the first bytes are those of zlib at its usual level.
pub(in crate::source) fn begins_zlib(head: &[u8]) -> bool {
    head.starts_with(&[0x78, 0x9c])
}

/// What a stream of zlib that starts with `head` starts with: nothing if that cannot be decoded.
fn unpacked_start(head: &[u8]) -> Vec<u8> {
    let mut start = vec![0; MAX_HEADER];
    let mut decoder = Decompress::new(true);
    let _ = decoder.decompress(head, &mut start, FlushDecompress::None);
    start.truncate(usize::try_from(decoder.total_out()).unwrap_or(0));
    start
}

/// The length of the content that the header at the start of `start` states.
pub(in crate::source) fn size(start: &[u8]) -> Option<u64> {
    let kind = KINDS.iter().find(|kind| start.starts_with(kind))?;
    let end = start.iter().position(|&byte| byte == 0)?;
    let digits = start.get(kind.len()..end).filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}
