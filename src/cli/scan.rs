//! `akid scan`: the wiring.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use akid::detect::Detector;
use akid::panic;
use akid::redact::redact;
use akid::report::{self, Counted, Format, Options, Report, sarif_files};
use akid::resolve::Resolution;
use akid::scan::{Keep, Scan, Scanner};
use akid::source::{Base, Files, FilesOptions, Notice, Source, Stage, Stdin};
use akid::stop::Stop;
use akid::suppress::Suppressor;
use anyhow::{Context, bail};
use signal_hook::{consts, flag};

use super::Exit;
use super::args::ScanArgs;
use super::baseline::{self, Written};
use super::output::{self, Target, Writer};
use super::pager::{size_of_terminal, wait_for_reader};
use super::place::Place;
use super::progress::Bar;
use super::repositories::Repositories;
use super::settings::Settings;

/// Scans and reports.
pub(super) fn run(args: ScanArgs) -> anyhow::Result<Exit> {
    let started = Instant::now();
    #[cfg(feature = "git")]
    let with_history = args.history;
    #[cfg(not(feature = "git"))]
    let with_history = false;
    let settings = Settings::new(args)?;
    #[cfg(feature = "git")]
    let history = with_history.then(|| history_of(&settings)).transpose()?;
    #[cfg(not(feature = "git"))]
    let history: Option<Past> = None;
    let outputs = open_outputs(&settings)?;
    let own_files = outputs.iter().flat_map(|(_, writer)| writer.files()).collect();
    let files = Files::new(&settings.roots, FilesOptions { outputs: own_files, ..settings.files.clone() });
    let stop = stop_on_interrupt()?;
    let (mut scan, options) = scan_files(&settings, &files, history.as_ref(), &stop);
    let exit = report(&settings, &mut scan, outputs, &options, started, &stop)?;
    let is_repository = || files.base().is_some_and(|base| base.as_path().join(".git").exists());
    if cfg!(feature = "git") && !settings.quiet && !with_history && is_repository() {
        output::warn("note: git history was not scanned; `akid scan --history` scans it, too");
    }
    Ok(exit)
}

/// The history of a repository, and what git keeps beside it.
#[cfg(feature = "git")]
type Past = (akid::source::git::History, akid::source::git::OwnFiles);
#[cfg(not(feature = "git"))]
type Past = (Stdin, Stdin);

/// Scans the roots of the settings, and with them their history if that is wanted, as `akid scan` does.
pub(super) fn scan_roots(
    settings: &Settings,
    with_history: bool,
    stop: &Stop,
) -> anyhow::Result<(Scan, Options)> {
    #[cfg(feature = "git")]
    let history = with_history.then(|| history_of(settings)).transpose()?;
    #[cfg(not(feature = "git"))]
    let history = with_history.then_some((Stdin, Stdin));
    let files = Files::new(&settings.roots, settings.files.clone());
    Ok(scan_files(settings, &files, history.as_ref(), stop))
}

fn scan_files(settings: &Settings, files: &Files, history: Option<&Past>, stop: &Stop) -> (Scan, Options) {
    let stdin: Option<&dyn Source> = settings.with_stdin.then_some(&Stdin);
    let past = history.into_iter().flat_map(|(history, beside)| [history as &dyn Source, beside]);
    let sources: Vec<&dyn Source> = std::iter::once(files as &dyn Source).chain(stdin).chain(past).collect();
    let is_whole = covers_all(settings, files.base());
    let repositories = Repositories::of_roots(&settings.roots, files.base());
    let counted = if history.is_some() { Counted::FilesAndObjects } else { Counted::Files };
    let mut scan = scan(settings, &repositories, (&sources, counted), stop, is_whole);
    let (path_prefix, current_folder) = files.base().map(|base| way(base.as_path())).unwrap_or_default();
    if history.is_some() {
        scan.merge_files_with_history();
    }
    (scan, Options { path_prefix, current_folder, counted, ..options(settings) })
}

/// The history of the one repository that all roots are in.
#[cfg(feature = "git")]
fn history_of(settings: &Settings) -> anyhow::Result<Past> {
    use akid::source::git::Repository;
    let Some((first, others)) = settings.roots.split_first() else {
        bail!("--history: standard input has no history\nhelp: name a repository");
    };
    let repository = Repository::open(first)?;
    for other in others {
        if Repository::open(other)?.git_dir() != repository.git_dir() {
            bail!(
                "--history: the paths are in different repositories\nhelp: scan one at a time, or their history alone \
                 with `akid history PATH PATH`"
            );
        }
    }
    Ok(super::history::whole(repository, settings))
}

/// Whether all that entries of the configuration may be about is scanned.
fn covers_all(settings: &Settings, base: Option<&Base>) -> bool {
    let is_base = |root: &PathBuf| {
        root.canonicalize().is_ok_and(|root| Some(root.as_path()) == base.map(Base::as_path))
    };
    settings.roots.iter().any(is_base)
}

