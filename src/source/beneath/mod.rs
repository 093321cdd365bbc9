//! Opens what lies beneath a folder, in one safe way.
//!
//! A [`Folder`] is opened once. Each path is then looked up from its handle, so that a folder that is renamed or swapped
//! during a scan cannot lead elsewhere. No link is followed, no path leads up, and only regular files are opened: a pipe
//! would wait and a device may never end.
//!
//! On Linux the kernel checks the whole path (`openat2`). Where it cannot, and on other Unix systems, each part of the
//! path is opened from the handle of the part before it. Elsewhere each part is checked and the path is then opened,
//! which leaves a moment between the two.

#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path};

#[cfg(not(unix))]
use self::other as system;
#[cfg(unix)]
use self::unix as system;

/// A folder that is open. Paths are relative to it and stay beneath it.
#[derive(Debug)]
pub(crate) struct Folder(system::Folder);

/// A regular file that is open for reading.
#[derive(Debug)]
pub(crate) struct RegularFile {
    /// The file, at its start.
    pub(crate) file: File,
    /// Its size in bytes when it was opened.
    pub(crate) len: u64,
}

/// Something in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    /// Its name, without a path.
    pub(crate) name: OsString,
    /// What it was when the folder was listed.
    pub(crate) kind: Kind,
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stat {
    /// What it is. The target of a link does not count.
    pub(crate) kind: Kind,
    /// Its size in bytes, if it is a regular file.
    pub(crate) len: u64,
}

/// What the system calls something in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A pipe, a socket or a device.
    Special,
}

/// Why something beneath a folder is not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The path, or a part of it, is a symbolic link.
    #[error("a symbolic link, which akid does not follow")]
    Link,
    /// It is a folder, a pipe, a socket or a device.
    #[error("not a regular file")]
    NotAFile,
    /// The path is absolute or leads up.
    #[error("the path leads outside")]
    Outside,
    /// It has more than this many bytes.
    #[error("larger than {0} bytes")]
    TooLarge(u64),
    /// The scan was stopped while it was read.
    #[error("stopped")]
    Stopped,
    /// The system refused, or nothing is there.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Reads the whole of the regular file at the absolute `path`, which has no more than `max` bytes. No part of the path may
/// be a link: it was resolved before, and a folder that was swapped for a link since then does not lead elsewhere.
///
/// # Errors
///
/// If there is a link on the way, if no regular file is there or a larger one, or if the system refuses.
pub fn read_unlinked(path: &Path, max: u64) -> Result<Vec<u8>, OpenError> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(OpenError::NotAFile);
    };
    Folder::open(folder)?.read(Path::new(name), max, &|| false)
}

/// How much is read between two looks at whether the scan was stopped.
const CHUNK: u64 = 1 << 20;

impl Folder {
    /// Opens the folder at the absolute `path`. No part of the path may be a link: it was resolved before, and what was
    /// swapped for a link since then leads nowhere else.
    ///
    /// # Errors
    ///
    /// If there is a link on the way, if no folder is there, or if the system refuses.
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        system::Folder::open_unlinked(path).map(Self)
    }

    /// Opens a folder at `path` beneath this one.
    ///
    /// # Errors
    ///
    /// If `path` leads up or through a link, if no folder is there, or if the system refuses.
    pub(crate) fn folder(&self, path: &Path) -> Result<Self, OpenError> {
        check(path)?;
        self.0.folder(path).map(Self)
    }

    /// Opens a regular file at `path` beneath this folder. Pipes and devices are not even opened.
    ///
    /// # Errors
    ///
    /// If `path` leads up or through a link, if no regular file is there, or if the system refuses.
    pub(crate) fn file(&self, path: &Path) -> Result<RegularFile, OpenError> {
        match self.stat(path)?.kind {
            Kind::File => self.listed_file(path),
            Kind::Link => Err(OpenError::Link),
            Kind::Folder | Kind::Special => Err(OpenError::NotAFile),
        }
    }

    /// Opens a file that was a regular one when it was listed. Costs less than [`file`](Self::file); something else that
    /// took its place is opened and closed again, and does not block.
    ///
    /// # Errors
    ///
    /// As those of [`file`](Self::file).
    pub(crate) fn listed_file(&self, path: &Path) -> Result<RegularFile, OpenError> {
        check(path)?;
        self.0.file(path)
    }

    /// Reads the whole of the regular file at `path`, which has no more than `max` bytes.
    ///
    /// # Errors
    ///
    /// As those of [`file`](Self::file), and if the file is larger or `is_stopped` says so meanwhile.
    pub(crate) fn read(
        &self,
        path: &Path,
        max: u64,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<Vec<u8>, OpenError> {
        self.file(path)?.read(max, is_stopped)
    }

    /// Returns the text of the symbolic link at `path`, which is not followed.
    ///
    /// # Errors
    ///
    /// If `path` leads up or through a link, if no link is there, or if the system refuses.
    pub(crate) fn link(&self, path: &Path) -> Result<Vec<u8>, OpenError> {
        check(path)?;
        self.0.link(path)
    }

    /// Opens the folder at `path` beneath this one and passes everything in it to `take`, except `.` and `..`, in the
    /// system's order. Returns whether the system listed all of it, too: `take` may have had a part.
    ///
    /// # Errors
    ///
    /// As those of [`folder`](Self::folder), and if the folder may not be read.
    pub(crate) fn listed(
        &self,
        path: &Path,
        take: &mut dyn FnMut(Entry),
    ) -> Result<(Self, io::Result<()>), OpenError> {
        check(path)?;
        let (folder, listed) = self.0.listed(path, take)?;
        Ok((Self(folder), listed))
    }

    /// Returns what is at `path`, without opening it and without following a link there.
    ///
    /// # Errors
    ///
    /// If `path` leads up or through a link, if nothing is there, or if the system refuses.
    pub(crate) fn stat(&self, path: &Path) -> Result<Stat, OpenError> {
        check(path)?;
        self.0.stat(path)
    }
}

impl RegularFile {
    /// Reads the whole file, which has no more than `max` bytes.
    ///
    /// # Errors
    ///
    /// If it is larger, if the system refuses, or if `is_stopped` says so meanwhile.
    pub(crate) fn read(mut self, max: u64, is_stopped: &dyn Fn() -> bool) -> Result<Vec<u8>, OpenError> {
        if self.len > max {
            return Err(OpenError::TooLarge(max));
        }
        let mut content = Vec::with_capacity(usize::try_from(self.len.min(CHUNK)).unwrap_or(0));
        loop {
            if is_stopped() {
                return Err(OpenError::Stopped);
            }
            if self.file.by_ref().take(CHUNK).read_to_end(&mut content)? == 0 {
                return Ok(content);
            }
            // The file may have grown, and its size may be a lie: some of `/proc` have none.
            if content.len() as u64 > max {
                return Err(OpenError::TooLarge(max));
            }
        }
    }
}

impl OpenError {
    /// Whether nothing is at the path.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::Io(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory))
    }
}

impl From<OpenError> for io::Error {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Io(error) => error,
            OpenError::Stopped => Self::new(io::ErrorKind::Interrupted, error),
            OpenError::TooLarge(_) => Self::new(io::ErrorKind::FileTooLarge, error),
            OpenError::Link | OpenError::NotAFile | OpenError::Outside => Self::other(error),
        }
    }
}

/// Refuses a path that could lead anywhere but down.
fn check(path: &Path) -> Result<(), OpenError> {
    let leads_down = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if leads_down { Ok(()) } else { Err(OpenError::Outside) }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
