//! What of a repository's objects could not be read.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use super::loose;
use super::objects::Objects;
use super::repo::Repository;
use crate::origin::{ObjectId, Origin, RelativePath};
use crate::source::{Damage, Fault, Part, Sink, SkipReason, Skipped};

/// What of a repository could not be read.
#[derive(Default)]
pub(super) struct Faults {
    all: Vec<(PathBuf, SkipReason)>,
    /// Where among all each damage is: the search of names may meet what the walk meets again.
    places: BTreeMap<(PathBuf, Part, Fault), usize>,
}

impl Faults {
    pub(super) fn add(&mut self, path: &Path, damage: Damage) {
        let place = (path.to_path_buf(), damage.part, damage.fault);
        let known = self.places.get(&place).and_then(|&at| self.all.get_mut(at));
        if let Some((_, SkipReason::Damaged(known))) = known {
            known.lost = known.lost.max(damage.lost);
        } else {
            self.places.insert(place, self.all.len());
            self.skip(path, SkipReason::Damaged(damage));
        }
    }

    pub(super) fn skip(&mut self, path: &Path, reason: SkipReason) {
        self.all.push((path.to_path_buf(), reason));
    }

    /// Takes note of an object that is lost, whatever file of the repository should have it.
    pub(super) fn lose(&mut self, repository: &Repository, fault: Fault) {
        self.add(repository.git_dir(), Damage { part: Part::Whole, fault, lost: 1 });
    }

    /// Takes note of those of `files` that are not there.
    pub(super) fn lose_absent(
        &mut self,
        repository: &Repository,
        objects: &Objects,
        files: &HashSet<ObjectId>,
    ) {
        let is_there =
            |id| objects.position_of(id).is_some() || loose::store_of(&objects.stores, id).is_some();
        let absent: BTreeSet<ObjectId> = files.iter().copied().filter(|&id| !is_there(id)).collect();
        if let Some(&first) = absent.first() {
            let damage = Damage { part: Part::Whole, fault: Fault::Absent(first), lost: absent.len() as u64 };
            self.add(repository.git_dir(), damage);
        }
    }

    /// Whether there is nothing to tell.
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Tells `sink` of all of them.
    pub(super) fn tell(self, repository: &Repository, sink: &dyn Sink) {
        for (path, reason) in self.all {
            let name = repository.name_of(&path);
            let name = RelativePath::from_bytes(name.as_os_str().as_encoded_bytes());
            sink.skip(Skipped { origin: Origin::File(name), reason });
        }
    }
}
