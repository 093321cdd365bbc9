//! Compares the trees of commits with those of their parents.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::differing::differing;
use super::{Found, Paths, damaged};
use crate::origin::{Object, ObjectId, ObjectKind, Origin, RelativePath};
use crate::source::git::attribute::{Bounds, MAX_PATHS};
use crate::source::git::commit::CommitHeader;
use crate::source::git::objects::Objects;
use crate::source::git::reader::Reader;
use crate::source::git::tree::{self, TREE};
use crate::source::{Event, Fault, Sink};

/// Compares trees.
pub(super) struct Comparison<'a> {
    trees: Reader<'a>,
    sink: &'a dyn Sink,
    seen: HashSet<ObjectId>,
    /// New names, and whether there may be something in them.
    asked: HashMap<Vec<u8>, bool>,
    bounds: Bounds,
    /// Whether reading costs more than it may.
    is_spent: bool,
    found: Found,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(objects: &'a Objects, sink: &'a dyn Sink, commits: usize) -> Self {
        let (seen, asked) = (HashSet::new(), HashMap::new());
        let (bounds, found) = (Bounds::new(commits), Found::default());
        Self { trees: Reader::new(objects), sink, seen, asked, bounds, is_spent: false, found }
    }

    pub(super) fn all(mut self, commits: &[ObjectId], trees: &[ObjectId]) -> Found {
        for (rank, &id) in commits.iter().enumerate() {
            if self.is_over() {
                break;
            }
            match self.trees.commit(id) {
                Ok(ties) => self.commit(rank, &ties),
                Err(fault) => {
                    self.is_spent |= fault == Fault::Work;
                    let origin = Origin::Object(Object::new(ObjectKind::Commit, id));
                    self.sink.take(Event::Skip(damaged(origin, fault)));
                }
            }
        }
        trees.iter().for_each(|&tree| self.stray(tree));
        self.found.is_cut |= self.bounds.is_over() || self.is_spent;
        self.found
    }

    /// Whether nothing more is compared: somebody stopped it, or it costs too much. The latter is told once.
    fn is_over(&self) -> bool {
        self.is_spent || self.sink.is_stopped()
    }

    fn commit(&mut self, rank: usize, ties: &CommitHeader) {
        // A parent that a shallow clone does not have changes nothing: all is new then.
        let parents = ties.parents.iter().filter_map(|&parent| self.trees.commit(parent).ok());
        let parents: Vec<ObjectId> = parents.map(|parent| parent.tree).collect();
        let mut waiting = vec![(Vec::new(), ties.tree, parents)];
        while let Some((path, tree, others)) = waiting.pop().filter(|_| !self.is_over()) {
            if others.contains(&tree) {
                continue;
            }
            // Each tree is looked at once whatever happens; at further places only as long as there are not too many.
            let is_new = self.seen.insert(tree);
            if !is_new && !self.bounds.allow(path.len()) || self.sink.is_stopped() {
                continue;
            }
            let content = match self.trees.content(tree) {
                Ok(content) => content,
                Err(fault) => {
                    self.is_spent |= fault == Fault::Work;
                    let fault = if self.is_spent { fault } else { Fault::NotAnObject };
                    self.sink.take(Event::Skip(damaged(
                        Origin::Object(Object::new(ObjectKind::Commit, ties.id)),
                        fault,
                    )));
                    continue;
                }
            };
            let others: Vec<Arc<Vec<u8>>> =
                others.iter().filter_map(|&other| self.trees.content(other).ok()).collect();
            for (mode, name, id, before) in differing(&content, &others, tree.format()) {
                if mode == COMMIT {
                    continue;
                }
                if self.sink.is_stopped() {
                    return;
                }
                let below = if path.is_empty() { name.to_vec() } else { [&path, &b"/"[..], name].concat() };
                if before.is_empty() {
                    self.name(name, &below, rank);
                }
                if mode == TREE && (!self.seen.contains(&id) || self.bounds.may_wait(waiting.len())) {
                    let others = before.into_iter().filter(|(mode, _)| *mode == TREE);
                    waiting.push((below, id, others.map(|(_, other)| other).collect()));
                } else if mode != TREE {
                    let paths = self.found.blobs.entry(id).or_default();
                    self.found.is_cut |= !bring(paths, below, rank, &mut self.bounds);
                }
            }
        }
    }

    /// Takes all that `tree` has, which belongs to no commit.
    fn stray(&mut self, tree: ObjectId) {
        let mut waiting = vec![tree];
        while let Some(tree) = waiting.pop() {
            if !self.seen.insert(tree) || self.is_over() {
                continue;
            }
            match self.trees.content(tree) {
                Ok(content) => {
                    let entries = tree::entries(&content, tree.format());
                    for (mode, _, id) in entries.filter(|(mode, ..)| *mode != COMMIT) {
                        if mode == TREE {
                            waiting.push(id);
                        } else {
                            self.found.stray.insert(id);
                        }
                    }
                }
                Err(fault) => {
                    self.is_spent |= fault == Fault::Work;
                    self.sink.take(Event::Skip(damaged(
                        Origin::Object(Object::new(ObjectKind::Blob, tree)),
                        fault,
                    )));
                }
            }
        }
    }

    /// Takes a new file or folder called `name`.
    fn name(&mut self, name: &[u8], path: &[u8], rank: usize) {
        let may_hold = self.asked.entry(name.to_vec()).or_insert_with(|| {
            let origin = || Origin::VersionName(RelativePath::from_bytes(path));
            self.sink.take(Event::Name(&origin, name))
        });
        if *may_hold {
            let paths = self.found.names.entry(name.to_vec()).or_default();
            self.found.is_cut |= !bring(paths, path.to_vec(), rank, &mut self.bounds);
        }
    }
}

/// Takes note that a commit brought something to `path`. Says whether there was room for it.
fn bring(paths: &mut Paths, path: Vec<u8>, rank: usize, bounds: &mut Bounds) -> bool {
    let is_known = paths.is_empty() || paths.contains_key(&path);
    let has_room = is_known || paths.len() < MAX_PATHS && bounds.take_appearance(path.len());
    if has_room {
        paths.entry(path).or_insert((rank, rank)).1 = rank;
    }
    has_room
}

/// A commit of a submodule.
const COMMIT: &[u8] = b"160000";
