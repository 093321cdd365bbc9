//! What remote branches have of some files, as far as it was fetched: for whoever is about to commit, to know whether
//! something is out already.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use super::attribute::{Refs, SharedTips};
use super::faults::Faults;
use super::open::open;
use super::reader::Reader;
use super::{Repository, note_outside};
use crate::finding::{Reachability, Tip, TipKind};
use crate::origin::{Object, ObjectId, ObjectKind, Origin, RelativePath};
use crate::source::{Appearance, Attribute, Attribution, Content, Gap, Sink, Source, Subject};
use crate::stop::Stop;

/// The versions of some files at the tips of remote branches.
#[derive(Debug)]
pub struct RemoteTips {
    repository: Repository,
    paths: BTreeSet<RelativePath>,
    found: Mutex<BTreeMap<ObjectId, Versions>>,
}

/// The paths that a blob is at, each with the tips that have it there.
type Versions = BTreeMap<RelativePath, BTreeSet<Tip>>;

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
        refs.problems.into_reasons().for_each(|reason| sink.gap(Gap::Refs(reason)));
        let mut found: BTreeMap<ObjectId, Versions> = BTreeMap::new();
        for (&commit, names) in &refs.tips {
            let names: Vec<&Tip> = names.iter().filter(|tip| tip.kind == TipKind::Remote).collect();
            let Ok(tip) = trees.commit(commit) else { continue };
            for path in self.paths.iter().filter(|_| !names.is_empty() && !sink.is_stopped()) {
                let Some(blob) = trees.target_at(tip.tree, path.as_bytes()) else { continue };
                let tips = found.entry(blob).or_default().entry(path.clone()).or_default();
                tips.extend(names.iter().map(|&tip| tip.clone()));
            }
        }
        for &id in found.keys() {
            let origin = || Origin::Object(Object::new(ObjectKind::Blob, id));
            let mut take = |_, content: Content<'_>| {
                sink.input(&origin, content);
            };
            if trees.hand_over(id, &mut take).is_err() {
                sink.gap(Gap::Objects);
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
            let appearances = found.get(id).into_iter().flatten().map(|(path, tips)| {
                let mut appearance = Appearance::new(Some(path.clone()), Reachability::Past);
                appearance.still_in(&mut SharedTips::new(tips), false);
                appearance
            });
            attribution.appearances.insert(subject.clone(), appearances.collect());
        }
        attribution
    }
}
