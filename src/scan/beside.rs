//! Files that are one part of a key each: `envdir`, mounted secrets of Docker and Kubernetes, password stores. The names of
//! the files say what is in them, and the content is the value alone.

use std::collections::BTreeSet;

use super::Scan;
use crate::detect::{Detection, Detector};
use crate::finding::{Location, Place};
use crate::origin::{ObjectId, Origin};
use crate::text::Excerpt;

/// What stands before the value where a name is in the file itself.
const NAME: &[u8] = b"aws_secret_access_key=";

/// The part of a key that a file's name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    KeyId,
    Secret,
}

/// The longest name that file systems take, in bytes.
const MAX_NAME: usize = 255;

/// The part that a file's name says, and what else the name says.
pub(super) fn part_named(name: &[u8]) -> Option<(Part, String)> {
    // Each finding at a path asks, and only a path that was made up is longer.
    if name.len() > MAX_NAME {
        return None;
    }
    let name = String::from_utf8_lossy(name).to_ascii_lowercase().replace(['-', '.', ' '], "_");
    let parts = [
        ("secret_access_key", Part::Secret),
        ("secretaccesskey", Part::Secret),
        ("aws_secret_key", Part::Secret),
        ("access_key_id", Part::KeyId),
        ("accesskeyid", Part::KeyId),
    ];
    let (word, part) = parts.into_iter().find(|(word, _)| name.contains(word))?;
    Some((part, name.replacen(word, "", 1).replace("aws_", "")))
}

/// The last name of a path, and the folder before it.
pub(super) fn folder_and_name(path: &[u8]) -> (&[u8], &[u8]) {
    let at = path.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
    path.split_at(at)
}

/// Whether the name of a file says that a secret is in it.
pub(super) fn names_secret(origin: &Origin) -> bool {
    let path = origin.file_path().map(|path| folder_and_name(path.as_bytes()).1);
    path.and_then(part_named).is_some_and(|(part, _)| part == Part::Secret)
}

/// What `content`, which is nothing but a value, is by the name of its file. An object of git has no name before its paths
/// are known: it is taken for a secret until then, and the object is returned, too.
pub(super) fn detect(
    detector: &Detector,
    origin: &Origin,
    content: &[u8],
) -> Option<(Detection, Option<ObjectId>)> {
    let object = match origin {
        Origin::Object(object) => Some(object.id),
        _ => None,
    };
    if object.is_none() && !names_secret(origin) {
        return None;
    }
    let mut detection = detector.detect(&[NAME, content].concat());
    for found in &mut detection.found {
        found.places = std::mem::take(&mut found.places).into_iter().map(without_name).collect();
    }
    Some((detection, object))
}

/// A place without the name that was written before the value.
fn without_name(place: Place) -> Place {
    let len = NAME.len() as u64;
    let moved = |mut location: Location| {
        location.span.start = location.span.start.saturating_sub(len);
        location.span.end = location.span.end.saturating_sub(len);
        location.start.column = location.start.column.saturating_sub(len).max(1);
        location.end.column = location.end.column.saturating_sub(len).max(1);
        location
    };
    let parts = place.parts.each(moved);
    Place { parts, excerpt: Excerpt::of_shown("****"), line_hash: None, ..place }
}

/// Objects of git that are nothing but a value.
#[derive(Debug, Default)]
pub(super) struct Values(BTreeSet<ObjectId>);

impl Values {
    pub(super) fn add(&mut self, object: ObjectId) {
        self.0.insert(object);
    }

    /// Whether something in the object `origin` is a secret only if a path of it says so.
    pub(super) fn has(&self, origin: &Origin) -> bool {
        matches!(origin, Origin::Object(object) if self.0.contains(&object.id))
    }
}

impl Scan {
    /// Takes out what stands alone in an object whose paths are not known.
    pub(super) fn leave_out_values(&mut self, values: &Values) {
        self.findings.retain(|finding| !values.has(&finding.origin));
    }
}
