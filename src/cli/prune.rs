//! `akid baseline prune`: the wiring.

use std::path::PathBuf;

use akid::report::{self, Options, Report};
use akid::scan::Scan;
use akid::source::{Files, Stop};
use anyhow::Context;

use super::args::{PruneArgs, ScanArgs};
use super::scan::{scan, stop_on_interrupt};
use super::settings::Settings;
use super::{Exit, baseline, config, output};

/// Scans files, and the history that they have, and takes from the baseline what is in neither.
pub(super) fn run(args: PruneArgs) -> anyhow::Result<Exit> {
    let started = std::time::Instant::now();
    let nearest = config::nearest(&[PathBuf::from(".")]);
    let file = args.file;
    let settings = Settings::with(ScanArgs::of_here(args.how), None, nearest)?;
    let path = file
        .or_else(|| settings.config.baseline_file())
        .context("which baseline?\nhelp: name the file, or set `baseline` in `.akid.toml`")?;
    baseline::open(&path)?;
    let stop = stop_on_interrupt()?;
    let files = Files::new(&settings.roots, settings.files.clone());
    let files = scan(&settings, &[&files], &stop, false);
    let scans: Vec<Scan> = std::iter::once(files).chain(history(&settings, &stop)).collect();
    let is_complete = |scan: &Scan| !scan.interrupted && scan.skipped.is_empty();
    if let Some(scan) = scans.iter().find(|scan| !is_complete(scan)) {
        let options = Options::default();
        let report = Report { scan, rules: &settings.rules, now: settings.now, options: &options };
        output::complain(&report::summary(&report, started.elapsed()));
        output::complain("the baseline stays as it is: what is in it may be where nothing could be read");
        return Ok(if scan.interrupted { Exit::Interrupted } else { Exit::Incomplete });
    }
    baseline::tell(baseline::prune(&path, &scans, &settings.rules)?, &path)?;
    Ok(Exit::Clean)
}

/// What the history that the files have holds; `None` if they have none.
#[cfg(feature = "git")]
fn history(settings: &Settings, stop: &Stop) -> Option<Scan> {
    let repository = super::history::of_environment().ok()?;
    let history = super::history::whole(vec![repository], settings);
    Some(scan(settings, &[&history], stop, false))
}

#[cfg(not(feature = "git"))]
fn history(_: &Settings, _: &Stop) -> Option<Scan> {
    None
}
