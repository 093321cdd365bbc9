//! Walks folders by their handles.
//!
//! A folder is looked up from the handle of its root, and its files from its own handle: what is swapped meanwhile
//! leads nowhere else. Only folders whose files are being read are open, however deep the tree is.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ignore::{self, Decision, Ignore, Unapplied};
use super::queue::{self, Jobs};
use super::read::Reader;
use super::worktree::{Hidden, Worktree};
use crate::source::beneath::{Entry, Folder, Kind};
use crate::source::{IgnoreFault, Notice, SkipReason, threads_for};

/// Files are shared out between threads in parts of this size.
const FILES_PER_JOB: usize = 32;

/// A root of a walk.
#[derive(Debug)]
struct Top {
    folder: Folder,
    path: PathBuf,
}

/// A folder that was listed.
struct Place {
    top: Arc<Top>,
    /// Its path from the root.
    below: PathBuf,
    /// What paths in it start with for ignore files: the path from the top of the repository, with a slash.
    start: Vec<u8>,
    ignore: Ignore,
    /// The worktree that it is in, where ignore files count.
    worktree: Option<Arc<Worktree>>,
}

enum Job {
    /// List a folder that is in another one.
    Folder { above: Arc<Place>, name: OsString },
    /// List a root.
    Root(Place),
    /// List a repository in a worktree that was walked already.
    Hidden(Hidden),
    /// Read files of a folder.
    Files { place: Arc<Place>, folder: Arc<Folder>, names: Vec<OsString> },
}

/// Walks `roots`, which are absolute paths without links. `reader` makes each thread its reader.
pub(super) fn walk<'a>(roots: &[&Path], threads: usize, reader: impl Fn() -> Reader<'a> + Sync) {
    let mut first = reader();
    let mut jobs = Jobs::default();
    // The last one is taken first.
    for root in roots.iter().rev() {
        match Folder::open(root) {
            Ok(folder) => {
                let top = Arc::new(Top { folder, path: root.to_path_buf() });
                let mut place = Place::new(top, PathBuf::new(), None);
                if !first.no_ignore() {
                    place.enter_from_above(&mut first);
                }
                jobs.later.push(Job::Root(place));
            }
            Err(error) => first.skip(root, SkipReason::Io(error.into())),
        }
    }
    queue::run(jobs, threads_for(threads), || {
        let mut reader = reader();
        move |job| if reader.is_stopped() { Jobs::default() } else { job.run(&mut reader) }
    });
}

impl Job {
    fn run(self, reader: &mut Reader<'_>) -> Jobs<Job> {
        match self {
            Self::Root(place) => place.list(reader),
            Self::Hidden(hidden) => {
                Place::hidden(hidden).map_or_else(Jobs::default, |place| place.list(reader))
            }
            Self::Folder { above, name } => {
                let jobs = above.inner(&name).list(reader);
                above.left(jobs, reader)
            }
            Self::Files { place, folder, names } => {
                let path = place.path();
                for name in names {
                    if reader.is_stopped() {
                        break;
                    }
                    let path = path.join(&name);
                    Worktree::see(place.worktree.as_deref(), &path);
                    reader.listed(&folder, &name, &path);
                }
                place.left(Jobs::default(), reader)
            }
        }
    }
}

impl Place {
    fn new(top: Arc<Top>, below: PathBuf, worktree: Option<Arc<Worktree>>) -> Self {
        Self { top, below, start: Vec::new(), ignore: Ignore::default(), worktree }
    }

    /// The place of a repository, if one is there.
    fn hidden(Hidden { top: path, below, above }: Hidden) -> Option<Self> {
        let folder = Folder::open(&path).ok()?;
        folder.stat(&below.join(".git")).ok()?;
        Some(Self::new(Arc::new(Top { folder, path }), below, above))
    }

    /// Adds to `jobs` what is to be done once nobody is in this place and its worktree any more.
    fn left(self: Arc<Self>, mut jobs: Jobs<Job>, reader: &mut Reader<'_>) -> Jobs<Job> {
        if let Some(place) = Arc::into_inner(self) {
            jobs.later.extend(Worktree::leave(place.worktree, reader).into_iter().map(Job::Hidden));
        }
        jobs
    }

    fn inner(&self, name: &OsString) -> Self {
        let mut start = self.start.clone();
        start.extend_from_slice(name.as_encoded_bytes());
        start.push(b'/');
        Self {
            top: Arc::clone(&self.top),
            below: self.below.join(name),
            start,
            ignore: self.ignore.clone(),
            worktree: self.worktree.clone(),
        }
    }

    fn path(&self) -> PathBuf {
        if self.below.as_os_str().is_empty() {
            self.top.path.clone()
        } else {
            self.top.path.join(&self.below)
        }
    }

