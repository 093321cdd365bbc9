//! Whose the keys are that were found.

use std::collections::{BTreeMap, BTreeSet};

use super::Scan;
use crate::aws::AccessKeyId;
use crate::finding::{Finding, Suppression};
use crate::owner::{Account, Claim, KnownBy, Owner, Ownership};
use crate::resolve::{Accounts, Answer};

impl Scan {
    /// The key IDs of all findings that count.
    pub fn key_ids(&self) -> BTreeSet<AccessKeyId> {
        let counting = self.findings.iter().filter(|finding| finding.suppression.is_none());
        counting.filter_map(|finding| finding.credential.key_id).collect()
    }

    /// Tells of each finding whose it is, and weighs its severity by that: once, when all is known.
    pub fn tell_owners(&mut self, accounts: &Accounts, answers: &BTreeMap<AccessKeyId, Answer>) {
        for finding in &mut self.findings {
            let answer = finding.credential.key_id.and_then(|id| answers.get(&id));
            if let Some(Answer::Account(id)) = answer {
                let told = Claim { id: *id, known_by: KnownBy::Sts };
                let known = finding.account.into_iter().flat_map(Account::claims);
                finding.account = Account::of(std::iter::once(told).chain(known));
            }
            finding.owner = Owner {
                ownership: ownership(finding, accounts),
                name: finding.account.and_then(|account| accounts.name(account.id)).map(str::to_owned),
                unresolved: answer.and_then(Answer::problem),
            };
            finding.severity = finding.owner.ownership.weigh(finding.severity);
        }
    }
}

fn ownership(finding: &Finding, accounts: &Accounts) -> Ownership {
    match finding.suppression {
        Some(Suppression::Example | Suppression::Placeholder) => Ownership::Example,
        _ => accounts.ownership(finding.credential.key_id, finding.account),
    }
}
