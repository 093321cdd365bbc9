//! Replacing a key without an outage: a second key first, then the end of the old one, days later.
//!
//! What is to be done next follows from what IAM says, not from what was taken down: that only tells which of the
//! user's keys akid created, and since when.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Account, CallError, CreatedKey, Iam, KeyFacts, Log, UserKey};
use crate::aws::{AccessKeyId, KeyKind};
use crate::owner::{KeyState, LastUse};

/// IAM reports the use of a key up to some hours later.
pub const REPORTING_DELAY: SignedDuration = SignedDuration::from_hours(4);

/// Where a new key goes. It goes nowhere else.
pub trait Destination {
    /// What it is, as it may be shown.
    fn name(&self) -> String;
    /// Whether it can be written, as far as can be told before there is a key.
    ///
    /// # Errors
    ///
    /// Why not, as it may be shown.
    fn check(&self) -> Result<(), String>;
    /// Hands a key over.
    ///
    /// # Errors
    ///
    /// Why it was not taken, as it may be shown.
    fn hand_over(&self, user: &str, key: &CreatedKey) -> Result<(), String>;
    /// Whether it has this key; `None` where it cannot tell.
    fn has(&self, id: AccessKeyId) -> Option<bool>;
}

/// How a rotation stands. There is no secret in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// The key that is replaced.
    pub key_id: String,
    /// Its account.
    pub account: String,
    /// Its user.
    pub user: String,
    /// The user's keys before another one was created.
    pub known_ids: Vec<String>,
    /// The key that replaces it, once AWS has named it.
    pub new_id: Option<String>,
    /// Where it went or is to go.
    pub destination: String,
    /// When it was handed over.
    pub handed_at: Option<Timestamp>,
    /// When the old key was deactivated.
    pub deactivated_at: Option<Timestamp>,
    /// Whether the old key is gone.
    pub is_finished: bool,
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How long the old key must not have been used.
    pub quiet_for: SignedDuration,
    /// How long the old key stays, once it is inactive.
    pub keep_inactive: SignedDuration,
    /// Whether to go on though nothing shows that the new key is used.
    pub is_forced: bool,
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// A second key is created and handed over.
    Create,
    /// A key that akid created and could not hand over is deleted.
    Discard(AccessKeyId),
    /// A key is there that was created meanwhile, perhaps by akid, and nobody has its secret. Only a person can tell.
    Unexplained(AccessKeyId),
    /// A key that akid created is where it was to go, which was not taken down.
    Arrived,
    /// Nothing yet.
    Wait {
        /// Until when, if that is known.
        until: Option<Timestamp>,
        /// For what, as it may be shown.
        why: String,
    },
    /// The old key is deactivated.
    Deactivate,
    /// The old key is deleted.
    Delete,
    /// Nothing any more.
    Finished,
}

/// Whether a key can be rotated at all, before anything is done.
///
/// # Errors
///
/// Why not and what to do instead, as it may be shown.
pub fn check(facts: &KeyFacts) -> Result<String, String> {
    if facts.id.kind() == KeyKind::Temporary {
        return Err(
            "it is a temporary key, which ends by itself\nhelp: to end it now: akid contain".to_owned()
        );
    }
    if facts.is_root {
        return Err("it is likely a key of the root user, which akid never replaces\nhelp: use a role, or a user, in \
                    its place; then sign in as the root user with MFA and delete the key"
            .to_owned());
    }
    match (&facts.user, facts.status.state) {
        (Some(user), KeyState::Active | KeyState::Inactive | KeyState::Expired) => Ok(user.name.clone()),
        (_, KeyState::Deleted) => Err(format!("the key no longer exists: {}", facts.status.evidence)),
        _ => Err(format!(
            "it is not known whose key it is: {}\nhelp: `akid status {}` shows what is missing",
            facts.status.evidence, facts.id
        )),
    }
}

/// What is to be done next, by the user's keys as they are.
///
/// # Errors
///
/// What keeps the rotation from going on, and the way out, as it may be shown.
pub fn next(
    account: &Account,
    id: AccessKeyId,
    record: &mut Rotation,
    destination: Option<&dyn Destination>,
    patience: Patience,
    log: &mut dyn Log<Rotation>,
    now: Timestamp,
) -> Result<Next, String> {
    let iam = account.iam.as_ref();
    let keys = iam.access_keys(&record.user).map_err(|error| error.with_help())?;
    let Some(old) = keys.iter().find(|key| key.id == id) else { return Ok(Next::Finished) };
    let Some(new) = record.new_id.as_ref().and_then(|new| AccessKeyId::parse(new.as_bytes())) else {
        return before_creation(&keys, id, record);
    };
    if !keys.iter().any(|key| key.id == new) {
        return match record.handed_at {
            // It was created and deleted again: nothing has changed for anybody.
            None => before_creation(&keys, id, record),
            Some(_) => Err(format!(
                "the new key {new} no longer exists\nhelp: if it was deleted on purpose, start over: akid rotate \
                 --abandon {id}, then again"
            )),
        };
    }
    if record.handed_at.is_none() {
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

fn before_creation(keys: &[UserKey], id: AccessKeyId, record: &Rotation) -> Result<Next, String> {
    let others = || keys.iter().filter(|key| key.id != id);
    let is_known = |key: &&UserKey| record.known_ids.iter().any(|known| known == key.id.as_str());
    if let Some(unknown) = others().find(|key| !record.known_ids.is_empty() && !is_known(key)) {
        return Ok(Next::Unexplained(unknown.id));
    }
    if let Some(second) = others().next() {
        return Err(format!(
            "user {} has a second key already, {} ({}): AWS allows two, inactive ones count\nhelp: `akid status {}` \
             shows whether it is used; delete it if not, or rotate to it by hand",
            crate::redact::redact(record.user.as_bytes()),
            second.id,
            second.state.as_str(),
            second.id
        ));
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
) -> Result<Next, String> {
    let later = |from: Timestamp, by: SignedDuration| from.saturating_add(by).unwrap_or(Timestamp::MAX);
    if old.state != KeyState::Active {
        let since = record.deactivated_at.unwrap_or(now);
        let until = later(since, patience.keep_inactive);
        let why = format!("{} is inactive and is kept for a while, since it can be activated again", old.id);
        return Ok(if until <= now { Next::Delete } else { Next::Wait { until: Some(until), why } });
    }
    if record.deactivated_at.is_some() && !patience.is_forced {
        return Err(format!(
            "{} was activated again: something still needs it\nhelp: find what does with `akid status --activity {0}`; \
             --force deactivates it again",
            old.id
        ));
    }
    let used = iam.key_use(new).map_err(|error| error.with_help())?;
    if used.last == LastUse::Never && !patience.is_forced {
        let why = format!("{new} was not used yet; once programs use it, IAM says so some hours later");
        return Ok(Next::Wait { until: None, why });
    }
    let last = iam.key_use(old.id).map_err(|error| error.with_help())?.last.at();
    let handed = record.handed_at.unwrap_or(now);
    let quiet = last.map_or(handed, |last| later(last, patience.quiet_for).max(handed));
    let until = later(quiet, REPORTING_DELAY);
    let why = match last {
        Some(last) => format!("{} was used last at {last:.0}", old.id),
        None => format!("{} was never used, as far as IAM knows yet", old.id),
    };
    Ok(if until <= now { Next::Deactivate } else { Next::Wait { until: Some(until), why } })
}

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
