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

fn parse_account(text: &str) -> Result<AccountId, String> {
    AccountId::parse(text).ok_or_else(|| "not an account: it is twelve digits".to_owned())
}
