//! What some commits changed: for a push, a pull request, or the last weeks.
//!
//! Each commit is compared with all its parents, so that a key that comes back is found again, and a merge counts for
//! what only it wrote.

mod select;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use self::select::Selected;
pub use self::select::{Push, Receiver};
use super::attribute::{Bounds, MAX_PATHS, Refs, TREE, Ties, described, tree_entries};
use super::inflate::Inflater;
use super::objects::Objects;
use super::reader::Reader;
use super::run::{self, Faults};
use super::sieve::WHOLE;
use super::{Repository, Selection, tell_gaps};
use crate::finding::Lives;
use crate::origin::{Object, ObjectId, ObjectKind, Origin, RefName, RelativePath};
use crate::source::{
    Appearance, Attribution, Content, Damage, Fault, Gap, Part, Sink, SkipReason, Skipped, Source, Stop,
    Subject, threads_for,
};

/// What the selected commits of a repository changed.
#[derive(Debug)]
pub struct Changes {
    repository: Repository,
    selected: Selected,
    threads: usize,
    found: Mutex<Found>,
}

/// Where what was scanned came from.
#[derive(Debug, Default)]
struct Found {
    blobs: BTreeMap<ObjectId, Paths>,
    /// Blobs of trees that belong to no commit.
    stray: BTreeSet<ObjectId>,
    /// Only names with something in them.
    names: BTreeMap<Vec<u8>, Paths>,
    /// Whether there are more places than were looked for.
    is_cut: bool,
}

/// Paths, each with the first and the last commit that brought something there, by their place in the order.
type Paths = BTreeMap<Vec<u8>, (usize, usize)>;

/// Why commits cannot be selected.
#[derive(Debug, thiserror::Error)]
pub enum RangeError {
    /// The repository's refs cannot be read.
    #[error("the repository's refs cannot be read: {0}")]
    Refs(String),
    /// A name that leads to no commit.
    #[error("`{0}` names no commit here")]
    Unknown(String),
}

impl Changes {
    /// The changes of the commits that `selection` names, read on `threads` threads (0 for as many as there are
    /// processors).
    ///
    /// # Errors
    ///
    /// If the repository's refs cannot be read, or something that is named is not there.
    pub fn new(repository: Repository, selection: &Selection, threads: usize) -> Result<Self, RangeError> {
        let selected = Selected::of(&repository, selection)?;
        Ok(Self { repository, selected, threads, found: Mutex::default() })
    }

    /// What `push` brings that its receiver does not have, read on `threads` threads. Looks no further once it is
    /// stopped.
    ///
    /// # Errors
    ///
    /// If the repository's refs cannot be read, or what is pushed is not there.
    pub fn pushed(
        repository: Repository,
        push: &Push,
        threads: usize,
        stop: &Stop,
    ) -> Result<Self, RangeError> {
        let selected = Selected::pushed(&repository, push, stop)?;
        Ok(Self { repository, selected, threads, found: Mutex::default() })
    }

    /// How many commits are selected.
    pub fn commits(&self) -> usize {
        self.selected.commits.len()
    }
}

