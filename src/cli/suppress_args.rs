//! What `akid baseline` and `akid allow` take, as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;

use super::args::HowArgs;
use super::name::Name;

/// What `akid baseline` takes.
#[derive(Args, Debug)]
pub(super) struct BaselineCommandArgs {
    #[command(subcommand)]
    pub(super) command: BaselineCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum BaselineCommand {
    /// Add findings by their fingerprint, or all findings of a credential
    Add(AddArgs),
    /// Add the findings that another tool ignores or has reported
    Import(ImportArgs),
    /// Remove entries that match nothing in the files or their history any more
    Prune(PruneArgs),
}

/// What `akid baseline add` takes.
#[derive(Args, Debug)]
pub(super) struct AddArgs {
    /// Fingerprints of findings, or credential IDs or key IDs for all findings of a credential in the files and their
    /// history
    #[arg(value_name = "FINGERPRINT|CREDENTIAL_ID|KEY_ID", required = true, value_parser = Name::parse)]
    pub(super) names: Vec<Name>,
    /// Baseline file [default: the one in the configuration]
    #[arg(long, value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// Add fingerprints as they are, even if no finding here has them
    #[arg(long)]
    pub(super) no_scan: bool,
    #[command(flatten)]
    pub(super) how: HowArgs,
}

/// What `akid baseline import` takes.
#[derive(Args, Debug)]
#[command(after_help = IMPORTS)]
pub(super) struct ImportArgs {
    /// Ignore files, baselines and reports of other tools
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
    /// Baseline file [default: the one in the configuration]
    #[arg(long, value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    #[command(flatten)]
    pub(super) how: HowArgs,
}

const IMPORTS: &str = "\
Files:
  Gitleaks, Betterleaks  reports as JSON or CSV; .gitleaksignore, .betterleaksignore
  detect-secrets         .secrets.baseline
  Kingfisher             reports as JSON or JSONL
  TruffleHog             reports as JSONL
  any tool               SARIF

Exit codes:
  0  every entry matched a finding
  1  some entries did not; they are listed
  2  a file could not be understood, or the scan is incomplete";

/// What `akid baseline prune` takes.
#[derive(Args, Debug)]
pub(super) struct PruneArgs {
    /// Baseline file [default: the one in the configuration]
    #[arg(value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    #[command(flatten)]
    pub(super) how: HowArgs,
}

/// What `akid allow` takes.
#[derive(Args, Debug)]
pub(super) struct AllowArgs {
    /// The credential or the finding, by a name that reports give to it
    #[arg(value_name = "CREDENTIAL_ID|KEY_ID|SECRET_FINGERPRINT|FINGERPRINT", value_parser = Name::parse)]
    pub(super) name: Name,
    /// Why it is allowed
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: String,
    /// Last day on which the entry applies, such as 2027-06-30 [default: no end]
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    pub(super) expires: Option<Date>,
    /// Allow it only in these paths, in the syntax of `.gitignore`; repeatable
    #[arg(long = "path", value_name = "GLOB")]
    pub(super) paths: Vec<String>,
    /// Change this configuration instead of the current folder's `.akid.toml`
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Folder with your own rules
    #[arg(long, value_name = "DIR")]
    pub(super) rules: Option<PathBuf>,
    /// Number of threads [default: one per processor]
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512))]
    pub(super) threads: Option<u16>,
}

/// A day of the calendar.
pub(super) fn parse_day(text: &str) -> Result<Date, String> {
    text.parse().or(Err("not a day, such as 2027-06-30".to_owned()))
}
