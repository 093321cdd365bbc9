//! Asking the accounts of keys about them: each key's account first, then that account.

use std::collections::BTreeMap;

use akid::aws::{AccessKeyId, KnownAccount};
use akid::owner::{Account, Owner, Ownership};
use akid::resolve::Accounts;
use akid::resolve::respond::{KeyFacts, OwnerSide, Reach, Wanted};
use akid::resolve::sts::{ResolveError, Role, Session};
use akid::stop::Stop;
use jiff::Timestamp;

use super::args::reach::ReachArgs;
use super::ask::{Outcome, Question, is_nobodys};
use super::config::{Loaded, RoleEntry};
use super::remedy::lack_with_help;

/// What is asked of the accounts of keys, and how they are reached.
#[derive(Clone, Debug, Default)]
pub(super) struct Inquiry {
    pub(super) reach: Reach,
    pub(super) wanted: Wanted,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Each key with all that is known of it.
    pub(super) keys: BTreeMap<AccessKeyId, KeyFacts>,
    pub(super) outcome: Outcome,
}

impl Inquiry {
    /// Asks about keys whose accounts are known, or are asked for first. The caller's own account is added to the
    /// user's.
    pub(super) fn ask(
        &self,
        question: &Question,
        keys: &BTreeMap<AccessKeyId, Option<Account>>,
        early: Option<Result<Session, ResolveError>>,
        accounts: &mut Accounts,
        now: Timestamp,
        stop: &Stop,
    ) -> Told {
        let mut outcome = question.ask(keys, early, accounts, stop);
        let prompt = question.prompt(stop);
        let side =
            outcome.session.take().map(|session| OwnerSide::new(session, self.reach.clone(), &prompt, stop));
        let mut told = Told::default();
        for (id, known) in keys {
            let (account, owner) = accounts.tell(Some(*id), *known, outcome.answers.get(id));
            let facts = self.facts(side.as_ref(), *id, account, &owner, now);
            let (account, owner) = match (account, facts.account) {
                (None, Some(found)) => accounts.tell(Some(*id), Some(found), None),
                _ => (account, owner),
            };
            told.keys.insert(*id, KeyFacts { account, owner, ..facts });
        }
        outcome.resolution.failures.extend(failures(&told.keys));
        outcome.resolution.known = question.known();
        Told { outcome, ..told }
    }

    fn facts(
        &self,
        side: Option<&OwnerSide<'_>>,
        id: AccessKeyId,
        account: Option<Account>,
        owner: &Owner,
        now: Timestamp,
    ) -> KeyFacts {
        let unknown = |why: &str| {
            let mut facts = KeyFacts::new(id, now);
            why.clone_into(&mut facts.status.evidence);
            facts
        };
        let is_canary =
            |account: Account| account.claims().any(|claim| claim.id.known() == Some(KnownAccount::Canary));
        match (side, account) {
            _ if is_nobodys(id) => unknown("a documented example or a placeholder: nothing was asked"),
            (Some(_), _) if owner.ownership == Ownership::Example => {
                unknown("its account is one of documentation and emulators: nothing was asked")
            }
            (_, Some(account)) if owner.ownership == Ownership::Canary || is_canary(account) => {
                unknown("a canary token: its account is not asked")
            }
            (None, _) => unknown("AWS was not asked"),
            (Some(side), None) => {
                side.locate(id, &self.wanted, now).unwrap_or_else(|| unknown("its account is not known"))
            }
            (Some(side), Some(account)) => side.status(id, account.id, &self.wanted, now),
        }
    }
}

/// What could not be learnt, once for all keys that it is alike for. Each role that was not granted is one of its own.
fn failures(keys: &BTreeMap<AccessKeyId, KeyFacts>) -> Vec<String> {
    let mut counts: BTreeMap<(&str, bool, &str), (usize, String)> = BTreeMap::new();
    for lack in keys.values().flat_map(|facts| &facts.lacks).filter(|lack| !lack.action.is_empty()) {
        let text = lack_with_help(lack);
        let role = if lack.action == "sts:AssumeRole" { lack.why.as_str() } else { "" };
        counts.entry((lack.action, lack.is_denied, role)).or_insert((0, text)).0 += 1;
    }
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    counts.into_values().map(|(count, text)| format!("{count} key ID{}: {text}", plural(count))).collect()
}

/// The accounts that may be asked, with the roles that a configuration names.
pub(super) fn reach(args: &ReachArgs, loaded: &Loaded) -> Reach {
    let role = |entry: RoleEntry| Role {
        arn: entry.arn,
        external_id: entry.external_id,
        mfa: entry.mfa_serial.and_then(|serial| serial.parse().ok()),
        ..Role::default()
    };
    Reach {
        roles: loaded.roles().into_iter().map(|(id, entry)| (id, role(entry))).collect(),
        role_name: args.role_name.clone(),
        external_id: args.external_id.clone(),
        mfa: args.role_mfa_serial.clone(),
        organization: args.organization,
    }
}
