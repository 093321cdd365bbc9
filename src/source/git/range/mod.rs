//! What some commits changed: for a push, a pull request, or the last weeks.
//!
//! Each commit is compared with all its parents, so that a key that comes back is found again, and a merge counts for
//! what only it wrote.

mod changed;
mod compare;
mod differing;
mod select;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use self::changed::{Changed, pass_known};
use self::compare::Comparison;
use self::select::{Cut, Selected};
pub use self::select::{Push, Receiver, Selection};
use super::at_tips::{AtTips, TipNames, at_tips};
use super::attribute::{Refs, described};
use super::faults::Faults;
use super::open::open;
use super::reader::Reader;
use super::remembered::{Recorder, Remembered};
use super::sieve::ObjectFilter;
use super::work;
use super::{Repository, note_outside};
use crate::anchor::Anchors;
use crate::clean::CleanCache;
use crate::finding::{Reachability, Tip};
use crate::origin::{Object, ObjectId, ObjectKind, Origin, RefName, RelativePath};
use crate::source::{
    Appearance, Attribute, Attribution, Damage, Event, Fault, Gap, Notice, Part, Sink, SkipReason, Skipped,
    Source, Subject, threads_for,
};
use crate::stop::Stop;

/// What the selected commits of a repository changed.
#[derive(Debug)]
pub struct Changes {
    repository: Repository,
    selected: Selected,
    threads: usize,
    anchors: Option<Anchors>,
    cache: Option<Arc<CleanCache>>,
    found: Mutex<Found>,
}

/// Where what was scanned came from.
#[derive(Debug, Default)]
struct Found {
    blobs: BTreeMap<ObjectId, Paths>,
    /// Blobs of trees that belong to no commit.
    stray: BTreeSet<ObjectId>,
    /// Only names with something in them.
    names: BTreeMap<Vec<u8>, Paths>,
    /// Whether there are more places than were looked for.
    is_cut: bool,
}

/// Paths, each with the first and the last commit that brought something there, by their place in the order.
type Paths = BTreeMap<Vec<u8>, (usize, usize)>;

/// Why commits cannot be selected.
#[derive(Debug, thiserror::Error)]
pub enum RangeError {
    /// The repository's refs cannot be read.
    #[error("the repository's refs cannot be read: {0}")]
    Refs(String),
    /// A name that leads to no commit.
    #[error("`{0}` does not name a commit in this repository")]
    Unknown(String),
    /// A pattern that no ref matches.
    #[error("no ref matches `{0}`")]
    NoRef(String),
    /// A revision of a kind that akid does not look for.
    #[error("`{0}` searches commit messages, which akid does not support")]
    Unsupported(String),
}

impl Changes {
    /// The changes of the commits that `selection` names, read on `threads` threads (0 for as many as there are
    /// processors). Looks no further once it is stopped.
    ///
    /// # Errors
    ///
    /// If the repository's refs cannot be read, or something that is named is not there.
    pub fn new(
        repository: Repository,
        selection: &Selection,
        threads: usize,
        stop: &Stop,
    ) -> Result<Self, RangeError> {
        let selected = Selected::of(&repository, selection, stop)?;
        Ok(Self::of(repository, selected, threads))
    }

    /// What `push` brings that its receiver does not have, read on `threads` threads. Looks no further once it is
    /// stopped.
    ///
    /// # Errors
    ///
    /// If the repository's refs cannot be read, or what is pushed is not there.
    pub fn pushed(
        repository: Repository,
        push: &Push,
        threads: usize,
        stop: &Stop,
    ) -> Result<Self, RangeError> {
        let selected = Selected::pushed(&repository, push, stop)?;
        Ok(Self::of(repository, selected, threads))
    }

    fn of(repository: Repository, selected: Selected, threads: usize) -> Self {
        Self { repository, selected, threads, anchors: None, cache: None, found: Mutex::default() }
    }

    /// The same, without reading what `cache` knows to be clean. Blobs that are found clean are added to it.
    #[must_use]
    pub fn with_cache(self, cache: Option<Arc<CleanCache>>) -> Self {
        Self { cache, ..self }
    }

    /// The same, read on `threads` threads (0 for as many as there are processors).
    #[must_use]
    pub fn on_threads(self, threads: usize) -> Self {
        Self { threads, ..self }
    }

    /// The same, where objects without `anchors` are not handed on.
    #[must_use]
    pub fn with_anchors(self, anchors: Anchors) -> Self {
        Self { anchors: Some(anchors), ..self }
    }

    /// How many commits are selected.
    pub fn commits(&self) -> usize {
        self.selected.commits.len()
    }
}

