//! Unix: by handles of folders.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path};
#[cfg(any(target_os = "linux", target_os = "android"))]
use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(not(any(target_os = "linux", target_os = "android")))]
use rustix::fs::Dir;
#[cfg(any(target_os = "linux", target_os = "android"))]
use rustix::fs::RawDir;
use rustix::fs::{self, AtFlags, CWD, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::{Entry, Kind, OpenError, RegularFile, Stat};

/// The handle of a folder.
#[derive(Debug)]
pub(super) struct Folder {
    handle: OwnedFd,
    lookup: Lookup,
}

/// How a path of several parts is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lookup {
    /// By the kernel, in one call.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    Kernel,
    /// Part by part.
    Parts,
}

/// Opens a folder for lookups. Reading rights are needed only to list it.
#[cfg(any(target_os = "linux", target_os = "android"))]
const FOLDER: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// Opens a folder to list it.
const LIST: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// Opens a file for reading. A pipe that took the file's place does not block, and a terminal does not become ours.
const FILE: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// The longest path in bytes, which is Linux's limit: the work of a lookup is bounded on every system.
const MAX_PATH: usize = 4095;

/// Whether the kernel was found not to have `openat2`, or not to allow it.
#[cfg(any(target_os = "linux", target_os = "android"))]
static IS_REFUSED: AtomicBool = AtomicBool::new(false);

impl Folder {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let lookup = if IS_REFUSED.load(Ordering::Relaxed) { Lookup::Parts } else { Lookup::Kernel };
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        let lookup = Lookup::Parts;
        Self::open_by(path, lookup)
    }

    pub(super) fn open_by(path: &Path, lookup: Lookup) -> io::Result<Self> {
        let handle = retry(|| fs::openat(CWD, path, FOLDER, Mode::empty()))?;
        Ok(Self { handle, lookup })
    }

    /// Opens the folder at the absolute `path`, no part of which may be a link.
    pub(super) fn open_unlinked(path: &Path) -> Result<Self, OpenError> {
        // Elsewhere a folder opens only for those who may list it, which nobody needs to for every folder above their own.
        #[cfg(any(target_os = "linux", target_os = "android"))]
        return Self::open(Path::new("/"))?.folder(path.strip_prefix("/").or(Err(OpenError::Outside))?);
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        Ok(Self::open(path)?)
    }

    pub(super) fn folder(&self, path: &Path) -> Result<Self, OpenError> {
        Ok(Self { handle: self.look_up(path, FOLDER)?, lookup: self.lookup })
    }

    pub(super) fn file(&self, path: &Path) -> Result<RegularFile, OpenError> {
        let file = self.look_up(path, FILE)?;
        let stat = stat_of(&fs::fstat(&file).map_err(io::Error::from)?);
        if stat.kind != Kind::File {
            return Err(OpenError::NotAFile);
        }
        Ok(RegularFile { file: File::from(file), len: stat.len })
    }

    pub(super) fn listed(
        &self,
        path: &Path,
        take: &mut dyn FnMut(Entry),
    ) -> Result<(Self, io::Result<()>), OpenError> {
        let folder = Self { handle: self.look_up(path, LIST)?, lookup: self.lookup };
        let listed = list(&folder.handle, take);
        Ok((folder, listed))
    }

    pub(super) fn stat(&self, path: &Path) -> Result<Stat, OpenError> {
        self.at(path, stat_at)
    }

    pub(super) fn link(&self, path: &Path) -> Result<Vec<u8>, OpenError> {
        self.at(path, |folder, name| retry(|| fs::readlinkat(folder, name, Vec::new())))
            .map(std::ffi::CString::into_bytes)
    }

    /// Asks the folder that `path` leads to for what is called so there.
    fn at<T>(
        &self,
        path: &Path,
        ask: impl FnOnce(BorrowedFd<'_>, &OsStr) -> Result<T, Errno>,
    ) -> Result<T, OpenError> {
        let (folder, name) = match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) if !is_here(parent) => (Some(self.look_up(parent, FOLDER)?), name),
            (_, name) => (None, name.unwrap_or(OsStr::new("."))),
        };
        let folder = folder.as_ref().map_or(self.handle.as_fd(), AsFd::as_fd);
        ask(folder, name).map_err(|error| OpenError::Io(error.into()))
    }

    fn look_up(&self, path: &Path, flags: OFlags) -> Result<OwnedFd, OpenError> {
        let path = if is_here(path) { Path::new(".") } else { path };
        if path.as_os_str().len() > MAX_PATH {
            return Err(OpenError::Io(Errno::NAMETOOLONG.into()));
        }
        #[cfg(any(target_os = "linux", target_os = "android"))]
        if self.lookup == Lookup::Kernel && !IS_REFUSED.load(Ordering::Relaxed) {
            use rustix::fs::ResolveFlags;
            let beneath = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
            match retry(|| fs::openat2(&self.handle, path, flags, Mode::empty(), beneath)) {
                Ok(handle) => return Ok(handle),
                Err(Errno::LOOP) => return Err(OpenError::Link),
                Err(Errno::XDEV) => return Err(OpenError::Outside),
                Err(Errno::NOSYS) => IS_REFUSED.store(true, Ordering::Relaxed),
                // A sandbox may refuse the call; if it is the file that is refused, so it is the other way. `AGAIN` means
                // that the kernel could not rule out a rename meanwhile.
                Err(Errno::PERM | Errno::AGAIN) => {}
                Err(error) => return Err(OpenError::Io(error.into())),
            }
        }
        look_up_parts(self.handle.as_fd(), path, flags)
    }
}

