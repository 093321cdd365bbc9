//! Roles that akid assumes itself.

use aws_sdk_sts::Client;
use aws_sdk_sts::config::Credentials;

use super::error::{Fault, ResolveError};
use super::identity::caller_fault;
use super::mfa::{MfaCode, MfaSerial, SessionDuration};
use crate::redact::redact;

/// A role to assume.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// The device that it asks for.
    pub mfa: Option<MfaSerial>,
    /// How long its session lives.
    pub duration: Option<SessionDuration>,
    /// The external ID that its trust policy asks for.
    pub external_id: Option<String>,
    /// How the session is named in the logs.
    pub session_name: Option<String>,
}

/// How a person is asked for the code of a device.
pub type Prompt<'a> = &'a dyn Fn(&MfaSerial) -> Result<MfaCode, ResolveError>;

/// How the session is named in the log of the role's account, unless the profile says.
const SESSION_NAME: &str = "akid";

/// Assumes a role, with MFA if it has a device.
pub(super) async fn assume(
    client: &Client,
    role: &Role,
    code: Option<&MfaCode>,
    partition: &'static str,
) -> Result<Credentials, ResolveError> {
    let request = client
        .assume_role()
        .role_arn(&role.arn)
        .role_session_name(role.session_name.as_deref().unwrap_or(SESSION_NAME))
        .set_external_id(role.external_id.clone())
        .set_duration_seconds(role.duration.map(super::SessionDuration::seconds))
        .set_serial_number(role.mfa.as_ref().map(|serial| serial.as_str().to_owned()))
        .set_token_code(code.map(|code| code.expose().to_owned()));
    let answer = request.send().await.map_err(|error| match Fault::of(&error) {
        Fault::NoAnswer(trouble) => trouble,
        Fault::Refused(refusal, _) => caller_fault(refusal, partition, |refusal| ResolveError::Role {
            role: redact(role.arn.as_bytes()),
            refusal,
        }),
    })?;
    let Some(granted) = answer.credentials() else { return Err(ResolveError::NotAws(200)) };
    Ok(Credentials::new(
        granted.access_key_id(),
        granted.secret_access_key(),
        Some(granted.session_token().to_owned()),
        None,
        "akid",
    ))
}
