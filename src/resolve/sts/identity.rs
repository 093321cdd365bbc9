//! Who asks, and whether AWS lets them.

use aws_sdk_sts::Client;

use super::error::{Fault, ResolveError};
use crate::aws::AccountId;
use crate::redact::redact;
use crate::resolve::Refusal;

/// What AWS says of the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) account: AccountId,
    /// As it may be shown.
    pub(super) arn: String,
}

/// Asks AWS who the caller is, which every caller may.
pub(super) async fn identify(client: &Client, partition: &'static str) -> Result<Identity, ResolveError> {
    let answer = client.get_caller_identity().send().await.map_err(|error| match Fault::of(&error) {
        Fault::NoAnswer(trouble) => trouble,
        Fault::Refused(refusal, _) => caller_fault(refusal, partition, ResolveError::Refused),
    })?;
    let account = answer.account().and_then(AccountId::parse).ok_or(ResolveError::NotAws(200))?;
    Ok(Identity { account, arn: redact(answer.arn().unwrap_or_default().as_bytes()) })
}

/// Sorts what AWS says against the caller's own credentials; the rest is `other`'s.
pub(super) fn caller_fault(
    refusal: Refusal,
    partition: &'static str,
    other: impl FnOnce(Refusal) -> ResolveError,
) -> ResolveError {
    match refusal.code.as_deref() {
        Some("ExpiredToken" | "ExpiredTokenException" | "RequestExpired") => ResolveError::Expired(refusal),
        Some("InvalidClientTokenId" | "UnrecognizedClientException" | "MissingAuthenticationToken") => {
            ResolveError::UnknownCaller { partition, refusal }
        }
        Some("SignatureDoesNotMatch" | "IncompleteSignature" | "InvalidSignatureException") => {
            ResolveError::Signature(refusal)
        }
        _ => other(refusal),
    }
}

/// The partition of a region. AWS knows a key in its own partition only.
pub(super) fn partition(region: &str) -> &'static str {
    let partitions = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
        ("eusc-", "aws-eusc"),
    ];
    partitions.iter().find(|(start, _)| region.starts_with(start)).map_or("aws", |(_, partition)| partition)
}

/// The operation that made a session that AWS lets call next to nothing of STS, not even GetAccessKeyInfo: told by the
/// caller's ARN. A user or the root user with a token has it from GetSessionToken; a role's session is `assumed-role`.
pub(super) fn powerless_session(arn: &str, has_token: bool) -> Option<&'static str> {
    if arn.contains(":federated-user/") {
        Some("GetFederationToken")
    } else if has_token && arn.contains(":iam:") && (arn.contains(":user/") || arn.ends_with(":root")) {
        Some("GetSessionToken")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_that_may_not_ask_are_told_by_their_arn() {
        let user = "arn:aws:iam::111122223333:user/me";
        assert_eq!(powerless_session(user, true), Some("GetSessionToken"));
        assert_eq!(powerless_session(user, false), None);
        assert_eq!(powerless_session("arn:aws:iam::111122223333:root", true), Some("GetSessionToken"));
        assert_eq!(powerless_session("arn:aws:sts::111122223333:assumed-role/a/x:root", true), None);
        let federated = "arn:aws-cn:sts::111122223333:federated-user/me";
        assert_eq!(powerless_session(federated, true), Some("GetFederationToken"));
        assert_eq!(powerless_session("arn:aws:sts::111122223333:assumed-role/user/me", true), None);
    }

    #[test]
    fn a_region_is_of_one_partition() {
        let partitions = ["us-east-1", "cn-north-1", "us-gov-west-1", "us-isob-east-1"].map(partition);
        assert_eq!(partitions, ["aws", "aws-cn", "aws-us-gov", "aws-iso-b"]);
    }
}
