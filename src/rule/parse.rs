//! A rule file as written, and the checks that make it a [`Rule`].

use std::collections::BTreeSet;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::error::{Fault, MAX_PATTERNS, RuleError};
use super::{Anchors, Expression, Pattern, Rule, RuleId, Slot, Yields};
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
    #[serde(default)]
    anchor_names: Vec<Spanned<String>>,
    #[serde(default)]
    reach: Option<Spanned<usize>>,
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
    near_anchor: bool,
    #[serde(default)]
    generic_name: bool,
    #[serde(default)]
    names_aws: bool,
}

/// The shortest anchor: a shorter literal is nearly everywhere.
const MIN_ANCHOR: usize = 4;

/// The farthest that a pattern may be from its anchor, in bytes: a quarter of what is around a piece of a large file.
const MAX_REACH: usize = 16 * 1024;

/// Who wrote a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Author {
    /// akid's: a test compiles its expressions.
    Akid,
    /// Somebody whose expressions may be anything.
    User,
}

/// Parses and checks the rule in `text`; `file` is its name in errors.
pub(super) fn parse(id: RuleId, author: Author, file: &str, text: &str) -> Result<Rule, RuleError> {
    let at = |span: Range<usize>, fault: Fault| RuleError::new(file, text, Some(span), fault);
    let expression = |written: Spanned<String>| {
        let span = written.span();
        match author {
            Author::Akid => Ok(Expression::sound(written.into_inner())),
            Author::User => Expression::checked(written.into_inner()).map_err(|fault| at(span, fault)),
        }
    };
    let written: File = toml::from_str(text)
        .map_err(|error| RuleError::new(file, text, error.span(), Fault::Toml(error.message().to_owned())))?;

    let severity = named(&Severity::ALL.map(|s| (s.as_str(), s)), &written.severity)
        .map_err(|f| at(written.severity.span(), f))?;
    for anchor in written.anchors.iter().chain(&written.anchor_names) {
        if anchor.get_ref().len() < MIN_ANCHOR {
            return Err(at(anchor.span(), Fault::ShortAnchor));
        }
    }
    let (literals, names) = (written.anchors, written.anchor_names);
    let anchors = Anchors::new(
        literals.into_iter().map(Spanned::into_inner),
        names.into_iter().map(Spanned::into_inner),
    );
    let Some(anchors) = anchors else { return Err(RuleError::new(file, text, None, Fault::TooMany)) };
    if written.patterns.len() + written.slots.len() > MAX_PATTERNS {
        return Err(RuleError::new(file, text, None, Fault::TooMany));
    }
    let reach = match &written.reach {
        Some(reach) if *reach.get_ref() > MAX_REACH => return Err(at(reach.span(), Fault::LongReach)),
        reach => reach.as_ref().map_or(0, |reach| *reach.get_ref()),
    };
    let patterns = written
        .patterns
        .into_iter()
        .map(|pattern| {
            Ok(Pattern {
                expression: expression(pattern.regex)?,
                certainty: named(&Certainty::BY_FORM.map(|c| (c.as_str(), c)), &pattern.certainty)
                    .map_err(|fault| at(pattern.certainty.span(), fault))?,
                near_key_id: pattern.near_key_id,
                near_anchor: pattern.near_anchor,
                generic: pattern.generic_name,
                names_aws: pattern.names_aws,
            })
        })
        .collect::<Result<Vec<_>, RuleError>>()?;
    let slots = written.slots.into_iter().map(|slot| {
        Ok(Slot { expression: expression(slot.regex)?, of_other_service: slot.of_other_service })
    });
    let slots = slots.collect::<Result<Vec<_>, RuleError>>()?;
    let whole = |fault| Err(RuleError::new(file, text, None, fault));
    let is_paired = matches!(written.yields, Yields::LongTermPair | Yields::TemporaryPair);
    if is_paired != patterns.is_empty() {
        return whole(if is_paired { Fault::PatternsOfPair } else { Fault::NoPatterns });
    }
    if patterns.iter().any(|pattern| !pattern.near_key_id) && anchors.is_empty() {
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
        anchors,
        reach,
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
