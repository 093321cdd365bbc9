//! Values of the dictionary before a stream, some of which stand in objects of their own.

use super::objects::Objects;
use super::token::{first, is_space, name_len, without_space};

/// What comes behind `key`, from its value on.
pub(super) fn value_of<'d>(dictionary: &'d [u8], key: &[u8]) -> Option<&'d [u8]> {
    let mut ends = memchr::memmem::find_iter(dictionary, key).map(|at| at + key.len());
    let end = ends.find(|&end| name_len(&dictionary[end..]) == 0)?;
    Some(without_space(&dictionary[end..]))
}

/// Whether `dictionary` has this name for `key`.
pub(super) fn is(dictionary: &[u8], key: &[u8], name: &[u8]) -> bool {
    value_of(dictionary, key).is_some_and(|value| first(value) == name)
}

/// The number that `dictionary` has for `key`, `default` if it has none. `None` if it is not known, or is no number.
pub(super) fn number(dictionary: &[u8], key: &[u8], default: u64, objects: &Objects) -> Option<u64> {
    match value_of(dictionary, key) {
        None => Some(default),
        Some(value) => std::str::from_utf8(resolved(value, objects)?).ok()?.parse().ok(),
    }
}

/// Longer lists make no sense where they are read.
const MAX_LIST: usize = 32;

/// The values that `text` starts with a list of, or the one that it starts with, wherever they stand. `None` if one is not
/// known.
pub(super) fn list<'d>(text: &'d [u8], objects: &'d Objects) -> Option<Vec<&'d [u8]>> {
    let value = resolved(text, objects)?;
    let Some(mut rest) = value.strip_prefix(b"[") else { return Some(vec![value]) };
    let next = || {
        rest = without_space(rest);
        let value = first(rest);
        rest = &rest[value.len()..];
        Some(value).filter(|value| !value.is_empty())
    };
    std::iter::from_fn(next).take(MAX_LIST).map(|value| resolved(value, objects)).collect()
}

/// Objects that name each other are followed so far.
const MAX_STEPS: usize = 8;

/// The value that `text` starts with, from the object that it may name.
fn resolved<'d>(text: &'d [u8], objects: &'d Objects) -> Option<&'d [u8]> {
    let mut value = first(text);
    for _ in 0..MAX_STEPS {
        let Some(number) = reference(value) else { return Some(value) };
        value = first(without_space(objects.get(number)?));
    }
    None
}

/// The number of the object that `value` names: `12 0 R`.
fn reference(value: &[u8]) -> Option<u32> {
    let number = value.strip_suffix(b"R")?.split(|&byte| is_space(byte)).next()?;
    std::str::from_utf8(number).ok()?.parse().ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_their_keys() {
        let dictionary = b"<</FilterX/Fl/Filter % why\n /A85/Length 12 0 R/Type/Stream/Columns 5>>";
        assert_eq!(value_of(dictionary, b"/Filter").map(first), Some(&b"/A85"[..]));
        assert_eq!(value_of(dictionary, b"/Length").map(first), Some(&b"12 0 R"[..]));
        assert!(is(dictionary, b"/Type", b"/Stream") && !is(dictionary, b"/Type", b"/Str"));
        let number = |key| number(dictionary, key, 1, &Objects::default());
        assert_eq!([&b"/Columns"[..], b"/Colors", b"/Type"].map(number), [Some(5), Some(1), None]);
    }

    #[test]
    fn lists_are_taken_apart() {
        let values = |text: &'static str| list(text.as_bytes(), &Objects::default()).unwrap().join(&b"|"[..]);
        assert_eq!(values("/Fl/Length 3"), b"/Fl");
        assert_eq!(values("[/A85 (6 0 R)/AHx ] /Fl"), b"/A85|(6 0 R)|/AHx");
        assert_eq!(values("[null<</K[1 2]/S(a\\))>>% x\n12]"), b"null|<</K[1 2]/S(a\\))>>|12");
    }

    #[test]
    fn values_stand_in_other_objects() {
        let mut objects = Objects::default();
        let text =
            b"5 0 obj [ /A85 6 0 R ] endobj 6 0 obj /Fl endobj 7 0 obj 8 0 R endobj 8 0 obj 7 0 R endobj \
                     9 0 obj 12 endobj 10 0 obj % why\n9 0 R endobj";
        objects.find(text, 0);
        let list = |value: &'static str| list(value.as_bytes(), &objects).map(|list| list.join(&b"|"[..]));
        assert_eq!(list("5 0 R /Length 3").unwrap(), b"/A85|/Fl");
        assert_eq!(list("[6 0 R/AHx]").unwrap(), b"/Fl|/AHx");
        assert_eq!((list("7 0 R"), list("[/Fl 99 0 R]")), (None, None));
        let number = |dictionary: &[u8]| number(dictionary, b"/Columns", 1, &objects);
        assert_eq!((number(b"/Columns 9 0 R"), number(b"/Columns\n9\n0\nR>>")), (Some(12), Some(12)));
        assert_eq!((number(b"/Columns 10 0 R"), number(b"/Columns 7 0 R")), (Some(12), None));
    }

    #[test]
    fn no_text_is_too_strange() {
        for text in ["", "[", "<<", "(", "[[[[", "5 0", "5 0 ", "\\", "[\\", "] ]", "/", "%", "% a", ">>"] {
            assert!(first(text.as_bytes()).len() <= text.len());
            assert!(list(text.as_bytes(), &Objects::default()).unwrap().len() < 2, "{text}");
        }
    }
}
