//! What a finding is in: a repository, or a folder that was scanned.

use std::collections::BTreeMap;

use crate::redact::redact;
use crate::text::normal_url;

/// A repository, or a folder or file that was scanned, as reports may name it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RepositoryName {
    /// A short name: the last part of the URL, else of the path.
    pub name: String,
    /// The URL of the remote that it is fetched from, without user, password and protocol: equal for clones by SSH and by
    /// HTTPS. `None` if it has no remote.
    pub url: Option<String>,
    /// The path as the user wrote it.
    pub path: String,
    /// What the user says of it, such as its owner.
    pub labels: BTreeMap<String, String>,
}

impl RepositoryName {
    /// Names what was scanned at `path`, whose folder is called `folder`, and which is fetched from `url`.
    pub fn new(path: &[u8], folder: &[u8], url: Option<&str>) -> Self {
        let url = url.map(normal_url).map(|url| redact(url.as_bytes()));
        let last = |text: &str| text.rsplit(['/', ':']).find(|part| !part.is_empty()).map(str::to_owned);
        let path = if path.is_empty() { ".".to_owned() } else { redact(path) };
        let name = url.as_deref().and_then(last).unwrap_or_else(|| match redact(folder) {
            folder if folder.is_empty() => path.clone(),
            folder => folder,
        });
        Self { name, url, path, labels: BTreeMap::new() }
    }

    /// By what a repository is known again: its URL, else the path that was scanned, else, where that is the current
    /// folder, the folder's name. Two findings are one if both this and their [fingerprints](super::Fingerprint) are
    /// equal.
    pub fn identity(&self) -> &str {
        self.url.as_deref().unwrap_or_else(|| self.label())
    }

    /// What stands before paths where there are several: the path, or the name of the current folder.
    pub fn label(&self) -> &str {
        if self.path == "." { &self.name } else { &self.path }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_known_by_its_url_else_by_its_path() {
        let cloned = RepositoryName::new(b"../work/x", b"x", Some("git@Example.com:team/shop.git"));
        assert_eq!((cloned.name.as_str(), cloned.identity()), ("shop", "https://example.com/team/shop"));
        let local = RepositoryName::new(b"", b"shop-copy", None);
        assert_eq!((local.name.as_str(), local.identity()), ("shop-copy", "shop-copy"));
        assert_eq!(RepositoryName::new(b"work/shop", b"shop", None).identity(), "work/shop");
    }
}
