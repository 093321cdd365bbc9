//! Which accounts are whose.

use std::collections::{BTreeMap, BTreeSet};

use super::Answer;
use crate::aws::{AccessKeyId, AccountId, KnownAccount};
use crate::owner::{Account, Claim, KnownBy, Owner, Ownership};

/// What the user says of accounts: which are their own, and what they are called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    /// The user's own.
    pub own: BTreeSet<AccountId>,
    /// Names, as they may be shown.
    pub names: BTreeMap<AccountId, String>,
}

impl Accounts {
    /// Whose a key is, by its ID and its account. What the user says of an account counts more than what is publicly
    /// known of it.
    ///
    /// Where sources disagree about the account, the key is the user's own if one of them says so; else it is nobody's
    /// unless all of them come to the same.
    pub fn ownership(&self, id: Option<AccessKeyId>, account: Option<Account>) -> Ownership {
        if id.is_some_and(|id| id.is_example()) {
            return Ownership::Example;
        }
        let opinions: BTreeSet<Ownership> = account
            .iter()
            .flat_map(|account| account.claims())
            .map(|claim| self.owner_of(claim.id))
            .collect();
        match opinions.first() {
            Some(Ownership::Own) => Ownership::Own,
            Some(&ownership) if opinions.len() == 1 => ownership,
            _ => Ownership::Unknown,
        }
    }

    /// Whose a key is, and what it is called: by what is known of its account and what AWS says, which counts more.
    pub fn tell(
        &self,
        id: Option<AccessKeyId>,
        known: Option<Account>,
        answer: Option<&Answer>,
    ) -> (Option<Account>, Owner) {
        let told = match answer {
            Some(Answer::Account(id)) => Some(Claim { id: *id, known_by: KnownBy::Sts }),
            _ => None,
        };
        let account = Account::of(told.into_iter().chain(known.into_iter().flat_map(Account::claims)));
        let owner = Owner {
            ownership: self.ownership(id, account),
            name: account.and_then(|account| self.name(account.id)).map(str::to_owned),
            unresolved: answer.and_then(Answer::problem),
            status: None,
        };
        (account, owner)
    }

    /// What the user calls the account.
    pub fn name(&self, account: AccountId) -> Option<&str> {
        self.names.get(&account).map(String::as_str)
    }

    fn owner_of(&self, account: AccountId) -> Ownership {
        match account.known() {
            _ if self.own.contains(&account) => Ownership::Own,
            Some(KnownAccount::Canary) => Ownership::Canary,
            Some(KnownAccount::Documentation) => Ownership::Example,
            None if self.own.is_empty() => Ownership::Unknown,
            None => Ownership::Foreign,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake;

    fn account(text: &str) -> AccountId {
        AccountId::parse(text).unwrap()
    }

    fn known(text: &str) -> Option<Account> {
        Account::of([Claim { id: account(text), known_by: KnownBy::KeyId }])
    }

    fn own(accounts: &[&str]) -> Accounts {
        Accounts { own: accounts.iter().map(|text| account(text)).collect(), ..Accounts::default() }
    }

    /// The vectors of key IDs, cut in two so that no line here is a finding.
    #[test]
    fn each_key_has_the_owner_that_its_account_says() {
        let accounts = own(&["609629065308"]);
        for (head, tail, ownership) in [
            ("ASIAY34FZK", "BOKMUTVV7A", Ownership::Own),
            ("ASIAQNZGKI", "QY56JQ7WML", Ownership::Foreign),
            ("AKIASP2TPH", "JSQH3FJRUX", Ownership::Canary),
            ("AKIAXYZDQC", "EN4B6JSJQI", Ownership::Canary),
            ("AKIAQYLPMN", "5HHHFPZAM2", Ownership::Canary),
            ("ASIAXYSUA4", "4VYD2FFBHK", Ownership::Foreign),
            ("ASIAZI2LB4", "663XRN7GHD", Ownership::Foreign),
            ("ASIAQBH7IS", "VOTS6VVX2G", Ownership::Foreign),
            ("AKIARZPUZD", "IKAAAAAAAA", Ownership::Example),
            ("AKIAQAAAAA", "AAAAAAAAAA", Ownership::Example),
            ("AKIA6RVFFB", "77QAAAAAAA", Ownership::Foreign),
            ("AKIAIOSFOD", "NN7EXAMPLE", Ownership::Example),
            ("AKIAJSIE27", "KKMHXI3BJQ", Ownership::Unknown),
            ("AKIALALEME", "L33243OLIB", Ownership::Example),
            ("ASIAOZW6VB", "VAZFJHJLQA", Ownership::Unknown),
            ("AKIAI44QH8", "DHBEXAMPLE", Ownership::Example),
        ] {
            let id = AccessKeyId::parse([head, tail].concat().as_bytes()).unwrap();
            let account = Account::of(id.account().map(|id| Claim { id, known_by: KnownBy::KeyId }));
            assert_eq!(accounts.ownership(Some(id), account), ownership, "{head}");
        }
    }

    #[test]
    fn nobody_is_a_stranger_to_a_user_of_whom_nothing_is_known() {
        let id = fake::pair(1).id();
        assert_eq!(Accounts::default().ownership(Some(id), known("222222222222")), Ownership::Unknown);
        assert_eq!(own(&["333333333333"]).ownership(Some(id), known("222222222222")), Ownership::Foreign);
    }

    #[test]
    fn what_the_user_calls_their_own_is_theirs_whatever_else_is_known_of_it() {
        let accounts = own(&["123456789012", "171436882533"]);
        assert_eq!(accounts.ownership(None, known("123456789012")), Ownership::Own);
        assert_eq!(accounts.ownership(None, known("171436882533")), Ownership::Own);
    }

    #[test]
    fn where_sources_disagree_a_key_may_be_ones_own_and_is_never_made_harmless() {
        let accounts = own(&["123456789012"]);
        let told = |sts: &str, key_id: &str| {
            Account::of([
                Claim { id: account(sts), known_by: KnownBy::Sts },
                Claim { id: account(key_id), known_by: KnownBy::KeyId },
            ])
        };
        assert_eq!(accounts.ownership(None, told("123456789012", "222222222222")), Ownership::Own);
        assert_eq!(accounts.ownership(None, told("171436882533", "123456789012")), Ownership::Own);
        assert_eq!(accounts.ownership(None, told("171436882533", "222222222222")), Ownership::Unknown);
        assert_eq!(accounts.ownership(None, told("333333333333", "222222222222")), Ownership::Foreign);
    }
}
