//! Escapes of the languages that quote text.

/// The character that the escape at the start of `text` stands for, and the escape's length; `None` if no escape is
/// there. Nothing but ASCII is told apart in entities with a name.
///
/// A run of backslashes counts as one, as does `%2525`: text may be quoted more than once.
pub(crate) fn escape(text: &[u8]) -> Option<(char, usize)> {
    match text.first()? {
        b'\\' => backslash(text),
        b'%' => percent(text),
        b'&' => entity(text),
        _ => None,
    }
}

const ESC: char = '\u{1b}';

fn backslash(text: &[u8]) -> Option<(char, usize)> {
    let slashes = text.iter().take_while(|&&byte| byte == b'\\').count();
    let rest = &text[slashes..];
    let (character, len) = match *rest.first()? {
        b'n' => ('\n', 1),
        b'r' => ('\r', 1),
        b't' => ('\t', 1),
        b'b' | b'f' | b'v' | b'a' => (' ', 1),
        quote @ (b'"' | b'\'' | b'`' | b'/' | b'=' | b':' | b'+' | b'$' | b'&' | b' ' | b'_') => {
            (quote.into(), 1)
        }
        b'e' if rest.get(1) == Some(&b'[') => (ESC, 1),
        b'u' => unicode(&rest[1..]).map(|(character, len)| (character, len + 1))?,
        b'x' => (character(hex(rest.get(1..3)?)?), 3),
        b'0'..=b'1' => (character(octal(rest.get(..3)?)?), 3),
        _ => return None,
    };
    Some((character, slashes + len))
}

/// `\u002f`, `\u{2f}`.
fn unicode(text: &[u8]) -> Option<(char, usize)> {
    if text.first() == Some(&b'{') {
        let len = text.iter().take(9).position(|&byte| byte == b'}')?;
        return Some((character(hex(&text[1..len])?), len + 1));
    }
    Some((character(hex(text.get(..4)?)?), 4))
}

/// `%2F`, `%252F`.
fn percent(text: &[u8]) -> Option<(char, usize)> {
    let again = text[1..].chunks_exact(2).take_while(|pair| *pair == b"25").count();
    let digits = text.get(1 + 2 * again..3 + 2 * again)?;
    let code = hex(digits)?;
    (code < 0x80).then(|| (character(code), 3 + 2 * again))
}

/// `&quot;`, `&#43;`, `&#x2b;`, `&amp;quot;`.
fn entity(text: &[u8]) -> Option<(char, usize)> {
    let again = text[1..].chunks_exact(4).take_while(|part| *part == b"amp;").count();
    let start = 1 + 4 * again;
    let rest = text.get(start..)?;
    let Some(len) = rest.iter().take(8).position(|&byte| byte == b';') else {
        return (again > 0).then_some(('&', start));
    };
    let character = match &rest[..len] {
        b"quot" => '"',
        b"apos" => '\'',
        b"lt" => '<',
        b"gt" => '>',
        b"nbsp" => ' ',
        b"plus" => '+',
        b"sol" => '/',
        b"equals" => '=',
        b"colon" => ':',
        b"shy" => '\u{ad}',
        [b'#', b'x' | b'X', digits @ ..] => character(hex(digits)?),
        [b'#', digits @ ..] => character(std::str::from_utf8(digits).ok()?.parse().ok()?),
        _ => return (again > 0).then_some(('&', start)),
    };
    Some((character, start + len + 1))
}

fn octal(digits: &[u8]) -> Option<u32> {
    digits
        .iter()
        .try_fold(0, |code, digit| matches!(digit, b'0'..=b'7').then(|| code * 8 + u32::from(digit - b'0')))
}

fn hex(digits: &[u8]) -> Option<u32> {
    let all_hex = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    all_hex.then(|| u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()).flatten()
}

/// The character of a code; what is no character only has to be no letter of ours.
fn character(code: u32) -> char {
    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
}