    /// Lists the folder and says what is to be done with what is in it.
    fn list(mut self, reader: &mut Reader<'_>) -> Jobs<Job> {
        let path = self.path();
        let mut entries = Vec::new();
        let (folder, listed) = match self.top.folder.listed(&self.below, &mut |entry| entries.push(entry)) {
            Ok(opened) => opened,
            Err(error) => {
                reader.skip(&path, SkipReason::Io(error.into()));
                return Arc::new(self).left(Jobs::default(), reader);
            }
        };
        if let Err(error) = listed {
            reader.skip(&path, SkipReason::Io(error));
        }
        if !reader.no_ignore() && !self.enter(&folder, &path, &entries, reader) {
            return Arc::new(self).left(Jobs::default(), reader);
        }
        let mut files = Vec::new();
        let mut folders = Vec::new();
        for Entry { name, kind } in entries {
            if name == ".git" || self.is_hidden(&name, kind, reader) {
                continue;
            }
            if kind == Kind::File {
                files.push(name);
                continue;
            }
            let path = path.join(&name);
            let is_new = reader.name_of_other(&path);
            if kind == Kind::Folder {
                folders.push(name);
            } else if kind == Kind::Link {
                Worktree::see(self.worktree.as_deref(), &path);
                if is_new {
                    reader.link(&folder, Path::new(&name), &path);
                }
            }
        }
        self.jobs(folder, folders, &files, reader)
    }

    fn jobs(
        self,
        folder: Folder,
        folders: Vec<OsString>,
        files: &[OsString],
        reader: &mut Reader<'_>,
    ) -> Jobs<Job> {
        let (place, folder) = (Arc::new(self), Arc::new(folder));
        let later = folders.into_iter().map(|name| Job::Folder { above: Arc::clone(&place), name });
        let open = files.chunks(FILES_PER_JOB).map(|names| Job::Files {
            place: Arc::clone(&place),
            folder: Arc::clone(&folder),
            names: names.to_vec(),
        });
        let jobs = Jobs { open: open.collect(), later: later.collect() };
        place.left(jobs, reader)
    }

    /// Enters the worktree whose top the folder is, if it is one, and reads its ignore file, if it has one. Returns whether
    /// the folder is to be walked: not a worktree that was met before.
    fn enter(&mut self, folder: &Folder, path: &Path, entries: &[Entry], reader: &mut Reader<'_>) -> bool {
        let has = |name: &str| entries.iter().any(|entry| entry.name == name);
        if has(".git") {
            Worktree::see_repository(self.worktree.as_deref(), path);
            if !reader.is_new_top(path) {
                return false;
            }
            self.ignore = Ignore::of_top();
            self.worktree = Worktree::enter(path, path, self.worktree.take(), reader);
        }
        if has(ignore::NAME) {
            self.add(folder, path, self.start.len(), reader);
        }
        true
    }

    /// Enters the worktree that a root lies in, and reads the ignore files above it.
    fn enter_from_above(&mut self, reader: &mut Reader<'_>) {
        let root = self.top.path.clone();
        let has_git = |folder: &&Path| folder.join(".git").symlink_metadata().is_ok();
        let Some(top) = root.ancestors().find(has_git).filter(|top| *top != root) else { return };
        let Ok(below) = root.strip_prefix(top) else { return };
        let folder = match Folder::open(top) {
            Ok(folder) => folder,
            Err(error) => return reader.skip(top, SkipReason::Io(error.into())),
        };
        self.ignore = Ignore::of_top();
        self.worktree = Worktree::enter(top, &root, None, reader);
        let mut inner = PathBuf::new();
        for part in below.components() {
            let path = top.join(&inner);
            match folder.folder(&inner) {
                Ok(folder) => self.add(&folder, &path, self.start.len(), reader),
                Err(error) => reader.skip(&path.join(ignore::NAME), SkipReason::Io(error.into())),
            }
            inner.push(part);
            self.start.extend_from_slice(part.as_os_str().as_encoded_bytes());
            self.start.push(b'/');
        }
    }

    fn add(&mut self, folder: &Folder, path: &Path, base: usize, reader: &mut Reader<'_>) {
        let is_stopped = reader.stopped();
        let Err(fault) = self.ignore.add(folder, path, base, &is_stopped) else { return };
        let path = path.join(ignore::NAME);
        match fault {
            Unapplied::Missing => {}
            Unapplied::NotAFile => reader.notice(&path, Notice::IgnoreFile),
            Unapplied::TooLarge => reader.skip(&path, SkipReason::Ignore(IgnoreFault::TooLarge)),
            Unapplied::Unreadable => reader.skip(&path, SkipReason::Ignore(IgnoreFault::Unreadable)),
        }
    }

    fn is_hidden(&self, name: &OsString, kind: Kind, reader: &mut Reader<'_>) -> bool {
        if self.ignore.is_empty() {
            return false;
        }
        let path = [&self.start, name.as_encoded_bytes()].concat();
        match self.ignore.decide(&path, kind == Kind::Folder) {
            Decision::Hidden => true,
            Decision::Shown => false,
            Decision::Undecided(Some(file)) => {
                reader.skip(&file, SkipReason::Ignore(IgnoreFault::TooComplex));
                false
            }
            Decision::Undecided(None) => false,
        }
    }
}
