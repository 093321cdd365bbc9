//! The command line: every command with what it takes.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

#[cfg(feature = "git")]
use super::cache::CacheCommandArgs;
#[cfg(feature = "git")]
use super::fleet_args::FleetArgs;
#[cfg(feature = "git")]
use super::history::HistoryArgs;
#[cfg(feature = "git")]
use super::hook::HookArgs;
use super::redact::RedactArgs;
use super::report::ReportCommandArgs;
use super::resolve::ResolveArgs;
#[cfg(feature = "respond")]
use super::respond::{ContainArgs, RotateArgs, StatusArgs};
use super::review_args::ReviewArgs;
use super::rules::RulesArgs;
use super::scan::ScanArgs;
use super::show::ShowArgs;
#[cfg(feature = "git")]
use super::staged::StagedArgs;
use super::suppress_args::{AllowArgs, BaselineCommandArgs};
use super::sweep::SweepArgs;

/// Finds AWS access keys where they should not be, and says whose they are.
#[derive(Debug, Parser)]
#[command(name = "akid", version, max_term_width = 100, disable_help_subcommand = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Scan files and folders, including archives
    Scan(ScanArgs),
    /// Scan the full history of git repositories
    #[cfg(feature = "git")]
    History(HistoryArgs),
    /// Scan exactly what `git commit` would record now
    #[cfg(feature = "git")]
    Staged(StagedArgs),
    /// Install git hooks, or run as one: stop commits and pushes that contain a credential
    #[cfg(feature = "git")]
    Hook(HookArgs),
    /// Scan many repositories, and only what has changed the next time
    #[cfg(feature = "git")]
    Fleet(FleetArgs),
    /// Show or clean up the cache of clean git objects, which `--cache` uses
    #[cfg(feature = "git")]
    Cache(CacheCommandArgs),
    /// Merge JSON reports of earlier scans, compare them, and write them in any format
    Report(ReportCommandArgs),
    /// Go through the credentials of a scan or a report and decide on each
    Review(ReviewArgs),
    /// Copy text with every secret masked: a filter for logs, support bundles and commands
    Redact(RedactArgs),
    /// Look up the account that owns each key ID
    Resolve(ResolveArgs),
    /// Report whether your keys are active and who uses them, by asking their accounts
    #[cfg(feature = "respond")]
    Status(StatusArgs),
    /// End a leaked key of yours now: deactivate it and deny its sessions; `--undo` takes that back
    #[cfg(feature = "respond")]
    Contain(ContainArgs),
    /// Replace a key of yours without an outage, step by step over days
    #[cfg(feature = "respond")]
    Rotate(RotateArgs),
    /// Scan the places on this machine where keys lie: histories, caches, settings, transcripts, downloads
    Sweep(Box<SweepArgs>),
    /// Show the effective configuration and where each value comes from
    Config(ShowArgs),
    /// Manage baselines of known findings
    Baseline(BaselineCommandArgs),
    /// Add an entry to `.akid.toml` that allows a credential or a finding
    Allow(AllowArgs),
    /// List the rules, or check them against their own examples
    Rules(RulesArgs),
    /// Explain a rule or a key ID: what it is, the risk, and what to do
    Explain {
        /// ID of a rule, or a key ID
        #[arg(value_name = "RULE|KEY_ID")]
        what: String,
        /// Folder with your own rules
        #[arg(long, value_name = "DIR")]
        rules: Option<PathBuf>,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_sound() {
        Cli::command().debug_assert();
    }
}
