//! Marks by which a line says that its credential is meant to be there.

use memchr::memmem;

use crate::redact;

/// akid's own mark, and those of tools that a repository may have been made ready for.
const MARKS: [&[u8]; 4] =
    [b"akid:allow", b"gitleaks:allow", b"pragma: allowlist secret", b"pragma:allowlist secret"];

/// No more of a reason is kept, in bytes.
const MAX_REASON: usize = 200;
/// How much of the line behind a reason is looked at to show it, in bytes: the rest of a secret that it begins.
const NEARBY: usize = 512;

/// The reason that `line` gives for its credential being there, as it may be shown, empty if it gives none; `None` if
/// it does not say so.
///
/// A reason is words: it ends where something else begins, since the rest of the line may hold the credential.
pub(super) fn reason(line: &[u8]) -> Option<String> {
    // Another word is no mark: neither one that goes on nor one that began before.
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let rest = MARKS.iter().find_map(|mark| {
        memmem::find_iter(line, mark).find_map(|at| {
            let (before, rest) = (line[..at].last(), &line[at + mark.len()..]);
            (!before.is_some_and(is_word) && !rest.first().is_some_and(is_word)).then_some(rest)
        })
    })?;
    let is_between = |byte: &&u8| matches!(byte, b':' | b'-' | b',' | b' ' | b'\t' | b'(');
    let rest = &rest[rest.iter().take_while(is_between).count()..];
    let is_prose =
        |byte: &&u8| byte.is_ascii_alphanumeric() || !byte.is_ascii() || b" \t.,:;()/#@!?-_+".contains(byte);
    let prose = &rest[..rest.iter().take(MAX_REASON).take_while(is_prose).count()];
    let ends = [&b"*/"[..], b"--", b"#}"].map(|end| memmem::find(prose, end).unwrap_or(prose.len()));
    let mut prose = &prose[..ends.into_iter().min().unwrap_or_default()];
    if prose.len() == MAX_REASON {
        // Half a word may be half a secret.
        let last = prose.iter().rposition(u8::is_ascii_whitespace).unwrap_or_default();
        prose = &prose[..last];
    }
    let shown = 0..prose.trim_ascii_end().len();
    let near = &rest[..rest.len().min(MAX_REASON + NEARBY)];
    redact::parts(near, [shown]).next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake;

    fn reason_of(line: &str) -> Option<String> {
        reason(line.as_bytes())
    }

    #[test]
    fn a_mark_may_be_followed_by_its_reason() {
        assert_eq!(reason_of("k = 1 # akid:allow"), Some(String::new()));
        assert_eq!(reason_of("k = 1 # akid:allow: a value for tests "), Some("a value for tests".to_owned()));
        assert_eq!(reason_of("k = 1 /* akid:allow - made up */"), Some("made up".to_owned()));
        assert_eq!(reason_of("<!-- gitleaks:allow rotated -->"), Some("rotated".to_owned()));
        assert_eq!(reason_of("k = 1  # pragma: allowlist secret"), Some(String::new()));
    }

    #[test]
    fn another_word_is_no_mark() {
        for line in [
            "akid:allowed",
            "akid:allow-list",
            "akid: allow",
            "pragma: allowlist secrets",
            "notakid:allow",
            "",
        ] {
            assert_eq!(reason_of(line), None, "{line}");
        }
    }

    #[test]
    fn a_reason_is_judged_with_the_rest_of_its_line() {
        for key in (0..200).map(fake::pair) {
            for len in 8..13 {
                let secret = key.secret_text();
                let pieces: Vec<_> = secret.as_bytes().chunks(len).map(String::from_utf8_lossy).collect();
                let line = format!("akid:allow s3://my-bucket/backup/{}", pieces.join("\", \""));
                let reason = reason_of(&line).unwrap();
                assert!(!reason.contains(&pieces[0][..8]), "{reason}");
            }
        }
    }

    #[test]
    fn a_secret_in_a_reason_is_masked() {
        let secret = fake::pair(1);
        let secret = secret.secret_text();
        let reason = reason_of(&format!("akid:allow was {secret}")).unwrap();
        assert_eq!(reason, "was ****");
        for cut in 8..40 {
            let (a, b) = secret.split_at(cut);
            for line in [
                format!("akid:allow was {a} and {b}"),
                format!("{{\"_\":\"akid:allow t\",\"secret\":\"{a}\\u002b{b}\"}}"),
                format!("akid:allow {} {a}", "word ".repeat(cut)),
                format!("akid:allow x{secret}"),
                format!("akid:allow {a}\\n{b} <- {a}"),
            ] {
                let reason = reason_of(&line).unwrap();
                let leaks = |part: &[u8]| reason.as_bytes().windows(part.len()).any(|shown| shown == part);
                assert!(!secret.as_bytes().windows(8).any(leaks), "{reason}");
            }
        }
    }
}
