//! Marks by which a line says that its credential is meant to be there.

use memchr::memmem;

use crate::redact::redact;

/// akid's own mark, and those of tools that a repository may have been made ready for.
const MARKS: [&[u8]; 4] =
    [b"akid:allow", b"gitleaks:allow", b"pragma: allowlist secret", b"pragma:allowlist secret"];

/// No more of a reason is kept, in bytes.
const MAX_REASON: usize = 200;

/// The reason that `line` gives for its credential being there, as it may be shown, empty if it gives none; `None` if
/// it does not say so.
pub(super) fn reason(line: &[u8]) -> Option<String> {
    MARKS.iter().find_map(|mark| {
        let rest = &line[memmem::find(line, mark)? + mark.len()..];
        // A longer word is another word.
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if rest.first().is_some_and(is_word) {
            return None;
        }
        let rest = &rest[..rest.len().min(MAX_REASON)];
        let ends =
            [&b"*/"[..], b"-->", b"%>", b"#}"].map(|end| memmem::find(rest, end).unwrap_or(rest.len()));
        let reason = &rest[..ends.into_iter().min().unwrap_or_default()];
        let is_between = |byte: &&u8| matches!(byte, b':' | b'-' | b',' | b' ' | b'\t' | b'"' | b'\'');
        Some(redact(reason[reason.iter().take_while(is_between).count()..].trim_ascii_end()))
    })
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
        for line in ["akid:allowed", "akid:allow-list", "akid: allow", "pragma: allowlist secrets", ""] {
            assert_eq!(reason_of(line), None, "{line}");
        }
    }

    #[test]
    fn a_secret_in_a_reason_is_masked() {
        let secret = fake::pair(1);
        let reason = reason_of(&format!("akid:allow was {}", secret.secret_text())).unwrap();
        assert_eq!(reason, "was ****");
    }
}
