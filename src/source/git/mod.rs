//! The objects of git repositories: every blob, commit and tag, once, whatever refers to it.
//!
//! Objects are read in the order in which packs store them, along their deltas, and never one by one: so each is
//! decompressed once, and only what a delta adds is searched for anchors. Nothing of the repository runs, and nothing
//! of it but its objects is trusted or needed: what refers to them counts later, for those that something is found in.

mod arena;
mod at;
mod at_tips;
mod attribute;
mod boundaries;
mod budget;
pub(super) mod bundle;
mod commit;
mod config;
mod damages;
mod data;
mod decode;
mod delta;
mod entries;
mod entry;
mod faults;
mod found_clean;
mod index;
mod inflate;
mod links;
mod locate;
mod look;
mod loose;
mod objects;
mod open;
mod outside;
mod owners;
mod pack;
mod path;
mod plan;
mod range;
mod read;
mod reader;
mod reading;
mod refs;
mod remembered;
mod repo;
mod revision;
mod run;
mod shared_index;
mod sieve;
mod smallest;
mod staged;
mod stores;
mod tips;
mod traverse;
mod tree;
mod tree_names;
mod walk;
mod work;

pub(super) use at::has_file;
pub use at::{file_at, files_at};
pub use range::{Changes, Push, RangeError, Receiver, Selection};
pub(super) use refs::messages_of_tables;
pub use repo::{Repository, RepositoryError};
pub(super) use staged::Tracked;
pub use staged::{IndexFault, Staged, StagedError, StagedOptions};
pub use stores::{Environment, Store};
pub use tips::RemoteTips;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Attribute, Attribution, Event, Gap, Notice, Sink, Source, Subject, threads_for};
use crate::anchor::Anchors;
use crate::clean::CleanCache;
use crate::origin::{ObjectId, RelativePath};
use crate::stop::Stop;

/// All objects of some repositories.
#[derive(Debug)]
pub struct History {
    repository: Repository,
    threads: usize,
    anchors: Option<Anchors>,
    cache: Option<Arc<CleanCache>>,
}

impl History {
    /// The objects of `repository`, read on `threads` threads (0 for as many as there are processors). With
    /// `anchors`, those that hold none are not handed on; without, every one is.
    pub fn new(repository: Repository, threads: usize, anchors: Option<Anchors>) -> Self {
        Self { repository, threads, anchors, cache: None }
    }

    /// The same, without reading what `cache` knows to be clean. What is found clean is added to it.
    #[must_use]
    pub fn with_cache(self, cache: Option<Arc<CleanCache>>) -> Self {
        Self { cache, ..self }
    }

    /// The same, read on `threads` threads (0 for as many as there are processors).
    #[must_use]
    pub fn on_threads(self, threads: usize) -> Self {
        Self { threads, ..self }
    }
}

/// Reports the objects that a repository itself says it does not have.
fn tell_gaps(repository: &Repository, sink: &dyn Sink) {
    if repository.is_shallow() {
        sink.take(Event::Gap(Gap::Shallow));
    }
    if repository.is_partial() {
        sink.take(Event::Gap(Gap::Partial));
    }
}

/// Reports the folders of a repository that are outside of it.
fn note_outside(repository: &Repository, sink: &dyn Sink) {
    for path in repository.outside() {
        let name = repository.name_of(&path).to_string_lossy().into_owned();
        let is_led = repository.led_outside().contains(&path);
        sink.take(Event::Notice(if is_led { Notice::Outside(name) } else { Notice::Borrowed(name) }));
    }
}

impl Source for History {
    fn run(&self, sink: &dyn Sink) {
        tell_gaps(&self.repository, sink);
        note_outside(&self.repository, sink);
        let how = reading::How {
            threads: threads_for(self.threads),
            anchors: self.anchors.as_ref(),
            cache: self.cache.as_deref(),
        };
        run::run(&self.repository, &how, sink);
        // Lists of alternates are read again whenever objects are listed, and may have changed.
        note_outside(&self.repository, sink);
    }

    fn history(&self) -> Option<&dyn Attribute> {
        Some(self)
    }
}

impl Attribute for History {
    fn locate(&self, objects: &BTreeSet<ObjectId>, stop: &Stop) -> BTreeMap<ObjectId, RelativePath> {
        locate::locate(&self.repository, objects.clone(), stop)
    }

    fn attribute(&self, subjects: &BTreeSet<Subject>, stop: &Stop) -> Attribution {
        attribute::attribute(&self.repository, threads_for(self.threads), subjects, stop)
    }
}