impl Source for Changes {
    fn run(&self, sink: &dyn Sink) {
        tell_gaps(&self.repository, sink);
        let mut faults = Faults::default();
        let objects = run::open(&self.repository, &mut faults);
        faults.tell(&self.repository, sink);
        let Selected { commits, trees, others, names } = &self.selected;
        for name in names {
            sink.name(&|| Origin::RefName(RefName::new(name)), name);
        }
        let found = Comparison::new(&objects, sink, commits.len()).all(commits, trees);
        let blobs: BTreeSet<&ObjectId> = found.blobs.keys().chain(&found.stray).collect();
        let commits = commits.iter().map(|&id| (ObjectKind::Commit, id));
        let blobs = blobs.into_iter().map(|&id| (ObjectKind::Blob, id));
        let wanted: Vec<_> = commits.chain(blobs).chain(others.iter().copied()).collect();
        let next = AtomicUsize::new(0);
        let help = || {
            let mut inflater = Inflater::new();
            while let Some(&(kind, id)) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
                if sink.is_stopped() {
                    break;
                }
                hand_over(&objects, (kind, id), &mut inflater, sink);
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads_for(self.threads) {
                scope.spawn(help);
            }
            help();
        });
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = found;
    }

    fn attribute(&self, subjects: &BTreeSet<Subject>) -> Attribution {
        let mut attribution = Attribution::default();
        let objects = run::open(&self.repository, &mut Faults::default());
        let commits = &self.selected.commits;
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let refs = Refs::read(&self.repository).unwrap_or_else(|error| {
            attribution.gaps.insert(Gap::Refs(error.message().to_owned()));
            Refs::default()
        });
        attribution.gaps.extend(found.is_cut.then_some(Gap::TooMany));
        let mut trees = Reader::new(&objects);
        let tips = tip_trees(&refs, &mut trees);
        for subject in subjects {
            let appearances = attribution.appearances.entry(subject.clone()).or_default();
            let (paths, object) = match subject {
                Subject::Object(id) => (found.blobs.get(id), Some(*id)),
                Subject::Name(name) => (found.names.get(name), None),
            };
            for (path, (first, last)) in paths.into_iter().flatten() {
                let mut appearance =
                    Appearance::new(Some(RelativePath::from_bytes(path.as_slice())), Lives::Past);
                appearance.brought = Some(((*first, commits[*first]), (*last, commits[*last])));
                for (tree, names, is_head) in &tips {
                    let target = trees.target_at(*tree, path);
                    if target.is_some() && (object.is_none() || target == object) {
                        appearance.still_in(names, *is_head);
                    }
                }
                appearances.push(appearance);
            }
            let rank = object.and_then(|id| commits.iter().position(|&commit| commit == id));
            if let Some(rank) = rank {
                let mut appearance = Appearance::new(None, Lives::Past);
                let commit = (rank, commits[rank]);
                appearance.brought = Some((commit, commit));
                appearances.push(appearance);
            }
        }
        attribution.commits = described(&attribution.appearances, &objects);
        attribution
    }
}

fn hand_over(
    objects: &Objects,
    (kind, id): (ObjectKind, ObjectId),
    inflater: &mut Inflater,
    sink: &dyn Sink,
) {
    let origin = || Origin::Object(Object::new(kind, id));
    match panic::catch_unwind(AssertUnwindSafe(|| objects.content(id, inflater))) {
        Ok(Ok(content)) if content.len() > WHOLE => {
            sink.input(&origin, Content::Stream(&mut &*content));
        }
        Ok(Ok(content)) => {
            sink.input(&origin, Content::Whole(&content));
        }
        Ok(Err(fault)) => sink.skip(damaged(origin(), fault)),
        Err(_) => {
            sink.skip(Skipped { origin: origin(), reason: SkipReason::Panic("reading an object".to_owned()) })
        }
    }
}

fn damaged(origin: Origin, fault: Fault) -> Skipped {
    Skipped { origin, reason: SkipReason::Damaged(Damage { part: Part::Whole, fault, lost: 1 }) }
}

/// The trees of tips, with their names and whether one is checked out.
fn tip_trees<'r>(
    refs: &'r Refs,
    trees: &mut Reader<'_>,
) -> Vec<(ObjectId, &'r BTreeSet<crate::finding::Tip>, bool)> {
    let mut found = Vec::new();
    for (id, names) in &refs.tips {
        found.extend(trees.commit(*id).ok().map(|tip| (tip.tree, names, refs.head == Some(*id))));
    }
    found
}

/// Compares trees.
struct Comparison<'a> {
    trees: Reader<'a>,
    sink: &'a dyn Sink,
    seen: HashSet<ObjectId>,
    /// New names, and whether there may be something in them.
    asked: HashMap<Vec<u8>, bool>,
    bounds: Bounds,
    found: Found,
}

impl<'a> Comparison<'a> {
    fn new(objects: &'a Objects, sink: &'a dyn Sink, commits: usize) -> Self {
        let (seen, asked) = (HashSet::new(), HashMap::new());
        let (bounds, found) = (Bounds::new(commits), Found::default());
        Self { trees: Reader::new(objects), sink, seen, asked, bounds, found }
    }

    fn all(mut self, commits: &[ObjectId], trees: &[ObjectId]) -> Found {
        for (rank, &id) in commits.iter().enumerate() {
            if self.sink.is_stopped() {
                break;
            }
            match self.trees.commit(id) {
                Ok(ties) => self.commit(rank, &ties),
                Err(fault) => {
                    let origin = Origin::Object(Object::new(ObjectKind::Commit, id));
                    self.sink.skip(damaged(origin, fault));
                }
            }
        }
        trees.iter().for_each(|&tree| self.stray(tree));
        self.found.is_cut |= self.bounds.is_over();
        self.found
    }

