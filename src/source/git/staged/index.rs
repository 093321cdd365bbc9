//! The index of a worktree: what is staged, in order of paths.

use std::collections::HashMap;

use super::bitmap;
use super::link::Link;
use crate::origin::ObjectId;

/// What is staged.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// In order of paths, then of stages.
    pub(super) entries: Vec<Entry>,
    /// The folders that have not changed since git last made trees of them, the top first.
    pub(super) folders: Vec<Folder>,
    /// The bytes of all paths and names.
    pub(super) text: Vec<u8>,
}

/// A path that is staged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) id: ObjectId,
    pub(super) mode: u32,
    /// 0, or which side of a conflict this is.
    pub(super) stage: u8,
    /// Whether only the path is staged, and nothing of what is there.
    pub(super) is_intent: bool,
    pub(super) path: Slice,
}

/// A folder, as git last made a tree of it. Those in it follow it, up to `end`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Folder {
    pub(super) name: Slice,
    /// Its tree; `None` if something in it has changed.
    pub(super) tree: Option<ObjectId>,
    pub(super) end: usize,
}

/// A part of an index's text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Slice {
    pub(super) start: usize,
    pub(super) len: usize,
}

/// What may be wrong with an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IndexFault {
    /// It does not begin as one.
    #[error("not an index")]
    Header,
    /// It is of a version that is not known.
    #[error("unknown version {0}")]
    Version(u32),
    /// It ends too soon, or has more than it should.
    #[error("truncated, or with wrong lengths")]
    Length,
    /// Its paths are not in order.
    #[error("its paths are not sorted")]
    Order,
    /// It has a part without which it cannot be understood, and which is not known.
    #[error("it has an unknown mandatory extension")]
    Extension,
    /// It is larger than is read.
    #[error("larger than 1 GiB")]
    TooLarge,
    /// It does not fit the index that it shares entries with.
    #[error("it does not match its shared index")]
    Shared,
}

impl Index {
    /// The bytes of a path or a name.
    pub(super) fn text(&self, slice: Slice) -> &[u8] {
        &self.text[slice.start..slice.start + slice.len]
    }

    /// The path of an entry. That of a folder ends with `/`.
    pub(super) fn path(&self, entry: &Entry) -> &[u8] {
        self.text(entry.path)
    }

    /// The folders in the folder `number`, each with its own number, by name.
    pub(super) fn folders_in(&self, number: usize) -> HashMap<&[u8], usize> {
        let Some(&Folder { end, .. }) = self.folders.get(number) else { return HashMap::new() };
        let following = |at: usize| Some(at).filter(|&at| at < end);
        let inner = std::iter::successors(following(number + 1), |&at| following(self.folders[at].end));
        inner.map(|at| (self.text(self.folders[at].name), at)).collect()
    }

    /// Puts a split index on top of the `shared` one; `None` if they do not fit.
    pub(super) fn merged(mut self, mut shared: Self, link: &Link) -> Option<Self> {
        let count = shared.entries.len();
        let replaced = bitmap::set_bits(&link.replaced, count)?;
        // What replaces comes first and has no path of its own.
        for (number, place) in replaced.iter().enumerate() {
            let path = shared.entries[*place].path;
            let with = *self.entries.get(number).filter(|entry| entry.path.len == 0)?;
            shared.entries[*place] = Entry { path, ..with };
        }
        let mut is_deleted = vec![false; count];
        bitmap::set_bits(&link.deleted, count)?.into_iter().for_each(|place| is_deleted[place] = true);
        let mut is_deleted = is_deleted.into_iter();
        shared.entries.retain(|_| !is_deleted.next().unwrap_or(false));

        let offset = self.text.len();
        self.text.append(&mut shared.text);
        let moved = shared
            .entries
            .into_iter()
            .map(|entry| Entry { path: Slice { start: entry.path.start + offset, ..entry.path }, ..entry });
        self.entries = self.entries.split_off(replaced.len()).into_iter().chain(moved).collect();
        let (text, entries) = (&self.text, &mut self.entries);
        let key = |entry: &Entry| (&text[entry.path.start..entry.path.start + entry.path.len], entry.stage);
        // What was added last stands first, and wins.
        entries.sort_by(|a, b| key(a).cmp(&key(b)));
        entries.dedup_by(|later, first| key(later) == key(first));
        Some(self)
    }

    /// Itself, if its paths are in order.
    pub(super) fn in_order(self) -> Result<Self, IndexFault> {
        let key = |entry| (self.path(entry), entry.stage);
        let is_sound = self.entries.is_sorted_by(|a, b| key(a) <= key(b))
            && self.entries.first().is_none_or(|entry| entry.path.len > 0);
        if is_sound { Ok(self) } else { Err(IndexFault::Order) }
    }
}
