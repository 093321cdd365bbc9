//! The part of all trees that leads to what is in question: blobs, and files and folders of some names.

use std::collections::{BTreeMap, BTreeSet};

use super::Bounds;
use super::leading::{IsStopped, leading};
use super::seen::{Key, Room, Seen, Target, key};
use crate::origin::{ObjectId, RelativePath};

/// Trees that lead to what is in question, with those of their entries that do. Each has a number.
pub(super) struct Trees<'a> {
    names: Vec<Box<[u8]>>,
    /// All of them in order, also those that are missing.
    keys: Vec<Key>,
    /// Their entries, and where those of each start.
    entries: Vec<Entry>,
    first: Vec<usize>,
    is_stopped: IsStopped<'a>,
}

/// An entry that leads to something in question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    name: u32,
    to: To,
}

/// What that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum To {
    Tree(u32),
    /// Something in question, by its number.
    Subject(u32),
}

/// Something in question, by its number, at a path.
pub(super) type Leaf = (RelativePath, u32);

impl<'a> Trees<'a> {
    /// Puts together what all threads saw, as long as there is room. Trees that are `missing` are in question, too.
    pub(super) fn new(
        seen: Vec<Seen>,
        missing: &BTreeSet<ObjectId>,
        room: &Room,
        is_stopped: IsStopped<'a>,
    ) -> Self {
        let seen = if room.is_over() { Seen::default() } else { Seen::merge(seen) };
        let missing: Vec<Key> = missing.iter().map(|id| key(id.as_bytes())).collect();
        let pairs = leading(&seen, &missing, room, is_stopped);
        let found = pairs.chunk_by(|a, b| a.0 == b.0);
        let found = found.filter_map(|pairs| Some((seen.trees[pairs[0].0 as usize].key?, pairs)));
        // Copies of a tree have the same entries.
        let mut trees: BTreeMap<Key, &[(u32, u32)]> = found.collect();
        trees.extend(missing.iter().map(|&tree| (tree, &[][..])));
        let keys: Vec<Key> = trees.keys().copied().collect();
        let to = |target| match target {
            Target::Tree(tree) => {
                keys.binary_search(&tree).ok().and_then(|at| Some(To::Tree(u32::try_from(at).ok()?)))
            }
            Target::Subject(number) => Some(To::Subject(number)),
        };
        // What each entry leads to is looked up once.
        let led: BTreeSet<u32> = pairs.iter().map(|(_, entry)| *entry).collect();
        let entries_of = |&number: &u32| {
            let entry = seen.entries[number as usize];
            let to = entry.target.and_then(to).into_iter().chain(entry.named.map(To::Subject));
            (number, to.map(|to| Entry { name: entry.name, to }).collect())
        };
        let led: BTreeMap<u32, Vec<Entry>> = led.iter().map(entries_of).collect();
        let (mut entries, mut first) = (Vec::with_capacity(pairs.len()), vec![0]);
        for pairs in trees.values() {
            let start = entries.len();
            entries.extend(pairs.iter().flat_map(|(_, entry)| &led[entry]));
            entries[start..].sort_unstable();
            first.push(entries.len());
        }
        Self { names: seen.names.names, keys, entries, first, is_stopped }
    }

    fn number(&self, id: ObjectId) -> Option<u32> {
        self.keys.binary_search(&key(id.as_bytes())).ok().and_then(|number| u32::try_from(number).ok())
    }

    fn entries(&self, tree: u32) -> &[Entry] {
        &self.entries[self.first[tree as usize]..self.first[tree as usize + 1]]
    }

    /// What the tree has under a name: a folder may be in question by its name, too.
    fn named(&self, tree: u32, name: u32) -> impl Iterator<Item = To> + Clone {
        let entries = self.entries(tree);
        let start = entries.partition_point(|entry| entry.name < name);
        entries[start..].iter().take_while(move |entry| entry.name == name).map(|entry| entry.to)
    }

    /// What is in question that `tops` lead to: subjects by their numbers, and trees that are `missing`.
    pub(super) fn reached(
        &self,
        tops: impl IntoIterator<Item = ObjectId>,
        missing: &BTreeSet<ObjectId>,
    ) -> (BTreeSet<u32>, BTreeSet<ObjectId>) {
        let missing: BTreeMap<u32, ObjectId> =
            missing.iter().filter_map(|&id| Some((self.number(id)?, id))).collect();
        let (mut subjects, mut trees) = (BTreeSet::new(), BTreeSet::new());
        let (mut seen, mut waiting) = (vec![false; self.keys.len()], Vec::new());
        for top in tops {
            waiting.extend(self.number(top));
            while let Some(tree) = waiting.pop().filter(|_| !(self.is_stopped)()) {
                if std::mem::replace(&mut seen[tree as usize], true) {
                    continue;
                }
                trees.extend(missing.get(&tree));
                for entry in self.entries(tree) {
                    match entry.to {
                        To::Subject(number) => drop(subjects.insert(number)),
                        To::Tree(tree) => waiting.push(tree),
                    }
                }
            }
        }
        (subjects, trees)
    }

