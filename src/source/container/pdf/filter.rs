//! How the content of a stream is packed: the filters that its dictionary names.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::ZlibDecoder;

/// A filter, by what is to be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    Flate,
    Ascii85,
    AsciiHex,
    /// Nobody's text.
    Picture,
    /// A packing that is not undone.
    Other,
}

/// The words for them, and the short ones that are allowed in places.
const NAMES: [(&[u8], Filter); 14] = [
    (b"FlateDecode", Filter::Flate),
    (b"Fl", Filter::Flate),
    (b"ASCII85Decode", Filter::Ascii85),
    (b"A85", Filter::Ascii85),
    (b"ASCIIHexDecode", Filter::AsciiHex),
    (b"AHx", Filter::AsciiHex),
    (b"DCTDecode", Filter::Picture),
    (b"DCT", Filter::Picture),
    (b"JPXDecode", Filter::Picture),
    (b"CCITTFaxDecode", Filter::Picture),
    (b"CCF", Filter::Picture),
    (b"JBIG2Decode", Filter::Picture),
    (b"LZWDecode", Filter::Other),
    (b"LZW", Filter::Other),
];

/// The filters that `dictionary` names, in the order in which they are undone. `None` if it says where they are named.
pub(super) fn filters(dictionary: &[u8]) -> Option<Vec<Filter>> {
    let Some(value) = value_of(dictionary, b"/Filter") else { return Some(Vec::new()) };
    let names = match value {
        [b'[', list @ ..] => list.split(|&byte| byte == b']').next().unwrap_or_default(),
        [b'/', rest @ ..] => &value[..1 + name_len(rest)],
        _ => return None,
    };
    let filter = |name: &[u8]| {
        let known = NAMES.iter().find(|(known, _)| *known == name.trim_ascii());
        known.map_or(Filter::Other, |(_, filter)| *filter)
    };
    Some(names.split(|&byte| byte == b'/').skip(1).map(filter).collect())
}

/// Whether `dictionary` is one of a picture.
pub(super) fn is_picture(dictionary: &[u8]) -> bool {
    value_of(dictionary, b"/Subtype")
        .is_some_and(|value| value.strip_prefix(b"/Image").is_some_and(|rest| name_len(rest) == 0))
}

/// What comes behind `key`.
fn value_of<'d>(dictionary: &'d [u8], key: &[u8]) -> Option<&'d [u8]> {
    let mut ends = memchr::memmem::find_iter(dictionary, key).map(|at| at + key.len());
    let end = ends.find(|&end| name_len(&dictionary[end..]) == 0)?;
    Some(dictionary[end..].trim_ascii_start())
}

/// How long the name is that goes on so.
fn name_len(rest: &[u8]) -> usize {
    let is_end = |byte: &u8| byte.is_ascii_whitespace() || b"/[]<>()%\0".contains(byte);
    rest.iter().position(is_end).unwrap_or(rest.len())
}

/// A dictionary whose names are spelled without escapes: `/Fl#61te` is `/Flate`.
pub(super) fn unescaped(dictionary: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(dictionary.len());
    let mut rest = dictionary;
    while let [first, more @ ..] = rest {
        let digits = more.first_chunk::<2>().filter(|_| *first == b'#');
        let byte = digits.and_then(|digits| data_encoding::HEXLOWER_PERMISSIVE.decode(digits).ok());
        plain.push(byte.as_ref().map_or(*first, |byte| byte[0]));
        rest = if byte.is_some() { &more[2..] } else { more };
    }
    plain
}

/// No writer spells a stream in letters more than once; more than this is an attack.
const MAX_SPELLED: usize = 4;

