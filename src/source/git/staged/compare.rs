//! What the index has and HEAD has not, folder by folder. A folder that is as in HEAD, by the word of the index, is
//! passed over with all in it; so few trees are read, however many files there are.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use super::index::Index;
use crate::origin::ObjectId;
use crate::source::Fault;
use crate::source::git::reader::Reader;
use crate::source::git::tree;

/// What is staged, and what could not be compared.
#[derive(Debug, Default)]
pub(super) struct Staged {
    /// Blobs at paths, each once, in order.
    pub(super) blobs: BTreeSet<(Vec<u8>, ObjectId)>,
    /// Paths of files and folders that HEAD does not have.
    pub(super) added: BTreeSet<Vec<u8>>,
    /// Folders whose trees could not be read.
    pub(super) faults: Vec<(Vec<u8>, Fault)>,
}

const TREE: u32 = 0o040_000;
const LINK: u32 = 0o120_000;
const MODULE: u32 = 0o160_000;
const KIND: u32 = 0o170_000;

/// Trees that are read for folders that the index has as one, at most: what is made to be endless is not followed.
const MAX_TREES: usize = 500_000;
/// Longer paths are not followed, in bytes.
const MAX_PATH: usize = 8192;

/// What `index` has at paths where the tree `head` has something else or nothing.
pub(super) fn compare(index: &Index, head: Option<ObjectId>, reader: &mut Reader<'_>) -> Staged {
    let mut comparison = Comparison { index, reader, staged: Staged::default(), whole: Vec::new() };
    let all = Part { entries: 0..index.entries.len(), prefix: 0, head, cached: Some(0) };
    let mut waiting = vec![all];
    while let Some(part) = waiting.pop() {
        comparison.part(part, &mut waiting);
    }
    comparison.whole_folders();
    comparison.staged
}

/// The entries of one folder.
struct Part {
    entries: Range<usize>,
    /// How much of their paths is that of the folder, the `/` after it included.
    prefix: usize,
    /// The folder's tree in HEAD.
    head: Option<ObjectId>,
    /// The number of the folder among those that the index knows.
    cached: Option<usize>,
}

struct Comparison<'a, 'o> {
    index: &'a Index,
    reader: &'a mut Reader<'o>,
    staged: Staged,
    /// Folders that the index has as one, each with its tree there and in HEAD.
    whole: Vec<(Vec<u8>, ObjectId, Option<ObjectId>)>,
}

/// What a tree has under each name: the mode as an index has it, and the ID.
type Tree = HashMap<Vec<u8>, (u32, ObjectId)>;

impl Comparison<'_, '_> {
    /// Compares the entries of one folder; folders in it are left to wait.
    fn part(&mut self, part: Part, waiting: &mut Vec<Part>) {
        let folder = part.cached.and_then(|number| self.index.folders.get(number));
        // Git would commit the tree of this ID without another look.
        if part.head.is_some() && folder.and_then(|folder| folder.tree) == part.head {
            return;
        }
        let index = self.index;
        let name = index.entries.get(part.entries.start).map(|entry| &index.path(entry)[..part.prefix]);
        let head = self.tree(part.head, name.unwrap_or_default());
        let cached = part.cached.map(|number| index.folders_in(number)).unwrap_or_default();
        let mut at = part.entries.start;
        while at < part.entries.end {
            let path = index.path(&index.entries[at]);
            let below = &path[part.prefix..];
            let inner = memchr::memchr(b'/', below).filter(|slash| slash + 1 < below.len());
            let Some(slash) = inner else {
                self.entry(at, below, &head);
                at += 1;
                continue;
            };
            let folder = &path[..=part.prefix + slash];
            let len = index.entries[at..part.entries.end]
                .partition_point(|entry| index.path(entry).starts_with(folder));
            let name = &below[..slash];
            if !head.contains_key(name) {
                self.staged.added.insert(folder[..folder.len() - 1].to_vec());
            }
            waiting.push(Part {
                entries: at..at + len,
                prefix: folder.len(),
                head: tree_at(&head, name),
                cached: cached.get(name).copied(),
            });
            at += len;
        }
    }

    /// Compares one entry, which is called `name` in its folder.
    fn entry(&mut self, at: usize, name: &[u8], head: &Tree) {
        let entry = &self.index.entries[at];
        let path = self.index.path(entry);
        let mode = plain(entry.mode);
        if mode == TREE {
            let trimmed = |text: &[u8]| text.strip_suffix(b"/").unwrap_or(text).to_vec();
            let before = tree_at(head, &trimmed(name));
            if !head.contains_key(&trimmed(name)) {
                self.staged.added.insert(trimmed(path));
            }
            self.whole.push((trimmed(path), entry.id, before));
            return;
        }
        let is_content = mode != MODULE && !entry.is_intent;
        // The sides of a conflict are none of what HEAD has: nothing says which of them it will be.
        let is_as_before = entry.stage == 0 && head.get(name) == Some(&(mode, entry.id));
        if is_content && !is_as_before {
            self.staged.blobs.insert((path.to_vec(), entry.id));
        }
        if !entry.is_intent && !head.contains_key(name) {
            self.staged.added.insert(path.to_vec());
        }
    }

    /// Compares the folders that the index has as one.
    fn whole_folders(&mut self) {
        let mut left = MAX_TREES;
        while let Some((path, tree, head)) = self.whole.pop() {
            if head == Some(tree) {
                continue;
            }
            if left == 0 || path.len() > MAX_PATH {
                self.staged.faults.push((path, Fault::Endless));
                continue;
            }
            left -= 1;
            let (tree, head) = (self.tree(Some(tree), &path), self.tree(head, &path));
            let mut names: Vec<_> = tree.into_iter().collect();
            names.sort_unstable();
            for (name, (mode, id)) in names {
                let below = [path.as_slice(), &name].join(&b'/');
                if !head.contains_key(&name) {
                    self.staged.added.insert(below.clone());
                }
                match mode {
                    TREE => self.whole.push((below, id, tree_at(&head, &name))),
                    MODULE => {}
                    _ if head.get(&name) == Some(&(mode, id)) => {}
                    _ => drop(self.staged.blobs.insert((below, id))),
                }
            }
        }
    }

    /// Reads a tree, that of the folder `path`. Nothing is in one that cannot be read.
    fn tree(&mut self, id: Option<ObjectId>, path: &[u8]) -> Tree {
        let Some(id) = id else { return Tree::new() };
        match self.reader.content(id) {
            Ok(content) => tree::entries(&content, id.format())
                .map(|(mode, name, id)| (name.to_vec(), (plain(octal(mode)), id)))
                .collect(),
            Err(Fault::MissingBase(_)) => {
                self.staged.faults.push((path.to_vec(), Fault::Absent(id)));
                Tree::new()
            }
            Err(fault) => {
                self.staged.faults.push((path.to_vec(), fault));
                Tree::new()
            }
        }
    }
}

fn tree_at(tree: &Tree, name: &[u8]) -> Option<ObjectId> {
    tree.get(name).filter(|(mode, _)| *mode == TREE).map(|(_, id)| *id)
}

fn octal(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |value: u32, digit| value.wrapping_mul(8) | u32::from(digit & 7))
}

/// The mode as git writes it today: of files, only whether they can be run counts.
fn plain(mode: u32) -> u32 {
    match mode & KIND {
        kind @ (TREE | LINK | MODULE) => kind,
        _ => 0o100_644 | mode & 0o100,
    }
}
