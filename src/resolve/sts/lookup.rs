//! The questions: one for each key ID, a few at once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use aws_sdk_sts::Client;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::error::{Fault, ResolveError};
use crate::aws::{AccessKeyId, AccountId};
use crate::resolve::{Answer, Refusal};
use crate::stop::Stop;

/// How many questions are open at once at most.
const AT_ONCE: usize = 8;
/// How often it is looked whether the user has had enough.
const TICK: Duration = Duration::from_millis(100);

/// What came of one question.
pub(super) type Reply = Result<Answer, ResolveError>;

/// When to give up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    pub(super) at: Instant,
    /// How long that was from the start, for telling.
    pub(super) after: Duration,
}

/// Asks about each of `ids` on behalf of `caller`. Each has its reply in the result, whatever happens.
pub(super) async fn ask_all(
    client: &Client,
    caller: &str,
    ids: &BTreeSet<AccessKeyId>,
    deadline: Deadline,
    stop: &Stop,
) -> BTreeMap<AccessKeyId, Reply> {
    let mut replies = BTreeMap::new();
    let mut waiting = ids.iter().copied();
    let mut open = JoinSet::new();
    let gave_up = loop {
        while open.len() < AT_ONCE
            && let Some(id) = waiting.next()
        {
            let (client, caller) = (client.clone(), caller.to_owned());
            open.spawn(async move { (id, ask(&client, &caller, id).await) });
        }
        if stop.is_stopped() {
            break ResolveError::Stopped;
        }
        let left = deadline.at.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break ResolveError::TimedOut(deadline.after);
        }
        match timeout(left.min(TICK), open.join_next()).await {
            // Nobody who may not ask about one key may ask about another.
            Ok(Some(Ok((id, Err(denied @ ResolveError::AccessDenied { .. }))))) => {
                replies.insert(id, Err(denied.clone()));
                break denied;
            }
            Ok(Some(Ok((id, reply)))) => drop(replies.insert(id, reply)),
            // A panic in the SDK: its key has no reply, and gets one below.
            Ok(Some(Err(_))) | Err(_) => {}
            Ok(None) => break ResolveError::Unreachable("the SDK failed".to_owned()),
        }
    };
    open.abort_all();
    for id in ids {
        replies.entry(*id).or_insert_with(|| Err(gave_up.clone()));
    }
    replies
}

/// Asks about one key ID, after all that the SDK tries.
async fn ask(client: &Client, caller: &str, id: AccessKeyId) -> Reply {
    let answer = match client.get_access_key_info().access_key_id(id.as_str()).send().await {
        Ok(answer) => answer,
        Err(error) => return refused(Fault::of(&error), caller),
    };
    match answer.account().and_then(AccountId::parse) {
        Some(account) => Ok(Answer::Account(account)),
        None => Err(ResolveError::NotAws(200)),
    }
}

/// Sorts what is no account: what is said against the caller is a trouble; whatever else AWS answers is about the key,
/// since AWS documents no error for that.
fn refused(fault: Fault, caller: &str) -> Reply {
    let (refusal, status) = match fault {
        Fault::NoAnswer(trouble) => return Err(trouble),
        Fault::Refused(refusal, status) => (refusal, status),
    };
    let denied = |refusal: Refusal| ResolveError::AccessDenied { caller: caller.to_owned(), refusal };
    match refusal.code.as_deref() {
        Some("AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation") => Err(denied(refusal)),
        Some("ExpiredToken" | "ExpiredTokenException" | "RequestExpired") => {
            Err(ResolveError::Expired(refusal))
        }
        Some("SignatureDoesNotMatch" | "IncompleteSignature" | "InvalidSignatureException") => {
            Err(ResolveError::Signature(refusal))
        }
        None if status == 403 => Err(denied(refusal)),
        None => Err(ResolveError::NotAws(status)),
        Some(_) => Ok(Answer::Unknown(refusal)),
    }
}
