//! What the repositories of a scan are called.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use akid::finding::RepositoryName;
use akid::origin::Origin;
use akid::source::Base;

/// The repositories and folders that are scanned, each with the path of what lies in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Repositories(Vec<(Vec<u8>, Arc<RepositoryName>)>);

impl Repositories {
    /// The one that git's objects are read from.
    #[cfg(feature = "git")]
    pub(super) fn one(repository: &akid::source::git::Repository) -> Self {
        Self(vec![(Vec::new(), Arc::new(repository.display_name()))])
    }

    /// The repositories that contain `roots`. Paths of findings are relative to `base`.
    pub(super) fn of_roots(roots: &[PathBuf], base: Option<&Base>) -> Self {
        let base = base.map(Base::as_path);
        let below = |root: &PathBuf| {
            let root = root.canonicalize().ok()?;
            let below = root.strip_prefix(base?).ok()?;
            Some(below.as_os_str().as_encoded_bytes().to_vec())
        };
        let mut known: Vec<(Vec<u8>, Arc<RepositoryName>)> = Vec::new();
        for root in roots {
            let name = name_of(root);
            let shared = known.iter().find(|(_, known)| **known == name).map(|(_, known)| Arc::clone(known));
            known.push((below(root).unwrap_or_default(), shared.unwrap_or_else(|| Arc::new(name))));
        }
        // The longest first, so that the innermost root is found.
        known.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        Self(known)
    }

    /// Each once.
    pub(super) fn names(&self) -> Vec<Arc<RepositoryName>> {
        let mut names: Vec<_> = self.0.iter().map(|(_, name)| Arc::clone(name)).collect();
        names.sort();
        names.dedup();
        names
    }

    /// The one that something is in.
    pub(super) fn name_of(&self, origin: &Origin) -> Option<Arc<RepositoryName>> {
        if *origin.root() == Origin::Stdin {
            return None;
        }
        let path = origin.root().path();
        let holds = |root: &[u8]| {
            path.strip_prefix(root)
                .is_some_and(|rest| root.is_empty() || rest.is_empty() || rest.starts_with(b"/"))
        };
        self.0.iter().find(|(root, _)| holds(root)).or(self.0.last()).map(|(_, name)| Arc::clone(name))
    }
}

/// The repository that `root` is or lies in, else the folder or file itself.
fn name_of(root: &Path) -> RepositoryName {
    #[cfg(feature = "git")]
    if let Ok(repository) = akid::source::git::Repository::open(root) {
        return repository.display_name();
    }
    let absolute = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let folder = absolute.file_name().unwrap_or_default().as_encoded_bytes();
    RepositoryName::new(root.as_os_str().as_encoded_bytes(), folder, None)
}
