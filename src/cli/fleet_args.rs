//! What `akid fleet` takes, as typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::args::{EXIT_CODES, FailArgs, ReportArgs, parse_duration, parse_size};
use super::cache::CacheArgs;

/// What `akid fleet` takes.
#[derive(Args, Debug)]
pub(super) struct FleetArgs {
    #[command(subcommand)]
    pub(super) command: FleetCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum FleetCommand {
    /// Scan the history of many repositories; run it again to continue, or to scan what has changed
    Scan(FleetScanArgs),
    /// Print one line per target: how its last scan ended, and what it found
    Status(FleetStatusArgs),
    /// Write one report of all targets
    Report(FleetReportArgs),
}

/// What `akid fleet scan` takes.
#[derive(Args, Debug)]
#[command(after_help = TARGETS)]
pub(super) struct FleetScanArgs {
    /// File with the targets; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(super) targets: PathBuf,
    /// Folder for the results, which is created
    #[arg(long, value_name = "DIR")]
    pub(super) out: PathBuf,
    /// Folder for mirrors of remote repositories [default: `mirrors` in --out]
    #[arg(long, value_name = "DIR")]
    pub(super) mirrors: Option<PathBuf>,
    /// Delete the mirrors that were used longest ago while all of them together are larger than this, in bytes or with
    /// K, M, G; 0 keeps none [default: keep all]
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub(super) mirror_budget: Option<u64>,
    /// Targets that are scanned at the same time [default: one per two processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512))]
    pub(super) jobs: Option<u16>,
    /// Scan only the I-th of N parts of the targets, counted from 0 [default: what `JOB_COMPLETION_INDEX` and
    /// `JOB_COMPLETIONS`, or `AWS_BATCH_JOB_ARRAY_INDEX` and `AWS_BATCH_JOB_ARRAY_SIZE` say]
    #[arg(long, value_name = "I/N", value_parser = parse_shard)]
    pub(super) shard: Option<Shard>,
    /// Give up on a target after this time, such as 90s, 30m or 2h
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = parse_duration)]
    pub(super) timeout_per_target: Duration,
    /// Scan all targets, also those that have not changed since their last scan
    #[arg(long)]
    pub(super) rescan: bool,
    /// Allow targets with `file://` URLs
    #[arg(long)]
    pub(super) allow_file_urls: bool,
    /// Configuration for all targets
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Folder with your own rules
    #[arg(long, value_name = "DIR")]
    pub(super) rules: Option<PathBuf>,
    #[command(flatten)]
    pub(super) cache: CacheArgs,
    #[command(flatten)]
    pub(super) fail: FailArgs,
    /// Print only warnings and errors
    #[arg(short, long)]
    pub(super) quiet: bool,
}

/// What `akid fleet status` takes.
#[derive(Args, Debug)]
pub(super) struct FleetStatusArgs {
    /// Folder with the results
    #[arg(value_name = "DIR")]
    pub(super) out: PathBuf,
    /// Print JSON, one object per line
    #[arg(long)]
    pub(super) json: bool,
}

/// What `akid fleet report` takes.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(super) struct FleetReportArgs {
    /// Folder with the results
    #[arg(value_name = "DIR")]
    pub(super) out: PathBuf,
    #[command(flatten)]
    pub(super) report: ReportArgs,
    #[command(flatten)]
    pub(super) fail: FailArgs,
    /// Use this configuration instead of the current folder's `.akid.toml`
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Folder with your own rules
    #[arg(long, value_name = "DIR")]
    pub(super) rules: Option<PathBuf>,
}

const TARGETS: &str = "\
Targets:
  One per line: a path, or a URL (https, ssh, user@host:path). Or a JSON object per line:
    {\"target\": \"https://git.example.com/team/shop\", \"labels\": {\"owner\": \"shop team\"}}
  Empty lines and lines that start with # do not count. akid runs your git for URLs, with your
  credential helpers. A URL with a password in it is refused.

Exit codes:
  0    every target was scanned, and no finding fails
  1    findings at or above --fail-on and --min-confidence
  2    a target could not be scanned completely, or bad usage
  130  interrupted; run it again to continue";

/// One part of the targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shard {
    pub(super) index: u64,
    pub(super) count: u64,
}

impl Shard {
    /// Part `index` of `count`; `None` if there is no such part.
    pub(super) fn new(index: u64, count: u64) -> Option<Self> {
        (index < count).then_some(Self { index, count })
    }
}

fn parse_shard(text: &str) -> Result<Shard, String> {
    let parts =
        text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
    let shard = parts.and_then(|(index, count)| Shard::new(index, count));
    shard.ok_or_else(|| "not a part, such as 0/4 or 3/4".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_parts_are_read() {
        assert_eq!(parse_duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_duration("2h"), Ok(Duration::from_secs(7200)));
        assert!(
            ["0", "x", "", "5d", "99999999999999999999h"].iter().all(|text| parse_duration(text).is_err())
        );
        assert_eq!(parse_shard("3/4"), Ok(Shard { index: 3, count: 4 }));
        assert!(["4/4", "0/0", "1", "a/b", "-1/2"].iter().all(|text| parse_shard(text).is_err()));
    }
}
