//! What of a repository's objects could not be read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::repo::Repository;
use crate::origin::{Origin, RelativePath};
use crate::source::{Damage, Event, Fault, Part, Sink, SkipReason, Skipped};

/// What of a repository could not be read.
#[derive(Default)]
pub(super) struct Faults {
    all: Vec<(PathBuf, SkipReason)>,
    /// Where among all each damage is: the search of names may meet what the walk meets again.
    places: BTreeMap<(PathBuf, Part, Fault), usize>,
    /// How many there are that are not listed.
    more: u64,
}

/// Further faults are counted only: there may be one for each object.
const MAX_LISTED: usize = 10_000;

impl Faults {
    /// Takes note of a damage of the file or folder at `path`.
    pub(super) fn add(&mut self, path: &Path, damage: Damage) {
        let place = (path.to_path_buf(), damage.part, damage.fault);
        let known = self.places.get(&place).and_then(|&at| self.all.get_mut(at));
        if let Some((_, SkipReason::Damaged(known))) = known {
            known.lost = known.lost.max(damage.lost);
        } else {
            if self.all.len() < MAX_LISTED {
                self.places.insert(place, self.all.len());
            }
            self.skip(path, SkipReason::Damaged(damage));
        }
    }

    /// Takes note that what is at `path` was not read.
    pub(super) fn skip(&mut self, path: &Path, reason: SkipReason) {
        if self.all.len() < MAX_LISTED {
            self.all.push((path.to_path_buf(), reason));
        } else {
            self.more += 1;
        }
    }

    /// Adds what another one has.
    pub(super) fn merge(&mut self, other: Self) {
        self.more += other.more;
        for (path, reason) in other.all {
            match reason {
                SkipReason::Damaged(damage) => self.add(&path, damage),
                reason => self.skip(&path, reason),
            }
        }
    }

    /// Whether there is nothing to tell.
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Tells `sink` of all of them.
    pub(super) fn tell(self, repository: &Repository, sink: &dyn Sink) {
        let more = (self.more > 0).then(|| {
            let damage = Damage { part: Part::Whole, fault: Fault::Unread, lost: self.more };
            (repository.git_dir().to_path_buf(), SkipReason::Damaged(damage))
        });
        for (path, reason) in self.all.into_iter().chain(more) {
            let name = repository.name_of(&path);
            let name = RelativePath::from_bytes(name.as_os_str().as_encoded_bytes());
            sink.take(Event::Skip(Skipped { origin: Origin::File(name), reason }));
        }
    }
}
