//! Reads all of one repository.

use std::collections::HashSet;

use super::faults::Faults;
use super::names;
use super::open::open;
use super::repo::Repository;
use super::sieve::{Anchors, Sieve};
use super::work;
use crate::panic;
use crate::source::{Sink, SkipReason};

/// Pushes every blob, commit and tag of `repository` into `sink`, and the names that it holds.
pub(super) fn run(repository: &Repository, threads: usize, anchors: Option<&Anchors>, sink: &dyn Sink) {
    let mut faults = Faults::default();
    let objects = open(repository, &mut faults);
    let search = || names::search(repository, &objects, threads, anchors, &mut faults, sink);
    let files = panic::catch(search).unwrap_or_else(|panicked| {
        faults.skip(repository.git_dir(), SkipReason::Panic(panicked));
        HashSet::new()
    });
    work::walk(&objects, threads, &|| Sieve::new(anchors, sink), &mut faults);
    // What is damaged is told already, and what was never fetched is no fault.
    if faults.is_empty() && !objects.is_partial {
        faults.lose_absent(repository, &objects, &files);
    }
    faults.tell(repository, sink);
}
