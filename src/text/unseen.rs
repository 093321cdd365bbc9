//! What is written between the characters of a value and not seen: characters without a width, and the places where HTML
//! may break a line.

use super::escape;

/// The spellings of [`is_unseen`] in UTF-8, and the tag.
const WRITTEN: [&[u8]; 10] = [
    b"<wbr>",
    b"<wbr/>",
    b"<wbr />",
    b"\xc2\xad",
    b"\xe2\x80\x8b",
    b"\xe2\x80\x8c",
    b"\xe2\x80\x8d",
    b"\xe2\x80\x8e",
    b"\xe2\x81\xa0",
    b"\xef\xbb\xbf",
];

/// The bytes that one of [`WRITTEN`] may start with.
pub(crate) const STARTS: &[u8] = b"<\xc2\xe2\xef";

/// A soft hyphen, and characters without a width.
pub(crate) fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200e}' | '\u{2060}' | '\u{feff}')
}

/// The length of what is not seen at the start of `text` and is no escape; `None` if nothing of the kind is there.
pub(crate) fn written_len(text: &[u8]) -> Option<usize> {
    let is_there =
        |unseen: &&[u8]| text.get(..unseen.len()).is_some_and(|head| head.eq_ignore_ascii_case(unseen));
    STARTS.contains(text.first()?).then(|| WRITTEN.iter().copied().find(is_there).map(<[u8]>::len))?
}

/// The length of what is not seen at the start of `text`, escaped or not.
pub(crate) fn unseen_len(text: &[u8]) -> Option<usize> {
    written_len(text).or_else(|| escape(text).and_then(|(c, len)| is_unseen(c).then_some(len)))
}
