//! One key of the caller's accounts, that something is to be done with.

use std::path::PathBuf;
use std::rc::Rc;

use akid::aws::AccessKeyId;
use akid::owner::{Account as OwnAccount, Claim, KnownBy, Ownership};
use akid::resolve::respond::{Account, KeyFacts, OwnerSide, Wanted, status};
use akid::resolve::{Answer, Caller};
use akid::stop::Stop;
use anyhow::{anyhow, bail};
use clap::Args;
use jiff::Timestamp;

use super::ReachArgs;
use crate::cli::account_args::{AskArgs, Which};
use crate::cli::ask::{Question, is_nobodys};
use crate::cli::config::{Loaded, nearest};
use crate::cli::output;

/// How the account of a key is reached.
#[derive(Args, Debug)]
pub(super) struct TargetArgs {
    /// Use this configuration instead of the nearest `.akid.toml`
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    config: Option<PathBuf>,
    /// Ignore any configuration
    #[arg(long)]
    no_config: bool,
    #[command(flatten)]
    reach: ReachArgs,
    #[command(flatten)]
    ask: AskArgs,
}

/// What is known of a key, and the account that it is of.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) account: Rc<Account>,
    pub(super) facts: KeyFacts,
    /// Whether akid itself signs with it.
    pub(super) is_callers: bool,
    /// Who asks.
    pub(super) caller: Caller,
}

impl Target {
    /// Signs in, and asks the account of a key about it.
    pub(super) fn open(
        id: AccessKeyId,
        args: &TargetArgs,
        now: Timestamp,
        stop: &Stop,
    ) -> anyhow::Result<Self> {
        if is_nobodys(id) {
            bail!("{id} is a documented example or a placeholder");
        }
        let near = nearest(&[PathBuf::from(".")]).filter(|_| !args.no_config);
        let loaded = Loaded::of_file(args.config.clone(), near)?;
        let question = Question::new(Which::Missing, &args.ask);
        let session = question.sign_in(stop).map_err(|trouble| anyhow!(trouble.with_help()))?;
        output::hide(&question.known());
        let side = OwnerSide::new(session, args.reach.reach(&loaded), stop);
        let claim = match id.account() {
            Some(account) => Claim { id: account, known_by: KnownBy::KeyId },
            None => match side.look_up(&[id].into(), None).answers.remove(&id) {
                Some(Answer::Account(account)) => Claim { id: account, known_by: KnownBy::Sts },
                other => {
                    let why = other.as_ref().and_then(Answer::problem).unwrap_or_default();
                    bail!("the account of {id} is not known: {why}");
                }
            },
        };
        let account = side.account(claim.id).map_err(|lack| {
            let help = lack.help.map(|help| format!("\nhelp: {help}")).unwrap_or_default();
            anyhow!("{id}: {}{help}", lack.why)
        })?;
        output::hide(&question.known());
        let wanted = Wanted { activity: false, region: args.ask.region.clone() };
        let mut facts = status(&account, id, &wanted, now);
        facts.account = OwnAccount::of([claim]);
        let caller = side.caller().clone();
        if caller.account == claim.id || loaded.config.own_accounts.contains(&claim.id) {
            facts.owner.ownership = Ownership::Own;
        }
        Ok(Self { account, facts, is_callers: caller.key_ids.contains(&id), caller })
    }

    /// The account, in digits.
    pub(super) fn account_id(&self) -> String {
        self.facts.account.map(|account| account.id.to_string()).unwrap_or_default()
    }
}

/// Reads a key ID that was typed, and does not repeat what is none: it may be a secret.
pub(super) fn parse_id(text: &str) -> Result<AccessKeyId, String> {
    AccessKeyId::parse(text.trim().as_bytes())
        .ok_or_else(|| "not an access key ID: it is AKIA or ASIA and 16 more of A-Z and 2-7".to_owned())
}