/// What undoes `filters` on `content`; `None` if one of them cannot be undone, or makes too much of it.
pub(super) fn undone<'c>(content: &'c [u8], filters: &[Filter], max: usize) -> Option<Box<dyn Read + 'c>> {
    let is_text = |filter: &&Filter| matches!(filter, Filter::Ascii85 | Filter::AsciiHex);
    let spelled = filters.iter().take_while(is_text).count();
    if spelled > MAX_SPELLED {
        return None;
    }
    let mut bytes = Cow::Borrowed(content);
    for filter in &filters[..spelled] {
        let made = if *filter == Filter::Ascii85 { ascii85(&bytes, max) } else { ascii_hex(&bytes) };
        bytes = Cow::Owned(made?);
    }
    let mut reader: Box<dyn Read + 'c> = match bytes {
        Cow::Borrowed(bytes) => Box::new(bytes),
        Cow::Owned(bytes) => Box::new(std::io::Cursor::new(bytes)),
    };
    // What is packed twice is packed twice; more is an attack.
    let packed = &filters[spelled..];
    if packed.len() > 2 || packed.iter().any(|filter| *filter != Filter::Flate) {
        return None;
    }
    for _ in packed {
        reader = Box::new(ZlibDecoder::new(reader));
    }
    Some(reader)
}

/// Five letters for four bytes, `z` for four zeros, up to `~>`.
fn ascii85(text: &[u8], max: usize) -> Option<Vec<u8>> {
    let text = text.trim_ascii_start();
    let text = text.strip_prefix(b"<~").unwrap_or(text);
    let (mut bytes, mut group, mut len) = (Vec::new(), 0_u32, 0);
    for &letter in text.iter().take_while(|&&letter| letter != b'~') {
        match letter {
            b'z' if len == 0 => bytes.extend([0; 4]),
            b'!'..=b'u' => {
                group = group.wrapping_mul(85).wrapping_add(u32::from(letter - b'!'));
                len += 1;
                if len == 5 {
                    bytes.extend(group.to_be_bytes());
                    (group, len) = (0, 0);
                }
            }
            // White space, and what should not be there.
            _ => {}
        }
        if bytes.len() > max {
            return None;
        }
    }
    if len > 1 {
        let filled = (len..5).fold(group, |group, _| group.wrapping_mul(85).wrapping_add(84));
        bytes.extend(&filled.to_be_bytes()[..len - 1]);
    }
    Some(bytes)
}

/// Two digits for a byte, up to `>`.
fn ascii_hex(text: &[u8]) -> Option<Vec<u8>> {
    let digits =
        text.iter().take_while(|&&letter| letter != b'>').filter(|letter| letter.is_ascii_hexdigit());
    let mut digits: Vec<u8> = digits.copied().collect();
    if digits.len() % 2 == 1 {
        digits.push(b'0');
    }
    data_encoding::HEXLOWER_PERMISSIVE.decode(&digits).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_however_they_are_written() {
        let of = |dictionary: &str| filters(&unescaped(dictionary.as_bytes()));
        assert_eq!(of("<</Length 3>>"), Some(vec![]));
        assert_eq!(of("<</Filter/FlateDecode/Length 3>>"), Some(vec![Filter::Flate]));
        assert_eq!(of("<</Filter /Fl#61teDecode>>"), Some(vec![Filter::Flate]));
        assert_eq!(of("<</Filter [ /A85 /Fl ]>>"), Some(vec![Filter::Ascii85, Filter::Flate]));
        assert_eq!(of("<</Filter[/Crypt/DCTDecode]>>"), Some(vec![Filter::Other, Filter::Picture]));
        assert_eq!(of("<</FilterX/Fl/Filter/RunLengthDecode>>"), Some(vec![Filter::Other]));
        assert_eq!(of("<</Filter 12 0 R>>"), None);
    }

    #[test]
    fn a_picture_is_what_says_so_of_itself() {
        assert!(is_picture(b"<</Subtype/Image/Width 3>>") && is_picture(b"<</Subtype /Image>>"));
        assert!(!is_picture(b"<</Subtype/Form/Resources<</ProcSet[/PDF/ImageB/ImageC]>>>>"));
        assert!(!is_picture(b"<</Subtype/ImageMask>>"));
    }

    #[test]
    fn letters_are_read_back() {
        let text = b"<~87cURD]i,\"Ebo80~>";
        assert_eq!(ascii85(text, 100).as_deref(), Some(&b"Hello World!"[..]));
        assert_eq!(ascii85(b"z!!", 100).as_deref(), Some(&b"\0\0\0\0\0"[..]));
        assert_eq!(ascii85(b"zzz", 8), None);
        assert_eq!(ascii_hex(b"48 65\n6C6c 6F>00").as_deref(), Some(&b"Hello"[..]));
        assert_eq!(ascii_hex(b"4>").as_deref(), Some(&b"@"[..]));
    }
}
