//! What hooks are told, as typed or as git calls them.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::args::suppress::{BaselineArgs, SuppressArgs};
use crate::cli::args::{CommonArgs, EXIT_CODES, parse_duration};
use crate::cli::cache::CacheArgs;
use crate::cli::request::Request;

/// What `akid hook` takes.
#[derive(Args, Debug)]
pub(in crate::cli) struct HookArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: HookCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum HookCommand {
    /// Stop a commit that contains a credential
    PreCommit(PreCommitArgs),
    /// Stop a push that contains a credential
    ///
    /// Takes on standard input what git tells a pre-push hook, and scans what the other side lacks. Run by pre-commit,
    /// takes its variables instead.
    PrePush(PrePushArgs),
    /// On a server: refuse a push that contains a credential
    ///
    /// Reads the input of git's pre-receive hook. Nothing that is pushed can allow what is in it: the
    /// configuration is `.akid.toml` in the repository's own folder, beside `HEAD`, and marks on lines do not count.
    PreReceive(PreReceiveArgs),
    /// Install hooks in one repository or in all of them
    ///
    /// An existing hook is kept and runs first.
    Install(InstallArgs),
    /// Remove the installed hooks and restore the previous ones
    Uninstall(UninstallArgs),
}

#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(in crate::cli) struct PreCommitArgs {
    #[command(flatten)]
    common: CommonArgs,
    #[command(flatten)]
    suppress: SuppressArgs,
}

#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(in crate::cli) struct PrePushArgs {
    /// The name of the other side, as git gives it
    #[arg(value_name = "REMOTE")]
    pub(super) remote: Option<String>,
    /// Where the other side is, as git gives it
    #[arg(value_name = "URL")]
    pub(super) url: Option<String>,
    #[command(flatten)]
    pub(super) hook: PreCommitArgs,
}

#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(in crate::cli) struct PreReceiveArgs {
    #[command(flatten)]
    common: CommonArgs,
    #[command(flatten)]
    pub(super) cache: CacheArgs,
    /// Refuse only findings that are not in this file
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Time limit for scanning a push, such as 30s or 2m
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(super) timeout: Option<Duration>,
    /// What to do with a push that was not scanned in time
    #[arg(long, value_name = "VERDICT", default_value = "reject")]
    pub(super) on_timeout: OnTimeout,
}

/// What to do with a push that was not scanned in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum OnTimeout {
    /// Refuse it
    Reject,
    /// Accept it, unless a finding was reported by then
    Accept,
}

/// Which hooks, and where.
#[derive(Args, Debug)]
pub(in crate::cli) struct InstallArgs {
    #[command(flatten)]
    pub(super) which: UninstallArgs,
    /// Save an existing hook under another name, without running it
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct UninstallArgs {
    /// Only the hooks before commits, including merge commits
    #[arg(long)]
    pub(super) pre_commit: bool,
    /// Only the hook before pushes
    #[arg(long)]
    pub(super) pre_push: bool,
    /// For all repositories of this user, through git's core.hooksPath
    #[arg(long)]
    pub(super) global: bool,
    /// Allow a core.hooksPath outside the repository, which other repositories may share
    #[arg(long, conflicts_with = "global")]
    pub(super) outside: bool,
}

impl From<PreCommitArgs> for Request {
    /// Without accounts: who commits or pushes is not to wait for AWS.
    fn from(args: PreCommitArgs) -> Self {
        let PreCommitArgs { common, suppress } = args;
        let baseline = BaselineArgs { suppress, write_baseline: None };
        Self { baseline, ..Self::new(common) }
    }
}

impl From<PreReceiveArgs> for Request {
    fn from(args: PreReceiveArgs) -> Self {
        let PreReceiveArgs { common, baseline, .. } = args;
        let suppress = SuppressArgs { baseline, no_inline_allow: true };
        Self::from(PreCommitArgs { common, suppress })
    }
}
