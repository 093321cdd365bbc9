//! Where objects are now: for what is only to be named. Since when they are there costs a walk through all trees.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::attribute::{MAX_PATH, Names};
use super::faults::Faults;
use super::open::open;
use super::reader::Reader;
use super::repo::Repository;
use super::tree::{self, TREE};
use crate::origin::{ObjectId, RelativePath};
use crate::stop::Stop;

/// A path of each of `wanted` that a tip of `repository` has, of the one that is checked out if it has it.
pub(super) fn locate(
    repository: &Repository,
    mut wanted: BTreeSet<ObjectId>,
    stop: &Stop,
) -> BTreeMap<ObjectId, RelativePath> {
    let mut located = BTreeMap::new();
    // Where refs cannot be read, the scan has reported it.
    let names = Names::read(repository);
    let objects = open(repository, &mut Faults::default());
    let mut reader = Reader::new(&objects);
    let mut seen = HashSet::new();
    for tip in names.head.into_iter().chain(names.targets) {
        let Ok(Some(tree)) = reader.tree_of(tip) else { continue };
        let mut folders = vec![(tree, Vec::new())];
        while let Some((tree, path)) = folders.pop().filter(|_| !wanted.is_empty() && !stop.is_stopped()) {
            if !seen.insert(tree) || path.len() > MAX_PATH {
                continue;
            }
            let Ok(content) = reader.content(tree) else { continue };
            for (mode, name, target) in tree::entries(&content, tree.format()) {
                if mode == TREE {
                    folders.push((target, [&path, name, b"/"].concat()));
                } else if wanted.remove(&target) {
                    located.insert(target, RelativePath::from_bytes([&path, name].concat()));
                }
            }
        }
    }
    located
}
