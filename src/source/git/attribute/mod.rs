//! Since when, and where, something is in a repository: the objects and names that something was found in, and only those.
//!
//! Not by looking at each commit's files. Every tree is looked at once, along the deltas like everything else, for
//! entries that lead to what is in question; what is left is a small forest. Commits then go by oldest first, and each
//! is compared with its parents in that forest alone.

mod commits;
mod refs;
mod trees;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

pub(super) use self::commits::{Commits, Ties, ties as ties_of};
pub(super) use self::refs::{Names, Refs};
pub(super) use self::trees::{TREE, entries as tree_entries};

use self::trees::{Seen, Trees};
use super::budget::Meter;
use super::entry::Kind;
use super::look::{Look, Made, Wanted};
use super::objects::Objects;
use super::reader::Reader;
use super::repo::Repository;
use super::run;
use crate::finding::{Commit, Lives, Tip};
use crate::origin::{ObjectId, ObjectKind, RelativePath};
use crate::source::{Appearance, Attribution, Fault, Gap, Subject};

/// Finds out where `subjects` are, and since when.
pub(super) fn attribute(
    repository: &Repository,
    threads: usize,
    subjects: &BTreeSet<Subject>,
) -> Attribution {
    let subjects: Vec<Subject> = subjects.iter().cloned().collect();
    let mut faults = run::Faults::default();
    let objects = run::open(repository, &mut faults);
    let numbers = trees::Wanted::new(&subjects);
    let looks = run::walk(&objects, threads, &|| Forester::new(&numbers), &mut faults);
    let mut gaps = BTreeSet::new();
    if !faults.is_empty() || looks.iter().any(|look| look.is_incomplete) {
        gaps.insert(Gap::Objects);
    }
    let mut refs = Refs::read(repository, &mut Reader::new(&objects));
    let has_refs = refs.problems.is_empty();
    gaps.extend(std::mem::take(&mut refs.problems).into_reasons().map(Gap::Refs));
    let (ties, seen): (Vec<Vec<Ties>>, Vec<Seen>) =
        looks.into_iter().map(|look| (look.ties, look.seen)).unzip();
    let trees = Trees::new(seen);
    gaps.extend(trees.is_cut.then_some(Gap::TooMany));
    let history = History { commits: Commits::new(ties.concat()), trees, subjects, refs, has_refs };
    let mut bounds = Bounds::new(history.commits.len());
    let found = history.found(&mut bounds);
    if bounds.is_over() {
        gaps.insert(Gap::TooMany);
    }
    let commits = described(&found, &objects);
    Attribution { appearances: found, commits, gaps }
}

/// What a byte of a tree or commit costs.
const READ: u64 = 20;

/// Takes what there is to know of trees and commits.
struct Forester<'a> {
    wanted: &'a trees::Wanted,
    seen: Seen,
    ties: Vec<Ties>,
    is_incomplete: bool,
}

impl<'a> Forester<'a> {
    fn new(wanted: &'a trees::Wanted) -> Self {
        Self { wanted, seen: Seen::default(), ties: Vec::new(), is_incomplete: false }
    }
}

impl Look for Forester<'_> {
    type Known = ();

    fn wants(kind: Kind) -> bool {
        matches!(kind, Kind::Tree | Kind::Text(ObjectKind::Commit))
    }

    fn reach(&self) -> usize {
        0
    }

    fn is_stopped(&self) -> bool {
        false
    }

    fn whole(&mut self, object: Wanted, bytes: &[u8], meter: &mut Meter) -> Result<Option<()>, Fault> {
        let Some((kind, id)) = object else { return Ok(Some(())) };
        meter.spend(READ * bytes.len() as u64)?;
        match kind {
            Kind::Tree => self.seen.tree(id, bytes, self.wanted),
            Kind::Text(_) => self.ties.extend(commits::ties(id, bytes)),
        }
        Ok(Some(()))
    }

    fn patched(
        &mut self,
        object: Wanted,
        made: Made<'_, ()>,
        meter: &mut Meter,
    ) -> Result<Option<()>, Fault> {
        self.whole(object, made.bytes, meter)
    }

    fn stream(&mut self, _: Wanted, _: &mut dyn Read) {
        self.is_incomplete = true;
    }
}

/// What keeps a repository made to be endless from being so.
#[derive(Debug)]
pub(super) struct Bounds {
    steps: usize,
    is_over: bool,
}

/// Trees that are compared, beside those of commits.
const MAX_STEPS: usize = 100_000;
/// Paths of one object that are told: a few trees that hold each other make any number of them.
pub(super) const MAX_PATHS: usize = 1000;
/// Longer paths are not followed, in bytes.
pub(super) const MAX_PATH: usize = 8192;

impl Bounds {
    pub(super) fn new(commits: usize) -> Self {
        Self { steps: MAX_STEPS.saturating_add(commits.saturating_mul(32)), is_over: false }
    }

    /// Whether one more tree may be looked at, below `path`.
    pub(super) fn allow(&mut self, path: &[u8]) -> bool {
        let is_allowed = self.steps > 0 && path.len() <= MAX_PATH;
        self.steps = self.steps.saturating_sub(1);
        self.is_over |= !is_allowed;
        is_allowed
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Self::new(0)
    }
}

/// A repository's commits, and the part of its trees that matters.
struct History {
    commits: Commits,
    trees: Trees,
    /// What is in question, in order.
    subjects: Vec<Subject>,
    refs: Refs,
    has_refs: bool,
}

type Appearances = BTreeMap<Subject, Vec<Appearance>>;