impl Source for Changes {
    fn run(&self, sink: &dyn Sink) {
        note_outside(&self.repository, sink);
        match self.selected.cut {
            Some(Cut::Missing) => _ = sink.take(Event::Gap(Gap::Shallow)),
            Some(Cut::NotPushed) => _ = sink.take(Event::Notice(Notice::ShallowPush)),
            None => {}
        }
        let mut faults = Faults::default();
        let objects = open(&self.repository, &mut faults);
        let Selected { commits, trees, others, names, .. } = &self.selected;
        for name in names {
            sink.take(Event::Name(&|| Origin::RefName(RefName::new(name)), name));
        }
        let found = Comparison::new(&objects, sink, commits.len()).all(commits, trees);
        let mut wanted: BTreeSet<ObjectId> = found.blobs.keys().chain(&found.stray).copied().collect();
        wanted.extend(commits.iter().copied().chain(others.iter().map(|(_, id)| *id)));
        let mut wanted: Vec<ObjectId> = wanted.into_iter().collect();
        let cache = self.cache.as_deref();
        cache.into_iter().for_each(|cache| pass_known(&mut wanted, cache, &objects, sink));
        let recorder = cache.map(|_| Recorder::new(&objects, Remembered::default(), sink));
        let look = || Changed::new(ObjectFilter::new(self.anchors.as_ref(), sink), recorder.as_ref());
        let threads = threads_for(self.threads);
        let (looks, missing) = work::walk_some(&objects, &wanted, threads, &look, &mut faults);
        if let Some(cache) = cache.filter(|_| faults.is_empty()) {
            cache.add(objects.format, looks.into_iter().flat_map(|look| look.clean).collect());
        }
        faults.tell(&self.repository, sink);
        // Of commits that are not there the comparison has told.
        for id in missing.into_iter().filter(|id| !commits.contains(id)) {
            let origin = Origin::Object(Object::new(ObjectKind::Blob, id));
            sink.take(Event::Skip(damaged(origin, objects.absent(id))));
        }
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = found;
    }

    fn history(&self) -> Option<&dyn Attribute> {
        Some(self)
    }
}

impl Attribute for Changes {
    fn attribute(&self, subjects: &BTreeSet<Subject>, stop: &Stop) -> Attribution {
        let mut attribution = Attribution::default();
        let objects = open(&self.repository, &mut Faults::default());
        let commits = &self.selected.commits;
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let mut trees = Reader::new(&objects);
        let mut refs = Refs::read(&self.repository, &mut trees);
        attribution.gaps.extend(std::mem::take(&mut refs.problems).into_reasons().map(Gap::Refs));
        attribution.gaps.extend(found.is_cut.then_some(Gap::TooMany));
        let places = found.places(subjects);
        let tops = tip_trees(&refs, &mut trees);
        let AtTips { paths, is_cut } =
            at_tips(&mut trees, &tops, places.iter().copied(), &|| stop.is_stopped());
        attribution.gaps.extend(is_cut.then_some(Gap::TooMany));
        for subject in subjects.iter().take_while(|_| !stop.is_stopped()) {
            let appearances = attribution.appearances.entry(subject.clone()).or_default();
            let object = object_of(subject);
            for (path, (first, last)) in found.paths(subject).take_while(|_| !stop.is_stopped()) {
                let mut appearance =
                    Appearance::new(Some(RelativePath::from_bytes(path.as_slice())), Reachability::Past);
                appearance.brought = Some(((*first, commits[*first]), (*last, commits[*last])));
                let at_path = places.binary_search(&path.as_slice()).ok().map(|place| &paths[place]);
                for (_, names) in
                    at_path.into_iter().flatten().filter(|(id, _)| object.is_none_or(|object| **id == object))
                {
                    appearance.still_at(names);
                }
                appearances.push(appearance);
            }
            let rank = object.and_then(|id| commits.iter().position(|&commit| commit == id));
            if let Some(rank) = rank {
                let mut appearance = Appearance::new(None, Reachability::Past);
                let commit = (rank, commits[rank]);
                appearance.brought = Some((commit, commit));
                appearances.push(appearance);
            }
        }
        attribution.commits = described(&attribution.appearances, &objects, stop);
        attribution
    }
}

fn damaged(origin: Origin, fault: Fault) -> Skipped {
    Skipped { origin, reason: SkipReason::Damaged(Damage { part: Part::Whole, fault, lost: 1 }) }
}

/// The object in question, if it is no name.
fn object_of(subject: &Subject) -> Option<ObjectId> {
    match subject {
        Subject::Object(id) => Some(*id),
        Subject::Name(_) => None,
    }
}

impl Found {
    /// The paths that something in question is at.
    fn paths(&self, subject: &Subject) -> impl Iterator<Item = (&Vec<u8>, &(usize, usize))> {
        let paths = match subject {
            Subject::Object(id) => self.blobs.get(id),
            Subject::Name(name) => self.names.get(name),
        };
        paths.into_iter().flatten()
    }

    /// All paths that something in question is at, in order.
    fn places(&self, subjects: &BTreeSet<Subject>) -> Vec<&[u8]> {
        let paths = subjects.iter().flat_map(|subject| self.paths(subject)).map(|(path, _)| path.as_slice());
        paths.collect::<BTreeSet<&[u8]>>().into_iter().collect()
    }
}

/// The trees of tips, with their names.
fn tip_trees(refs: &Refs, trees: &mut Reader<'_>) -> Vec<(ObjectId, TipNames)> {
    let tree_of = |(id, names): (&ObjectId, &BTreeSet<Tip>)| {
        let tip = trees.commit(*id).ok()?;
        Some((tip.tree, TipNames::of(names, refs.head == Some(*id))))
    };
    refs.tips.iter().filter_map(tree_of).collect()
}
