//! What compresses one thing: gzip, bzip2, xz, LZMA, zstd, LZ4.

use super::frames;

/// A way to make one thing smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::source) enum Codec {
    Gzip,
    Bzip2,
    Xz,
    /// What came before xz, as `.lzma`.
    Lzma,
    Zstd,
    Lz4,
}

/// What a stream of bzip2 starts with after its level: a block, or the end.
const BZIP2_BLOCKS: [&[u8]; 2] = [b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90"];

impl Codec {
    /// The packing of an input that starts so.
    pub(in crate::source) fn of(head: &[u8]) -> Option<Self> {
        match head {
            // The upper bits of the flags are reserved.
            [0x1f, 0x8b, 8, 0..=0x1f, ..] => Some(Self::Gzip),
            [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..] => {
                BZIP2_BLOCKS.iter().any(|magic| rest.starts_with(magic)).then_some(Self::Bzip2)
            }
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            [0x5d, rest @ ..] if is_lzma(rest) => Some(Self::Lzma),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            [0x04, 0x22, 0x4d, 0x18, ..] => Some(Self::Lz4),
            // A frame to be skipped, of zstd or lz4.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Whether `held`, which begins like a stream and of which nothing can be decoded, is one all the same: by how it goes
    /// on, or by the length of its mark.
    pub(in crate::source) fn is_certain(self, held: &[u8]) -> bool {
        match self {
            Self::Gzip | Self::Lzma => false,
            Self::Bzip2 | Self::Xz => true,
            Self::Zstd => frames::is_zstd(held),
            Self::Lz4 => frames::is_lz4(held),
        }
    }
}

/// Whether a header of LZMA goes on so, behind the settings that everybody uses. It has no mark: the size of its
/// dictionary is a power of two, or one and a half of one, and that of the content is unknown or within reason.
fn is_lzma(rest: &[u8]) -> bool {
    let Some((dictionary, rest)) = rest.split_first_chunk() else { return false };
    let Some(size) = rest.first_chunk() else { return false };
    let (dictionary, size) = (u32::from_le_bytes(*dictionary), u64::from_le_bytes(*size));
    let is_usual = dictionary.is_power_of_two() || (dictionary / 3).is_power_of_two() && dictionary % 3 == 0;
    // What is decoded first is nothing but zeros in no real one.
    let is_begun = matches!(rest.get(8..13), Some([0, code @ ..]) if code.iter().any(|&byte| byte != 0));
    is_usual && dictionary >= 4096 && (size == u64::MAX || size < 1 << 38) && is_begun
}
