//! `akid status`: the wiring.

use std::collections::BTreeMap;
use std::path::PathBuf;

use akid::owner::{Account, Claim, KnownBy};
use akid::report::keys::KeyFormat;
use akid::report::status::{self, Statuses};
use akid::resolve::Accounts;
use akid::resolve::respond::{Wanted, policy};
use clap::{Args, ValueEnum};

use crate::cli::args::account::{AskArgs, OwnArgs, Which};
use crate::cli::args::reach::ReachArgs;
use crate::cli::ask::Question;
use crate::cli::inquiry::{Inquiry, reach};
use crate::cli::remedy::of_lack;
use crate::cli::resolve::{KeyFormatArg, ids, tell_problems};
use crate::cli::run::stop_on_interrupt;
use crate::cli::{Exit, config, environment, output};

/// What `akid status` takes.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(in crate::cli) struct StatusArgs {
    /// Key IDs; `-` reads any text on standard input and finds the key IDs in it
    #[arg(value_name = "KEY_ID", required_unless_present_any = ["from", "policy"])]
    ids: Vec<String>,
    /// Read the key IDs from an akid report: JSON, JSON Lines or SARIF; repeatable
    #[arg(long, value_name = "FILE")]
    from: Vec<PathBuf>,
    /// Output format
    #[arg(short, long, default_value = "text")]
    format: KeyFormatArg,
    /// The same as `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Also count what was done with each key in the last 90 days, by CloudTrail: two requests a second
    #[arg(long)]
    activity: bool,
    /// Print the least IAM policy that a command needs, and ask nothing
    #[arg(long, value_name = "COMMAND", num_args = 0..=1, default_missing_value = "status", conflicts_with_all = ["ids", "from"])]
    policy: Option<PolicyOf>,
    /// Use this configuration instead of the nearest `.akid.toml`
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    config: Option<PathBuf>,
    /// Ignore any configuration
    #[arg(long)]
    no_config: bool,
    #[command(flatten)]
    own: OwnArgs,
    #[command(flatten)]
    reach: ReachArgs,
    #[command(flatten)]
    ask: AskArgs,
}

/// A command that needs permissions.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum PolicyOf {
    /// `akid status`, and `--status` of other commands
    Status,
    /// `akid contain`
    Contain,
    /// `akid rotate`
    Rotate,
    /// What is needed beside that to ask other accounts
    OtherAccounts,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    everything that was asked was answered
  2    incomplete, or bad usage; what is known is printed
  130  interrupted";

/// Reports what the accounts of keys know of them.
pub(in crate::cli) fn run(args: &StatusArgs) -> anyhow::Result<Exit> {
    if let Some(of) = args.policy {
        output::print(policy::document(actions(of)).as_bytes())?;
        return Ok(Exit::Clean);
    }
    let ids = ids(&args.ids, &args.from)?;
    let nearest = config::nearest(&[PathBuf::from(".")]).filter(|_| !args.no_config);
    let loaded = config::Loaded::of_file(args.config.clone(), nearest)?;
    let own = args.own.own_account.iter().chain(&loaded.config.own_accounts).copied().collect();
    let mut accounts = Accounts { own, names: loaded.config.accounts.names.clone() };
    let wanted = Wanted { activity: args.activity, regions: args.ask.region.clone() };
    let inquiry = Inquiry { reach: reach(&args.reach, &loaded), wanted };
    let question = Question::new(Which::Missing, &args.ask);
    let stop = stop_on_interrupt()?;
    let keys: BTreeMap<_, _> = ids
        .iter()
        .map(|id| (*id, Account::of(id.account().map(|id| Claim { id, known_by: KnownBy::KeyId }))))
        .collect();
    let mut told = inquiry.ask(&question, &keys, None, &mut accounts, environment::now()?, &stop);
    output::hide(&told.outcome.resolution.known);
    let statuses = Statuses {
        keys: ids.iter().filter_map(|id| told.keys.remove(id)).collect(),
        resolution: told.outcome.resolution,
    };
    let mut page = Vec::new();
    let format = if args.json { KeyFormat::Json } else { args.format.into() };
    status::write(format, &statuses, of_lack, &mut page)?;
    output::print(&page)?;
    tell_problems(&statuses.resolution);
    Ok(match (stop.is_stopped(), statuses.resolution.failures.is_empty()) {
        (true, _) => Exit::Interrupted,
        (false, false) => Exit::Incomplete,
        (false, true) => Exit::Clean,
    })
}

fn actions(of: PolicyOf) -> &'static [&'static str] {
    match of {
        PolicyOf::Status => policy::STATUS,
        PolicyOf::Contain => policy::CONTAIN,
        PolicyOf::Rotate => policy::ROTATE,
        PolicyOf::OtherAccounts => policy::OTHER_ACCOUNTS,
    }
}
