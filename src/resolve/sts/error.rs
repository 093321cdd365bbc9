//! Why AWS cannot be asked, and the way out of it.

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

impl ResolveError {
    /// The way out.
    pub fn help(&self) -> String {
        match self {
            Self::Configuration(_) => "check ~/.aws/config and ~/.aws/credentials".to_owned(),
            Self::NoProfile(_) => "`aws configure list-profiles` lists the profiles".to_owned(),
            Self::NoCredentials => {
                "give --profile, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in: `aws sso login`".to_owned()
            }
            Self::NoRegion => {
                "give --region, AWS_REGION or `region` in the profile; any region of your partition, such as us-east-1".to_owned()
            }
            Self::SignIn { session: Some(session), .. } => format!("run `aws sso login --sso-session {session}`"),
            Self::SignIn { profile, session: None } => format!("run `aws sso login --profile {profile}`"),
            Self::Login(profile) => format!(
                "make another profile with `credential_process = aws configure export-credentials --profile {profile}` \
                 and name that one with --profile"
            ),
            Self::Credentials(_) => "`aws sts get-caller-identity` shows whether the AWS CLI has them".to_owned(),
            Self::NobodyThere(_) => {
                "give --mfa-code, or run akid in a terminal, or use a role without MFA".to_owned()
            }
            Self::NoCode => "give --mfa-code, or type the six digits that the device shows".to_owned(),
            Self::Role { .. } => {
                "check that the role exists and that the caller is allowed sts:AssumeRole on it; then the role's trust \
                 policy with its external ID, the MFA device and its code, and that the duration is not longer than the \
                 role allows".to_owned()
            }
            Self::Unreachable(_) => {
                "check the network, HTTPS_PROXY, and AWS_ENDPOINT_URL or `endpoint_url` if one is set".to_owned()
            }
            Self::TimedOut(_) => "try again, or allow more time: --resolve-timeout SECONDS".to_owned(),
            Self::Busy(_) => "try again later; AWS_MAX_ATTEMPTS sets how often the SDK tries".to_owned(),
            Self::NotAws(_) | Self::TooLong => "check AWS_ENDPOINT_URL, and look for a proxy or sign-in page on the way to AWS".to_owned(),
            Self::Expired(_) => "renew them, or sign in again: `aws sso login`".to_owned(),
            Self::UnknownCaller { .. } => {
                "the key may be inactive or deleted, or of another partition: keys of China need --region cn-north-1, \
                 those of GovCloud us-gov-west-1".to_owned()
            }
            Self::Signature(_) => "check the secret that belongs to the caller's key ID, and this machine's clock".to_owned(),
            Self::AccessDenied { .. } => format!("the caller needs this policy statement\n  {STATEMENT}"),
            Self::Session { .. } => {
                "use the long-term key itself, or a role: --role-arn, with --mfa-serial if it asks for MFA. A session of \
                 GetSessionToken may assume one".to_owned()
            }
            Self::Refused(_) => "`aws sts get-caller-identity` shows what AWS answers the AWS CLI".to_owned(),
            Self::Stopped => "run it again".to_owned(),
        }
    }

    /// The trouble and the way out, as it may be shown.
    pub fn with_help(&self) -> String {
        format!("{self}\nhelp: {}", self.help())
    }
}

/// All that a caller must be allowed to do.
const STATEMENT: &str = r#"{"Effect": "Allow", "Action": "sts:GetAccessKeyInfo", "Resource": "*"}"#;

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
