//! The command: arguments, configuration, terminal. Only the binary crate has it, so the library cannot name a flag.
//!
//! # Layers
//!
//! A module uses only modules of lower rows. `tests/layers.rs` reads this table and checks it.
//!
//! | modules | knowledge |
//! |---|---|
//! | `command`, `review`, `usage_error` | all commands |
//! | `add`, `allow`, `fleet`, `hook`, `import`, `prune`, `respond` | commands that use others |
//! | `everything`, `history`, `redact`, `report`, `resolve`, `scan`, `staged`, `sweep` | commands that scan |
//! | `fleet_args`, `run` | what these have in common |
//! | `cache`, `explain`, `reports`, `rules`, `show` | commands that do not scan; the files of reports |
//! | `settings` | arguments, configuration and environment, put together |
//! | `accounts`, `baseline` | owners; baselines |
//! | `accepted`, `inquiry`, `lock` | what is accepted; asking accounts |
//! | `ask`, `config`, `output`, `request`, `review_args`, `suppress_args` | asking AWS; the configuration; what is printed; what is asked of a scan |
//! | `args`, `folders`, `repository` | arguments that several commands take; the user's folders; the repository that git would take |
//! | `aside`, `bounded`, `earlier`, `environment`, `name`, `pager`, `place`, `progress`, `prompt`, `remedy`, `repositories`, `since`, `typed` | files, terminal, environment, words |

mod accepted;
mod accounts;
mod add;
mod allow;
mod args;
mod aside;
#[cfg(feature = "sts")]
mod ask;
mod baseline;
mod bounded;
#[cfg(feature = "git")]
mod cache;
mod command;
mod config;
mod earlier;
mod environment;
mod everything;
mod explain;
#[cfg(feature = "git")]
mod fleet;
#[cfg(feature = "git")]
mod fleet_args;
mod folders;
#[cfg(feature = "git")]
mod history;
#[cfg(feature = "git")]
mod hook;
mod import;
#[cfg(feature = "respond")]
mod inquiry;
mod lock;
mod name;
mod output;
mod pager;
mod place;
mod progress;
#[cfg(feature = "sts")]
mod prompt;
mod prune;
mod redact;
mod remedy;
mod report;
mod reports;
mod repositories;
#[cfg(feature = "git")]
mod repository;
mod request;
mod resolve;
#[cfg(feature = "respond")]
mod respond;
mod review;
mod review_args;
mod rules;
mod run;
mod scan;
mod settings;
mod show;
#[cfg(feature = "git")]
mod since;
#[cfg(feature = "git")]
mod staged;
mod suppress_args;
mod sweep;
mod typed;
mod usage_error;

use std::process::ExitCode;

use akid::panic;
use clap::{CommandFactory, Parser};

use command::{Cli, Command};
use suppress_args::BaselineCommand;

/// What the process tells its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All was done, nothing fails.
    Clean,
    /// There are findings that fail.
    Findings,
    /// Not all that was asked could be done.
    Incomplete,
    /// Stopped by the user.
    Interrupted,
    /// The code of a command that was run, or why it was not.
    Of(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Incomplete => 2,
            Exit::Interrupted => 130,
            Exit::Of(code) => code,
        })
    }
}

/// Runs the command that the process was started with. An error is reported with its causes, in words that repeat
/// nothing that could be secret.
pub(crate) fn run() -> Exit {
    // Before anything is read: what a panic says may repeat it.
    panic::remember();
    let exit = match panic::catch(dispatch) {
        Ok(Ok(exit)) => exit,
        Ok(Err(error)) => {
            let arguments = std::env::args_os().skip(1).filter_map(|argument| argument.into_string().ok());
            output::warn(&typed::masked(&format!("error: {error:#}"), arguments));
            Exit::Incomplete
        }
        Err(panicked) => {
            output::warn(&format!("error: akid panicked at {panicked}: this is a bug in akid"));
            Exit::Incomplete
        }
    };
    output::complain_of_masked();
    exit
}

fn dispatch() -> anyhow::Result<Exit> {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage_error::report(error),
    };
    match cli.command {
        Command::Scan(args) => scan::run(args),
        #[cfg(feature = "git")]
        Command::History(args) => history::run(args),
        #[cfg(feature = "git")]
        Command::Staged(args) => staged::run(args),
        #[cfg(feature = "git")]
        Command::Hook(args) => hook::run(args.command),
        #[cfg(feature = "git")]
        Command::Fleet(args) => fleet::run(args.command),
        #[cfg(feature = "git")]
        Command::Cache(args) => cache::run(&args.command),
        Command::Report(args) => report::run(args),
        Command::Review(args) => review::run(args),
        Command::Sweep(args) => sweep::run(*args),
        Command::Config(args) => show::run(&args),
        Command::Baseline(args) => match args.command {
            BaselineCommand::Add(args) => add::run(args),
            BaselineCommand::Import(args) => import::run(args),
            BaselineCommand::Prune(args) => prune::run(args),
        },
        Command::Allow(args) => allow::run(args),
        Command::Redact(args) => redact::run(args),
        Command::Resolve(args) => resolve::run(args),
        #[cfg(feature = "respond")]
        Command::Status(args) => respond::run_status(&args),
        #[cfg(feature = "respond")]
        Command::Contain(args) => respond::run_contain(&args),
        #[cfg(feature = "respond")]
        Command::Rotate(args) => respond::run_rotate(&args),
        Command::Rules(args) => rules::run(&args),
        Command::Explain { what, rules } => explain::run(&what, rules.as_deref()),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "akid", &mut script);
            output::print(&script)?;
            Ok(Exit::Clean)
        }
        Command::Man => {
            output::print(&man_page()?)?;
            Ok(Exit::Clean)
        }
    }
}

/// One page for the command and all of its subcommands.
fn man_page() -> anyhow::Result<Vec<u8>> {
    let mut command = Cli::command();
    command.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    describe_subcommands(&command, &mut page)?;
    Ok(page)
}

/// Appends what `command` has below it, commands of commands included.
fn describe_subcommands(command: &clap::Command, page: &mut Vec<u8>) -> anyhow::Result<()> {
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        let man = clap_mangen::Man::new(subcommand.clone());
        man.render_synopsis_section(page)?;
        man.render_description_section(page)?;
        man.render_options_section(page)?;
        describe_subcommands(subcommand, page)?;
    }
    Ok(())
}
