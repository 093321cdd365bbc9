//! A git repository: its folders, and what its configuration says. All by our own reading: a repository whose references
//! or format nobody else understands has its objects all the same.

mod discover;
mod error;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

pub use error::RepositoryError;

use super::path::from_bytes;
use super::stores::Store;
use super::{config, outside, read};
use crate::finding::RepositoryName;
use crate::origin::{ObjectFormat, ObjectId};
use crate::redact::{self, redact};
use crate::source::beneath::Kind;

/// A git repository, as far as its objects go.
#[derive(Clone, Debug)]
pub struct Repository {
    /// The folder with `HEAD` in it: of this worktree, if there are several.
    git_dir: PathBuf,
    /// The folder that all worktrees share.
    common_dir: PathBuf,
    /// The worktree's top, else the repository's own folder.
    top: PathBuf,
    /// The top as the user calls it; empty for the current folder.
    name: PathBuf,
    objects: PathBuf,
    more_alternates: Vec<PathBuf>,
    /// The file with the commits that history is cut off at.
    shallow: PathBuf,
    format: ObjectFormat,
    is_partial: bool,
    is_bare: bool,
    ref_storage: Option<String>,
    unknown_extensions: Vec<String>,
    /// Why the configuration cannot be read, if it cannot.
    config_fault: Option<String>,
    /// Folders that files of the repository lead to, outside of it.
    outside: Vec<PathBuf>,
}

