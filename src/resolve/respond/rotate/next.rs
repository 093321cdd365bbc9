//! What a rotation does next.

use jiff::{SignedDuration, Timestamp};

use super::{Destination, Next, Patience, REPORTING_DELAY, RotateError, Rotation};
use crate::aws::AccessKeyId;
use crate::owner::{KeyState, LastUse};
use crate::resolve::respond::{Account, Iam, Log, UserKey};

/// What is to be done next, by the user's keys as they are.
///
/// # Errors
///
/// What keeps the rotation from going on.
pub fn next(
    account: &Account,
    id: AccessKeyId,
    record: &mut Rotation,
    destination: Option<&dyn Destination>,
    patience: Patience,
    log: &mut dyn Log<Rotation>,
    now: Timestamp,
) -> Result<Next, RotateError> {
    let iam = account.iam.as_ref();
    let keys = iam.access_keys(&record.user)?;
    let Some(old) = keys.iter().find(|key| key.id == id) else { return Ok(Next::Finished) };
    let Some(new) = record.new_id.as_ref().and_then(|new| AccessKeyId::parse(new.as_bytes())) else {
        return before_creation(&keys, id, record);
    };
    if !keys.iter().any(|key| key.id == new) {
        return match record.handed_at {
            // It was created and deleted again: nothing has changed for anybody.
            None => before_creation(&keys, id, record),
            Some(_) => Err(RotateError::NewKeyGone { old: id, new }),
        };
    }
    if record.handed_at.is_none() {
        if record.is_refused {
            return Ok(Next::Discard(new));
        }
        // Another destination knows nothing of where the key went.
        let destination = destination.filter(|destination| destination.name() == record.destination);
        return Ok(match destination.and_then(|destination| destination.has(new)) {
            Some(true) => Next::Arrived,
            Some(false) => Next::Discard(new),
            None => Next::Unexplained(new),
        });
    }
    if old.state != KeyState::Active && record.deactivated_at.is_none() {
        // By hand, or by a run that was killed: its time begins now.
        record.deactivated_at = Some(now);
        log.write(record)?;
    }
    after_handover(iam, old, new, record, patience, now)
}

fn before_creation(keys: &[UserKey], id: AccessKeyId, record: &Rotation) -> Result<Next, RotateError> {
    let others = || keys.iter().filter(|key| key.id != id);
    let is_known = |key: &&UserKey| record.known_ids.iter().any(|known| known == key.id.as_str());
    if let Some(unknown) = others().find(|key| !record.known_ids.is_empty() && !is_known(key)) {
        return Ok(Next::Unexplained(unknown.id));
    }
    if let Some(second) = others().next() {
        let UserKey { id, state, .. } = *second;
        return Err(RotateError::SecondKey { user: record.user.clone(), id, state });
    }
    Ok(Next::Create)
}

fn after_handover(
    iam: &dyn Iam,
    old: &UserKey,
    new: AccessKeyId,
    record: &Rotation,
    patience: Patience,
    now: Timestamp,
) -> Result<Next, RotateError> {
    let later = |from: Timestamp, by: SignedDuration| from.saturating_add(by).unwrap_or(Timestamp::MAX);
    if old.state != KeyState::Active {
        let since = record.deactivated_at.unwrap_or(now);
        let until = later(since, patience.keep_inactive);
        let why = format!("{} is inactive and is kept for a while, since it can be activated again", old.id);
        return Ok(if until <= now { Next::Delete } else { Next::Wait { until: Some(until), why } });
    }
    if record.deactivated_at.is_some() && !patience.is_forced {
        return Err(RotateError::Reactivated(old.id));
    }
    let used = iam.key_use(new)?;
    if used.last == LastUse::Never && !patience.is_forced {
        let why = format!("{new} was not used yet; once programs use it, IAM says so some hours later");
        return Ok(Next::Wait { until: None, why });
    }
    let last = iam.key_use(old.id)?.last.at();
    let handed = record.handed_at.unwrap_or(now);
    let quiet = last.map_or(handed, |last| later(last, patience.quiet_for).max(handed));
    let until = later(quiet, REPORTING_DELAY);
    let why = match last {
        Some(last) => format!("{} was used last at {last:.0}", old.id),
        None => format!("{} was never used, as far as IAM knows yet", old.id),
    };
    Ok(if until <= now { Next::Deactivate } else { Next::Wait { until: Some(until), why } })
}
