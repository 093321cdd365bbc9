//! Rich Text Format: a word may be in several runs, each in braces of its own and with control words before it.

use std::ops::Range;

use super::view::{View, ViewBuilder};

/// How every document begins.
const START: &[u8] = b"{\\rtf";

/// The longest control word with its number, in bytes.
const MAX_WORD: usize = 48;

/// Whether `source` is such a document, or the first part of one.
pub(super) fn is_rtf(source: &[u8]) -> bool {
    source.starts_with(START)
}

/// The text that `range` of a document shows.
pub(super) fn undo(source: &[u8], range: Range<usize>) -> View<'static> {
    let mut view = ViewBuilder::with_capacity(range.len());
    let mut at = range.start;
    while at < range.end {
        let text = &source[at..range.end];
        let plain = text.iter().position(|byte| is_markup(*byte)).unwrap_or(text.len());
        view.copy(source, at..at + plain);
        at += plain;
        if at == range.end {
            break;
        }
        let (shown, len) = markup(&source[at..range.end]);
        if let Some(byte) = shown {
            view.push(byte, &(at..at + len));
        }
        at += len;
    }
    view.finish()
}

/// Whether text ends, or may go on in another run, at `byte`.
pub(super) fn is_markup(byte: u8) -> bool {
    matches!(byte, b'{' | b'}' | b'\\' | b'\r' | b'\n')
}

/// What the markup at the start of `text` shows, if anything, and its length.
fn markup(text: &[u8]) -> (Option<u8>, usize) {
    let Some(rest) = text.strip_prefix(b"\\") else { return (None, 1) };
    let letters = rest.iter().take(MAX_WORD).take_while(|byte| byte.is_ascii_lowercase()).count();
    if letters > 0 {
        let number = rest[letters..].iter().take(MAX_WORD);
        let len = letters + number.take_while(|&&byte| byte == b'-' || byte.is_ascii_digit()).count();
        let blank = usize::from(rest.get(len) == Some(&b' '));
        let breaks: [&[u8]; 6] = [b"par", b"line", b"cell", b"row", b"page", b"tab"];
        let shown = breaks.contains(&&rest[..letters]).then_some(b'\n');
        return (shown, 1 + len + blank);
    }
    match rest {
        [b'\'', high, low, ..] => {
            let digits =
                std::str::from_utf8(&[*high, *low]).ok().and_then(|it| u8::from_str_radix(it, 16).ok());
            (Some(digits.filter(u8::is_ascii).unwrap_or(b'?')), 4)
        }
        [sign @ (b'\\' | b'{' | b'}'), ..] => (Some(*sign), 2),
        [b'~', ..] => (Some(b' '), 2),
        [_, ..] => (None, 2),
        [] => (None, 1),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::aws::Credential;
    use crate::aws::fake;
    use crate::detect::Detector;
    use crate::rule::RuleSet;

    #[test]
    fn runs_are_one_text_and_paragraphs_are_lines() {
        let source = br"{\rtf1\ansi {\b a}{\f1\fs-20 b}\par c\'2fd\{e\~f\-g\*h}";
        assert_eq!(undo(source, 0..source.len()).bytes(), b"ab\nc/d{e fgh");
    }

    #[test]
    fn a_key_in_runs_is_found_and_one_in_runs_of_its_own_too() {
        let key = fake::pair(11);
        let (id, secret) = (key.id_text(), key.secret_text());
        for text in [
            format!(r"{{\rtf1 key: {{\f0 {}}}{{\f1 {}}}\par secret key: {secret}\par}}", &id[..9], &id[9..]),
            format!(
                r"{{\rtf1 key: {id}\par secret key: {{\rtlch {}}}{{\ltrch {}}}\par}}",
                &secret[..13],
                &secret[13..]
            ),
            format!(r"{{\rtf1 {{\b Access key }}{{\f1 {id}}}\par{{\b Secret key }}{{\f1 {secret}}}\par}}"),
        ] {
            let found = Detector::new(&RuleSet::built_in()).detect(text.as_bytes()).found;
            let [found] = &found[..] else { panic!("{found:?} in {text}") };
            let Credential::Pair { id, secret, .. } = &found.credential else {
                panic!("{found:?} in {text}")
            };
            assert_eq!((*id, secret), (key.id(), key.secret()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            undo(&bytes, 0..bytes.len());
        }
    }
}
