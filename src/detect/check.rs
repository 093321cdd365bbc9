//! Rules prove themselves: each finds its examples, and leaves its counter-examples alone.

use std::fmt;
use std::ops::Range;

use super::{Detector, find};
use crate::aws::fake;
use crate::rule::{self, Pattern, Rule, RuleId, RuleSet};

/// A rule that does not do what its own file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenRule {
    /// The rule.
    pub rule: RuleId,
    /// What it does wrong.
    pub fault: Fault,
    /// Whether the rule does so by itself, or beside the others.
    pub alone: bool,
}

/// What a rule does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It does not find its example of this number, counted from 1.
    Missed(usize),
    /// It finds something in its counter-example of this number, counted from 1.
    Matched(usize),
    /// It needs one of its anchors and does without one in its example of this number.
    Unanchored(usize),
}

/// Checks every rule of `rules` against its examples and counter-examples, by itself and among all of them.
pub fn check(rules: &RuleSet) -> Vec<BrokenRule> {
    let together = Detector::new(rules);
    let mut broken = Vec::new();
    for rule in rules.iter() {
        broken.extend(faults(&together, rule, false));
        if rule.patterns.iter().any(|pattern| !pattern.near_key_id) {
            let alone = rules.only(&rule.id);
            let gated = Detector::new(&alone);
            broken.extend(faults(&gated, rule, true));
            broken.extend(unanchored(&gated, rule));
        }
    }
    broken
}

fn faults(detector: &Detector, rule: &Rule, alone: bool) -> Vec<BrokenRule> {
    let missed = matches(detector, rule, &rule.examples).zip(1..).filter(|(found, _)| !found);
    let matched = matches(detector, rule, &rule.counter_examples).zip(1..).filter(|(found, _)| *found);
    let faults = missed.map(|(_, nth)| Fault::Missed(nth)).chain(matched.map(|(_, nth)| Fault::Matched(nth)));
    faults.map(|fault| BrokenRule { rule: rule.id.clone(), fault, alone }).collect()
}

/// Examples that are missed because what a pattern matches in them holds no anchor.
fn unanchored(gated: &Detector, rule: &Rule) -> Vec<BrokenRule> {
    let lacks_anchor = |text: &String| {
        let text = filled(rule, text);
        let mut patterns = rule.patterns.iter().filter(|pattern| !pattern.near_key_id);
        let lacks = |pattern: &Pattern, matched: Range<usize>| {
            !find::has_anchor(rule, pattern, text.as_bytes(), matched)
        };
        patterns.any(|pattern| {
            pattern
                .expression
                .regex()
                .find_iter(text.as_bytes())
                .any(|matched| lacks(pattern, matched.range()))
        })
    };
    let missed = matches(gated, rule, &rule.examples).zip(&rule.examples).zip(1..);
    let lost = missed.filter(|((found, example), _)| !found && lacks_anchor(example));
    lost.map(|(_, nth)| BrokenRule { rule: rule.id.clone(), fault: Fault::Unanchored(nth), alone: true })
        .collect()
}

/// An example with a made-up credential in it.
fn filled(rule: &Rule, text: &str) -> String {
    // Only temporary credentials have a token, and a rule for tokens wants one.
    let is_temporary = rule.yields.is_temporary() || text.contains("{{token}}");
    rule::fill(text, &if is_temporary { fake::temporary(1) } else { fake::pair(1) })
}

/// Whether `rule` finds something in each of `texts`.
fn matches<'a>(
    detector: &'a Detector,
    rule: &'a Rule,
    texts: &'a [String],
) -> impl Iterator<Item = bool> + 'a {
    texts.iter().map(|text| {
        detector.detect(filled(rule, text).as_bytes()).found.iter().any(|found| found.rule == rule.id)
    })
}

impl fmt::Display for BrokenRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let among = if self.alone { "by itself" } else { "among all rules" };
        match self.fault {
            Fault::Missed(nth) => write!(f, "rule `{}`: example {nth} is not found {among}", self.rule),
            Fault::Matched(nth) => write!(f, "rule `{}`: counter-example {nth} is found {among}", self.rule),
            Fault::Unanchored(nth) => {
                write!(
                    f,
                    "rule `{}`: example {nth} matches a pattern and holds none of the anchors",
                    self.rule
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_rule_proves_itself() {
        assert_eq!(check(&RuleSet::built_in()), []);
    }

    #[test]
    fn a_rule_that_misses_its_example_is_told() {
        let text = r#"
title = "t"
summary = "s"
help = "h"
next-step = "n"
severity = "high"
yields = "secret"
anchors = ["acme_pass"]
examples = ["acme_pass: {{secret}}", "acme-pass: {{secret}}", "pass: {{secret}}"]
counter-examples = ["acme_pass = '{{secret}}'"]
[[pattern]]
certainty = "high"
regex = 'acme.pass{{assign}}{{secret}}'
"#;
        let rules = RuleSet::of_text("acme-pass", "acme-pass.toml", text).unwrap();
        let faults: Vec<_> =
            check(&rules).into_iter().filter(|broken| broken.alone).map(|broken| broken.fault).collect();
        assert_eq!(faults, [Fault::Missed(2), Fault::Missed(3), Fault::Matched(1), Fault::Unanchored(2)]);
    }
}
