//! The start of 7z.

/// The signature, a version, and where the header is.
pub(in crate::source) const START: usize = 32;

/// What an archive starts with.
pub(in crate::source) const MAGIC: &[u8] = b"7z\xbc\xaf\x27\x1c";

/// Whether this is the start of an archive: its checksum says.
pub(in crate::source) fn is_start(held: &[u8]) -> bool {
    let stated = held.get(8..12).and_then(|stated| stated.try_into().ok()).map(u32::from_le_bytes);
    held.starts_with(MAGIC) && held.get(12..START).is_some_and(|start| Some(crc32fast::hash(start)) == stated)
}

/// Whether an archive starts somewhere in `bytes`.
pub(in crate::source) fn is_in(bytes: &[u8]) -> bool {
    memchr::memmem::find_iter(bytes, MAGIC).any(|at| is_start(&bytes[at..]))
}
