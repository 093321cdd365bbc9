//! What is inside of archives, in SARIF's terms: artifacts whose parent is another artifact.
//!
//! A result is shown at the outermost archive, the only one that there is a file of. Where exactly it is inside is
//! told by a related location in the nested artifact.

use std::collections::BTreeMap;

use serde_sarif::sarif::{Artifact, ArtifactLocation, Location, Message, PhysicalLocation};

use super::location;
use crate::finding;
use crate::origin::{Member, Origin};

/// The artifacts of a run: archives, and what results are in.
#[derive(Default)]
pub(super) struct Artifacts {
    known: BTreeMap<Key, i64>,
    all: Vec<Artifact>,
}

/// An archive, and the names that lead from there.
type Key = (Origin, Vec<Vec<u8>>);

impl Artifacts {
    /// Takes the archive, all that lies between, and the member itself.
    pub(super) fn add(&mut self, member: &Member) {
        let mut parent = None;
        for depth in 0..=member.names().len() {
            let names = &member.names()[..depth];
            let place = match names.last() {
                None => location::artifact(member.root()),
                // A path from the top of what it is in, as the standard has it for nested artifacts.
                Some(name) => ArtifactLocation::builder().uri(format!("/{}", location::uri(name))).build(),
            };
            let next = i64::try_from(self.all.len()).unwrap_or(i64::MAX);
            let index = *self.known.entry((member.root().clone(), names.to_vec())).or_insert(next);
            if index == next {
                let artifact = Artifact::builder().location(place).build();
                self.all.push(Artifact { parent_index: parent, ..artifact });
            }
            parent = Some(index);
        }
    }

    /// Where in the archive something is; `None` if it was not taken.
    pub(super) fn place(&self, member: &Member, id: i64, at: finding::Location) -> Option<Location> {
        let index = *self.known.get(&(member.root().clone(), member.names().to_vec()))?;
        let physical = PhysicalLocation::builder()
            .artifact_location(ArtifactLocation::builder().index(index).build())
            .region(location::region(at))
            .build();
        let message = Message::builder().text("where it is in the archive").build();
        Some(Location {
            id: Some(id),
            message: Some(message),
            ..Location::builder().physical_location(physical).build()
        })
    }

    /// All of them, each behind its parent; `None` if there are none.
    pub(super) fn into_all(self) -> Option<Vec<Artifact>> {
        (!self.all.is_empty()).then_some(self.all)
    }
}
