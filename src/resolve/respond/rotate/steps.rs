//! The changes that a rotation makes, each taken down.

use jiff::Timestamp;

use super::{Destination, RotateError, Rotation};
use crate::aws::AccessKeyId;
use crate::resolve::respond::{Account, CallError, Iam, Log, LogError};

/// Creates the second key and hands it over. If it cannot be handed over, it is deleted again.
///
/// # Errors
///
/// What went wrong, and what is there now.
pub fn create(
    account: &Account,
    record: &mut Rotation,
    destination: &dyn Destination,
    log: &mut dyn Log<Rotation>,
    now: Timestamp,
) -> Result<AccessKeyId, RotateError> {
    let iam = account.iam.as_ref();
    destination.check()?;
    let keys = iam.access_keys(&record.user)?;
    record.known_ids = keys.iter().map(|key| key.id.to_string()).collect();
    record.new_id = None;
    record.is_refused = false;
    record.handed_at = None;
    record.destination = destination.name();
    log.write(record)?;
    let created = iam.create_key(&record.user).map_err(|error| lost(error, record))?;
    let id = created.id;
    record.new_id = Some(id.to_string());
    // Without this the secret would go on though nobody could tell later where it went.
    let written = log.write(record).map_err(RotateError::from);
    let handed = written.and_then(|()| Ok(destination.hand_over(&record.user, &created)?));
    drop(created);
    if let Err(fault) = handed {
        return Err(discarded(iam, record, id, fault, log));
    }
    record.handed_at = Some(now);
    log.write(record)?;
    Ok(id)
}

/// What is said where CreateAccessKey had no answer: it is not tried again.
fn lost(error: CallError, record: &Rotation) -> RotateError {
    if error.is_uncertain() {
        RotateError::LostCreation { error: Box::new(error), old: record.key_id.clone() }
    } else {
        error.into()
    }
}

fn discarded(
    iam: &dyn Iam,
    record: &mut Rotation,
    id: AccessKeyId,
    fault: RotateError,
    log: &mut dyn Log<Rotation>,
) -> RotateError {
    record.is_refused = true;
    // Where this is not taken down, the next run asks whether the key is to be deleted.
    let _ = log.write(record);
    match discard(iam, record, id, log) {
        Ok(()) => RotateError::NotHandedOver(Box::new(fault)),
        Err(left) => RotateError::NotDeletedAgain {
            old: record.key_id.clone(),
            new: id,
            cause: Box::new(fault),
            left: Box::new(left),
        },
    }
}

/// Deletes a key that was created for nothing.
///
/// # Errors
///
/// Why it is still there.
pub fn discard(
    iam: &dyn Iam,
    record: &mut Rotation,
    id: AccessKeyId,
    log: &mut dyn Log<Rotation>,
) -> Result<(), RotateError> {
    match iam.delete_key(&record.user, id) {
        Err(error) if !error.is_absent() => return Err(error.into()),
        _ => {}
    }
    record.new_id = None;
    record.is_refused = false;
    record.handed_at = None;
    Ok(log.write(record)?)
}

/// Notes that the key arrived, which only its destination knew.
///
/// # Errors
///
/// Why that cannot be taken down.
pub fn arrived(record: &mut Rotation, log: &mut dyn Log<Rotation>, now: Timestamp) -> Result<(), LogError> {
    record.handed_at = Some(now);
    log.write(record)
}

/// Deactivates the old key.
///
/// # Errors
///
/// Why it was not done.
pub fn deactivate(
    account: &Account,
    id: AccessKeyId,
    record: &mut Rotation,
    log: &mut dyn Log<Rotation>,
    now: Timestamp,
) -> Result<(), RotateError> {
    account.iam.set_active(&record.user, id, false)?;
    record.deactivated_at = Some(now);
    Ok(log.write(record)?)
}

/// Deletes the old key.
///
/// # Errors
///
/// Why it was not done.
pub fn delete(
    account: &Account,
    id: AccessKeyId,
    record: &mut Rotation,
    log: &mut dyn Log<Rotation>,
) -> Result<(), RotateError> {
    match account.iam.delete_key(&record.user, id) {
        Err(error) if !error.is_absent() => return Err(error.into()),
        _ => {}
    }
    record.is_finished = true;
    Ok(log.write(record)?)
}
