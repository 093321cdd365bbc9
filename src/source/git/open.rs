//! Opens the packs and folders that a repository has its objects in.

use std::path::Path;

use super::faults::Faults;
use super::loose;
use super::objects::Objects;
use super::pack::{Pack, Unusable};
use super::repo::Repository;
use super::stores;
use crate::origin::ObjectId;
use crate::source::{Damage, Fault, Part, SkipReason};

/// Opens all packs, in order of their names.
pub(super) fn open(repository: &Repository, faults: &mut Faults) -> Objects {
    let format = repository.format();
    let mut packs = Vec::new();
    let mut stores = Vec::new();
    for store in repository.stores() {
        if !store.is_there {
            faults.add(&store.path, Damage { part: Part::Whole, fault: Fault::MissingAlternate, lost: 0 });
            continue;
        }
        if let Some((path, error)) = stores::unreadable_list(&store.path) {
            faults.skip(&path, SkipReason::Io(error));
        }
        let (good, unusable) = Pack::all_in(&store.path.join("pack"), format.id_len());
        packs.extend(good);
        for (path, reason) in unusable {
            match reason {
                Unusable::Damaged(fault) => {
                    faults.add(&path, Damage { part: Part::Whole, fault, lost: 0 });
                }
                Unusable::Unreadable(error) => faults.skip(&path, SkipReason::Io(error)),
            }
        }
        stores.push(store.path);
    }
    packs.sort_by(|a, b| a.path.file_name().cmp(&b.path.file_name()));
    // What is pushed pays for itself, however much this repository has.
    let pushed = repository.quarantine();
    let counts = |pack: &&Pack| pushed.is_none_or(|folder| pack.path.starts_with(folder));
    let input = packs.iter().filter(counts).map(|pack| pack.data.len()).sum();
    Objects::new(format, packs, stores, repository.is_partial(), input)
}

/// The objects that have files of their own and are in no pack.
pub(super) fn loose(objects: &Objects, faults: &mut Faults) -> Vec<(ObjectId, usize)> {
    let mut unreadable = |path: &Path, error| faults.skip(path, SkipReason::Io(error));
    let (all, other): (Vec<_>, Vec<_>) = loose::all_in(&objects.stores, &mut unreadable)
        .into_iter()
        .partition(|(id, _)| id.format() == objects.format);
    // Where the configuration is lost, so is which hash it was.
    for (number, store) in objects.stores.iter().enumerate() {
        let lost = other.iter().filter(|(_, store)| *store == number).count() as u64;
        if lost > 0 {
            faults.add(store, Damage { part: Part::Whole, fault: Fault::OtherHash, lost });
        }
    }
    all.into_iter().filter(|(id, _)| objects.position_of(*id).is_none()).collect()
}