/// Opens what the reports go to: a file each, none of them a baseline.
pub(super) fn open_outputs(settings: &Settings) -> anyhow::Result<Vec<(Format, Writer)>> {
    let mut taken: Vec<PathBuf> = settings.baseline_files.clone();
    let mut open = |(format, target): &(Format, Target)| {
        taken_once(&mut taken, target)?;
        let writer = match (&settings.pager, format, target) {
            (Some(pager), Format::Text, Target::Stdout) => Writer::paged(pager.clone()),
            _ => Writer::open(target)?,
        };
        Ok((*format, writer))
    };
    settings.outputs.iter().map(&mut open).collect()
}

/// Takes note of the file at `target`, unless something else is written there.
fn taken_once(taken: &mut Vec<PathBuf>, target: &Target) -> anyhow::Result<()> {
    let Target::File(path) = target else { return Ok(()) };
    let Some(file) = Place::of(path).ok().and_then(Place::into_file) else { return Ok(()) };
    if taken.contains(&file) {
        let path = redact(path.as_os_str().as_encoded_bytes());
        bail!("{path}: two outputs use this file\nhelp: name a file for each");
    }
    taken.push(file);
    Ok(())
}

/// What the user asked of reports.
pub(super) fn options(settings: &Settings) -> Options {
    Options {
        sarif_category: settings.sarif_category.clone(),
        sarif_suppressed: settings.sarif_suppressed,
        failing: settings.failing.clone(),
        shown: settings.shown.clone(),
        verbose: settings.verbose,
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
    let baseline = write_baseline.map(|path| baseline::write(settings, path, scan));
    let report = Report { scan, rules: &settings.rules, now: settings.now, options };
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

/// Writes each report, whatever becomes of the others.
pub(super) fn write_all(report: &Report<'_>, outputs: Vec<(Format, Writer)>) -> anyhow::Result<()> {
    let write = |report: &Report<'_>, format: Format, writer: Writer| {
        // These hold no control character.
        let is_plain =
            !matches!(format, Format::Text | Format::Csv | Format::Github | Format::Junit | Format::Markdown);
        let written = panic::catch(|| {
            writer.write(is_plain, |out| report::write(format, report, out).map(output::count))
        });
        written.unwrap_or_else(|panicked| {
            bail!(
                "akid panicked at {panicked} while it wrote the {} report: this is a bug in akid",
                format.as_str()
            )
        })
    };
    let written = |(format, writer): (Format, Writer)| {
        let files = sarif_files(report.scan);
        match writer.target().filter(|_| format == Format::Sarif && files > 1) {
            None => write(report, format, writer),
            Some(target) => write_sarif_files(report, files, writer, &target, &write),
        }
    };
    let failed: Vec<String> = outputs
        .into_iter()
        .filter_map(|output| written(output).err())
        .map(|error| format!("{error:#}"))
        .collect();
    if failed.is_empty() { Ok(()) } else { bail!(failed.join("\nerror: ")) }
}

/// Writes SARIF of more repositories than GitHub takes in one file: the first ones to the file that is named, the others
/// beside it.
fn write_sarif_files(
    report: &Report<'_>,
    files: usize,
    first: Writer,
    target: &Path,
    write: &dyn Fn(&Report<'_>, Format, Writer) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let of_file = |nth| Options { sarif_file: Some(nth), ..report.options.clone() };
    write(&Report { options: &of_file(0), ..*report }, Format::Sarif, first)?;
    let mut others = Vec::new();
    for nth in 1..files {
        let path = numbered(target, nth + 1);
        let writer = Writer::open(&Target::File(path.clone()))?;
        write(&Report { options: &of_file(nth), ..*report }, Format::Sarif, writer)?;
        others.push(redact(path.as_os_str().as_encoded_bytes()));
    }
    output::warn(&format!(
        "note: GitHub accepts at most 20 runs in a SARIF file, so there are {files}: {}, {}",
        redact(target.as_os_str().as_encoded_bytes()),
        others.join(", ")
    ));
    Ok(())
}

/// The path with a number before its extension.
fn numbered(path: &Path, number: usize) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
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
    repositories: &[(Arc<akid::finding::RepositoryName>, Vec<&dyn Source>)],
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
    let exclude = &settings.files.exclude;
    scan.run_stage(Stage::Acceptance, |scan| {
        scan.leave_out(&|path| exclude.is_match(&*String::from_utf8_lossy(path.as_bytes())));
    });
    scan.run_stage(Stage::Owners, |scan| settings.owners.settle(scan, early, settings.now, stop));
    output::hide(&scan.known);
    scan.notices.extend(settings.config.ignored.clone().map(Notice::Configuration));
    scan.run_stage(Stage::Acceptance, |scan| {
        scan.accept(&settings.accepted, settings.now, is_whole);
        scan.fold_unreachable();
    });
    scan
}

/// What scans as the settings say.
pub(super) fn scanner(settings: &Settings, stop: &Stop) -> Scanner {
    let suppressor = Suppressor { now: settings.now, inline_allow: settings.inline_allow };
    let detector = Detector::new(&settings.rules);
    let keep = Keep {
        findings: settings.max_findings,
        accounts: settings.owners.accounts.clone(),
        accepted: Arc::clone(&settings.accepted),
        exclude: settings.files.exclude.clone(),
        strict: settings.strict,
        now: settings.now,
    };
    let scanner = Scanner::new(detector, suppressor, settings.files.threads, stop.clone());
    scanner.with_limits(settings.archives).keeping(keep)
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