impl Repository {
    /// Returns the repository whose `.git` is in the folder `top`. Returns `None` if there is nothing of that name, or a
    /// folder that git takes for none and that has no index.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub(super) fn at_top(top: &Path) -> Result<Option<Self>, RepositoryError> {
        let inner = top.join(".git");
        let kind = match inner.metadata().or_else(|_| inner.symlink_metadata()) {
            Ok(metadata) => metadata.file_type(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(&inner, error)),
        };
        if kind.is_file() {
            read::plain(&inner, MAX_PATH_FILE).map_err(|error| unreadable(&inner, error))?;
            let git_dir =
                gitfile(&inner).ok_or_else(|| RepositoryError::LeadsNowhere { path: shown(&inner) })?;
            return Self::at(git_dir, top.to_path_buf(), top.to_path_buf()).map(Some);
        }
        if kind.is_dir() && is_git_dir(&inner) {
            return Self::at(inner, top.to_path_buf(), top.to_path_buf()).map(Some);
        }
        // A folder that git passes over. What may not be looked at is not known to be one.
        let is_missing = |name: &str| match inner.join(name).symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
            Err(error) => Err(unreadable(&inner, error)),
            Ok(_) => Ok(false),
        };
        if kind.is_dir() && is_missing("index")? {
            return Ok(None);
        }
        Err(RepositoryError::LeadsNowhere { path: shown(&inner) })
    }

    fn at(git_dir: PathBuf, top: PathBuf, name: PathBuf) -> Result<Self, RepositoryError> {
        let git_dir = git_dir.canonicalize().map_err(|source| unreadable(&git_dir, source))?;
        let file = git_dir.join("commondir");
        let common_dir = match read::plain(&file, MAX_PATH_FILE) {
            Ok(path) => {
                let path = git_dir.join(from_bytes(path.trim_ascii_end()));
                path.canonicalize().map_err(|source| unreadable(&path, source))?
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => git_dir.clone(),
            Err(error) => return Err(unreadable(&file, error)),
        };
        let objects = resolved(common_dir.join("objects"));
        if !objects.is_dir() {
            return Err(RepositoryError::LeadsNowhere { path: shown(&git_dir) });
        }
        let config = config::read(&common_dir.join("config"));
        let format = match &config.object_format {
            Some(name) => ObjectFormat::of_name(name).ok_or_else(|| RepositoryError::ObjectFormat {
                path: shown(&git_dir),
                format: redact::words(name.as_bytes()),
            })?,
            None => ObjectFormat::default(),
        };
        let is_partial = config.is_partial;
        // What is true of the repository is not of the worktrees that are linked to it.
        let is_bare = config.is_bare && git_dir == common_dir;
        let outside = outside::of(&git_dir, &common_dir, &top, config.worktree.as_deref());
        let config::ObjectSettings { ref_storage, unknown_extensions, fault: config_fault, .. } = config;
        let more_alternates = Vec::new();
        let shallow = common_dir.join("shallow");
        Ok(Self {
            git_dir,
            common_dir,
            top,
            name,
            objects,
            more_alternates,
            shallow,
            format,
            is_partial,
            is_bare,
            ref_storage,
            unknown_extensions,
            config_fault,
            outside,
        })
    }

    /// The folder with `HEAD` in it.
    pub fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// The folder that all worktrees share.
    pub(in crate::source) fn common_dir(&self) -> &Path {
        &self.common_dir
    }

    /// The hash that its objects are named by.
    pub fn format(&self) -> ObjectFormat {
        self.format
    }

    /// The format of refs that is not read, if they are in one.
    pub(super) fn unread_refs(&self) -> Option<&str> {
        self.ref_storage.as_deref().filter(|_| !self.has_reftables())
    }

    /// Why it is not known what changes its format: each in a few words, as they may be shown.
    pub(super) fn unknown_format(&self) -> impl Iterator<Item = String> {
        let unread = self.config_fault.iter().map(|fault| format!("its `config` cannot be read: {fault}"));
        let extension =
            |name: &String| format!("unsupported repository extension `{}`", redact::words(name.as_bytes()));
        unread.chain(self.unknown_extensions.iter().map(extension))
    }

    /// Folders outside of the repository that it leads to, and that do not lead back: of a `.git` file, a `commondir` or
    /// a link; and those that it borrows objects from, except what the environment names.
    pub(super) fn outside(&self) -> BTreeSet<PathBuf> {
        let own = resolved(self.common_dir.join("objects"));
        let stores = Store::all(&own, &[]).into_iter().filter(|store| store.is_there).map(|store| store.path);
        let is_inside = |path: &Path| path.starts_with(&self.common_dir) || path.starts_with(&self.top);
        stores.filter(|path| !is_inside(path)).chain(self.outside.iter().cloned()).collect()
    }

    /// The same without those that it borrows objects from.
    pub(super) fn led_outside(&self) -> &[PathBuf] {
        &self.outside
    }

    /// Whether refs are stored as `reftable`.
    pub(in crate::source) fn has_reftables(&self) -> bool {
        self.ref_storage.as_deref().is_some_and(|format| format.eq_ignore_ascii_case("reftable"))
    }

    /// The file with the configuration.
    pub(super) fn config(&self) -> PathBuf {
        self.common_dir.join("config")
    }

    /// Whether it has no worktree, unless the environment names one.
    pub fn is_bare(&self) -> bool {
        self.is_bare
    }

    /// The top of the worktree, or the repository's own folder.
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// What reports call it: the remote is `origin`, else the first one that the configuration names. What leads outside
    /// may be the repository of somebody else, whose remote is nobody's business.
    pub fn display_name(&self) -> RepositoryName {
        let remotes = if self.outside.is_empty() { config::remotes(&self.config()) } else { Vec::new() };
        let remote = remotes.iter().find(|remote| remote.name == "origin").or(remotes.first());
        let url = remote.and_then(|remote| remote.urls.first()).map(String::as_str);
        let folder = self.top.file_name().unwrap_or_default();
        RepositoryName::new(self.name.as_os_str().as_encoded_bytes(), folder.as_encoded_bytes(), url)
    }

    /// The commits that are being merged, once git waits for the merge to be committed.
    pub fn merge_heads(&self) -> Vec<ObjectId> {
        let heads = read::plain(&self.git_dir.join("MERGE_HEAD"), MAX_PATH_FILE).unwrap_or_default();
        heads.split(|&byte| byte == b'\n').filter_map(|line| ObjectId::parse(line.trim_ascii())).collect()
    }

    /// Whether history was cut off when this was cloned.
    pub fn is_shallow(&self) -> bool {
        // A link, which is not followed, or a pipe hides which commits they are, and that is no better.
        read::stat(&self.shallow).is_ok_and(|there| there.kind != Kind::File || there.len > 0)
    }

    /// The commits whose parents were left out when this was cloned.
    pub(super) fn shallow(&self) -> BTreeSet<ObjectId> {
        let lines = read::plain(&self.shallow, MAX_SHALLOW).unwrap_or_default();
        lines.split(|&byte| byte == b'\n').filter_map(|line| ObjectId::parse(line.trim_ascii())).collect()
    }

    /// Whether objects were left out when this was cloned, to be fetched when they are asked for.
    pub fn is_partial(&self) -> bool {
        let mut is_partial = self.is_partial;
        // A folder that cannot be listed is reported where its packs are.
        let _ = read::names(&self.objects, "pack", &mut |name| {
            is_partial |= Path::new(&name).extension().is_some_and(|extension| extension == "promisor");
        });
        is_partial
    }

    /// Every folder of objects: its own, then those that it borrows from.
    pub fn stores(&self) -> Vec<Store> {
        Store::all(&self.objects, &self.more_alternates)
    }

    /// How many bytes its packs take, with those that it borrows, as far as they can be seen.
    pub fn packed_len(&self) -> u64 {
        let mut len = 0;
        for store in self.stores() {
            let folder = store.path.join("pack");
            // A folder that cannot be listed is reported when it is read.
            let _ = read::names(&store.path, "pack", &mut |name| {
                let is_pack = Path::new(&name).extension().is_some_and(|extension| extension == "pack");
                if is_pack {
                    len += read::stat(&folder.join(&name)).map_or(0, |stat| stat.len);
                }
            });
        }
        len
    }

    /// The folder of objects that are pushed and not taken yet, if the environment names one.
    pub(super) fn quarantine(&self) -> Option<&Path> {
        Some(self.objects.as_path()).filter(|objects| *objects != resolved(self.common_dir.join("objects")))
    }

    /// What to call a file of the repository: from the current folder, if it lies below the top.
    pub(super) fn name_of(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.top).map_or_else(|_| path.to_path_buf(), |below| self.name.join(below))
    }
}

fn is_git_dir(folder: &Path) -> bool {
    let has_objects = folder.join("objects").is_dir() || folder.join("commondir").is_file();
    has_objects && folder.join("HEAD").symlink_metadata().is_ok()
}

/// Files that hold a path are no longer than this, in bytes: no path of any system is.
const MAX_PATH_FILE: u64 = 1 << 16;

/// No more of the list of cut-off commits is read than this, in bytes.
const MAX_SHALLOW: u64 = 1 << 26;

/// The folder that a `.git` file names.
fn gitfile(file: &Path) -> Option<PathBuf> {
    let text = read::plain(file, MAX_PATH_FILE).ok()?;
    let path = text.strip_prefix(b"gitdir:")?.trim_ascii();
    parent(file).join(from_bytes(path)).canonicalize().ok().filter(|folder| folder.is_dir())
}

/// `path` without links, if something is there.
fn resolved(path: PathBuf) -> PathBuf {
    path.canonicalize().unwrap_or(path)
}

fn parent(path: &Path) -> PathBuf {
    path.parent().unwrap_or(path).to_path_buf()
}

fn shown(path: &Path) -> String {
    redact(path.as_os_str().as_encoded_bytes())
}

fn unreadable(path: &Path, source: io::Error) -> RepositoryError {
    RepositoryError::Unreadable { path: shown(path), source }
}
