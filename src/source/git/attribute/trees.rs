//! The part of all trees that leads to what is in question: blobs, and files and folders of some names.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicI64, Ordering};

use super::Bounds;
use crate::origin::{ObjectId, RelativePath};
use crate::source::Subject;
use crate::source::git::tree::{TREE, entries};

/// Enough of an ID to tell trees apart.
type Key = u64;

/// What one thread took from the trees that it saw.
#[derive(Debug, Default)]
pub(super) struct Seen {
    names: Names,
    /// Each tree, and where its entries start among all.
    trees: Vec<(Key, usize)>,
    entries: Vec<Entry>,
}

/// An entry of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    name: u32,
    target: Target,
}

/// What an entry leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Tree(Key),
    /// Something in question, by its number.
    Subject(u32),
}

/// Names, each once.
#[derive(Debug, Default)]
struct Names {
    names: Vec<Box<[u8]>>,
    numbers: HashMap<Box<[u8]>, u32>,
}

impl Names {
    fn number(&mut self, name: &[u8]) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.into());
        self.numbers.insert(name.into(), number);
        number
    }
}

fn key(id: &[u8]) -> Key {
    id.first_chunk().map_or(0, |head| Key::from_le_bytes(*head))
}

/// What is in question, numbered.
#[derive(Debug)]
pub(super) struct Wanted {
    objects: HashMap<ObjectId, u32>,
    names: HashMap<Vec<u8>, u32>,
    /// Which first two bytes of an ID there are among them: most entries of most trees fall at that.
    heads: Vec<bool>,
}

impl Wanted {
    pub(super) fn new(subjects: &[Subject]) -> Self {
        let mut wanted = Self { objects: HashMap::new(), names: HashMap::new(), heads: vec![false; 1 << 16] };
        for (number, subject) in (0..).zip(subjects) {
            match subject {
                Subject::Object(id) => {
                    wanted.heads[head(id.as_bytes())] = true;
                    wanted.objects.insert(*id, number);
                }
                Subject::Name(name) => drop(wanted.names.insert(name.clone(), number)),
            }
        }
        wanted
    }

    fn object(&self, id: &ObjectId) -> Option<u32> {
        if !self.heads[head(id.as_bytes())] {
            return None;
        }
        self.objects.get(id).copied()
    }

    fn name(&self, name: &[u8]) -> Option<u32> {
        if self.names.is_empty() { None } else { self.names.get(name).copied() }
    }
}

fn head(id: &[u8]) -> usize {
    id.first_chunk().map_or(0, |head| usize::from(u16::from_be_bytes(*head)))
}

/// How many more entries of trees are kept, by all threads together. A few bytes of deltas can stand for any number.
#[derive(Debug)]
pub(super) struct Room(AtomicI64);

impl Room {
    /// Entries of trees that any repository may have, besides one for so many bytes of packs. Those of git/git have one
    /// for 180.
    const FREE: u64 = 2_000_000;
    const BYTES: u64 = 2;

    /// For packs of so many bytes.
    pub(super) fn of(packed: u64) -> Self {
        Self(AtomicI64::new(i64::try_from(Self::FREE + packed / Self::BYTES).unwrap_or(i64::MAX)))
    }

    /// Whether there were more than are kept. That does not depend on the number of threads.
    pub(super) fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed) < 0
    }

    fn take(&self, entries: usize) {
        self.0.fetch_sub(i64::try_from(entries).unwrap_or(i64::MAX), Ordering::Relaxed);
    }
}

