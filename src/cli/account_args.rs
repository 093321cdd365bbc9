//! Whose the keys are, as typed.

use akid::aws::AccountId;
use akid::owner::Ownership;
use clap::{Args, ValueEnum};

/// Whose the keys are.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Accounts")]
pub(super) struct AccountArgs {
    /// An account of your own: its keys are worse to leak; repeatable
    #[arg(long, value_name = "ACCOUNT", value_parser = parse_account)]
    pub(super) own_account: Vec<AccountId>,
    /// Ask AWS whose the keys are, with your own credentials: of those whose ID does not tell it, or of all
    #[cfg(feature = "sts")]
    #[arg(long, value_name = "WHICH", num_args = 0..=1, require_equals = true, default_missing_value = "all")]
    pub(super) resolve: Option<Which>,
    #[cfg(feature = "sts")]
    #[command(flatten)]
    pub(super) ask: AskArgs,
}

/// How to ask AWS.
#[cfg(feature = "sts")]
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Asking AWS")]
pub(super) struct AskArgs {
    /// Ask with the credentials of this AWS profile
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// Ask in this AWS region
    #[arg(long, value_name = "REGION", value_parser = parse_region)]
    pub(super) region: Option<String>,
    /// Ask as this role, assumed first
    #[arg(long, value_name = "ARN", value_parser = parse_role)]
    pub(super) role_arn: Option<String>,
    /// The MFA device that the role asks for: its ARN or serial number
    #[arg(long, value_name = "ARN|SERIAL", requires = "role_arn")]
    pub(super) mfa_serial: Option<akid::resolve::sts::MfaSerial>,
    /// The code that the MFA device shows; asked for on the terminal if it is needed and not given
    #[arg(long, value_name = "CODE")]
    pub(super) mfa_code: Option<akid::resolve::sts::MfaCode>,
    /// How long the role's session is to live, in seconds
    #[arg(long, value_name = "SECONDS", requires = "role_arn")]
    pub(super) duration_seconds: Option<akid::resolve::sts::SessionDuration>,
    /// How long asking may take, in seconds [default: 60]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(super) resolve_timeout: Option<u64>,
    /// Neither use nor keep what AWS said before
    #[arg(long)]
    pub(super) no_cache: bool,
}

/// Which keys AWS is asked about.
#[cfg(feature = "sts")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Which {
    /// Those whose account is not known without asking
    Missing,
    /// All, so that what their IDs say is confirmed
    #[default]
    All,
}

/// Whose findings fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOwner {
    /// Anyone's
    #[default]
    All,
    /// Your own, and those whose owner is not known
    Own,
}

impl FailOwner {
    pub(super) const ALL: [Self; 2] = [Self::All, Self::Own];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Own => "own",
        }
    }

    /// Whether a finding of that owner fails.
    pub(super) fn covers(self, ownership: Ownership) -> bool {
        self == Self::All || matches!(ownership, Ownership::Own | Ownership::Unknown)
    }
}

#[cfg(feature = "sts")]
impl AskArgs {
    /// An option that was given: it means nothing unless AWS is asked.
    pub(super) fn given(&self) -> Option<&'static str> {
        let options = [
            (self.profile.is_some(), "--profile"),
            (self.region.is_some(), "--region"),
            (self.role_arn.is_some(), "--role-arn"),
            (self.mfa_code.is_some(), "--mfa-code"),
            (self.resolve_timeout.is_some(), "--resolve-timeout"),
            (self.no_cache, "--no-cache"),
        ];
        options.into_iter().find_map(|(is_given, option)| is_given.then_some(option))
    }
}

fn parse_account(text: &str) -> Result<AccountId, String> {
    AccountId::parse(text).ok_or_else(|| "not an account: it is twelve digits".to_owned())
}

/// A region becomes part of a host's name.
#[cfg(feature = "sts")]
fn parse_region(text: &str) -> Result<String, String> {
    let is_letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let is_region = (4..=32).contains(&text.len()) && text.bytes().all(is_letter);
    is_region.then(|| text.to_owned()).ok_or_else(|| "not a region, such as us-east-1".to_owned())
}

#[cfg(feature = "sts")]
fn parse_role(text: &str) -> Result<String, String> {
    let mut parts = text.splitn(6, ':');
    let is_role = parts.next() == Some("arn")
        && parts.next().is_some_and(|partition| partition.starts_with("aws"))
        && parts.next() == Some("iam")
        && parts.next() == Some("")
        && parts.next().and_then(AccountId::parse).is_some()
        && parts.next().is_some_and(|name| name.starts_with("role/") && name.len() > 5);
    is_role
        .then(|| text.to_owned())
        .ok_or_else(|| "not the ARN of a role, such as arn:aws:iam::123456789012:role/auditor".to_owned())
}

#[cfg(all(test, feature = "sts"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_region_or_role_is_refused() {
        assert!(parse_region("us-gov-west-1").is_ok());
        assert!(
            ["us", "US-EAST-1", "us-east-1.example.net", "x/y/z-1"]
                .iter()
                .all(|text| parse_region(text).is_err())
        );
        assert!(parse_role("arn:aws-cn:iam::111122223333:role/path/auditor").is_ok());
        for text in [
            "auditor",
            "arn:aws:iam::111122223333:user/me",
            "arn:aws:iam::1:role/x",
            "arn:aws:iam::111122223333:role/",
        ] {
            assert!(parse_role(text).is_err(), "{text}");
        }
    }
}
