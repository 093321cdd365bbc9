//! What can be wrong with a rule, where, and what to do about it.

use std::fmt;
use std::ops::Range;

use super::quoted::toml_message;
use super::shape;
use crate::redact;

/// A rule file that cannot be used: which, where, what is wrong, and what to do.
#[derive(Debug, thiserror::Error)]
pub struct RuleError {
    file: String,
    line: Option<usize>,
    fault: Fault,
}

/// How large the file of a rule may be, in bytes.
pub(super) const MAX_FILE: u64 = 1 << 20;
/// How many rules a folder may have.
pub(super) const MAX_FILES: usize = 500;
/// How many patterns a rule may have: each takes up to 8 MiB once it is compiled.
pub(super) const MAX_PATTERNS: usize = 100;

/// What is wrong with a rule.
#[derive(Debug)]
pub(super) enum Fault {
    Read(std::io::Error),
    Name,
    Empty,
    TooLarge,
    TooMany,
    Toml(String),
    Word(Vec<&'static str>),
    ShortAnchor,
    LongReach,
    NoAnchors,
    NoPatterns,
    PatternsOfPair,
    NoExamples,
    NoValue,
    Shape,
    Regex(String),
}

impl RuleError {
    /// An error at `span` of `text`.
    pub(super) fn new(file: &str, text: &str, span: Option<Range<usize>>, fault: Fault) -> Self {
        let line =
            span.map(|span| text.as_bytes()[..span.start.min(text.len())].split(|&b| b == b'\n').count());
        Self { file: file.to_owned(), line, fault }
    }

    /// An error of the whole file.
    pub(super) fn of_file(file: String, fault: Fault) -> Self {
        Self { file, line: None, fault }
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.fault)?;
        self.fault.remedy().map_or(Ok(()), |remedy| write!(f, "\nhelp: {remedy}"))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => write!(f, "cannot be read: {error}"),
            Self::Name => f.write_str("the file's name is not a rule ID"),
            Self::Empty => f.write_str("no rule in this folder"),
            Self::TooLarge => write!(f, "the rule is larger than {} kB", MAX_FILE >> 10),
            Self::TooMany => {
                write!(f, "more than {MAX_FILES} rules, or more than {MAX_PATTERNS} patterns in one")
            }
            // What toml says may repeat a value; a value of a rule file may be anything.
            Self::Toml(message) => f.write_str(&toml_message(message)),
            Self::Word(_) => f.write_str("unknown level"),
            Self::ShortAnchor => f.write_str("the anchor is too short"),
            Self::LongReach => f.write_str("the reach is too long"),
            Self::NoAnchors => f.write_str("the rule has no anchors"),
            Self::NoPatterns => f.write_str("the rule has no pattern"),
            Self::PatternsOfPair => f.write_str("a rule that yields a pair cannot have patterns"),
            Self::NoExamples => f.write_str("the rule has no example"),
            Self::NoValue => f.write_str("the pattern has no group `value`"),
            Self::Shape => f.write_str("unknown shape in the pattern"),
            Self::Regex(reason) => {
                write!(f, "the pattern is not valid: {}", redact::words(reason.as_bytes()))
            }
        }
    }
}

impl Fault {
    fn remedy(&self) -> Option<String> {
        Some(match self {
            Self::Read(_) | Self::Toml(_) | Self::TooLarge | Self::TooMany => return None,
            Self::Name => {
                "name it with lower-case letters, digits and hyphens, such as `my-rule.toml`".to_owned()
            }
            Self::Empty => {
                "a rule is a file `<rule-id>.toml`; `akid rules list` shows the ones built in".to_owned()
            }
            Self::Word(words) => format!("use one of {}", words.join(", ")),
            Self::ShortAnchor => "give at least four characters that every match contains".to_owned(),
            Self::LongReach => "give a reach of at most 16384 bytes".to_owned(),
            Self::NoAnchors => "list literals in `anchors`; every match must contain one of them".to_owned(),
            Self::NoPatterns => "add a `[[pattern]]` with `regex` and `certainty`".to_owned(),
            Self::PatternsOfPair => "move the patterns to the rules that yield the parts".to_owned(),
            Self::NoExamples => "list texts in `examples` that the rule must find".to_owned(),
            Self::NoValue => "name the part `(?P<value>…)`, or use a shape that contains it".to_owned(),
            Self::Shape => format!("the shapes are {}", shape::names()),
            Self::Regex(_) => "the syntax is that of the regex crate, without look-around".to_owned(),
        })
    }
}
