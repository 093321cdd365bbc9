//! `akid report`: reports of earlier scans, merged, compared and written anew.

use std::io::{self, Read};
use std::path::Path;
use std::time::Instant;

use akid::redact::redact;
use akid::report::{self, Options, Reported, compare, merge};
use anyhow::{Context, anyhow};

use super::args::ReportCommandArgs;
use super::scan::{open_outputs, options, report, stop_on_interrupt};
use super::settings::Settings;
use super::{Exit, bounded, output};

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
    settings.owners.settle_again(&mut scan, settings.now, &stop);
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
