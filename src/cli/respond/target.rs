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

use crate::cli::args::account::{AskArgs, Which};
use crate::cli::args::reach::ReachArgs;
use crate::cli::ask::{Question, is_nobodys};
use crate::cli::config::{Loaded, nearest};
use crate::cli::inquiry::reach;
use crate::cli::output;
use crate::cli::remedy::{Remedied, lack_with_help};
use crate::cli::typed::key_id_fault;

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
            bail!("{id} is a documented example or a placeholder, which opens nothing");
        }
        let near = nearest(&[PathBuf::from(".")]).filter(|_| !args.no_config);
        let loaded = Loaded::of_file(args.config.clone(), near)?;
        let question = Question::new(Which::Missing, &args.ask);
        let session = question.sign_in(stop).map_err(|trouble| anyhow!(trouble.with_help()))?;
        output::hide(&question.known());
        let prompt = question.prompt(stop);
        let side = OwnerSide::new(session, reach(&args.reach, &loaded), &prompt, stop);
        let claim = match id.account() {
            Some(account) => Claim { id: account, known_by: KnownBy::KeyId },
            None => match side.look_up(&[id].into(), None).answers.remove(&id) {
                Some(Answer::Account(account)) => Claim { id: account, known_by: KnownBy::Sts },
                other => located(&side, id, other.as_ref(), now)?,
            },
        };
        let account = side.account(claim.id).map_err(|lack| anyhow!("{id}: {}", lack_with_help(&lack)))?;
        output::hide(&question.known());
        let wanted = Wanted { activity: false, regions: args.ask.region.clone() };
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

/// The account of a key that AWS did not tell, if one of the organization has it.
fn located(
    side: &OwnerSide<'_>,
    id: AccessKeyId,
    answer: Option<&Answer>,
    now: Timestamp,
) -> anyhow::Result<Claim> {
    let why = answer.and_then(Answer::problem).unwrap_or_default();
    let Some(facts) = side.locate(id, &Wanted::default(), now) else {
        bail!(
            "the account of {id} is not known: {why}\nhelp: if it is of your organization: --organization with --role-name"
        );
    };
    let found = facts.account.map(|account| Claim { id: account.id, known_by: account.known_by });
    found.ok_or_else(|| anyhow!("the account of {id} is not known: {why}; {}", facts.status.evidence))
}

/// Reads a key ID that was typed, and does not repeat what is none: it may be a secret.
pub(super) fn parse_id(text: &str) -> Result<AccessKeyId, String> {
    AccessKeyId::parse(text.trim().as_bytes())
        .ok_or_else(|| format!("not an access key ID: {}", key_id_fault(text)))
}
