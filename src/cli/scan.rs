//! `akid scan`: the wiring.

use std::path::Path;
use std::time::Instant;

use akid::detect::Detector;
use akid::report::{self, Format, Options, Report};
use akid::resolve::Resolution;
use akid::scan::{Scan, Scanner};
use akid::source::{Files, FilesOptions, Source, Stdin, Stop};
use akid::suppress::Suppressor;
use anyhow::Context;

use super::Exit;
use super::args::ScanArgs;
use super::output::{self, Writer};
use super::progress::Bar;
use super::settings::Settings;

/// Scans and reports.
pub(super) fn run(args: ScanArgs) -> anyhow::Result<Exit> {
    let started = Instant::now();
    let settings = Settings::new(args)?;
    let outputs = open_outputs(&settings)?;

    let own_files = outputs.iter().flat_map(|(_, writer)| writer.files()).collect();
    let files = Files::new(&settings.roots, FilesOptions { outputs: own_files, ..settings.files.clone() });
    let stdin: Option<&dyn Source> = settings.with_stdin.then_some(&Stdin);
    let sources: Vec<&dyn Source> = std::iter::once(&files as &dyn Source).chain(stdin).collect();
    let scan = scan(&settings, &sources)?;

    let (path_prefix, current_folder) = files.base().map(|base| way(base.as_path())).unwrap_or_default();
    let options = Options { path_prefix, current_folder, ..options(&settings) };
    report(&settings, &scan, outputs, &options, started)
}

/// Opens what the reports go to.
pub(super) fn open_outputs(settings: &Settings) -> anyhow::Result<Vec<(Format, Writer)>> {
    settings.outputs.iter().map(|(format, target)| Ok((*format, Writer::open(target)?))).collect()
}

/// What the user asked of reports.
pub(super) fn options(settings: &Settings) -> Options {
    Options {
        sarif_category: settings.sarif_category.clone(),
        sarif_suppressed: settings.sarif_suppressed,
        ..Options::default()
    }
}

/// Reports on a scan.
pub(super) fn report(
    settings: &Settings,
    scan: &Scan,
    outputs: Vec<(Format, Writer)>,
    options: &Options,
    started: Instant,
) -> anyhow::Result<Exit> {
    let report = Report { scan, rules: &settings.rules, now: settings.now, options };
    for (format, writer) in outputs {
        writer.write(|out| report::write(format, &report, out))?;
    }
    tell(settings, &report, started);
    Ok(exit(settings, scan))
}

/// Scans `sources` as the settings say.
pub(super) fn scan(settings: &Settings, sources: &[&dyn Source]) -> anyhow::Result<Scan> {
    let suppressor = Suppressor { now: settings.now, inline_allow: settings.inline_allow };
    let stop = stop_on_interrupt()?;
    let early = settings.owners.sign_in_early(&stop);
    let detector = Detector::new(&settings.rules);
    let scanner = Scanner::new(detector, suppressor, settings.files.threads, stop.clone())
        .with_limits(settings.archives);
    let bar = settings.show_progress.then(|| Bar::start(scanner.progress()));
    let mut scan = scanner.scan(sources);
    drop(bar);
    settings.owners.settle(&mut scan, early, &stop);
    Ok(scan)
}

/// A switch that the first interrupt throws; the second ends the process at once.
pub(super) fn stop_on_interrupt() -> anyhow::Result<Stop> {
    let stop = Stop::default();
    let switch = stop.clone();
    ctrlc::set_handler(move || {
        if switch.is_stopped() {
            #[expect(clippy::exit, reason = "the user asked twice, and there is nothing to clean up")]
            std::process::exit(130);
        }
        switch.stop();
    })
    .context("cannot listen for interrupts")?;
    Ok(stop)
}

/// What leads from the current folder to `base`, and where the current folder lies below it.
pub(super) fn way(base: &Path) -> (String, String) {
    let shown = |path: &Path| match path.to_string_lossy() {
        path if path.is_empty() => String::new(),
        path => format!("{}/", path.trim_end_matches('/')),
    };
    let Some(current) = std::env::current_dir().ok().and_then(|folder| folder.canonicalize().ok()) else {
        return (shown(base), String::new());
    };
    match (base.strip_prefix(&current), current.strip_prefix(base)) {
        (Ok(below), _) => (shown(below), String::new()),
        (_, Ok(above)) => ("../".repeat(above.components().count()), shown(above).replace('\\', "/")),
        _ => (shown(base), String::new()),
    }
}

fn tell(settings: &Settings, report: &Report<'_>, started: Instant) {
    if settings.verbose {
        let config =
            settings.config.as_ref().map(|path| akid::redact::redact(path.as_os_str().as_encoded_bytes()));
        output::complain(&format!("configuration: {}", config.as_deref().unwrap_or("none")));
    }
    let scan = report.scan;
    let has_problems =
        !scan.skipped.is_empty() || scan.interrupted || scan.resolution != Resolution::default();
    if !settings.quiet || has_problems {
        output::complain(&report::summary(report, started.elapsed()));
    }
}

fn exit(settings: &Settings, scan: &Scan) -> Exit {
    let fails = scan.findings.iter().any(|finding| {
        finding.suppression.is_none()
            && finding.severity >= settings.fail_on
            && finding.confidence.certainty() >= settings.min_confidence
            && settings.fail_owner.covers(finding.owner.ownership)
    });
    let is_complete = scan.skipped.is_empty() && scan.resolution.failures.is_empty();
    match (scan.interrupted, is_complete, fails) {
        (true, ..) => Exit::Interrupted,
        (_, false, _) => Exit::Incomplete,
        (_, _, true) => Exit::Findings,
        _ => Exit::Clean,
    }
}
