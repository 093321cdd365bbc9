//! The rules of a scan: akid's own, and the user's.

use std::fmt;
use std::ops::Range;
use std::path::Path;

use super::{Rule, RuleId, Yields, parse, shape};
use crate::redact::redact;

/// The rules that a scan runs, in order of their IDs.
#[derive(Clone, Debug)]
pub struct RuleSet {
    rules: Vec<Rule>,
}

/// A rule file that cannot be used: which, where, what is wrong, and what to do.
#[derive(Debug, thiserror::Error)]
pub struct RuleError {
    file: String,
    line: Option<usize>,
    fault: Fault,
}

/// What is wrong with a rule.
#[derive(Debug)]
pub(super) enum Fault {
    Read(std::io::Error),
    Name,
    Empty,
    Toml(String),
    Word(Vec<&'static str>),
    ShortAnchor,
    NoAnchors,
    NoPatterns,
    PatternsOfPair,
    NoExamples,
    NoValue,
    Shape,
    Regex(String),
}

/// akid's own rules, embedded.
const BUILT_IN: [(&str, &str); 7] = [
    ("aws-access-key", include_str!("../../rules/aws-access-key.toml")),
    ("aws-access-key-id", include_str!("../../rules/aws-access-key-id.toml")),
    ("aws-presigned-url", include_str!("../../rules/aws-presigned-url.toml")),
    ("aws-secret-access-key", include_str!("../../rules/aws-secret-access-key.toml")),
    ("aws-session-token", include_str!("../../rules/aws-session-token.toml")),
    ("aws-temporary-credentials", include_str!("../../rules/aws-temporary-credentials.toml")),
    ("aws-temporary-key-id", include_str!("../../rules/aws-temporary-key-id.toml")),
];

impl RuleSet {
    /// akid's own rules.
    ///
    /// # Panics
    ///
    /// Never: a test parses every rule that is built in.
    pub fn built_in() -> Self {
        let rules = BUILT_IN.iter().map(|(id, text)| {
            let Some(id) = RuleId::parse(id) else { unreachable!("`{id}` is a rule ID") };
            parse::parse(id, "built-in rule", text).unwrap_or_else(|error| unreachable!("{error}"))
        });
        Self { rules: rules.collect() }
    }

    /// Adds the rules of every `*.toml` file in `folder`. A rule of the same ID takes the place of akid's own.
    ///
    /// # Errors
    ///
    /// If the folder has no rule, or one that cannot be read or is wrong.
    pub fn with_folder(mut self, folder: &Path) -> Result<Self, RuleError> {
        let name = |path: &Path| redact(path.as_os_str().as_encoded_bytes());
        let unreadable = |path: &Path, error| RuleError::of_file(name(path), Fault::Read(error));
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
            let path = entry.map_err(|error| unreadable(folder, error))?.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                files.push(path);
            }
        }
        files.sort();
        if files.is_empty() {
            return Err(RuleError::of_file(name(folder), Fault::Empty));
        }
        for path in files {
            let file = name(&path);
            let stem = path.file_stem().and_then(std::ffi::OsStr::to_str);
            let id =
                stem.and_then(RuleId::parse).ok_or_else(|| RuleError::of_file(file.clone(), Fault::Name))?;
            let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
            self.add(parse::parse(id, &file, &text)?);
        }
        Ok(self)
    }

    /// The set of the one rule in `text`.
    ///
    /// # Errors
    ///
    /// If the rule is wrong; `file` names it in the error.
    pub fn of_text(id: &str, file: &str, text: &str) -> Result<Self, RuleError> {
        let id = RuleId::parse(id).ok_or_else(|| RuleError::of_file(file.to_owned(), Fault::Name))?;
        Ok(Self { rules: vec![parse::parse(id, file, text)?] })
    }

    /// The set that holds only the rule of that ID, if it is there.
    #[must_use]
    pub fn only(&self, id: &RuleId) -> Self {
        Self { rules: self.get(id).cloned().into_iter().collect() }
    }

    fn add(&mut self, rule: Rule) {
        match self.rules.binary_search_by(|known| known.id.cmp(&rule.id)) {
            Ok(place) => self.rules[place] = rule,
            Err(place) => self.rules.insert(place, rule),
        }
    }

    /// Every rule, in order of IDs.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    /// The rule of that ID.
    pub fn get(&self, id: &RuleId) -> Option<&Rule> {
        self.rules.binary_search_by(|rule| rule.id.cmp(id)).ok().map(|place| &self.rules[place])
    }

    /// The first rule that yields this.
    pub fn yielding(&self, yields: Yields) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.yields == yields)
    }
}

