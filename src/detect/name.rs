//! The names that stand before values, and what they say of which values belong together.

use std::collections::BTreeSet;
use std::iter;
use std::ops::Range;

use super::section;
use crate::rule::RuleSet;

/// What is left of a name once the words that every credential's name holds are taken away: `prod` of
/// `prod_access_key`. Empty where the name says nothing, or where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Affix {
    words: Vec<String>,
    /// Whether the name is the value's own, with nothing between that only announces a value.
    of_value: bool,
}

/// How two affixes go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// Both say the same, or nothing.
    Same,
    /// One says something and the other nothing.
    Silent,
    /// They say different things.
    Different,
}

impl Affix {
    pub(super) fn compare(&self, other: &Self) -> Match {
        if self.words.is_empty() && other.words.is_empty() {
            Match::Same
        } else if self.words.is_empty() || other.words.is_empty() {
            Match::Silent
        } else if self.words == other.words {
            Match::Same
        } else {
            Match::Different
        }
    }

    /// Whether the value has a name of its own that says what it is.
    pub(super) fn is_of_value(&self) -> bool {
        self.of_value
    }
}

/// How far before a value its name may start, in bytes.
const REACH: usize = 160;
/// How far before what is matched of a name the name may start, in bytes.
const NAME: usize = 32;
/// How many words that only announce a value are passed over.
const MAX_WORDS: usize = 4;

/// The words of the name before the value at `start` of `text`; empty if it has none that says what it is.
pub(super) fn of_value(text: &[u8], start: usize) -> Vec<String> {
    name_before(text, start).map(|(words, _)| words).unwrap_or_default()
}

/// Words that name AWS, or a service of it.
const AWS: [&str; 16] = [
    "aws",
    "amazon",
    "amazonaws",
    "s3",
    "s3a",
    "s3n",
    "ses",
    "sqs",
    "sns",
    "iam",
    "sts",
    "ec2",
    "dynamo",
    "dynamodb",
    "athena",
    "cloudfront",
];

/// Words of names that say whose a secret is, if not that of AWS.
#[derive(Clone, Debug, Default)]
pub(super) struct Others {
    services: BTreeSet<String>,
    purposes: BTreeSet<String>,
}

impl Others {
    /// The words of all of `rules`.
    pub(super) fn of(rules: &RuleSet) -> Self {
        let (mut services, mut purposes) = (BTreeSet::new(), BTreeSet::new());
        for rule in rules.iter() {
            services.extend(rule.other_services.iter().cloned());
            purposes.extend(rule.other_purposes.iter().cloned());
        }
        Self { services, purposes }
    }

    /// The word that gives the value at `start` of `text` to another service or purpose: a word of its own name, else of
    /// the sections that it is in, the nearest first. What names AWS nearer than that keeps it.
    pub(super) fn owner(&self, text: &[u8], start: usize) -> Option<String> {
        let own = name_before(text, start).map(|(words, _)| words).unwrap_or_default();
        if own.iter().any(|word| is_any(word, &AWS)) {
            return None;
        }
        // Only AWS has a secret access key.
        let is_of_aws = ["access", "secret"].iter().all(|part| own.iter().any(|word| word.contains(part)));
        let other = own
            .iter()
            .find(|word| self.services.contains(*word) || !is_of_aws && self.purposes.contains(*word));
        other.cloned().or_else(|| self.section(text, start))
    }

    /// Whether the name that `range` is in, whose words may stand apart, has AWS among its words, and none that says
    /// another service, or behind AWS another purpose: `app_aws_secret` is one of AWS, `aws_app_secret` of an app.
    pub(super) fn is_aws_named(&self, text: &[u8], range: Range<usize>) -> bool {
        let name = String::from_utf8_lossy(&text[start(text, range.start)..range.end]);
        let names = name.split(|byte: char| !byte.is_ascii() || !is_name(byte as u8));
        let words: Vec<String> = names.flat_map(words).collect();
        let Some(aws) = words.iter().position(|word| is_any(word, &AWS)) else { return false };
        let is_other = |word: &String| self.services.contains(word);
        !words.iter().any(is_other) && !words[aws..].iter().any(|word| self.purposes.contains(word))
    }

