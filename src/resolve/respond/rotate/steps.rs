//! The changes that a rotation makes, each taken down.

use jiff::Timestamp;

use super::{Destination, Rotation};
use crate::aws::AccessKeyId;
use crate::resolve::respond::{Account, CallError, Iam, Log};

/// Creates the second key and hands it over. If it cannot be handed over, it is deleted again.
///
/// # Errors
///
/// What went wrong, and what is there now, as it may be shown.
pub fn create(
    account: &Account,
    record: &mut Rotation,
    destination: &dyn Destination,
    log: &mut dyn Log<Rotation>,
    now: Timestamp,
) -> Result<AccessKeyId, String> {
    let iam = account.iam.as_ref();
    destination.check()?;
    let keys = iam.access_keys(&record.user).map_err(|error| error.with_help())?;
    record.known_ids = keys.iter().map(|key| key.id.to_string()).collect();
    record.new_id = None;
    record.is_refused = false;
    record.handed_at = None;
    record.destination = destination.name();
    log.write(record)?;
    let created = iam.create_key(&record.user).map_err(|error| lost(&error, record))?;
    let id = created.id;
    record.new_id = Some(id.to_string());
    // Without this the secret would go on though nobody could tell later where it went.
    let handed = log.write(record).and_then(|()| destination.hand_over(&record.user, &created));
    drop(created);
    if let Err(fault) = handed {
        return Err(discarded(iam, record, id, &fault, log));
    }
    record.handed_at = Some(now);
    log.write(record)?;
    Ok(id)
}

/// What is said where CreateAccessKey had no answer: it is not tried again.
fn lost(error: &CallError, record: &Rotation) -> String {
    if !error.is_uncertain() {
        return error.with_help();
    }
    format!(
        "{error}\nIt is not known whether a key was created; nobody has its secret if so\nhelp: akid rotate {} looks for \
         it",
        record.key_id
    )
}

fn discarded(
    iam: &dyn Iam,
    record: &mut Rotation,
    id: AccessKeyId,
    fault: &str,
    log: &mut dyn Log<Rotation>,
) -> String {
    record.is_refused = true;
    // Where this is not taken down, the next run asks whether the key is to be deleted.
    let _ = log.write(record);
    match discard(iam, record, id, log) {
        Ok(()) => format!("the new key was not handed over, and is deleted again: {fault}"),
        Err(left) => format!(
            "the new key was not handed over: {fault}\n{id} could not be deleted again: {left}\nhelp: akid rotate {} tries \
             again",
            record.key_id
        ),
    }
}

/// Deletes a key that was created for nothing.
///
/// # Errors
///
/// Why it is still there, as it may be shown.
pub fn discard(
    iam: &dyn Iam,
    record: &mut Rotation,
    id: AccessKeyId,
    log: &mut dyn Log<Rotation>,
) -> Result<(), String> {
    match iam.delete_key(&record.user, id) {
        Err(error) if !error.is_absent() => return Err(error.with_help()),
        _ => {}
    }
    record.new_id = None;
    record.is_refused = false;
    record.handed_at = None;
    log.write(record)
}

/// Notes that the key arrived, which only its destination knew.
///
/// # Errors
///
/// Why that cannot be taken down.
pub fn arrived(record: &mut Rotation, log: &mut dyn Log<Rotation>, now: Timestamp) -> Result<(), String> {
    record.handed_at = Some(now);
    log.write(record)
}

/// Deactivates the old key.
///
/// # Errors
///
/// Why it was not done, as it may be shown.
pub fn deactivate(
    account: &Account,
    id: AccessKeyId,
    record: &mut Rotation,
    log: &mut dyn Log<Rotation>,
    now: Timestamp,
) -> Result<(), String> {
    account.iam.set_active(&record.user, id, false).map_err(|error| error.with_help())?;
    record.deactivated_at = Some(now);
    log.write(record)
}

/// Deletes the old key.
///
/// # Errors
///
/// Why it was not done, as it may be shown.
pub fn delete(
    account: &Account,
    id: AccessKeyId,
    record: &mut Rotation,
    log: &mut dyn Log<Rotation>,
) -> Result<(), String> {
    match account.iam.delete_key(&record.user, id) {
        Err(error) if !error.is_absent() => return Err(error.with_help()),
        _ => {}
    }
    record.is_finished = true;
    log.write(record)
}
