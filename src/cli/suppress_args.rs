//! What is not to count, as typed.

use std::path::PathBuf;

use clap::Args;

/// What is not to count.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Suppressing")]
pub(super) struct SuppressArgs {
    /// Fail only on findings that are not in this file; a relative path is one of the commit where --config-from is given, in the current folder or above it
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Report findings even where the line says `akid:allow`
    #[arg(long)]
    pub(super) no_inline_allow: bool,
}

/// The same, with a file to be written: where a scan is of all there is.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Suppressing")]
pub(super) struct BaselineArgs {
    #[command(flatten)]
    pub(super) suppress: SuppressArgs,
    /// Add what is found to this file, so that with --baseline only new findings fail
    #[arg(long, value_name = "FILE")]
    pub(super) write_baseline: Option<PathBuf>,
}