    fn section(&self, text: &[u8], start: usize) -> Option<String> {
        for header in section::headers(text, start) {
            let names = header.split(|&byte| !is_name(byte)).map(String::from_utf8_lossy);
            let words: Vec<String> = names.flat_map(|name| words(&name)).collect();
            if words.iter().any(|word| is_any(word, &AWS)) {
                return None;
            }
            let service = words.into_iter().find(|word| self.services.contains(word));
            if service.is_some() {
                return service;
            }
        }
        None
    }
}

/// Where the name starts, whose words may stand apart, that `at` is in.
pub(super) fn start(text: &[u8], at: usize) -> usize {
    let before = text[..at].iter().rev().take(NAME);
    at - before.take_while(|&&byte| is_name(byte) || byte == b' ').count()
}

/// The affix of the name before the value at `start` of `text`.
pub(super) fn affix_before(text: &[u8], start: usize) -> Affix {
    let Some((words, of_value)) = name_before(text, start) else { return Affix::default() };
    let says = |word: &String| !is_any(word, &TELLING) && !is_any(word, &COMMON);
    Affix { words: words.into_iter().filter(says).collect(), of_value }
}

/// What the name of the value at `start` of `text` says of which credential it is, beside what the names of all
/// credentials say, else what the header of its section says: `prod` of `prod_access_key` and of `[profile prod]`. `None`
/// if it has no name; empty if nothing says more.
pub(super) fn label(text: &[u8], start: usize) -> Option<Box<str>> {
    let words = name_before(text, start)?.0;
    let says = |word: &String| !is_any(word, &TELLING) && !is_any(word, &COMMON);
    let own: Vec<String> = words.into_iter().filter(says).collect();
    if !own.is_empty() {
        return Some(own.join(" ").into());
    }
    let headers = section::headers(text, start);
    let header = headers.last().filter(|line| section::is_header(line)).copied().unwrap_or_default();
    let names = header.split(|&byte| !is_name(byte)).map(String::from_utf8_lossy);
    let names = names.flat_map(|name| self::words(&name)).filter(says);
    let names: Vec<String> = names.filter(|word| word != "profile").collect();
    if names.is_empty() {
        // Of other sections only what says more than where the value belongs.
        let words = headers.iter().flat_map(|line| line.split(|&byte| !is_name(byte)));
        let mut words = words.flat_map(|name| self::words(&String::from_utf8_lossy(name)));
        return Some(words.find_map(|word| environment(&word)).unwrap_or_default().into());
    }
    Some(names.join(" ").into())
}

/// Environments that credentials are for, each with its other names.
const ENVIRONMENTS: [&[&str]; 7] = [
    &["prod", "production", "prd", "live"],
    &["staging", "stage", "stg", "preprod"],
    &["dev", "develop", "development"],
    &["test", "testing", "tests"],
    &["qa"],
    &["uat"],
    &["sandbox"],
];

/// The environment that a word in lower case names, if any.
pub(crate) fn environment(word: &str) -> Option<&'static str> {
    ENVIRONMENTS.iter().find(|names| names.contains(&word)).map(|names| names[0])
}

/// The words of the name that the value at `start` of `text` is: of a variable that it refers to, of a call.
pub(super) fn at(text: &[u8], start: usize) -> Vec<String> {
    let rest = &text[start..text.len().min(start + REACH)];
    let begin = rest.iter().take(4).position(|byte| !b"${(% ".contains(byte)).unwrap_or(rest.len());
    let name = rest[begin.min(rest.len())..].split(|&byte| !is_name(byte)).next().unwrap_or_default();
    words(&String::from_utf8_lossy(name))
}

/// The words of the name before the value, and whether it is the value's own, with nothing between that only announces
/// a value.
fn name_before(text: &[u8], start: usize) -> Option<(Vec<String>, bool)> {
    let mut rest = &text[start.saturating_sub(REACH)..start];
    for nth in 0..MAX_WORDS {
        let end = rest.iter().rposition(|&byte| is_name(byte)).map_or(0, |last| last + 1);
        let begin = rest[..end].iter().rposition(|&byte| !is_name(byte)).map_or(0, |before| before + 1);
        // What counts as part of a name is ASCII.
        let name = str::from_utf8(&rest[begin..end]).ok()?;
        if words_as_written(name).any(|word| is_any(word, &TELLING)) {
            return Some((words(name), nth == 0));
        }
        let mut others = words_as_written(name).peekable();
        if others.peek().is_none() || !others.all(|word| is_any(word, &ANNOUNCING)) {
            return None;
        }
        rest = &rest[..begin];
    }
    None
}

