//! Counts that more than one format shows.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{CredentialName, Suppression};
use crate::level::Severity;
use crate::scan::Scan;

/// How many findings there are of each sort, with those that are not listed. What there is none of is left out.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Findings that count.
    pub(super) by_severity: BTreeMap<Severity, u64>,
    /// Findings that do not.
    pub(super) by_suppression: BTreeMap<Suppression, u64>,
}

impl Tally {
    pub(super) fn of(scan: &Scan) -> Self {
        let left_out = &scan.left_out;
        let mut tally = Self {
            by_severity: left_out.by_severity.clone(),
            by_suppression: left_out.by_suppression.clone(),
        };
        for finding in &scan.findings {
            *match finding.suppression {
                None => tally.by_severity.entry(finding.severity()).or_default(),
                Some(suppression) => tally.by_suppression.entry(suppression).or_default(),
            } += 1;
        }
        tally
    }
}

/// How many credentials the suppressed findings are about.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Suppressed {
    pub(super) credentials: u64,
    /// Those of each reason: a credential may have several.
    pub(super) by_reason: BTreeMap<Suppression, u64>,
}

impl Suppressed {
    /// Counts a key that is allowed once, in however many files it is. `None` if some findings are only counted, so that
    /// nobody knows of which credential they are.
    pub(super) fn of(scan: &Scan) -> Option<Self> {
        if scan.left_out.suppressed() > 0 {
            return None;
        }
        // A key ID alone is of the same credential as the key ID with its secret.
        let key = |name: &CredentialName| match name.id() {
            Some(id) => CredentialName::KeyId { id, token: None },
            None => name.clone(),
        };
        let mut reasons: BTreeMap<CredentialName, BTreeSet<Suppression>> = BTreeMap::new();
        for finding in &scan.findings {
            if let Some(reason) = finding.suppression {
                reasons.entry(key(&finding.credential)).or_default().insert(reason);
            }
        }
        let mut by_reason = BTreeMap::new();
        for reason in reasons.values().flatten() {
            *by_reason.entry(*reason).or_default() += 1;
        }
        Some(Self { credentials: reasons.len() as u64, by_reason })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::aws::fake;
    use crate::finding::Finding;
    use crate::level::{Certainty, Confidence};
    use crate::origin::Origin;
    use crate::owner::Owner;
    use crate::rule::RuleId;
    use crate::scan::LeftOut;

    fn finding(credential: &CredentialName, suppression: Option<Suppression>) -> Finding {
        Finding {
            rule: RuleId::parse("aws-access-key").unwrap(),
            credential: credential.clone(),
            origin: Origin::Stdin,
            rule_severity: Severity::High,
            confidence: Confidence::new(Certainty::High),
            places: Arc::new([]),
            occurrences: 1,
            account: None,
            owner: Owner::default(),
            signed: None,
            claims: None,
            lone: None,
            suppression,
            justification: None,
            exposure: None,
            repository: None,
            layer: None,
            reported_as: None,
            seen: Vec::new(),
            novelty: None,
        }
    }

    #[test]
    fn a_credential_counts_once_for_each_reason() {
        let key = |seed| {
            let key = fake::pair(seed);
            CredentialName::Pair { id: key.id(), secret: key.secret().fingerprint(), token: None }
        };
        let lone = CredentialName::KeyId { id: fake::pair(1).id(), token: None };
        let secret = CredentialName::Secret(fake::pair(2).secret().fingerprint());
        let (allow, known) = (Some(Suppression::Allow), Some(Suppression::Baseline));
        let findings = [(key(1), allow), (lone, allow), (key(1), known), (secret, allow), (key(3), None)];
        let findings: Vec<_> = findings.iter().map(|(name, reason)| finding(name, *reason)).collect();
        let mut scan = Scan { findings, ..Scan::default() };
        let by_reason = BTreeMap::from([(Suppression::Allow, 2), (Suppression::Baseline, 1)]);
        assert_eq!(Suppressed::of(&scan), Some(Suppressed { credentials: 2, by_reason }));
        let by_suppression = BTreeMap::from([(Suppression::Allow, 1)]);
        scan.left_out = LeftOut { by_suppression, ..LeftOut::default() };
        assert_eq!(Suppressed::of(&scan), None);
    }
}
