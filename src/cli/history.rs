//! `akid history`: the wiring.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use akid::anchor::Gate;
use akid::clean::CleanCache;
use akid::detect::MARGIN;
use akid::origin::ObjectId;
use akid::report::{Counted, Options};
use akid::rule::RuleSet;
use akid::source::Source;
use akid::source::git::{
    Anchors, Changes, Environment, History, OwnFiles, RangeError, Repository, RepositoryError, Selection,
};
use akid::stop::Stop;
use anyhow::Context;
use jiff::Timestamp;

use super::Exit;
use super::args::{HistoryArgs, ScanArgs};
use super::cache;
use super::commit_args::CommitArgs;
use super::output;
use super::repositories::Repositories;
use super::scan::{open_outputs, options, report, scan, scan_each, stop_on_interrupt};
use super::settings::{self, Settings};

/// Scans repositories and reports.
pub(super) fn run(args: HistoryArgs) -> anyhow::Result<Exit> {
    let started = Instant::now();
    // Where a repository is named, the environment is about another one.
    let named = (!args.repositories.is_empty()).then(|| args.repositories.clone());
    let (commits, cache) = (args.commits.clone(), args.cache.clone());
    let settings = Settings::new(ScanArgs::from(args))?;
    let repositories = match named {
        Some(paths) => each_once(&paths)?,
        None => vec![of_environment()?],
    };
    let names: Vec<_> = repositories.iter().map(|repository| Arc::new(repository.display_name())).collect();
    let only = repositories.first().map(Repositories::one).unwrap_or_default();
    let stop = stop_on_interrupt()?;
    let selection = selection(commits, settings.now)?;
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
    let histories: Vec<(History, OwnFiles)>;
    let sources: Vec<Vec<&dyn Source>> = if selection.is_some() {
        options.sarif_category.get_or_insert_with(|| "akid/range/".to_owned());
        changes.iter().map(|changes| vec![changes as &dyn Source]).collect()
    } else {
        let whole = |repository| {
            let (history, files) = whole(repository, &settings);
            (history.with_cache(cache.clone()), files)
        };
        histories = repositories.into_iter().map(whole).collect();
        histories.iter().map(|(history, files)| vec![history as &dyn Source, files]).collect()
    };
    let mut scan = match &names[..] {
        [] | [_] => scan(&settings, &only, (&sources.concat(), Counted::Objects), &stop, selection.is_none()),
        names => scan_each(&settings, &names.iter().cloned().zip(sources).collect::<Vec<_>>(), &stop),
    };
    cache::warn_of_problems(cache.as_deref());
    report(&settings, &mut scan, outputs, &options, started, &stop)
}

/// What decides whether an object can hold anything.
pub(super) fn anchors(rules: &RuleSet) -> Anchors {
    Anchors { gate: Gate::new(rules), margin: MARGIN }
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

/// All objects of `repository` that may hold something, and the files beside them.
pub(super) fn whole(repository: Repository, settings: &Settings) -> (History, OwnFiles) {
    let files = OwnFiles::new(&repository, settings.files.clone());
    (History::new(repository, settings.files.threads, Some(anchors(&settings.rules))), files)
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
            .map(|changes| changes.with_anchors(anchors(&settings.rules)).with_cache(cache.cloned()))
            .map_err(|error| range_error(error, &repository))
    };
    repositories.into_iter().map(changes).collect()
}

/// Why commits of `repository` could not be selected, and the way out.
pub(super) fn range_error(error: RangeError, repository: &Repository) -> anyhow::Error {
    let help = match &error {
        RangeError::Unknown(name) if has_id_of_other_hash(name, repository) => {
            "it has an ID of another hash than this repository uses: where both are kept, `git rev-parse \
             --output-object-format=$(git rev-parse --show-object-format) ID` converts it"
        }
        RangeError::Unknown(_) if repository.is_shallow() => {
            "this is a shallow clone: `git fetch --unshallow`, or `fetch-depth: 0` in CI, gets the rest"
        }
        RangeError::Unknown(_) => "`git log REVISIONS` shows how git reads it; fetch missing commits",
        RangeError::NoRef(_) => "`git for-each-ref` lists the refs",
        RangeError::Unsupported(_) => "name a commit by its ID, a ref, or steps from one, such as `main~2`",
        RangeError::Refs(reason) if reason.contains("refs are stored as") => {
            "`git refs migrate --ref-format=files` (git 2.48) converts them to a format that akid reads"
        }
        RangeError::Refs(_) => {
            "without --range, --since and --ref all objects are scanned, whatever refers to them"
        }
    };
    anyhow::anyhow!("{error}\nhelp: {help}")
}

/// Whether a revision has an object ID that is too short or too long for `repository`.
fn has_id_of_other_hash(revision: &str, repository: &Repository) -> bool {
    let words = revision.split(|char: char| !char.is_ascii_hexdigit());
    let mut ids = words.filter_map(|word| ObjectId::parse(word.as_bytes()));
    ids.any(|id| id.format() != repository.format())
}

/// The repository that git would take, as a hook is told.
pub(super) fn of_environment() -> Result<Repository, RepositoryError> {
    let variable = settings::variable;
    Repository::of_environment(&Environment {
        git_dir: variable("GIT_DIR"),
        object_directory: variable("GIT_OBJECT_DIRECTORY"),
        alternate_object_directories: variable("GIT_ALTERNATE_OBJECT_DIRECTORIES"),
        shallow_file: variable("GIT_SHALLOW_FILE"),
    })
}

/// Tells where a repository's objects are.
fn tell(repository: &Repository) {
    let shown = |path: &std::path::Path| akid::redact::redact(path.as_os_str().as_encoded_bytes());
    for store in repository.stores() {
        output::warn(&format!("objects: {}", shown(&store.path)));
    }
}
