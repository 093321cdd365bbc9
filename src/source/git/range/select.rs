//! Which commits to compare with their parents, and what else to look at.

use std::collections::BTreeSet;

use globset::{GlobBuilder, GlobMatcher};

use super::RangeError;
use super::walk::{Walk, merge_bases};
use crate::origin::{ObjectId, ObjectKind};
use crate::redact::redact;
use crate::source::git::entry::Kind;
use crate::source::git::faults::Faults;
use crate::source::git::open::open;
use crate::source::git::reader::Reader;
use crate::source::git::refs::{Problems, RefStore};
use crate::source::git::revision::{Revisions, mapped};
use crate::source::git::{Repository, config};
use crate::stop::Stop;

/// Which commits to look at. With none named, all that refs lead to.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Revisions as `git rev-list` takes them: `A..B`, `A...B`, `A`, `^A`.
    pub ranges: Vec<String>,
    /// Globs of refs.
    pub refs: Vec<String>,
    /// The earliest time of a commit, in seconds since 1970.
    pub since: Option<i64>,
}

/// What is pushed, and to where.
#[derive(Clone, Debug)]
pub struct Push {
    /// What refs are to point to: IDs of objects, or other revisions.
    pub tips: Vec<String>,
    /// The names that these refs have there.
    pub names: Vec<Vec<u8>>,
    /// What they point to now. What is not here is passed over.
    pub known: Vec<String>,
    /// Who gets it.
    pub receiver: Receiver,
}

/// Who gets what is pushed, and so has something already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// The remote repository of this name or URL: it has what its remote-tracking branches say.
    Remote(String),
    /// This repository: it has what its refs lead to.
    Here,
}

/// What is to be looked at.
#[derive(Debug, Default)]
pub(super) struct Selected {
    /// Commits, oldest first.
    pub(super) commits: Vec<ObjectId>,
    /// Trees that belong to none of them.
    pub(super) trees: Vec<ObjectId>,
    /// Tags, and blobs that belong to no tree.
    pub(super) others: Vec<(ObjectKind, ObjectId)>,
    /// Names of refs.
    pub(super) names: Vec<Vec<u8>>,
    /// What the end of a shallow clone among the commits means, if there is one.
    pub(super) cut: Option<Cut>,
}

/// What it means that a shallow clone ends at one of the commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// Commits that were asked for are missing.
    Missing,
    /// A push brings no commit before that one. It brings all files of that commit, which are scanned.
    NotPushed,
}

/// Commits where a walk starts, and those that it hides with all their ancestors.
#[derive(Default)]
struct Ends {
    pushed: BTreeSet<ObjectId>,
    hidden: BTreeSet<ObjectId>,
}

impl Selected {
    /// The commits that `selection` names.
    pub(super) fn of(
        repository: &Repository,
        selection: &Selection,
        stop: &Stop,
    ) -> Result<Self, RangeError> {
        let is_stopped = || stop.is_stopped();
        let objects = open(repository, &mut Faults::default());
        let mut revisions = Revisions::new(repository, Reader::new(&objects));
        let shallow = repository.shallow();
        let mut ends = Ends::default();
        for spec in &selection.ranges {
            ends.add_range(&mut revisions, spec, &shallow, &is_stopped)?;
        }
        let names_tips = selection.ranges.iter().any(|spec| !spec.starts_with('^'));
        if !selection.refs.is_empty() || !names_tips {
            let refs = all_refs(revisions.store())?;
            for text in &selection.refs {
                let pattern = RefPattern::new(text)?;
                let matching: Vec<_> = refs.iter().filter(|(name, _)| pattern.matches(name)).collect();
                if matching.is_empty() {
                    return Err(RangeError::NoRef(redact(text.as_bytes())));
                }
                ends.pushed.extend(commits_of(&mut revisions, matching));
            }
            if selection.refs.is_empty() {
                ends.pushed.extend(commits_of(&mut revisions, &refs));
                // Not there before the first commit.
                ends.pushed.extend(revisions.commit("HEAD"));
            }
        }
        // What cannot be read is among them, and reported where it is read next.
        let commits = ends.walk(&mut revisions.reader, (shallow.clone(), selection.since), &is_stopped);
        let cut = commits.iter().any(|id| shallow.contains(id)).then_some(Cut::Missing);
        Ok(Self { commits, cut, ..Self::default() })
    }

