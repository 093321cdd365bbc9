//! A made-up account: users, keys, policies and events. It denies and fails what a test asks it to.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use jiff::{SignedDuration, Timestamp};

use crate::aws::{AccessKeyId, fake};
use crate::owner::{KeyState, LastUse};
use crate::resolve::Refusal;
use crate::resolve::respond::{
    Account, Attribute, CallError, Cause, CreatedKey, Event, Events, Holder, Iam, KeyUse, RootKey, Trail,
    User, UserKey,
};
use crate::resolve::sts::ResolveError;

/// The time at which every test happens.
pub(super) fn now() -> Timestamp {
    "2026-11-27T12:00:00Z".parse().unwrap()
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) users: BTreeMap<String, Vec<UserKey>>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) attached: Vec<String>,
    pub(super) root: Option<Vec<RootKey>>,
    pub(super) used: BTreeMap<AccessKeyId, LastUse>,
    pub(super) events: Vec<(String, Event)>,
    pub(super) policies: BTreeMap<(String, String), String>,
    pub(super) denied: BTreeSet<&'static str>,
    /// What fails without an answer, before or after it is done.
    pub(super) lost: BTreeMap<&'static str, Lost>,
    pub(super) asked: Vec<String>,
    created: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    Request,
    Answer,
}

#[derive(Clone, Debug, Default)]
pub(super) struct World(pub(super) Rc<RefCell<State>>);

impl World {
    /// The account as it is asked.
    pub(super) fn account(&self) -> Account {
        Account::new(Box::new(self.clone()), Box::new(self.clone()), "eu-west-1", "us-east-1")
    }

    pub(super) fn with_key(self, user: &str, seed: u64, state: KeyState) -> Self {
        let key = UserKey { id: fake::pair(seed).id(), state, created_at: Some(now()) };
        self.0.borrow_mut().users.entry(user.to_owned()).or_default().push(key);
        self
    }

    pub(super) fn used(self, seed: u64, hours_ago: i64) -> Self {
        let at = now() - SignedDuration::from_hours(hours_ago);
        let last = LastUse::Used { at, service: "s3".to_owned(), region: "eu-central-1".to_owned() };
        self.0.borrow_mut().used.insert(fake::pair(seed).id(), last);
        self
    }

    pub(super) fn denying(self, action: &'static str) -> Self {
        self.0.borrow_mut().denied.insert(action);
        self
    }

    pub(super) fn with_event(self, region: &str, event: Event) -> Self {
        self.0.borrow_mut().events.push((region.to_owned(), event));
        self
    }

    pub(super) fn asked(&self) -> Vec<String> {
        self.0.borrow().asked.clone()
    }

    pub(super) fn state_of(&self, seed: u64) -> Option<KeyState> {
        let id = fake::pair(seed).id();
        self.0.borrow().users.values().flatten().find(|key| key.id == id).map(|key| key.state)
    }

    fn call<T>(
        &self,
        action: &'static str,
        about: &str,
        work: impl FnOnce(&mut State) -> Result<T, Cause>,
    ) -> Result<T, CallError> {
        let mut state = self.0.borrow_mut();
        state.asked.push(format!("{action} {about}"));
        let fail = |cause| Err(CallError { action, cause });
        let stopped = || Cause::Failed(ResolveError::Unreachable("made up".to_owned()));
        if state.denied.contains(action) {
            return fail(Cause::Denied(Refusal::new(Some("AccessDenied"), None, None)));
        }
        match state.lost.remove(action) {
            Some(Lost::Request) => fail(stopped()),
            Some(Lost::Answer) => work(&mut state).map_or_else(fail, |_| fail(stopped())),
            None => work(&mut state).or_else(fail),
        }
    }
}

fn absent() -> Cause {
    Cause::Absent(Refusal::new(Some("NoSuchEntity"), None, None))
}

fn refused(code: &str) -> Cause {
    Cause::Refused(Refusal::new(Some(code), None, None))
}

impl Iam for World {
    fn key_use(&self, id: AccessKeyId) -> Result<KeyUse, CallError> {
        self.call("iam:GetAccessKeyLastUsed", id.as_str(), |state| {
            let owns = |(_, keys): &(&String, &Vec<UserKey>)| keys.iter().any(|key| key.id == id);
            let (user, _) = state.users.iter().find(owns).ok_or_else(absent)?;
            let last = state.used.get(&id).cloned().unwrap_or(LastUse::Never);
            Ok(KeyUse { user: Some(user.clone()), last })
        })
    }

    fn access_keys(&self, user: &str) -> Result<Vec<UserKey>, CallError> {
        self.call("iam:ListAccessKeys", user, |state| state.users.get(user).cloned().ok_or_else(absent))
    }

    fn user(&self, user: &str) -> Result<User, CallError> {
        self.call("iam:GetUser", user, |_| {
            let arn = format!("arn:aws:iam::222222222222:user/{user}");
            Ok(User { arn, path: "/".to_owned(), created_at: None })
        })
    }

