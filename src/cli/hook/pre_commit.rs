//! `akid hook pre-commit`: the wiring.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use akid::finding::{Commit, CredentialId, Finding, Fingerprint};
use akid::report::Counted;
use akid::report::{HookEvent, Options};
use akid::source::git::{Changes, RemoteTips, Repository, Selection, Staged};
use akid::stop::Stop;

use super::Seen;
use super::args::PreCommitArgs;
use crate::cli::Exit;
use crate::cli::environment::{names_after, variable};
use crate::cli::reports::open_outputs;
use crate::cli::repositories::Repositories;
use crate::cli::repository::of_environment;
use crate::cli::repository::top;
use crate::cli::request::Request;
use crate::cli::run::{options, scan, scanner, stop_on_interrupt, way};
use crate::cli::settings::Settings;
use crate::cli::staged::{CATEGORY, settings_at, staged_options};

/// Scans what is staged.
pub(super) fn run(args: PreCommitArgs) -> anyhow::Result<Exit> {
    let started = Instant::now();
    let repository = of_environment()?;
    let top = top(&repository);
    let settings = settings_at(&top, Request::from(args), None)?;
    let staged = Staged::open(repository.clone(), staged_options(&settings, &top))?;
    let outputs = open_outputs(&settings)?;
    let stop = stop_on_interrupt()?;
    let scan = scan(&settings, &Repositories::one(&repository), (&[&staged], Counted::Files), &stop, false);
    let (path_prefix, current_folder) = way(&top);
    let options = options(&settings);
    let sarif_category = options.sarif_category.or_else(|| Some(CATEGORY.to_owned()));
    let options = Options { path_prefix, current_folder, sarif_category, ..options };
    let seen = Seen { settings: &settings, scan: &scan, options: &options, started };
    let merged = merged(&repository);
    let brought_by = match seen.failing().is_empty() {
        false if !merged.is_empty() => brought_by(&settings, repository.clone(), merged.clone(), &stop),
        _ => BTreeMap::new(),
    };
    let published = published(&settings, repository, &seen.failing(), &stop);
    // Git has an index of its own made for such a commit.
    let index = variable("GIT_INDEX_FILE").map(PathBuf::from);
    let is_of_files = index.is_some_and(|index| index.file_name().is_none_or(|name| name != "index"));
    let act = if merged.is_empty() {
        HookEvent::Commit { is_first: staged.is_first(), is_of_files }
    } else {
        HookEvent::Merge { brought_by: &brought_by }
    };
    seen.report(act, &published, outputs)
}

/// The commits that are being merged, if any are. Git writes them down only once a merge has to wait; before, it tells
/// their names by variables.
fn merged(repository: &Repository) -> Vec<String> {
    let waiting = repository.merge_heads().into_iter().map(|id| id.to_string());
    waiting.chain(names_after("GITHEAD_")).collect()
}

/// The commits that bring what is found in what is `merged`, as far as that can be told.
fn brought_by(
    settings: &Settings,
    repository: Repository,
    merged: Vec<String>,
    stop: &Stop,
) -> BTreeMap<Fingerprint, Arc<Commit>> {
    let ranges = merged.into_iter().chain(["^HEAD".to_owned()]).collect();
    let selection = Selection { ranges, ..Selection::default() };
    let Ok(changes) = Changes::new(repository, &selection, settings.files.threads, stop) else {
        return BTreeMap::new();
    };
    let changes = changes.with_anchors(settings.detector().anchors());
    let found = scanner(settings, stop).scan(&[&changes]).findings.into_iter();
    found.filter_map(|finding| Some((finding.fingerprint(), finding.exposure?.first?))).collect()
}

/// The remote branches that have one of `findings` in the same file already, as far as they were fetched.
fn published(
    settings: &Settings,
    repository: Repository,
    findings: &[&Finding],
    stop: &Stop,
) -> BTreeMap<CredentialId, BTreeSet<String>> {
    let paths: BTreeSet<_> =
        findings.iter().filter_map(|finding| finding.origin.file_path().cloned()).collect();
    let mut published: BTreeMap<CredentialId, BTreeSet<String>> = BTreeMap::new();
    if paths.is_empty() {
        return published;
    }
    let tips = RemoteTips::new(repository, paths);
    for finding in scanner(settings, stop).scan(&[&tips]).findings {
        let tips = finding.exposure.iter().flat_map(|exposure| exposure.tips.iter());
        published.entry(finding.credential_id()).or_default().extend(tips.map(|tip| tip.name.clone()));
    }
    published
}