impl Seen {
    /// Takes the tree `id`, as long as there is room. Where there is none nothing is kept.
    pub(super) fn tree(&mut self, id: ObjectId, content: &[u8], wanted: &Wanted, room: &Room) {
        if room.is_over() {
            *self = Self::default();
            return;
        }
        let start = self.entries.len();
        for (mode, name, target) in entries(content, id.format()) {
            let of_id = if mode == TREE {
                Some(Target::Tree(key(target.as_bytes())))
            } else {
                wanted.object(&target).map(Target::Subject)
            };
            let of_name = wanted.name(name).map(Target::Subject);
            for target in of_id.into_iter().chain(of_name) {
                let name = self.names.number(name);
                self.entries.push(Entry { name, target });
            }
        }
        if self.entries.len() > start {
            room.take(self.entries.len() - start);
            self.trees.push((key(id.as_bytes()), start));
        }
    }
}

/// Trees that lead to what is in question, with those of their entries that do.
pub(super) struct Trees<'a> {
    names: Vec<Box<[u8]>>,
    trees: HashMap<Key, Vec<Entry>>,
    /// Whether some are deeper than is followed.
    pub(super) is_cut: bool,
    is_stopped: IsStopped<'a>,
}

/// Says whether nothing more is wanted.
pub(super) type IsStopped<'a> = &'a (dyn Fn() -> bool + Sync);

/// Something in question, by its number, at a path.
pub(super) type Leaf = (RelativePath, u32);

impl<'a> Trees<'a> {
    /// Puts together what all threads saw. Trees that are `missing` are in question, too.
    pub(super) fn new(seen: Vec<Seen>, missing: &BTreeSet<ObjectId>, is_stopped: IsStopped<'a>) -> Self {
        let missing = missing.iter().map(|id| key(id.as_bytes()));
        let (leading, is_cut) = leading(&seen, missing.collect(), is_stopped);
        let mut names = Names::default();
        let mut trees = HashMap::new();
        for seen in seen {
            let ends = seen.trees.iter().skip(1).map(|(_, start)| *start).chain([seen.entries.len()]);
            for (&(tree, start), end) in seen.trees.iter().zip(ends) {
                if !leading.contains(&tree) {
                    continue;
                }
                let leads = |entry: &&Entry| match entry.target {
                    Target::Subject(_) => true,
                    Target::Tree(tree) => leading.contains(&tree),
                };
                let kept = seen.entries[start..end].iter().filter(leads);
                let kept = kept.map(|entry| Entry {
                    name: names.number(&seen.names.names[entry.name as usize]),
                    target: entry.target,
                });
                let mut kept: Vec<Entry> = kept.collect();
                kept.sort_by_key(|entry| entry.name);
                trees.insert(tree, kept);
            }
        }
        Self { names: names.names, trees, is_cut, is_stopped }
    }

    fn entries(&self, tree: Key) -> &[Entry] {
        self.trees.get(&tree).map_or(&[], Vec::as_slice)
    }

    /// What the tree has under a name: a folder may be in question by its name, too.
    fn named(&self, tree: Key, name: u32) -> impl Iterator<Item = Target> {
        let entries = self.entries(tree);
        let start = entries.partition_point(|entry| entry.name < name);
        entries[start..].iter().take_while(move |entry| entry.name == name).map(|entry| entry.target)
    }

    /// What is in question that `tops` lead to: subjects by their numbers, and trees that are `missing`.
    pub(super) fn reached(
        &self,
        tops: impl IntoIterator<Item = ObjectId>,
        missing: &BTreeSet<ObjectId>,
    ) -> (BTreeSet<u32>, BTreeSet<ObjectId>) {
        let missing: HashMap<Key, ObjectId> = missing.iter().map(|&id| (key(id.as_bytes()), id)).collect();
        let (mut subjects, mut trees) = (BTreeSet::new(), BTreeSet::new());
        let (mut seen, mut waiting) = (HashSet::new(), Vec::new());
        for top in tops {
            waiting.push(key(top.as_bytes()));
            while let Some(tree) = waiting.pop().filter(|_| !(self.is_stopped)()) {
                if !seen.insert(tree) {
                    continue;
                }
                trees.extend(missing.get(&tree));
                for entry in self.entries(tree) {
                    match entry.target {
                        Target::Subject(number) => drop(subjects.insert(number)),
                        Target::Tree(tree) => waiting.push(tree),
                    }
                }
            }
        }
        (subjects, trees)
    }

