//! What refers to commits: branches, tags, stashes, reflogs, indexes.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Tip, TipKind};
use crate::origin::ObjectId;
use crate::source::git::reader::Reader;
use crate::source::git::refs::{Problems, RefStore, kind_of, short};
use crate::source::git::repo::Repository;
use crate::source::git::staged::indexed;

/// What refers to commits and tags of a repository, by ID.
#[derive(Debug, Default)]
pub(in super::super) struct Refs {
    /// The commits that branches, tags and the like point to, each with their names.
    pub(in super::super) tips: BTreeMap<ObjectId, BTreeSet<Tip>>,
    /// The tags of their own that refs point to, each with the names of those.
    pub(super) tags: BTreeMap<ObjectId, BTreeSet<Tip>>,
    /// The commit that is checked out.
    pub(in super::super) head: Option<ObjectId>,
    pub(super) stashes: BTreeSet<ObjectId>,
    /// Commits that only a reflog names.
    pub(super) logged: BTreeSet<ObjectId>,
    /// The blobs of indexes, with their paths.
    pub(super) staged: Vec<(ObjectId, Vec<u8>)>,
    /// What could not be read of all this.
    pub(in super::super) problems: Problems,
}

const STASH: &[u8] = b"refs/stash";

impl Refs {
    /// Reads what refers to commits in `repository`.
    pub(in super::super) fn read(repository: &Repository, reader: &mut Reader<'_>) -> Self {
        let store = RefStore::of(repository);
        let mut refs = Self { head: store.head().ok().flatten(), ..Self::default() };
        let mut commits = BTreeMap::new();
        let refs_of_own = store.all(&mut refs.problems);
        for (name, target) in refs_of_own.iter().filter_map(|found| Some((&found.name, found.target?))) {
            if name == STASH {
                refs.stashes.insert(target);
                continue;
            }
            let tip = Tip { kind: kind_of(name), name: short(name) };
            let (commit, is_tag) = *commits.entry(target).or_insert_with(|| {
                let peeled = reader.peel(target).ok();
                let is_tag = peeled.as_ref().is_some_and(|peeled| !peeled.tags.is_empty());
                (peeled.and_then(|peeled| peeled.commit()), is_tag)
            });
            if is_tag {
                refs.tags.entry(target).or_default().insert(tip.clone());
            }
            if let Some(commit) = commit {
                refs.tips.entry(commit).or_default().insert(tip);
            }
        }
        refs.add_worktree(&store, "");
        refs.add_fetched(&store, reader);
        for (name, worktree) in store.worktrees(&mut Problems::default()) {
            refs.add_worktree(&worktree, &format!("{name}: "));
        }
        refs
    }

    /// Adds what only one worktree has.
    fn add_worktree(&mut self, store: &RefStore<'_>, label: &str) {
        for (name, id) in store.heads(&mut self.problems) {
            let kind = if name == "HEAD" && label.is_empty() { TipKind::Head } else { TipKind::Other };
            let tip = Tip { kind, name: format!("{label}{name}") };
            self.tips.entry(id).or_default().insert(tip);
        }
        let (stashes, logged) = (&mut self.stashes, &mut self.logged);
        store.logged(&mut self.problems, &mut |name, ids| {
            if name == STASH { stashes.extend(ids) } else { logged.extend(ids) }
        });
        self.staged.extend(indexed(store, &mut self.problems));
    }

    fn add_fetched(&mut self, store: &RefStore<'_>, reader: &mut Reader<'_>) {
        for id in store.fetched(&mut self.problems) {
            let commit = reader.peel(id).ok().and_then(|peeled| peeled.commit());
            let tip = Tip { kind: TipKind::Other, name: "FETCH_HEAD".to_owned() };
            self.tips.entry(commit.unwrap_or(id)).or_default().insert(tip);
        }
    }
}

/// What refs are called, and the objects that they and the names beside them point to.
#[derive(Debug, Default)]
pub(in super::super) struct Names {
    /// Full names.
    pub(in super::super) names: Vec<Vec<u8>>,
    pub(in super::super) targets: BTreeSet<ObjectId>,
    /// Those of them that git never removes: that refs and `HEAD` point to.
    pub(in super::super) roots: BTreeSet<ObjectId>,
    /// The commit that is checked out.
    pub(in super::super) head: Option<ObjectId>,
    /// What could not be read of all this.
    pub(in super::super) problems: Problems,
}

impl Names {
    /// Reads them, without what it takes to tell which commits they lead to.
    pub(in super::super) fn read(repository: &Repository) -> Self {
        let store = RefStore::of(repository);
        let mut names = Self { head: store.head().ok().flatten(), ..Self::default() };
        for found in store.all(&mut names.problems) {
            names.roots.extend(found.target);
            names.names.push(found.name);
        }
        names.targets.extend(store.fetched(&mut names.problems));
        let others = store.worktrees(&mut names.problems);
        for store in std::iter::once(&store).chain(others.iter().map(|(_, store)| store)) {
            for (name, target) in store.heads(&mut names.problems) {
                names.targets.insert(target);
                names.roots.extend((name == "HEAD").then_some(target));
            }
        }
        names.targets.extend(&names.roots);
        names
    }
}
