//! What an input is, by its bytes and never by its name.

#[cfg(feature = "git")]
use super::bundle;
use super::codec::Codec;
use super::{cpio, loose, seven, tar, zip};

/// A sort of archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::source) enum Kind {
    /// One thing, made smaller.
    Packed(Codec),
    Zip,
    Tar,
    Ar,
    Cpio,
    Rpm,
    Pdf,
    Seven,
    Sqlite,
    #[cfg(feature = "git")]
    Bundle,
    /// A pack of git's objects, with or without an index beside it.
    #[cfg(feature = "git")]
    Pack,
    /// One object of git.
    Loose,
    /// An archive of a format that is not read.
    Closed(&'static str),
}

/// What every database of SQLite starts with.
const SQLITE: &[u8] = b"SQLite format 3\0";

/// So many bytes say what an input is, unless it is a zip behind something else.
pub(in crate::source) const HEAD: usize = tar::BLOCK;

impl Kind {
    /// What the input is that `head` is the start of, and `whole` all of it, if it is held. `None` if it is no archive.
    pub(in crate::source) fn of(head: &[u8], whole: Option<&[u8]>) -> Option<Self> {
        by_head(head).or_else(|| is_zip_behind(head, whole).then_some(Self::Zip))
    }
}

/// Whether these bytes are an archive: what is in them is not seen in them.
pub fn is_archive(bytes: &[u8]) -> bool {
    Kind::of(&bytes[..bytes.len().min(HEAD)], Some(bytes)).is_some()
}

fn by_head(head: &[u8]) -> Option<Kind> {
    if let Some(packing) = Codec::of(head) {
        return Some(Kind::Packed(packing));
    }
    #[cfg(feature = "git")]
    if bundle::is_bundle(head) {
        return Some(Kind::Bundle);
    }
    #[cfg(feature = "git")]
    if bundle::is_pack(head) {
        return Some(Kind::Pack);
    }
    match head {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, b'P', b'K', ..] => {
            Some(Kind::Zip)
        }
        [b'!', b'<', b'a', b'r', b'c', b'h', b'>', b'\n', ..] => Some(Kind::Ar),
        [0xed, 0xab, 0xee, 0xdb, 3 | 4, ..] => Some(Kind::Rpm),
        [b'0', b'7', ..] | [0xc7, 0x71, ..] | [0x71, 0xc7, ..] if cpio::is_header(head) => Some(Kind::Cpio),
        [0x78, ..] if loose::is_object(head) => Some(Kind::Loose),
        [b'%', b'P', b'D', b'F', b'-', ..] => Some(Kind::Pdf),
        _ if is_pdf_behind(head) => Some(Kind::Pdf),
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Some(Kind::Seven),
        _ if head.starts_with(SQLITE) => Some(Kind::Sqlite),
        [b'R', b'a', b'r', b'!', 0x1a, 7, ..] => Some(Kind::Closed("RAR")),
        [b'L', b'Z', b'I', b'P', 0 | 1, ..] => Some(Kind::Closed("lzip")),
        [0x1f, 0x9d, 0x89..=0x90, ..] => Some(Kind::Closed("compress")),
        [0x02, 0x21, 0x4c, 0x18, ..] => Some(Kind::Closed("LZ4 in its old form")),
        [b'x', b'a', b'r', b'!', 0, 28, 0, 1, ..] => Some(Kind::Closed("xar")),
        _ if tar::is_header(head) => Some(Kind::Tar),
        _ => None,
    }
}

/// Whether a PDF begins behind a few other bytes: readers take such a file. Its second line holds bytes that no text
/// has, as opposed to that of a text about it.
fn is_pdf_behind(head: &[u8]) -> bool {
    let mark = memchr::memmem::find(head, b"%PDF-");
    mark.is_some_and(|at| head[at..].iter().skip(5).take(32).any(|&byte| byte >= 0x80))
}

/// Whether this is something else with a zip or a 7z behind it: a program that unpacks itself, an application in one
/// file, a picture with an archive at its end. The end of a zip tells, and the start of a 7z; where that is not held, all
/// that is no text may be one.
fn is_zip_behind(head: &[u8], whole: Option<&[u8]>) -> bool {
    let is_likely = head.starts_with(b"#!") || memchr::memchr(0, head).is_some();
    whole.map_or(is_likely, |whole| zip::is_in(whole, is_likely) || (is_likely && seven::is_in(whole)))
}
