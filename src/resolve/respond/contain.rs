//! Making a leaked key stop: deactivate it, then deny its sessions, which outlive it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::deleted::HISTORY;
use super::{
    Account, Attribute, CallError, Containment, Holder, Iam, KeyFacts, Log, Progress, Step, TakenStep,
};
use crate::aws::{AccessKeyId, KeyKind};
use crate::owner::KeyState;
use crate::redact::redact;
use crate::resolve::Caller;

/// How many characters all inline policies of a user, and of a role, may have together, white space not counted.
const USER_QUOTA: usize = 2_048;
const ROLE_QUOTA: usize = 10_240;
/// How many events are read in search of roles.
const MAX_EVENTS: usize = 5_000;

/// What containing a key comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    pub remains: Vec<String>,
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
/// Why it cannot be contained and what to do instead, as it may be shown.
pub fn plan(account: &Account, facts: &KeyFacts, now: Timestamp) -> Result<Plan, String> {
    match facts.id.kind() {
        KeyKind::LongTerm => plan_long_term(account, facts, now),
        KeyKind::Temporary => plan_session(facts),
    }
}

fn plan_long_term(account: &Account, facts: &KeyFacts, now: Timestamp) -> Result<Plan, String> {
    if facts.is_root {
        return Err("it is likely a key of the root user, whose keys and sessions no policy limits\n\
                    help: sign in as the root user with MFA, deactivate the key under `Security credentials`, then \
                    delete it"
            .to_owned());
    }
    let user = match (&facts.user, facts.status.state) {
        (Some(user), KeyState::Active | KeyState::Inactive | KeyState::Expired) => user,
        (_, KeyState::Deleted) => return Err(format!("the key no longer exists: {}", facts.status.evidence)),
        _ => {
            return Err(format!(
                "it is not known whose key it is: {}\nhelp: `akid status {}` shows what is missing",
                facts.status.evidence, facts.id
            ));
        }
    };
    let is_active = facts.status.state == KeyState::Active;
    let name = user.shown();
    let mut plan = Plan {
        deactivate: is_active.then(|| user.name.clone()),
        deny: vec![Holder::User(user.name.clone())],
        roles: opened_roles(account, facts.id, now),
        effects: Vec::new(),
        remains: Vec::new(),
    };
    plan.effects.push(match is_active {
        true => format!("deactivate {}: every program that signs with it stops working at once", facts.id),
        false => format!("{} is not active: it stays as it is", facts.id),
    });
    plan.effects.push(format!(
        "deny user {name} every session of GetSessionToken and GetFederationToken opened before now, also those of the \
         user's other keys; keys themselves are not affected"
    ));
    for other in facts.other_keys.iter().filter(|other| other.state == KeyState::Active) {
        plan.remains.push(format!("the user's other key {} stays active", other.id));
    }
    match account.iam.has_password(&user.name) {
        Ok(true) => plan.remains.push("the user can sign in to the console with a password".to_owned()),
        Ok(false) => {}
        Err(error) => plan.remains.push(format!("whether the user has a console password: {error}")),
    }
    plan.remains.push(
        "sessions of GetFederationToken may outlive the policy: if the key opened any, attach AWSDenyAll to the user for \
         36 hours"
            .to_owned(),
    );
    plan.remains.push(format!(
        "what was created with the key, such as users, keys and roles: akid status --activity {}",
        facts.id
    ));
    Ok(plan)
}

