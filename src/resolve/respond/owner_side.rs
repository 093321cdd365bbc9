//! The accounts that the caller may look into.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use jiff::Timestamp;

use super::client::{IamClient, Link, OrganizationClient, TrailClient};
use super::{Account, CallError, KeyFacts, Lack, Organization, Remedy, Wanted, status};
use crate::aws::{AccessKeyId, AccountId, KnownAccount};
use crate::owner::KeyState;
use crate::resolve::sts::{Asked, Base, MfaSerial, Prompt, ResolveError, Role, Session};
use crate::resolve::{Cache, Caller};
use crate::stop::Stop;

/// How other accounts are reached.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// The role to assume in each account that has one of its own.
    pub roles: BTreeMap<AccountId, Role>,
    /// The name of the role to assume in every other account.
    pub role_name: Option<String>,
    /// The external ID that the trust policies of the latter ask for.
    pub external_id: Option<String>,
    /// The MFA device that they ask for.
    pub mfa: Option<MfaSerial>,
    /// Whether the role is assumed only in accounts of the caller's organization, and each of them is asked about keys
    /// whose account is not known.
    pub organization: bool,
}

/// How one account is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// With the caller's own credentials.
    Own,
    /// By this role.
    Role(Box<Role>),
    /// Not at all.
    None(Lack),
}

/// A caller, with the accounts that were asked for so far.
pub struct OwnerSide<'a> {
    session: Rc<Session>,
    link: Link,
    reach: Reach,
    prompt: Prompt<'a>,
    stop: Stop,
    organization: OnceCell<Result<BTreeSet<AccountId>, CallError>>,
    accounts: RefCell<BTreeMap<AccountId, Result<Rc<Account>, Lack>>>,
}

impl std::fmt::Debug for OwnerSide<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnerSide").field("session", &self.session).finish_non_exhaustive()
    }
}

impl<'a> OwnerSide<'a> {
    /// A caller who has said who they are. Where a role asks for MFA, `prompt` asks a person for the code: a device's
    /// code is good for one role.
    pub fn new(session: Session, reach: Reach, prompt: Prompt<'a>, stop: &Stop) -> Self {
        let session = Rc::new(session);
        let link = Link::new(Rc::clone(&session), stop.clone());
        let (organization, accounts) = Default::default();
        Self { session, link, reach, prompt, stop: stop.clone(), organization, accounts }
    }

    /// Who asks.
    pub fn caller(&self) -> &Caller {
        self.session.caller()
    }

    /// The caller's region.
    pub fn region(&self) -> &str {
        &self.session.base().1.region
    }

    /// Asks for the accounts of keys whose IDs do not say.
    pub fn look_up(&self, ids: &BTreeSet<AccessKeyId>, cache: Option<&Cache>) -> Asked {
        self.session.look_up(ids, cache, &self.stop)
    }

    /// Asks the account of a key about it. Canary issuers and documentation accounts are never asked.
    pub fn status(&self, id: AccessKeyId, account: AccountId, wanted: &Wanted, now: Timestamp) -> KeyFacts {
        match self.account(account) {
            Ok(account) => status(&account, id, wanted, now),
            Err(lack) => {
                let mut facts = KeyFacts::new(id, now);
                facts.is(KeyState::Unknown, lack.why.clone());
                facts.lacks.extend((!lack.action.is_empty() || lack.remedy.is_some()).then_some(lack));
                facts
            }
        }
    }

    /// An account, if it can be asked.
    ///
    /// # Errors
    ///
    /// Why it cannot.
    pub fn account(&self, id: AccountId) -> Result<Rc<Account>, Lack> {
        if let Some(known) = self.accounts.borrow().get(&id) {
            return known.clone();
        }
        let account = self.open(id);
        self.accounts.borrow_mut().insert(id, account.clone());
        account
    }

    fn open(&self, id: AccountId) -> Result<Rc<Account>, Lack> {
        let base = self.session.base().1;
        let base = match self.access(id) {
            Access::Own => base.clone(),
            Access::None(lack) => return Err(lack),
            Access::Role(role) => {
                let action = "sts:AssumeRole";
                self.assume(&role).map_err(|trouble| Lack {
                    action,
                    why: format!("account {id}: {trouble}"),
                    remedy: Some(Remedy::Resolve(Box::new(trouble))),
                    is_denied: false,
                })?
            }
        };
        let iam = Box::new(IamClient::new(self.link.clone(), &base));
        let (region, global) = (base.region.clone(), base.global_region());
        let trail = Box::new(TrailClient::new(self.link.clone(), base));
        Ok(Rc::new(Account::new(iam, trail, region, global)))
    }

    fn assume(&self, role: &Role) -> Result<Base, ResolveError> {
        let code = role.mfa.as_ref().map(|serial| (self.prompt)(serial)).transpose()?;
        let base = self.session.base().1;
        self.link.wait(base.assume(role, code.as_ref())).unwrap_or(Err(ResolveError::Stopped))
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.is_stopped()
    }

    pub(super) fn asks_organization(&self) -> bool {
        self.reach.organization
    }

    /// The active accounts of the caller's organization.
    pub(super) fn organization(&self) -> Result<&BTreeSet<AccountId>, Lack> {
        self.organization.get_or_init(|| self.list_organization()).as_ref().map_err(Lack::of)
    }

    /// How an account is reached.
    pub fn access(&self, id: AccountId) -> Access {
        let nobody = |why: String, remedy: Option<Remedy>| {
            Access::None(Lack { action: "", why, remedy, is_denied: false })
        };
        if id == self.caller().account {
            return Access::Own;
        }
        if id.known() == Some(KnownAccount::Canary) {
            let why = format!("account {id} makes canary tokens, and is not asked");
            return nobody(why, Some(Remedy::DeleteCanary));
        }
        if let Some(role) = self.reach.roles.get(&id) {
            return Access::Role(Box::new(role.clone()));
        }
        let Some(name) = &self.reach.role_name else {
            let why = format!("account {id} is not the caller's, and no role in it is named");
            return nobody(why, Some(Remedy::NameRole));
        };
        if self.reach.organization {
            match self.organization() {
                Ok(accounts) if accounts.contains(&id) => {}
                Ok(_) => return nobody(format!("account {id} is not in the caller's organization"), None),
                Err(lack) => return Access::None(lack),
            }
        }
        let arn = format!("arn:{}:iam::{id}:role/{name}", self.session.base().1.partition);
        let Reach { external_id, mfa, .. } = self.reach.clone();
        Access::Role(Box::new(Role { arn, external_id, mfa, ..Role::default() }))
    }

    fn list_organization(&self) -> Result<BTreeSet<AccountId>, CallError> {
        let client = OrganizationClient::new(self.link.clone(), self.session.base().1);
        Ok(client.accounts()?.into_iter().collect())
    }
}