    fn commit(&mut self, rank: usize, ties: &Ties) {
        // A parent that a shallow clone does not have changes nothing: all is new then.
        let parents = ties.parents.iter().filter_map(|&parent| self.trees.commit(parent).ok());
        let parents: Vec<ObjectId> = parents.map(|parent| parent.tree).collect();
        let mut waiting = vec![(Vec::new(), ties.tree, parents)];
        while let Some((path, tree, others)) = waiting.pop() {
            if others.contains(&tree) {
                continue;
            }
            // Each tree is looked at once whatever happens; at further places only as long as there are not too many.
            let is_new = self.seen.insert(tree);
            if !is_new && !self.bounds.allow(&path) {
                continue;
            }
            let Ok(content) = self.trees.content(tree) else {
                self.sink.skip(damaged(
                    Origin::Object(Object::new(ObjectKind::Commit, ties.id)),
                    Fault::NotAnObject,
                ));
                continue;
            };
            let others: Vec<Arc<Vec<u8>>> =
                others.iter().filter_map(|&other| self.trees.content(other).ok()).collect();
            let others: Vec<ByName<'_>> = others.iter().map(|other| by_name(other)).collect();
            for (mode, name, id) in tree_entries(&content) {
                let before = others.iter().filter_map(|other| other.get(name));
                if mode == COMMIT || before.clone().any(|(_, other)| *other == id) {
                    continue;
                }
                let below = if path.is_empty() { name.to_vec() } else { [&path, &b"/"[..], name].concat() };
                let id = ObjectId::from_bytes(*id);
                if before.clone().next().is_none() {
                    self.name(name, &below, rank);
                }
                if mode == TREE {
                    let others = before.filter(|(mode, _)| *mode == TREE);
                    let others = others.map(|(_, other)| ObjectId::from_bytes(**other)).collect();
                    waiting.push((below, id, others));
                } else {
                    let paths = self.found.blobs.entry(id).or_default();
                    self.found.is_cut |= !bring(paths, below, rank);
                }
            }
        }
    }

    /// Takes all that `tree` has, which belongs to no commit.
    fn stray(&mut self, tree: ObjectId) {
        let mut waiting = vec![tree];
        while let Some(tree) = waiting.pop() {
            if !self.seen.insert(tree) || self.sink.is_stopped() {
                continue;
            }
            match self.trees.content(tree) {
                Ok(content) => {
                    for (mode, _, id) in tree_entries(&content).filter(|(mode, ..)| *mode != COMMIT) {
                        let id = ObjectId::from_bytes(*id);
                        if mode == TREE {
                            waiting.push(id);
                        } else {
                            self.found.stray.insert(id);
                        }
                    }
                }
                Err(fault) => {
                    self.sink.skip(damaged(Origin::Object(Object::new(ObjectKind::Blob, tree)), fault));
                }
            }
        }
    }

    /// Takes a new file or folder called `name`.
    fn name(&mut self, name: &[u8], path: &[u8], rank: usize) {
        let may_hold = self.asked.entry(name.to_vec()).or_insert_with(|| {
            let origin = || Origin::VersionName(RelativePath::from_bytes(path));
            self.sink.name(&origin, name)
        });
        if *may_hold {
            let paths = self.found.names.entry(name.to_vec()).or_default();
            self.found.is_cut |= !bring(paths, path.to_vec(), rank);
        }
    }
}

/// Takes note that a commit brought something to `path`. Says whether there was room for it.
fn bring(paths: &mut Paths, path: Vec<u8>, rank: usize) -> bool {
    let has_room = paths.len() < MAX_PATHS || paths.contains_key(&path);
    if has_room {
        paths.entry(path).or_insert((rank, rank)).1 = rank;
    }
    has_room
}

/// Mode and target of a tree's entries, by their names.
type ByName<'a> = HashMap<&'a [u8], (&'a [u8], &'a [u8; 20])>;

fn by_name(tree: &[u8]) -> ByName<'_> {
    tree_entries(tree).map(|(mode, name, id)| (name, (mode, id))).collect()
}

/// A commit of a submodule.
const COMMIT: &[u8] = b"160000";
