//! `akid report`: reports of earlier scans, merged, compared and written anew.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Instant;

use akid::redact::redact;
use akid::report::{self, Options, Reported, compare, merge};
use anyhow::{Context, anyhow};

use super::args::account::AccountArgs;
use super::args::account::StatusOptions;
#[cfg(feature = "respond")]
use super::args::account::{AskArgs, OwnArgs};
use super::args::{ConfigArgs, EXIT_CODES, FailArgs, HowArgs, ReportArgs};
use super::reports::open_outputs;
use super::request::Request;
use super::run::{options, report, stop_on_interrupt};
use super::settings::Settings;
use super::{Exit, bounded, output};
use clap::Args;

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

impl ReportCommandArgs {
    /// Splits off the files; the rest has the form of the arguments of a scan.
    pub(super) fn split(self) -> (Vec<PathBuf>, Option<PathBuf>, Request) {
        #[cfg(feature = "respond")]
        let accounts = AccountArgs { own: self.own, resolve: None, ask: self.ask };
        #[cfg(not(feature = "respond"))]
        let accounts = AccountArgs::default();
        let Self { files, compare, report, fail, config, no_config, rules, status, .. } = self;
        let config = ConfigArgs::new(config, no_config);
        let how = HowArgs { config, rules, threads: None, max_findings: None };
        (files, compare, Request { report, fail, status, accounts, ..Request::of_here(how) })
    }
}

/// How long one report may be, in MiB.
const MAX_LEN: u64 = 1024;

/// Reads reports and writes one.
pub(super) fn run(args: ReportCommandArgs) -> anyhow::Result<Exit> {
    let started = Instant::now();
    let (files, old, args) = args.split();
    let settings = Settings::new(args)?;
    let stop = stop_on_interrupt()?;
    // Both are read before a report is opened that may replace one of them.
    let mut scan = merge(files.iter().map(|file| read(file)).collect::<anyhow::Result<_>>()?);
    let old = old.map(|file| read(&file)).transpose()?;
    let compared = old.map(|old| compare(&mut scan, old.scan));
    let outputs = open_outputs(&settings)?;
    #[cfg(feature = "respond")]
    settings.owners.settle_again(&mut scan, settings.policy.now, &stop);
    output::hide(&scan.known);
    let options = Options { compared, ..options(&settings) };
    report(&settings, &mut scan, outputs, &options, started, &stop)
}

/// Reads the report at `file`; `-` is standard input.
pub(super) fn read(file: &Path) -> anyhow::Result<Reported> {
    let name = redact(file.as_os_str().as_encoded_bytes());
    let text = content(file).with_context(|| format!("{name}: cannot be read"))?;
    report::read(&text).map_err(|error| {
        anyhow!("{name}: {error}\nhelp: `akid scan -f json` and `-f jsonl` write what this command reads")
    })
}

fn content(file: &Path) -> io::Result<Vec<u8>> {
    if file.as_os_str() != "-" {
        return bounded::read(file, MAX_LEN);
    }
    let mut text = Vec::new();
    io::stdin().take(MAX_LEN << 20).read_to_end(&mut text)?;
    Ok(text)
}
