//! The command: arguments, configuration, terminal. Only the binary crate has it, so the library cannot name a flag.

mod args;
mod config;
mod explain;
mod output;
mod progress;
mod rules;
mod scan;
mod settings;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Cli, Command};

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
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Incomplete => 2,
            Exit::Interrupted => 130,
        })
    }
}

/// Runs the command that the process was started with.
pub(crate) fn run() -> anyhow::Result<Exit> {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return args::refuse(&error),
    };
    match cli.command {
        Command::Scan(args) => scan::run(args),
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
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        let man = clap_mangen::Man::new(subcommand.clone());
        man.render_synopsis_section(&mut page)?;
        man.render_description_section(&mut page)?;
        man.render_options_section(&mut page)?;
    }
    Ok(page)
}