/// Opens each part of `path` from the handle of the part before it.
fn look_up_parts(start: BorrowedFd<'_>, path: &Path, flags: OFlags) -> Result<OwnedFd, OpenError> {
    let mut parts = path.components().filter(|part| matches!(part, Component::Normal(_))).peekable();
    let mut folder: Option<OwnedFd> = None;
    while let Some(part) = parts.next() {
        let from = folder.as_ref().map_or(start, AsFd::as_fd);
        let flags = if parts.peek().is_some() { FOLDER } else { flags };
        folder = Some(open_part(from, part.as_os_str(), flags)?);
    }
    folder.map_or_else(|| open_part(start, OsStr::new("."), flags), Ok)
}

fn open_part(folder: BorrowedFd<'_>, name: &OsStr, flags: OFlags) -> Result<OwnedFd, OpenError> {
    let opened = retry(|| fs::openat(folder, name, flags | OFlags::NOFOLLOW, Mode::empty()));
    opened.map_err(|error| {
        // Systems disagree on the error for a link.
        let is_link = || stat_at(folder, name).is_ok_and(|stat| stat.kind == Kind::Link);
        if is_link() { OpenError::Link } else { OpenError::Io(error.into()) }
    })
}

/// Bytes of a folder that one call lists: some hundreds of names.
#[cfg(any(target_os = "linux", target_os = "android"))]
const LISTED: usize = 32 << 10;

/// Passes what is in the folder `handle`, which is open for reading and was not listed before, to `take`.
fn list(handle: &OwnedFd, take: &mut dyn FnMut(Entry)) -> io::Result<()> {
    let mut take = |name: &std::ffi::CStr, kind: FileType| {
        let name = OsStr::from_bytes(name.to_bytes());
        if name == "." || name == ".." {
            return Ok(());
        }
        let kind = match kind {
            // Some file systems do not say.
            FileType::Unknown => match stat_at(handle.as_fd(), name) {
                Ok(stat) => stat.kind,
                // Removed since.
                Err(Errno::NOENT) => return Ok(()),
                Err(error) => return Err(error),
            },
            kind => kind_of(kind),
        };
        take(Entry { name: name.to_owned(), kind });
        Ok(())
    };
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        let mut buffer = Vec::with_capacity(LISTED);
        let mut entries = RawDir::new(handle, buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let entry = entry?;
            take(entry.file_name(), entry.file_type())?;
        }
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    for entry in Dir::read_from(handle)? {
        let entry = entry?;
        take(entry.file_name(), entry.file_type())?;
    }
    Ok(())
}

fn is_here(path: &Path) -> bool {
    path.components().all(|part| part == Component::CurDir)
}

fn stat_at(folder: BorrowedFd<'_>, name: &OsStr) -> Result<Stat, Errno> {
    retry(|| fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)).map(|stat| stat_of(&stat))
}

fn stat_of(stat: &fs::Stat) -> Stat {
    let kind = kind_of(FileType::from_raw_mode(stat.st_mode));
    Stat { kind, len: if kind == Kind::File { u64::try_from(stat.st_size).unwrap_or(0) } else { 0 } }
}

fn kind_of(kind: FileType) -> Kind {
    match kind {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Folder,
        FileType::Symlink => Kind::Link,
        _ => Kind::Special,
    }
}

/// Repeats a call that a signal interrupted.
fn retry<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            done => return done,
        }
    }
}
