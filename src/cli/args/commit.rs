//! Which commits to look at, as typed.

use clap::Args;

use crate::cli::since::Since;

/// Which commits to look at.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Commits")]
pub(in crate::cli) struct CommitArgs {
    /// Scan only what these commits change, in the syntax of `git rev-list`: A..B, A...B, A, ^A; repeatable
    #[arg(long, value_name = "REVISIONS", allow_hyphen_values = true)]
    pub(in crate::cli) range: Vec<String>,
    /// Scan only what commits since this committer date change, as git takes dates: 2026-01-31, yesterday, "2 weeks
    /// ago", 90d; in UTC
    #[arg(long, value_name = "DATE", value_parser = Since::parse)]
    pub(in crate::cli) since: Option<Since>,
    /// Scan only commits reachable from these refs: a name, or a glob such as refs/heads/release/*; repeatable
    #[arg(long = "ref", value_name = "GLOB")]
    pub(in crate::cli) refs: Vec<String>,
}
