//! `akid history`: the wiring.

use std::time::Instant;

use akid::anchor::Gate;
use akid::detect::MARGIN;
use akid::report::{Counted, Options};
use akid::source::git::{Anchors, Environment, History, Repository, RepositoryError};

use super::Exit;
use super::args::{HistoryArgs, ScanArgs};
use super::output;
use super::scan::{open_outputs, options, report, scan};
use super::settings::{self, Settings};

/// Scans repositories and reports.
pub(super) fn run(args: HistoryArgs) -> anyhow::Result<Exit> {
    let started = Instant::now();
    // Where a repository is named, the environment is about another one.
    let named = (!args.repositories.is_empty()).then(|| args.repositories.clone());
    let settings = Settings::new(ScanArgs::from(args))?;
    let repositories: Vec<Repository> = match named {
        Some(paths) => paths.iter().map(|path| Repository::open(path)).collect::<Result<_, _>>()?,
        None => vec![of_environment()?],
    };
    let outputs = open_outputs(&settings)?;
    if !settings.quiet {
        repositories.iter().for_each(|repository| tell(repository, settings.verbose));
    }
    let anchors = Anchors { gate: Gate::new(&settings.rules), margin: MARGIN };
    let history = History::new(repositories, settings.files.threads, Some(anchors));
    let scan = scan(&settings, &[&history])?;
    let options = Options { counted: Counted::Objects, ..options(&settings) };
    report(&settings, &scan, outputs, &options, started)
}

fn of_environment() -> Result<Repository, RepositoryError> {
    let variable = settings::variable;
    Repository::of_environment(&Environment {
        git_dir: variable("GIT_DIR"),
        object_directory: variable("GIT_OBJECT_DIRECTORY"),
        alternate_object_directories: variable("GIT_ALTERNATE_OBJECT_DIRECTORIES"),
    })
}

/// Tells what of its history a repository does not have, and where its objects are.
fn tell(repository: &Repository, verbose: bool) {
    let shown = |path: &std::path::Path| akid::redact::redact(path.as_os_str().as_encoded_bytes());
    let top = shown(repository.top());
    if repository.is_shallow() {
        output::complain(&format!(
            "note: {top}: a shallow clone: history before it is not covered; `git fetch --unshallow` gets it"
        ));
    }
    if repository.is_partial() {
        output::complain(&format!("note: {top}: a partial clone: what was never fetched is not covered"));
    }
    if verbose {
        for store in repository.stores() {
            output::complain(&format!("objects: {}", shown(&store.path)));
        }
    }
}
