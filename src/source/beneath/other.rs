//! Systems without handles of folders: each part of a path is checked before the path is opened.

use std::fs::{self, File, FileType, Metadata};
use std::io;
use std::path::{Component, Path, PathBuf};

use super::{Entry, Kind, OpenError, RegularFile, Stat};

/// The path of a folder, without links.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let path = path.canonicalize()?;
        if path.is_dir() { Ok(Self(path)) } else { Err(io::ErrorKind::NotADirectory.into()) }
    }

    /// Opens the folder at the absolute `path`, no part of which may be a link.
    pub(super) fn open_unlinked(path: &Path) -> Result<Self, OpenError> {
        let folder = Self::open(path)?;
        if folder.0 == path { Ok(folder) } else { Err(OpenError::Link) }
    }

    pub(super) fn folder(&self, path: &Path) -> Result<Self, OpenError> {
        let (path, metadata) = self.look_up(path)?;
        match kind_of(metadata.file_type()) {
            Kind::Folder => Ok(Self(path)),
            Kind::Link => Err(OpenError::Link),
            Kind::File | Kind::Special => Err(io::Error::from(io::ErrorKind::NotADirectory).into()),
        }
    }

    pub(super) fn file(&self, path: &Path) -> Result<RegularFile, OpenError> {
        let (path, metadata) = self.look_up(path)?;
        match kind_of(metadata.file_type()) {
            Kind::File => {}
            Kind::Link => return Err(OpenError::Link),
            Kind::Folder | Kind::Special => return Err(OpenError::NotAFile),
        }
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(OpenError::NotAFile);
        }
        Ok(RegularFile { file, len: metadata.len() })
    }

    pub(super) fn listed(
        &self,
        path: &Path,
        take: &mut dyn FnMut(Entry),
    ) -> Result<(Self, io::Result<()>), OpenError> {
        let folder = self.folder(path)?;
        let listed = list(&folder.0, take);
        Ok((folder, listed))
    }

    pub(super) fn stat(&self, path: &Path) -> Result<Stat, OpenError> {
        let (_, metadata) = self.look_up(path)?;
        let kind = kind_of(metadata.file_type());
        Ok(Stat { kind, len: if kind == Kind::File { metadata.len() } else { 0 } })
    }

    pub(super) fn link(&self, path: &Path) -> Result<Vec<u8>, OpenError> {
        let (path, _) = self.look_up(path)?;
        Ok(fs::read_link(path)?.into_os_string().into_encoded_bytes())
    }

    /// Returns the whole path and what is there, if no part on the way is a link.
    fn look_up(&self, path: &Path) -> Result<(PathBuf, Metadata), OpenError> {
        let mut whole = self.0.clone();
        let mut metadata = whole.symlink_metadata()?;
        for part in path.components().filter(|part| matches!(part, Component::Normal(_))) {
            if metadata.is_symlink() {
                return Err(OpenError::Link);
            }
            whole.push(part);
            metadata = whole.symlink_metadata()?;
        }
        Ok((whole, metadata))
    }
}

fn list(folder: &Path, take: &mut dyn FnMut(Entry)) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        take(Entry { name: entry.file_name(), kind: kind_of(entry.file_type()?) });
    }
    Ok(())
}

fn kind_of(kind: FileType) -> Kind {
    if kind.is_symlink() {
        Kind::Link
    } else if kind.is_dir() {
        Kind::Folder
    } else if kind.is_file() {
        Kind::File
    } else {
        Kind::Special
    }
}
