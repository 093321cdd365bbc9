//! What commands that scan have in common: the scan as the settings say, the report, the exit code.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use akid::redact::redact;
use akid::report::{self, Counted, Format, Options, Report};
use akid::resolve::Resolution;
use akid::scan::{Scan, Scanner};
#[cfg(feature = "git")]
use akid::source::OwnFiles;
#[cfg(feature = "git")]
use akid::source::git::{History, Repository};
use akid::source::{Notice, Source};
use akid::stop::Stop;
use anyhow::Context;
use signal_hook::{consts, flag};

use super::Exit;
use super::baseline;
use super::baseline::Written;
use super::output::{self, Writer};
use super::pager::{size_of_terminal, wait_for_reader};
use super::progress::Bar;
use super::remedy::report::HINTS;
use super::reports::write_all;
use super::repositories::Repositories;
use super::settings::Settings;

/// What the user asked of reports.
pub(super) fn options(settings: &Settings) -> Options {
    Options {
        sarif_category: settings.sarif_category.clone(),
        sarif_suppressed: settings.sarif_suppressed,
        failing: settings.failing.clone(),
        shown: settings.shown.clone(),
        verbose: settings.verbose,
        hints: HINTS,
        width: size_of_terminal().map(|(width, _)| width),
        ..Options::default()
    }
}

/// Reports on a scan.
pub(super) fn report(
    settings: &Settings,
    scan: &mut Scan,
    outputs: Vec<(Format, Writer)>,
    options: &Options,
    started: Instant,
    stop: &Stop,
) -> anyhow::Result<Exit> {
    // What was found is told even where something cannot be written.
    let is_all_listed = scan.left_out.findings() == 0;
    let write_baseline = settings.write_baseline.as_ref().filter(|_| !scan.interrupted && is_all_listed);
    let baseline = write_baseline.map(|path| baseline::write(&settings.rules, path, scan));
    let report = Report { scan, rules: &settings.rules, now: settings.policy.now, options };
    let written = write_all(&report, outputs);
    wait_for_reader(stop);
    tell(settings, &report, started);
    if settings.write_baseline.is_some() && scan.interrupted {
        output::warn("the baseline is not written: the scan was stopped before its end");
    } else if settings.write_baseline.is_some() && !is_all_listed {
        output::warn(&format!(
            "the baseline is not written: {} more findings are counted, not listed\n\
             help: raise --max-findings above their number, or scan less at a time",
            scan.left_out.findings()
        ));
    }
    written?;
    if let Some((path, written)) = settings.write_baseline.as_deref().zip(baseline.transpose()?) {
        tell_written(settings, path, written);
    }
    Ok(exit(settings, scan))
}

/// Reports what was written to the baseline at `path`, and how to use it where it is not used.
fn tell_written(settings: &Settings, path: &Path, written: Written) {
    if settings.quiet {
        return;
    }
    output::warn(&written.message(path));
    if settings.baseline.is_none() {
        let path = redact(path.as_os_str().as_encoded_bytes());
        output::warn(&format!("help: `--baseline {path}` fails only on findings that are not in it"));
    }
}

/// Scans `sources`, whose inputs are counted as `counted`, as the settings say, until it is stopped. Where that `is_whole`, entries of the configuration that
/// match nothing are reported.
pub(super) fn scan(
    settings: &Settings,
    repositories: &Repositories,
    (sources, counted): (&[&dyn Source], Counted),
    stop: &Stop,
    is_whole: bool,
) -> Scan {
    scan_with(settings, stop, (is_whole, counted), |scanner| {
        let mut scan = scanner.scan_named(sources, &|origin| repositories.name_of(origin));
        scan.repositories = repositories.names();
        scan
    })
}

