//! Arguments that several commands take, as typed.

pub(super) mod account;
#[cfg(feature = "git")]
pub(super) mod commit;
#[cfg(feature = "respond")]
pub(super) mod reach;
pub(super) mod suppress;

use std::num::NonZeroUsize;
use std::path::PathBuf;
#[cfg(feature = "git")]
use std::time::Duration;

use akid::level::{Certainty, Severity};
use akid::report::Format;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ColorChoice, ValueEnum};
#[cfg(feature = "git")]
use jiff::SignedDuration;

use account::{AccountArgs, FailOwner, StatusOptions};
use suppress::BaselineArgs;

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

/// The options of every scan: its report, what fails, and how it is done.
#[derive(Args, Debug)]
pub(super) struct CommonArgs {
    #[command(flatten)]
    pub(super) report: ReportArgs,
    #[command(flatten)]
    pub(super) fail: FailArgs,
    #[command(flatten)]
    pub(super) how: HowArgs,
}

/// The options of a scan of everything: what is known of its findings already, and whose they are.
#[derive(Args, Debug, Default)]
pub(super) struct KnownArgs {
    #[command(flatten)]
    pub(super) baseline: BaselineArgs,
    #[command(flatten)]
    pub(super) status: StatusOptions,
    #[command(flatten)]
    pub(super) accounts: AccountArgs,
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

impl ConfigArgs {
    /// The configuration at `config`, if one is named; none at all where that is wanted.
    pub(super) fn new(config: Option<PathBuf>, no_config: bool) -> Self {
        Self {
            config,
            no_config,
            #[cfg(feature = "git")]
            config_from: None,
        }
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

#[cfg(feature = "git")]
/// A duration in words, or in seconds.
pub(super) fn parse_duration(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().map(SignedDuration::from_secs);
    let duration = seconds.or_else(|| text.parse().ok()).and_then(|duration| duration.try_into().ok());
    duration.filter(|d: &Duration| !d.is_zero()).ok_or_else(|| "not a duration, such as 30s or 2m".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_suffixes() {
        assert_eq!(parse_size("10M"), Ok(10 << 20));
        assert_eq!(parse_size("7"), Ok(7));
        assert!(parse_size("x").is_err() && parse_size("").is_err() && parse_size("99999999999G").is_err());
    }

    #[cfg(feature = "git")]
    #[test]
    fn durations_have_units_or_are_seconds() {
        assert_eq!(parse_duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(parse_duration("100ms"), Ok(Duration::from_millis(100)));
        for wrong in ["", "0", "-1s", "soon", "99999999999999999999"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }
}
