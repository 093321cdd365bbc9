//! The objects that were found clean, on their way to the cache.

use std::collections::BTreeSet;

use super::objects::Objects;
use super::remembered::set_of;
use super::tree_names::Suspects;
use crate::clean::{CleanCache, CleanObject};

/// What was found clean.
#[derive(Default)]
pub(super) struct Clean {
    pub(super) sure: Vec<CleanObject>,
    /// Trees that are clean if their names are.
    trees: Vec<(CleanObject, Suspects)>,
}

impl Clean {
    pub(super) fn add_trees(&mut self, trees: Vec<(CleanObject, Suspects)>) {
        let (sure, unsure): (Vec<_>, Vec<_>) = trees.into_iter().partition(|(_, names)| names.is_empty());
        self.sure.extend(sure.into_iter().map(|(tree, _)| tree));
        self.trees.extend(unsure);
    }

    /// Adds it to `cache`, and trees of which all names are `harmless`. Remembers the set of objects if it is connected.
    pub(super) fn remember(
        mut self,
        cache: &CleanCache,
        rounds: &[Objects],
        is_connected: bool,
        harmless: Option<&BTreeSet<Vec<u8>>>,
    ) {
        let Some(objects) = rounds.first() else { return };
        if let Some(harmless) = harmless {
            let is_clean = |(_, names): &&(CleanObject, Suspects)| names.are_all_in(harmless);
            self.sure.extend(self.trees.iter().filter(is_clean).map(|(tree, _)| *tree));
        }
        cache.add(objects.format, self.sure);
        if let (true, Some(store), Some(set)) = (is_connected, objects.stores.first(), set_of(objects)) {
            cache.remember_connected(store, &set);
        }
    }
}
