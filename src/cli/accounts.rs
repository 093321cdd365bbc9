//! Whose accounts are whose: options and configuration put together.

use akid::resolve::Accounts;
use anyhow::bail;

use super::account_args::{AccountArgs, FailOwner};
use super::config::Config;

/// What the user says of accounts.
pub(super) fn accounts(args: &AccountArgs, config: &Config) -> Accounts {
    let own = args.own_account.iter().chain(&config.own_accounts).copied().collect();
    Accounts { own, names: config.accounts.clone() }
}

/// Refuses to fail on a user's own keys only, where none can be told to be theirs: that is a slip, and all would fail.
pub(super) fn check_fail_owner(
    fail_owner: FailOwner,
    accounts: &Accounts,
    _args: &AccountArgs,
) -> anyhow::Result<()> {
    if fail_owner == FailOwner::Own && accounts.own.is_empty() {
        bail!(
            "to fail on your own keys only, akid must know your accounts\n\
             help: name them with --own-account or `own-accounts` in `.akid.toml`"
        );
    }
    Ok(())
}
