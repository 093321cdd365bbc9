//! The arguments, as typed.

use std::path::PathBuf;

use akid::level::{Certainty, Severity};
use akid::report::Format;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};

use super::account_args::{AccountArgs, FailOwner};
use super::resolve::ResolveArgs;

/// Finds AWS access keys where they should not be, and says whose they are.
#[derive(Debug, Parser)]
#[command(name = "akid", version, max_term_width = 100, disable_help_subcommand = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Scan files and folders, and what is inside of archives
    Scan(ScanArgs),
    /// Scan the whole history of git repositories
    #[cfg(feature = "git")]
    History(HistoryArgs),
    /// Scan what `git commit` would record now
    #[cfg(feature = "git")]
    Staged(StagedArgs),
    /// Say whose key IDs are: their accounts, and whose those are
    Resolve(ResolveArgs),
    /// Show the rules, or check them against their own examples
    Rules(RulesArgs),
    /// Say what a rule or a key ID is, why it matters and what to do now
    Explain {
        /// A rule's ID, or a key ID
        #[arg(value_name = "RULE|KEY_ID")]
        what: String,
        /// A folder of rules of your own
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
    /// Scan what `.gitignore` hides, too
    #[arg(long)]
    pub(super) no_ignore: bool,
    /// Leave out files larger than this: bytes, or with K, M, G
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub(super) max_file_size: Option<u64>,
    /// Report findings even where the line says `akid:allow`
    #[arg(long)]
    pub(super) no_inline_allow: bool,
    #[command(flatten)]
    pub(super) accounts: AccountArgs,
}

/// How to scan, whatever is scanned.
#[derive(Args, Debug)]
pub(super) struct HowArgs {
    /// Configuration to use instead of the `.akid.toml` of what is scanned
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub(super) config: Option<PathBuf>,
    /// Use no configuration
    #[arg(long)]
    pub(super) no_config: bool,
    /// A folder of rules of your own
    #[arg(long, value_name = "DIR")]
    pub(super) rules: Option<PathBuf>,
    /// Threads; as many as there are processors if not given
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512))]
    pub(super) threads: Option<u16>,
}

/// What `akid history` takes.
#[cfg(feature = "git")]
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(super) struct HistoryArgs {
    /// Repositories: a worktree, a folder in one, a `.git`, or a bare repository [default: what git itself would take]
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
    /// Report findings even where the line says `akid:allow`
    #[arg(long)]
    pub(super) no_inline_allow: bool,
    #[command(flatten)]
    pub(super) accounts: AccountArgs,
}

/// Which commits to look at.
#[cfg(feature = "git")]
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Commits")]
pub(super) struct CommitArgs {
    /// Only what these commits change, as `git rev-list` takes them: A..B, A...B, A, ^A; repeatable
    #[arg(long, value_name = "REVISIONS", allow_hyphen_values = true)]
    pub(super) range: Vec<String>,
    /// Only what commits since then change, by their committer's date: 2026-01-31, 2026-01-31T12:00:00Z, or 90d
    #[arg(long, value_name = "DATE", value_parser = parse_since)]
    pub(super) since: Option<Since>,
    /// Only what commits change that refs of this glob lead to, such as refs/heads/release/*; repeatable
    #[arg(long = "ref", value_name = "GLOB")]
    pub(super) refs: Vec<String>,
}

/// A point in time, as typed.
#[cfg(feature = "git")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Since {
    /// At that time.
    At(jiff::Timestamp),
    /// So many days before now.
    Days(u32),
}

#[cfg(feature = "git")]
fn parse_since(text: &str) -> Result<Since, String> {
    if let Some(days) = text.strip_suffix('d').and_then(|days| days.parse().ok()) {
        return Ok(Since::Days(days));
    }
    let day = || text.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok();
    let at = text.parse().ok().or_else(|| day().map(|day| day.timestamp()));
    at.map(Since::At).ok_or_else(|| "not a date, such as 2026-01-31, 2026-01-31T12:00:00Z or 90d".to_owned())
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
    /// Leave out files larger than this: bytes, or with K, M, G
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub(super) max_file_size: Option<u64>,
    /// Report findings even where the line says `akid:allow`
    #[arg(long)]
    pub(super) no_inline_allow: bool,
    #[command(flatten)]
    pub(super) accounts: AccountArgs,
}

