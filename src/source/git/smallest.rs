//! The first of many things, in their order, as far as there is room for them.

use std::collections::BTreeSet;

/// A set that keeps what comes first in order: the same things, whatever the order in which it gets them, and however
/// many sets they were spread over.
#[derive(Debug)]
pub(super) struct Smallest<T> {
    kept: BTreeSet<T>,
    /// What the kept ones cost, and may cost.
    spent: usize,
    room: usize,
    cost: fn(&T) -> usize,
    /// The first one that there was no room for.
    bound: Option<T>,
}

impl<T: Ord> Smallest<T> {
    /// A set of things that may cost `room`, together.
    pub(super) fn new(room: usize, cost: fn(&T) -> usize) -> Self {
        Self { kept: BTreeSet::new(), spent: 0, room, cost, bound: None }
    }

    pub(super) fn insert(&mut self, thing: T) {
        let cost = (self.cost)(&thing);
        if self.bound.as_ref().is_some_and(|bound| *bound <= thing) {
            return;
        }
        if self.kept.insert(thing) {
            self.spent = self.spent.saturating_add(cost);
        }
        while self.spent > self.room {
            let Some(last) = self.kept.pop_last() else { break };
            self.spent -= (self.cost)(&last);
            self.bound = Some(last);
        }
    }

    /// Adds what another set has.
    pub(super) fn merge(&mut self, other: Self) {
        other.kept.into_iter().chain(other.bound).for_each(|thing| self.insert(thing));
    }

    /// Whether there were more than are kept.
    pub(super) fn is_cut(&self) -> bool {
        self.bound.is_some()
    }

    pub(super) fn kept(&self) -> &BTreeSet<T> {
        &self.kept
    }

    pub(super) fn into_kept(self) -> BTreeSet<T> {
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn set() -> Smallest<u8> {
        Smallest::new(100, |&number| usize::from(number) + 1)
    }

    proptest! {
        #[test]
        fn the_same_are_kept_whatever_the_order_and_the_sets(
            numbers in prop::collection::vec(any::<u8>(), 0..40),
            of in prop::collection::vec(0..3_usize, 40),
        ) {
            let mut whole = set();
            numbers.iter().rev().for_each(|&number| whole.insert(number));
            let mut parts = [set(), set(), set()];
            numbers.iter().zip(of).for_each(|(&number, of)| parts[of].insert(number));
            let mut merged = set();
            parts.into_iter().for_each(|part| merged.merge(part));
            prop_assert_eq!(whole.kept(), merged.kept());
            prop_assert_eq!(whole.is_cut(), merged.is_cut());
            let distinct: BTreeSet<u8> = numbers.into_iter().collect();
            let is_first = whole.kept().iter().eq(distinct.iter().take(whole.kept().len()));
            prop_assert!(is_first);
            prop_assert_eq!(whole.is_cut(), whole.kept().len() < distinct.len());
        }
    }
}
