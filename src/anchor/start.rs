//! Literals that are too short to share a fragment with others.

use std::ops::Range;

use memchr::memmem::Finder;

use super::fragment::FRAGMENT;
use super::{Hit, Literal};

/// Literals that share no fragment, and are told apart by their last byte alone: searched for by what they share.
#[derive(Clone, Debug)]
pub(super) struct Start {
    finder: Finder<'static>,
    literals: Vec<Literal>,
}

impl Start {
    /// Takes out of `literals` those that differ from others in their last byte only and are too short to hold a fragment
    /// that others hold. Returns the rest, too.
    pub(super) fn split(literals: Vec<Literal>) -> (Vec<Self>, Vec<Literal>) {
        /// Fewer are as well off in a pass.
        const FEWEST: usize = 3;
        let (short, mut rest): (Vec<_>, Vec<_>) =
            literals.into_iter().partition(|(literal, _)| literal.len() == FRAGMENT);
        let mut starts = Vec::new();
        for alike in short.chunk_by(|(a, _), (b, _)| a[..FRAGMENT - 1] == b[..FRAGMENT - 1]) {
            if alike.len() < FEWEST {
                rest.extend(alike.iter().cloned());
                continue;
            }
            let finder = Finder::new(&alike[0].0[..FRAGMENT - 1]).into_owned();
            starts.push(Self { finder, literals: alike.to_vec() });
        }
        (starts, rest)
    }

    /// Adds the literals in `block` of `bytes`, which is as long as they may reach.
    pub(super) fn hits(&self, bytes: &[u8], block: Range<usize>, hits: &mut Vec<Hit>) {
        for at in self.finder.find_iter(&bytes[block.clone()]) {
            let text = &bytes[block.start + at..];
            let found = self.literals.iter().filter(|(literal, _)| text.starts_with(literal));
            hits.extend(found.map(|(_, form)| Hit { at: block.start + at, form: *form }));
        }
    }
}
