//! From a path, or from what the environment says, to a repository.

use std::path::{Path, PathBuf};

use super::{Repository, RepositoryError, gitfile, is_git_dir, parent, resolved, shown, unreadable};
use crate::origin::RelativePath;
use crate::source::git::staged;
use crate::source::git::stores::Environment;

impl Repository {
    /// The repository that `path` is or lies in.
    ///
    /// # Errors
    ///
    /// If there is none, or one that cannot be read.
    pub fn open(path: &Path) -> Result<Self, RepositoryError> {
        let absolute = path.canonicalize().map_err(|source| unreadable(path, source))?;
        let found = absolute.ancestors().find_map(|folder| git_dir_at(folder, folder == absolute));
        let (git_dir, top) = found
            .ok_or_else(|| RepositoryError::NotARepository { path: shown(path) })?
            .map_err(|file| RepositoryError::LeadsNowhere { path: shown(&file) })?;
        let up = absolute.strip_prefix(&top).map_or(0, |below| below.components().count());
        let plain = Path::new("").join(path);
        let name = if plain == Path::new(".") && up == 0 { PathBuf::new() } else { above(&plain, up, &top) };
        let repository = Self::at(git_dir, top, name)?;
        let below = RelativePath::below(&repository.top, &absolute);
        if below.is_some_and(|below| staged::has_submodule(&repository, below.as_bytes())) {
            return Err(RepositoryError::Submodule { path: shown(path) });
        }
        Ok(repository)
    }

    /// The repository that the environment names, as it does in hooks; else the one that the current folder lies in.
    ///
    /// # Errors
    ///
    /// If there is none, or one that cannot be read.
    pub fn of_environment(environment: &Environment) -> Result<Self, RepositoryError> {
        let mut repository = match &environment.git_dir {
            None => Self::open(Path::new("."))?,
            Some(path) => {
                let path = Path::new(path);
                let git_dir = path.canonicalize().map_err(|source| unreadable(path, source))?;
                let git_dir = if git_dir.is_file() {
                    gitfile(&git_dir).ok_or_else(|| RepositoryError::LeadsNowhere { path: shown(path) })?
                } else {
                    git_dir
                };
                Self::at(git_dir.clone(), git_dir, path.to_path_buf())?
            }
        };
        if let Some(objects) = &environment.object_directory {
            repository.objects = resolved(PathBuf::from(objects));
        }
        repository.more_alternates = environment.alternates();
        if let Some(file) = &environment.shallow_file {
            repository.shallow = resolved(PathBuf::from(file));
        }
        Ok(repository)
    }
}

/// The git folder that is at `folder` and the top that it belongs to, if there is one; the file that leads nowhere, if
/// there is one of those. What is `named` by the user is believed sooner.
fn git_dir_at(folder: &Path, named: bool) -> Option<Result<(PathBuf, PathBuf), PathBuf>> {
    if folder.is_file() {
        let is_gitfile = named && folder.file_name().is_some_and(|name| name == ".git");
        let leads = gitfile(folder).map(|git_dir| (git_dir, parent(folder)));
        return is_gitfile.then(|| leads.ok_or_else(|| folder.to_path_buf()));
    }
    let inner = folder.join(".git");
    if inner.is_file() {
        let leads = gitfile(&inner).map(|git_dir| (git_dir, folder.to_path_buf()));
        return Some(leads.ok_or(inner));
    }
    if is_git_dir(&inner) {
        return Some(Ok((inner, folder.to_path_buf())));
    }
    let is_one = is_git_dir(folder) || (named && folder.join("objects/pack").is_dir());
    is_one.then(|| {
        let is_inner = folder.file_name().is_some_and(|name| name == ".git");
        Ok((folder.to_path_buf(), if is_inner { parent(folder) } else { folder.to_path_buf() }))
    })
}

/// `path`, as the user wrote it, `up` folders up; the absolute `top` where that cannot be written so.
fn above(path: &Path, up: usize, top: &Path) -> PathBuf {
    let is_plain = path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    let above = if is_plain { path.ancestors().nth(up) } else { None };
    above.map_or_else(|| if up == 0 { path.to_path_buf() } else { top.to_path_buf() }, Path::to_path_buf)
}
