//! Whether a text has enough letters in a row for a secret. Most texts in which a secret is named do not, and expressions
//! are slow where they match in part.

use crate::aws::SecretAccessKey;

/// Whether `text` has as many letters as a secret has, in one run, or in pieces with what may join them between.
///
/// This is judged generously: every value that is joined has its pieces and joints here, and so has much else.
pub(super) fn for_secret(text: &[u8]) -> bool {
    let mut letters = 0;
    let mut is_joint = false;
    for &byte in text {
        match CLASS[usize::from(byte)] {
            Class::Letter => {
                letters += 1;
                is_joint = false;
            }
            // It may be either.
            Class::Plus => letters += 1,
            Class::Opening if letters > 0 => is_joint = true,
            Class::Inner if is_joint => {}
            _ => (letters, is_joint) = (0, false),
        }
        if letters == SecretAccessKey::LEN {
            return true;
        }
    }
    false
}

/// What a byte can be in a value that is joined.
#[derive(Clone, Copy)]
enum Class {
    /// A letter of a secret, of one that base64 of another alphabet spells, or of a prefix of the next piece.
    Letter,
    /// A letter of a secret, or what joins two pieces.
    Plus,
    /// What a joint starts with: a quote, a continuation, a line end.
    Opening,
    /// What a joint may hold besides.
    Inner,
    Other,
}

const CLASS: [Class; 256] = {
    let mut classes = [Class::Other; 256];
    let mut byte = u8::MAX;
    loop {
        classes[byte as usize] = match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'_' | b'-' => Class::Letter,
            b'+' => Class::Plus,
            b'"' | b'\'' | b'`' | b'\\' | b'^' | b'\r' | b'\n' => Class::Opening,
            b' ' | b'\t' | b'.' | b'&' | b'~' | b'|' | b'<' | b'>' | b'@' => Class::Inner,
            _ => Class::Other,
        };
        if byte == 0 {
            break classes;
        }
        byte -= 1;
    }
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake;
    use crate::rule::{self, RuleSet, Yields};

    #[test]
    fn every_joint_of_a_secret_is_one_here() {
        let key = fake::pair(1);
        let secret = key.secret_text();
        for joint in
            ["\" + \"", "' .\r\n  '", "` & _\n  `", "\\\n", "^\r\n\t", "\n    ", "\" <> \\\n b\"", "' || @'"]
        {
            for cut in 1..secret.len() {
                let text = format!("x = \"{}{joint}{}\"", &secret[..cut], &secret[cut..]);
                assert!(for_secret(text.as_bytes()), "{text}");
                assert_eq!(rule::join_free(text.as_bytes()).len(), 2, "{text}");
            }
        }
    }

    #[test]
    fn every_example_of_a_rule_for_secrets_has_enough() {
        let rules = RuleSet::built_in();
        for rule in rules.iter().filter(|rule| rule.yields == Yields::Secret) {
            for example in &rule.examples {
                assert!(for_secret(rule::fill(example, &fake::pair(2)).as_bytes()), "{example}");
            }
        }
    }

    #[test]
    fn text_has_too_few() {
        for text in [
            "secret_key = os.environ['AWS_SECRET_ACCESS_KEY']",
            "{\"SecretAccessKey\": {\"shape\": \"SecretAccessKeyType\", \"documentation\": \"The secret.\"}}",
            "if (!secretKey || !accessKey) throw new Error('missing');",
        ] {
            assert!(!for_secret(text.as_bytes()), "{text}");
        }
    }
}
