//! Making a leaked key stop: deactivate it, then deny its sessions, which outlive it.

mod error;
mod plan;
mod policy;
mod undo;

use std::time::Duration;

use jiff::Timestamp;

use super::{Account, CallError, Containment, Holder, Iam, Log, Progress, Step, TakenStep};
use crate::aws::AccessKeyId;
use crate::owner::KeyState;
pub use error::{ContainError, PolicyChange};
pub use plan::{OpenedRole, Plan, Remains, deniable_role, is_session_of, plan};
pub use policy::{deny_document, policy_name};
use policy::{fits, is_own, is_same, quota};
pub use undo::undo;

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
/// Each step that was not done, or of which it is not known.
pub fn contain(
    account: &Account,
    id: AccessKeyId,
    plan: &Plan,
    record: &mut Containment,
    tools: &mut Tools<'_>,
) -> Result<(), Vec<ContainError>> {
    let mut faults = Vec::new();
    if let Some(user) = &plan.deactivate {
        let step = Step::Deactivate { user: user.clone() };
        let done = take(record, tools, step, || deactivate(account.iam.as_ref(), user, id));
        let done = done.map_err(|fault| ContainError::NotDeactivated { id, cause: Box::new(fault) });
        note(done, format!("deactivated {id}"), tools, &mut faults);
    }
    for round in 0..2 {
        if round == 1 && (plan.deny.is_empty() || !(tools.wait)(tools.propagation)) {
            break;
        }
        for holder in &plan.deny {
            let done = deny(account, id, holder, record, tools);
            let not_denied =
                |fault| ContainError::NotDenied { holder: holder.clone(), cause: Box::new(fault) };
            let done = done.map_err(not_denied);
            let again = if round == 1 { ", again after the change has spread" } else { "" };
            note(done, format!("denied {holder} every older session{again}"), tools, &mut faults);
        }
    }
    faults.dedup();
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn note(done: Result<(), ContainError>, what: String, tools: &mut Tools<'_>, faults: &mut Vec<ContainError>) {
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
) -> Result<(), ContainError> {
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
    work()?;
    for known in record.steps.iter_mut().filter(|known| **known == taken) {
        known.progress = Progress::Done;
    }
    Ok(tools.log.write(record)?)
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
) -> Result<(), ContainError> {
    let iam = account.iam.as_ref();
    let name = policy_name(id);
    let there = iam.inline_policy(holder, &name)?;
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
        return Err(ContainError::TooManyPolicies { holder: holder.clone(), quota: quota(holder) });
    }
    let step =
        Step::Deny { holder: holder.clone(), policy: name.clone(), document: document.clone(), previous };
    take(record, tools, step, || iam.put_policy(holder, &name, &document))
}
