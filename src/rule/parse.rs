//! A rule file as written, and the checks that make it a [`Rule`].

use std::collections::BTreeSet;
use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};
use serde::Deserialize;
use toml::Spanned;

use super::error::{Fault, MAX_PATTERNS, RuleError};
use super::{Pattern, Rule, RuleId, Slot, Yields, shape};
use crate::level::{Certainty, Severity};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    title: String,
    summary: String,
    help: String,
    next_step: String,
    severity: Spanned<String>,
    yields: Yields,
    #[serde(default)]
    anchors: Vec<Spanned<String>>,
    #[serde(default, rename = "pattern")]
    patterns: Vec<PatternAsWritten>,
    #[serde(default)]
    other_services: BTreeSet<String>,
    #[serde(default)]
    other_purposes: BTreeSet<String>,
    #[serde(default, rename = "slot")]
    slots: Vec<SlotAsWritten>,
    #[serde(default)]
    examples: Vec<String>,
    #[serde(default)]
    counter_examples: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct SlotAsWritten {
    regex: Spanned<String>,
    #[serde(default)]
    of_other_service: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct PatternAsWritten {
    regex: Spanned<String>,
    certainty: Spanned<String>,
    #[serde(default)]
    near_key_id: bool,
    #[serde(default)]
    generic_name: bool,
}

/// The shortest anchor: a shorter literal is nearly everywhere.
const MIN_ANCHOR: usize = 4;
/// How large a pattern may grow once compiled, in bytes.
const MAX_PATTERN: usize = 8 << 20;

/// Parses and checks the rule in `text`; `file` is its name in errors.
pub(super) fn parse(id: RuleId, file: &str, text: &str) -> Result<Rule, RuleError> {
    let at = |span: Range<usize>, fault: Fault| RuleError::new(file, text, Some(span), fault);
    let written: File = toml::from_str(text)
        .map_err(|error| RuleError::new(file, text, error.span(), Fault::Toml(error.message().to_owned())))?;

    let severity = named(&Severity::ALL.map(|s| (s.as_str(), s)), &written.severity)
        .map_err(|f| at(written.severity.span(), f))?;
    for anchor in &written.anchors {
        if anchor.get_ref().len() < MIN_ANCHOR {
            return Err(at(anchor.span(), Fault::ShortAnchor));
        }
    }
    if written.patterns.len() + written.slots.len() > MAX_PATTERNS {
        return Err(RuleError::new(file, text, None, Fault::TooMany));
    }
    let patterns = written
        .patterns
        .iter()
        .map(|pattern| {
            Ok(Pattern {
                regex: compile(pattern.regex.get_ref()).map_err(|fault| at(pattern.regex.span(), fault))?,
                certainty: named(&Certainty::ALL.map(|c| (c.as_str(), c)), &pattern.certainty)
                    .map_err(|fault| at(pattern.certainty.span(), fault))?,
                near_key_id: pattern.near_key_id,
                generic: pattern.generic_name,
            })
        })
        .collect::<Result<Vec<_>, RuleError>>()?;
    let slots = written.slots.iter().map(|slot| {
        let regex = compile(slot.regex.get_ref()).map_err(|fault| at(slot.regex.span(), fault))?;
        Ok(Slot { regex, of_other_service: slot.of_other_service })
    });
    let slots = slots.collect::<Result<Vec<_>, RuleError>>()?;
    let whole = |fault| Err(RuleError::new(file, text, None, fault));
    let is_paired = matches!(written.yields, Yields::LongTermPair | Yields::TemporaryPair);
    if is_paired != patterns.is_empty() {
        return whole(if is_paired { Fault::PatternsOfPair } else { Fault::NoPatterns });
    }
    if patterns.iter().any(|pattern| !pattern.near_key_id) && written.anchors.is_empty() {
        return whole(Fault::NoAnchors);
    }
    if written.examples.is_empty() {
        return whole(Fault::NoExamples);
    }
    Ok(Rule {
        id,
        title: written.title,
        summary: written.summary,
        help: written.help,
        next_step: written.next_step,
        severity,
        yields: written.yields,
        anchors: written.anchors.into_iter().map(Spanned::into_inner).collect(),
        patterns,
        slots,
        other_services: written.other_services,
        other_purposes: written.other_purposes,
        examples: written.examples,
        counter_examples: written.counter_examples,
    })
}

/// The value that a word names.
fn named<T: Copy>(words: &[(&'static str, T)], word: &Spanned<String>) -> Result<T, Fault> {
    let found = words.iter().find(|(name, _)| name == word.get_ref());
    found.map(|&(_, value)| value).ok_or_else(|| Fault::Word(words.iter().map(|(name, _)| *name).collect()))
}

/// Compiles a pattern over bytes, its `{{…}}` resolved.
fn compile(written: &str) -> Result<Regex, Fault> {
    let mut resolved = String::from("(?-u)");
    let mut rest = written;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").ok_or(Fault::Shape)?;
        resolved.push_str(before);
        resolved.push_str(&shape::expression(name).ok_or(Fault::Shape)?);
        rest = after;
    }
    resolved.push_str(rest);
    let regex = RegexBuilder::new(&resolved)
        .size_limit(MAX_PATTERN)
        .build()
        .map_err(|error| Fault::Regex(short_reason(&error)))?;
    if regex.capture_names().flatten().any(|name| name == "value") { Ok(regex) } else { Err(Fault::NoValue) }
}

/// The last line of a regex error says what is wrong; the lines before it repeat the pattern.
fn short_reason(error: &regex::Error) -> String {
    let text = error.to_string();
    text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}
