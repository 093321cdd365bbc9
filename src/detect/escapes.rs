//! Undoes the escapes of the languages that quote credentials, so that rules see what a program would see.
//!
//! One pass over a window: a run of backslashes counts as one, as does `%2525`, so that text that was quoted more than
//! once is undone at once. The alphabet of secrets holds no character that starts an escape, so no secret is harmed.

use std::ops::Range;

use super::view::{View, ViewBuilder};

/// Undoes the escapes in `range` of `source`.
pub(super) fn undo(source: &[u8], range: Range<usize>) -> View<'static> {
    let mut view = ViewBuilder::with_capacity(range.len());
    let mut at = range.start;
    while at < range.end {
        let text = &source[at..range.end];
        let plain =
            text.iter().position(|byte| matches!(byte, b'\\' | b'%' | b'&' | 0x1b)).unwrap_or(text.len());
        view.copy(source, at..at + plain);
        at += plain;
        if at == range.end {
            break;
        }
        let text = &source[at..range.end];
        let Some((byte, len)) = escape(text) else {
            // Not an escape: nor is any other start within the same run.
            let run = text.iter().take_while(|&&byte| byte == text[0]).count();
            view.copy(source, at..at + run);
            at += run;
            continue;
        };
        if byte == ESC {
            at += len + colour_len(&text[len..]);
            continue;
        }
        view.push(byte, &(at..at + len));
        at += len;
    }
    view.finish()
}

const ESC: u8 = 0x1b;

/// The character that the escape at the start of `text` stands for, and the escape's length.
fn escape(text: &[u8]) -> Option<(u8, usize)> {
    match text[0] {
        b'\\' => backslash(text),
        b'%' => percent(text),
        b'&' => entity(text),
        byte => Some((byte, 1)),
    }
}

fn backslash(text: &[u8]) -> Option<(u8, usize)> {
    let slashes = text.iter().take_while(|&&byte| byte == b'\\').count();
    let rest = &text[slashes..];
    let (byte, len) = match *rest.first()? {
        b'n' => (b'\n', 1),
        b'r' => (b'\r', 1),
        b't' => (b'\t', 1),
        b'b' | b'f' | b'v' | b'a' => (b' ', 1),
        quote @ (b'"' | b'\'' | b'`' | b'/' | b'=' | b':' | b'+' | b'$' | b'&' | b' ') => (quote, 1),
        b'e' if rest.get(1) == Some(&b'[') => (ESC, 1),
        b'u' => unicode(&rest[1..]).map(|(byte, len)| (byte, len + 1))?,
        b'x' => (ascii(hex(rest.get(1..3)?)?), 3),
        b'0' if rest.starts_with(b"033") => (ESC, 3),
        b'0' if rest.starts_with(b"33") => (ESC, 2),
        _ => return None,
    };
    Some((byte, slashes + len))
}

/// `\u002f`, `\u{2f}`.
fn unicode(text: &[u8]) -> Option<(u8, usize)> {
    if text.first() == Some(&b'{') {
        let len = text.iter().take(9).position(|&byte| byte == b'}')?;
        return Some((ascii(hex(&text[1..len])?), len + 1));
    }
    Some((ascii(hex(text.get(..4)?)?), 4))
}

/// `%2F`, `%252F`.
fn percent(text: &[u8]) -> Option<(u8, usize)> {
    let again = text[1..].chunks_exact(2).take_while(|pair| *pair == b"25").count();
    let digits = text.get(1 + 2 * again..3 + 2 * again)?;
    let code = hex(digits)?;
    (code < 0x80).then(|| (ascii(code), 3 + 2 * again))
}

/// `&quot;`, `&#43;`, `&#x2b;`, `&amp;quot;`.
fn entity(text: &[u8]) -> Option<(u8, usize)> {
    let again = text[1..].chunks_exact(4).take_while(|part| *part == b"amp;").count();
    let start = 1 + 4 * again;
    let rest = text.get(start..)?;
    let Some(len) = rest.iter().take(8).position(|&byte| byte == b';') else {
        return (again > 0).then_some((b'&', start));
    };
    let byte = match &rest[..len] {
        b"quot" => b'"',
        b"apos" => b'\'',
        b"lt" => b'<',
        b"gt" => b'>',
        b"nbsp" => b' ',
        b"plus" => b'+',
        b"sol" => b'/',
        b"equals" => b'=',
        b"colon" => b':',
        [b'#', b'x' | b'X', digits @ ..] => ascii(hex(digits)?),
        [b'#', digits @ ..] => ascii(std::str::from_utf8(digits).ok()?.parse().ok()?),
        _ => return (again > 0).then_some((b'&', start)),
    };
    Some((byte, start + len + 1))
}

/// Length of what follows the escape character in a colour or cursor sequence.
fn colour_len(text: &[u8]) -> usize {
    if text.first() != Some(&b'[') {
        return 0;
    }
    let parameters =
        text[1..].iter().take(32).take_while(|byte| matches!(byte, b'0'..=b'9' | b';' | b':' | b'?')).count();
    match text.get(1 + parameters) {
        // A sequence that a key ID cut short: its `A` would be the end of one.
        _ if [b"AKIA", b"ASIA"].iter().any(|prefix| text[1 + parameters..].starts_with(*prefix)) => {
            1 + parameters
        }
        Some(byte) if byte.is_ascii_alphabetic() => parameters + 2,
        _ => 1 + parameters,
    }
}

fn hex(digits: &[u8]) -> Option<u32> {
    let all_hex = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    all_hex.then(|| u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()).flatten()
}

/// A character as one byte; what is not ASCII only has to be no letter of ours.
fn ascii(code: u32) -> u8 {
    u8::try_from(code).ok().filter(u8::is_ascii).unwrap_or(b'?')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn undone(text: &str) -> String {
        String::from_utf8(undo(text.as_bytes(), 0..text.len()).bytes().to_vec()).unwrap()
    }

    #[test]
    fn escapes_are_undone_however_often_they_were_escaped() {
        for (written, meant) in [
            (r#"{\"a\":\"b\/c\"}"#, r#"{"a":"b/c"}"#),
            (r#"\\\"a\\\/b\\\\n"#, "\"a/b\n"),
            ("a%2Fb%252Fc%3d", "a/b/c="),
            (r"a\u002fb\u{2b}c\x2fd", "a/b+c/d"),
            ("&quot;a&#43;b&#x2F;c&amp;quot;&amp;x", "\"a+b/c\"&x"),
            ("\x1b[1;31mAKIA\x1b[0m", "AKIA"),
            (r"\u001b[31mAKIA\033[0m\e[0m", "AKIA"),
            ("\x1b[AKIA", "AKIA"),
            (r"C:\Windows\AKIA", r"C:\Windows\AKIA"),
            ("100% of & all", "100% of & all"),
        ] {
            assert_eq!(undone(written), meant, "{written}");
        }
    }

    #[test]
    fn what_an_escape_stands_for_knows_where_it_is_spelled() {
        let text = br"a\u002fb";
        let view = undo(text, 0..text.len());
        assert_eq!(view.source_range(&(1..2)), 1..7);
        assert_eq!(view.source_range(&(0..3)), 0..8);
        assert!(view.is_seam(2) && !view.is_seam(0));
    }

    proptest! {
        #[test]
        fn text_without_escapes_stays_as_it_is(text in "[A-Za-z0-9/+=_. \"':,{}-]{0,80}") {
            prop_assert_eq!(undone(&text), text);
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            undo(&bytes, 0..bytes.len());
        }
    }
}
