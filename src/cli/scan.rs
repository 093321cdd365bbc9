//! `akid scan`: the wiring.

use std::path::PathBuf;
use std::time::Instant;

use akid::report::{Counted, Options};
use akid::scan::Scan;
use akid::source::{Base, Files, FilesOptions, Source, Stdin};
use akid::stop::Stop;
#[cfg(feature = "git")]
use anyhow::bail;
use clap::Args;

use super::args::{CommonArgs, EXIT_CODES, ExcludeArgs, KnownArgs, parse_size};
use super::reports::open_outputs;
use super::repositories::Repositories;
use super::request::Request;
#[cfg(feature = "git")]
use super::run::whole;
use super::run::{options, report, scan, stop_on_interrupt, way};
use super::settings::Settings;
use super::{Exit, output};

/// What `akid scan` takes.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(super) struct ScanArgs {
    /// Files and folders; `-` is standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) common: CommonArgs,
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
    pub(super) known: KnownArgs,
}

impl From<ScanArgs> for Request {
    fn from(args: ScanArgs) -> Self {
        let ScanArgs { paths, common, exclude, no_ignore, max_file_size, known, .. } = args;
        Self { paths, exclude, no_ignore, max_file_size, ..Self::new(common).with(known) }
    }
}

/// Scans and reports.
pub(super) fn run(args: ScanArgs) -> anyhow::Result<Exit> {
    let started = Instant::now();
    #[cfg(feature = "git")]
    let with_history = args.history;
    #[cfg(not(feature = "git"))]
    let with_history = false;
    let settings = Settings::new(Request::from(args))?;
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
type Past = (akid::source::git::History, akid::source::OwnFiles);
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
    Ok(whole(repository, settings))
}

/// Whether all that entries of the configuration may be about is scanned.
fn covers_all(settings: &Settings, base: Option<&Base>) -> bool {
    let is_base = |root: &PathBuf| {
        root.canonicalize().is_ok_and(|root| Some(root.as_path()) == base.map(Base::as_path))
    };
    settings.roots.iter().any(is_base)
}
