//! Reads all of one repository, and hands on what it holds.

use std::collections::BTreeSet;

use super::attribute::Names;
use super::reading::{How, Reading};
use super::repo::Repository;
use crate::origin::{Origin, RefName, RelativePath};
use crate::source::{Event, Gap, Sink};

/// Pushes every blob, commit and tag of `repository` into `sink`, and the names that it holds.
pub(super) fn run(repository: &Repository, how: &How<'_>, sink: &dyn Sink) {
    // Before objects are listed: what a ref is moved to meanwhile is new to both.
    let refs = Names::read(repository);
    refs.problems.into_reasons().for_each(|reason| _ = sink.take(Event::Gap(Gap::Refs(reason))));
    for name in refs.names.iter().take_while(|_| !sink.is_stopped()) {
        sink.take(Event::Name(&|| Origin::RefName(RefName::new(shown(name))), name));
    }
    let mut reading = Reading::new(repository, how, sink);
    reading.all();
    reading.report_missing();
    let is_connected = reading.is_connected();
    let Reading { found, faults, clean, rounds, .. } = reading;
    if found.is_cut {
        sink.take(Event::Gap(Gap::Objects));
    }
    if found.names.is_cut() {
        sink.take(Event::Gap(Gap::TooMany));
    }
    let mut harmless = BTreeSet::new();
    for name in found.names.into_kept().into_iter().take_while(|_| !sink.is_stopped()) {
        let path = RelativePath::from_bytes(shown(&name));
        if !sink.take(Event::Name(&|| Origin::VersionName(path.clone()), &name)) {
            harmless.insert(name);
        }
    }
    // What is damaged is reported again each time.
    if let Some(cache) = how.cache.filter(|_| faults.is_empty()) {
        clean.remember(cache, &rounds, is_connected, if sink.is_stopped() { None } else { Some(&harmless) });
    }
    faults.tell(repository, sink);
}

/// As much of a name as is shown: no file system has longer ones, and each finding in a name shows all of it.
fn shown(name: &[u8]) -> &[u8] {
    &name[..name.len().min(MAX_NAME)]
}

/// Longer names are cut, in bytes.
const MAX_NAME: usize = 1024;