    /// What `push` brings to its receiver.
    pub(super) fn pushed(repository: &Repository, push: &Push, stop: &Stop) -> Result<Self, RangeError> {
        let objects = open(repository, &mut Faults::default());
        let mut revisions = Revisions::new(repository, Reader::new(&objects));
        let mut selected = Self { names: push.names.clone(), ..Self::default() };
        let mut ends = Ends::default();
        for tip in &push.tips {
            let id = revisions.object(tip).ok_or_else(|| unknown(tip))?;
            ends.pushed.extend(selected.add_tip(&mut revisions.reader, id).ok_or_else(|| unknown(tip))?);
        }
        // Somebody else may have pushed it, so that it was never fetched: then it hides nothing.
        ends.hidden.extend(push.known.iter().filter_map(|known| revisions.commit(known)));
        match &push.receiver {
            Receiver::Here => {
                let refs = all_refs(revisions.store())?;
                ends.hidden.extend(commits_of(&mut revisions, &refs));
            }
            Receiver::Remote(name) => {
                ends.hidden.extend(commits_of_remote(&mut revisions, repository, name)?)
            }
        }
        let shallow = repository.shallow();
        let ends_at = (shallow.clone(), None);
        selected.commits = ends.walk(&mut revisions.reader, ends_at, &|| stop.is_stopped());
        let is_cut = selected.commits.iter().any(|id| shallow.contains(id));
        selected.cut = is_cut.then_some(Cut::NotPushed);
        Ok(selected)
    }

    /// Takes what a ref is to point to: a commit as a rule, which is returned, or a tag, or anything. `None` if it cannot
    /// be read.
    fn add_tip(&mut self, reader: &mut Reader<'_>, id: ObjectId) -> Option<Option<ObjectId>> {
        let peeled = reader.peel(id).ok()?;
        self.others.extend(peeled.tags.iter().map(|&tag| (ObjectKind::Tag, tag)));
        match peeled.kind {
            Kind::Text(ObjectKind::Commit) => return Some(Some(peeled.id)),
            Kind::Tree => self.trees.push(peeled.id),
            Kind::Text(kind) => self.others.push((kind, peeled.id)),
        }
        Some(None)
    }
}

impl Ends {
    /// Takes revisions as `git rev-list` takes them.
    fn add_range(
        &mut self,
        revisions: &mut Revisions<'_, '_>,
        spec: &str,
        shallow: &BTreeSet<ObjectId>,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<(), RangeError> {
        let mut commit = |name: &str| {
            let name = if name.is_empty() { "HEAD" } else { name };
            revisions.commit(name).ok_or_else(|| unknown(spec))
        };
        if spec.starts_with(":/") || spec.contains("^{/") {
            return Err(RangeError::Unsupported(redact(spec.as_bytes())));
        }
        if let Some(hidden) = spec.strip_prefix('^') {
            self.hidden.insert(commit(hidden)?);
        } else if let Some((one, two)) = spec.split_once("...") {
            let (one, two) = (commit(one)?, commit(two)?);
            self.pushed.extend([one, two]);
            self.hidden.extend(merge_bases(&mut revisions.reader, one, two, shallow, is_stopped));
        } else if let Some((from, to)) = spec.split_once("..") {
            self.hidden.insert(commit(from)?);
            self.pushed.insert(commit(to)?);
        } else if let Some(only) = spec.strip_suffix("^!") {
            let only = commit(only)?;
            self.pushed.insert(only);
            self.hidden.extend(revisions.parents(only).unwrap_or_default());
        } else if let Some(child) = spec.strip_suffix("^@") {
            let child = commit(child)?;
            self.pushed.extend(revisions.parents(child).unwrap_or_default());
        } else {
            self.pushed.insert(if spec.is_empty() { return Err(unknown(spec)) } else { commit(spec)? });
        }
        Ok(())
    }

    fn walk(
        self,
        reader: &mut Reader<'_>,
        (shallow, since): (BTreeSet<ObjectId>, Option<i64>),
        is_stopped: &dyn Fn() -> bool,
    ) -> Vec<ObjectId> {
        let mut walk = Walk::new(reader, shallow, is_stopped).since(since);
        self.hidden.into_iter().for_each(|id| walk.hide(id));
        self.pushed.into_iter().for_each(|id| walk.push(id));
        walk.oldest_first()
    }
}

/// The commits that `refs` lead to.
fn commits_of<'r>(
    revisions: &mut Revisions<'_, '_>,
    refs: impl IntoIterator<Item = &'r (Vec<u8>, ObjectId)>,
) -> BTreeSet<ObjectId> {
    // Many refs may point to one object.
    let targets: BTreeSet<ObjectId> = refs.into_iter().map(|(_, target)| *target).collect();
    let peel = |id| revisions.reader.peel(id).ok()?.commit();
    targets.into_iter().filter_map(peel).collect()
}

