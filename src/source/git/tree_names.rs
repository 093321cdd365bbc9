//! Looks at trees: what they refer to, and the names in them.

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::Arc;

use super::boundaries::{Boundaries, Parsing};
use super::budget::Meter;
use super::entry::Kind;
use super::links::{Links, Survey};
use super::look::{Decoded, Look, Made};
use super::sieve::WHOLE;
use super::tree::TreeEntry;
use crate::clean::CleanObject;
use crate::origin::ObjectFormat;
use crate::source::Fault;

/// Looks at trees.
pub(super) struct Trees<'a> {
    pub(super) links: Links<'a>,
    /// Trees that are clean if none of their suspects holds anything, to be remembered.
    pub(super) clean: Vec<(CleanObject, Suspects)>,
}

/// Names in a tree that may hold something: each once, in order. Most trees have none.
#[derive(Clone, Debug, Default)]
pub(super) struct Suspects(Option<Arc<[Vec<u8>]>>);

impl Suspects {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(super) fn are_all_in(&self, harmless: &BTreeSet<Vec<u8>>) -> bool {
        self.0.iter().flat_map(|names| names.iter()).all(|name| harmless.contains(name))
    }

    /// These and some more, as far as `has_room` for them.
    fn with(&self, more: Vec<Vec<u8>>, has_room: impl Fn(usize) -> bool) -> Option<Self> {
        let known = self.0.as_deref().unwrap_or_default();
        let new: Vec<Vec<u8>> = more.into_iter().filter(|name| known.binary_search(name).is_err()).collect();
        if new.is_empty() {
            return Some(self.clone());
        }
        let all: BTreeSet<Vec<u8>> = known.iter().cloned().chain(new).collect();
        let len = all.iter().map(|name| name.len() + BESIDE_NAME).sum();
        has_room(len).then(|| Self(Some(all.into_iter().collect())))
    }
}

/// What a name takes beside its bytes.
const BESIDE_NAME: usize = 64;

/// What is known of a tree.
pub(super) struct Known {
    boundaries: Boundaries,
    /// `None` if they are too many to be kept.
    suspects: Option<Suspects>,
}

impl<'a> Trees<'a> {
    pub(super) fn new(survey: &'a Survey<'a>) -> Self {
        Self { links: Links::new(survey), clean: Vec::new() }
    }

    /// Reads a tree, of which those are the suspects that its base has.
    fn read(
        &mut self,
        object: Decoded<'_>,
        bytes: &[u8],
        suspects: Option<Suspects>,
        parse: impl FnOnce(&mut dyn FnMut(TreeEntry<'_>), ObjectFormat) -> Result<(Boundaries, bool), Fault>,
    ) -> Result<Option<Known>, Fault> {
        let format = self.links.survey.format;
        let links = &mut self.links;
        let mut take = |entry: TreeEntry<'_>| {
            if object.is_wanted() {
                links.entry(entry);
            } else {
                links.suspect(entry);
            }
        };
        let (boundaries, is_whole) = parse(&mut take, format)?;
        self.links.found.is_cut |= !is_whole;
        let Some(recorder) = self.links.survey.recorder else {
            return Ok(Some(Known { boundaries, suspects: None }));
        };
        let more = self.links.take_suspects();
        let suspects = suspects.and_then(|known| known.with(more, |len| recorder.has_room(len)));
        if let Some(suspects) = suspects.as_ref().filter(|_| is_whole) {
            self.clean.extend(recorder.clean(object, bytes).map(|tree| (tree, suspects.clone())));
        }
        Ok(Some(Known { boundaries, suspects }))
    }
}

impl Look for Trees<'_> {
    type Known = Known;

    fn wants(kind: Kind) -> bool {
        kind == Kind::Tree
    }

    fn reach(&self) -> usize {
        0
    }

    fn is_stopped(&self) -> bool {
        self.links.survey.sink.is_stopped()
    }

    fn whole(
        &mut self,
        object: Decoded<'_>,
        bytes: &[u8],
        meter: &mut Meter,
    ) -> Result<Option<Known>, Fault> {
        if bytes.len() > WHOLE {
            self.links.found.is_cut = true;
            return Ok(None);
        }
        let suspects = Some(Suspects::default());
        self.read(object, bytes, suspects, |mut take, format| {
            Parsing::new(bytes, format, &mut take, meter).whole()
        })
    }

    fn patched(
        &mut self,
        object: Decoded<'_>,
        made: Made<'_, Known>,
        meter: &mut Meter,
    ) -> Result<Option<Known>, Fault> {
        if made.bytes.len() > WHOLE {
            return self.whole(object, made.bytes, meter);
        }
        let (_, base) = made.base;
        self.read(object, made.bytes, base.suspects.clone(), |mut take, format| {
            Parsing::new(made.bytes, format, &mut take, meter).changed(&base.boundaries, &made.patch.copies)
        })
    }

    fn stream(&mut self, _: Decoded<'_>, _: &mut dyn Read) {
        self.links.found.is_cut = true;
    }
}