/// Roles whose sessions the key opened, by events of the regions that it may have been used in.
fn opened_roles(account: &Account, id: AccessKeyId, now: Timestamp) -> Vec<OpenedRole> {
    let attribute = Attribute::AccessKeyId(id.to_string());
    // No session of a role is longer than twelve hours.
    let since = now.saturating_sub(SignedDuration::from_hours(13).min(HISTORY)).unwrap_or(Timestamp::MIN);
    let mut roles: Vec<OpenedRole> = Vec::new();
    for region in account.regions(&Default::default(), None) {
        let Ok(events) = account.trail.events(&region, &attribute, since, MAX_EVENTS) else { continue };
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
    roles
}

fn plan_session(facts: &KeyFacts) -> Result<Plan, String> {
    let Some(origin) = &facts.session else {
        return Err(format!(
            "it is not known which session it belongs to: {}\nhelp: name the role's sessions to AWS's own console, \
             under the role's `Revoke sessions`",
            facts.status.evidence
        ));
    };
    if facts.status.state == KeyState::Expired {
        return Err(format!("it has expired: {}", facts.status.evidence));
    }
    let holder = match (&origin.role, &origin.actor) {
        (Some(role), _) => deniable_role(role)?,
        (None, Some(actor)) if actor.ends_with(":root") => {
            return Err("it is a session of the root user, which no policy limits\nhelp: it ends by itself; change the \
                        root user's password and delete the root user's keys"
                .to_owned());
        }
        (None, Some(actor)) => match actor.split_once(":user/") {
            Some((_, path)) => Holder::User(last_part(path)),
            None => return Err(format!("it is not known whom to deny: {actor} asked for it")),
        },
        (None, None) => return Err("CloudTrail does not say who asked for it".to_owned()),
    };
    let effects = vec![format!("deny {holder} every session opened before now: not only this one")];
    let remains = vec!["programs with the role get new sessions, which are not denied".to_owned()];
    Ok(Plan { deactivate: None, deny: vec![holder], roles: Vec::new(), effects, remains })
}

/// The role of an ARN, if its sessions can be denied by a policy on it.
///
/// # Errors
///
/// Why they cannot, and what to do instead.
pub fn deniable_role(arn: &str) -> Result<Holder, String> {
    let Some((_, path)) = arn.split_once(":role/") else {
        return Err(format!("{} is not the ARN of a role", redact(arn.as_bytes())));
    };
    let name = last_part(path);
    if path.starts_with("aws-service-role/") || name.starts_with("AWSServiceRoleFor") {
        return Err(format!(
            "{name} is a service-linked role, whose policies only its service changes\nhelp: stop the service's use of \
             it, or delete the role where its service is no longer used"
        ));
    }
    if path.starts_with("aws-reserved/") || name.starts_with("AWSReservedSSO_") {
        return Err(format!(
            "{name} is a role of IAM Identity Center, whose policies only its permission set changes\nhelp: add the \
             deny to the permission set and provision it, and end the person's session in the access portal"
        ));
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

/// The name of the policy that denies the sessions of one key.
pub fn policy_name(id: AccessKeyId) -> String {
    format!("akid-deny-sessions-{id}")
}

/// The policy that denies everything to sessions that were opened before a time. A long-term key has no such time, and
/// is not denied anything.
pub fn deny_document(before: Timestamp) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": format!("{before:.0}")}}}]})
    .to_string()
}

/// The commands of the AWS CLI that do the same.
pub fn commands(plan: &Plan, id: AccessKeyId, now: Timestamp) -> Vec<String> {
    let deactivate = plan.deactivate.iter().map(|user| {
        format!("aws iam update-access-key --user-name '{user}' --access-key-id {id} --status Inactive")
    });
    let deny = plan.deny.iter().map(|holder| {
        let (command, option) = match holder {
            Holder::User(_) => ("put-user-policy", "--user-name"),
            Holder::Role(_) => ("put-role-policy", "--role-name"),
        };
        format!(
            "aws iam {command} {option} '{}' --policy-name {} --policy-document '{}'",
            holder.name(),
            policy_name(id),
            deny_document(now)
        )
    });
    deactivate.chain(deny).collect()
}

/// What a run needs beside the account.
pub struct Tools<'a> {
    /// Takes down each step.
    pub log: &'a mut dyn Log<Containment>,
    /// Tells the user what was done.
    pub tell: &'a mut dyn FnMut(String),
    /// Waits for a while; whether the user still wants to go on.
    pub wait: &'a dyn Fn(Duration) -> bool,
    /// How long IAM takes to carry a change everywhere. Sessions that are opened meanwhile are denied afterwards.
    pub propagation: Duration,
}

impl std::fmt::Debug for Tools<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tools").finish_non_exhaustive()
    }
}

