//! The arguments, as typed.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use akid::level::{Certainty, Severity};
use akid::report::Format;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};

use super::account_args::{AccountArgs, FailOwner, StatusOptions};
#[cfg(feature = "respond")]
use super::account_args::{AskArgs, OwnArgs};
#[cfg(feature = "git")]
use super::cache::{CacheArgs, CacheCommandArgs};
#[cfg(feature = "git")]
use super::commit_args::CommitArgs;
#[cfg(feature = "git")]
use super::fleet_args::FleetArgs;
#[cfg(feature = "git")]
use super::hook::HookArgs;
use super::redact::RedactArgs;
use super::resolve::ResolveArgs;
#[cfg(feature = "respond")]
use super::respond::{ContainArgs, RotateArgs, StatusArgs};
use super::review_args::ReviewArgs;
#[cfg(feature = "git")]
use super::suppress_args::SuppressArgs;
use super::suppress_args::{AllowArgs, BaselineArgs, BaselineCommandArgs};
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

/// What `akid scan` takes.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(super) struct ScanArgs {
    /// Files and folders; `-` is standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) report: ReportArgs,
    #[command(flatten)]
    pub(super) fail: FailArgs,
    #[command(flatten)]
    pub(super) how: HowArgs,
    #[command(flatten)]
    pub(super) exclude: ExcludeArgs,
    /// Scan what `.gitignore` hides, too
    #[arg(long)]
    pub(super) no_ignore: bool,
    /// Skip files larger than this, in bytes or with K, M, G
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub(super) max_file_size: Option<u64>,
    /// Scan the history of the repository, too, and merge the findings
    #[cfg(feature = "git")]
    #[arg(long)]
    pub(super) history: bool,
    #[command(flatten)]
    pub(super) baseline: BaselineArgs,
    #[command(flatten)]
    pub(super) status: StatusOptions,
    #[command(flatten)]
    pub(super) accounts: AccountArgs,
}

/// What to leave out.
#[derive(Args, Debug, Default)]
pub(super) struct ExcludeArgs {
    /// Leave out files and folders, in the syntax of `.gitignore`, with those of the configuration; repeatable
    #[arg(long = "exclude", value_name = "GLOB", help_heading = "Scanning")]
    pub(super) globs: Vec<String>,
}

/// How to scan, whatever is scanned.
#[derive(Args, Debug)]
#[command(next_help_heading = "Scanning")]
pub(super) struct HowArgs {
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    /// Folder with your own rules
    #[arg(long, value_name = "DIR")]
    pub(super) rules: Option<PathBuf>,
    /// Number of threads [default: one per processor]
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512))]
    pub(super) threads: Option<u16>,
    /// List at most this many findings, the most severe first, and count the rest; a scan that finds more is incomplete
    /// [default: 100000]
    #[arg(long, value_name = "N")]
    pub(super) max_findings: Option<NonZeroUsize>,
}

/// What `akid report` takes.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(super) struct ReportCommandArgs {
    /// Reports in the formats json or jsonl; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
    /// An older report: say what is new, gone and still there
    #[arg(long, value_name = "OLD")]
    pub(super) compare: Option<PathBuf>,
    #[command(flatten)]
    pub(super) report: ReportArgs,
    #[command(flatten)]
    pub(super) fail: FailArgs,
    /// Use this configuration instead of the current folder's `.akid.toml`
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub(super) config: Option<PathBuf>,
    /// Ignore any configuration
    #[arg(long)]
    pub(super) no_config: bool,
    /// Folder with your own rules
    #[arg(long, value_name = "DIR")]
    pub(super) rules: Option<PathBuf>,
    #[cfg(feature = "respond")]
    #[command(flatten)]
    pub(super) own: OwnArgs,
    #[command(flatten)]
    pub(super) status: StatusOptions,
    #[cfg(feature = "respond")]
    #[command(flatten)]
    pub(super) ask: AskArgs,
}

/// Which configuration to use.
#[derive(Args, Debug, Default)]
pub(super) struct ConfigArgs {
    /// Use this configuration instead of the scanned tree's `.akid.toml`
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub(super) config: Option<PathBuf>,
    /// Ignore any configuration
    #[arg(long)]
    pub(super) no_config: bool,
    /// Use the configuration of this commit, such as a pull request's base
    #[cfg(feature = "git")]
    #[arg(long, value_name = "REVISION", conflicts_with_all = ["config", "no_config"])]
    pub(super) config_from: Option<String>,
}

