//! The words of a PDF: names, numbers, lists, and what parts them.

/// The value that `text` starts with: a name, a word, a list, a dictionary, a string, `12 0 R`. Empty if none starts there.
pub(super) fn first(text: &[u8]) -> &[u8] {
    let len = match text {
        [b'/', rest @ ..] => 1 + name_len(rest),
        [b'[' | b'<' | b'(', ..] => nested_len(text),
        [b'0'..=b'9', ..] => reference_len(text).unwrap_or_else(|| name_len(text)),
        _ => name_len(text),
    };
    &text[..len]
}

/// How long the name is that goes on so.
pub(super) fn name_len(rest: &[u8]) -> usize {
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
pub(super) fn without_space(mut text: &[u8]) -> &[u8] {
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
pub(super) fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0
}
