//! Signs that touch a value and are no part of it: those of a diff, of a comment, of markup around it, of a path.

use std::ops::Range;

use crate::aws::{AccessKeyId, SecretAccessKey};

/// No mark before or after a value is longer, in bytes.
const LONGEST: usize = 3;
/// Longer runs are no paths with a key in them, but base64, in bytes.
const LONGEST_PATH: usize = 256;

/// The secret in `run`, a run of a secret's letters in `text`, if signs that touch it set it apart.
pub(super) fn secret(text: &[u8], run: &Range<usize>) -> Option<Range<usize>> {
    // A secret may itself begin or end with a sign. Then marks are likelier than a sign alone, but for a comment's.
    let is_comment = text[run.clone()].starts_with(b"//");
    let comment = if is_comment { signed(text, run) } else { None };
    comment.or_else(|| marked(text, run)).or_else(|| signed(text, run)).or_else(|| beside_id(text, run))
}

/// Whether nothing stands before `at` on its line but blanks and signs: those of a diff, a quotation, a list, a comment.
fn is_behind_signs(text: &[u8], at: usize) -> bool {
    let mut line = text[..at].iter().rev().take_while(|byte| !matches!(byte, b'\n' | b'\r'));
    line.all(|byte| matches!(byte, b' ' | b'\t' | b'+' | b'-' | b'/' | b'>' | b'<' | b'*' | b'#' | b'|'))
}

/// Whether nothing goes on at `at` with what is before it.
fn ends_at(text: &[u8], at: usize) -> bool {
    text.get(at).is_none_or(|byte| !goes_on(*byte))
}

/// Whether nothing before `at` goes on there.
fn starts_at(text: &[u8], at: usize) -> bool {
    text[..at].last().is_none_or(|byte| !goes_on(*byte))
}

fn goes_on(byte: u8) -> bool {
    SecretAccessKey::is_letter(byte) || matches!(byte, b'=' | b'_' | b'-')
}

/// A secret behind a sign at the start of its line: `+S`, `//S`, `-S`.
fn signed(text: &[u8], run: &Range<usize>) -> Option<Range<usize>> {
    let start = run.end.checked_sub(SecretAccessKey::LEN)?;
    let sign = text.get(run.start..start).filter(|sign| sign.len() <= LONGEST)?;
    let is_sign = [b'+', b'/'].iter().any(|mark| sign.iter().all(|byte| byte == mark));
    (is_sign && ends_at(text, run.end) && is_behind_signs(text, start)).then_some(start..run.end)
}

/// A secret between the same marks: `=S=`, `**S**`, `/S/`.
fn marked(text: &[u8], run: &Range<usize>) -> Option<Range<usize>> {
    let outside = run.len().checked_sub(SecretAccessKey::LEN).filter(|outside| outside % 2 == 0)? / 2;
    let inner = run.start + outside..run.end - outside;
    let mark = *text[..inner.start].last().filter(|byte| byte.is_ascii_punctuation())?;
    // A secret may begin or end with a letter that is a mark: then the run's length tells how many there are.
    let most = if outside > 0 { outside } else { LONGEST + 1 };
    let before = text[..inner.start].iter().rev().take(most).take_while(|byte| **byte == mark).count();
    let after = text[inner.end..].iter().take(most).take_while(|byte| **byte == mark).count();
    let is_paired = before == after && before >= outside && before <= LONGEST;
    let is_apart = starts_at(text, inner.start - before) && ends_at(text, inner.end + after);
    (is_paired && is_apart).then_some(inner)
}

/// A secret that only a slash sets apart from its key ID: `I/S`, `S/I`, `/x/I/S/`.
fn beside_id(text: &[u8], run: &Range<usize>) -> Option<Range<usize>> {
    let letters = Some(&text[run.clone()]).filter(|letters| letters.len() <= LONGEST_PATH)?;
    let (id, secret) = (AccessKeyId::LEN, SecretAccessKey::LEN);
    let is_slash = |at: usize| letters.get(at) == Some(&b'/');
    let is_bound = |at: usize| at == letters.len() || is_slash(at);
    let mut ids = memchr::memmem::find_iter(letters, b"IA")
        .filter_map(|at| at.checked_sub(2))
        .filter(|&at| letters.get(at..at + id).is_some_and(|text| AccessKeyId::parse(text).is_some()));
    let inner = ids.find_map(|at| {
        let behind = at + id + 1;
        let before = at.checked_sub(1 + secret);
        if is_slash(at + id) && (at == 0 || is_slash(at - 1)) && is_bound(behind + secret) {
            return Some(behind);
        }
        before.filter(|&start| is_slash(at - 1) && is_bound(at + id) && (start == 0 || is_slash(start - 1)))
    })?;
    let start = run.start + inner;
    (start + secret <= run.end).then_some(start..start + secret)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake;

    /// What is set apart in the run of letters that `value` is in, between `before` and `after`.
    fn apart(before: &str, value: &str, after: &str) -> Option<String> {
        let text = format!("{before}{value}{after}").into_bytes();
        let is_letter = |byte: &&u8| SecretAccessKey::is_letter(**byte);
        let start = before.len() - text[..before.len()].iter().rev().take_while(is_letter).count();
        let end = start + text[start..].iter().take_while(is_letter).count();
        let inner = secret(&text, &(start..end))?;
        Some(String::from_utf8_lossy(&text[inner]).into_owned())
    }

    #[test]
    fn signs_set_every_secret_apart() {
        for key in (0..50).map(fake::pair) {
            let (id, secret) = (key.id_text(), key.secret_text());
            let path = (format!("/x/{id}/"), "/".to_owned());
            let signs =
                ["+", "-", "//", "--", "  +", "> +", "///"].map(|sign| (sign.to_owned(), ",".to_owned()));
            let marks = ["=", "+", "/", "_", "*", "~", "==", "++", "__", "**", "'''"];
            let marks = marks.map(|mark| (format!("({mark}"), format!("{mark})")));
            let slashes = [(format!("{id}/"), "\n".to_owned()), (" ".to_owned(), format!("/{id}"))];
            for (before, after) in signs.into_iter().chain(marks).chain(slashes).chain([path]) {
                assert_eq!(apart(&before, secret, &after).as_deref(), Some(secret), "{before}S{after}");
            }
        }
    }

    #[test]
    fn what_goes_on_is_not_set_apart() {
        let key = fake::pair(1);
        let (id, secret) = (key.id_text(), key.secret_text());
        for (before, after) in [
            ("x+", "\n"),
            ("+", "x"),
            ("+", "="),
            ("x=", "="),
            ("=", "=="),
            ("+", "+x"),
            ("_x_", "_"),
            ("(+", ")"),
            ("////", "\n"),
            ("(=====", "=====)"),
        ] {
            assert_eq!(apart(before, secret, after), None, "{before}S{after}");
        }
        assert_eq!(apart(&format!("x{id}/"), secret, "\n"), None);
        assert_eq!(apart(&format!("{id}/"), secret, "x"), None);
    }
}
