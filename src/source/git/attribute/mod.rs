//! Since when, and where, something is in a repository: the objects and names that something was found in, and only those.
//!
//! Not by looking at each commit's files. Every tree is looked at once, along the deltas like everything else, for
//! entries that lead to what is in question; what is left is a small forest. Commits then go by oldest first, and each
//! is compared with its parents in that forest alone.

mod leading;
mod refs;
mod seen;
mod trees;
mod wanted;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;
use std::sync::Arc;

pub(super) use self::refs::{Names, Refs};

use self::leading::IsStopped;
use self::seen::{Change, KnownTree, Room, Seen};
use self::trees::Trees;
use self::wanted::Wanted;
use super::at_tips::TipNames;
use super::budget::Meter;
use super::commit::{self, CommitHeader};
use super::entry::Kind;
use super::faults::Faults;
use super::look::{Decoded, Look, Made};
use super::objects::Objects;
use super::open::open_all;
use super::reader::Reader;
use super::repo::Repository;
use super::traverse::Commits;
use super::work;
use crate::finding::{Commit, Reachability, Tip, Tips};
use crate::origin::{ObjectFormat, ObjectId, ObjectKind, RelativePath};
use crate::source::{Appearance, Attribution, Fault, Gap, Subject};
use crate::stop::Stop;

/// Finds out where `subjects` are, and since when.
pub(super) fn attribute(
    repository: &Repository,
    threads: usize,
    subjects: &BTreeSet<Subject>,
    stop: &Stop,
) -> Attribution {
    let subjects: Vec<Subject> = subjects.iter().cloned().collect();
    let mut faults = Faults::default();
    let objects = open_all(repository, &BTreeSet::new(), &mut faults);
    let numbers = Wanted::new(&subjects);
    let is_stopped = || stop.is_stopped();
    let room = Room::of(objects.packed());
    let forester = || Forester::new(objects.format, (&numbers, &room), &is_stopped);
    let looks = work::walk(&objects, threads, &forester, &mut faults);
    let mut gaps = BTreeSet::new();
    if !faults.is_empty() || looks.iter().any(|look| look.is_incomplete) {
        gaps.insert(Gap::Objects);
    }
    let mut refs = Refs::read(repository, &mut Reader::new(&objects));
    let has_refs = refs.problems.is_empty();
    gaps.extend(std::mem::take(&mut refs.problems).into_reasons().map(Gap::Refs));
    let (ties, seen): (Vec<Vec<CommitHeader>>, Vec<Seen>) =
        looks.into_iter().map(|look| (look.ties, look.seen)).unzip();
    let trees = Trees::new(seen, &BTreeSet::new(), &room, &is_stopped);
    gaps.extend(room.is_over().then_some(Gap::TooMany));
    let history = History { commits: Commits::new(ties.concat()), trees, subjects, refs, has_refs };
    let mut bounds = Bounds::new(history.commits.len());
    let found = history.found(&mut bounds);
    if bounds.is_over() {
        gaps.insert(Gap::TooMany);
    }
    let commits = described(&found, &objects, stop);
    Attribution { appearances: found, commits, gaps }
}

/// Those of the `missing` objects that `roots` lead to.
pub(super) fn lost(
    objects: &Objects,
    missing: &BTreeSet<ObjectId>,
    roots: &BTreeSet<ObjectId>,
    threads: usize,
    is_stopped: IsStopped<'_>,
) -> BTreeSet<ObjectId> {
    let subjects: Vec<Subject> = missing.iter().copied().map(Subject::Object).collect();
    let numbers = Wanted::new(&subjects);
    let mut faults = Faults::default();
    let room = Room::of(objects.packed());
    let looks = work::walk(
        objects,
        threads,
        &|| Forester::new(objects.format, (&numbers, &room), is_stopped),
        &mut faults,
    );
    let is_incomplete = !faults.is_empty() || looks.iter().any(|look| look.is_incomplete);
    let (ties, seen): (Vec<Vec<CommitHeader>>, Vec<Seen>) =
        looks.into_iter().map(|look| (look.ties, look.seen)).unzip();
    let trees = Trees::new(seen, missing, &room, is_stopped);
    // What leads nowhere known may lead anywhere.
    if is_incomplete || room.is_over() {
        return missing.clone();
    }
    let commits = Commits::new(ties.concat());
    let mut reader = Reader::new(objects);
    let peel = |root: &ObjectId| reader.peel(*root).map_or(*root, |peeled| peeled.id);
    let ends: BTreeSet<ObjectId> = roots.iter().map(peel).collect();
    let reached = commits.reachable(ends.iter().copied());
    let reached = || reached.iter().enumerate().filter(|(_, is_reached)| **is_reached);
    let commits = || reached().map(|(number, _)| commits.get(number));
    let tops = commits().map(|commit| commit.tree).chain(ends.iter().copied());
    let (found, mut lost) = trees.reached(tops, missing);
    let named = commits().flat_map(|commit| commit.parents.iter().chain([&commit.tree]));
    // A shallow clone ends at commits whose parents were left out: those are not among the missing.
    lost.extend(named.chain(&ends).filter(|id| missing.contains(id)));
    lost.extend(missing.iter().zip(0..).filter(|(_, number)| found.contains(number)).map(|(id, _)| id));
    lost
}

