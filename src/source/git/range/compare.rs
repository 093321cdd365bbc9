//! Compares the trees of commits with those of their parents.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{Found, Paths, damaged};
use crate::origin::{Object, ObjectFormat, ObjectId, ObjectKind, Origin, RelativePath};
use crate::source::git::attribute::{Bounds, MAX_PATHS};
use crate::source::git::commit::CommitHeader;
use crate::source::git::objects::Objects;
use crate::source::git::reader::Reader;
use crate::source::git::tree::{self, TREE, TreeEntry};
use crate::source::{Fault, Sink};

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
                    self.sink.skip(damaged(origin, fault));
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
                    self.sink.skip(damaged(Origin::Object(Object::new(ObjectKind::Commit, ties.id)), fault));
                    continue;
                }
            };
            let others: Vec<Arc<Vec<u8>>> =
                others.iter().filter_map(|&other| self.trees.content(other).ok()).collect();
            let entries: Vec<TreeEntry<'_>> = tree::entries(&content, tree.format()).collect();
            let others: Vec<_> = others.iter().map(|other| beside(&entries, other, tree.format())).collect();
            for (nth, &(mode, name, id)) in entries.iter().enumerate() {
                let before = others.iter().filter_map(|other| other[nth]);
                if mode == COMMIT || before.clone().any(|(_, other)| other == id) {
                    continue;
                }
                if self.sink.is_stopped() {
                    return;
                }
                let below = if path.is_empty() { name.to_vec() } else { [&path, &b"/"[..], name].concat() };
                if before.clone().next().is_none() {
                    self.name(name, &below, rank);
                }
                if mode == TREE && (!self.seen.contains(&id) || self.bounds.may_wait(waiting.len())) {
                    let others = before.filter(|(mode, _)| *mode == TREE);
                    let others = others.map(|(_, other)| other).collect();
                    waiting.push((below, id, others));
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

/// Mode and target of an entry of a tree.
type Target<'a> = (&'a [u8], ObjectId);

/// What the tree `other`, with IDs of `format`, has under the name of each of `entries`.
///
/// Trees are sorted, and two versions of one are alike: most entries are found by going through both at once. The others
/// are new, or became a folder, which is sorted elsewhere, or the tree is not sorted as it should be.
fn beside<'a>(entries: &[TreeEntry<'_>], other: &'a [u8], format: ObjectFormat) -> Vec<Option<Target<'a>>> {
    let mut theirs = tree::entries(other, format).peekable();
    let mut found: Vec<Option<Target<'a>>> = Vec::with_capacity(entries.len());
    for entry in entries {
        while theirs.next_if(|their| order(their, entry).is_lt()).is_some() {}
        let their = theirs.next_if(|their| their.1 == entry.1);
        found.push(their.map(|(mode, _, id)| (mode, id)));
    }
    if found.contains(&None) {
        let by_name: HashMap<&[u8], Target<'_>> =
            tree::entries(other, format).map(|(mode, name, id)| (name, (mode, id))).collect();
        for (found, entry) in found.iter_mut().zip(entries).filter(|(found, _)| found.is_none()) {
            *found = by_name.get(entry.1).copied();
        }
    }
    found
}

/// The order of entries in a tree: a folder's name counts with a `/` after it.
fn order(a: &TreeEntry<'_>, b: &TreeEntry<'_>) -> Ordering {
    let end = |entry: &TreeEntry<'_>, from: usize| -> Vec<u8> {
        entry.1[from..].iter().copied().chain((entry.0 == TREE).then_some(b'/')).collect()
    };
    // Names that differ early, as nearly all do, are told apart without their ends.
    let shared = a.1.len().min(b.1.len());
    a.1[..shared].cmp(&b.1[..shared]).then_with(|| end(a, shared).cmp(&end(b, shared)))
}

/// A commit of a submodule.
const COMMIT: &[u8] = b"160000";

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(entries: &[(&str, &str, u8)]) -> Vec<u8> {
        let entry = |(mode, name, id): &(&str, &str, u8)| {
            [format!("{mode} {name}\0").as_bytes(), &[*id; 20]].concat()
        };
        entries.iter().flat_map(entry).collect()
    }

    /// What the tree `other` has under each name of `tree`.
    fn beside_of(tree: &[u8], other: &[u8]) -> Vec<Option<u8>> {
        let entries: Vec<TreeEntry<'_>> = tree::entries(tree, ObjectFormat::Sha1).collect();
        let found = beside(&entries, other, ObjectFormat::Sha1).into_iter();
        found.map(|found| found.map(|(_, id)| id.as_bytes()[0])).collect()
    }

    #[test]
    fn each_entry_is_found_by_its_name_however_trees_are_sorted() {
        let old = tree(&[("100644", "a", 1), ("100644", "a.b", 2), ("40000", "d", 3), ("100644", "z", 4)]);
        assert_eq!(beside_of(&old, &old), [Some(1), Some(2), Some(3), Some(4)]);
        // One is new, one is gone, a file became a folder.
        let new = tree(&[("100644", "a.b", 5), ("40000", "a", 6), ("100644", "c", 7), ("100644", "z", 4)]);
        assert_eq!(beside_of(&new, &old), [Some(2), Some(1), None, Some(4)]);
        let reversed =
            tree(&[("100644", "z", 4), ("40000", "d", 3), ("100644", "a.b", 2), ("100644", "a", 1)]);
        assert_eq!(beside_of(&reversed, &old), [Some(4), Some(3), Some(2), Some(1)]);
        assert_eq!(beside_of(&old, &reversed), [Some(1), Some(2), Some(3), Some(4)]);
        assert_eq!(beside_of(&old, b""), [None; 4]);
    }
}