impl RuleError {
    /// An error at `span` of `text`.
    pub(super) fn new(file: &str, text: &str, span: Option<Range<usize>>, fault: Fault) -> Self {
        let line =
            span.map(|span| text.as_bytes()[..span.start.min(text.len())].split(|&b| b == b'\n').count());
        Self { file: file.to_owned(), line, fault }
    }

    fn of_file(file: String, fault: Fault) -> Self {
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
            Self::Name => f.write_str("the file's name is no rule ID"),
            Self::Empty => f.write_str("no rule in this folder"),
            // What toml says may repeat a value; a value of a rule file may be anything.
            Self::Toml(message) => f.write_str(&redact(message.as_bytes())),
            Self::Word(_) => f.write_str("no such level"),
            Self::ShortAnchor => f.write_str("the anchor is too short"),
            Self::NoAnchors => f.write_str("the rule has no anchors"),
            Self::NoPatterns => f.write_str("the rule has no pattern"),
            Self::PatternsOfPair => f.write_str("a rule that yields a pair has no patterns of its own"),
            Self::NoExamples => f.write_str("the rule has no example"),
            Self::NoValue => f.write_str("the pattern has no group `value`"),
            Self::Shape => f.write_str("no such shape in the pattern"),
            Self::Regex(reason) => write!(f, "the pattern is not valid: {}", redact(reason.as_bytes())),
        }
    }
}

impl Fault {
    fn remedy(&self) -> Option<String> {
        Some(match self {
            Self::Read(_) | Self::Toml(_) => return None,
            Self::Name => {
                "name it with lower-case letters, digits and hyphens, such as `my-rule.toml`".to_owned()
            }
            Self::Empty => {
                "a rule is a file `<rule-id>.toml`; `akid rules list` shows the ones built in".to_owned()
            }
            Self::Word(words) => format!("use one of {}", words.join(", ")),
            Self::ShortAnchor => "give at least four characters that every match holds".to_owned(),
            Self::NoAnchors => "list literals in `anchors` of which every match holds one".to_owned(),
            Self::NoPatterns => "add a `[[pattern]]` with `regex` and `certainty`".to_owned(),
            Self::PatternsOfPair => "leave the patterns to the rules that yield the parts".to_owned(),
            Self::NoExamples => "list texts in `examples` that the rule must find".to_owned(),
            Self::NoValue => "name the part `(?P<value>…)`, or use a shape that does".to_owned(),
            Self::Shape => format!("the shapes are {}", shape::names()),
            Self::Regex(_) => "the syntax is that of the regex crate, without look-around".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
title = "t"
summary = "s"
help = "h"
next-step = "n"
severity = "high"
yields = "secret"
anchors = ["acme"]
examples = ["acme={{secret}}"]
[[pattern]]
certainty = "high"
regex = 'acme{{assign}}{{secret}}'
"#;

    fn error_of(text: &str) -> String {
        RuleSet::of_text("my-rule", "my-rule.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn every_built_in_rule_is_sound_and_in_order() {
        let set = RuleSet::built_in();
        let ids: Vec<_> = set.iter().map(|rule| rule.id.clone()).collect();
        assert_eq!(ids.len(), BUILT_IN.len());
        assert!(ids.is_sorted());
    }

    #[test]
    fn a_sound_rule_is_taken() {
        RuleSet::of_text("my-rule", "my-rule.toml", GOOD).unwrap();
    }

    #[test]
    fn an_error_names_file_line_fault_and_remedy() {
        assert_eq!(
            error_of(&GOOD.replace("{{assign}}", "{{asign}}")),
            format!("my-rule.toml:12: no such shape in the pattern\nhelp: the shapes are {}", shape::names())
        );
        assert_eq!(
            error_of(&GOOD.replace("\"high\"\nyields", "\"hihg\"\nyields")),
            "my-rule.toml:6: no such level\nhelp: use one of low, medium, high, critical"
        );
        assert!(
            error_of(&GOOD.replace("acme{{", "(acme{{"))
                .starts_with("my-rule.toml:12: the pattern is not valid")
        );
        assert!(
            error_of(&GOOD.replace("title", "titel")).starts_with("my-rule.toml:2: unknown field `titel`")
        );
        assert!(error_of(&GOOD.replace("[\"acme\"]", "[]")).contains("has no anchors"));
    }
}