/// What a byte of a commit costs.
const READ: u64 = 20;

/// Takes what there is to know of trees and commits.
struct Forester<'a> {
    format: ObjectFormat,
    wanted: &'a Wanted,
    room: &'a Room,
    is_stopped: IsStopped<'a>,
    seen: Seen,
    ties: Vec<CommitHeader>,
    is_incomplete: bool,
}

impl<'a> Forester<'a> {
    fn new(format: ObjectFormat, (wanted, room): (&'a Wanted, &'a Room), is_stopped: IsStopped<'a>) -> Self {
        Self {
            format,
            wanted,
            room,
            is_stopped,
            seen: Seen::default(),
            ties: Vec::new(),
            is_incomplete: false,
        }
    }

    fn take(
        &mut self,
        object: Decoded<'_>,
        bytes: &[u8],
        change: Option<Change<'_>>,
        meter: &mut Meter,
    ) -> Result<Option<KnownTree>, Fault> {
        let id = object.name.map(|name| name.id());
        if object.kind == Kind::Tree {
            let tree = (id, bytes, self.format);
            return self.seen.tree(tree, change, (self.wanted, self.room), meter);
        }
        if let Some(id) = id {
            meter.spend(READ * bytes.len() as u64)?;
            self.ties.extend(CommitHeader::parse(id, bytes));
        }
        Ok(None)
    }
}

impl Look for Forester<'_> {
    type Known = KnownTree;

    fn wants(kind: Kind) -> bool {
        matches!(kind, Kind::Tree | Kind::Text(ObjectKind::Commit))
    }

    fn reach(&self) -> usize {
        0
    }

    fn is_stopped(&self) -> bool {
        (self.is_stopped)()
    }

    fn whole(
        &mut self,
        object: Decoded<'_>,
        bytes: &[u8],
        meter: &mut Meter,
    ) -> Result<Option<KnownTree>, Fault> {
        self.take(object, bytes, None, meter)
    }

    fn patched(
        &mut self,
        object: Decoded<'_>,
        made: Made<'_, KnownTree>,
        meter: &mut Meter,
    ) -> Result<Option<KnownTree>, Fault> {
        let (_, base) = made.base;
        self.take(object, made.bytes, Some((base, &made.patch.copies)), meter)
    }

    fn stream(&mut self, _: Decoded<'_>, _: &mut dyn Read) {
        self.is_incomplete = true;
    }
}

/// What keeps a repository made to be endless from being so. All of it is counted, so that the outcome depends on
/// nothing but the repository.
#[derive(Debug)]
pub(super) struct Bounds {
    steps: usize,
    leaves: usize,
    bytes: usize,
    is_over: bool,
}

/// Trees that are compared, beside those of commits.
const MAX_STEPS: usize = 100_000;
/// Places of what is in question that are looked at, in all commits and tips.
const MAX_LEAVES: usize = 20_000_000;
/// Bytes that all places take that are told: a path, and so much more for each.
const MAX_BYTES: usize = 64 << 20;
const APPEARANCE: usize = 128;
/// Paths of one object that are told: a few trees that hold each other make any number of them.
pub(super) const MAX_PATHS: usize = 1000;
/// Longer paths are not followed, in bytes: no system has them.
pub(super) const MAX_PATH: usize = 4096;

impl Bounds {
    pub(super) fn new(commits: usize) -> Self {
        let steps = MAX_STEPS.saturating_add(commits.saturating_mul(32));
        Self { steps, leaves: MAX_LEAVES, bytes: MAX_BYTES, is_over: false }
    }

    /// Whether one more tree may be looked at, below a path of this length.
    pub(super) fn allow(&mut self, path: usize) -> bool {
        let is_allowed = self.steps > 0 && path <= MAX_PATH;
        self.steps = self.steps.saturating_sub(1);
        self.is_over |= !is_allowed;
        is_allowed
    }

    /// Whether one more tree may wait beside this many others.
    pub(super) fn may_wait(&mut self, waiting: usize) -> bool {
        self.is_over |= waiting >= self.steps;
        waiting < self.steps
    }

