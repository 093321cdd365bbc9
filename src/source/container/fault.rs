//! Why what is in an archive was not scanned, or not whole.

use std::io;

/// What stands in the way of reading an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ArchiveFault {
    /// Archives lie in each other deeper than is looked. What is deeper is scanned as bytes.
    Depth(u32),
    /// More comes out of it, compared with its own size, than is read.
    Ratio(u64),
    /// More bytes come out of it than are read.
    Bytes(u64),
    /// It holds more members than are read.
    Members(u64),
    /// Reading it takes more work than is done: so many steps for each byte of the outermost archive.
    Work(u64),
    /// It is encrypted.
    Encrypted,
    /// It is packed in a way that is not known, by the number that zip has for it.
    Method(u16),
    /// A stream of it is packed in a way that is not undone.
    Filter,
    /// It is an archive of a format that is known and not read, by its name.
    Format(&'static str),
    /// It asks for more memory than it gets.
    Memory,
    /// It ends too soon.
    Truncated,
    /// What it is packed in is damaged.
    Compression,
    /// A header of it is damaged.
    Header,
    /// It is not as long as its header says.
    Size,
    /// Its bytes are not those that it has the checksum of.
    Checksum,
    /// So many members are in its table of contents and were not met in the archive itself: they overlap others.
    Hidden(u64),
    /// Objects of git in it are damaged: no encryption, no odd codec, but data that was lost.
    Objects,
    /// So many objects of a git bundle are stored as changes to what it does not have.
    Base(u64),
    /// There are more faults in the same outermost archive.
    More {
        /// How many.
        count: u64,
        /// Whether some are limits of akid's.
        has_limits: bool,
    },
}

impl ArchiveFault {
    /// What an error of a decoder says.
    pub(super) fn of_decoder(error: &io::Error) -> Self {
        let of_xz = error.get_ref().and_then(|inner| inner.downcast_ref::<liblzma::stream::Error>());
        // zstd tells in words only.
        let is_memory = || error.get_ref().is_some_and(|inner| inner.to_string().contains("too much memory"));
        match error.kind() {
            _ if of_xz == Some(&liblzma::stream::Error::MemLimit) || is_memory() => Self::Memory,
            io::ErrorKind::UnexpectedEof => Self::Truncated,
            _ => Self::Compression,
        }
    }

    /// Whether no other tool could read it either: it is damaged, or [locked](Self::is_locked).
    pub fn is_unreadable(self) -> bool {
        let is_damaged = matches!(
            self,
            Self::Truncated
                | Self::Compression
                | Self::Header
                | Self::Size
                | Self::Checksum
                | Self::More { has_limits: false, .. }
        );
        is_damaged || self.is_locked()
    }

    /// Whether it is sound and cannot be read: it is encrypted, or its codec or format is not supported.
    pub fn is_locked(self) -> bool {
        matches!(self, Self::Encrypted | Self::Method(_) | Self::Filter | Self::Format(_))
    }

    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Depth(_) => "archive-depth",
            Self::Ratio(_) => "archive-ratio",
            Self::Bytes(_) => "archive-bytes",
            Self::Members(_) => "archive-members",
            Self::Work(_) => "archive-work",
            Self::Encrypted => "encrypted",
            Self::Method(_) => "unknown-method",
            Self::Filter => "unknown-filter",
            Self::Format(_) => "unread-format",
            Self::Memory => "archive-memory",
            Self::Truncated => "truncated",
            Self::Compression => "damaged-data",
            Self::Header => "damaged-header",
            Self::Size => "wrong-size",
            Self::Checksum => "wrong-checksum",
            Self::Hidden(_) => "hidden-members",
            Self::Objects => "damaged-objects",
            Self::Base(_) => "missing-base",
            Self::More { .. } => "more",
        }
    }
}