#[cfg(feature = "git")]
impl From<StagedArgs> for ScanArgs {
    fn from(args: StagedArgs) -> Self {
        Self {
            paths: vec![PathBuf::from(".")],
            report: args.report,
            fail: args.fail,
            accounts: args.accounts,
            how: args.how,
            no_ignore: false,
            max_file_size: args.max_file_size,
            no_inline_allow: args.no_inline_allow,
        }
    }
}

#[cfg(feature = "git")]
impl From<HistoryArgs> for ScanArgs {
    fn from(args: HistoryArgs) -> Self {
        let here = || vec![PathBuf::from(".")];
        Self {
            paths: if args.repositories.is_empty() { here() } else { args.repositories },
            report: args.report,
            fail: args.fail,
            accounts: args.accounts,
            how: args.how,
            no_ignore: false,
            max_file_size: None,
            no_inline_allow: args.no_inline_allow,
        }
    }
}

/// How to report.
#[derive(Args, Debug)]
#[command(next_help_heading = "Report")]
pub(super) struct ReportArgs {
    /// Format of the report
    #[arg(short, long, value_parser = format_parser())]
    pub(super) format: Option<Format>,
    /// Where to write the report, `-` for standard output; repeatable. The format is that of the prefix, else of `-f`,
    /// else of the file's extension
    #[arg(short, long = "output", value_name = "[FORMAT:]FILE")]
    pub(super) outputs: Vec<String>,
    /// Category of the SARIF run
    #[arg(long, value_name = "CATEGORY")]
    pub(super) sarif_category: Option<String>,
    /// List suppressed findings in SARIF, too
    #[arg(long)]
    pub(super) sarif_suppressed: bool,
    /// Colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: ColorChoice,
    /// Progress bar
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) progress: When,
    /// Nothing on standard error but problems
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Tell more: what was left out and by what, the configuration that was read
    #[arg(short, long)]
    pub(super) verbose: bool,
}

/// What makes the exit code 1.
#[derive(Args, Debug)]
#[command(next_help_heading = "Exit code")]
pub(super) struct FailArgs {
    /// Fail on findings of this severity or above [default: medium]
    #[arg(long, value_name = "SEVERITY", value_parser = severity_parser())]
    pub(super) fail_on: Option<Severity>,
    /// Fail on findings of this confidence or above [default: medium]
    #[arg(long, value_name = "CONFIDENCE", value_parser = certainty_parser())]
    pub(super) min_confidence: Option<Certainty>,
    /// Fail on findings of anyone's, or only on your own and on those of whom it is not known [default: all]
    #[arg(long, value_name = "OWNER")]
    pub(super) fail_owner: Option<FailOwner>,
}

#[derive(Args, Debug)]
pub(super) struct RulesArgs {
    #[command(subcommand)]
    pub(super) command: Option<RulesCommand>,
    /// A folder of rules of your own
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

/// When to do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    /// If it makes sense
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    everything was scanned, and nothing fails
  1    there are findings at or above --fail-on and --min-confidence
  2    not all that was asked could be done; what was found is reported all the same
  130  interrupted; what was found is reported as incomplete";

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

    #[cfg(feature = "git")]
    #[test]
    fn dates_are_days_times_or_so_many_days_ago() {
        let at = |text: &str| Ok(Since::At(text.parse().unwrap()));
        assert_eq!(parse_since("2026-01-31"), at("2026-01-31T00:00:00Z"));
        assert_eq!(parse_since("2026-01-31T12:00:00+01:00"), at("2026-01-31T11:00:00Z"));
        assert_eq!(parse_since("90d"), Ok(Since::Days(90)));
        assert!(parse_since("yesterday").is_err() && parse_since("d").is_err());
    }

    #[test]
    fn sizes_have_suffixes() {
        assert_eq!(parse_size("10M"), Ok(10 << 20));
        assert_eq!(parse_size("7"), Ok(7));
        assert!(parse_size("x").is_err() && parse_size("").is_err() && parse_size("99999999999G").is_err());
    }
}
