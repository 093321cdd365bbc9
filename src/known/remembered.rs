//! The secrets that a stream has shown so far, to find them again in what comes later.
//!
//! Memory is bounded: past a number of pieces the oldest secrets are forgotten, at a place that depends on nothing but
//! the secrets and their order.

use std::collections::BTreeMap;
use std::fmt;
use std::mem;
use std::ops::Range;

use super::runs;
use super::search::search;
use super::sieve::Sieve;
use super::windows::{Windows, pieces};

/// Pieces that are kept at least. As many again may be kept beside them.
const MOST_PIECES: usize = 1 << 14;

/// How a secret is named: any small number.
pub(crate) type Name = u32;

/// The newest secrets of a stream.
#[derive(Default)]
pub(crate) struct Remembered {
    new: Generation,
    old: Generation,
}

/// Secrets that are forgotten together.
#[derive(Default)]
struct Generation {
    windows: Windows,
    names: BTreeMap<u64, Name>,
    /// What spells the pieces in one run of letters, in encodings that show nothing of them.
    spelled: Sieve,
}

impl Remembered {
    /// Remembers `secret` under `name`. The first `head` bytes are no secret; pieces likelier to be text than
    /// `text_limit`, in half bits, are not looked for.
    pub(crate) fn add(&mut self, secret: &[u8], head: usize, text_limit: i32, name: Name) {
        let body = secret.get(head..).unwrap_or_default();
        let found: Vec<u64> = pieces(body, text_limit).collect();
        if found.iter().all(|piece| self.new.names.contains_key(piece)) {
            return;
        }
        if self.new.names.len() + found.len() > MOST_PIECES && !self.new.names.is_empty() {
            self.old = mem::take(&mut self.new);
        }
        self.new.spelled.extend(found.iter().copied().chain(runs::of(body)));
        self.new.names.extend(found.iter().map(|&piece| (piece, name)));
        self.new.windows.extend(found.into_iter());
    }

    /// Whether nothing is remembered.
    pub(crate) fn is_empty(&self) -> bool {
        self.new.windows.is_empty()
    }

    /// The pieces that are looked for, but for those that are soon forgotten.
    #[cfg(test)]
    pub(super) fn windows(&self) -> &Windows {
        &self.new.windows
    }

    /// Whether [`find`](Self::find) may find something in `text`. Most text is ruled out here, in one pass.
    pub(crate) fn may_be_in(&self, text: &[u8]) -> bool {
        let generations = [&self.new, &self.old].into_iter();
        generations
            .filter(|generation| !generation.windows.is_empty())
            .any(|it| it.spelled.may_spell(&it.windows, text))
    }

    /// The stretches of `text` that spell a piece, each with the secret's name, in order of their start. They may overlap.
    pub(crate) fn find(&self, text: &[u8]) -> Vec<(Range<usize>, Name)> {
        let generations =
            [&self.new, &self.old].into_iter().filter(|generation| !generation.windows.is_empty());
        let mut found: Vec<(Range<usize>, Name)> = generations
            .filter(|it| it.spelled.may_spell(&it.windows, text))
            .flat_map(|generation| {
                let pieces = search(&generation.windows, text).pieces.into_iter();
                pieces
                    .map(|(range, piece)| (range, generation.names.get(&piece).copied().unwrap_or_default()))
            })
            .collect();
        found.sort_unstable_by_key(|(range, name)| (range.start, range.end, *name));
        found.dedup();
        found
    }
}

impl fmt::Debug for Remembered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Remembered(****)")
    }
}
