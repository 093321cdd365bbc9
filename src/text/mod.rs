//! Text as people and reports point at it: spans, lines and columns, masked excerpts, untrusted characters made
//! printable.

mod base64;
mod escape;
mod escaped;
mod excerpt;
mod line_hash;
mod line_index;
pub(crate) mod unseen;
mod url;
mod wide;

use std::ops::Range;

pub(crate) use base64::base64_digit;
pub(crate) use escape::escape;
pub use escaped::Escaped;
pub use excerpt::{Excerpt, Part};
pub(crate) use line_hash::window_len as line_hash_window;
pub use line_hash::{LineHash, LineHasher};
pub use line_index::LineIndex;
pub(crate) use line_index::columns;
pub use url::{normal_url, repository_url, without_user_info};
pub(crate) use wide::{ByteOrder, Wide};

/// Bytes `start..end` of an input, counted from its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: u64,
    /// The byte after the last.
    pub end: u64,
}

/// Whether a byte of UTF-8 goes on with a character that starts before it.
pub(crate) fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// A place in a text, as editors count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// 1-based line.
    pub line: u64,
    /// 1-based column in Unicode scalar values; an invalid byte counts as one.
    pub column: u64,
}

impl Span {
    /// The span of `range` in a buffer that begins at byte `base` of the input.
    pub fn at(base: u64, range: &Range<usize>) -> Self {
        Self { start: base + range.start as u64, end: base + range.end as u64 }
    }

    /// Number of bytes.
    pub fn len(self) -> u64 {
        self.end - self.start
    }

    /// Whether there is no byte in it.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

impl Position {
    /// Where every text starts.
    pub const START: Self = Self { line: 1, column: 1 };
}
