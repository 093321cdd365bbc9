//! Undoes the escapes of the languages that quote credentials, so that rules see what a program would see.
//!
//! One pass over a window: a run of backslashes counts as one, as does `%2525`, so that text that was quoted more than
//! once is undone at once. The alphabet of secrets holds no character that starts an escape, so no secret is harmed.

use std::ops::Range;

use super::view::{View, ViewBuilder};
use super::{quoted_printable, rtf};
use crate::text;
use crate::text::unseen::{self, is_unseen};

/// Undoes the escapes in `range` of `source`, and leaves out what is not seen: colours, soft line breaks, characters
/// without a width.
pub(super) fn undo(source: &[u8], range: Range<usize>) -> View<'static> {
    undo_by(source, range, &mut quoted_printable::Reader::default())
}

/// The same with what `mail` knows of `source` already.
pub(super) fn undo_by(
    source: &[u8],
    range: Range<usize>,
    mail: &mut quoted_printable::Reader,
) -> View<'static> {
    if rtf::is_rtf(source) {
        return rtf::undo(source, range);
    }
    let mut view = ViewBuilder::with_capacity(range.len());
    let mut at = range.start;
    while at < range.end {
        let text = &source[at..range.end];
        let plain = text.iter().position(|&byte| is_start(byte)).unwrap_or(text.len());
        view.copy(source, at..at + plain);
        at += plain;
        if at == range.end {
            break;
        }
        match escape(source, at, range.end, mail) {
            Some((Some(byte), len)) => {
                view.push(byte, &(at..at + len));
                at += len;
            }
            Some((None, len)) => at += len,
            None => {
                // Not an escape: nor is any other start within the same run.
                let run = source[at..range.end].iter().take_while(|&&byte| byte == source[at]).count();
                view.copy(source, at..at + run);
                at += run;
            }
        }
    }
    view.finish()
}

const ESC: u8 = 0x1b;

/// Whether an escape, or what is left out, may start with `byte`.
pub(super) fn is_start(byte: u8) -> bool {
    const STARTS: [bool; 256] = {
        let mut starts = [false; 256];
        let mut at = 0;
        while at < START.len() {
            starts[START[at] as usize] = true;
            at += 1;
        }
        starts
    };
    const START: &[u8] = b"\\%&=<\x1b\xc2\xe2\xef";
    STARTS[usize::from(byte)]
}

/// The byte that the escape at `at` stands for, `None` where it stands for nothing that is seen, and the escape's
/// length. What is not ASCII only has to be no letter of ours.
fn escape(
    source: &[u8],
    at: usize,
    end: usize,
    mail: &mut quoted_printable::Reader,
) -> Option<(Option<u8>, usize)> {
    let text = &source[at..end];
    match text[0] {
        ESC => Some((None, 1 + colour_len(&text[1..]))),
        b'=' => mail.read(source, at, end),
        b'<' | 0xc2 | 0xe2 | 0xef => unseen::written_len(text).map(|len| (None, len)),
        _ => match text::escape(text)? {
            ('\u{1b}', len) => Some((None, len + colour_len(&text[len..]))),
            (unseen, len) if is_unseen(unseen) => Some((None, len)),
            (seen, len) => Some((Some(u8::try_from(seen).ok().filter(u8::is_ascii).unwrap_or(b'?')), len)),
        },
    }
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
            (r"\101\113\111\101, C:\1011 \18", r"AKIA, C:A1 \18"),
            ("a\u{200b}b\u{ad}c\u{feff}d\u{2060}e<wbr>f<WBR/>g", "abcdefg"),
            (r"a&#8203;b&shy;c\u200bd&#xAD;e<w>\u2026", "abcde<w>?"),
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