/// Scans repositories. What is found in one is attributed to that one only.
#[cfg(feature = "git")]
pub(super) fn scan_each(
    settings: &Settings,
    repositories: &[akid::scan::RepositorySources<'_>],
    stop: &Stop,
) -> Scan {
    scan_with(settings, stop, (false, Counted::Objects), |scanner| scanner.scan_each(repositories))
}

fn scan_with(
    settings: &Settings,
    stop: &Stop,
    (is_whole, counted): (bool, Counted),
    run: impl FnOnce(&Scanner) -> Scan,
) -> Scan {
    let early = settings.owners.sign_in_early(stop);
    let scanner = scanner(settings, stop);
    let bar = settings.show_progress.then(|| Bar::start(scanner.progress(), counted));
    let mut scan = run(&scanner);
    drop(bar);
    let policy = &settings.policy;
    scan.apply(policy, is_whole, |scan| settings.owners.settle(scan, early, policy.now, stop));
    output::hide(&scan.known);
    scan.notices.extend(settings.config.ignored.as_deref().map(unapplied));
    scan
}

/// That a configuration is not the user's.
fn unapplied(path: &str) -> Notice {
    Notice::Told(format!(
        "{path}: not applied, because the current folder is not in its repository; `--config {path}` applies it"
    ))
}

/// What scans as the settings say.
pub(super) fn scanner(settings: &Settings, stop: &Stop) -> Scanner {
    let (detector, policy) = (settings.detector().clone(), settings.policy.clone());
    Scanner::new(detector, policy, settings.files.threads, stop.clone()).with_limits(settings.archives)
}

/// A switch that the first interrupt throws; the second ends the process at once.
pub(super) fn stop_on_interrupt() -> anyhow::Result<Stop> {
    let stop = Stop::default();
    for signal in SIGNALS {
        // In this order: what the second finds is what the first one set.
        flag::register_conditional_shutdown(signal, 130, Arc::clone(stop.flag()))
            .and_then(|_| flag::register(signal, Arc::clone(stop.flag())))
            .context("cannot listen for interrupts")?;
    }
    Ok(stop)
}

#[cfg(unix)]
const SIGNALS: [i32; 3] = [consts::SIGINT, consts::SIGTERM, consts::SIGHUP];
#[cfg(not(unix))]
const SIGNALS: [i32; 2] = [consts::SIGINT, consts::SIGTERM];

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

/// Tells what was done, beside the report.
pub(super) fn tell(settings: &Settings, report: &Report<'_>, started: Instant) {
    if settings.verbose {
        let config = settings.config.found.as_ref().map(|found| found.name.as_str());
        output::warn(&format!("configuration: {}", config.unwrap_or("none")));
        output::warn(&format!("baseline: {}", settings.baseline.as_deref().unwrap_or("none")));
    }
    if let Some(path) = settings.unused_baseline.as_ref().filter(|_| !settings.quiet) {
        output::warn(&format!("note: {path} is not used; `--baseline {path}` applies it"));
    }
    let scan = report.scan;
    let is_all_readable = scan.unreadable.is_empty() && scan.left_out.unreadable == 0;
    let has_problems = !scan.is_complete() || !is_all_readable || scan.resolution != Resolution::default();
    if !settings.quiet || has_problems {
        output::warn(&report::summary(report, started.elapsed()));
    }
}

/// What the process tells its caller of a scan.
pub(super) fn exit(settings: &Settings, scan: &Scan) -> Exit {
    let fails = scan.findings.iter().any(|finding| settings.failing.includes(finding));
    match (scan.interrupted, scan.is_complete(), fails) {
        (true, ..) => Exit::Interrupted,
        (_, false, _) => Exit::Incomplete,
        (_, _, true) => Exit::Findings,
        _ => Exit::Clean,
    }
}

/// All objects of `repository` that may hold something, and the files beside them.
#[cfg(feature = "git")]
pub(super) fn whole(repository: Repository, settings: &Settings) -> (History, OwnFiles) {
    let files = OwnFiles::new(&repository, settings.files.clone());
    (History::new(repository, settings.files.threads, Some(settings.detector().anchors())), files)
}
