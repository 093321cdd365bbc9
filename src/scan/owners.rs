//! Whose the keys are that were found.

use std::collections::BTreeMap;

use super::Scan;
use crate::aws::AccessKeyId;
use crate::finding::Suppression;
use crate::owner::{Account, Owner, Ownership};
use crate::resolve::{Accounts, Answer};

impl Scan {
    /// The key IDs of all findings that count, each with its account as far as it is known.
    pub fn keys(&self) -> BTreeMap<AccessKeyId, Option<Account>> {
        let counting = self.findings.iter().filter(|finding| finding.suppression.is_none());
        let mut keys = BTreeMap::new();
        for finding in counting {
            if let Some(id) = finding.credential.id() {
                let known = keys.entry(id).or_insert(None);
                *known = known.or(finding.account);
            }
        }
        keys
    }

    /// Sets the owner of each finding.
    pub fn tell_owners(&mut self, accounts: &Accounts, answers: &BTreeMap<AccessKeyId, Answer>) {
        for finding in &mut self.findings {
            let id = finding.credential.id();
            let answer = id.and_then(|id| answers.get(&id));
            let (account, mut owner) = accounts.tell(id, finding.account, answer);
            if let Some(Suppression::Example | Suppression::Placeholder) = finding.suppression {
                owner.ownership = Ownership::Example;
            }
            finding.account = account;
            finding.owner = owner;
        }
    }

    /// Sets the owner of each finding that counts to what the account of its key says.
    pub fn tell_status(&mut self, keys: &BTreeMap<AccessKeyId, (Option<Account>, Owner)>) {
        for finding in self.findings.iter_mut().filter(|finding| finding.suppression.is_none()) {
            let Some((account, owner)) = finding.credential.id().and_then(|id| keys.get(&id)) else {
                continue;
            };
            finding.account = *account;
            finding.owner = owner.clone();
        }
    }
}
