//! How much memory a decoder needs, by the first bytes of what it decodes. Encoders state how far back they refer; a
//! decoder keeps as much of what it made.

/// As many bytes tell.
pub(super) const HEAD: usize = 64;

pub(super) const DEFLATE: u64 = 64 << 10;
pub(super) const BZIP2: u64 = 4 << 20;
pub(super) const LZ4: u64 = 12 << 20;

/// What a decoder with a dictionary takes beside it.
const BESIDE: u64 = 1 << 20;

/// More than anything states in earnest, and few enough to be added up.
const MOST: u64 = 1 << 40;

/// For a stream of LZMA with its own header: the properties, then the dictionary's size.
pub(super) fn of_lzma(head: &[u8]) -> u64 {
    let size = head.get(1..5).and_then(|size| size.try_into().ok()).map_or(0, u32::from_le_bytes);
    BESIDE + u64::from(size)
}

/// The dictionary that the properties of LZMA2 state.
pub(super) fn of_lzma2(properties: u8) -> u64 {
    let size = u64::from(properties);
    BESIDE + ((2 | size & 1) << (size / 2 + 11).min(40))
}

/// For a stream of xz: its first block states the dictionary, and the others have none that is larger.
pub(super) fn of_xz(head: &[u8]) -> u64 {
    /// The filter that has a dictionary.
    const LZMA2: u64 = 0x21;
    let Some([flags, fields @ ..]) = head.get(13..) else { return BESIDE };
    let mut fields = Numbers(fields);
    for size in [0x40, 0x80] {
        if flags & size != 0 {
            fields.next();
        }
    }
    for _ in 0..=flags & 3 {
        let (Some(id), Some(len)) = (fields.next(), fields.next()) else { break };
        let Some((properties, rest)) =
            usize::try_from(len).ok().and_then(|len| fields.0.split_at_checked(len))
        else {
            break;
        };
        if let (LZMA2, [size]) = (id, properties) {
            return of_lzma2(*size);
        }
        fields.0 = rest;
    }
    BESIDE
}

/// For a frame of zstd: its window, or all of its content.
pub(super) fn of_zstd(head: &[u8]) -> u64 {
    let Some([descriptor, fields @ ..]) = head.get(4..) else { return BESIDE };
    let is_single = descriptor & 0x20 != 0;
    if !is_single {
        let window = u64::from(fields.first().copied().unwrap_or(0));
        let base = 1_u64 << (10 + (window >> 3));
        return BESIDE + base + base / 8 * (window & 7);
    }
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let size = fields.get(dictionary..).unwrap_or_default();
    let number = |len: usize| {
        let mut bytes = [0; 8];
        let len = len.min(size.len());
        bytes[..len].copy_from_slice(&size[..len]);
        u64::from_le_bytes(bytes)
    };
    let content = match descriptor >> 6 {
        0 => number(1),
        1 => number(2) + 256,
        2 => number(4),
        _ => number(8),
    };
    BESIDE + content.min(MOST)
}

/// Numbers of which each byte but the last has its upper bit set.
struct Numbers<'b>(&'b [u8]);

impl Iterator for Numbers<'_> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let len = 1 + self.0.iter().take(8).position(|byte| byte & 0x80 == 0)?;
        let (number, rest) = self.0.split_at(len);
        self.0 = rest;
        Some(number.iter().rev().fold(0, |number, byte| number << 7 | u64::from(byte & 0x7f)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_read_from_the_first_bytes() {
        // As `xz -6`, `xz -9` and `lzma -9` write them.
        let xz =
            |size: u8| [&b"\xfd7zXZ\0\0\x04\xe6\xd6\xb4\x46\x02\0\x21\x01"[..], &[size, 0, 0, 0]].concat();
        assert_eq!(of_xz(&xz(0x16)), BESIDE + (8 << 20));
        assert_eq!(of_xz(&xz(0x1c)), BESIDE + (64 << 20));
        assert_eq!(of_lzma(b"\x5d\0\0\0\x04\xff"), BESIDE + (64 << 20));
        // A window of 128 MiB; a content of 5 bytes, and one of 1 GiB.
        assert_eq!(of_zstd(b"\x28\xb5\x2f\xfd\0\x88"), BESIDE + (128 << 20));
        assert_eq!(of_zstd(b"\x28\xb5\x2f\xfd\x20\x05"), BESIDE + 5);
        assert_eq!(of_zstd(b"\x28\xb5\x2f\xfd\xa0\0\0\0\x40"), BESIDE + (1 << 30));
    }

    #[test]
    fn no_bytes_are_too_strange() {
        for byte in 0..=255 {
            for len in 0..HEAD {
                let head = vec![byte; len];
                [of_xz(&head), of_lzma(&head), of_zstd(&head)]
                    .iter()
                    .for_each(|&size| assert!(size <= 2 * MOST));
            }
        }
    }
}
