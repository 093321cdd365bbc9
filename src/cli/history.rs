//! `akid history`: the wiring.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use akid::clean::CleanCache;
use akid::report::{Counted, Options};
use akid::scan::{RepositorySources, threads_each};
use akid::source::git::{Changes, History, Repository, RepositoryError, Selection};
use akid::source::{OwnFiles, Source, threads_for};
use akid::stop::Stop;
use anyhow::Context;
use jiff::Timestamp;

use super::Exit;
use super::args::commit::CommitArgs;
use super::args::{CommonArgs, EXIT_CODES, ExcludeArgs, KnownArgs};
use super::cache::{self, CacheArgs};
use super::output;
use super::reports::open_outputs;
use super::repositories::Repositories;
use super::repository::{of_environment, range_error};
use super::request::Request;
use super::run::{options, report, scan, scan_each, stop_on_interrupt, whole};
use super::settings::Settings;
use clap::Args;

/// What `akid history` takes.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(super) struct HistoryArgs {
    /// Repositories: a worktree, a folder in one, a `.git` folder, or a bare repository [default: what git itself would take]
    #[arg(value_name = "REPO")]
    pub(super) repositories: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) commits: CommitArgs,
    #[command(flatten)]
    pub(super) common: CommonArgs,
    #[command(flatten)]
    pub(super) cache: CacheArgs,
    #[command(flatten)]
    pub(super) exclude: ExcludeArgs,
    #[command(flatten)]
    pub(super) known: KnownArgs,
}

impl From<HistoryArgs> for Request {
    fn from(args: HistoryArgs) -> Self {
        let HistoryArgs { repositories, common, exclude, known, .. } = args;
        let here = Self::new(common).with(known);
        let paths = if repositories.is_empty() { here.paths } else { repositories };
        Self { paths, exclude, ..here }
    }
}

/// Scans repositories and reports.
pub(super) fn run(args: HistoryArgs) -> anyhow::Result<Exit> {
    let started = Instant::now();
    // Where a repository is named, the environment is about another one.
    let named = (!args.repositories.is_empty()).then(|| args.repositories.clone());
    let (commits, cache) = (args.commits.clone(), args.cache.clone());
    let settings = Settings::new(Request::from(args))?;
    let repositories = match named {
        Some(paths) => each_once(&paths)?,
        None => vec![of_environment()?],
    };
    let names: Vec<_> = repositories.iter().map(|repository| Arc::new(repository.display_name())).collect();
    let only = repositories.first().map(Repositories::one).unwrap_or_default();
    let stop = stop_on_interrupt()?;
    let selection = selection(commits, settings.policy.now)?;
    let cache = cache.open(&settings);
    let changes = match &selection {
        Some(selection) => changes(repositories.clone(), selection, &settings, cache.as_ref(), &stop)?,
        None => Vec::new(),
    };
    let outputs = open_outputs(&settings)?;
    if settings.verbose && !settings.quiet {
        repositories.iter().for_each(tell);
    }
    let mut options = Options { counted: Counted::Objects, ..options(&settings) };
    let sizes: Vec<u64> = repositories.iter().map(Repository::packed_len).collect();
    let threads = threads_each(&sizes, threads_for(settings.files.threads));
    let changes: Vec<Changes> =
        changes.into_iter().zip(&threads).map(|(changes, &threads)| changes.on_threads(threads)).collect();
    let histories: Vec<(History, OwnFiles)>;
    let sources: Vec<Vec<&dyn Source>> = if selection.is_some() {
        options.sarif_category.get_or_insert_with(|| "akid/range/".to_owned());
        changes.iter().map(|changes| vec![changes as &dyn Source]).collect()
    } else {
        let whole = |(repository, &threads)| {
            let (history, files) = whole(repository, &settings);
            (history.with_cache(cache.clone()).on_threads(threads), files)
        };
        histories = repositories.into_iter().zip(&threads).map(whole).collect();
        histories.iter().map(|(history, files)| vec![history as &dyn Source, files]).collect()
    };
    let mut scan = if let [] | [_] = names[..] {
        scan(&settings, &only, (&sources.concat(), Counted::Objects), &stop, selection.is_none())
    } else {
        let each = names.into_iter().zip(sources).zip(threads.into_iter().zip(sizes));
        let of_each =
            |((name, sources), (threads, bytes))| RepositorySources { name, sources, threads, bytes };
        scan_each(&settings, &each.map(of_each).collect::<Vec<_>>(), &stop)
    };
    cache::warn_of_problems(cache.as_deref());
    report(&settings, &mut scan, outputs, &options, started, &stop)
}

/// The repositories at `paths`, each once.
fn each_once(paths: &[PathBuf]) -> Result<Vec<Repository>, RepositoryError> {
    let mut repositories = Vec::<Repository>::new();
    for path in paths {
        let repository = Repository::open(path)?;
        if repositories.iter().all(|known| known.git_dir() != repository.git_dir()) {
            repositories.push(repository);
        }
    }
    Ok(repositories)
}

/// The commits that were asked for; `None` for everything.
fn selection(args: CommitArgs, now: Timestamp) -> anyhow::Result<Option<Selection>> {
    let since = args.since.map(|since| since.before(now).context("--since: too long ago")).transpose()?;
    let selection = Selection { ranges: args.range, refs: args.refs, since: since.map(Timestamp::as_second) };
    let is_all = selection.ranges.is_empty() && selection.refs.is_empty() && selection.since.is_none();
    Ok((!is_all).then_some(selection))
}

fn changes(
    repositories: Vec<Repository>,
    selection: &Selection,
    settings: &Settings,
    cache: Option<&Arc<CleanCache>>,
    stop: &Stop,
) -> anyhow::Result<Vec<Changes>> {
    let changes = |repository: Repository| {
        let changes = Changes::new(repository.clone(), selection, settings.files.threads, stop);
        changes
            .map(|changes| changes.with_anchors(settings.detector().anchors()).with_cache(cache.cloned()))
            .map_err(|error| range_error(error, &repository))
    };
    repositories.into_iter().map(changes).collect()
}

/// Tells where a repository's objects are.
fn tell(repository: &Repository) {
    let shown = |path: &std::path::Path| akid::redact::redact(path.as_os_str().as_encoded_bytes());
    for store in repository.stores() {
        output::warn(&format!("objects: {}", shown(&store.path)));
    }
}
