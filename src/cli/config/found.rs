//! Where a configuration comes from: a file, or a commit that whoever is scanned cannot change.

use std::path::{Component, Path, PathBuf};

use akid::redact::redact;
use anyhow::{Context, bail};

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
    /// The commit that this revision of the repository names.
    #[cfg(feature = "git")]
    Commit(String),
}

impl Found {
    /// Reads the file at `path`.
    pub(in crate::cli) fn file(path: PathBuf) -> anyhow::Result<Self> {
        // From the current folder where it lies in there, so that a report says the same on every machine.
        let here = std::env::current_dir().and_then(|folder| folder.canonicalize()).unwrap_or_default();
        let name = redact(path.strip_prefix(here).unwrap_or(&path).as_os_str().as_encoded_bytes());
        let text = std::fs::read_to_string(&path).with_context(|| format!("{name}: cannot be read"))?;
        Ok(Self { name, text, origin: Origin::File(path) })
    }

    /// Reads what the commit that `revision` names has at its top; `None` if it has none.
    #[cfg(feature = "git")]
    pub(in crate::cli) fn at_commit(
        repository: &akid::source::git::Repository,
        revision: &str,
    ) -> anyhow::Result<Option<Self>> {
        let name = format!("{}:{NAME}", redact(revision.as_bytes()));
        let text = akid::source::git::file_at(repository, revision, NAME.as_bytes())
            .map_err(|error| crate::cli::history::range_error(error, repository))?;
        let Some(text) = text else { return Ok(None) };
        let text = String::from_utf8(text).ok().with_context(|| format!("{name}: not UTF-8"))?;
        Ok(Some(Self { name, text, origin: Origin::Commit(revision.to_owned()) }))
    }
}

/// The configuration for scanning `roots`: the nearest one in the folder of the first root or above it, up to the
/// repository's top.
pub(in crate::cli) fn nearest(roots: &[PathBuf]) -> Option<PathBuf> {
    let first = roots.iter().find(|root| root.as_os_str() != "-")?.canonicalize().ok()?;
    let folder = if first.is_dir() { first.as_path() } else { first.parent()? };
    for folder in folder.ancestors() {
        let config = folder.join(NAME);
        if config.is_file() {
            return Some(config);
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

/// The path of the file that the configuration at `config` calls `path`: one beside it or below that, links and all,
/// since the configuration may come with what is scanned.
pub(in crate::cli) fn beside(config: &Path, path: &str) -> anyhow::Result<PathBuf> {
    let folder = config.parent().unwrap_or(config);
    let shown = redact(path.as_bytes());
    let is_plain =
        Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let file = folder.join(path);
    let stays = |file: &Path| {
        let real = [folder, file].map(|path| path.canonicalize().ok());
        matches!(real, [Some(folder), Some(file)] if file.starts_with(&folder))
    };
    if !is_plain || (file.symlink_metadata().is_ok() && !stays(&file)) {
        bail!("`{shown}` is not below the folder of the configuration\nhelp: name another with --baseline");
    }
    Ok(file)
}
