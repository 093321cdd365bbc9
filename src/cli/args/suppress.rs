//! What is not to count, as typed.

use std::path::PathBuf;

use clap::Args;

/// What is not to count.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Suppressing")]
pub(in crate::cli) struct SuppressArgs {
    /// Fail only on findings that are not in this file. A relative path is searched in the current folder and above, or in the commit that --config-from names
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) baseline: Option<PathBuf>,
    /// Report findings even if their line says `akid:allow`
    #[arg(long)]
    pub(in crate::cli) no_inline_allow: bool,
}

/// The same, with a file to be written: where a scan is of all there is.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Suppressing")]
pub(in crate::cli) struct BaselineArgs {
    #[command(flatten)]
    pub(in crate::cli) suppress: SuppressArgs,
    /// Add all findings to this file, so that with --baseline only new ones fail
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) write_baseline: Option<PathBuf>,
}
