//! Messages of the TOML parser, which quote what is written.

use crate::redact;

/// A message of the TOML parser without the values that it quotes: those may be anything. Names of keys, and signs that
/// are expected, stay.
pub fn toml_message(message: &str) -> String {
    let mut shown = String::with_capacity(message.len());
    let mut open = None;
    for part in message.split_inclusive(['`', '"']) {
        let (text, quote) = match part.as_bytes().last() {
            Some(&end @ (b'`' | b'"')) => (&part[..part.len() - 1], Some(char::from(end))),
            _ => (part, None),
        };
        match open {
            Some(_) if !is_harmless(text) => shown.push_str("****"),
            _ => shown.push_str(&redact::words(text.as_bytes())),
        }
        shown.extend(quote);
        open = match (open, quote) {
            (None, quote) => quote,
            (Some(start), Some(end)) if start == end => None,
            (open, _) => open,
        };
    }
    shown
}

/// Whether what a message quotes is the name of a key, or no more than signs.
fn is_harmless(quoted: &str) -> bool {
    let is_name = |b: u8| b.is_ascii_lowercase() || matches!(b, b'-' | b'_');
    let is_sign = |b: u8| b.is_ascii_punctuation();
    (quoted.len() <= 32 && quoted.bytes().all(is_name)) || (quoted.len() <= 3 && quoted.bytes().all(is_sign))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake;

    #[test]
    fn names_and_signs_stay_and_values_go() {
        for message in [
            "unknown field `fail-no`, expected one of `fail-on`, `exclude`",
            "invalid basic string, expected `\"`",
            "extra assignment between key-value pairs, expected `,`",
            "missing closing quote, expected `\"\"\"`, `'`",
        ] {
            assert_eq!(toml_message(message), message);
        }
        assert_eq!(
            toml_message("invalid type: string \"hunter2 and more\", expected u64"),
            "invalid type: string \"****\", expected u64"
        );
        assert_eq!(toml_message("invalid type: integer `12345678`"), "invalid type: integer `****`");
    }

    #[test]
    fn no_quotes_in_a_value_bring_it_out() {
        for key in (0..50).map(fake::pair) {
            let secret = key.secret_text();
            for joint in ["`", "\"", "` \"", "\"`"] {
                let value = format!("{}{joint}{}", &secret[..20], &secret[20..]);
                for quote in ["`", "\""] {
                    let shown = toml_message(&format!("unknown {quote}{value}{quote}, expected x"));
                    for piece in secret.as_bytes().windows(8) {
                        assert!(!shown.as_bytes().windows(8).any(|window| window == piece), "{shown}");
                    }
                }
            }
        }
    }
}
