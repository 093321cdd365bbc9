//! Commits that can be reached from some and not from others.
//!
//! As `git rev-list` does it: from the newest on, until all that is left is hidden. Where dates are wrong a commit may be
//! selected that a hidden one has among its ancestors; none is hidden that should be selected. A walk since a time ends a
//! little behind the last commit that is not older.

use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};

use crate::origin::ObjectId;
use crate::source::git::commit::CommitHeader;
use crate::source::git::reader::Reader;
use crate::source::git::traverse::Commits;

/// Hidden commits that are looked at after the last that is selected, for one with a date that is wrong.
const SLOP: u32 = 5;

/// A walk through commits.
pub(super) struct Walk<'r, 'a> {
    reader: &'r mut Reader<'a>,
    /// Commits whose parents were left out when this was cloned.
    shallow: BTreeSet<ObjectId>,
    is_stopped: &'r dyn Fn() -> bool,
    numbers: HashMap<ObjectId, usize>,
    nodes: Vec<Node>,
    /// Commits to be looked at, each with its time; the newest first.
    waiting: BinaryHeap<(i64, std::cmp::Reverse<usize>)>,
    /// How many of those are selected, as far as is known.
    open: usize,
    missing: BTreeSet<ObjectId>,
    /// The time of the oldest commit that is selected.
    since: i64,
}

struct Node {
    ties: CommitHeader,
    is_hidden: bool,
    is_waiting: bool,
    /// Whether its parents were taken.
    is_done: bool,
}

impl<'r, 'a> Walk<'r, 'a> {
    pub(super) fn new(
        reader: &'r mut Reader<'a>,
        shallow: BTreeSet<ObjectId>,
        is_stopped: &'r dyn Fn() -> bool,
    ) -> Self {
        Self {
            reader,
            shallow,
            is_stopped,
            numbers: HashMap::new(),
            nodes: Vec::new(),
            waiting: BinaryHeap::new(),
            open: 0,
            missing: BTreeSet::new(),
            since: i64::MIN,
        }
    }

    /// Selects no commit that is older than `since`, in seconds since 1970.
    pub(super) fn since(self, since: Option<i64>) -> Self {
        Self { since: since.unwrap_or(i64::MIN), ..self }
    }

    /// Whether a commit is selected.
    fn selects(&self, node: &Node) -> bool {
        !node.is_hidden && node.ties.time >= self.since
    }

    /// Selects the commit `id` and its ancestors.
    pub(super) fn push(&mut self, id: ObjectId) {
        self.reach(id, false);
    }

    /// Hides the commit `id` and its ancestors. One that is not there hides nothing.
    pub(super) fn hide(&mut self, id: ObjectId) {
        self.reach(id, true);
    }

    /// The commits that are selected and not hidden: parents before children, else the oldest first. Those that cannot be
    /// read come before all others.
    pub(super) fn oldest_first(mut self) -> Vec<ObjectId> {
        self.run();
        let nodes = std::mem::take(&mut self.nodes);
        let selected = nodes.into_iter().filter(|node| self.selects(node)).map(|node| node.ties);
        let commits = Commits::new(selected.collect());
        let order = commits.oldest_first();
        self.missing.into_iter().chain(order.into_iter().map(|number| commits.get(number).id)).collect()
    }

    fn run(&mut self) {
        let (mut slop, mut oldest) = (SLOP, i64::MAX);
        while let Some((time, std::cmp::Reverse(number))) = self.waiting.pop() {
            self.nodes[number].is_waiting = false;
            let is_selected = self.selects(&self.nodes[number]);
            self.open -= usize::from(is_selected);
            if (self.is_stopped)() {
                return;
            }
            self.take_parents(number);
            if is_selected {
                oldest = time;
                slop = SLOP;
            } else if self.open > 0 || self.waiting.peek().is_some_and(|(time, _)| *time >= oldest) {
                slop = SLOP;
            } else if slop == 0 {
                return;
            } else {
                slop -= 1;
            }
        }
    }

    fn take_parents(&mut self, number: usize) {
        let node = &mut self.nodes[number];
        node.is_done = true;
        let (id, is_hidden) = (node.ties.id, node.is_hidden);
        if self.shallow.contains(&id) {
            return;
        }
        for at in 0..self.nodes[number].ties.parents.len() {
            let parent = self.nodes[number].ties.parents[at];
            self.reach(parent, is_hidden);
        }
    }

    fn reach(&mut self, id: ObjectId, is_hidden: bool) {
        if let Some(&number) = self.numbers.get(&id) {
            if is_hidden {
                self.hide_all(number);
            }
            return;
        }
        match self.reader.commit(id) {
            Ok(ties) => {
                let number = self.nodes.len();
                self.numbers.insert(id, number);
                self.waiting.push((ties.time, std::cmp::Reverse(number)));
                let node = Node { ties, is_hidden, is_waiting: true, is_done: false };
                self.open += usize::from(self.selects(&node));
                self.nodes.push(node);
            }
            Err(_) if is_hidden => {}
            Err(_) => drop(self.missing.insert(id)),
        }
    }

