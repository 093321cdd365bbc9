//! Refs: the names that a repository gives to objects, and what git remembers of where they pointed.
//!
//! By our own reading of files, none of it configured by the repository. What cannot be read is named in [`Problems`];
//! all else is read all the same.

mod change;
mod files;
mod logs;
mod name;
mod packed;
mod reftable;
mod worktrees;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

pub(super) use self::name::{candidates, kind_of, short};

use super::repo::Repository;
use crate::origin::{ObjectFormat, ObjectId};
use crate::redact::{self, redact};

/// The refs of one worktree: its own, and those that it shares with the other worktrees of its repository.
pub(super) struct RefStore<'a> {
    repository: &'a Repository,
    git_dir: PathBuf,
    format: ObjectFormat,
    /// The refs that are in tables, once they were read; or why they could not be.
    tables: OnceCell<Result<Values, (io::ErrorKind, String)>>,
}

/// What a ref points to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    /// An object.
    Id(ObjectId),
    /// Another ref, by its name.
    Symbolic(Vec<u8>),
}

/// What refs point to, by their full names.
type Values = BTreeMap<Vec<u8>, Value>;

/// A ref by its full name, with the object that it leads to, if it leads to any.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ref {
    pub(super) name: Vec<u8>,
    pub(super) target: Option<ObjectId>,
}

/// What is wrong with a link in a place where git writes files.
const LINK: &str = "a symbolic link, which akid does not follow";

/// Refs that point to refs are followed this far, as by git.
const MAX_SYMBOLIC: usize = 5;

/// Names beside the refs that point to an object while git is busy with something.
const HEADS: [&str; 13] = [
    "HEAD",
    "ORIG_HEAD",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "REBASE_HEAD",
    "BISECT_HEAD",
    "BISECT_EXPECTED_REV",
    "MERGE_AUTOSTASH",
    "AUTO_MERGE",
    "rebase-merge/orig-head",
    "rebase-merge/autostash",
    "rebase-apply/orig-head",
    "rebase-apply/autostash",
];

impl<'a> RefStore<'a> {
    /// The refs of the worktree that `repository` was opened by.
    pub(super) fn of(repository: &'a Repository) -> Self {
        Self::at(repository, repository.git_dir().to_path_buf())
    }

    fn at(repository: &'a Repository, git_dir: PathBuf) -> Self {
        Self { repository, git_dir, format: repository.format(), tables: OnceCell::new() }
    }

    fn common_dir(&self) -> &Path {
        self.repository.common_dir()
    }

    /// The hash that objects are named by.
    pub(super) fn format(&self) -> ObjectFormat {
        self.format
    }

    /// The folder with the files of this worktree alone.
    pub(super) fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// The object that the ref of this full name leads to; `None` if there is no such ref, or it leads to none yet.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or what it says makes no sense.
    pub(super) fn target(&self, name: &[u8]) -> io::Result<Option<ObjectId>> {
        let mut name = name.to_vec();
        for _ in 0..=MAX_SYMBOLIC {
            match self.value(&name)? {
                None => return Ok(None),
                Some(Value::Id(id)) => return Ok(Some(id)),
                Some(Value::Symbolic(next)) => name = next,
            }
        }
        Err(io::Error::new(io::ErrorKind::InvalidData, "refs point to refs too many times"))
    }

    /// The ref that `HEAD` points to, if it points to a ref.
    pub(super) fn checked_out(&self) -> Option<Vec<u8>> {
        match self.value(b"HEAD") {
            Ok(Some(Value::Symbolic(name))) => Some(name),
            _ => None,
        }
    }

    /// The commit that is checked out; `None` before the first commit.
    ///
    /// # Errors
    ///
    /// If it is not known.
    pub(super) fn head(&self) -> io::Result<Option<ObjectId>> {
        match self.value(b"HEAD")? {
            None => Err(io::ErrorKind::NotFound.into()),
            Some(Value::Id(id)) => Ok(Some(id)),
            Some(Value::Symbolic(name)) if !name.starts_with(b"refs/") => {
                Err(io::Error::new(io::ErrorKind::InvalidData, "`HEAD` points to no ref"))
            }
            // What git writes into the file beside refs in another format.
            Some(Value::Symbolic(name)) if name == b"refs/heads/.invalid" => {
                Err(io::Error::new(io::ErrorKind::InvalidData, "`HEAD` points to no ref"))
            }
            Some(Value::Symbolic(name)) => self.target(&name),
        }
    }

