//! The graph of commits: the order in which they came, and what reaches what.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::commit::CommitHeader;
use crate::origin::ObjectId;

/// All commits of a repository.
#[derive(Debug, Default)]
pub(super) struct Commits {
    ties: Vec<CommitHeader>,
    numbers: HashMap<ObjectId, usize>,
}

impl Commits {
    pub(super) fn new(mut ties: Vec<CommitHeader>) -> Self {
        // The order in which threads found them says nothing.
        ties.sort_by_key(|ties| ties.id);
        ties.dedup_by_key(|ties| ties.id);
        let numbers = ties.iter().enumerate().map(|(number, ties)| (ties.id, number)).collect();
        Self { ties, numbers }
    }

    pub(super) fn len(&self) -> usize {
        self.ties.len()
    }

    pub(super) fn get(&self, number: usize) -> &CommitHeader {
        &self.ties[number]
    }

    pub(super) fn number(&self, id: ObjectId) -> Option<usize> {
        self.numbers.get(&id).copied()
    }

    /// Numbers of the parents that are there: a shallow clone lacks some.
    pub(super) fn parents(&self, number: usize) -> impl Iterator<Item = usize> {
        self.ties[number].parents.iter().filter_map(|&parent| self.number(parent))
    }

    /// All commits, parents before children; of those that could come next the one committed first, then the one of
    /// the least ID.
    pub(super) fn oldest_first(&self) -> Vec<usize> {
        let mut waits_for = vec![0_usize; self.len()];
        let mut children = vec![Vec::new(); self.len()];
        for (number, waits_for) in waits_for.iter_mut().enumerate() {
            for parent in self.parents(number) {
                *waits_for += 1;
                children[parent].push(number);
            }
        }
        let next = |number: usize| Reverse((self.ties[number].time, self.ties[number].id, number));
        let ready = (0..self.len()).filter(|&number| waits_for[number] == 0);
        let mut ready: BinaryHeap<_> = ready.map(next).collect();
        let mut order = Vec::with_capacity(self.len());
        while let Some(Reverse((_, _, number))) = ready.pop() {
            order.push(number);
            for &child in &children[number] {
                waits_for[child] -= 1;
                if waits_for[child] == 0 {
                    ready.push(next(child));
                }
            }
        }
        order
    }

    /// Which commits can be reached from `tips`, those included.
    pub(super) fn reachable(&self, tips: impl IntoIterator<Item = ObjectId>) -> Vec<bool> {
        let mut reached = vec![false; self.len()];
        let mut waiting: Vec<usize> = tips.into_iter().filter_map(|tip| self.number(tip)).collect();
        while let Some(number) = waiting.pop() {
            if !std::mem::replace(&mut reached[number], true) {
                waiting.extend(self.parents(number));
            }
        }
        reached
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u8) -> ObjectId {
        ObjectId::from_bytes([number; 20])
    }

    fn commits(list: &[(u8, &[u8], i64)]) -> Commits {
        let ties = list.iter().map(|&(number, parents, time)| CommitHeader {
            id: id(number),
            tree: id(200),
            parents: parents.iter().map(|&parent| id(parent)).collect(),
            time,
        });
        Commits::new(ties.collect())
    }

    fn order(commits: &Commits) -> Vec<u8> {
        commits.oldest_first().into_iter().map(|number| commits.get(number).id.as_bytes()[0]).collect()
    }

    #[test]
    fn parents_come_first_then_dates_then_ids() {
        // 1 is the root; 2 and 3 its children, 3 committed earlier; 4 merges them, with a clock that is wrong.
        let merged = commits(&[(4, &[2, 3], 5), (2, &[1], 30), (3, &[1], 20), (1, &[], 10)]);
        assert_eq!(order(&merged), [1, 3, 2, 4]);
        assert_eq!(order(&commits(&[(9, &[], 1), (7, &[], 1), (8, &[], 0)])), [8, 7, 9]);
    }

    #[test]
    fn a_parent_that_is_not_there_is_passed_over() {
        assert_eq!(order(&commits(&[(2, &[1], 1)])), [2]);
    }

    #[test]
    fn what_a_tip_reaches_is_what_it_descends_from() {
        let all = commits(&[(1, &[], 0), (2, &[1], 1), (3, &[1], 2)]);
        assert_eq!(all.reachable([id(3), id(77)]), [true, false, true]);
    }
}