/// What the remote repository that is called or lies at `name` has, as far as it was fetched.
fn commits_of_remote(
    revisions: &mut Revisions<'_, '_>,
    repository: &Repository,
    name: &str,
) -> Result<BTreeSet<ObjectId>, RangeError> {
    let remotes = config::remotes(&repository.config());
    let called = remotes.iter().find(|remote| remote.name == name);
    let lies_there = |remote: &&config::Remote| remote.urls.iter().any(|url| url == name);
    // What is fetched from one place and pushed to another says nothing of the other.
    let found = called.or_else(|| remotes.iter().find(lies_there));
    let Some(remote) = found.filter(|remote| remote.push_urls.is_empty()) else { return Ok(BTreeSet::new()) };
    // A remote may be called `a`, and another `a/b`.
    let folder = |remote: &config::Remote| format!("refs/remotes/{}/", remote.name);
    let own = folder(remote);
    let inner: Vec<String> = remotes
        .iter()
        .map(folder)
        .filter(|other| other.len() > own.len() && other.starts_with(&own))
        .collect();
    let is_tracking = |name: &[u8]| {
        let Ok(name) = std::str::from_utf8(name) else { return false };
        let is_inner = inner.iter().any(|inner| name.starts_with(inner));
        // Without a refspec nothing is fetched to a ref of itself: what is in the remote's folder was put there.
        let is_fetched = remote.fetch.iter().any(|spec| fetches_to(spec, name));
        let is_put = remote.fetch.is_empty() && name.starts_with(&own);
        name.starts_with("refs/remotes/") && !is_inner && (is_fetched || is_put)
    };
    let mut refs = all_refs(revisions.store())?;
    refs.retain(|(name, _)| is_tracking(name));
    Ok(commits_of(revisions, &refs))
}

/// Whether a refspec fetches something to the ref called `name`.
fn fetches_to(refspec: &str, name: &str) -> bool {
    let turned = refspec.trim_start_matches('+').split_once(':').map(|(from, to)| format!("{to}:{from}"));
    turned.is_some_and(|turned| mapped(&turned, name).is_some())
}

fn all_refs(store: &RefStore<'_>) -> Result<Vec<(Vec<u8>, ObjectId)>, RangeError> {
    let mut problems = Problems::default();
    let refs = store.all(&mut problems);
    match problems.into_reasons().next() {
        Some(reason) => Err(RangeError::Refs(reason)),
        None => Ok(refs.into_iter().filter_map(|found| Some((found.name, found.target?))).collect()),
    }
}

/// Refs that the user names: one by its name, as in `git rev-parse`, or several, as in `git rev-list --glob`.
struct RefPattern {
    /// The full names that the text may be short for; none if it is a glob.
    names: Vec<String>,
    glob: GlobMatcher,
}

/// Where git looks for a ref by a short name.
const SHORT: [&str; 4] = ["refs/", "refs/heads/", "refs/tags/", "refs/remotes/"];

impl RefPattern {
    fn new(text: &str) -> Result<Self, RangeError> {
        let is_full = text.starts_with("refs/");
        let full = if is_full { text.to_owned() } else { format!("refs/{text}") };
        let is_glob = full.contains(['*', '?', '[']);
        let names = match (is_glob, is_full) {
            (true, _) => Vec::new(),
            (false, true) => vec![full.clone()],
            (false, false) => SHORT.map(|start| format!("{start}{text}")).to_vec(),
        };
        // Without a wildcard, git adds `/*`. Braces have no meaning in its globs.
        let glob = if is_glob { full } else { format!("{}/*", full.trim_end_matches('/')) };
        let glob = glob.replace('{', "[{]").replace('}', "[}]");
        let glob = GlobBuilder::new(&glob).literal_separator(false).backslash_escape(true).build();
        let glob = glob.or(Err(RangeError::NoRef(redact(text.as_bytes()))))?.compile_matcher();
        Ok(Self { names, glob })
    }

    fn matches(&self, name: &[u8]) -> bool {
        let name = String::from_utf8_lossy(name);
        self.glob.is_match(&*name) || self.names.iter().any(|full| *full == name)
    }
}

fn unknown(revision: &str) -> RangeError {
    RangeError::Unknown(redact(revision.as_bytes()))
}
