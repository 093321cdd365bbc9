//! What decoding costs.

use crate::source::format::Codec;

/// What decoding costs, in steps of work.
#[derive(Clone, Copy, Debug)]
pub(super) struct Price {
    /// For a decoder: what is allocated for it, even if nothing comes out of it.
    pub(super) start: u64,
    /// For a byte that comes out, in the worst case.
    pub(super) byte: u64,
}

impl Price {
    pub(super) const STORED: Self = Self { start: 0, byte: 1 };
    pub(super) const DEFLATE: Self = Self { start: 1000, byte: 2 };
    pub(super) const BZIP2: Self = Self { start: 60_000, byte: 20 };
    pub(super) const LZMA: Self = Self { start: 15_000, byte: 10 };
    pub(super) const ZSTD: Self = Self { start: 20_000, byte: 2 };
    const LZ4: Self = Self { start: 10_000, byte: 1 };

    /// Of a stream that is compressed so.
    pub(super) fn of(codec: Codec) -> Self {
        match codec {
            Codec::Gzip => Self::DEFLATE,
            Codec::Bzip2 => Self::BZIP2,
            Codec::Xz | Codec::Lzma => Self::LZMA,
            Codec::Zstd => Self::ZSTD,
            Codec::Lz4 => Self::LZ4,
        }
    }
}
