//! Values of the dictionary before a stream.

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

/// The number that `dictionary` has for `key`; `default` if it has none.
pub(super) fn number(dictionary: &[u8], key: &[u8], default: u64) -> u64 {
    let value = value_of(dictionary, key).and_then(|value| std::str::from_utf8(first(value)).ok());
    value.and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// Longer lists make no sense where they are read.
const MAX_LIST: usize = 32;

/// The values that `text` starts with a list of, or the one that it starts with.
pub(super) fn list(text: &[u8]) -> Vec<&[u8]> {
    let value = first(text);
    let Some(mut rest) = value.strip_prefix(b"[") else { return vec![value] };
    let next = || {
        rest = without_space(rest);
        let value = first(rest);
        rest = &rest[value.len()..];
        Some(value).filter(|value| !value.is_empty())
    };
    std::iter::from_fn(next).take(MAX_LIST).collect()
}

/// The value that `text` starts with: a name, a word, a list, a dictionary, a string, `12 0 R`. Empty if none starts there.
fn first(text: &[u8]) -> &[u8] {
    let len = match text {
        [b'/', rest @ ..] => 1 + name_len(rest),
        [b'[' | b'<' | b'(', ..] => nested_len(text),
        [b'0'..=b'9', ..] => reference_len(text).unwrap_or_else(|| name_len(text)),
        _ => name_len(text),
    };
    &text[..len]
}

/// How long the name is that goes on so.
fn name_len(rest: &[u8]) -> usize {
    rest.iter().position(|&byte| is_space(byte) || b"/[]<>()%".contains(&byte)).unwrap_or(rest.len())
}

/// How long `12 0 R` is, if `text` starts so.
fn reference_len(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    for _ in 0..2 {
        let digits = text[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let space = text[at + digits..].iter().take_while(|&&byte| is_space(byte)).count();
        if digits == 0 || space == 0 {
            return None;
        }
        at += digits + space;
    }
    let is_reference = text[at..].starts_with(b"R") && name_len(&text[at..]) == 1;
    is_reference.then_some(at + 1)
}

/// How long the list, dictionary or string is that `text` starts with.
fn nested_len(text: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' => at += 1,
            b'[' | b'<' | b'(' => depth += 1,
            b']' | b'>' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return at.min(text.len());
        }
    }
    text.len()
}

/// Passes over white space and comments.
fn without_space(mut text: &[u8]) -> &[u8] {
    loop {
        let space = text.iter().take_while(|&&byte| is_space(byte)).count();
        text = &text[space..];
        if text.first() != Some(&b'%') {
            return text;
        }
        text = &text[memchr::memchr2(b'\n', b'\r', text).unwrap_or(text.len())..];
    }
}

/// What parts words here: also a zero.
fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0
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
        assert_eq!((number(dictionary, b"/Columns", 1), number(dictionary, b"/Colors", 1)), (5, 1));
    }

    #[test]
    fn lists_are_taken_apart() {
        let values = |text: &'static str| list(text.as_bytes()).join(&b"|"[..]);
        assert_eq!(values("/Fl/Length 3"), b"/Fl");
        assert_eq!(values("[/A85 6 0 R/AHx ] /Fl"), b"/A85|6 0 R|/AHx");
        assert_eq!(values("[null<</K[1 2]/S(a\\))>>% x\n12]"), b"null|<</K[1 2]/S(a\\))>>|12");
    }

    #[test]
    fn no_text_is_too_strange() {
        for text in ["", "[", "<<", "(", "[[[[", "5 0", "5 0 ", "\\", "[\\", "] ]", "/", "%", "% a", ">>"] {
            assert!(first(text.as_bytes()).len() <= text.len());
            assert!(list(text.as_bytes()).len() < 2, "{text}");
        }
    }
}