/// What `akid config` takes.
#[derive(Args, Debug)]
pub(super) struct ShowArgs {
    /// Folder or repository [default: the current folder]
    #[arg(value_name = "PATH")]
    pub(super) path: Option<PathBuf>,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
}

/// What `akid history` takes.
#[cfg(feature = "git")]
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(super) struct HistoryArgs {
    /// Repositories: a worktree, a folder in one, a `.git` folder, or a bare repository [default: what git itself would take]
    #[arg(value_name = "REPO")]
    pub(super) repositories: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) commits: CommitArgs,
    #[command(flatten)]
    pub(super) report: ReportArgs,
    #[command(flatten)]
    pub(super) fail: FailArgs,
    #[command(flatten)]
    pub(super) how: HowArgs,
    #[command(flatten)]
    pub(super) cache: CacheArgs,
    #[command(flatten)]
    pub(super) exclude: ExcludeArgs,
    #[command(flatten)]
    pub(super) baseline: BaselineArgs,
    #[command(flatten)]
    pub(super) status: StatusOptions,
    #[command(flatten)]
    pub(super) accounts: AccountArgs,
}

/// What `akid staged` takes.
#[cfg(feature = "git")]
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(super) struct StagedArgs {
    #[command(flatten)]
    pub(super) report: ReportArgs,
    #[command(flatten)]
    pub(super) fail: FailArgs,
    #[command(flatten)]
    pub(super) how: HowArgs,
    #[command(flatten)]
    pub(super) exclude: ExcludeArgs,
    /// Skip files larger than this, in bytes or with K, M, G
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub(super) max_file_size: Option<u64>,
    #[command(flatten)]
    pub(super) suppress: SuppressArgs,
    #[command(flatten)]
    pub(super) accounts: AccountArgs,
}

impl ScanArgs {
    /// The current folder, quietly.
    pub(super) fn of_here(how: HowArgs) -> Self {
        let report = ReportArgs { quiet: true, ..ReportArgs::default() };
        Self {
            paths: vec![PathBuf::from(".")],
            report,
            fail: FailArgs::default(),
            status: StatusOptions::default(),
            accounts: AccountArgs::default(),
            how,
            exclude: ExcludeArgs::default(),
            no_ignore: false,
            max_file_size: None,
            #[cfg(feature = "git")]
            history: false,
            baseline: BaselineArgs::default(),
        }
    }
}

impl ReportCommandArgs {
    /// Splits off the files; the rest has the form of the arguments of a scan.
    pub(super) fn split(self) -> (Vec<PathBuf>, Option<PathBuf>, ScanArgs) {
        #[cfg(feature = "respond")]
        let accounts = AccountArgs { own: self.own, resolve: None, ask: self.ask };
        #[cfg(not(feature = "respond"))]
        let accounts = AccountArgs::default();
        let Self { files, compare, report, fail, config, no_config, rules, status, .. } = self;
        let config = ConfigArgs { config, no_config, ..ConfigArgs::default() };
        let how = HowArgs { config, rules, threads: None, max_findings: None };
        (files, compare, ScanArgs { report, fail, status, accounts, ..ScanArgs::of_here(how) })
    }
}

#[cfg(feature = "git")]
impl From<StagedArgs> for ScanArgs {
    fn from(args: StagedArgs) -> Self {
        let StagedArgs { report, fail, how, exclude, max_file_size, suppress, accounts } = args;
        let baseline = BaselineArgs { suppress, write_baseline: None };
        Self { report, fail, exclude, max_file_size, baseline, accounts, ..Self::of_here(how) }
    }
}

#[cfg(feature = "git")]
impl From<HistoryArgs> for ScanArgs {
    fn from(args: HistoryArgs) -> Self {
        let HistoryArgs { repositories, report, fail, how, exclude, baseline, status, accounts, .. } = args;
        let here = Self::of_here(how);
        let paths = if repositories.is_empty() { here.paths } else { repositories };
        Self { paths, report, fail, exclude, baseline, status, accounts, ..here }
    }
}

