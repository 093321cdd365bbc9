//! Refs in files of their own.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use super::{LINK, Problems, RefStore, Value, Values, name};
use crate::origin::ObjectId;
use crate::source::beneath::{Folder, Kind, OpenError, Stat};
use crate::source::git::path::from_bytes;
use crate::source::git::read;

/// No file of a single ref is longer, in bytes.
const MAX_LEN: u64 = 1 << 16;
/// No more of a file with a ref on each line is read, in bytes.
pub(super) const MAX_LINES: u64 = 1 << 30;
/// Folders nested deeper are not read: no name of a ref is that long.
const MAX_DEPTH: usize = 256;

/// What the file of the ref called `name` says; `None` if there is none.
pub(super) fn value(store: &RefStore<'_>, name: &[u8]) -> io::Result<Option<Value>> {
    if !name::is_sound(name) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let folder = if name::is_of_worktree(name) { store.git_dir() } else { store.common_dir() };
    value_at(store, folder, &from_bytes(name))
}

fn value_at(store: &RefStore<'_>, folder: &Path, relative: &Path) -> io::Result<Option<Value>> {
    let base = Folder::open(folder)?;
    match base.stat(relative) {
        // Git once wrote symbolic refs as links.
        Ok(Stat { kind: Kind::Link, .. }) => {
            let target = base.link(relative)?;
            let is_ref = target.starts_with(b"refs/") && name::is_sound(&target);
            is_ref.then_some(Some(Value::Symbolic(target))).ok_or_else(|| io::Error::other(LINK))
        }
        // Refs below one of this name.
        Ok(Stat { kind: Kind::Folder, .. }) if relative.starts_with("refs") => Ok(None),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error.into()),
        Ok(_) => match base.read(relative, MAX_LEN, &|| false) {
            Ok(text) => parse(store, &text).map(Some),
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(error.into()),
        },
    }
}

fn parse(store: &RefStore<'_>, text: &[u8]) -> io::Result<Value> {
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "neither an object ID nor the name of a ref");
    if let Some(name) = text.strip_prefix(b"ref:") {
        let name = name.trim_ascii();
        return name::is_sound(name).then(|| Value::Symbolic(name.to_vec())).ok_or_else(damaged);
    }
    let (id, rest) = text.split_at_checked(store.format.hex_len()).ok_or_else(damaged)?;
    let is_end = rest.first().is_none_or(u8::is_ascii_whitespace);
    let id = ObjectId::parse(id).filter(|id| is_end && !id.is_zero());
    id.map(Value::Id).ok_or_else(damaged)
}

/// Adds the refs that have files of their own to `values`.
pub(super) fn all(store: &RefStore<'_>, values: &mut Values, problems: &mut Problems) {
    let shares = store.git_dir() != store.common_dir();
    let mut add = |folder: &Path, is_of_worktree: bool, problems: &mut Problems| {
        walk(store, folder, "refs", problems, &mut |name, problems| {
            if shares && name::is_of_worktree(name) != is_of_worktree || name.ends_with(b".lock") {
                return;
            }
            match value_at(store, folder, &from_bytes(name)) {
                Ok(value) => values.extend(value.map(|value| (name.to_vec(), value))),
                Err(error) => problems.io(store, &folder.join(from_bytes(name)), &error),
            }
        });
    };
    add(store.common_dir(), false, problems);
    if shares {
        add(store.git_dir(), true, problems);
    }
}

/// Hands the files below the folder `top` of `base` to `take`, by their paths from `base`, with `/` between the parts.
pub(super) fn walk(
    store: &RefStore<'_>,
    base: &Path,
    top: &str,
    problems: &mut Problems,
    take: &mut dyn FnMut(&[u8], &mut Problems),
) {
    let opened = match Folder::open(base) {
        Ok(opened) => opened,
        Err(error) => return problems.io(store, base, &error.into()),
    };
    let mut waiting: Vec<(Vec<u8>, usize)> = vec![(top.as_bytes().to_vec(), 0)];
    while let Some((folder, depth)) = waiting.pop() {
        let (path, mut entries) = (from_bytes(&folder), Vec::new());
        let listed = opened.listed(&path, &mut |entry| entries.push(entry));
        let listed = listed.and_then(|(_, listed)| Ok(listed?));
        match listed {
            Ok(()) => {}
            // What is called so and is no folder hides the refs that were in one.
            Err(OpenError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => problems.io(store, &base.join(&path), &error.into()),
        }
        for entry in entries {
            let name = [&folder, &b"/"[..], entry.name.as_encoded_bytes()].concat();
            match entry.kind {
                Kind::Folder if depth < MAX_DEPTH => waiting.push((name, depth + 1)),
                Kind::Folder => problems.file(store, &base.join(&path), "folders nest too deeply"),
                Kind::File | Kind::Link => take(&name, problems),
                Kind::Special => {
                    problems.file(store, &base.join(path.join(&entry.name)), "not a regular file")
                }
            }
        }
    }
}

/// The IDs at the starts of the lines of a file of the worktree.
pub(super) fn ids_of_lines(store: &RefStore<'_>, file: &str, problems: &mut Problems) -> BTreeSet<ObjectId> {
    let mut ids = BTreeSet::new();
    let path = store.git_dir().join(file);
    let opened = match read::beneath(store.git_dir(), Path::new(file)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return ids,
        opened => opened,
    };
    let len = store.format.hex_len();
    let mut is_sound = true;
    let mut take = |line: Option<&[u8]>| {
        let id = line.and_then(|line| ObjectId::parse(line.get(..len)?));
        is_sound &= id.is_some() || line.is_some_and(|line| line.trim_ascii().is_empty());
        ids.extend(id.filter(|id| !id.is_zero()));
        true
    };
    match opened.and_then(|opened| read::lines(opened, MAX_LINES, &mut take)) {
        Err(error) => problems.io(store, &path, &error),
        Ok(()) if !is_sound => problems.file(store, &path, "some lines do not start with an object ID"),
        Ok(()) => {}
    }
    ids
}
