//! Where a configuration comes from: a file, or a commit that whoever is scanned cannot change.

use std::path::{Component, Path, PathBuf};

use akid::redact::redact;
use akid::source::{OpenError, read_unlinked};
use anyhow::{Context, anyhow, bail};

use crate::cli::place::folder_of;

/// The name of a configuration.
pub(in crate::cli) const NAME: &str = ".akid.toml";

/// A configuration, as it is written.
#[derive(Debug)]
pub(in crate::cli) struct Found {
    /// What to call it, as it may be shown.
    pub(in crate::cli) name: String,
    pub(super) text: String,
    pub(in crate::cli) origin: Origin,
}

/// What a configuration is part of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Origin {
    /// The file at this path.
    File(PathBuf),
    /// This folder, from the top, of a commit.
    #[cfg(feature = "git")]
    Commit(PathBuf),
}

impl Found {
    /// Reads the file at `path`, which the user named.
    pub(in crate::cli) fn named(path: PathBuf) -> anyhow::Result<Self> {
        let text = crate::cli::bounded::read(&path, MAX_LEN)
            .with_context(|| format!("{}: cannot be read", shown(&path)))?;
        Self::of_file(path, text)
    }

    /// Reads the file at `path`, which [`nearest`] found. It may be part of the scanned tree, so no link is followed.
    pub(in crate::cli) fn nearby(path: PathBuf) -> anyhow::Result<Self> {
        let name = || shown(&path);
        let text = read_unlinked(&path, MAX_LEN << 20).map_err(|error| match error {
            OpenError::Link => anyhow!(
                "{}: a symbolic link, which akid does not follow\n\
                 help: put the file itself there, or name it with --config",
                name()
            ),
            OpenError::NotAFile => {
                anyhow!("{}: not a regular file\nhelp: remove it, or use --no-config", name())
            }
            error => anyhow::Error::from(error).context(format!("{}: cannot be read", name())),
        })?;
        Self::of_file(path, text)
    }

    fn of_file(path: PathBuf, text: Vec<u8>) -> anyhow::Result<Self> {
        let name = shown(&path);
        let text = String::from_utf8(text).with_context(|| format!("{name}: cannot be read"))?;
        Ok(Self { name, text, origin: Origin::File(path) })
    }

    /// Reads the configuration for scanning `roots` that the commit has which `revision` names: where [`nearest`] would
    /// look for it; `None` if it has none.
    #[cfg(feature = "git")]
    pub(in crate::cli) fn at_commit(
        repository: &akid::source::git::Repository,
        revision: &str,
        roots: &[PathBuf],
    ) -> anyhow::Result<Option<Self>> {
        for folder in folders_up(repository, roots) {
            let path = folder.join(NAME);
            let Some(text) = file_at(repository, revision, &path)? else { continue };
            let name =
                format!("{}:{}", redact(revision.as_bytes()), redact(path.as_os_str().as_encoded_bytes()));
            let text = String::from_utf8(text).ok().with_context(|| format!("{name}: not UTF-8"))?;
            return Ok(Some(Self { name, text, origin: Origin::Commit(folder) }));
        }
        Ok(None)
    }
}

/// The content of the file at `path`, from the top, in the commit that `revision` names.
#[cfg(feature = "git")]
pub(in crate::cli) fn file_at(
    repository: &akid::source::git::Repository,
    revision: &str,
    path: &Path,
) -> anyhow::Result<Option<Vec<u8>>> {
    let parts: Vec<&[u8]> = path.iter().map(|part| part.as_encoded_bytes()).collect();
    akid::source::git::file_at(repository, revision, &parts.join(&b'/'))
        .map_err(|error| crate::cli::repository::range_error(error, repository))
}

/// The folders of `repository` from the one that `roots` share up to the top, all from the top.
#[cfg(feature = "git")]
pub(in crate::cli) fn folders_up(
    repository: &akid::source::git::Repository,
    roots: &[PathBuf],
) -> Vec<PathBuf> {
    let top = crate::cli::repository::top(repository);
    let shared = shared_folder(roots).unwrap_or_default();
    shared.strip_prefix(top).unwrap_or(Path::new("")).ancestors().map(Path::to_path_buf).collect()
}

/// No configuration is larger, in MiB: it may come with what is scanned.
pub(super) const MAX_LEN: u64 = 1;

