//! The rules of a scan: akid's own, and the user's.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::error::{Fault, MAX_FILE, MAX_FILES, RuleError};
use super::parse::{self, Author};
use super::{Rule, RuleId, Yields};
use crate::redact::{self, redact};

/// The rules that a scan runs, in order of their IDs.
#[derive(Clone, Debug)]
pub struct RuleSet {
    rules: Vec<Rule>,
}

/// akid's own rules, embedded.
const BUILT_IN: [(&str, &str); 12] = [
    ("aws-access-key", include_str!("../../rules/aws-access-key.toml")),
    ("aws-access-key-id", include_str!("../../rules/aws-access-key-id.toml")),
    ("aws-api-key", include_str!("../../rules/aws-api-key.toml")),
    ("aws-ecr-token", include_str!("../../rules/aws-ecr-token.toml")),
    ("aws-presigned-url", include_str!("../../rules/aws-presigned-url.toml")),
    ("aws-secret-access-key", include_str!("../../rules/aws-secret-access-key.toml")),
    ("aws-service-specific-credential", include_str!("../../rules/aws-service-specific-credential.toml")),
    ("aws-ses-smtp-password", include_str!("../../rules/aws-ses-smtp-password.toml")),
    ("aws-session-token", include_str!("../../rules/aws-session-token.toml")),
    ("aws-sso-token", include_str!("../../rules/aws-sso-token.toml")),
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
            parse::parse(id, Author::Akid, "built-in rule", text)
                .unwrap_or_else(|error| unreachable!("{error}"))
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
        if files.len() > MAX_FILES {
            return Err(RuleError::of_file(name(folder), Fault::TooMany));
        }
        for path in files {
            let file = name(&path);
            let stem = path.file_stem().and_then(std::ffi::OsStr::to_str);
            let id = stem.and_then(RuleId::parse).ok_or_else(|| {
                // It is not the name of a rule: it may be anything.
                let shown = redact::words(stem.unwrap_or_default().as_bytes());
                RuleError::of_file(format!("{}/{shown}.toml", name(folder)), Fault::Name)
            })?;
            let text = read(&path).map_err(|error| unreadable(&path, error))?;
            if text.len() as u64 > MAX_FILE {
                return Err(RuleError::of_file(file, Fault::TooLarge));
            }
            self.add(parse::parse(id, Author::User, &file, &text)?);
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
        Ok(Self { rules: vec![parse::parse(id, Author::User, file, text)?] })
    }

    /// The set that holds only the rule of that ID, if it is there.
    #[must_use]
    pub fn only(&self, id: &RuleId) -> Self {
        Self { rules: self.get(id).cloned().into_iter().collect() }
    }

    /// Adds a rule of the user's. Its texts may be anything, and are shown.
    fn add(&mut self, rule: Rule) {
        let rule = Rule {
            title: shown(&rule.title),
            summary: shown(&rule.summary),
            help: shown(&rule.help),
            next_step: shown(&rule.next_step),
            ..rule
        };
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

/// A text of a rule, line by line, without what could be a secret.
fn shown(text: &str) -> String {
    let mut end = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        let start = end;
        end += line.len();
        start..end - usize::from(line.ends_with('\n'))
    });
    let mut shown = redact::parts(text.as_bytes(), lines.collect::<Vec<_>>()).collect::<Vec<_>>().join("\n");
    shown.extend(text.ends_with('\n').then_some('\n'));
    shown
}

/// The start of the file at `path`: one byte more than a rule may have.
fn read(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MAX_FILE + 1).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::shape;

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
        for rule in set.iter() {
            // Compiles them, or panics.
            rule.patterns.iter().for_each(|pattern| _ = pattern.expression.regex());
            rule.slots.iter().for_each(|slot| _ = slot.expression.regex());
        }
    }

    #[test]
    fn a_sound_rule_is_taken() {
        RuleSet::of_text("my-rule", "my-rule.toml", GOOD).unwrap();
    }

    #[test]
    fn an_error_names_file_line_fault_and_remedy() {
        assert_eq!(
            error_of(&GOOD.replace("{{assign}}", "{{asign}}")),
            format!("my-rule.toml:12: unknown shape in the pattern\nhelp: the shapes are {}", shape::names())
        );
        assert_eq!(
            error_of(&GOOD.replace("\"high\"\nyields", "\"hihg\"\nyields")),
            "my-rule.toml:6: unknown level\nhelp: use one of low, medium, high, critical"
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
