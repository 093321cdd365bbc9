//! A configuration that was read: where it is from, and what of it counts.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::PathBuf;

#[cfg(feature = "respond")]
use akid::aws::AccountId;
use akid::origin::RelativePath;
use akid::redact::redact;
use akid::scan::Policy;
use akid::source::Limits;
#[cfg(feature = "git")]
use akid::source::git::{Repository, RepositoryError};
use akid::source::{Files, FilesOptions};

#[cfg(feature = "respond")]
use super::RoleEntry;
use super::fault::{self, line_and_column};
use super::found::{self, Found, Origin, beside};
use super::{Archives, Config};
use crate::cli::args::ConfigArgs;
#[cfg(feature = "git")]
use crate::cli::repository;

/// A commit of a repository, by what the user calls it.
#[cfg(feature = "git")]
pub(in crate::cli) type Revision = Option<(akid::source::git::Repository, String)>;
/// There is none: this akid was built without git.
#[cfg(not(feature = "git"))]
pub(in crate::cli) type Revision = Option<std::convert::Infallible>;

/// A configuration that was read.
#[derive(Debug, Default)]
pub(in crate::cli) struct Loaded {
    pub(in crate::cli) config: Config,
    /// Where it is from; `None` if there is none.
    pub(in crate::cli) found: Option<Found>,
    /// The commit that everything of the configuration is taken from, if it is to be.
    pub(in crate::cli) revision: Revision,
    /// Whether the user named it: else it may come with what is scanned.
    is_named: bool,
    /// The one that is not used because the user stands elsewhere, as it may be shown.
    pub(in crate::cli) ignored: Option<String>,
    /// Where each of its keys is, as it may be shown.
    places: BTreeMap<String, String>,
}

impl Loaded {
    /// Reads the configuration that the arguments name, else the one at `nearest`, for scanning `roots`.
    pub(in crate::cli) fn new(
        args: &ConfigArgs,
        roots: &[PathBuf],
        nearest: Option<PathBuf>,
    ) -> anyhow::Result<Self> {
        #[cfg(feature = "git")]
        if let Some(revision) = &args.config_from {
            let repository = match roots.first() {
                Some(root) if root.as_os_str() != "." && root.as_os_str() != "-" => opened(root)?,
                _ => repository::of_environment()?,
            };
            let found = Found::at_commit(&repository, revision, roots)?;
            return Ok(Self { revision: Some((repository, revision.clone())), ..Self::read(found)? });
        }
        #[cfg(not(feature = "git"))]
        let _ = roots;
        Self::of_file(args.config.clone(), nearest.filter(|_| !args.no_config))
    }

    /// Reads a configuration.
    pub(super) fn read(found: Option<Found>) -> anyhow::Result<Self> {
        let Some(found) = found else { return Ok(Self::default()) };
        let config = toml::from_str(&found.text).map_err(|error| fault::explained(&found, &error))?;
        let keys = toml::de::DeTable::parse(&found.text).map(toml::Spanned::into_inner).unwrap_or_default();
        let place =
            |span: Range<usize>| format!("{}:{}", found.name, line_and_column(&found.text, span.start).0);
        let places = keys.keys().map(|key| (key.get_ref().to_string(), place(key.span()))).collect();
        Ok(Self { config, places, found: Some(found), ..Self::default() })
    }

    /// Reads the configuration at `named`, else the one at `nearest`, which nobody named.
    pub(in crate::cli) fn of_file(named: Option<PathBuf>, nearest: Option<PathBuf>) -> anyhow::Result<Self> {
        let nearest = nearest.filter(|_| named.is_none());
        if let Some(path) = nearest.as_deref().filter(|path| !found::is_own(path)) {
            let ignored = Some(redact(path.as_os_str().as_encoded_bytes()));
            return Ok(Self { ignored, ..Self::default() });
        }
        let is_named = named.is_some();
        let found = match named {
            Some(path) => Some(Found::named(path)?),
            None => nearest.map(Found::nearby).transpose()?,
        };
        Ok(Self { is_named, ..Self::read(found)? })
    }

