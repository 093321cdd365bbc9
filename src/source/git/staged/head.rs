//! What a worktree's `HEAD` has, by our own reading of files: the commit, and its tree.

use std::io;
use std::path::Path;

use crate::origin::ObjectId;
use crate::source::git::inflate::Inflater;
use crate::source::git::objects::Objects;
use crate::source::git::read::plain;
use crate::source::git::repo::{Repository, from_bytes};

/// What the index is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// The tree of the commit that is checked out.
    Tree(ObjectId),
    /// There is no commit yet.
    Unborn,
    /// It is not known.
    Unknown,
}

/// A `HEAD` that leads to a reference that leads to another, and so on, is followed this far.
const MAX_STEPS: usize = 5;
/// No file of a single reference is longer, in bytes.
const MAX_LEN: u64 = 1 << 16;

impl Head {
    /// Reads what is checked out.
    pub(super) fn read(repository: &Repository, objects: &Objects, inflater: &mut Inflater) -> Self {
        match commit(repository) {
            Ok(Some(commit)) => {
                let content = objects.content(commit, inflater);
                let tree = content.ok().and_then(|content| {
                    ObjectId::parse(content.strip_prefix(b"tree ")?.split(|&byte| byte == b'\n').next()?)
                });
                tree.map_or(Self::Unknown, Self::Tree)
            }
            Ok(None) => Self::Unborn,
            Err(_) => Self::Unknown,
        }
    }
}

/// The commit that is checked out, if there is one.
fn commit(repository: &Repository) -> io::Result<Option<ObjectId>> {
    let mut text = read(&repository.git_dir().join("HEAD"))?;
    for _ in 0..MAX_STEPS {
        let Some(name) = text.strip_prefix(b"ref:") else {
            let id = ObjectId::parse(text.get(..40).unwrap_or_default());
            return id.map(Some).ok_or_else(unknown);
        };
        let name = name.trim_ascii();
        let is_sound = name.starts_with(b"refs/") && !name.windows(2).any(|pair| pair == b"..");
        // Where references are in a table of their own, what the file names is none.
        if !is_sound || name == b"refs/heads/.invalid" {
            return Err(unknown());
        }
        match read(&folder_of(repository, name).join(from_bytes(name))) {
            Ok(next) => text = next,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return packed(repository, name);
            }
            Err(error) if error.kind() == io::ErrorKind::IsADirectory => return packed(repository, name),
            Err(error) => return Err(error),
        }
    }
    Err(unknown())
}

/// Where the file of a reference is: a few belong to one worktree.
fn folder_of<'a>(repository: &'a Repository, name: &[u8]) -> &'a Path {
    let own = [&b"refs/bisect/"[..], b"refs/worktree/", b"refs/rewritten/"];
    let is_own = own.iter().any(|folder| name.starts_with(folder));
    if is_own { repository.git_dir() } else { repository.common_dir() }
}

/// The commit that `name` points to among those references that share a file.
fn packed(repository: &Repository, name: &[u8]) -> io::Result<Option<ObjectId>> {
    let all = match plain(&repository.common_dir().join("packed-refs"), u64::MAX) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        all => all?,
    };
    let line_end = [b" ", name].concat();
    let mut lines = all.split(|&byte| byte == b'\n');
    let line = lines.find(|line| line.strip_suffix(b"\r").unwrap_or(line).ends_with(&line_end));
    Ok(line.and_then(|line| ObjectId::parse(line.get(..40)?)))
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    if path.metadata()?.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    plain(path, MAX_LEN)
}

fn unknown() -> io::Error {
    io::ErrorKind::InvalidData.into()
}