/// Carries out a plan, step by step: each is written down before and after. A step that fails does not keep the others
/// from being done.
///
/// # Errors
///
/// Each step that was not done, or of which it is not known, as it may be shown.
pub fn contain(
    account: &Account,
    id: AccessKeyId,
    plan: &Plan,
    record: &mut Containment,
    tools: &mut Tools<'_>,
) -> Result<(), Vec<String>> {
    let mut faults = Vec::new();
    if let Some(user) = &plan.deactivate {
        let step = Step::Deactivate { user: user.clone() };
        let done = take(record, tools, step, || deactivate(account.iam.as_ref(), user, id));
        note(done, format!("deactivated {id}"), tools, &mut faults);
    }
    for round in 0..2 {
        if round == 1 && (plan.deny.is_empty() || !(tools.wait)(tools.propagation)) {
            break;
        }
        for holder in &plan.deny {
            let done = deny(account, id, holder, record, tools);
            let again = if round == 1 { ", again after the change has spread" } else { "" };
            note(done, format!("denied {holder} every older session{again}"), tools, &mut faults);
        }
    }
    faults.dedup();
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn note(done: Result<(), String>, what: String, tools: &mut Tools<'_>, faults: &mut Vec<String>) {
    match done {
        Ok(()) => (tools.tell)(what),
        Err(fault) => faults.push(fault),
    }
}

/// Takes a step down, does it, and takes down that it is done.
fn take(
    record: &mut Containment,
    tools: &mut Tools<'_>,
    step: Step,
    work: impl FnOnce() -> Result<(), CallError>,
) -> Result<(), String> {
    let alike = |taken: &&mut TakenStep| match (&taken.step, &step) {
        (Step::Deactivate { .. }, Step::Deactivate { .. }) => true,
        (Step::Deny { holder: a, .. }, Step::Deny { holder: b, .. }) => a == b,
        _ => false,
    };
    let at = format!("{:.0}", Timestamp::now());
    let taken = TakenStep { step: step.clone(), progress: Progress::Intended, at };
    let place = record.steps.iter_mut().find(alike);
    match place {
        Some(place) => *place = taken.clone(),
        None => record.steps.push(taken.clone()),
    }
    tools.log.write(record)?;
    work().map_err(|error| error.with_help())?;
    for known in record.steps.iter_mut().filter(|known| **known == taken) {
        known.progress = Progress::Done;
    }
    tools.log.write(record)
}

fn deactivate(iam: &dyn Iam, user: &str, id: AccessKeyId) -> Result<(), CallError> {
    let done = iam.set_active(user, id, false);
    // After a lost answer, the list tells whether it was done.
    if done.as_ref().is_err_and(CallError::is_uncertain)
        && state_of(iam, user, id)? == Some(KeyState::Inactive)
    {
        return Ok(());
    }
    done
}

fn state_of(iam: &dyn Iam, user: &str, id: AccessKeyId) -> Result<Option<KeyState>, CallError> {
    Ok(iam.access_keys(user)?.into_iter().find(|key| key.id == id).map(|key| key.state))
}

fn deny(
    account: &Account,
    id: AccessKeyId,
    holder: &Holder,
    record: &mut Containment,
    tools: &mut Tools<'_>,
) -> Result<(), String> {
    let iam = account.iam.as_ref();
    let name = policy_name(id);
    let there = iam.inline_policy(holder, &name).map_err(|error| error.with_help())?;
    // AWS's clock decides which sessions are older.
    let document = deny_document(iam.clock().unwrap_or_else(Timestamp::now));
    let known = record.steps.iter().find_map(|taken| match &taken.step {
        Step::Deny { holder: of, document, previous, .. }
            if of == holder && taken.progress != Progress::Undone =>
        {
            Some((document.clone(), previous.clone()))
        }
        _ => None,
    });
    let previous = match (there, known) {
        // It is akid's own, of an earlier run or one that was killed: what was there before that counts.
        (Some(there), Some((own, previous))) if is_same(&there, &own) || is_own(&there) => previous,
        (there, _) => there,
    };
    if !fits(iam, holder, &name, &document) {
        return Err(format!(
            "{holder} has too many inline policies for one more: the quota is {} characters\nhelp: move one of them into \
             a managed policy, then run this again",
            quota(holder)
        ));
    }
    let step =
        Step::Deny { holder: holder.clone(), policy: name.clone(), document: document.clone(), previous };
    take(record, tools, step, || iam.put_policy(holder, &name, &document))
}

fn quota(holder: &Holder) -> usize {
    match holder {
        Holder::User(_) => USER_QUOTA,
        Holder::Role(_) => ROLE_QUOTA,
    }
}

/// Whether one more policy keeps within the quota. Where the others cannot be read, AWS decides.
fn fits(iam: &dyn Iam, holder: &Holder, name: &str, document: &str) -> bool {
    let len = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
    let Ok(names) = iam.inline_policies(holder) else { return true };
    let others = names.iter().filter(|other| *other != name);
    let used: usize = others
        .filter_map(|other| iam.inline_policy(holder, other).ok().flatten())
        .map(|document| len(&document))
        .sum();
    used + len(document) <= quota(holder)
}

/// Whether two policies say the same, however they are written.
fn is_same(a: &str, b: &str) -> bool {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).ok();
    a == b || parsed(a).is_some_and(|a| Some(a) == parsed(b))
}