    /// The roles by which accounts are asked. Only a configuration that the user names has any: one that comes with what
    /// is scanned could make the caller known to whoever wrote it.
    #[cfg(feature = "respond")]
    pub(in crate::cli) fn roles(&self) -> BTreeMap<AccountId, RoleEntry> {
        if self.is_named { self.config.accounts.roles.clone() } else { BTreeMap::new() }
    }

    /// How far to look into archives. A configuration that nobody named may lower the limits only: those that the
    /// library has keep a hostile archive from taking time and memory without end.
    pub(in crate::cli) fn limits(&self) -> Limits {
        let known = Limits::default();
        let written = &self.config.archives;
        let (depth, ratio) =
            (written.max_depth.unwrap_or(known.depth), written.max_ratio.unwrap_or(known.ratio));
        let (bytes, members) =
            (written.max_bytes.unwrap_or(known.bytes), written.max_members.unwrap_or(known.members));
        let work = written.max_work.unwrap_or(known.work);
        if self.is_named {
            return Limits { depth, ratio, bytes, members, work };
        }
        Limits {
            depth: depth.min(known.depth),
            ratio: ratio.min(known.ratio),
            bytes: bytes.min(known.bytes),
            members: members.min(known.members),
            work: work.min(known.work),
        }
    }

    /// Returns how many findings are listed. As with archives, a configuration that nobody named may only lower the limit.
    pub(in crate::cli) fn max_findings(&self) -> usize {
        let written = self.config.max_findings.map_or(Policy::MAX_FINDINGS, NonZeroUsize::get);
        if self.is_named { written } else { written.min(Policy::MAX_FINDINGS) }
    }

    /// The limits to archives by their keys, each with what is written.
    pub(in crate::cli) fn archive_limits(&self) -> [(&'static str, Option<u64>, u64); 5] {
        let Limits { depth, ratio, bytes, members, work } = self.limits();
        let Archives { max_depth, max_ratio, max_bytes, max_members, max_work } = self.config.archives;
        [
            ("max-depth", max_depth.map(u64::from), depth.into()),
            ("max-ratio", max_ratio, ratio),
            ("max-bytes", max_bytes, bytes),
            ("max-members", max_members, members),
            ("max-work", max_work, work),
        ]
    }

    /// Where it is, from the top of the repository that it lies in, else from its own folder.
    pub(in crate::cli) fn path(&self) -> Option<RelativePath> {
        match &self.found.as_ref()?.origin {
            Origin::File(file) => {
                let files = Files::new(std::slice::from_ref(file), FilesOptions::default());
                RelativePath::below(files.base()?.as_path(), &file.canonicalize().ok()?)
            }
            #[cfg(feature = "git")]
            Origin::Commit(folder) => {
                RelativePath::below(std::path::Path::new(""), &folder.join(found::NAME))
            }
        }
    }

    /// The file that it names as the baseline.
    pub(in crate::cli) fn baseline_file(&self) -> Option<PathBuf> {
        match &self.found.as_ref()?.origin {
            Origin::File(config) => beside(config, self.config.baseline.as_ref()?).ok(),
            #[cfg(feature = "git")]
            Origin::Commit(_) => None,
        }
    }

    /// All of it, as it is written.
    pub(in crate::cli) fn text(&self) -> &str {
        self.found.as_ref().map_or("", |found| found.text.as_str())
    }

    /// Where `key` is, as it may be shown: `None` if it is not.
    pub(in crate::cli) fn place_of(&self, key: &str) -> Option<&str> {
        self.places.get(key).map(String::as_str)
    }

    /// Where a part of it is, as it may be shown.
    pub(in crate::cli) fn place_at(&self, span: &Range<usize>) -> String {
        let Some(found) = &self.found else { return String::new() };
        format!("{}:{}", found.name, line_and_column(&found.text, span.start).0)
    }
}

/// The repository that `root` lies in; the one that the environment names if that has its worktree there.
#[cfg(feature = "git")]
fn opened(root: &std::path::Path) -> Result<Repository, RepositoryError> {
    let of_environment = |error| {
        let named = repository::of_environment().ok();
        named.filter(|repository| repository::top(repository) == root).ok_or(error)
    };
    Repository::open(root).or_else(of_environment)
}
