//! Whose the keys are that were found.

use std::collections::BTreeMap;

use super::Scan;
use crate::aws::AccessKeyId;
use crate::finding::Suppression;
use crate::owner::{Account, Ownership};
use crate::resolve::{Accounts, Answer};

impl Scan {
    /// The key IDs of all findings that count, each with its account as far as it is known.
    pub fn keys(&self) -> BTreeMap<AccessKeyId, Option<Account>> {
        let counting = self.findings.iter().filter(|finding| finding.suppression.is_none());
        let mut keys = BTreeMap::new();
        for finding in counting {
            if let Some(id) = finding.credential.key_id {
                let known = keys.entry(id).or_insert(None);
                *known = known.or(finding.account);
            }
        }
        keys
    }

    /// Tells of each finding whose it is, and weighs its severity by that: once, when all is known.
    pub fn tell_owners(&mut self, accounts: &Accounts, answers: &BTreeMap<AccessKeyId, Answer>) {
        for finding in &mut self.findings {
            let id = finding.credential.key_id;
            let answer = id.and_then(|id| answers.get(&id));
            (finding.account, finding.owner) = accounts.tell(id, finding.account, answer);
            if let Some(Suppression::Example | Suppression::Placeholder) = finding.suppression {
                finding.owner.ownership = Ownership::Example;
            }
            finding.severity = finding.owner.ownership.weigh(finding.severity);
        }
    }
}
