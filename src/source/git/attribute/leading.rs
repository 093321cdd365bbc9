//! Which trees lead to something in question, and by which of their entries.
//!
//! Goes from what is in question upwards: from an entry to the tree that has it, from there to all that are stored as
//! changes to that tree and still have it, and from each of those to the entries that lead to it. So what leads nowhere
//! costs nothing, and an entry that a thousand versions of a folder have is read once.

use super::seen::{Key, Room, Seen, Target};

/// Says whether nothing more is wanted.
pub(super) type IsStopped<'a> = &'a (dyn Fn() -> bool + Sync);

/// Goes upwards.
struct Climb<'a> {
    seen: &'a Seen,
    /// The trees that are stored as changes to each, and where those of each start.
    made: Vec<u32>,
    first_made: Vec<u32>,
    /// Entries by the trees that they lead to, in order.
    uses: Vec<(Key, u32)>,
    /// Whether an entry leads to something in question, and whether a tree does.
    is_led: Vec<bool>,
    is_leading: Vec<bool>,
    /// Entries of which it is known since lately.
    waiting: Vec<u32>,
    /// Trees with their entries that lead to something.
    pairs: Vec<(u32, u32)>,
}

/// Trees with those of their entries that lead to something in question or to a tree that is `missing`, by their numbers,
/// in order.
pub(super) fn leading(
    seen: &Seen,
    missing: &[Key],
    room: &Room,
    is_stopped: IsStopped<'_>,
) -> Vec<(u32, u32)> {
    let mut climb = Climb::new(seen);
    let known = (0..)
        .zip(&seen.entries)
        .filter(|(_, entry)| entry.named.is_some() || matches!(entry.target, Some(Target::Subject(_))));
    let known: Vec<u32> = known.map(|(number, _)| number).collect();
    known.into_iter().for_each(|entry| climb.add(entry));
    missing.iter().for_each(|&tree| climb.add_uses(tree));
    while let Some(entry) = climb.waiting.pop() {
        climb.carry(entry, room);
        if room.is_over() || is_stopped() {
            return Vec::new();
        }
    }
    climb.pairs.sort_unstable();
    climb.pairs
}

impl<'a> Climb<'a> {
    fn new(seen: &'a Seen) -> Self {
        let trees = seen.trees.len();
        let bases = || seen.trees.iter().filter_map(|tree| tree.base);
        let mut first_made = vec![0_u32; trees + 1];
        bases().for_each(|base| first_made[base as usize + 1] += 1);
        (0..trees).for_each(|tree| first_made[tree + 1] += first_made[tree]);
        let (mut next, mut made) = (first_made.clone(), vec![0; bases().count()]);
        for (number, base) in (0..).zip(&seen.trees).filter_map(|(number, tree)| Some((number, tree.base?))) {
            made[next[base as usize] as usize] = number;
            next[base as usize] += 1;
        }
        let target = |(number, entry): (u32, &super::seen::Entry)| match entry.target {
            Some(Target::Tree(tree)) => Some((tree, number)),
            _ => None,
        };
        let mut uses: Vec<(Key, u32)> = (0..).zip(&seen.entries).filter_map(target).collect();
        uses.sort_unstable();
        Self {
            seen,
            made,
            first_made,
            uses,
            is_led: vec![false; seen.entries.len()],
            is_leading: vec![false; trees],
            waiting: Vec::new(),
            pairs: Vec::new(),
        }
    }

    /// Takes note that an entry leads to something in question.
    fn add(&mut self, entry: u32) {
        if !std::mem::replace(&mut self.is_led[entry as usize], true) {
            self.waiting.push(entry);
        }
    }

    /// Takes note that the entries do that lead to `tree`.
    fn add_uses(&mut self, tree: Key) {
        let start = self.uses.partition_point(|(target, _)| *target < tree);
        for place in start..self.uses.len() {
            let (target, entry) = self.uses[place];
            if target != tree {
                break;
            }
            self.add(entry);
        }
    }

    /// Carries an entry to the trees that have it.
    fn carry(&mut self, entry: u32, room: &Room) {
        let mut waiting = vec![self.seen.owner(entry)];
        while let Some(tree) = waiting.pop() {
            room.take(1);
            if room.is_over() {
                return;
            }
            self.pairs.push((tree, entry));
            if !std::mem::replace(&mut self.is_leading[tree as usize], true)
                && let Some(key) = self.seen.trees[tree as usize].key
            {
                self.add_uses(key);
            }
            let made = self.first_made[tree as usize] as usize..self.first_made[tree as usize + 1] as usize;
            let have_it = self.made[made].iter().filter(|&&made| !self.seen.is_gone(made, entry));
            waiting.extend(have_it);
        }
    }
}
