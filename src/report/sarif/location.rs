//! Where things are, in SARIF's terms.

use std::collections::BTreeMap;

use serde_sarif::sarif::{ArtifactLocation, Location, Message, PhysicalLocation, Region};

use crate::finding;
use crate::origin::Origin;
use crate::redact::redact;
use crate::text::Escaped;

/// What paths are relative to. Its own place is not told: it would only name a folder of this machine.
const BASE: &str = "%SRCROOT%";

/// What the base IDs of this log stand for.
pub(super) fn bases() -> BTreeMap<String, ArtifactLocation> {
    let what =
        Message::builder().text("The top of the repository, or else the folder that was scanned.").build();
    BTreeMap::from([(BASE.to_owned(), ArtifactLocation::builder().description(what).build())])
}

/// The input as a whole.
pub(super) fn input(origin: &Origin) -> Location {
    let physical = PhysicalLocation::builder().artifact_location(artifact(origin)).build();
    Location::builder().physical_location(physical).build()
}

/// A stretch of an input; of a name, the start of what it names; of what is in an archive, the archive's start.
pub(super) fn stretch(origin: &Origin, location: finding::Location) -> Location {
    let region = if origin.is_name() || origin.member().is_some() {
        Region::builder().start_line(1).start_column(1).build()
    } else {
        region(location)
    };
    let physical = PhysicalLocation::builder().artifact_location(artifact(origin)).region(region).build();
    Location::builder().physical_location(physical).build()
}

/// A stretch that results and messages point to by its number.
pub(super) fn related(id: i64, what: &str, origin: &Origin, location: finding::Location) -> Location {
    let message = Message::builder().text(what).build();
    Location { id: Some(id), message: Some(message), ..stretch(origin, location) }
}

pub(super) fn artifact(origin: &Origin) -> ArtifactLocation {
    match origin {
        Origin::File(path) | Origin::Version(path) | Origin::FileName(path) | Origin::VersionName(path) => {
            ArtifactLocation::builder().uri(uri(path.as_bytes())).uri_base_id(BASE).build()
        }
        // Below no base, so that it is not taken for a file of that name.
        Origin::Stdin => ArtifactLocation::builder().uri("stdin").build(),
        // Likewise: an object may have any number of paths, or none.
        Origin::Object(object) => {
            ArtifactLocation::builder().uri(format!("git/{}/{}", object.kind, object.id)).build()
        }
        Origin::Member(member) | Origin::MemberName(member) => artifact(member.root()),
        Origin::RefName(name) => {
            ArtifactLocation::builder().uri(uri(&[b"git/", name.as_bytes()].concat())).build()
        }
    }
}

pub(super) fn region(location: finding::Location) -> Region {
    // SARIF's end column is exclusive, and so is the location's.
    Region::builder()
        .start_line(number(location.start.line))
        .start_column(number(location.start.column))
        .end_line(number(location.end.line))
        .end_column(number(location.end.column))
        .build()
}

fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The path as a relative URI: its own bytes, unless something in it had to be masked. A masked one leads nowhere.
pub(super) fn uri(path: &[u8]) -> String {
    let shown = redact(path);
    if shown == Escaped(path).to_string() { percent_encoded(path) } else { percent_encoded(shown.as_bytes()) }
}

/// Everything encoded but `/` and what RFC 3986 calls unreserved: `:` in the first part of a path would make it a
/// scheme.
fn percent_encoded(path: &[u8]) -> String {
    let mut uri = String::with_capacity(path.len());
    for &byte in path {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::aws::fake;

    #[test]
    fn a_uri_keeps_the_bytes_of_its_path() {
        assert_eq!(uri(b"a b/\xff:c/#%.txt"), "a%20b/%FF%3Ac/%23%25.txt");
        assert_eq!(uri(b"src/main.rs"), "src/main.rs");
    }

    #[test]
    fn a_secret_in_a_path_is_masked_in_its_uri() {
        let path = format!("keys/{}.txt", fake::pair(21).secret_text());
        assert_eq!(uri(path.as_bytes()), "keys/%2A%2A%2A%2A.txt");
    }

    proptest! {
        #[test]
        fn a_uri_is_plain_ascii_and_decodes_to_its_path(path in prop::collection::vec(any::<u8>(), 0..30)) {
            let uri = percent_encoded(&path);
            let mut parts = uri.split('%');
            let mut decoded = parts.next().unwrap_or_default().as_bytes().to_vec();
            for part in parts {
                decoded.push(u8::from_str_radix(&part[..2], 16).unwrap());
                decoded.extend_from_slice(&part.as_bytes()[2..]);
            }
            prop_assert_eq!(decoded, path);
        }
    }
}
