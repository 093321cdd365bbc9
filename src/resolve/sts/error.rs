//! Why AWS cannot be asked.

use std::error::Error;
use std::time::Duration;

use aws_sdk_sts::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::RequestId;

use super::connection::MAX_ANSWER;
use crate::resolve::Refusal;
use crate::resolve::answer::shown;

/// Why AWS cannot be asked whose keys are. Every text in one may be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// A configuration file is not readable, or makes no sense.
    #[error("the AWS configuration is invalid: {0}")]
    Configuration(String),
    /// A profile is named that is not there.
    #[error("there is no AWS profile `{0}`")]
    NoProfile(String),
    /// No credentials are anywhere.
    #[error("no AWS credentials were found")]
    NoCredentials,
    /// No region is set.
    #[error("no AWS region is set")]
    NoRegion,
    /// A profile of IAM Identity Center is not signed in.
    #[error("profile `{profile}` is not signed in to IAM Identity Center, or its session has expired")]
    SignIn {
        /// The profile.
        profile: String,
        /// The `sso-session` that it is part of.
        session: Option<String>,
    },
    /// A profile of `aws login`, which akid cannot read.
    #[error("profile `{0}` uses `aws login`, whose credentials akid cannot read")]
    Login(String),
    /// Some provider of credentials failed.
    #[error("the AWS credentials could not be loaded: {0}")]
    Credentials(String),
    /// A code of an MFA device is needed, and nobody can be asked for it.
    #[error("a code of the MFA device {0} is required, but no terminal is attached")]
    NobodyThere(String),
    /// The person gave no code.
    #[error("no MFA code was given")]
    NoCode,
    /// A role was not granted.
    #[error("the role {role} cannot be assumed: {refusal}")]
    Role {
        /// Its ARN.
        role: String,
        /// What AWS says.
        refusal: Refusal,
    },
    /// There was no answer.
    #[error("AWS cannot be reached: {0}")]
    Unreachable(String),
    /// There was no answer in time.
    #[error("AWS did not answer within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// AWS, or what stands before it, is out of order or too busy, whatever the SDK tried.
    #[error("AWS is not available now: {0}")]
    Busy(Refusal),
    /// What answered is not AWS.
    #[error("the endpoint is not AWS: HTTP status {0} without an AWS error")]
    NotAws(u16),
    /// What answered sent more than AWS does.
    #[error("the endpoint is not AWS: it sent more than {} kB", MAX_ANSWER >> 10)]
    TooLong,
    /// The caller's credentials are over.
    #[error("the caller's AWS credentials have expired: {0}")]
    Expired(Refusal),
    /// AWS does not know the caller's key.
    #[error("AWS does not know the caller's own key in partition {partition}: {refusal}")]
    UnknownCaller {
        /// Where AWS was asked.
        partition: &'static str,
        /// What AWS says.
        refusal: Refusal,
    },
    /// The caller's secret does not belong to the caller's key ID, or the clock is wrong.
    #[error("AWS rejected the caller's signature: {0}")]
    Signature(Refusal),
    /// The caller may not ask.
    #[error("the caller {caller} is not allowed to look up keys: {refusal}")]
    AccessDenied {
        /// The caller's ARN.
        caller: String,
        /// What AWS says.
        refusal: Refusal,
    },
    /// The caller has a session that AWS does not let ask.
    #[error(
        "the caller {caller} uses a session of {operation}, and AWS does not let such sessions look up keys"
    )]
    Session {
        /// The caller's ARN.
        caller: String,
        /// The operation that made the session.
        operation: &'static str,
    },
    /// AWS said something that akid knows nothing of.
    #[error("AWS did not identify the caller: {0}")]
    Refused(Refusal),
    /// The user stopped it.
    #[error("stopped before AWS answered")]
    Stopped,
}

/// An error of the SDK, sorted by what can be done about it.
pub(in crate::resolve) enum Fault {
    /// There was no answer, or none of AWS.
    NoAnswer(ResolveError),
    /// AWS answered with an error, of this HTTP status.
    Refused(Refusal, u16),
}

impl Fault {
    /// Sorts an error of the SDK, after all that the SDK tried.
    pub(in crate::resolve) fn of<E>(error: &SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
        SdkError<E>: RequestId,
    {
        let status = error.raw_response().map_or(0, |response| response.status().as_u16());
        let refusal = Refusal::new(error.code(), error.message(), error.request_id());
        match error {
            SdkError::ServiceError(_) if refusal.code.is_none() && status < 400 => {
                Self::NoAnswer(ResolveError::NotAws(status))
            }
            SdkError::ServiceError(_) if status >= 500 || is_throttling(error.code()) => {
                Self::NoAnswer(ResolveError::Busy(refusal))
            }
            SdkError::ServiceError(_) => Self::Refused(refusal, status),
            // What is there could not be read as an answer of AWS.
            SdkError::ResponseError(_) if says(error, "length limit exceeded") => {
                Self::NoAnswer(ResolveError::TooLong)
            }
            SdkError::ResponseError(_) => Self::NoAnswer(ResolveError::NotAws(status)),
            _ => Self::NoAnswer(ResolveError::Unreachable(causes(error))),
        }
    }
}

/// Whether AWS says "too fast", which it does with HTTP status 400.
fn is_throttling(code: Option<&str>) -> bool {
    let codes = [
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "SlowDown",
        "BandwidthLimitExceeded",
        "PriorRequestNotComplete",
    ];
    code.is_some_and(|code| codes.contains(&code))
}

/// An error and its causes, as they may be shown, without what is said twice.
pub(super) fn causes(error: &dyn Error) -> String {
    let mut told: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if !told.iter().any(|earlier| earlier.contains(&text)) {
            told.push(text);
        }
        next = error.source();
    }
    shown(&told.join(": "))
}

/// Whether some cause of an error says `text`.
pub(super) fn says(error: &dyn Error, text: &str) -> bool {
    format!("{}", DisplayErrorContext(error)).contains(text)
}
