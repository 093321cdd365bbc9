//! How one character of a text may be spelled: in escapes of programming languages, URLs, HTML, mail and terminals.

/// A character at the start of a text, and the length of its spelling. Without a value the stretch is part of no secret.
pub(super) struct Spelled {
    pub(super) byte: Option<u8>,
    pub(super) len: usize,
}

/// Reads the character at the start of `text`, which is not empty.
pub(super) fn read(text: &[u8]) -> Spelled {
    let escape = match text[0] {
        b'\\' => backslash(text),
        b'%' => percent(text),
        b'&' => entity(text),
        b'=' => number(text.get(1..3), 16).map(|code| Spelled::code(code, 3)),
        b'<' if text.get(..4).is_some_and(|tag| tag.eq_ignore_ascii_case(b"<wbr")) => {
            Some(Spelled { byte: None, len: 4 })
        }
        0x1b => Some(Spelled { byte: None, len: 1 + colour_len(&text[1..]) }),
        byte => Some(Spelled { byte: letter(byte), len: 1 }),
    };
    escape.unwrap_or_else(|| {
        let run = text.iter().take_while(|&&byte| byte == text[0]).count();
        Spelled { byte: None, len: run }
    })
}

impl Spelled {
    fn code(code: u32, len: usize) -> Self {
        Self { byte: u8::try_from(code).ok().and_then(letter), len }
    }
}

/// A character of secrets; those that URLs have instead of `+` and `/` count as these.
pub(super) const fn letter(byte: u8) -> Option<u8> {
    match byte {
        b'-' => Some(b'+'),
        b'_' => Some(b'/'),
        b'+' | b'/' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => Some(byte),
        _ => None,
    }
}

/// `\u0041`, `\u{41}`, `\x41`, `\101`, `\n`, each with any number of backslashes.
fn backslash(text: &[u8]) -> Option<Spelled> {
    let slashes = text.iter().take_while(|&&byte| byte == b'\\').count();
    let rest = &text[slashes..];
    let coded = |code: u32, len: usize| Some(Spelled::code(code, slashes + len));
    match *rest.first()? {
        b'u' if rest.get(1) == Some(&b'{') => {
            let end = rest.iter().take(10).position(|&byte| byte == b'}')?;
            coded(number(rest.get(2..end), 16)?, end + 1)
        }
        b'u' => coded(number(rest.get(1..5), 16)?, 5),
        b'x' => coded(number(rest.get(1..3), 16)?, 3),
        b'0'..=b'3' if number(rest.get(..3), 8).is_some() => coded(number(rest.get(..3), 8)?, 3),
        b'0' | b'n' | b'r' | b't' | b'b' | b'f' | b'v' | b'a' => coded(0, 1),
        b'/' | b'+' => coded(rest[0].into(), 1),
        _ => None,
    }
}

/// `%41`, `%2541`.
fn percent(text: &[u8]) -> Option<Spelled> {
    let again = 2 * text[1..].chunks_exact(2).take_while(|pair| *pair == b"25").count();
    Some(Spelled::code(number(text.get(1 + again..3 + again), 16)?, 3 + again))
}

/// `&#65;`, `&#x41;`, `&plus;`, `&amp;#65;`.
fn entity(text: &[u8]) -> Option<Spelled> {
    let again = 4 * text[1..].chunks_exact(4).take_while(|part| *part == b"amp;").count();
    let rest = text.get(1 + again..)?;
    let len = rest.iter().take(10).position(|&byte| byte == b';')?;
    let code = match &rest[..len] {
        [b'#', b'x' | b'X', digits @ ..] => number(Some(digits), 16)?,
        [b'#', digits @ ..] => number(Some(digits), 10)?,
        b"plus" => b'+'.into(),
        b"sol" => b'/'.into(),
        _ => 0,
    };
    Some(Spelled::code(code, 2 + again + len))
}

/// The number that `digits` spell; `None` if they are none.
fn number(digits: Option<&[u8]>, radix: u32) -> Option<u32> {
    let digits = std::str::from_utf8(digits?).ok().filter(|digits| !digits.starts_with('+'))?;
    u32::from_str_radix(digits, radix).ok()
}

/// Length of what follows the escape character in a colour or cursor sequence.
fn colour_len(text: &[u8]) -> usize {
    if text.first() != Some(&b'[') {
        return 0;
    }
    let parameters = text[1..].iter().take(32).take_while(|byte| matches!(byte, b'0'..=b'9' | b';')).count();
    1 + parameters + usize::from(text.get(1 + parameters).is_some_and(u8::is_ascii_alphabetic))
}