    /// Hides a commit that is known, and all that is known of its ancestors.
    fn hide_all(&mut self, number: usize) {
        let mut waiting = vec![number];
        while let Some(number) = waiting.pop() {
            let node = &mut self.nodes[number];
            if std::mem::replace(&mut node.is_hidden, true) {
                continue;
            }
            self.open -= usize::from(node.is_waiting && node.ties.time >= self.since);
            // What was not taken yet is taken as hidden.
            if node.is_done && !self.shallow.contains(&node.ties.id) {
                let parents = node.ties.parents.iter();
                waiting.extend(parents.filter_map(|parent| self.numbers.get(parent)));
            }
        }
    }
}

/// The best common ancestors of two commits: those that are ancestors of no other. Looks no further once it is stopped.
pub(super) fn merge_bases(
    reader: &mut Reader<'_>,
    one: ObjectId,
    two: ObjectId,
    shallow: &BTreeSet<ObjectId>,
    is_stopped: &dyn Fn() -> bool,
) -> Vec<ObjectId> {
    let mut bases = Bases { reader, shallow, is_stopped, ties: HashMap::new(), flags: HashMap::new() };
    let common = bases.common(one, two);
    bases.independent(common)
}

struct Bases<'r, 'a> {
    reader: &'r mut Reader<'a>,
    shallow: &'r BTreeSet<ObjectId>,
    is_stopped: &'r dyn Fn() -> bool,
    ties: HashMap<ObjectId, Option<CommitHeader>>,
    flags: HashMap<ObjectId, u8>,
}

const ONE: u8 = 1;
const TWO: u8 = 2;
/// An ancestor of a common ancestor.
const STALE: u8 = 4;

impl Bases<'_, '_> {
    fn ties(&mut self, id: ObjectId) -> Option<&CommitHeader> {
        let (reader, shallow) = (&mut *self.reader, self.shallow);
        let read = || {
            let mut ties = reader.commit(id).ok()?;
            if shallow.contains(&id) {
                ties.parents.clear();
            }
            Some(ties)
        };
        self.ties.entry(id).or_insert_with(read).as_ref()
    }

    /// Marks what both can reach, from the newest on, until nothing is left that is not below a common ancestor.
    fn common(&mut self, one: ObjectId, two: ObjectId) -> Vec<ObjectId> {
        let mut waiting = BinaryHeap::new();
        let mut fresh = 0_usize;
        let mut common = BTreeSet::new();
        for (id, flag) in [(one, ONE), (two, TWO)] {
            *self.flags.entry(id).or_default() |= flag;
            if let Some(time) = self.ties(id).map(|ties| ties.time) {
                waiting.push((time, id, false));
                fresh += 1;
            }
        }
        while let Some((_, id, was_stale)) = waiting.pop() {
            fresh -= usize::from(!was_stale);
            let mut flags = self.flags.get(&id).copied().unwrap_or_default();
            if flags & (ONE | TWO) == ONE | TWO {
                if flags & STALE == 0 {
                    common.insert(id);
                } else {
                    common.remove(&id);
                }
                flags |= STALE;
            }
            for parent in self.ties(id).map(|ties| ties.parents.clone()).unwrap_or_default() {
                let known = self.flags.entry(parent).or_default();
                if *known & flags == flags {
                    continue;
                }
                *known |= flags;
                if let Some(time) = self.ties(parent).map(|ties| ties.time) {
                    let is_stale = flags & STALE != 0;
                    waiting.push((time, parent, is_stale));
                    fresh += usize::from(!is_stale);
                }
            }
            if fresh == 0 || (self.is_stopped)() {
                break;
            }
        }
        common.retain(|id| self.flags.get(id).is_some_and(|flags| flags & STALE == 0));
        common.into_iter().collect()
    }

    /// Those that no other of them descends from.
    fn independent(&mut self, common: Vec<ObjectId>) -> Vec<ObjectId> {
        if common.len() < 2 {
            return common;
        }
        let all: HashSet<ObjectId> = common.iter().copied().collect();
        let mut ancestors = HashSet::new();
        let mut seen = HashSet::new();
        let mut waiting = common.clone();
        while let Some(id) = waiting.pop() {
            if !seen.insert(id) {
                continue;
            }
            for parent in self.ties(id).map(|ties| ties.parents.clone()).unwrap_or_default() {
                if all.contains(&parent) {
                    ancestors.insert(parent);
                }
                waiting.push(parent);
            }
        }
        common.into_iter().filter(|id| !ancestors.contains(id)).collect()
    }
}
