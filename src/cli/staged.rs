//! `akid staged`: the wiring.

use std::path::{Path, PathBuf};
use std::time::Instant;

use akid::report::Counted;
use akid::report::{Format, Options};
use akid::source::git::{Repository, Staged, StagedOptions};

use super::Exit;
use super::args::{ScanArgs, StagedArgs};
use super::config;
use super::history::of_environment;
use super::repositories::Repositories;
use super::scan::{open_outputs, options, report, scan, stop_on_interrupt, way};
use super::settings::{self, Settings};

/// What keeps this analysis apart from those of files and of history.
pub(super) const CATEGORY: &str = "akid/staged/";

/// Scans what is staged and reports.
pub(super) fn run(args: StagedArgs) -> anyhow::Result<Exit> {
    let started = Instant::now();
    let repository = of_environment()?;
    let top = top(&repository);
    let settings = settings_at(&top, ScanArgs::from(args), Some(Format::Text))?;
    let repositories = Repositories::one(&repository);
    let staged = Staged::open(repository, staged_options(&settings, &top))?;
    let outputs = open_outputs(&settings)?;
    let stop = stop_on_interrupt()?;
    let mut scan = scan(&settings, &repositories, (&[&staged], Counted::Files), &stop, false);
    let (path_prefix, current_folder) = way(&top);
    let options = options(&settings);
    let sarif_category = options.sarif_category.or_else(|| Some(CATEGORY.to_owned()));
    let options = Options { path_prefix, current_folder, sarif_category, ..options };
    report(&settings, &mut scan, outputs, &options, started, &stop)
}

/// The settings for what git keeps of a whole repository: they are those of the worktree's `top`, from whatever folder
/// akid is run.
pub(super) fn settings_at(
    top: &Path,
    mut args: ScanArgs,
    format: Option<Format>,
) -> anyhow::Result<Settings> {
    let is_here = |folder: PathBuf| folder.canonicalize().is_ok_and(|folder| folder == top);
    if !std::env::current_dir().is_ok_and(is_here) {
        args.paths = vec![top.to_path_buf()];
    }
    let config = config::nearest(&args.paths);
    Settings::with(args, format, config)
}

pub(super) fn staged_options(settings: &Settings, top: &Path) -> StagedOptions {
    StagedOptions {
        // Git goes to the top before it takes the path of an index for what it says.
        index: settings::variable("GIT_INDEX_FILE").map(|path| top.join(path)),
        has_worktree: settings::variable("GIT_WORK_TREE").is_some(),
        threads: settings.files.threads,
        max_file_size: settings.files.max_file_size,
        exclude: settings.files.exclude.clone(),
    }
}

/// The top of the worktree. Where the environment names a repository and no worktree, git takes the current folder.
pub(super) fn top(repository: &Repository) -> PathBuf {
    if settings::variable("GIT_DIR").is_none() {
        return repository.top().to_path_buf();
    }
    let folder = settings::variable("GIT_WORK_TREE").map_or_else(|| PathBuf::from("."), PathBuf::from);
    folder.canonicalize().unwrap_or(folder)
}