/// The usual name of a baseline.
const BASELINE: &str = ".akid-baseline";

/// Where a configuration for scanning `roots` may be: the nearest one in the folder that they share or above it, up to
/// the repository's top.
pub(in crate::cli) fn nearest(roots: &[PathBuf]) -> Option<PathBuf> {
    nearest_named(NAME, roots)
}

/// The name of the baseline that lies where a configuration for scanning `roots` may be, if the user stands where it
/// would apply: as an option would name it.
pub(in crate::cli) fn unused_baseline(roots: &[PathBuf]) -> Option<String> {
    let file = nearest_named(BASELINE, roots).filter(|file| file.is_file() && is_own(file))?;
    Some(shown(&file))
}

fn nearest_named(name: &str, roots: &[PathBuf]) -> Option<PathBuf> {
    for folder in shared_folder(roots)?.ancestors() {
        let config = folder.join(name);
        if config.symlink_metadata().is_ok() {
            return Some(config);
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

/// Returns whether the user stands where the configuration at `path` applies without being named: in its repository, or
/// where it lies in none, in its folder or below.
///
/// What somebody else wrote, and was only downloaded or pushed, must not decide what is scanned and what counts.
pub(super) fn is_own(path: &Path) -> bool {
    let Some(folder) = path.parent() else { return false };
    let is_top = |folder: &&Path| folder.join(".git").symlink_metadata().is_ok();
    let top = folder.ancestors().find(is_top).unwrap_or(folder);
    let here = std::env::current_dir().and_then(|folder| folder.canonicalize());
    here.is_ok_and(|here| here.starts_with(top))
}

/// The folder that holds all of `roots`; empty if none does.
fn shared_folder(roots: &[PathBuf]) -> Option<PathBuf> {
    let roots = roots.iter().filter(|root| root.as_os_str() != "-");
    let folder = |root: &PathBuf| {
        let root = root.canonicalize().ok()?;
        if root.is_dir() { Some(root) } else { root.parent().map(Path::to_path_buf) }
    };
    let mut folders = roots.filter_map(folder);
    let first = folders.next()?;
    // What one of several trees brings must not count for the others.
    Some(folders.fold(first, |shared, other| {
        let common = shared.ancestors().find(|folder| other.starts_with(folder));
        common.map(Path::to_path_buf).unwrap_or_default()
    }))
}

/// The path of a configuration or a baseline, from the current folder where it lies in there, so that a report says the
/// same on every machine.
pub(in crate::cli) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().and_then(|folder| folder.canonicalize()).unwrap_or_default();
    redact(path.strip_prefix(here).unwrap_or(path).as_os_str().as_encoded_bytes())
}

/// A path that does not lead out of where it starts, without what is of no use in it.
pub(in crate::cli) fn plain(path: &str) -> anyhow::Result<PathBuf> {
    let parts = Path::new(path).components().filter(|part| !matches!(part, Component::CurDir));
    let plain: PathBuf = parts.clone().collect();
    let is_plain = parts.clone().all(|part| matches!(part, Component::Normal(_)));
    if !is_plain || plain.as_os_str().is_empty() {
        let shown = redact(path.as_bytes());
        bail!("`{shown}` is not below the folder of the configuration\nhelp: name another with --baseline");
    }
    Ok(plain)
}

/// The path of the file that the configuration at `config` calls `path`: one beside it or below that, links and all,
/// since the configuration may come with what is scanned.
pub(in crate::cli) fn beside(config: &Path, path: &str) -> anyhow::Result<PathBuf> {
    resolved_beside(config, path)?;
    Ok(folder_of(config).join(plain(path)?))
}

/// The same without links in it, if something is there.
pub(in crate::cli) fn resolved_beside(config: &Path, path: &str) -> anyhow::Result<Option<PathBuf>> {
    let folder = folder_of(config);
    let file = folder.join(plain(path)?);
    if file.symlink_metadata().is_err() {
        return Ok(None);
    }
    let real = [folder, &file].map(|path| path.canonicalize().ok());
    if let [Some(folder), Some(file)] = real
        && file.starts_with(folder)
    {
        return Ok(Some(file));
    }
    let shown = redact(path.as_bytes());
    bail!("`{shown}` is a symbolic link that leads outside\nhelp: name another with --baseline")
}
