//! What containing a key comes to: decided before anything is changed.

use jiff::{SignedDuration, Timestamp};

use super::ContainError;
use crate::aws::{AccessKeyId, KeyKind};
use crate::owner::{KeyState, LastUse};
use crate::redact::redact;
use crate::resolve::Caller;
use crate::resolve::respond::trail::HISTORY;
use crate::resolve::respond::{Account, Attribute, CallError, Holder, KeyFacts};

/// How many events are read in search of roles.
const MAX_EVENTS: usize = 5_000;

/// What containing a key comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The user whose key is deactivated, if it is to be.
    pub deactivate: Option<String>,
    /// Who is denied older sessions.
    pub deny: Vec<Holder>,
    /// Roles whose sessions the key opened, which live on.
    pub roles: Vec<OpenedRole>,
    /// What will happen, and what will break.
    pub effects: Vec<String>,
    /// What no step of it ends.
    pub remains: Vec<Remains>,
}

/// Something that no step of a plan ends.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Remains {
    /// Another key of the user.
    #[error("the user's other key {0} stays active")]
    OtherKey(AccessKeyId),
    /// The user's console password.
    #[error("the user can sign in to the console with a password")]
    Password,
    /// A console password, if there is one.
    #[error("whether the user has a console password: {0}")]
    PasswordUnknown(CallError),
    /// What this key was used to create.
    #[error("what was created with the key, such as users, keys and roles")]
    Created(AccessKeyId),
    /// Sessions of roles in a region whose events could not be read.
    #[error("sessions of roles that the key opened in {region}, which are not known: {error}")]
    UnknownSessions {
        /// The region.
        region: String,
        /// Why.
        error: CallError,
    },
    /// Sessions of roles in this region that are older than the events that were read.
    #[error(
        "sessions of roles that the key opened in {0} before its last {MAX_EVENTS} events, which were not read"
    )]
    OlderSessions(String),
    /// Sessions that programs open from now on.
    #[error("programs with the role get new sessions, which are not denied")]
    NewSessions,
}

/// A role that a key opened sessions of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedRole {
    /// Its ARN, as it may be shown.
    pub arn: String,
    /// How often.
    pub sessions: u64,
    /// The latest time.
    pub last_at: Option<Timestamp>,
}

/// Decides what containing a key comes to.
///
/// # Errors
///
/// Why it cannot be contained.
pub fn plan(account: &Account, facts: &KeyFacts, now: Timestamp) -> Result<Plan, ContainError> {
    match facts.id.kind() {
        KeyKind::LongTerm => plan_long_term(account, facts, now),
        KeyKind::Temporary => plan_session(facts),
    }
}

fn plan_long_term(account: &Account, facts: &KeyFacts, now: Timestamp) -> Result<Plan, ContainError> {
    if facts.is_root {
        return Err(ContainError::RootKey(facts.account));
    }
    let user = match (&facts.user, facts.status.state) {
        (Some(user), KeyState::Active | KeyState::Inactive | KeyState::Expired) => user,
        (_, KeyState::Deleted) => return Err(ContainError::Deleted(facts.status.evidence.clone())),
        _ => return Err(facts.unknown_user().into()),
    };
    let is_active = facts.status.state == KeyState::Active;
    let name = user.shown();
    let mut plan = Plan {
        deactivate: is_active.then(|| user.name.clone()),
        deny: vec![Holder::User(user.name.clone())],
        roles: Vec::new(),
        effects: Vec::new(),
        remains: Vec::new(),
    };
    add_opened_roles(account, facts, now, &mut plan);
    plan.effects.push(match is_active {
        true => format!("deactivate {}: every program that signs with it stops working at once", facts.id),
        false => format!("{} is not active: it stays as it is", facts.id),
    });
    plan.effects.push(format!(
        "deny user {name} every session of GetSessionToken and GetFederationToken opened before now, also those of the \
         user's other keys; keys themselves are not affected"
    ));
    for other in facts.other_keys.iter().filter(|other| other.state == KeyState::Active) {
        plan.remains.push(Remains::OtherKey(other.id));
    }
    match account.iam.has_password(&user.name) {
        Ok(true) => plan.remains.push(Remains::Password),
        Ok(false) => {}
        Err(error) => plan.remains.push(Remains::PasswordUnknown(error)),
    }
    plan.remains.push(Remains::Created(facts.id));
    Ok(plan)
}

