//! How requests are sent and their errors sorted, whichever service they are for.

use std::error::Error;
use std::pin::pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_iam::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_iam::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_iam::error::{BoxError, ProvideErrorMetadata, SdkError};
use aws_sdk_iam::operation::RequestId;
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use tokio::time::timeout;

use crate::resolve::respond::{CallError, Cause};
use crate::resolve::sts::error::Fault;
use crate::resolve::sts::{ResolveError, Session};
use crate::stop::Stop;

/// How often it is checked whether the user has stopped akid.
const TICK: Duration = Duration::from_millis(100);

/// A session that can be asked until the user stops it.
#[derive(Clone, Debug)]
pub(in crate::resolve::respond) struct Link {
    session: Rc<Session>,
    stop: Stop,
}

impl Link {
    pub(in crate::resolve::respond) fn new(session: Rc<Session>, stop: Stop) -> Self {
        Self { session, stop }
    }

    /// Waits for an answer, and sorts what is none.
    pub(super) fn call<T, E>(
        &self,
        action: &'static str,
        request: impl Future<Output = Result<T, SdkError<E>>>,
    ) -> Result<T, CallError>
    where
        E: ProvideErrorMetadata + Error + 'static,
        SdkError<E>: RequestId,
    {
        match self.wait(request) {
            Some(answer) => answer.map_err(|error| CallError { action, cause: cause(&error) }),
            None => Err(CallError { action, cause: Cause::Failed(ResolveError::Stopped) }),
        }
    }

    /// Waits for an answer even if the user stops akid meanwhile: what it brings is nowhere else.
    pub(super) fn finish<T, E>(
        &self,
        action: &'static str,
        request: impl Future<Output = Result<T, SdkError<E>>>,
    ) -> Result<T, CallError>
    where
        E: ProvideErrorMetadata + Error + 'static,
        SdkError<E>: RequestId,
    {
        let answer = self.session.base().0.block_on(request);
        answer.map_err(|error| CallError { action, cause: cause(&error) })
    }

    /// Waits for the end of `work`; `None` if the user stops akid first.
    pub(in crate::resolve::respond) fn wait<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.session.base().0.block_on(async {
            let mut work = pin!(work);
            while !self.stop.is_stopped() {
                if let Ok(done) = timeout(TICK, &mut work).await {
                    return Some(done);
                }
            }
            None
        })
    }

    /// Waits for a while, or until the user stops akid.
    pub(super) fn pause(&self, time: Duration) {
        // A timer is made inside the runtime.
        self.wait(async { tokio::time::sleep(time).await });
    }
}

/// What an answer is that is not AWS's own.
pub(super) fn not_aws(action: &'static str) -> CallError {
    CallError { action, cause: Cause::Failed(ResolveError::NotAws(200)) }
}

fn cause<E>(error: &SdkError<E>) -> Cause
where
    E: ProvideErrorMetadata + Error + 'static,
    SdkError<E>: RequestId,
{
    let (refusal, status) = match Fault::of(error) {
        Fault::NoAnswer(trouble) => return Cause::Failed(trouble),
        Fault::Refused(refusal, status) => (refusal, status),
    };
    match refusal.code.as_deref() {
        Some("AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation") => Cause::Denied(refusal),
        None if status == 403 => Cause::Denied(refusal),
        Some("NoSuchEntity" | "NoSuchEntityException") => Cause::Absent(refusal),
        Some("ExpiredToken" | "ExpiredTokenException" | "RequestExpired") => {
            Cause::Failed(ResolveError::Expired(refusal))
        }
        Some("SignatureDoesNotMatch" | "IncompleteSignature" | "InvalidSignatureException") => {
            Cause::Failed(ResolveError::Signature(refusal))
        }
        None => Cause::Failed(ResolveError::NotAws(status)),
        Some(_) => Cause::Refused(refusal),
    }
}

/// A time of the SDK's.
pub(super) fn timestamp(time: &DateTime) -> Option<Timestamp> {
    Timestamp::from_second(time.secs()).ok()
}

/// Remembers what AWS's clock said last: the Date header of each answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock(Arc<Mutex<Option<Timestamp>>>);

impl Clock {
    pub(super) fn last(&self) -> Option<Timestamp> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for Clock {
    fn name(&self) -> &'static str {
        "clock"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|date| DateTimeParser::new().parse_timestamp(date).ok());
        if let Some(date) = date {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(date);
        }
        Ok(())
    }
}
