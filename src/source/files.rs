//! Files and folders, walked and read in parallel.
//!
//! Each worker walks, reads into its one buffer and pushes from there. Hidden files are read, `.git` is not;
//! `.gitignore` counts as it does for git, so that what git tracks is read all the same; neither `.ignore` nor the
//! user's own excludes count, so that every machine scans the same. Links are not followed; pipes, sockets and devices are passed over unless the user names one.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use globset::GlobSet;
use ignore::{WalkBuilder, WalkState};

use super::base::{self, Base};
use super::beneath::Folder;
#[cfg(feature = "git")]
use super::git::Tracked;
use super::image::folder;
use super::slow::Slow;
#[cfg(not(feature = "git"))]
use super::untracked::Tracked;
use super::{Content, Excluded, ExcludedBy, Gap, Sink, SkipReason, Skipped, Source, again};
use crate::origin::{Origin, RelativePath};

/// Files below some roots.
#[derive(Debug)]
pub struct Files {
    roots: Vec<Root>,
    unresolved: Vec<(PathBuf, io::Error)>,
    base: Option<Base>,
    overlapping: bool,
    options: FilesOptions,
}

/// Which files are read, and how.
#[derive(Clone, Debug, Default)]
pub struct FilesOptions {
    /// Threads that walk and read; 0 for as many as there are processors.
    pub threads: usize,
    /// Whether files that `.gitignore` hides are read, too.
    pub no_ignore: bool,
    /// The largest file that is read, in bytes.
    pub max_file_size: Option<u64>,
    /// Paths below the base that are left out.
    pub exclude: GlobSet,
    /// Files that this run writes, absolute and without links: reports, which hold key IDs. They are no input.
    pub outputs: Vec<PathBuf>,
}

#[derive(Debug)]
struct Root {
    path: PathBuf,
    is_folder: bool,
}

/// Files up to this size are pushed whole; the buffer of each worker is as large.
const WHOLE: usize = 1 << 20;

impl Files {
    /// The files below `roots`. A root that is not there is told when the source runs.
    pub fn new(roots: &[PathBuf], options: FilesOptions) -> Self {
        let mut resolved: Vec<Root> = Vec::new();
        let mut unresolved = Vec::new();
        for root in roots {
            match base::resolve(root)
                .and_then(|path| path.metadata().map(|metadata| (path, metadata.is_dir())))
            {
                Ok((path, _)) if resolved.iter().any(|known| known.path == path) => {}
                Ok((path, is_folder)) => resolved.push(Root { path, is_folder }),
                Err(error) => unresolved.push((root.clone(), error)),
            }
        }
        let paths: Vec<PathBuf> = resolved.iter().map(|root| root.path.clone()).collect();
        let overlapping = paths.iter().enumerate().any(|(at, path)| {
            paths.iter().enumerate().any(|(other, root)| at != other && path.starts_with(root))
        });
        Self { base: Base::of(&paths), roots: resolved, unresolved, overlapping, options }
    }

    /// What the paths of this source are relative to; `None` if no root is there.
    pub fn base(&self) -> Option<&Base> {
        self.base.as_ref()
    }

    fn origin(&self, path: &Path) -> Origin {
        Origin::File(self.relative(path))
    }

    fn relative(&self, path: &Path) -> RelativePath {
        let below = self.base.as_ref().and_then(|base| RelativePath::below(base.as_path(), path));
        // A root on another drive, or a folder that is the base itself and cannot be read.
        below.unwrap_or_else(|| RelativePath::from_bytes(path.as_os_str().as_encoded_bytes()))
    }

    /// What git tracks below the folders. Where nothing is ignored, the walk finds all of it anyway.
    fn tracked(&self, folders: &[&Path], sink: &dyn Sink) -> Vec<Tracked> {
        let folders = if self.options.no_ignore { &[] } else { folders };
        let tracked = folders.iter().filter_map(|folder| {
            Tracked::below(folder).unwrap_or_else(|()| {
                sink.gap(Gap::Index);
                None
            })
        });
        tracked.collect()
    }