    /// All refs, in order of their names.
    pub(super) fn all(&self, problems: &mut Problems) -> Vec<Ref> {
        if let Some(format) = self.repository.unread_refs() {
            problems.add(unread_format(format));
            return Vec::new();
        }
        self.repository.unknown_format().for_each(|problem| problems.add(problem));
        let mut values = BTreeMap::new();
        if self.repository.has_reftables() {
            match self.tables() {
                Ok(tables) => {
                    let refs = tables.iter().filter(|(name, _)| name.starts_with(b"refs/"));
                    values.extend(refs.map(|(name, value)| (name.clone(), value.clone())));
                }
                Err(error) => problems.io(self, &self.common_dir().join("reftable"), &error),
            }
        } else {
            packed::all(self, &mut values, problems);
            files::all(self, &mut values, problems);
        }
        let target = |value: &Value| match value {
            Value::Id(id) => Some(*id),
            Value::Symbolic(name) => self.follow(name, &values),
        };
        let found: Vec<Option<ObjectId>> = values.values().map(target).collect();
        values.into_keys().zip(found).map(|(name, target)| Ref { name, target }).collect()
    }

    fn follow(&self, name: &[u8], values: &Values) -> Option<ObjectId> {
        let mut name = name;
        for _ in 0..MAX_SYMBOLIC {
            match values.get(name) {
                Some(Value::Id(id)) => return Some(*id),
                Some(Value::Symbolic(next)) => name = next,
                // One that is not below `refs/`, such as `HEAD`.
                None => return self.target(name).ok().flatten(),
            }
        }
        None
    }

    /// The names beside refs that point to an object, and the objects.
    pub(super) fn heads(&self, problems: &mut Problems) -> Vec<(&'static str, ObjectId)> {
        let merged = files::ids_of_lines(self, "MERGE_HEAD", problems);
        let mut heads: Vec<(&str, ObjectId)> = merged.into_iter().map(|id| ("MERGE_HEAD", id)).collect();
        for name in HEADS {
            match self.target(name.as_bytes()) {
                Ok(target) => heads.extend(target.map(|id| (name, id))),
                Err(error) => problems.io(self, &self.git_dir.join(name), &error),
            }
        }
        heads
    }

    /// What was fetched last, which may be in no branch.
    pub(super) fn fetched(&self, problems: &mut Problems) -> BTreeSet<ObjectId> {
        files::ids_of_lines(self, "FETCH_HEAD", problems)
    }

    fn value(&self, name: &[u8]) -> io::Result<Option<Value>> {
        if let Some(format) = self.repository.unread_refs() {
            return Err(io::Error::new(io::ErrorKind::Unsupported, unread_format(format)));
        }
        if self.repository.has_reftables() {
            match self.tables()?.get(name) {
                // What git is busy with has files all the same.
                None if !name.starts_with(b"refs/") && name != b"HEAD" => {}
                value => return Ok(value.cloned()),
            }
        }
        match files::value(self, name)? {
            None if name.starts_with(b"refs/") => packed::value(self, name),
            value => Ok(value),
        }
    }
}

fn unread_format(format: &str) -> String {
    format!("refs are stored as `{}`, which akid does not read", redact::words(format.as_bytes()))
}

/// The messages of all changes of refs that the tables in `folder`, that of a repository or worktree, remember.
///
/// # Errors
///
/// If a table cannot be read, or is damaged.
pub(in crate::source) fn messages_of_tables(folder: &Path) -> io::Result<Vec<u8>> {
    reftable::Stack::read(folder)?.messages()
}

impl RefStore<'_> {
    /// The refs that are in tables, and the names beside refs.
    fn tables(&self) -> io::Result<&Values> {
        let read = || -> io::Result<_> {
            let mut values = reftable::Stack::read(self.common_dir())?.refs()?;
            if self.git_dir != self.common_dir() {
                values.retain(|name, _| !name::is_of_worktree(name));
                let own = reftable::Stack::read(&self.git_dir)?.refs()?;
                values.extend(own.into_iter().filter(|(name, _)| name::is_of_worktree(name)));
            }
            Ok(values)
        };
        let tables = self.tables.get_or_init(|| read().map_err(|error| (error.kind(), error.to_string())));
        tables.as_ref().map_err(|(kind, text)| io::Error::new(*kind, text.clone()))
    }
}

/// What could not be read of refs, each safe to show.
#[derive(Debug, Default)]
pub(super) struct Problems {
    all: BTreeSet<String>,
    more: u64,
}

/// Further problems are counted only.
const MAX_PROBLEMS: usize = 20;

impl Problems {
    fn add(&mut self, problem: String) {
        if self.all.len() < MAX_PROBLEMS {
            self.all.insert(problem);
        } else {
            self.more += u64::from(!self.all.contains(&problem));
        }
    }

    pub(super) fn file(&mut self, store: &RefStore<'_>, path: &Path, what: &str) {
        let name = store.repository.name_of(path);
        self.add(format!("{}: {what}", redact(name.as_os_str().as_encoded_bytes())));
    }

    fn io(&mut self, store: &RefStore<'_>, path: &Path, error: &io::Error) {
        self.file(store, path, &redact(error.to_string().as_bytes()));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The problems, in order.
    pub(super) fn into_reasons(self) -> impl Iterator<Item = String> {
        let more = (self.more > 0).then(|| format!("{} more problems with refs", self.more));
        self.all.into_iter().chain(more)
    }
}
