//! The anchors of a rule: literals of which one is in every match of a pattern.

use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// Literals of which one is in every match.
#[derive(Clone, Debug)]
pub struct Anchors {
    literals: BTreeSet<String>,
    finder: AhoCorasick,
}

/// How the words of a name are joined.
const JOINS: [&str; 5] = ["_", "-", ".", " ", ""];

impl Anchors {
    /// `literals` as they are, and `names` in every case style.
    ///
    /// Returns `None` if they are too many or too long to be searched for.
    pub(super) fn new(
        literals: impl IntoIterator<Item = String>,
        names: impl IntoIterator<Item = String>,
    ) -> Option<Self> {
        let mut all: BTreeSet<String> = literals.into_iter().collect();
        names.into_iter().for_each(|name| all.extend(styles(&name)));
        // It looks at names, which are short: what is built fastest is best.
        let kind = Some(AhoCorasickKind::NoncontiguousNFA);
        let finder = AhoCorasick::builder().kind(kind).prefilter(false).dense_depth(0).build(&all).ok()?;
        Some(Self { literals: all, finder })
    }

    /// Every literal, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.literals.iter().map(String::as_str)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.literals.is_empty()
    }

    /// Whether one of them is in `text`.
    pub fn is_in(&self, text: &[u8]) -> bool {
        self.finder.is_match(text)
    }
}

/// A name, given as words in lower case, in every case style. Where its first letter may be of either case, it is left
/// out.
fn styles(name: &str) -> impl Iterator<Item = String> {
    let (first, rest) = name.split_once(' ').unwrap_or((name, ""));
    let rest: Vec<&str> = rest.split_whitespace().collect();
    let lower = |word: &str| word.to_owned();
    let upper = |word: &str| word.to_uppercase();
    let title = |word: &str| {
        let (initial, others) = word.split_at(1);
        initial.to_uppercase() + others
    };
    let forms = |form: &dyn Fn(&str) -> String| rest.iter().map(|word| form(word)).collect::<Vec<_>>();
    let cut = first.get(1..).unwrap_or_default().to_owned();
    let styles = [
        (cut.clone(), forms(&lower)),
        (cut, forms(&title)),
        (upper(first), forms(&upper)),
        (upper(first), forms(&title)),
        (upper(first), forms(&lower)),
    ];
    styles.into_iter().flat_map(|(first, rest)| {
        JOINS.map(|join| {
            std::iter::once(first.clone()).chain(rest.iter().cloned()).collect::<Vec<_>>().join(join)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_in_every_case_style() {
        let anchors = Anchors::new([], ["aws secret key".to_owned()]).unwrap();
        for name in [
            "aws_secret_key",
            "AWS_SECRET_KEY",
            "Aws_Secret_Key",
            "aws-secret-key",
            "AWS secret key",
            "Aws secret key",
            "awsSecretKey",
            "AwsSecretKey",
            "AWSSecretKey",
            "awssecretkey",
            "aws.secret.key",
            "AWS-Secret-Key",
        ] {
            assert!(anchors.is_in(format!("x{name}y").as_bytes()), "{name}");
        }
        for name in ["aws_secret", "awsXsecretXkey", "ws_key"] {
            assert!(!anchors.is_in(name.as_bytes()), "{name}");
        }
    }
}
