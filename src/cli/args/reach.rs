//! Which accounts may be asked, as typed.

use akid::resolve::sts::MfaSerial;
use clap::Args;

/// How accounts are asked that are not the caller's.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Other accounts")]
pub(in crate::cli) struct ReachArgs {
    /// Assume the role of this name in each account that is not the caller's
    #[arg(long, value_name = "NAME", value_parser = parse_role_name)]
    pub(in crate::cli) role_name: Option<String>,
    /// External ID that the trust policies of these roles require
    #[arg(long, value_name = "ID", requires = "role_name")]
    pub(in crate::cli) external_id: Option<String>,
    /// ARN or serial number of the MFA device that these roles require; akid asks for a code for each role
    #[arg(long, value_name = "ARN|SERIAL", requires = "role_name")]
    pub(in crate::cli) role_mfa_serial: Option<MfaSerial>,
    /// Assume the role only in accounts of the caller's organization, and ask all of them about keys whose account is
    /// unknown
    #[arg(long, requires = "role_name")]
    pub(in crate::cli) organization: bool,
}

impl ReachArgs {
    /// An option that was given: it means nothing unless accounts are asked.
    pub(in crate::cli) fn given(&self) -> Option<&'static str> {
        let options = [(self.role_name.is_some(), "--role-name"), (self.organization, "--organization")];
        options.into_iter().find_map(|(is_given, option)| is_given.then_some(option))
    }
}

/// The name of a role, with its path, becomes part of an ARN.
fn parse_role_name(text: &str) -> Result<String, String> {
    let is_letter = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@/-".contains(&b);
    let is_name = (1..=512).contains(&text.len()) && text.bytes().all(is_letter) && !text.starts_with('/');
    is_name.then(|| text.to_owned()).ok_or_else(|| "not the name of a role, such as auditor".to_owned())
}

#[cfg(test)]
mod tests {
    use super::parse_role_name;

    #[test]
    fn a_role_is_named_without_its_arn() {
        assert!(parse_role_name("audit/akid-Auditor_1").is_ok());
        for text in ["", "/auditor", "arn:aws:iam::1:role/x", "a b"] {
            assert!(parse_role_name(text).is_err(), "{text}");
        }
    }
}
