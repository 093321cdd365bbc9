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

/// An archive or a member of one, and how many names lead there.
type Key = (Origin, usize);

impl Artifacts {
    /// Takes the archive, all that lies between, and the member itself.
    pub(super) fn add(&mut self, member: &Member) {
        let mut parent = None;
        for depth in 0..=member.names().len() {
            let last = depth.checked_sub(1).and_then(|last| member.names().nth(last));
            let place = match last {
                None => location::artifact(member.root()),
                Some(name) => ArtifactLocation::builder().uri(uri(name)).build(),
            };
            let next = i64::try_from(self.all.len()).unwrap_or(i64::MAX);
            let index = *self.known.entry((member.ancestor(depth), depth)).or_insert(next);
            if index == next {
                let artifact = Artifact::builder().location(place).build();
                self.all.push(Artifact { parent_index: parent, ..artifact });
            }
            parent = Some(index);
        }
    }

    /// Where in the archive something is; `None` if it was not taken.
    pub(super) fn place(&self, member: &Member, id: i64, at: finding::Location) -> Option<Location> {
        let index = *self.known.get(&(Origin::Member(member.clone()), member.names().len()))?;
        // GitHub asks for a URI beside the index.
        let uri = uri(member.names().next_back()?);
        let physical = PhysicalLocation::builder()
            .artifact_location(ArtifactLocation::builder().uri(uri).index(index).build())
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

/// The path of a member in what it is directly in. It has no slash before it: validators take such a reference for one
/// that cannot be combined with another. It goes only when all that could be secret is masked: a secret may begin with
/// a slash, and what is left of it would look like none.
fn uri(name: &[u8]) -> String {
    location::uri(name).trim_start_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake;
    use crate::origin::RelativePath;
    use crate::text::{Position, Span};

    #[test]
    fn every_location_in_an_archive_has_a_relative_reference_and_the_index_of_its_artifact() {
        let root = Origin::File(RelativePath::from_bytes("a.tar"));
        let names = [&b"/etc/b.zip"[..], b"c d"].map(<[u8]>::to_vec);
        let member = Member::new(root, names.to_vec());
        let mut artifacts = Artifacts::default();
        artifacts.add(&member);
        let start = Position { line: 1, column: 1 };
        let at = finding::Location { span: Span { start: 0, end: 1 }, start, end: start };
        let place = artifacts.place(&member, 1, at).and_then(|place| place.physical_location);
        let place = place.and_then(|place| place.artifact_location).unwrap();
        assert_eq!((place.uri.as_deref(), place.index), (Some("c%20d"), Some(2)));
        let all = artifacts.into_all().unwrap();
        let uris: Vec<_> = all.iter().filter_map(|it| it.location.as_ref()?.uri.clone()).collect();
        assert_eq!(uris, ["a.tar", "etc/b.zip", "c%20d"]);
        assert_eq!(all.iter().map(|it| it.parent_index).collect::<Vec<_>>(), [None, Some(0), Some(1)]);
    }
    #[test]
    fn a_name_that_is_a_secret_with_a_slash_first_is_masked() {
        let mut keys = (0..1000).map(fake::pair);
        let key = keys.find(|key| key.secret_text().starts_with('/')).unwrap();
        assert_eq!(uri(key.secret_text().as_bytes()), "%2A%2A%2A%2A");
    }
}
