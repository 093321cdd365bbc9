//! `akid staged`: the wiring.

use std::path::{Path, PathBuf};
use std::time::Instant;

use akid::report::Counted;
use akid::report::{Format, Options};
use akid::source::git::{Staged, StagedOptions};

use super::Exit;
use super::args::account::AccountArgs;
use super::args::suppress::{BaselineArgs, SuppressArgs};
use super::args::{CommonArgs, EXIT_CODES, ExcludeArgs, parse_size};
use super::config;
use super::environment;
use super::reports::open_outputs;
use super::repositories::Repositories;
use super::repository::{of_environment, top};
use super::request::Request;
use super::run::{options, report, scan, stop_on_interrupt, way};
use super::settings::Settings;
use clap::Args;

/// What `akid staged` takes.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(super) struct StagedArgs {
    #[command(flatten)]
    pub(super) common: CommonArgs,
    #[command(flatten)]
    pub(super) exclude: ExcludeArgs,
    /// Skip files larger than this, in bytes or with K, M, G
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub(super) max_file_size: Option<u64>,
    #[command(flatten)]
    pub(super) suppress: SuppressArgs,
    #[command(flatten)]
    pub(super) accounts: AccountArgs,
}

impl From<StagedArgs> for Request {
    fn from(args: StagedArgs) -> Self {
        let StagedArgs { common, exclude, max_file_size, suppress, accounts } = args;
        let baseline = BaselineArgs { suppress, write_baseline: None };
        Self { exclude, max_file_size, baseline, accounts, ..Self::new(common) }
    }
}

/// What keeps this analysis apart from those of files and of history.
pub(super) const CATEGORY: &str = "akid/staged/";

/// Scans what is staged and reports.
pub(super) fn run(args: StagedArgs) -> anyhow::Result<Exit> {
    let started = Instant::now();
    let repository = of_environment()?;
    let top = top(&repository);
    let settings = settings_at(&top, Request::from(args), Some(Format::Text))?;
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
pub(super) fn settings_at(top: &Path, mut args: Request, format: Option<Format>) -> anyhow::Result<Settings> {
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
        index: environment::variable("GIT_INDEX_FILE").map(|path| top.join(path)),
        has_worktree: environment::variable("GIT_WORK_TREE").is_some(),
        threads: settings.files.threads,
        max_file_size: settings.files.max_file_size,
        exclude: settings.files.exclude.clone(),
    }
}
