//! Reads the objects of a repository in rounds.
//!
//! Somebody may repack it meanwhile. So objects are listed again once all are read, and what is new is read, too.

use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;

use super::attribute::{Names, lost};
use super::faults::Faults;
use super::found_clean::Clean;
use super::links::{Found, Survey, Texts};
use super::look::Look;
use super::loose;
use super::objects::Objects;
use super::open::open_all;
use super::remembered::{Recorder, Remembered};
use super::repo::Repository;
use super::tree_names::Trees;
use super::work::Layout;
use crate::anchor::Anchors;
use crate::clean::CleanCache;
use crate::origin::ObjectId;
use crate::source::{Event, Gap, Sink, SkipReason};

/// How a repository is read.
pub(super) struct How<'a> {
    pub(super) threads: usize,
    pub(super) anchors: Option<&'a Anchors>,
    /// Knows of objects that need not be read, and learns of more.
    pub(super) cache: Option<&'a CleanCache>,
}

/// So often what is new is read, before the repository counts as one that changes all the time.
const MAX_ROUNDS: usize = 3;
/// So many missing objects are named.
const MAX_NAMED: usize = 5;

/// The reading of a repository, as far as it is done.
pub(super) struct Reading<'a> {
    repository: &'a Repository,
    how: &'a How<'a>,
    sink: &'a dyn Sink,
    /// What was listed: at first everything, then what had come since.
    pub(super) rounds: Vec<Objects>,
    pub(super) found: Found,
    pub(super) clean: Clean,
    pub(super) faults: Faults,
    /// Paths of objects that were gone when they were to be read.
    vanished: Vec<(ObjectId, PathBuf)>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(repository: &'a Repository, how: &'a How<'a>, sink: &'a dyn Sink) -> Self {
        Self {
            repository,
            how,
            sink,
            rounds: Vec::new(),
            found: Found::default(),
            clean: Clean::default(),
            faults: Faults::default(),
            vanished: Vec::new(),
        }
    }

    /// Reads everything, until nothing new is there.
    pub(super) fn all(&mut self) {
        let mut opening = self.list();
        self.read(None);
        for round in 0..=MAX_ROUNDS {
            if self.sink.is_stopped() {
                break;
            }
            // Only what cannot be opened in the end is a fault: a pack may be listed before its index is there.
            opening = self.list();
            let new = self.take_new();
            if new.is_empty() {
                self.rounds.pop();
                break;
            }
            if round == MAX_ROUNDS {
                self.sink.take(Event::Gap(Gap::Changing));
                break;
            }
            self.read(Some(&new));
        }
        for (_, path) in std::mem::take(&mut self.vanished) {
            self.faults.skip(&path, SkipReason::Io(std::io::ErrorKind::NotFound.into()));
        }
        opening.merge(std::mem::take(&mut self.faults));
        self.faults = opening;
    }

    /// Lists what is there now, and opens the packs that were not there before.
    fn list(&mut self) -> Faults {
        let mut faults = Faults::default();
        let packs = self.rounds.iter().flat_map(|objects| &objects.packs);
        let known: BTreeSet<PathBuf> = packs.map(|pack| pack.path.clone()).collect();
        self.rounds.push(open_all(self.repository, &known, &mut faults));
        faults
    }

    /// The objects that were listed last and never before, and those that are somewhere else now.
    fn take_new(&mut self) -> Vec<ObjectId> {
        let Some((now, before)) = self.rounds.split_last() else { return Vec::new() };
        let is_new = |id: &ObjectId| !before.iter().any(|objects| objects.has(*id));
        let mut new: HashSet<ObjectId> = now.ids().filter(is_new).collect();
        new.extend(self.vanished.extract_if(.., |(id, _)| now.has(*id)).map(|(id, _)| id));
        let mut new: Vec<ObjectId> = new.into_iter().collect();
        new.sort_unstable();
        new
    }

    /// Reads what was listed last, or `some` of it.
    fn read(&mut self, some: Option<&[ObjectId]>) {
        let Some(objects) = self.rounds.last() else { return };
        let How { threads, anchors, cache } = *self.how;
        let known = cache.map(|cache| match some {
            None => Remembered::of(cache, objects),
            Some(_) => Remembered::default(),
        });
        let recorder = known.map(|known| Recorder::new(objects, known, self.sink));
        let known = recorder.as_ref().map(Recorder::known);
        known
            .iter()
            .flat_map(|known| &known.passed)
            .for_each(|&size| _ = self.sink.take(Event::Pass(size.into())));
        let few = known.and_then(|known| known.few_left(objects));
        let survey = Survey {
            rounds: &self.rounds,
            format: objects.format,
            is_partial: objects.is_partial,
            shallow: &objects.shallow,
            anchors,
            sink: self.sink,
            recorder: recorder.as_ref(),
        };
        let mut layout = match some.or(few.as_deref()) {
            Some(some) => Layout::some(objects, some, threads, Texts::wants).0,
            None => Layout::all(objects, known, threads, Texts::wants),
        };
        self.sink.take(Event::Expect(layout.expected()));
        for texts in layout.walk(objects, &|| Texts::new(&survey), &mut self.faults) {
            self.clean.sure.extend(texts.clean);
            self.found.merge(texts.links.finish());
        }
        layout.turn_to(objects, Trees::wants);
        for trees in layout.walk(objects, &|| Trees::new(&survey), &mut self.faults) {
            self.clean.add_trees(trees.clean);
            self.found.merge(trees.links.finish());
        }
        let path = |(id, store): (ObjectId, usize)| (id, loose::path_in(&objects.stores[store], id));
        self.vanished.extend(layout.vanished.into_iter().map(path));
    }

    /// Whether every object was looked at or is known, and none refers to a missing one.
    pub(super) fn is_connected(&self) -> bool {
        let [only] = &self.rounds[..] else { return false };
        let is_whole = !self.found.is_cut && self.found.missing.kept().is_empty();
        is_whole && !only.is_partial && !self.sink.is_stopped()
    }

    /// Reports the objects that refs lead to and that are not there.
    pub(super) fn report_missing(&mut self) {
        let is_there = |id: ObjectId| self.rounds.iter().any(|objects| objects.has(id));
        let is_partial = self.rounds.iter().any(|objects| objects.is_partial);
        // Refs may have been moved or deleted meanwhile.
        let roots = Names::read(self.repository).roots;
        let missing: BTreeSet<ObjectId> =
            self.found.missing.kept().iter().chain(&roots).copied().filter(|&id| !is_there(id)).collect();
        if is_partial || missing.is_empty() || self.sink.is_stopped() {
            return;
        }
        let objects = open_all(self.repository, &BTreeSet::new(), &mut Faults::default());
        let lost = lost(&objects, &missing, &roots, self.how.threads, &|| self.sink.is_stopped());
        if !lost.is_empty() && !self.sink.is_stopped() {
            let first = lost.iter().take(MAX_NAMED).copied().collect();
            self.sink.take(Event::Gap(Gap::Missing { lost: lost.len() as u64, first }));
        }
    }
}
