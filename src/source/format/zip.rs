//! The records of a zip, by the specification that PKWARE calls APPNOTE: what they start with.

/// What a record starts with.
pub(in crate::source) const LOCAL: &[u8] = b"PK\x03\x04";
pub(in crate::source) const CENTRAL: &[u8] = b"PK\x01\x02";
pub(in crate::source) const END: &[u8] = b"PK\x05\x06";
pub(in crate::source) const END_64: &[u8] = b"PK\x06\x06";
pub(in crate::source) const LOCATOR_64: &[u8] = b"PK\x06\x07";
pub(in crate::source) const SIGNATURE: &[u8] = b"PK\x05\x05";
pub(in crate::source) const DESCRIPTOR: &[u8] = b"PK\x07\x08";

/// Lengths of records without their parts of variable length.
pub(in crate::source) const LOCAL_LEN: usize = 30;
pub(in crate::source) const CENTRAL_LEN: usize = 46;
pub(in crate::source) const END_LEN: usize = 22;
pub(in crate::source) const END_64_LEN: usize = 12;
pub(in crate::source) const LOCATOR_64_LEN: usize = 20;
pub(in crate::source) const SIGNATURE_LEN: usize = 6;

/// The two bytes at `at`, the low one first.
pub(in crate::source) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |field| u16::from_le_bytes([field[0], field[1]]))
}

/// The four bytes at `at`, the lowest first.
pub(in crate::source) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

/// The eight bytes at `at`, the lowest first.
pub(in crate::source) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

/// Whether what starts so may be a record, of a member or the last one.
pub(in crate::source) fn is_record(start: &[u8]) -> bool {
    match start.get(..4).unwrap_or_default() {
        LOCAL => start.len() >= LOCAL_LEN,
        CENTRAL => start.len() >= CENTRAL_LEN,
        END_64 => true,
        // All in one file: the disks are the same.
        END => start.len() >= END_LEN && u16_at(start, 4) == u16_at(start, 6),
        _ => false,
    }
}

/// Whether a zip ends where `bytes` end. With `is_likely`, also whether any record of one is in them.
pub(in crate::source) fn is_in(bytes: &[u8], is_likely: bool) -> bool {
    let is_record = |at: usize| self::is_record(&bytes[at..]);
    let last = bytes.len().checked_sub(END_LEN);
    let is_end = |at: usize| bytes[at..].starts_with(END) && is_record(at);
    last.is_some_and(is_end) || (is_likely && memchr::memmem::find_iter(bytes, b"PK").any(is_record))
}