/// How to report.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Report")]
pub(super) struct ReportArgs {
    /// Format of the report
    #[arg(short, long, value_parser = format_parser())]
    pub(super) format: Option<Format>,
    /// Where to write the report, `-` for standard output; repeatable. The format comes from the prefix, then `-f`,
    /// then the file's extension
    #[arg(short, long = "output", value_name = "[FORMAT:]FILE")]
    pub(super) outputs: Vec<String>,
    /// Category of the SARIF run, for GitHub code scanning
    #[arg(long, value_name = "CATEGORY")]
    pub(super) sarif_category: Option<String>,
    /// Also list suppressed findings in SARIF
    #[arg(long)]
    pub(super) sarif_suppressed: bool,
    /// Credentials that the text report shows; the other formats have all of them
    #[arg(long, value_name = "WHICH", default_value = "all")]
    pub(super) show: Which,
    /// Show only credentials of this severity or above in the text report
    #[arg(long, value_name = "SEVERITY", value_parser = severity_parser())]
    pub(super) min_severity: Option<Severity>,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: ColorChoice,
    /// Do not show a long text report with `AKID_PAGER`, `PAGER` or `less`
    #[arg(long)]
    pub(super) no_pager: bool,
    /// When to show progress
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) progress: When,
    /// Print only warnings and errors on standard error, no summary and no progress
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// List every place of a credential, and print which configuration, baseline and object folders were read
    #[arg(short, long)]
    pub(super) verbose: bool,
}

/// What makes the exit code 1.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Exit code")]
pub(super) struct FailArgs {
    /// Fail on findings of this severity or above [default: medium]
    #[arg(long, value_name = "SEVERITY", value_parser = severity_parser())]
    pub(super) fail_on: Option<Severity>,
    /// Fail on findings of this confidence or above [default: medium]
    #[arg(long, value_name = "CONFIDENCE", value_parser = certainty_parser())]
    pub(super) min_confidence: Option<Certainty>,
    /// Whose findings fail: any owner's, or only yours and those of unknown owners [default: all]
    #[arg(long, value_name = "OWNER")]
    pub(super) fail_owner: Option<FailOwner>,
    /// Also exit with 2 for inputs that akid cannot read: encrypted, damaged or truncated archives, unsupported formats
    #[arg(long)]
    pub(super) strict: bool,
}

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

/// Which credentials to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Which {
    /// Those that make the exit code 1
    Failing,
    /// All that are not suppressed
    #[default]
    All,
}

/// When to do something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    /// On a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0    everything was scanned, and no finding fails
  1    findings at or above --fail-on and --min-confidence
  2    the scan is incomplete, or bad usage; findings are reported first
  130  interrupted; findings so far are reported as incomplete";

fn format_parser() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::as_str))
        .try_map(|word| parse_format(&word).ok_or("no such format"))
}

/// The format that a word names.
pub(super) fn parse_format(word: &str) -> Option<Format> {
    Format::ALL.into_iter().find(|format| format.as_str() == word)
}

fn severity_parser() -> impl TypedValueParser<Value = Severity> {
    let words = PossibleValuesParser::new(Severity::ALL.map(Severity::as_str));
    words.try_map(|word| {
        Severity::ALL.into_iter().find(|level| level.as_str() == word).ok_or("no such severity")
    })
}

fn certainty_parser() -> impl TypedValueParser<Value = Certainty> {
    let words = PossibleValuesParser::new(Certainty::ALL.map(Certainty::as_str));
    words.try_map(|word| {
        Certainty::ALL.into_iter().find(|level| level.as_str() == word).ok_or("no such confidence")
    })
}

/// Bytes, or with a suffix K, M or G for powers of 1024.
pub(super) fn parse_size(text: &str) -> Result<u64, String> {
    let (digits, shift) = match text.as_bytes().last() {
        Some(b'k' | b'K') => (&text[..text.len() - 1], 10),
        Some(b'm' | b'M') => (&text[..text.len() - 1], 20),
        Some(b'g' | b'G') => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    let number: Option<u64> = digits.parse().ok();
    number
        .and_then(|number| number.checked_mul(1 << shift))
        .ok_or_else(|| "not a size, such as 500K, 10M or 2G".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn sizes_have_suffixes() {
        assert_eq!(parse_size("10M"), Ok(10 << 20));
        assert_eq!(parse_size("7"), Ok(7));
        assert!(parse_size("x").is_err() && parse_size("").is_err() && parse_size("99999999999G").is_err());
    }
}
