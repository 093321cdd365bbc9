//! Taking back what was done, and nothing else.

use super::policy::{is_own, is_same};
use super::{ContainError, PolicyChange, Tools};
use crate::aws::AccessKeyId;
use crate::owner::KeyState;
use crate::resolve::respond::{Account, CallError, Containment, Iam, Progress, Step, TakenStep};

/// Takes back what `contain` did, and nothing else: where the state has changed since, nothing is done at all.
///
/// # Errors
///
/// What has changed, or could not be done.
pub fn undo(
    account: &Account,
    id: AccessKeyId,
    record: &mut Containment,
    tools: &mut Tools<'_>,
) -> Result<(), Vec<ContainError>> {
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
            let what = undo_step(iam, id, &record.steps[nth].step).map_err(|error| vec![error.into()])?;
            (tools.tell)(what);
        }
        record.steps[nth].progress = Progress::Undone;
        tools.log.write(record).map_err(|error| vec![error.into()])?;
    }
    Ok(())
}

/// Whether there is something to take back; an error where what is there is not what `contain` left.
fn is_undoable(iam: &dyn Iam, id: AccessKeyId, taken: &TakenStep) -> Result<bool, ContainError> {
    let is_done = taken.progress == Progress::Done;
    match &taken.step {
        Step::Deactivate { user } => match super::state_of(iam, user, id)? {
            Some(KeyState::Inactive) => Ok(true),
            Some(KeyState::Active) if !is_done => Ok(false),
            Some(state) => Err(ContainError::KeyChanged { id, state }),
            None => Err(ContainError::KeyGone(id)),
        },
        Step::Deny { holder, policy, document, .. } => {
            let (policy_name, of) = (policy.clone(), holder.clone());
            let changed =
                |change| Err(ContainError::PolicyChanged { policy: policy_name, holder: of, change });
            match iam.inline_policy(holder, policy)? {
                Some(there) if is_same(&there, document) || !is_done && is_own(&there) => Ok(true),
                None if !is_done => Ok(false),
                Some(_) if !is_done => changed(PolicyChange::Foreign),
                Some(_) => changed(PolicyChange::Changed),
                None => changed(PolicyChange::Deleted),
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