/// Words that make a name the name of a credential's part.
const TELLING: [&str; 10] = [
    "access",
    "secret",
    "key",
    "token",
    "accesskey",
    "secretkey",
    "accesskeyid",
    "secretaccesskey",
    "keyid",
    "credential",
];

/// Words beside those that say nothing of which credential it is.
const COMMON: [&str; 12] = [
    "credentials",
    "aws",
    "amazon",
    "s3",
    "id",
    "session",
    "sessiontoken",
    "security",
    "export",
    "env",
    "set",
    "my",
];

/// Words that stand between a name and its value.
const ANNOUNCING: [&str; 12] =
    ["value", "string", "str", "name", "text", "default", "type", "data", "set", "env", "get", "is"];

fn is_any(word: &str, words: &[&str]) -> bool {
    words.iter().any(|known| word.eq_ignore_ascii_case(known))
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// The words of a name in snake, kebab, dotted or camel case, in lower case.
fn words(name: &str) -> Vec<String> {
    words_as_written(name).map(str::to_ascii_lowercase).collect()
}

/// The words of a name, each as it is written there.
fn words_as_written(name: &str) -> impl Iterator<Item = &str> {
    name.split(['_', '-', '.']).flat_map(|part| {
        let mut rest = part;
        iter::from_fn(move || {
            let (word, others) = rest.split_at(first_word(rest));
            rest = others;
            (!word.is_empty()).then_some(word)
        })
    })
}

/// The length of the first word of what may be in camel case. Words start at letters and digits of ASCII only.
fn first_word(text: &str) -> usize {
    let bytes = text.as_bytes();
    // `s3` and `ec2` are one word each.
    let is_service = |at: usize| bytes[at].is_ascii_digit() && is_any(&text[..=at], &AWS);
    (1..bytes.len()).find(|&at| starts_word(bytes, at) && !is_service(at)).unwrap_or(bytes.len())
}

/// Whether a new word of camel case starts at `at`: `aB`, `ABc` before its `B`, a digit after letters, a capital after a digit.
fn starts_word(bytes: &[u8], at: usize) -> bool {
    let (before, here) = (bytes[at - 1], bytes[at]);
    let next_is_lower = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
    (before.is_ascii_lowercase() && here.is_ascii_uppercase())
        || (before.is_ascii_uppercase() && here.is_ascii_uppercase() && next_is_lower)
        || (before.is_ascii_digit() && here.is_ascii_uppercase())
        || (before.is_ascii_lowercase() && here.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn affix(text: &str) -> Vec<String> {
        affix_before(text.as_bytes(), text.len()).words
    }

    #[test]
    fn an_affix_is_what_tells_a_credential_from_its_neighbours() {
        for (text, expected) in [
            ("prod_access_key = \"", "prod"),
            ("AWS_SECRET_ACCESS_KEY_STAGING=", "staging"),
            ("myAppSecretKey: '", "app"),
            ("aws_access_key_id=", ""),
            ("AWSSecretKey=", ""),
            ("- name: DEV_ACCESS_KEY\n  value: ", "dev"),
            ("accessKey2: ", "2"),
            ("ec2SecretKey: ", "ec2"),
            ("s3SecretKey: ", ""),
            ("(\"", ""),
        ] {
            assert_eq!(affix(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn affixes_agree_differ_or_say_nothing() {
        let of = |text: &str| affix_before(text.as_bytes(), text.len());
        assert_eq!(of("prod_access_key=").compare(&of("prod_secret_key=")), Match::Same);
        assert_eq!(of("prod_access_key=").compare(&of("dev_secret_key=")), Match::Different);
        assert_eq!(of("prod_access_key=").compare(&of("secret_key=")), Match::Silent);
    }
}
