//! What remote branches have of some files, as far as it was fetched: for whoever is about to commit, to know whether
//! something is out already.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use super::at_tips::{TipNames, at_tips};
use super::attribute::Refs;
use super::faults::Faults;
use super::open::open;
use super::reader::Reader;
use super::{Repository, note_outside};
use crate::finding::{Reachability, Tip, TipKind};
use crate::origin::{Object, ObjectId, ObjectKind, Origin, RelativePath};
use crate::source::{Appearance, Attribute, Attribution, Content, Event, Gap, Sink, Source, Subject};
use crate::stop::Stop;

/// The versions of some files at the tips of remote branches.
#[derive(Debug)]
pub struct RemoteTips {
    repository: Repository,
    paths: BTreeSet<RelativePath>,
    found: Mutex<BTreeMap<ObjectId, Versions>>,
}

/// The paths that a blob is at, each with the tips that have it there.
type Versions = BTreeMap<RelativePath, TipNames>;

impl RemoteTips {
    /// What the remote branches of `repository` have at `paths`.
    pub fn new(repository: Repository, paths: BTreeSet<RelativePath>) -> Self {
        Self { repository, paths, found: Mutex::default() }
    }
}

impl Source for RemoteTips {
    fn run(&self, sink: &dyn Sink) {
        note_outside(&self.repository, sink);
        let objects = open(&self.repository, &mut Faults::default());
        let mut trees = Reader::new(&objects);
        let refs = Refs::read(&self.repository, &mut trees);
        refs.problems.into_reasons().for_each(|reason| _ = sink.take(Event::Gap(Gap::Refs(reason))));
        let mut tops = Vec::new();
        for (&commit, names) in &refs.tips {
            let names: BTreeSet<Tip> =
                names.iter().filter(|tip| tip.kind == TipKind::Remote).cloned().collect();
            let tip = if names.is_empty() { None } else { trees.commit(commit).ok() };
            tops.extend(tip.map(|tip| (tip.tree, TipNames::of(&names, false))));
        }
        let paths = self.paths.iter().map(RelativePath::as_bytes);
        let at_tips = at_tips(&mut trees, &tops, paths, &|| sink.is_stopped());
        if at_tips.is_cut {
            sink.take(Event::Gap(Gap::TooMany));
        }
        let mut found: BTreeMap<ObjectId, Versions> = BTreeMap::new();
        for (path, versions) in self.paths.iter().zip(at_tips.paths) {
            for (blob, names) in versions {
                found.entry(blob).or_default().insert(path.clone(), names);
            }
        }
        for &id in found.keys() {
            let origin = || Origin::Object(Object::new(ObjectKind::Blob, id));
            let mut take = |_, content: Content<'_>| {
                sink.take(Event::Input(&origin, content));
            };
            if trees.hand_over(id, &mut take).is_err() {
                sink.take(Event::Gap(Gap::Objects));
            }
        }
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = found;
    }

    fn history(&self) -> Option<&dyn Attribute> {
        Some(self)
    }
}

impl Attribute for RemoteTips {
    fn attribute(&self, subjects: &BTreeSet<Subject>, _: &Stop) -> Attribution {
        let mut attribution = Attribution::default();
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        for subject in subjects {
            let Subject::Object(id) = subject else { continue };
            let appearances = found.get(id).into_iter().flatten().map(|(path, names)| {
                let mut appearance = Appearance::new(Some(path.clone()), Reachability::Past);
                appearance.still_at(names);
                appearance
            });
            attribution.appearances.insert(subject.clone(), appearances.collect());
        }
        attribution
    }
}
