//! Keys whose account nobody told: each account of the caller's organization is asked in turn.
//!
//! A key is of an account if one of its users has it, or if its trail has the event of its deletion. That no account
//! has it proves nothing: it may be of an account outside of the organization, or of a root user.

use jiff::Timestamp;

use super::deleted::{Trace, trace};
use super::user::is_root;
use super::{Account, KeyFacts, Lack, OwnerSide, Wanted};
use crate::aws::{AccessKeyId, AccountId, KeyKind};
use crate::owner::{Account as KnownAccount, Claim, KeyState, KnownBy};

impl OwnerSide<'_> {
    /// Asks each account of the organization about a key, the caller's own first, until one has it; `None` if the
    /// organization is not to be asked, or the key is one that only its account's trail knows.
    pub fn locate(&self, id: AccessKeyId, wanted: &Wanted, now: Timestamp) -> Option<KeyFacts> {
        if !self.asks_organization() || id.kind() == KeyKind::Temporary {
            return None;
        }
        let mut facts = KeyFacts::new(id, now);
        let accounts = match self.organization() {
            Ok(accounts) => accounts,
            Err(lack) => {
                facts.is(KeyState::Unknown, "its account is not known, and the organization was not listed");
                facts.lacks.push(lack);
                return Some(facts);
            }
        };
        let own = self.caller().account;
        let others = accounts.iter().copied().filter(|account| *account != own);
        let mut asked = 0;
        let mut silent = Vec::new();
        for account in std::iter::once(own).chain(others) {
            if self.is_stopped() {
                break;
            }
            match self.account(account).map_err(|lack| vec![lack]).and_then(|it| has(&it, id, now)) {
                Ok(true) => return Some(self.found(id, account, wanted, now)),
                Ok(false) => asked += 1,
                Err(lacks) => {
                    silent.push(account.to_string());
                    facts.lacks.extend(lacks.into_iter().map(|lack| of_account(lack, account)));
                }
            }
        }
        let mut evidence = format!("no user has it in {asked} accounts of the organization that were asked");
        if !silent.is_empty() {
            evidence.push_str(&format!("; not all was learnt of {}", silent.join(", ")));
        }
        if self.is_stopped() {
            evidence.push_str("; stopped before all were asked");
        }
        facts.is(KeyState::Unknown, evidence);
        Some(facts)
    }

    fn found(&self, id: AccessKeyId, account: AccountId, wanted: &Wanted, now: Timestamp) -> KeyFacts {
        let mut facts = self.status(id, account, wanted, now);
        facts.account = KnownAccount::of([Claim { id: account, known_by: KnownBy::Iam }]);
        facts
    }
}

/// Whether a key is one of an account's users, or was. An error where the account does not say all of it.
pub(super) fn has(account: &Account, id: AccessKeyId, now: Timestamp) -> Result<bool, Vec<Lack>> {
    let mut facts = KeyFacts::new(id, now);
    match account.iam.key_use(id) {
        Ok(used) => {
            let user = used.user.filter(|user| !is_root(user));
            let keys = user.and_then(|user| account.iam.access_keys(&user).ok());
            if keys.is_some_and(|keys| keys.iter().any(|key| key.id == id)) {
                return Ok(true);
            }
        }
        Err(error) if !error.is_absent() => facts.lack(&error),
        Err(_) => {}
    }
    match trace(account, &mut facts) {
        Trace::Deleted | Trace::Listed => Ok(true),
        // AWS may refuse to speak of a key that is not the account's, to a caller who is allowed to ask.
        Trace::Nowhere(_) if facts.lacks.iter().all(|lack| lack.action == "iam:GetAccessKeyLastUsed") => {
            Ok(false)
        }
        _ => Err(facts.lacks),
    }
}

/// What is not known, with the account that did not say it.
fn of_account(lack: Lack, account: AccountId) -> Lack {
    let account = account.to_string();
    let why = if lack.why.contains(&account) { lack.why } else { format!("account {account}: {}", lack.why) };
    Lack { why, ..lack }
}
