//! What tips have at some paths.
//!
//! All paths are followed at once, folder by folder: most tips have most of their folders in common, so a folder is read
//! once for all tips and paths that lead through it.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::reader::Reader;
use super::tree::{self, TREE};
use crate::finding::{Tip, Tips};
use crate::origin::ObjectId;
use crate::source::Fault;

/// The names of tips, and whether one of these is checked out.
#[derive(Clone, Debug, Default)]
pub(super) struct TipNames {
    pub(super) tips: Tips,
    pub(super) has_head: bool,
}

impl TipNames {
    /// The `names` of one commit.
    pub(super) fn of(names: &BTreeSet<Tip>, has_head: bool) -> Self {
        Self { tips: names.iter().cloned().collect(), has_head }
    }
}

/// What is at some paths, in the order of these.
#[derive(Debug, Default)]
pub(super) struct AtTips {
    /// For each path, the objects that tips have there, with those tips.
    pub(super) paths: Vec<BTreeMap<ObjectId, TipNames>>,
    /// Whether there is more: looking it up costs more than it may.
    pub(super) is_cut: bool,
}

/// Folders and files that are looked at, each once for every path that leads to it. Tips of each take half a kilobyte.
const MAX_PLACES: usize = 500_000;

/// What tips have at `paths`, which are all different: `tops` are the trees of tips.
pub(super) fn at_tips<'p>(
    reader: &mut Reader<'_>,
    tops: &[(ObjectId, TipNames)],
    paths: impl IntoIterator<Item = &'p [u8]>,
    is_stopped: &dyn Fn() -> bool,
) -> AtTips {
    let ways = Ways::new(paths);
    let all: BTreeSet<&Tip> = tops.iter().flat_map(|(_, names)| names.tips.iter()).collect();
    let all: Vec<&Tip> = all.into_iter().collect();
    let mut level: BTreeMap<Folder, Numbers> = BTreeMap::new();
    for (tree, names) in tops {
        level.entry((0, *tree)).or_default().add(&Numbers::of(names, &all));
    }
    let mut files: Vec<BTreeMap<ObjectId, Numbers>> = vec![BTreeMap::new(); ways.paths];
    let (mut left, mut is_cut) = (MAX_PLACES, false);
    while !level.is_empty() && !is_cut && !is_stopped() {
        let mut next: BTreeMap<Folder, Numbers> = BTreeMap::new();
        for (folder, entries) in read(reader, level.keys().copied(), &ways, &mut is_cut, is_stopped) {
            for (way, target, is_folder) in entries {
                let Way { below, path } = &ways.ways[way];
                let file = path.map(|path| files[path].entry(target));
                let folder_below = (is_folder && !below.is_empty()).then(|| next.entry((way, target)));
                let (file, folder_below) = (file.map(Entry::or_default), folder_below.map(Entry::or_default));
                for numbers in file.into_iter().chain(folder_below) {
                    is_cut |= left == 0;
                    left = left.saturating_sub(usize::from(numbers.first.is_empty()));
                    numbers.add(&level[&folder]);
                }
            }
        }
        level = next;
    }
    let mut known = HashMap::new();
    let named = |files: BTreeMap<ObjectId, Numbers>| {
        files.into_iter().map(|(id, numbers)| (id, numbers.names(&all, &mut known))).collect()
    };
    AtTips { paths: files.into_iter().map(named).collect(), is_cut }
}

/// Tips by their numbers in the order of all: the first [`Tips::MAX`], and how many more there are.
#[derive(Clone, Debug, Default)]
struct Numbers {
    first: Vec<u32>,
    more: u64,
    has_head: bool,
}

impl Numbers {
    fn of(names: &TipNames, all: &[&Tip]) -> Self {
        let number = |tip| all.binary_search(&tip).ok().and_then(|number| u32::try_from(number).ok());
        let first = names.tips.iter().filter_map(number).collect();
        Self { first, more: names.tips.more(), has_head: names.has_head }
    }

    fn add(&mut self, other: &Self) {
        let is_behind = self.first.len() == Tips::MAX && self.first.last() < other.first.first();
        let cut = if is_behind {
            other.first.len()
        } else {
            self.first.extend_from_slice(&other.first);
            self.first.sort_unstable();
            self.first.dedup();
            let cut = self.first.len().saturating_sub(Tips::MAX);
            self.first.truncate(Tips::MAX);
            cut
        };
        self.more += other.more + cut as u64;
        self.has_head |= other.has_head;
    }