    /// What is in question that the tree `id` has at places where none of the trees `others` has the same.
    pub(super) fn new_in(&self, id: ObjectId, others: &[ObjectId], bounds: &mut Bounds) -> Vec<Leaf> {
        let others = others.iter().map(|other| key(other.as_bytes())).collect();
        let mut leaves = Vec::new();
        let mut folders = vec![Folder::default()];
        let mut waiting: Vec<(usize, Key, Vec<Key>)> = vec![(0, key(id.as_bytes()), others)];
        while let Some((folder, tree, others)) = waiting.pop() {
            if others.contains(&tree) || !bounds.allow(folders[folder].len) || (self.is_stopped)() {
                continue;
            }
            for entry in self.entries(tree) {
                let mut counterparts = others.iter().flat_map(|&other| self.named(other, entry.name));
                match entry.target {
                    Target::Subject(_) if counterparts.any(|other| other == entry.target) => {}
                    Target::Subject(number) if bounds.take_leaf() => {
                        leaves.push((self.path(&folders, folder, entry.name), number));
                    }
                    Target::Subject(_) => {}
                    Target::Tree(tree) if bounds.may_wait(waiting.len()) => {
                        let trees = counterparts.filter_map(|other| match other {
                            Target::Tree(tree) => Some(tree),
                            Target::Subject(_) => None,
                        });
                        let len = folders[folder].len + self.names[entry.name as usize].len() + 1;
                        folders.push(Folder { above: folder, name: entry.name, len });
                        waiting.push((folders.len() - 1, tree, trees.collect()));
                    }
                    Target::Tree(_) => {}
                }
            }
        }
        leaves.sort();
        leaves
    }

    /// The path of what has a name in one of `folders`.
    fn path(&self, folders: &[Folder], mut folder: usize, name: u32) -> RelativePath {
        let name = &self.names[name as usize];
        let mut path = vec![b'/'; folders[folder].len + name.len()];
        path[folders[folder].len..].copy_from_slice(name);
        while folder > 0 {
            let Folder { above, name, len } = folders[folder];
            path[folders[above].len..len - 1].copy_from_slice(&self.names[name as usize]);
            folder = above;
        }
        RelativePath::from_bytes(path)
    }
}

/// A folder on the way, by the one above it: each path is written only where it leads to something.
#[derive(Clone, Copy, Debug, Default)]
struct Folder {
    above: usize,
    name: u32,
    /// The length of its path, with a slash at its end.
    len: usize,
}

/// Trees deeper than this above what is in question may not be known to lead to it: no checkout is so deep, and each level may cost a
/// look at all trees.
const MAX_DEPTH: usize = 100;