impl History {
    fn found(&self, bounds: &mut Bounds) -> Appearances {
        let mut at: BTreeMap<(u32, Vec<u8>), Appearance> = BTreeMap::new();
        let mut paths_of = vec![0_usize; self.subjects.len()];
        let reach = Reach::new(self);
        for (rank, number) in self.commits.oldest_first().into_iter().enumerate() {
            let commit = self.commits.get(number);
            let parents: Vec<ObjectId> =
                self.commits.parents(number).map(|parent| self.commits.get(parent).tree).collect();
            for (path, subject) in self.trees.new_in(commit.tree, &parents, bounds) {
                let place = (subject, path);
                if !at.contains_key(&place) {
                    let paths = &mut paths_of[subject as usize];
                    if *paths == MAX_PATHS {
                        bounds.is_over = true;
                        continue;
                    }
                    *paths += 1;
                }
                let appearance = at.entry(place).or_insert_with_key(|(_, path)| {
                    Appearance::new(Some(RelativePath::from_bytes(path.as_slice())), Lives::Unknown)
                });
                appearance.brought_by(rank, commit.id, self.lives(&reach, number));
            }
        }
        for (tip, names) in &self.refs.tips {
            let Some(tip) = self.commits.number(*tip).map(|number| self.commits.get(number)) else {
                continue;
            };
            for leaf in self.trees.new_in(tip.tree, &[], bounds) {
                if let Some(appearance) = at.get_mut(&(leaf.1, leaf.0)) {
                    appearance.still_in(names, self.refs.head == Some(tip.id));
                }
            }
        }
        let mut appearances = Appearances::new();
        for ((subject, _), appearance) in at {
            appearances.entry(self.subjects[subject as usize].clone()).or_default().push(appearance);
        }
        self.add_staged(&mut appearances);
        self.add_messages(&reach, &mut appearances);
        appearances
    }

    fn lives(&self, reach: &Reach, number: usize) -> Lives {
        match () {
            () if reach.from_tips[number] => Lives::Past,
            // The ref that was not read may be a stronger reason.
            () if !self.has_refs => Lives::Unknown,
            () if reach.from_stashes[number] => Lives::Stash,
            () if reach.from_logs[number] => Lives::Reflog,
            () => Lives::Unreachable,
        }
    }

    /// What is staged, as far as no commit has it.
    fn add_staged(&self, appearances: &mut Appearances) {
        for (id, path) in &self.refs.staged {
            let subject = Subject::Object(*id);
            if self.subjects.binary_search(&subject).is_err() {
                continue;
            }
            let path = RelativePath::from_bytes(path.as_slice());
            let known = appearances.entry(subject).or_default();
            if known.iter().all(|appearance| appearance.path.as_ref() != Some(&path)) {
                known.push(Appearance::new(Some(path), Lives::Index));
            }
        }
    }

    /// Commits and tags in question themselves, and blobs that nothing has.
    fn add_messages(&self, reach: &Reach, appearances: &mut Appearances) {
        let nowhere = if self.has_refs { Lives::Unreachable } else { Lives::Unknown };
        for subject in &self.subjects {
            let Subject::Object(id) = *subject else { continue };
            let known = appearances.entry(subject.clone()).or_default();
            if !known.is_empty() {
                continue;
            }
            let mut appearance = Appearance::new(None, nowhere);
            if let Some(number) = self.commits.number(id) {
                appearance.brought_by(number, id, self.lives(reach, number));
            }
            for names in self.refs.tips.get(&id).into_iter().chain(self.refs.tags.get(&id)) {
                appearance.still_in(names, self.refs.head == Some(id));
            }
            known.push(appearance);
        }
    }
}

/// What can be reached from where.
struct Reach {
    from_tips: Vec<bool>,
    from_stashes: Vec<bool>,
    from_logs: Vec<bool>,
}

impl Reach {
    fn new(history: &History) -> Self {
        let History { commits, refs, .. } = history;
        Self {
            from_tips: commits.reachable(refs.tips.keys().copied()),
            from_stashes: commits.reachable(refs.stashes.iter().copied()),
            from_logs: commits.reachable(refs.logged.iter().copied()),
        }
    }
}

impl Appearance {
    pub(super) fn new(path: Option<RelativePath>, lives: Lives) -> Self {
        Self { path, brought: None, lives, tips: BTreeSet::new(), at_head: false }
    }

    /// Takes note of the names of a tip that has it.
    pub(super) fn still_in(&mut self, names: &BTreeSet<Tip>, is_head: bool) {
        self.tips.extend(names.iter().cloned());
        self.lives = Lives::Tip;
        self.at_head |= is_head;
    }

    /// Takes note of one more commit that brought it, later than all before.
    fn brought_by(&mut self, rank: usize, commit: ObjectId, lives: Lives) {
        let last = (rank, commit);
        self.brought = Some((self.brought.map_or(last, |(first, _)| first), last));
        self.lives = self.lives.min(lives);
    }
}

/// What the commits that brought something say of themselves.
pub(super) fn described(found: &Appearances, objects: &Objects) -> BTreeMap<ObjectId, Commit> {
    let mut reader = Reader::new(objects);
    let ranks = found.values().flatten().filter_map(|appearance| appearance.brought);
    let ids: BTreeSet<ObjectId> = ranks.flat_map(|(first, last)| [first.1, last.1]).collect();
    let describe = |id| {
        let content = reader.content(id).ok()?;
        Some((id, commits::describe(id, &content)))
    };
    ids.into_iter().filter_map(describe).collect()
}