    /// The names of these tips. The same tips share one list, which is `known` then.
    fn names(self, all: &[&Tip], known: &mut HashMap<(Vec<u32>, u64), Tips>) -> TipNames {
        let Self { first, more, has_head } = self;
        let tips = known.entry((first, more)).or_insert_with_key(|(first, more)| {
            Tips::cut(first.iter().map(|&number| all[number as usize].clone()).collect(), *more)
        });
        TipNames { tips: tips.clone(), has_head }
    }
}

/// A tree, by the way that leads to it.
type Folder = (usize, ObjectId);

/// An entry of a tree that a way goes on with, and whether it is a folder.
type Step = (usize, ObjectId, bool);

/// Reads trees in the order in which packs have them, and returns what ways go on with, in the order of `folders`.
fn read(
    reader: &mut Reader<'_>,
    folders: impl Iterator<Item = Folder>,
    ways: &Ways<'_>,
    is_cut: &mut bool,
    is_stopped: &dyn Fn() -> bool,
) -> BTreeMap<Folder, Vec<Step>> {
    let mut folders: Vec<Folder> = folders.collect();
    folders.sort_by_cached_key(|(_, tree)| reader.objects().place_of(*tree));
    let mut found = BTreeMap::new();
    for (way, tree) in folders {
        if *is_cut || is_stopped() {
            break;
        }
        match reader.content(tree) {
            Ok(content) => drop(found.insert((way, tree), ways.ways[way].entries(tree, &content))),
            Err(fault) => *is_cut |= fault == Fault::Work,
        }
    }
    found
}

/// All ways that paths take: that of the top, which has number 0, and those below it.
struct Ways<'p> {
    ways: Vec<Way<'p>>,
    /// How many paths there are.
    paths: usize,
}

/// A folder or a file on a path.
#[derive(Default)]
struct Way<'p> {
    /// The ways on from here, by name.
    below: HashMap<&'p [u8], usize>,
    /// The path that ends here, by its number.
    path: Option<usize>,
}

impl<'p> Ways<'p> {
    /// Takes `paths`, which are all different.
    fn new(paths: impl IntoIterator<Item = &'p [u8]>) -> Self {
        let mut all = Self { ways: vec![Way::default()], paths: 0 };
        for path in paths {
            let end = path.split(|&byte| byte == b'/').fold(0, |way, name| all.below(way, name));
            all.ways[end].path = Some(all.paths);
            all.paths += 1;
        }
        all
    }

    fn below(&mut self, way: usize, name: &'p [u8]) -> usize {
        let next = self.ways.len();
        let below = *self.ways[way].below.entry(name).or_insert(next);
        if below == next {
            self.ways.push(Way::default());
        }
        below
    }
}

impl Way<'_> {
    /// The entries of a tree that ways go on with. If a name is there twice, the first one counts.
    fn entries(&self, tree: ObjectId, content: &[u8]) -> Vec<Step> {
        let entries = tree::entries(content, tree.format());
        let mut entries: Vec<Step> =
            entries.filter_map(|(mode, name, id)| Some((*self.below.get(name)?, id, mode == TREE))).collect();
        entries.sort_by_key(|(way, ..)| *way);
        entries.dedup_by_key(|(way, ..)| *way);
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::TipKind;

    #[test]
    fn numbers_of_tips_are_added_and_cut_as_their_names_are() {
        let tip = |number: usize| Tip { kind: TipKind::Tag, name: format!("v{number:04}") };
        let all: Vec<Tip> = (0..3 * Tips::MAX).map(tip).collect();
        let all: Vec<&Tip> = all.iter().collect();
        for step in [1, 7, 299] {
            let (mut numbers, mut names) = (Numbers::default(), Tips::default());
            for nth in 0..all.len() {
                // Each comes with the next one, which so comes twice.
                let tips = [nth * step, nth * step + 1].map(|number| tip(number % all.len()));
                let tips = TipNames::of(&tips.into(), nth == 3);
                numbers.add(&Numbers::of(&tips, &all));
                names = names.union(&tips.tips);
            }
            let found = numbers.names(&all, &mut HashMap::new());
            assert_eq!((found.tips, found.has_head), (names, true));
        }
    }
}