    fn walk(&self, folders: &[&Path], sink: &dyn Sink, seen: &Seen, tracked: &[Tracked]) {
        let Some((first, rest)) = folders.split_first() else { return };
        let mut walk = WalkBuilder::new(first);
        rest.iter().for_each(|folder| {
            walk.add(folder);
        });
        walk.standard_filters(false)
            .git_ignore(!self.options.no_ignore)
            .parents(!self.options.no_ignore)
            .threads(self.options.threads)
            .filter_entry(|entry| entry.depth() == 0 || entry.file_name() != ".git");
        walk.build_parallel().run(|| {
            let mut buffer = Vec::new();
            Box::new(move |entry| {
                if sink.is_stopped() {
                    return WalkState::Quit;
                }
                match entry {
                    Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                        tracked.iter().for_each(|tracked| tracked.see(entry.path()));
                        self.file(entry.path(), Named::ByWalk, sink, seen, &mut buffer);
                    }
                    Ok(entry) if entry.depth() > 0 && seen.is_new(entry.path()) => {
                        if !self.is_excluded(entry.path()) {
                            self.name(entry.path(), sink);
                        }
                    }
                    Ok(_) => {}
                    Err(error) => self.unreadable(&error, None, sink),
                }
                WalkState::Continue
            })
        });
    }

    /// Tells of what the walk could not read, by the path that the error is about.
    fn unreadable(&self, error: &ignore::Error, path: Option<&Path>, sink: &dyn Sink) {
        match error {
            ignore::Error::WithPath { path, err } => self.unreadable(err, Some(path), sink),
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
                self.unreadable(err, path, sink);
            }
            ignore::Error::Partial(errors) => {
                errors.iter().for_each(|error| self.unreadable(error, path, sink))
            }
            other => {
                let error = other.io_error().map_or_else(|| io::Error::other("cannot be walked"), again);
                sink.skip(Skipped {
                    origin: self.origin(path.unwrap_or(Path::new(""))),
                    reason: SkipReason::Io(error),
                });
            }
        }
    }

    fn file(&self, path: &Path, named: Named, sink: &dyn Sink, seen: &Seen, buffer: &mut Vec<u8>) {
        if self.options.outputs.iter().any(|output| output == path) || !seen.is_new(path) {
            return;
        }
        let origin = || self.origin(path);
        if self.is_excluded(path) {
            return sink.exclude(Excluded { origin: origin(), by: ExcludedBy::Glob });
        }
        self.name(path, sink);
        if let Named::ByUser = named
            && path.metadata().is_ok_and(|metadata| !metadata.is_file())
        {
            let path = path.to_path_buf();
            sink.input(&origin, Content::Stream(&mut Slow::new(move || named.open(&path), sink)));
            return;
        }
        match self.read(path, named, sink, &origin, buffer) {
            Ok(()) => self.image(path, sink),
            Err(error) => sink.skip(Skipped { origin: origin(), reason: SkipReason::Io(error) }),
        }
    }

    /// Tells which files are the layers of images, if the file at `path` says what images are in its folder.
    fn image(&self, path: &Path, sink: &dyn Sink) {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return };
        if !super::image::is_list(name.as_encoded_bytes()) {
            return;
        }
        let Ok(folder) = Folder::open(parent) else { return };
        if !folder::is_entrance(&folder, name.as_encoded_bytes()) {
            return;
        }
        let origin = |name: &String| self.origin(&parent.join(name));
        for image in folder::images_in(&folder, &|| sink.is_stopped()) {
            sink.image(image.into_iter().map(|(name, layer)| (origin(&name), layer)).collect());
        }
    }

    /// Hands over the name of what is at `path`.
    fn name(&self, path: &Path, sink: &dyn Sink) {
        if let Some(name) = path.file_name() {
            sink.name(&|| Origin::FileName(self.relative(path)), name.as_encoded_bytes());
        }
    }

    fn is_excluded(&self, path: &Path) -> bool {
        if self.options.exclude.is_empty() {
            return false;
        }
        let below = self.base.as_ref().and_then(|base| path.strip_prefix(base.as_path()).ok());
        below.is_some_and(|below| self.options.exclude.is_match(below))
    }

    fn read(
        &self,
        path: &Path,
        named: Named,
        sink: &dyn Sink,
        origin: &dyn Fn() -> Origin,
        buffer: &mut Vec<u8>,
    ) -> io::Result<()> {
        let mut file = named.open(path)?;
        if let Some(max) = self.options.max_file_size
            && file.metadata()?.len() > max
        {
            sink.exclude(Excluded { origin: origin(), by: ExcludedBy::Size });
            return Ok(());
        }
        buffer.resize(WHOLE, 0);
        let mut len = 0;
        while len < WHOLE {
            match file.read(&mut buffer[len..]) {
                Ok(0) => break,
                Ok(read) => len += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // What was read before the fault is looked at all the same.
                Err(error) => {
                    sink.input(origin, Content::Whole(&buffer[..len]));
                    return Err(error);
                }
            }
        }
        if len < WHOLE {
            sink.input(origin, Content::Whole(&buffer[..len]));
        } else {
            sink.input(origin, Content::Stream(&mut buffer.as_slice().chain(file)));
        }
        Ok(())
    }
}

impl Source for Files {
    fn run(&self, sink: &dyn Sink) {
        for (path, error) in &self.unresolved {
            let path = RelativePath::from_bytes(path.as_os_str().as_encoded_bytes());
            sink.skip(Skipped { origin: Origin::File(path), reason: SkipReason::Io(again(error)) });
        }
        let seen = Seen(self.overlapping.then(Mutex::default));
        let (folders, files): (Vec<&Root>, Vec<&Root>) = self.roots.iter().partition(|root| root.is_folder);
        let mut buffer = Vec::new();
        for root in files {
            if sink.is_stopped() {
                return;
            }
            self.file(&root.path, Named::ByUser, sink, &seen, &mut buffer);
        }
        let folders: Vec<&Path> = folders.iter().map(|root| root.path.as_path()).collect();
        let tracked = self.tracked(&folders, sink);
        self.walk(&folders, sink, &seen, &tracked);
        for path in tracked.into_iter().flat_map(Tracked::unseen) {
            if sink.is_stopped() {
                return;
            }
            self.file(&path, Named::ByWalk, sink, &seen, &mut buffer);
        }
    }
}

/// The files that were read, where roots lie in each other.
struct Seen(Option<Mutex<HashSet<PathBuf>>>);

impl Seen {
    fn is_new(&self, path: &Path) -> bool {
        self.0.as_ref().is_none_or(|seen| {
            seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(path.to_path_buf())
        })
    }
}

/// Who says that a file is to be read.
#[derive(Clone, Copy)]
enum Named {
    /// The user, who may mean a link or a pipe.
    ByUser,
    /// The walk, which saw a regular file there a moment ago.
    ByWalk,
}

impl Named {
    #[cfg(unix)]
    fn open(self, path: &Path) -> io::Result<File> {
        use std::os::unix::fs::OpenOptionsExt;
        let mut options = File::options();
        options.read(true);
        if let Self::ByWalk = self {
            // A file that was swapped for a link is not followed; one swapped for a pipe does not block.
            options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
        }
        options.open(path)
    }

    #[cfg(not(unix))]
    fn open(self, path: &Path) -> io::Result<File> {
        File::open(path)
    }
}
