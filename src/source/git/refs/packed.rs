//! Refs that share a file: `packed-refs`, a ref on each line.
//!
//! What an annotated tag leads to stands on a line of its own, after a `^`. That is not used: the tag itself says so, and
//! the line may lie.

use std::fs::File;
use std::io;
use std::path::Path;

use super::files::MAX_LINES;
use super::{Problems, RefStore, Value, Values};
use crate::origin::ObjectId;
use crate::source::git::read;

const NAME: &str = "packed-refs";

/// Adds all of them to `values`.
pub(super) fn all(store: &RefStore<'_>, values: &mut Values, problems: &mut Problems) {
    let path = store.common_dir().join(NAME);
    let mut damaged = 0_u64;
    let mut take = |line: Option<&[u8]>| {
        match line.map(|line| parse(store, line)) {
            Some(Line::Ref(id, name)) => drop(values.insert(name.to_vec(), Value::Id(id))),
            Some(Line::Other) => {}
            Some(Line::Damaged) | None => damaged += 1,
        }
        true
    };
    match open(store).and_then(|file| file.map_or(Ok(()), |file| read::lines(file, MAX_LINES, &mut take))) {
        Err(error) => problems.io(store, &path, &error),
        Ok(()) if damaged > 0 => problems.file(store, &path, &format!("{damaged} damaged lines")),
        Ok(()) => {}
    }
}

/// What the ref called `name` points to, if it is one of them.
pub(super) fn value(store: &RefStore<'_>, name: &[u8]) -> io::Result<Option<Value>> {
    let mut found = None;
    if let Some(file) = open(store)? {
        read::lines(file, MAX_LINES, &mut |line| {
            match line.map(|line| parse(store, line)) {
                Some(Line::Ref(id, found_name)) if found_name == name => found = Some(Value::Id(id)),
                _ => {}
            }
            found.is_none()
        })?;
    }
    Ok(found)
}

fn open(store: &RefStore<'_>) -> io::Result<Option<File>> {
    match read::beneath(store.common_dir(), Path::new(NAME)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        opened => opened.map(Some),
    }
}

enum Line<'a> {
    Ref(ObjectId, &'a [u8]),
    /// A comment, or what a tag leads to.
    Other,
    Damaged,
}

fn parse<'a>(store: &RefStore<'_>, line: &'a [u8]) -> Line<'a> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() || line.starts_with(b"#") || line.starts_with(b"^") {
        return Line::Other;
    }
    let Some((id, rest)) = line.split_at_checked(store.format.hex_len()) else { return Line::Damaged };
    match (ObjectId::parse(id), rest) {
        (Some(id), [b' ', name @ ..]) if name.starts_with(b"refs/") && !id.is_zero() => Line::Ref(id, name),
        _ => Line::Damaged,
    }
}