    fn user_tags(&self, user: &str) -> Result<Vec<(String, String)>, CallError> {
        self.call("iam:ListUserTags", user, |state| Ok(state.tags.clone().into_iter().collect()))
    }

    fn attached_policies(&self, user: &str) -> Result<Vec<String>, CallError> {
        self.call("iam:ListAttachedUserPolicies", user, |state| Ok(state.attached.clone()))
    }

    fn users(&self) -> Result<Vec<String>, CallError> {
        self.call("iam:ListUsers", "", |state| Ok(state.users.keys().cloned().collect()))
    }

    fn has_root_keys(&self) -> Result<bool, CallError> {
        self.call("iam:GetAccountSummary", "", |state| Ok(state.root.is_some()))
    }

    fn root_keys(&self) -> Result<Vec<RootKey>, CallError> {
        self.call("iam:GetCredentialReport", "", |state| Ok(state.root.clone().unwrap_or_default()))
    }

    fn has_password(&self, user: &str) -> Result<bool, CallError> {
        self.call("iam:GetLoginProfile", user, |_| Ok(false))
    }

    fn set_active(&self, user: &str, id: AccessKeyId, active: bool) -> Result<(), CallError> {
        self.call("iam:UpdateAccessKey", id.as_str(), |state| {
            let keys = state.users.get_mut(user).ok_or_else(absent)?;
            let key = keys.iter_mut().find(|key| key.id == id).ok_or_else(absent)?;
            key.state = if active { KeyState::Active } else { KeyState::Inactive };
            Ok(())
        })
    }

    fn delete_key(&self, user: &str, id: AccessKeyId) -> Result<(), CallError> {
        self.call("iam:DeleteAccessKey", id.as_str(), |state| {
            let keys = state.users.get_mut(user).ok_or_else(absent)?;
            let at = keys.iter().position(|key| key.id == id).ok_or_else(absent)?;
            keys.remove(at);
            Ok(())
        })
    }

    fn create_key(&self, user: &str) -> Result<CreatedKey, CallError> {
        self.call("iam:CreateAccessKey", user, |state| {
            state.created += 1;
            let made = fake::pair(500 + state.created);
            let keys = state.users.get_mut(user).ok_or_else(absent)?;
            if keys.len() >= 2 {
                return Err(refused("LimitExceeded"));
            }
            keys.push(UserKey { id: made.id(), state: KeyState::Active, created_at: Some(now()) });
            Ok(CreatedKey { id: made.id(), secret: made.secret().clone() })
        })
    }

    fn tag_user(&self, user: &str, key: &str, value: &str) -> Result<(), CallError> {
        self.call("iam:TagUser", user, |state| {
            state.tags.insert(key.to_owned(), value.to_owned());
            Ok(())
        })
    }

    fn inline_policy(&self, holder: &Holder, name: &str) -> Result<Option<String>, CallError> {
        let key = (holder.to_string(), name.to_owned());
        self.call("iam:GetUserPolicy", name, |state| Ok(state.policies.get(&key).cloned()))
    }

    fn inline_policies(&self, holder: &Holder) -> Result<Vec<String>, CallError> {
        let holder = holder.to_string();
        self.call("iam:ListUserPolicies", &holder, |state| {
            let names = state.policies.keys().filter(|(of, _)| *of == holder);
            Ok(names.map(|(_, name)| name.clone()).collect())
        })
    }

    fn put_policy(&self, holder: &Holder, name: &str, document: &str) -> Result<(), CallError> {
        let key = (holder.to_string(), name.to_owned());
        self.call("iam:PutUserPolicy", name, |state| {
            state.policies.insert(key, document.to_owned());
            Ok(())
        })
    }

    fn delete_policy(&self, holder: &Holder, name: &str) -> Result<(), CallError> {
        let key = (holder.to_string(), name.to_owned());
        self.call("iam:DeleteUserPolicy", name, |state| {
            state.policies.remove(&key).map(drop).ok_or_else(absent)
        })
    }

    fn clock(&self) -> Option<Timestamp> {
        Some(now())
    }
}

impl Trail for World {
    fn events(
        &self,
        region: &str,
        attribute: &Attribute,
        _: Timestamp,
        max: usize,
    ) -> Result<Events, CallError> {
        self.call("cloudtrail:LookupEvents", region, |state| {
            let is_asked = |event: &Event| match attribute {
                Attribute::AccessKeyId(id) => event.signer.as_ref() == Some(id),
                Attribute::ResourceName(id) => {
                    [&event.made, &event.about_key].iter().any(|it| it.as_ref() == Some(id))
                }
            };
            let all = state.events.iter().filter(|(of, event)| of == region && is_asked(event));
            let events: Vec<_> = all.map(|(_, event)| event.clone()).collect();
            Ok(Events { is_cut: events.len() > max, events: events.into_iter().take(max).collect() })
        })
    }
}
