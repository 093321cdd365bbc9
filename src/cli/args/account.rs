//! Whose the keys are, as typed.

use akid::aws::AccountId;
#[cfg(feature = "respond")]
use akid::owner::KeyState;
use akid::owner::Ownership;
#[cfg(feature = "respond")]
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

/// Which accounts are the user's.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Accounts")]
pub(in crate::cli) struct OwnArgs {
    /// One of your AWS accounts; repeatable
    #[arg(long, value_name = "ACCOUNT", value_parser = parse_account)]
    pub(in crate::cli) own_account: Vec<AccountId>,
}

/// Whose the keys are.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Accounts")]
pub(in crate::cli) struct AccountArgs {
    #[command(flatten)]
    pub(in crate::cli) own: OwnArgs,
    /// Ask AWS which account owns the keys, using your own credentials
    #[cfg(feature = "sts")]
    #[arg(long, value_name = "WHICH", num_args = 0..=1, require_equals = true, default_missing_value = "all")]
    pub(in crate::cli) resolve: Option<Which>,
    #[cfg(feature = "sts")]
    #[command(flatten)]
    pub(in crate::cli) ask: AskArgs,
}

/// Whether to ask the accounts of keys.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Accounts")]
pub(in crate::cli) struct StatusOptions {
    /// Ask the accounts of your keys whether the keys are active and when they were used, using your own credentials
    #[cfg(feature = "respond")]
    #[arg(long)]
    pub(in crate::cli) status: bool,
    /// Fail only on keys in these states, as `--status` reports them; a key that was not asked about is `unknown`
    /// [default: all]
    #[cfg(feature = "respond")]
    #[arg(long, help_heading = "Exit code", value_name = "STATE", value_delimiter = ',', value_parser = state_parser())]
    pub(in crate::cli) fail_status: Vec<KeyState>,
    #[cfg(feature = "respond")]
    #[command(flatten)]
    pub(in crate::cli) reach: super::reach::ReachArgs,
}

#[cfg(feature = "sts")]
impl StatusOptions {
    /// Whether accounts are to be asked.
    pub(in crate::cli) fn is_wanted(&self) -> bool {
        #[cfg(feature = "respond")]
        return self.status;
        #[cfg(not(feature = "respond"))]
        return false;
    }
}

/// How to ask AWS.
#[cfg(feature = "sts")]
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Asking AWS")]
pub(in crate::cli) struct AskArgs {
    /// Use the credentials of this AWS profile
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) profile: Option<String>,
    /// Send requests to this AWS region; with the status of keys, repeat it to read the events of more regions
    #[arg(long, value_name = "REGION", value_parser = parse_region)]
    pub(in crate::cli) region: Vec<String>,
    /// Assume this role first
    #[arg(long, value_name = "ARN", value_parser = parse_role)]
    pub(in crate::cli) role_arn: Option<String>,
    /// ARN or serial number of the MFA device that the role requires
    #[arg(long, value_name = "ARN|SERIAL", requires = "role_arn")]
    pub(in crate::cli) mfa_serial: Option<akid::resolve::sts::MfaSerial>,
    /// Current code of the MFA device; akid asks on the terminal if it is missing
    #[arg(long, value_name = "CODE")]
    pub(in crate::cli) mfa_code: Option<akid::resolve::sts::MfaCode>,
    /// Lifetime of the role's session, in seconds
    #[arg(long, value_name = "SECONDS", requires = "role_arn")]
    pub(in crate::cli) duration_seconds: Option<akid::resolve::sts::SessionDuration>,
    /// Time limit for all requests, in seconds [default: 60]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(in crate::cli) resolve_timeout: Option<u64>,
    /// Do not use or update the cache of AWS's answers
    #[arg(long)]
    pub(in crate::cli) no_cache: bool,
}

/// Which keys AWS is asked about.
#[cfg(feature = "sts")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Which {
    /// Only keys whose ID does not contain the account
    Missing,
    /// All keys, which also confirms what their IDs say
    #[default]
    All,
}

/// Whose findings fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum FailOwner {
    /// Any owner
    #[default]
    All,
    /// Your accounts, and keys whose owner is unknown
    Own,
}

impl FailOwner {
    pub(in crate::cli) const ALL: [Self; 2] = [Self::All, Self::Own];

    pub(in crate::cli) fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Own => "own",
        }
    }

    /// Whether a finding of that owner fails.
    pub(in crate::cli) fn covers(self, ownership: Ownership) -> bool {
        self == Self::All || matches!(ownership, Ownership::Own | Ownership::Unknown)
    }
}

#[cfg(feature = "sts")]
impl AskArgs {
    /// An option that was given: it means nothing unless AWS is asked.
    pub(in crate::cli) fn given(&self) -> Option<&'static str> {
        let options = [
            (self.profile.is_some(), "--profile"),
            (!self.region.is_empty(), "--region"),
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

#[cfg(feature = "respond")]
fn state_parser() -> impl TypedValueParser<Value = KeyState> {
    let words = PossibleValuesParser::new(KeyState::ALL.map(KeyState::as_str));
    words.try_map(|word| KeyState::parse(&word).ok_or("no such state"))
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
