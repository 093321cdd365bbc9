//! What to do where AWS cannot be asked.

use akid::resolve::sts::ResolveError;

use super::{Remedied, statement};

impl Remedied for ResolveError {
    fn help(&self) -> Option<String> {
        let text = match self {
            Self::Configuration(_) => "check ~/.aws/config and ~/.aws/credentials",
            Self::NoProfile(_) => "`aws configure list-profiles` lists the profiles",
            Self::NoCredentials => {
                "give --profile, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in: `aws sso login`"
            }
            Self::NoRegion => {
                "give --region, AWS_REGION or `region` in the profile; any region of your partition, such as us-east-1"
            }
            Self::Credentials(_) => "`aws sts get-caller-identity` shows whether the AWS CLI has them",
            Self::NobodyThere(_) => "give --mfa-code, or run akid in a terminal, or use a role without MFA",
            Self::NoCode => "give --mfa-code, or type the six digits that the device shows",
            Self::Role { .. } => {
                "check that the role exists and that the caller is allowed sts:AssumeRole on it; then the role's trust \
                 policy with its external ID, the MFA device and its code, and that the duration is not longer than the \
                 role allows"
            }
            Self::Unreachable(_) => {
                "check the network, HTTPS_PROXY, and AWS_ENDPOINT_URL or `endpoint_url` if one is set"
            }
            Self::TimedOut(_) => "try again, or allow more time: --resolve-timeout SECONDS",
            Self::Busy(_) => "try again later; AWS_MAX_ATTEMPTS sets how often the SDK tries",
            Self::NotAws(_) | Self::TooLong => {
                "check AWS_ENDPOINT_URL, and look for a proxy or sign-in page on the way to AWS"
            }
            Self::Expired(_) => "renew them, or sign in again: `aws sso login`",
            Self::UnknownCaller { .. } => {
                "the key may be inactive or deleted, or of another partition: keys of China need --region cn-north-1, \
                 those of GovCloud us-gov-west-1"
            }
            Self::Signature(_) => {
                "check the secret that belongs to the caller's key ID, and this machine's clock"
            }
            Self::Session { .. } => {
                "use the long-term key itself, or a role: --role-arn, with --mfa-serial if it asks for MFA. A session of \
                 GetSessionToken may assume one"
            }
            Self::Refused(_) => "`aws sts get-caller-identity` shows what AWS answers the AWS CLI",
            Self::Stopped => "run it again",
            Self::SignIn { session: Some(session), .. } => {
                return Some(format!("run `aws sso login --sso-session {session}`"));
            }
            Self::SignIn { profile, session: None } => {
                return Some(format!("run `aws sso login --profile {profile}`"));
            }
            Self::Login(profile) => {
                return Some(format!(
                    "make another profile with `credential_process = aws configure export-credentials --profile \
                     {profile}` and name that one with --profile"
                ));
            }
            Self::AccessDenied { .. } => return Some(statement("sts:GetAccessKeyInfo")),
        };
        Some(text.to_owned())
    }
}
