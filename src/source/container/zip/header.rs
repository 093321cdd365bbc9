//! The records of a zip, by the specification that PKWARE calls APPNOTE.

pub(super) use crate::source::format::zip::{
    CENTRAL, CENTRAL_LEN, DESCRIPTOR, END, END_64, END_64_LEN, END_LEN, LOCAL, LOCAL_LEN, LOCATOR_64,
    LOCATOR_64_LEN, SIGNATURE, SIGNATURE_LEN, is_record, u16_at, u32_at, u64_at,
};

/// What a record says of a member.
pub(super) struct Header {
    pub(super) method: u16,
    pub(super) crc: u32,
    /// Bytes in the archive.
    pub(super) packed: u64,
    pub(super) size: u64,
    pub(super) is_encrypted: bool,
    /// Whether checksum and sizes come behind the content.
    pub(super) is_described: bool,
    pub(super) name: Vec<u8>,
    pub(super) extra: Vec<u8>,
    pub(super) comment: Vec<u8>,
}

/// The length of the local record that starts so, with its parts.
pub(super) fn local_len(start: &[u8]) -> usize {
    LOCAL_LEN + usize::from(u16_at(start, 26)) + usize::from(u16_at(start, 28))
}

/// The length of the record of the table of contents that starts so, with its parts.
pub(super) fn central_len(start: &[u8]) -> usize {
    CENTRAL_LEN
        + usize::from(u16_at(start, 28))
        + usize::from(u16_at(start, 30))
        + usize::from(u16_at(start, 32))
}

/// Whether the local record that starts so is as programs write them: by the version that unpacking takes, the method,
/// and the name.
pub(super) fn is_usual(start: &[u8]) -> bool {
    start[4] <= 63 && matches!(u16_at(start, 8), 0..=20 | 93..=99) && u16_at(start, 26) > 0
}

/// Where in `held`, which starts with a record, the next one of a member starts.
pub(super) fn next_record(held: &[u8]) -> Option<usize> {
    let starts = memchr::memmem::find_iter(held, LOCAL);
    { starts }.find(|&at| at >= LOCAL.len() && is_record(&held[at..]))
}

impl Header {
    /// Reads a whole local record.
    pub(super) fn local(record: &[u8]) -> Self {
        let name_end = LOCAL_LEN + usize::from(u16_at(record, 26));
        let parts = [&record[LOCAL_LEN..name_end], &record[name_end..], &[]];
        Self::new(&record[6..LOCAL_LEN], parts)
    }

    /// Reads a whole record of the table of contents.
    pub(super) fn central(record: &[u8]) -> Self {
        let name_end = CENTRAL_LEN + usize::from(u16_at(record, 28));
        let extra_end = name_end + usize::from(u16_at(record, 30));
        let parts = [&record[CENTRAL_LEN..name_end], &record[name_end..extra_end], &record[extra_end..]];
        Self::new(&record[8..CENTRAL_LEN], parts)
    }

    /// Reads the fields that are the same in both, from the flags on.
    fn new(fields: &[u8], [name, extra, comment]: [&[u8]; 3]) -> Self {
        let (flags, method) = (u16_at(fields, 0), u16_at(fields, 2));
        let (packed, size) = (u32_at(fields, 12), u32_at(fields, 16));
        let [size, packed] = large_sizes(extra, [size, packed]);
        Self {
            method,
            crc: u32_at(fields, 8),
            packed,
            size,
            // Content, content by a stronger cipher, the table of contents; and the method that stands for AES.
            is_encrypted: flags & 0x2041 != 0 || method == 99,
            is_described: flags & 8 != 0,
            name: name.to_vec(),
            extra: extra.to_vec(),
            comment: comment.to_vec(),
        }
    }
}

/// Sizes that do not fit their fields stand in an extra field, those that do are left out there.
fn large_sizes(mut extra: &[u8], sizes: [u32; 2]) -> [u64; 2] {
    let mut known = sizes.map(u64::from);
    while extra.len() >= 4 {
        let (id, len) = (u16_at(extra, 0), usize::from(u16_at(extra, 2)));
        let field = &extra[4..extra.len().min(4 + len)];
        if id == 1 {
            let mut at = 0;
            for (size, large) in sizes.into_iter().zip(&mut known) {
                if size == u32::MAX && field.len() >= at + 8 {
                    *large = u64_at(field, at);
                    at += 8;
                }
            }
        }
        extra = extra.get(4 + len..).unwrap_or_default();
    }
    known
}

/// What a descriptor behind a content may say, if it is one of a content of this checksum and these sizes: its length.
/// Some write no signature before it, and some write sizes of eight bytes.
pub(super) fn descriptor_len(start: &[u8], crc: u32, packed: u64, size: u64) -> Option<usize> {
    let signature = if start.starts_with(DESCRIPTOR) { 4 } else { 0 };
    [signature, 0].into_iter().find_map(|at| {
        let body = start.get(at..)?;
        let is_large = body.len() >= 20 && u64_at(body, 4) == packed && u64_at(body, 12) == size;
        let low = |size: u64| size & u64::from(u32::MAX);
        let is_small = body.len() >= 12
            && u64::from(u32_at(body, 4)) == low(packed)
            && u64::from(u32_at(body, 8)) == low(size);
        let len = if is_large { 20 } else { 12 };
        (u32_at(body, 0) == crc && (is_large || is_small)).then_some(at + len)
    })
}
