//! Which commits to compare with their parents, and what else to look at.

use super::RangeError;
use crate::origin::{ObjectId, ObjectKind};
use crate::source::git::attribute::open_refs;
use crate::source::git::reader::MAX_TAGS;
use crate::source::git::{Repository, Selection};
use crate::stop::Stop;

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
}

const ORDER: git2::Sort = git2::Sort::TOPOLOGICAL.union(git2::Sort::TIME).union(git2::Sort::REVERSE);

impl Selected {
    /// The commits that `selection` names.
    pub(super) fn of(repository: &Repository, selection: &Selection) -> Result<Self, RangeError> {
        let git = open_refs(repository).map_err(refs)?;
        let mut walk = git.revwalk().map_err(refs)?;
        walk.set_sorting(ORDER).map_err(refs)?;
        for spec in &selection.ranges {
            add_range(&git, &mut walk, spec)?;
        }
        for glob in &selection.refs {
            walk.push_glob(glob).map_err(refs)?;
        }
        if selection.refs.is_empty() && selection.ranges.iter().all(|spec| spec.starts_with('^')) {
            walk.push_glob("*").map_err(refs)?;
            // Not there before the first commit.
            drop(walk.push_head());
        }
        let mut selected = Self::default();
        for id in walk {
            let id = id.map_err(refs)?;
            let is_in = |since: i64| git.find_commit(id).is_ok_and(|commit| commit.time().seconds() >= since);
            if selection.since.is_none_or(is_in) {
                selected.commits.extend(object_id(id));
            }
        }
        Ok(selected)
    }

    /// What `push` brings to its receiver.
    pub(super) fn pushed(repository: &Repository, push: &Push, stop: &Stop) -> Result<Self, RangeError> {
        let git = open_refs(repository).map_err(refs)?;
        let mut walk = git.revwalk().map_err(refs)?;
        walk.set_sorting(ORDER).map_err(refs)?;
        let mut selected = Self { names: push.names.clone(), ..Self::default() };
        for tip in &push.tips {
            selected.add_tip(&git, &mut walk, tip)?;
        }
        for known in &push.known {
            let commit = git.revparse_single(known).and_then(|known| known.peel_to_commit());
            // Somebody else may have pushed it, so that it was never fetched: then it hides nothing.
            if let Ok(commit) = commit {
                walk.hide(commit.id()).map_err(refs)?;
            }
        }
        match &push.receiver {
            Receiver::Here => walk.hide_glob("*").map_err(refs)?,
            Receiver::Remote(name) => hide_what_it_has(&git, &mut walk, name)?,
        }
        for id in walk {
            if stop.is_stopped() {
                break;
            }
            selected.commits.extend(object_id(id.map_err(refs)?));
        }
        Ok(selected)
    }

    /// Takes what a ref is to point to: a commit as a rule, or a tag, or anything.
    fn add_tip(
        &mut self,
        git: &git2::Repository,
        walk: &mut git2::Revwalk<'_>,
        tip: &str,
    ) -> Result<(), RangeError> {
        let mut object = git.revparse_single(tip).or(Err(unknown(tip)))?;
        for _ in 0..MAX_TAGS {
            let Some(id) = object_id(object.id()) else { break };
            match object.kind() {
                Some(git2::ObjectType::Commit) => return walk.push(object.id()).map_err(refs),
                Some(git2::ObjectType::Tree) => self.trees.push(id),
                Some(git2::ObjectType::Blob) => self.others.push((ObjectKind::Blob, id)),
                Some(git2::ObjectType::Tag) => {
                    self.others.push((ObjectKind::Tag, id));
                    let target = object.as_tag().and_then(|tag| tag.target().ok());
                    object = target.ok_or_else(|| unknown(tip))?;
                    continue;
                }
                _ => {}
            }
            return Ok(());
        }
        Err(unknown(tip))
    }
}

/// Hides what the remote repository that is called or lies at `name` has, as far as it was fetched.
fn hide_what_it_has(
    git: &git2::Repository,
    walk: &mut git2::Revwalk<'_>,
    name: &str,
) -> Result<(), RangeError> {
    let names = git.remotes().map_err(refs)?;
    let names: Vec<&str> = names.iter().filter_map(|name| name.ok().flatten()).collect();
    let remote = |name: &str| git.find_remote(name).ok();
    let lies_there = |found: &&&str| remote(found).is_some_and(|found| found.url().ok() == Some(name));
    let called = names.iter().find(|found| **found == name);
    let Some(found) = called.or_else(|| names.iter().find(lies_there)) else { return Ok(()) };
    // What is fetched from one place and pushed to another says nothing of the other.
    let pushed_to = remote(found).and_then(|found| found.pushurl().ok().flatten().map(str::to_owned));
    if pushed_to.is_some() {
        return Ok(());
    }
    let folder = format!("refs/remotes/{found}/");
    // A remote may be called `a`, and another `a/b`.
    let inner: Vec<String> = names
        .iter()
        .map(|other| format!("refs/remotes/{other}/"))
        .filter(|other| other.len() > folder.len() && other.starts_with(&folder))
        .collect();
    for reference in git.references().map_err(refs)?.flatten() {
        let Ok(name) = reference.name() else { continue };
        if !name.starts_with(&folder) || inner.iter().any(|inner| name.starts_with(inner)) {
            continue;
        }
        if let Ok(commit) = reference.peel_to_commit() {
            walk.hide(commit.id()).map_err(refs)?;
        }
    }
    Ok(())
}

/// Takes revisions as `git rev-list` takes them.
fn add_range(git: &git2::Repository, walk: &mut git2::Revwalk<'_>, spec: &str) -> Result<(), RangeError> {
    if let Some(hidden) = spec.strip_prefix('^') {
        let commit = git.revparse_single(hidden).and_then(|object| object.peel_to_commit());
        return walk.hide(commit.or(Err(unknown(spec)))?.id()).map_err(refs);
    }
    let parsed = git.revparse(spec).or(Err(unknown(spec)))?;
    let end = |object: Option<&git2::Object<'_>>| {
        let commit = object.map(|object| object.peel_to_commit().map(|commit| commit.id()));
        commit.transpose().or(Err(unknown(spec)))
    };
    match (parsed.mode(), end(parsed.from())?, end(parsed.to())?) {
        (mode, Some(from), Some(to)) => {
            walk.push(to).map_err(refs)?;
            if !mode.contains(git2::RevparseMode::MERGE_BASE) {
                return walk.hide(from).map_err(refs);
            }
            walk.push(from).map_err(refs)?;
            let bases = git.merge_bases(from, to);
            bases.iter().flat_map(|bases| bases.iter()).try_for_each(|base| walk.hide(*base).map_err(refs))
        }
        (_, Some(only), None) | (_, None, Some(only)) => walk.push(only).map_err(refs),
        (_, None, None) => Err(unknown(spec)),
    }
}

fn unknown(revision: &str) -> RangeError {
    RangeError::Unknown(crate::redact::redact(revision.as_bytes()))
}

fn refs(error: git2::Error) -> RangeError {
    RangeError::Refs(error.message().to_owned())
}

fn object_id(id: git2::Oid) -> Option<ObjectId> {
    id.as_bytes().try_into().ok().map(ObjectId::from_bytes)
}