/// Adds the roles whose sessions the key opened, by events of the regions that it may have been used in. What could not
/// be learnt remains.
fn add_opened_roles(account: &Account, facts: &KeyFacts, now: Timestamp, plan: &mut Plan) {
    let attribute = Attribute::AccessKeyId(facts.id.to_string());
    let used_in = match &facts.status.last_use {
        Some(LastUse::Used { region, .. }) => Some(region.as_str()),
        _ => None,
    };
    // No session of a role is longer than twelve hours.
    let since = now.saturating_sub(SignedDuration::from_hours(13).min(HISTORY)).unwrap_or(Timestamp::MIN);
    let roles = &mut plan.roles;
    for region in account.regions(&Default::default(), used_in) {
        let events = match account.trail.events(&region, &attribute, since, MAX_EVENTS) {
            Ok(events) => events,
            Err(error) => {
                plan.remains.push(Remains::UnknownSessions { region, error });
                continue;
            }
        };
        if events.is_cut {
            plan.remains.push(Remains::OlderSessions(region));
        }
        let opened = events.events.iter().filter(|event| event.name == "AssumeRole" && event.error.is_none());
        for event in opened {
            let Some(arn) = &event.role else { continue };
            match roles.iter_mut().find(|role| role.arn == *arn) {
                Some(role) => {
                    role.sessions += 1;
                    role.last_at = role.last_at.max(event.at);
                }
                None => roles.push(OpenedRole { arn: arn.clone(), sessions: 1, last_at: event.at }),
            }
        }
    }
}

fn plan_session(facts: &KeyFacts) -> Result<Plan, ContainError> {
    let Some(origin) = &facts.session else {
        return Err(ContainError::UnknownSession(facts.status.evidence.clone()));
    };
    if facts.status.state == KeyState::Expired {
        return Err(ContainError::Expired(facts.status.evidence.clone()));
    }
    let holder = match (&origin.role, &origin.actor) {
        (Some(role), _) => deniable_role(role)?,
        (None, Some(actor)) if actor.ends_with(":root") => {
            return Err(ContainError::RootSession);
        }
        (None, Some(actor)) => match actor.split_once(":user/") {
            Some((_, path)) => Holder::User(last_part(path)),
            None => return Err(ContainError::UnknownActor(actor.clone())),
        },
        (None, None) => return Err(ContainError::NoActor),
    };
    let effects = vec![format!("deny {holder} every session opened before now: not only this one")];
    let remains = vec![Remains::NewSessions];
    Ok(Plan { deactivate: None, deny: vec![holder], roles: Vec::new(), effects, remains })
}

/// The role of an ARN, if its sessions can be denied by a policy on it.
///
/// # Errors
///
/// Why they cannot.
pub fn deniable_role(arn: &str) -> Result<Holder, ContainError> {
    let Some((_, path)) = arn.split_once(":role/") else {
        return Err(ContainError::NotARole(redact(arn.as_bytes())));
    };
    let name = last_part(path);
    if path.starts_with("aws-service-role/") || name.starts_with("AWSServiceRoleFor") {
        return Err(ContainError::ServiceLinkedRole(name));
    }
    if path.starts_with("aws-reserved/") || name.starts_with("AWSReservedSSO_") {
        return Err(ContainError::PermissionSetRole(name));
    }
    Ok(Holder::Role(name))
}

fn last_part(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

/// Whether a caller has a session of a user or a role, which a policy on that would deny.
pub fn is_session_of(caller: &Caller, holder: &Holder) -> bool {
    let has_session = caller.key_ids.iter().any(|id| id.kind() == KeyKind::Temporary);
    match holder {
        Holder::Role(name) => caller.arn.contains(&format!(":assumed-role/{name}/")),
        Holder::User(name) => {
            let of_user = caller.arn.split_once(":user/").map(|(_, path)| last_part(path));
            has_session && of_user.as_ref() == Some(name)
                || caller.arn.ends_with(&format!(":federated-user/{name}"))
        }
    }
}
