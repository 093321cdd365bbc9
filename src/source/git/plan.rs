//! What there is to do, in parts that threads take one by one.

use super::entries::Entries;
use super::walk::Paused;
use crate::origin::ObjectId;

/// A part of the work.
pub(super) enum Task {
    /// The trees below some roots of a pack, by their place among its roots.
    Trees { pack: usize, roots: std::ops::Range<usize> },
    /// A tree that cost more than its share so far.
    Rest { pack: usize, paused: Paused },
    /// Some objects that have files of their own, each with the number of the store that has it.
    Loose(Vec<(ObjectId, usize)>),
}

/// Objects in one part, unless a single tree has more.
const PART: u32 = 512;
/// Objects of a tree that is a part of its own and comes first, so that no thread is left with one at the end.
const LARGE: u32 = 4 * PART;

/// Cuts the work on packs and loose objects into parts.
pub(super) fn tasks<'a>(
    packs: impl Iterator<Item = (usize, &'a Entries)>,
    loose: &[(ObjectId, usize)],
) -> Vec<Task> {
    let (mut large, mut small) = (Vec::new(), Vec::new());
    for (pack, entries) in packs {
        let (mut start, mut size) = (0, 0);
        let mut cut = |start: usize, end: usize| {
            if start < end {
                small.push(Task::Trees { pack, roots: start..end });
            }
        };
        for (place, &root) in entries.roots().iter().enumerate() {
            let wanted = entries.wanted(root);
            if wanted >= LARGE {
                cut(start, place);
                large.push((wanted, Task::Trees { pack, roots: place..place + 1 }));
                (start, size) = (place + 1, 0);
            } else {
                size += wanted;
                if size >= PART {
                    cut(start, place + 1);
                    (start, size) = (place + 1, 0);
                }
            }
        }
        cut(start, entries.roots().len());
    }
    large.sort_by_key(|(wanted, _)| std::cmp::Reverse(*wanted));
    let loose = loose.chunks(PART as usize / 8).map(|part| Task::Loose(part.to_vec()));
    large.into_iter().map(|(_, task)| task).chain(small).chain(loose).collect()
}
