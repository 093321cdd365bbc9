//! Untrusted text made printable.

use std::fmt;

/// Shows bytes from outside so that no control character, escape sequence or direction mark of theirs reaches a
/// terminal or a log: each such character is shown as `\n`, `\t`, `\x1b` or `\u{202e}`, an invalid byte as `\xff`.
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'a>(pub &'a [u8]);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            // Nearly all that is shown.
            if chunk.invalid().is_empty() && chunk.valid().bytes().all(|byte| matches!(byte, b' '..=b'~')) {
                f.write_str(chunk.valid())?;
                continue;
            }
            for c in chunk.valid().chars() {
                match c {
                    '\n' => f.write_str("\\n")?,
                    '\r' => f.write_str("\\r")?,
                    '\t' => f.write_str("\\t")?,
                    _ if c.is_ascii_control() => write!(f, "\\x{:02x}", u32::from(c))?,
                    _ if is_unprintable(c) => write!(f, "\\u{{{:x}}}", u32::from(c))?,
                    _ => write!(f, "{c}")?,
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

/// C1 controls, direction marks and isolates, zero-width characters, line separators, tags: what can hide or reorder
/// the text around it.
fn is_unprintable(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_escape_sequence_is_shown_and_not_obeyed() {
        assert_eq!(Escaped(b"a\x1b[2Jb\n\xff").to_string(), r"a\x1b[2Jb\n\xff");
        assert_eq!(Escaped("x\u{202e}y".as_bytes()).to_string(), r"x\u{202e}y");
    }

    proptest! {
        #[test]
        fn nothing_printed_is_a_control_character(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(!Escaped(&bytes).to_string().chars().any(char::is_control));
        }
    }
}