    /// Whether one more place may be looked at.
    pub(super) fn take_leaf(&mut self) -> bool {
        self.is_over |= self.leaves == 0;
        self.leaves = self.leaves.saturating_sub(1);
        self.leaves > 0
    }

    /// Whether a place at a path of this length may be told.
    pub(super) fn take_appearance(&mut self, path: usize) -> bool {
        let left = self.bytes.checked_sub(path + APPEARANCE);
        self.is_over |= left.is_none();
        self.bytes = left.unwrap_or(self.bytes);
        left.is_some()
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }
}

/// A repository's commits, and the part of its trees that matters.
struct History<'a> {
    commits: Commits,
    trees: Trees<'a>,
    /// What is in question, in order.
    subjects: Vec<Subject>,
    refs: Refs,
    has_refs: bool,
}

type Appearances = BTreeMap<Subject, Vec<Appearance>>;
/// What is in question, by its number, at a path.
type At = BTreeMap<(u32, RelativePath), Appearance>;

impl History<'_> {
    fn found(&self, bounds: &mut Bounds) -> Appearances {
        let mut at = At::new();
        let reach = Reach::new(self);
        self.add_brought(&reach, &mut at, bounds);
        self.add_tips(&mut at, bounds);
        let mut appearances = Appearances::new();
        for ((subject, _), appearance) in at {
            appearances.entry(self.subjects[subject as usize].clone()).or_default().push(appearance);
        }
        self.add_staged(&mut appearances);
        self.add_messages(&reach, &mut appearances);
        appearances
    }

    /// Finds out which commits brought what is in question, and where.
    fn add_brought(&self, reach: &Reach, at: &mut At, bounds: &mut Bounds) {
        let mut paths_of = vec![0_usize; self.subjects.len()];
        // Where these are reached, it is not known what removed something: no gap, since nothing is lost.
        let mut bounds_of_removal = Bounds::new(self.commits.len());
        for (rank, number) in self.commits.oldest_first().into_iter().enumerate() {
            let commit = self.commits.get(number);
            let parents: Vec<ObjectId> =
                self.commits.parents(number).map(|parent| self.commits.get(parent).tree).collect();
            for (path, subject) in self.trees.new_in(commit.tree, &parents, bounds) {
                let paths = &mut paths_of[subject as usize];
                let appearance = match at.entry((subject, path)) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(_) if *paths == MAX_PATHS => {
                        bounds.is_over = true;
                        continue;
                    }
                    Entry::Vacant(place) if bounds.take_appearance(place.key().1.as_bytes().len()) => {
                        *paths += 1;
                        let path = place.key().1.clone();
                        place.insert(Appearance::new(Some(path), Reachability::Unknown))
                    }
                    Entry::Vacant(_) => continue,
                };
                appearance.brought_by(rank, commit.id, self.reachability(reach, number));
            }
            if reach.from_tips[number] {
                for leaf in self.removed_by(commit.tree, &parents, &mut bounds_of_removal) {
                    if let Some(appearance) = at.get_mut(&leaf) {
                        appearance.removed = Some((rank, commit.id));
                    }
                }
            }
        }
    }

    /// What `parents` have and `tree` has not. A merge takes away only what all sides have at a path: what one of them
    /// has not was taken away there.
    fn removed_by(
        &self,
        tree: ObjectId,
        parents: &[ObjectId],
        bounds: &mut Bounds,
    ) -> Vec<(u32, RelativePath)> {
        let mut removed: BTreeMap<RelativePath, Vec<u32>> = BTreeMap::new();
        for (nth, parent) in parents.iter().enumerate() {
            let mut also: BTreeMap<RelativePath, Vec<u32>> = BTreeMap::new();
            for (path, subject) in self.trees.new_in(*parent, &[tree], bounds) {
                also.entry(path).or_default().push(subject);
            }
            if nth == 0 {
                removed = also;
                continue;
            }
            removed.retain(|path, subjects| {
                let Some(more) = also.get(path) else { return false };
                subjects.extend(more);
                true
            });
        }
        let leaves = removed
            .into_iter()
            .flat_map(|(path, subjects)| subjects.into_iter().map(move |subject| (subject, path.clone())));
        leaves.collect()
    }

    /// Finds out which tips still have it there.
    fn add_tips(&self, at: &mut At, bounds: &mut Bounds) {
        for (tip, names) in &self.refs.tips {
            let Some(tip) = self.commits.number(*tip).map(|number| self.commits.get(number)) else {
                continue;
            };
            let mut names = SharedTips::new(names);
            for (path, subject) in self.trees.new_in(tip.tree, &[], bounds) {
                if let Some(appearance) = at.get_mut(&(subject, path)) {
                    appearance.still_in(&mut names, self.refs.head == Some(tip.id));
                }
            }
        }
    }

    fn reachability(&self, reach: &Reach, number: usize) -> Reachability {
        match () {
            () if reach.from_tips[number] => Reachability::Past,
            // The ref that was not read may be a stronger reason.
            () if !self.has_refs => Reachability::Unknown,
            () if reach.from_stashes[number] => Reachability::Stash,
            () if reach.from_logs[number] => Reachability::Reflog,
            () => Reachability::Unreachable,
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
                known.push(Appearance::new(Some(path), Reachability::Index));
            }
        }
    }

    /// Commits and tags in question themselves, and blobs that nothing has.
    fn add_messages(&self, reach: &Reach, appearances: &mut Appearances) {
        let nowhere = if self.has_refs { Reachability::Unreachable } else { Reachability::Unknown };
        for subject in &self.subjects {
            let Subject::Object(id) = *subject else { continue };
            if appearances.contains_key(subject) {
                continue;
            }
            let mut appearance = Appearance::new(None, nowhere);
            if let Some(number) = self.commits.number(id) {
                appearance.brought_by(number, id, self.reachability(reach, number));
            }
            for names in self.refs.tips.get(&id).into_iter().chain(self.refs.tags.get(&id)) {
                appearance.still_at(&TipNames::of(names, self.refs.head == Some(id)));
            }
            // A list that grows has room for four.
            appearances.insert(subject.clone(), vec![appearance]);
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
    fn new(history: &History<'_>) -> Self {
        let History { commits, refs, .. } = history;
        Self {
            from_tips: commits.reachable(refs.tips.keys().copied()),
            from_stashes: commits.reachable(refs.stashes.iter().copied()),
            from_logs: commits.reachable(refs.logged.iter().copied()),
        }
    }
}

impl Appearance {
    pub(super) fn new(path: Option<RelativePath>, reachability: Reachability) -> Self {
        Self { path, brought: None, removed: None, reachability, tips: Tips::default(), at_head: false }
    }

    /// Takes note of the names of a tip that has it.
    fn still_in(&mut self, names: &mut SharedTips, is_head: bool) {
        let tips = names.added_to(&self.tips);
        self.has_tips(tips, is_head);
    }

    /// Takes note of tips that have it.
    pub(super) fn still_at(&mut self, names: &TipNames) {
        let tips = self.tips.union(&names.tips);
        self.has_tips(tips, names.has_head);
    }

    fn has_tips(&mut self, tips: Tips, has_head: bool) {
        self.tips = tips;
        self.reachability = Reachability::Tip;
        self.at_head |= has_head;
    }

    /// Takes note of one more commit that brought it, later than all before.
    fn brought_by(&mut self, rank: usize, commit: ObjectId, reachability: Reachability) {
        let last = (rank, commit);
        self.brought = Some((self.brought.map_or(last, |(first, _)| first), last));
        self.reachability = self.reachability.min(reachability);
    }
}

/// The names of a tip, and what becomes of the lists that they are added to: what had one list has one again.
struct SharedTips {
    names: Tips,
    known: HashMap<(*const Tip, u64), (Tips, Tips)>,
}

impl SharedTips {
    fn new(names: &BTreeSet<Tip>) -> Self {
        Self { names: names.iter().cloned().collect(), known: HashMap::new() }
    }

    fn added_to(&mut self, tips: &Tips) -> Tips {
        if tips.is_empty() {
            return self.names.clone();
        }
        // The old list is held, so that no other one takes its address.
        let added = || (tips.clone(), tips.union(&self.names));
        self.known.entry((tips.as_ptr(), tips.more())).or_insert_with(added).1.clone()
    }
}

/// What the commits that brought something say of themselves.
pub(super) fn described(
    found: &Appearances,
    objects: &Objects,
    stop: &Stop,
) -> BTreeMap<ObjectId, Arc<Commit>> {
    let mut reader = Reader::new(objects);
    let all = || found.values().flatten();
    let brought =
        all().filter_map(|appearance| appearance.brought).flat_map(|(first, last)| [first.1, last.1]);
    let removed = all().filter_map(|appearance| appearance.removed).map(|(_, id)| id);
    let ids: BTreeSet<ObjectId> = brought.chain(removed).collect();
    let describe = |id| {
        let content = reader.content(id).ok()?;
        Some((id, Arc::new(commit::describe(id, &content))))
    };
    ids.into_iter().take_while(|_| !stop.is_stopped()).filter_map(describe).collect()
}
