//! Undoes the escapes of the languages that quote credentials, so that rules see what a program would see.
//!
//! One pass over a window: a run of backslashes counts as one, as does `%2525`, so that text that was quoted more than
//! once is undone at once. The alphabet of secrets holds no character that starts an escape, so no secret is harmed.

use std::ops::Range;

use super::view::{View, ViewBuilder};
use crate::text;

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

/// The byte that the escape at the start of `text` stands for, and the escape's length. What is not ASCII only has to
/// be no letter of ours.
fn escape(text: &[u8]) -> Option<(u8, usize)> {
    if text[0] == ESC {
        return Some((ESC, 1));
    }
    let (character, len) = text::escape(text)?;
    Some((u8::try_from(character).ok().filter(u8::is_ascii).unwrap_or(b'?'), len))
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
