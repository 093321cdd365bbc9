//! Rules at another severity. GitHub reads a severity from rules only, so a finding that is worse or less bad than its
//! rule says, because of whose it is, is a result of a variant of the rule: `aws-access-key/canary`.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::level::Severity;
use crate::owner::Ownership;
use crate::rule::{Rule, RuleId, RuleSet};

/// A rule, at the severity of some findings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Variant {
    rule: RuleId,
    /// What sets the findings apart; `None` for the rule as it is.
    pub(super) ownership: Option<Ownership>,
}

impl Variant {
    /// The variant that a finding is a result of. A severity that nothing explains has none.
    pub(super) fn of(finding: &Finding, rule: Option<&Rule>) -> Self {
        let ownership = finding.owner.ownership;
        let is_weighed = |rule: &Rule| rule.severity != ownership.weigh(rule.severity);
        Self { rule: finding.rule.clone(), ownership: rule.is_some_and(is_weighed).then_some(ownership) }
    }

    /// Every rule of the set in its order, then the variants among `findings`, in order.
    pub(super) fn all<'a>(rules: &RuleSet, findings: impl Iterator<Item = &'a Finding>) -> Vec<Self> {
        let variants: BTreeSet<Self> =
            findings.map(|finding| Self::of(finding, rules.get(&finding.rule))).collect();
        let whole = rules.iter().map(|rule| Self { rule: rule.id.clone(), ownership: None });
        whole.chain(variants.into_iter().filter(|variant| variant.ownership.is_some())).collect()
    }

    /// The rule that it is a variant of.
    pub(super) fn rule<'a>(&self, rules: &'a RuleSet) -> Option<&'a Rule> {
        rules.get(&self.rule)
    }

    pub(super) fn id(&self) -> String {
        match self.ownership {
            None => self.rule.to_string(),
            Some(ownership) => format!("{}/{}", self.rule, ownership.as_str()),
        }
    }

    pub(super) fn severity(&self, rule: &Rule) -> Severity {
        self.ownership.map_or(rule.severity, |ownership| ownership.weigh(rule.severity))
    }

    /// What is added to the rule's title.
    pub(super) fn title(&self) -> &'static str {
        match self.ownership {
            Some(Ownership::Own) => ", in an account of your own",
            Some(Ownership::Canary) => ", in an account that makes canary tokens",
            Some(Ownership::Example | Ownership::Foreign | Ownership::Unknown) | None => "",
        }
    }
}
