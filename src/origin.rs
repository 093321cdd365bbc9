//! Where bytes came from.

/// Where a blob came from, in the terms that a report shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Origin {
    /// A file, by its path below the scan's [base](crate::source::Base).
    File(RelativePath),
    /// Standard input.
    Stdin,
}

/// A path below some folder: bytes as the system has them, parts separated by `/` on every system.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelativePath(Vec<u8>);

impl Origin {
    /// The path that identifies a finding together with its rule and credential. Standard input has a name that no
    /// file has.
    pub fn path(&self) -> &[u8] {
        match self {
            Self::File(path) => path.as_bytes(),
            Self::Stdin => b"<stdin>",
        }
    }
}

impl RelativePath {
    /// Takes bytes that are already separated by `/`.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The path of `path` below `base`; `None` if it is not below it or is `base` itself.
    ///
    /// Where the system's paths are not bytes, a path that is not Unicode loses what is not.
    pub fn below(base: &std::path::Path, path: &std::path::Path) -> Option<Self> {
        let mut bytes = Vec::new();
        for part in path.strip_prefix(base).ok()?.components() {
            if !bytes.is_empty() {
                bytes.push(b'/');
            }
            bytes.extend_from_slice(part.as_os_str().as_encoded_bytes());
        }
        (!bytes.is_empty()).then_some(Self(bytes))
    }

    /// The path's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::RelativePath;

    #[test]
    fn a_path_is_told_from_its_base() {
        let below = |path: &str| RelativePath::below(Path::new("/top"), Path::new(path));
        assert_eq!(below("/top/a/b"), Some(RelativePath::from_bytes("a/b")));
        assert_eq!(below("/top"), None);
        assert_eq!(below("/elsewhere"), None);
    }
}