    /// What is in question that the tree `id` has at places where none of the trees `others` has the same.
    pub(super) fn new_in(&self, id: ObjectId, others: &[ObjectId], bounds: &mut Bounds) -> Vec<Leaf> {
        let Some(top) = self.number(id).filter(|_| !others.contains(&id)) else { return Vec::new() };
        let others = others.iter().filter_map(|&other| self.number(other)).collect();
        let mut leaves = Vec::new();
        let mut folders = vec![Folder::default()];
        let mut waiting: Vec<(usize, u32, Vec<u32>)> = vec![(0, top, others)];
        while let Some((folder, tree, others)) = waiting.pop() {
            if others.contains(&tree) || !bounds.allow(folders[folder].len) || (self.is_stopped)() {
                continue;
            }
            for entry in self.entries(tree) {
                let counterparts = others.iter().flat_map(|&other| self.named(other, entry.name));
                match entry.to {
                    _ if counterparts.clone().any(|other| other == entry.to) => {}
                    To::Subject(number) if bounds.take_leaf() => {
                        leaves.push((self.path(&folders, folder, entry.name), number));
                    }
                    To::Subject(_) => {}
                    To::Tree(tree) if bounds.may_wait(waiting.len()) => {
                        let trees = counterparts.filter_map(|other| match other {
                            To::Tree(tree) => Some(tree),
                            To::Subject(_) => None,
                        });
                        let len = folders[folder].len + self.names[entry.name as usize].len() + 1;
                        folders.push(Folder { above: folder, name: entry.name, len });
                        waiting.push((folders.len() - 1, tree, trees.collect()));
                    }
                    To::Tree(_) => {}
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::seen::KnownTree;
    use super::super::wanted::Wanted;
    use super::*;
    use crate::origin::ObjectFormat;
    use crate::source::Subject;
    use crate::source::git::budget::Meter;
    use crate::source::git::delta::Copied;

    fn take(seen: &mut Seen, id: ObjectId, content: &[u8], wanted: &Wanted, room: &Room) {
        let tree = (Some(id), content, id.format());
        assert!(seen.tree(tree, None, (wanted, room), &mut Meter::unlimited()).is_ok());
    }

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
        let room = Room::of(0);
        all.iter().for_each(|(number, content)| take(&mut seen, id(*number), content, &wanted, &room));
        Trees::new(vec![seen], &BTreeSet::new(), &room, &|| false)
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
        let room = Room::for_entries(5);
        let wanted = Wanted::new(&[Subject::Object(id(9))]);
        let folders = tree(&[("40000", "a", 1), ("40000", "b", 2), ("100644", "c", 9)]);
        let (mut one, mut other) = (Seen::default(), Seen::default());
        take(&mut one, id(3), &folders, &wanted, &room);
        assert!(!room.is_over() && one.entries.len() == 3);
        take(&mut other, id(4), &folders, &wanted, &room);
        assert!(room.is_over());
        take(&mut one, id(5), &folders, &wanted, &room);
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

    proptest! {
        /// Trees lead to the same, whether they are read whole or as changes to each other, however they were changed.
        #[test]
        fn what_changes_lead_to_is_what_whole_trees_lead_to(
            first in prop::collection::btree_map("[a-f]{1,3}", 0_u8..8, 1..12),
            changes in prop::collection::vec((any::<usize>(), 0_usize..4, "[a-f]{1,3}", 0_u8..8, any::<usize>()), 1..12),
        ) {
            // Of the targets 0 and 1 are in question, 2 and 3 are other blobs, and the rest are trees.
            let mut versions = vec![(first, 0)];
            for (base, kind, name, target, at) in changes {
                let base = base % versions.len();
                let mut entries = versions[base].0.clone();
                let nth = at % entries.len();
                match kind {
                    0 if entries.len() > 1 => drop(entries.remove(&entries.keys().nth(nth).unwrap().clone())),
                    1 => *entries.values_mut().nth(nth).unwrap() = target,
                    _ => drop(entries.insert(name, target)),
                }
                versions.push((entries, base));
            }
            let content = |entries: &BTreeMap<String, u8>| {
                let mode = |target| if target < 4 { "100644" } else { "40000" };
                let entry = |(name, &target): (&String, &u8)| {
                    // Versions are 100, 101 and so on; trees in them are versions, too.
                    let target_id = if target < 4 { target } else { 100 + (target - 4) };
                    [format!("{} {name}\0", mode(target)).as_bytes(), &[target_id; 20]].concat()
                };
                entries.iter().flat_map(entry).collect::<Vec<u8>>()
            };
            let contents: Vec<Vec<u8>> = versions.iter().map(|(entries, _)| content(entries)).collect();
            let wanted = Wanted::new(&[0, 1].map(|blob| Subject::Object(id(blob))));
            let found = |as_changes: bool| {
                let (room, mut seen, mut known) = (Room::of(0), Seen::default(), Vec::<KnownTree>::new());
                for (nth, (content, (_, base))) in contents.iter().zip(&versions).enumerate() {
                    let copies = copies(&contents[*base], content);
                    let change = known.get(*base).filter(|_| as_changes).map(|known| (known, &copies[..]));
                    let version = id(100 + u8::try_from(nth).unwrap());
                    let tree = (Some(version), &content[..], ObjectFormat::Sha1);
                    let of_tree = seen.tree(tree, change, (&wanted, &room), &mut Meter::unlimited());
                    known.extend(of_tree.unwrap());
                }
                let trees = Trees::new(vec![seen], &BTreeSet::new(), &room, &|| false);
                (0..contents.len()).map(|nth| led(&trees, 100 + u8::try_from(nth).unwrap())).collect::<Vec<_>>()
            };
            prop_assert_eq!(found(true), found(false));
        }
    }

    /// The entries of a tree that lead to something: names, and what they lead to.
    fn led(trees: &Trees<'_>, tree: u8) -> BTreeSet<(String, Result<Key, u32>)> {
        let entry = |entry: &Entry| {
            let name = String::from_utf8(trees.names[entry.name as usize].to_vec()).unwrap();
            match entry.to {
                To::Tree(tree) => (name, Ok(trees.keys[tree as usize])),
                To::Subject(number) => (name, Err(number)),
            }
        };
        trees.number(id(tree)).into_iter().flat_map(|tree| trees.entries(tree)).map(entry).collect()
    }

    /// The start and the end that two trees have in common.
    fn copies(base: &[u8], made: &[u8]) -> Vec<Copied> {
        let start = base.iter().zip(made).take_while(|(a, b)| a == b).count();
        let most = base.len().min(made.len()) - start;
        let end = base.iter().rev().zip(made.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
        let start = Copied { from: 0, to: 0, len: start };
        [start, Copied { from: base.len() - end, to: made.len() - end, len: end }]
            .into_iter()
            .filter(|copied| copied.len > 0)
            .collect()
    }

    #[test]
    fn a_tree_that_has_entries_of_its_base_twice_or_in_another_order_has_what_it_has() {
        let base = tree(&[("40000", "a", 11), ("100644", "b", 1), ("100644", "c", 2)]);
        let below = tree(&[("100644", "x", 1)]);
        let (second, third) = (base.len() - below.len() * 2, base.len() - below.len());
        let wanted = Wanted::new(&[1, 2].map(|blob| Subject::Object(id(blob))));
        let (room, mut seen) = (Room::of(0), Seen::default());
        take(&mut seen, id(11), &below, &wanted, &room);
        let mut read = |number, content: &[u8], change: Option<(&KnownTree, &[Copied])>| {
            let of_tree = (Some(id(number)), content, ObjectFormat::Sha1);
            seen.tree(of_tree, change, (&wanted, &room), &mut Meter::unlimited()).unwrap().unwrap()
        };
        let known = read(10, &base, None);
        // The last entry comes first, and then again in its place; the second is gone.
        let made = [&base[third..], &base[..second], &base[third..]].concat();
        let copies = [(third, 0), (0, below.len()), (third, third)].map(|(from, to)| {
            let len = if from == 0 { second } else { below.len() };
            Copied { from, to, len }
        });
        let twice = read(12, &made, Some((&known, &copies)));
        read(13, &made[..third], Some((&twice, &[Copied { from: 0, to: 0, len: third }])));
        let trees = Trees::new(vec![seen], &BTreeSet::new(), &room, &|| false);
        let both = [("a/x".to_owned(), 0), ("c".to_owned(), 1)];
        for tree in [12, 13] {
            let mut found = new_in(&trees, tree, &[]);
            found.dedup();
            assert_eq!(found, both);
        }
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
