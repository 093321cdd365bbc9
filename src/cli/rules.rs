//! `akid rules`.

use std::fmt::Write as _;
use std::path::PathBuf;

use akid::detect;

use super::{Exit, output, settings};
use clap::{Args, Subcommand};

#[derive(Args, Debug)]
pub(super) struct RulesArgs {
    #[command(subcommand)]
    pub(super) command: Option<RulesCommand>,
    /// Folder with your own rules
    #[arg(long, value_name = "DIR", global = true)]
    pub(super) rules: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// List the rules (the default)
    List,
    /// Check every rule against its own examples
    Check,
}

/// Lists or checks the rules.
pub(super) fn run(args: &RulesArgs) -> anyhow::Result<Exit> {
    let rules = settings::rules(args.rules.as_deref())?;
    let mut text = String::new();
    match args.command.unwrap_or(RulesCommand::List) {
        RulesCommand::List => {
            let width = rules.iter().map(|rule| rule.id.as_str().len()).max().unwrap_or(0);
            for rule in rules.iter() {
                writeln!(text, "{:<width$} {:<9} {}", rule.id, rule.severity, rule.title)?;
            }
            output::print(text.as_bytes())?;
            Ok(Exit::Clean)
        }
        RulesCommand::Check => {
            let broken = detect::check(&rules);
            broken.iter().for_each(|broken| output::warn(&format!("error: {broken}")));
            writeln!(text, "{} rules checked, {} faults", rules.iter().count(), broken.len())?;
            output::print(text.as_bytes())?;
            Ok(if broken.is_empty() { Exit::Clean } else { Exit::Incomplete })
        }
    }
}
