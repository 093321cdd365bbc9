//! Opens the packs and folders that a repository has its objects in.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};

use super::faults::Faults;
use super::loose;
use super::objects::Objects;
use super::pack::{Pack, Unusable};
use super::repo::Repository;
use super::stores;
use crate::origin::{ObjectFormat, ObjectId};
use crate::source::{Damage, Fault, Part, SkipReason};

/// Opens all packs, in order of their names.
pub(super) fn open(repository: &Repository, faults: &mut Faults) -> Objects {
    let stores = stores_of(repository, faults);
    with_packs(repository, stores, &BTreeSet::new(), faults)
}

/// Lists the objects that have files of their own, then opens all packs but those that are `known`.
///
/// Git writes a pack before it removes the files of the objects in it. So in this order, none is overlooked.
pub(super) fn open_all(repository: &Repository, known: &BTreeSet<PathBuf>, faults: &mut Faults) -> Objects {
    let stores = stores_of(repository, faults);
    let loose = loose_in(&stores, repository.format(), faults);
    let mut objects = with_packs(repository, stores, known, faults);
    objects.loose = loose;
    objects.shallow = repository.shallow();
    objects
}

/// The folders of objects that are there.
fn stores_of(repository: &Repository, faults: &mut Faults) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for store in repository.stores() {
        if !store.is_there {
            faults.add(&store.path, Damage { part: Part::Whole, fault: Fault::MissingAlternate, lost: 0 });
            continue;
        }
        if let Some((path, error)) = stores::unreadable_list(&store.path) {
            faults.skip(&path, SkipReason::Io(error));
        }
        found.push(store.path);
    }
    found
}

/// How often packs are listed again that were removed before they could be opened.
const MAX_TRIES: usize = 3;

fn with_packs(
    repository: &Repository,
    stores: Vec<PathBuf>,
    known: &BTreeSet<PathBuf>,
    faults: &mut Faults,
) -> Objects {
    let format = repository.format();
    let mut packs = Vec::new();
    for store in &stores {
        let folder = store.join("pack");
        let mut opened = Pack::all_in(&folder, format.id_len(), known);
        for _ in 1..MAX_TRIES {
            if !opened.1.iter().any(|(_, reason)| is_gone(reason)) {
                break;
            }
            // What was in it is in a new one.
            opened = Pack::all_in(&folder, format.id_len(), known);
        }
        let (good, unusable) = opened;
        packs.extend(good);
        for (path, reason) in unusable {
            match reason {
                Unusable::Damaged(fault) => {
                    faults.add(&path, Damage { part: Part::Whole, fault, lost: 0 });
                }
                Unusable::Unreadable(error) => faults.skip(&path, SkipReason::Io(error)),
            }
        }
    }
    packs.sort_by(|a, b| a.path.file_name().cmp(&b.path.file_name()));
    // What is pushed pays for itself, however much this repository has.
    let pushed = repository.quarantine();
    let counts = |pack: &&Pack| pushed.is_none_or(|folder| pack.path.starts_with(folder));
    let input = packs.iter().filter(counts).map(|pack| pack.data.len()).sum();
    Objects::new(format, packs, stores, repository.is_partial(), input)
}

fn is_gone(reason: &Unusable) -> bool {
    matches!(reason, Unusable::Unreadable(error) if error.kind() == io::ErrorKind::NotFound)
}

/// The objects of `format` that have files of their own, each with the number of the store that has it.
fn loose_in(stores: &[PathBuf], format: ObjectFormat, faults: &mut Faults) -> HashMap<ObjectId, usize> {
    let mut unreadable = |path: &Path, error| faults.skip(path, SkipReason::Io(error));
    let mut all = loose::all_in(stores, &mut unreadable);
    let mut other = vec![0_u64; stores.len()];
    all.retain(|id, store| {
        let is_one = id.format() == format;
        other[*store] += u64::from(!is_one);
        is_one
    });
    // Where the configuration is lost, so is which hash it was.
    for (store, &lost) in stores.iter().zip(&other).filter(|(_, lost)| **lost > 0) {
        faults.add(store, Damage { part: Part::Whole, fault: Fault::OtherHash, lost });
    }
    all
}
