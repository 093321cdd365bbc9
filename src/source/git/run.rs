//! Reads all of one repository.
//!
//! Somebody may repack it meanwhile. So objects are listed again once all are read, and what is new is read, too.

use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;

use super::attribute::{Names, lost};
use super::faults::Faults;
use super::links::{Found, Survey, Texts, Trees};
use super::look::Look;
use super::loose;
use super::objects::Objects;
use super::open::open_all;
use super::repo::Repository;
use super::sieve::Anchors;
use super::work::Layout;
use crate::origin::{ObjectId, Origin, RefName, RelativePath};
use crate::source::{Gap, Sink, SkipReason};

/// Pushes every blob, commit and tag of `repository` into `sink`, and the names that it holds.
pub(super) fn run(repository: &Repository, threads: usize, anchors: Option<&Anchors>, sink: &dyn Sink) {
    // Before objects are listed: what a ref is moved to meanwhile is new to both.
    let refs = Names::read(repository);
    refs.problems.into_reasons().for_each(|reason| sink.gap(Gap::Refs(reason)));
    for name in refs.names.iter().take_while(|_| !sink.is_stopped()) {
        sink.name(&|| Origin::RefName(RefName::new(shown(name))), name);
    }
    let mut reading = Reading {
        repository,
        threads,
        anchors,
        sink,
        rounds: Vec::new(),
        found: Found::default(),
        faults: Faults::default(),
        vanished: Vec::new(),
    };
    reading.all();
    reading.report_missing();
    let Reading { found, faults, .. } = reading;
    if found.is_cut {
        sink.gap(Gap::Objects);
    }
    if found.names.is_cut() {
        sink.gap(Gap::TooMany);
    }
    for name in found.names.into_kept().iter().take_while(|_| !sink.is_stopped()) {
        let path = RelativePath::from_bytes(shown(name));
        sink.name(&|| Origin::VersionName(path.clone()), name);
    }
    faults.tell(repository, sink);
}

/// As much of a name as is shown: no file system has longer ones, and each finding in a name shows all of it.
fn shown(name: &[u8]) -> &[u8] {
    &name[..name.len().min(MAX_NAME)]
}

/// Longer names are cut, in bytes.
const MAX_NAME: usize = 1024;

/// So often what is new is read, before the repository counts as one that changes all the time.
const MAX_ROUNDS: usize = 3;
/// So many missing objects are named.
const MAX_NAMED: usize = 5;

/// The reading of a repository, as far as it is done.
struct Reading<'a> {
    repository: &'a Repository,
    threads: usize,
    anchors: Option<&'a Anchors>,
    sink: &'a dyn Sink,
    /// What was listed: at first everything, then what had come since.
    rounds: Vec<Objects>,
    found: Found,
    faults: Faults,
    /// Paths of objects that were gone when they were to be read.
    vanished: Vec<(ObjectId, PathBuf)>,
}

impl Reading<'_> {
    /// Reads everything, until nothing new is there.
    fn all(&mut self) {
        let mut opening = self.list();
        self.read(Layout::all);
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
                self.sink.gap(Gap::Changing);
                break;
            }
            self.read(|objects, threads, wants| Layout::some(objects, &new, threads, wants).0);
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

    /// Reads what was listed last, as `layout` lays it out.
    fn read(&mut self, layout: impl FnOnce(&Objects, usize, fn(super::entry::Kind) -> bool) -> Layout) {
        let Some(objects) = self.rounds.last() else { return };
        let survey = Survey {
            rounds: &self.rounds,
            format: objects.format,
            is_partial: objects.is_partial,
            shallow: &objects.shallow,
            anchors: self.anchors,
            sink: self.sink,
        };
        let mut layout = layout(objects, self.threads, Texts::wants);
        self.sink.expect(layout.expected());
        for texts in layout.walk(objects, &|| Texts::new(&survey), &mut self.faults) {
            self.found.merge(texts.links.finish());
        }
        layout.turn_to(objects, Trees::wants);
        for trees in layout.walk(objects, &|| Trees::new(&survey), &mut self.faults) {
            self.found.merge(trees.links.finish());
        }
        let path = |(id, store): (ObjectId, usize)| (id, loose::path_in(&objects.stores[store], id));
        self.vanished.extend(layout.vanished.into_iter().map(path));
    }

    /// Reports the objects that refs lead to and that are not there.
    fn report_missing(&mut self) {
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
        let lost = lost(&objects, &missing, &roots, self.threads, &|| self.sink.is_stopped());
        if !lost.is_empty() && !self.sink.is_stopped() {
            let first = lost.iter().take(MAX_NAMED).copied().collect();
            self.sink.gap(Gap::Missing { lost: lost.len() as u64, first });
        }
    }
}
