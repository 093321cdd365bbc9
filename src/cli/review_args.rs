//! What `akid review` takes, as typed.

use std::path::PathBuf;

use clap::Args;

use super::args::HowArgs;

/// What `akid review` takes.
#[derive(Args, Debug)]
#[command(after_help = KEYS)]
pub(super) struct ReviewArgs {
    /// A report in the format json or jsonl, or a file or folder to scan [default: the current folder]
    #[arg(value_name = "FILE|PATH")]
    pub(super) path: Option<PathBuf>,
    /// Scan the history of the repository, too
    #[cfg(feature = "git")]
    #[arg(long)]
    pub(super) history: bool,
    /// Baseline that `b` adds to [default: the one in the configuration]
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    #[command(flatten)]
    pub(super) how: HowArgs,
}

const KEYS: &str = "\
Keys:
  a  allow the credential: asks for a reason and a last day, and writes `.akid.toml`
  b  add its findings to the baseline
  o  open the best place in VISUAL or EDITOR
  e  explain it
  s  skip it; it comes up last the next time
  u  undo the last decision
  q  quit; decisions stay, and the same command continues

Exit codes:
  0    the review ended
  2    the scan is incomplete, or bad usage
  130  interrupted";
