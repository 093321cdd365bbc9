//! Rules at another severity. GitHub reads a severity from rules only, so a finding that is worse or less bad than its
//! rule says, because of whose it is or because its key no longer works, is a result of a variant of the rule:
//! `aws-access-key/canary`, `aws-access-key/deleted`, `aws-access-key/own-inactive`.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::level::Severity;
use crate::owner::{KeyState, Ownership};
use crate::rule::{Rule, RuleId, RuleSet};

/// A rule, at the severity of some findings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Variant {
    rule: RuleId,
    /// What sets the findings apart, each `None` where it changes nothing.
    ownership: Option<Ownership>,
    state: Option<KeyState>,
}

impl Variant {
    fn whole(rule: RuleId) -> Self {
        Self { rule, ownership: None, state: None }
    }

    /// The variant that a finding is a result of. A severity that nothing explains has none.
    pub(super) fn of(finding: &Finding, rule: Option<&Rule>) -> Self {
        let whole = Self::whole(finding.rule.clone());
        let Some(rule) = rule else { return whole };
        let (ownership, state) = (finding.owner.ownership, finding.owner.state());
        let owned = ownership.weigh(rule.severity);
        if matches!(state, KeyState::Deleted | KeyState::Expired) && owned != state.weigh(owned) {
            // Whosever it is.
            return Self { state: Some(state), ..whole };
        }
        Self {
            ownership: (owned != rule.severity).then_some(ownership),
            state: (state.weigh(owned) != owned).then_some(state),
            ..whole
        }
    }

    /// Whether it is the rule as it is.
    pub(super) fn is_whole(&self) -> bool {
        self.ownership.is_none() && self.state.is_none()
    }

    /// Every rule of the set in its order, then the variants among `findings`, in order.
    pub(super) fn all<'a>(rules: &RuleSet, findings: impl Iterator<Item = &'a Finding>) -> Vec<Self> {
        let variants: BTreeSet<Self> =
            findings.map(|finding| Self::of(finding, rules.get(&finding.rule))).collect();
        let whole = rules.iter().map(|rule| Self::whole(rule.id.clone()));
        whole.chain(variants.into_iter().filter(|variant| !variant.is_whole())).collect()
    }

    /// The rule that it is a variant of.
    pub(super) fn rule<'a>(&self, rules: &'a RuleSet) -> Option<&'a Rule> {
        rules.get(&self.rule)
    }

    pub(super) fn id(&self) -> String {
        let words = [self.ownership.map(Ownership::as_str), self.state.map(KeyState::as_str)];
        let words: Vec<_> = words.into_iter().flatten().collect();
        if words.is_empty() { self.rule.to_string() } else { format!("{}/{}", self.rule, words.join("-")) }
    }

    pub(super) fn severity(&self, rule: &Rule) -> Severity {
        let owned = self.ownership.map_or(rule.severity, |ownership| ownership.weigh(rule.severity));
        self.state.map_or(owned, |state| state.weigh(owned))
    }

    /// What is added to the rule's title.
    pub(super) fn title(&self) -> String {
        let ownership = match self.ownership {
            Some(Ownership::Own) => ", in an account of your own",
            Some(Ownership::Canary) => ", in an account that makes canary tokens",
            Some(Ownership::Example | Ownership::Foreign | Ownership::Unknown) | None => "",
        };
        let state = self.state.map(|state| format!(", {}", state.as_str())).unwrap_or_default();
        format!("{ownership}{state}")
    }
}