/// The trees that lead to something in question, directly or through others, and whether there may be more.
fn leading(seen: &[Seen], mut leading: HashSet<Key>, is_stopped: IsStopped<'_>) -> (HashSet<Key>, bool) {
    for _ in 0..MAX_DEPTH {
        let before = leading.len();
        for seen in seen {
            let ends = seen.trees.iter().skip(1).map(|(_, start)| *start).chain([seen.entries.len()]);
            for (&(tree, start), end) in seen.trees.iter().zip(ends) {
                let leads = |entry: &Entry| match entry.target {
                    Target::Subject(_) => true,
                    Target::Tree(tree) => leading.contains(&tree),
                };
                if !leading.contains(&tree) && seen.entries[start..end].iter().any(leads) {
                    leading.insert(tree);
                }
            }
        }
        if leading.len() == before || is_stopped() {
            return (leading, false);
        }
    }
    (leading, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u8) -> ObjectId {
        ObjectId::from_bytes([number; 20])
    }

    fn tree(entries: &[(&str, &str, u8)]) -> Vec<u8> {
        let entry = |(mode, name, target): &(&str, &str, u8)| {
            [format!("{mode} {name}\0").as_bytes(), &[*target; 20]].concat()
        };
        entries.iter().flat_map(entry).collect()
    }

    fn trees(all: &[(u8, Vec<u8>)], blobs: &[u8]) -> Trees<'static> {
        let wanted = Wanted::new(&blobs.iter().map(|&blob| Subject::Object(id(blob))).collect::<Vec<_>>());
        let mut seen = Seen::default();
        all.iter().for_each(|(number, content)| seen.tree(id(*number), content, &wanted, &Room::of(0)));
        Trees::new(vec![seen], &BTreeSet::new(), &|| false)
    }

    fn new_in(trees: &Trees<'_>, tree: u8, others: &[u8]) -> Vec<(String, u32)> {
        let others: Vec<ObjectId> = others.iter().map(|&other| id(other)).collect();
        let leaves = trees.new_in(id(tree), &others, &mut Bounds::new(0));
        leaves
            .into_iter()
            .map(|(path, number)| (String::from_utf8(path.as_bytes().to_vec()).unwrap(), number))
            .collect()
    }

    #[test]
    fn more_entries_than_there_is_room_for_are_not_kept() {
        let room = Room(AtomicI64::new(5));
        let wanted = Wanted::new(&[Subject::Object(id(9))]);
        let folders = tree(&[("40000", "a", 1), ("40000", "b", 2), ("100644", "c", 9)]);
        let (mut one, mut other) = (Seen::default(), Seen::default());
        one.tree(id(3), &folders, &wanted, &room);
        assert!(!room.is_over() && one.entries.len() == 3);
        other.tree(id(4), &folders, &wanted, &room);
        assert!(room.is_over());
        one.tree(id(5), &folders, &wanted, &room);
        assert!(room.is_over() && one.entries.is_empty());
    }

    #[test]
    fn blobs_are_found_through_the_trees_that_lead_to_them() {
        let trees = trees(
            &[
                (10, tree(&[("40000", "src", 11), ("100644", "readme", 90)])),
                (11, tree(&[("100644", "key", 1), ("40000", "deep", 12)])),
                (12, tree(&[("120000", "link", 2), ("160000", "module", 1), ("40000", "other", 13)])),
                (13, tree(&[("100644", "x", 91)])),
            ],
            &[1, 2],
        );
        let all = [("src/deep/link", 1), ("src/deep/module", 0), ("src/key", 0)];
        assert_eq!(new_in(&trees, 10, &[]), all.map(|(path, number)| (path.to_owned(), number)));
        assert_eq!(new_in(&trees, 13, &[]), []);
    }

    #[test]
    fn what_another_tree_has_at_the_same_place_is_not_new() {
        let trees = trees(
            &[
                (10, tree(&[("100644", "a", 1), ("100644", "b", 2)])),
                (11, tree(&[("100644", "a", 1), ("100644", "b", 1)])),
                (12, tree(&[("100644", "a", 2), ("100644", "b", 2)])),
            ],
            &[1, 2],
        );
        assert_eq!(new_in(&trees, 11, &[10]), [("b".to_owned(), 0)]);
        assert_eq!(new_in(&trees, 10, &[10]), []);
        // A merge: only what no parent has.
        assert_eq!(new_in(&trees, 10, &[11, 12]), []);
    }

    #[test]
    fn a_tree_that_holds_itself_many_times_ends() {
        let levels: Vec<(u8, Vec<u8>)> = (10..40)
            .map(|level| {
                let names: Vec<String> = (0..10).map(|name| format!("d{name}")).collect();
                let entries: Vec<_> = names.iter().map(|name| ("40000", name.as_str(), level + 1)).collect();
                (level, tree(&entries))
            })
            .chain([(40, tree(&[("100644", "key", 1)]))])
            .collect();
        let mut bounds = Bounds::new(0);
        let leaves = trees(&levels, &[1]).new_in(id(10), &[], &mut bounds);
        assert!(bounds.is_over() && !leaves.is_empty());
    }
}
