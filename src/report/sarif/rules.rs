//! The rules, with what GitHub shows beside an alert.

use serde::Serialize;
use serde_json::{Value, json};
use serde_sarif::sarif::{
    MultiformatMessageString, PropertyBag, ReportingConfiguration, ReportingDescriptor,
};

use super::variant::Variant;
use crate::level::Severity;
use crate::rule::{Rule, RuleSet, Yields};

/// The longest description that GitHub takes, in characters.
const MAX_DESCRIPTION: usize = 1024;

/// Every rule and every variant, in their order: results point at them by index.
pub(super) fn descriptors(rules: &RuleSet, variants: &[Variant]) -> Vec<ReportingDescriptor> {
    let descriptor = |variant: &Variant| Some(descriptor(variant, variant.rule(rules)?));
    variants.iter().filter_map(descriptor).collect()
}

fn descriptor(variant: &Variant, rule: &Rule) -> ReportingDescriptor {
    let severity = variant.severity(rule);
    let level = ReportingConfiguration::builder().level(level(severity)).build();
    ReportingDescriptor::builder()
        .id(variant.id())
        .name(name(&variant.id()))
        .short_description(super::text(&format!("{}{}", or_id(&rule.title, rule), variant.title())))
        .full_description(super::text(or_id(&rule.summary, rule)))
        .help(help(rule))
        .default_configuration(level)
        .properties(properties(rule, severity))
        .build()
}

/// The start of a text that GitHub will take: not longer than its limit, and not empty, which a user's rule may be.
fn or_id<'a>(text: &'a str, rule: &'a Rule) -> &'a str {
    let end = text.char_indices().nth(MAX_DESCRIPTION).map_or(text.len(), |(end, _)| end);
    if text.trim().is_empty() { rule.id.as_str() } else { &text[..end] }
}

/// The ID in Pascal case, as validators ask.
fn name(id: &str) -> String {
    let capital = |word: &str| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    };
    id.split(['-', '/']).map(capital).collect()
}

fn help(rule: &Rule) -> MultiformatMessageString {
    let help = rule.help.trim();
    MultiformatMessageString::builder()
        .text(format!("{}\n\nNext: {}\n\n{help}", rule.summary, rule.next_step).trim())
        .markdown(format!("{}\n\n**Next:** {}\n\n{help}", rule.summary, code(&rule.next_step)).trim())
        .build()
}

/// `<KEY_ID>` in Markdown would be taken for HTML.
fn code(next_step: &str) -> String {
    next_step.replace("akid explain <KEY_ID>", "`akid explain <KEY_ID>`")
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Properties {
    precision: &'static str,
    security_severity: &'static str,
}

fn properties(rule: &Rule, severity: Severity) -> PropertyBag {
    let fields = Properties { precision: precision(rule.yields), security_severity: score(severity) };
    let tags = ["security", "aws", "external/cwe/cwe-798"].map(str::to_owned);
    PropertyBag { tags: Some(tags.to_vec()), ..super::properties(&fields) }
}

/// How bad GitHub takes a rule to be: over 9.0 critical, from 7.0 high, from 4.0 medium.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.0",
        Severity::Low => "2.0",
    }
}

/// How seldom a rule is wrong.
fn precision(yields: Yields) -> &'static str {
    match yields {
        Yields::LongTermPair | Yields::TemporaryPair | Yields::SignedRequest => "very-high",
        Yields::ApiKey | Yields::EcrToken => "very-high",
        Yields::LongTermKeyId | Yields::TemporaryKeyId | Yields::SessionToken => "high",
        Yields::SesSmtpPassword | Yields::ServicePassword | Yields::SsoToken => "high",
        Yields::Secret => "medium",
    }
}

fn level(severity: Severity) -> Value {
    json!(super::results::level(severity))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_named_after_its_id() {
        assert_eq!(name("aws-presigned-url"), "AwsPresignedUrl");
        assert_eq!(name("aws-access-key/canary"), "AwsAccessKeyCanary");
    }

    #[test]
    fn a_description_is_cut_where_github_would_refuse_it() {
        let rules = RuleSet::built_in();
        let rule = rules.iter().next().unwrap();
        assert_eq!(or_id(&"é".repeat(2000), rule).chars().count(), MAX_DESCRIPTION);
        assert_eq!(or_id(" ", rule), rule.id.as_str());
    }
}