/// Whether a policy is one of those that akid makes, of whatever time.
fn is_own(document: &str) -> bool {
    let Ok(value) = serde_json::from_str::<Value>(document) else { return false };
    let before = value.pointer("/Statement/0/Condition/DateLessThan/aws:TokenIssueTime");
    let before = before.and_then(Value::as_str).and_then(|text| text.parse().ok());
    before.is_some_and(|before| is_same(document, &deny_document(before)))
}

/// Takes back what `contain` did, and nothing else: where the state has changed since, nothing is done at all.
///
/// # Errors
///
/// What has changed, or could not be done, as it may be shown.
pub fn undo(
    account: &Account,
    id: AccessKeyId,
    record: &mut Containment,
    tools: &mut Tools<'_>,
) -> Result<(), Vec<String>> {
    let iam = account.iam.as_ref();
    let mut changed = Vec::new();
    let mut todo = Vec::new();
    for (nth, taken) in record.steps.iter().enumerate().rev() {
        if taken.progress == Progress::Undone {
            continue;
        }
        match is_undoable(iam, id, taken) {
            Ok(is_to_do) => todo.push((nth, is_to_do)),
            Err(fault) => changed.push(fault),
        }
    }
    if !changed.is_empty() {
        return Err(changed);
    }
    for (nth, is_to_do) in todo {
        if is_to_do {
            let what =
                undo_step(iam, id, &record.steps[nth].step).map_err(|error| vec![error.with_help()])?;
            (tools.tell)(what);
        }
        record.steps[nth].progress = Progress::Undone;
        tools.log.write(record).map_err(|fault| vec![fault])?;
    }
    Ok(())
}

/// Whether there is something to take back; an error where what is there is not what `contain` left.
fn is_undoable(iam: &dyn Iam, id: AccessKeyId, taken: &TakenStep) -> Result<bool, String> {
    let is_done = taken.progress == Progress::Done;
    match &taken.step {
        Step::Deactivate { user } => match state_of(iam, user, id).map_err(|error| error.with_help())? {
            Some(KeyState::Inactive) => Ok(true),
            Some(KeyState::Active) if !is_done => Ok(false),
            Some(state) => Err(format!("{id} is {} now: it was changed since", state.as_str())),
            None => Err(format!("{id} no longer exists")),
        },
        Step::Deny { holder, policy, document, .. } => {
            match iam.inline_policy(holder, policy).map_err(|error| error.with_help())? {
                Some(there) if is_same(&there, document) || !is_done && is_own(&there) => Ok(true),
                None if !is_done => Ok(false),
                Some(_) if !is_done => {
                    Err(format!("the policy {policy} of {holder} is not the one that akid put there"))
                }
                Some(_) => Err(format!("the policy {policy} of {holder} was changed since")),
                None => Err(format!("the policy {policy} of {holder} was deleted since")),
            }
        }
    }
}

fn undo_step(iam: &dyn Iam, id: AccessKeyId, step: &Step) -> Result<String, CallError> {
    match step {
        Step::Deactivate { user } => {
            iam.set_active(user, id, true)?;
            Ok(format!("activated {id}"))
        }
        Step::Deny { holder, policy, previous: Some(previous), .. } => {
            iam.put_policy(holder, policy, previous)?;
            Ok(format!("put back the earlier policy {policy} of {holder}"))
        }
        Step::Deny { holder, policy, previous: None, .. } => {
            iam.delete_policy(holder, policy)?;
            Ok(format!("deleted the policy {policy} of {holder}"))
        }
    }
}
