//! How many credentials each account has.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::numbers::{count, grouped};
use super::{Credential, Hints};
use crate::aws::AccountId;
use crate::owner::Ownership;

/// How many accounts are listed.
const MAX_ACCOUNTS: usize = 20;

/// What there is of one account.
#[derive(Default)]
struct Account {
    credentials: u64,
    fail: u64,
    name: Option<String>,
    ownership: Option<Ownership>,
}

/// A table of the accounts that own the credentials, those with the most failing ones first; nothing where there is
/// no more than one.
pub(super) fn by_account(credentials: &[Credential<'_>], hints: Hints) -> Vec<String> {
    let mut accounts: BTreeMap<Option<AccountId>, Account> = BTreeMap::new();
    for credential in credentials {
        let id = credential.best().account.map(|account| account.id);
        accounts.entry(id).or_default().add(credential);
    }
    if accounts.len() < 2 {
        return Vec::new();
    }
    let mut rows: Vec<_> = accounts.into_iter().collect();
    // Those without an account are nobody's: they come last.
    rows.sort_by_key(|(id, account)| (id.is_none(), Reverse((account.fail, account.credentials)), *id));
    let more = rows.len().saturating_sub(MAX_ACCOUNTS) as u64;
    let mut lines: Vec<String> =
        rows.iter().take(MAX_ACCOUNTS).map(|(id, account)| account.row(*id)).collect();
    if more > 0 {
        let lists = Hints::after(": ", hints.list_all);
        lines.push(format!("  and {}{lists}", count(more, "more account")));
    }
    lines
}

impl Account {
    fn add(&mut self, credential: &Credential<'_>) {
        let owner = &credential.best().owner;
        self.credentials += 1;
        self.fail += u64::from(credential.fails);
        self.name = self.name.take().or_else(|| owner.name.clone());
        self.ownership = Some(owner.ownership);
    }

    fn row(&self, id: Option<AccountId>) -> String {
        let id = id.map_or_else(|| "unknown".to_owned(), |id| id.to_string());
        let whose = match self.ownership {
            Some(Ownership::Own) => "yours",
            Some(Ownership::Foreign) => "not yours",
            Some(Ownership::Canary) => "canary token",
            Some(Ownership::Example) => "documentation",
            Some(Ownership::Unknown) | None => "",
        };
        let credentials = count(self.credentials, "credential");
        let fail = match self.fail {
            0 => String::new(),
            1 => ", 1 fails".to_owned(),
            n => format!(", {} fail", grouped(n)),
        };
        let facts = [self.name.as_deref().unwrap_or_default(), whose];
        let facts: Vec<&str> = facts.into_iter().filter(|fact| !fact.is_empty()).collect();
        let facts = if facts.is_empty() { String::new() } else { format!("  ({})", facts.join(", ")) };
        format!("  account {id:<12}  {credentials}{fail}{facts}")
    }
}
