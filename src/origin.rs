//! Where bytes came from.
//!
//! Paths and names are shared: a clone of an origin costs no copy of them, however many findings it has.

mod id;

use std::fmt;
use std::sync::Arc;

pub use id::{ObjectFormat, ObjectId};

/// Where a blob came from, in the terms that a report shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Origin {
    /// A file, by its path below the scan's [base](crate::source::Base).
    File(RelativePath),
    /// Standard input.
    Stdin,
    /// An object of a git repository.
    Object(Object),
    /// The versions of a file in a git repository's history, by its path from the repository's top.
    Version(RelativePath),
    /// The name of a file or folder, the last part of its path, which is told as a [file's](Self::File) is.
    FileName(RelativePath),
    /// The same in a git repository's history, by its path from the repository's top.
    VersionName(RelativePath),
    /// The name of a ref of a git repository.
    RefName(RefName),
    /// A member of an archive, or something else that another origin holds in packed form.
    Member(Member),
    /// The name of one, or of a folder in an archive.
    MemberName(Member),
}

/// Something inside of an archive, by the way that leads to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Member {
    /// What stands for a path: that of the outermost archive, and each name after a `!/`.
    path: Arc<[u8]>,
    root: Arc<Origin>,
    /// Where in the path each name is.
    names: Arc<[NameRange]>,
}

/// Start and end of a name.
type NameRange = (usize, usize);

/// What stands between two names.
const SEPARATOR: &[u8] = b"!/";

/// The full name of a ref, such as `refs/heads/main`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RefName {
    /// What stands for a path: the name with something around it.
    path: Arc<[u8]>,
}

/// An object of a git repository that holds text of people: trees are made of names and IDs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Object {
    /// What it is.
    pub kind: ObjectKind,
    /// Its ID.
    pub id: ObjectId,
    /// What stands for a path.
    name: Arc<str>,
}

/// What an object of a git repository is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ObjectKind {
    /// The content of a file.
    Blob,
    /// A commit: who, when, and the message.
    Commit,
    /// An annotated tag: the same of a tag.
    Tag,
}

impl Object {
    /// Names an object.
    pub fn new(kind: ObjectKind, id: ObjectId) -> Self {
        Self { kind, id, name: format!("<{kind} {id}>").into() }
    }
}

impl RefName {
    /// Takes a full name.
    pub fn new(name: &[u8]) -> Self {
        Self { path: [b"<ref ", name, b">"].concat().into() }
    }

    /// The full name.
    pub fn as_bytes(&self) -> &[u8] {
        self.path.strip_prefix(b"<ref ").and_then(|name| name.strip_suffix(b">")).unwrap_or_default()
    }
}

impl Member {
    /// The last name of what is not itself in an archive: the text of a document, without what splits it up there.
    pub const TEXT: &[u8] = b"<text>";

    /// Makes the member of `root` that these names lead to: of an archive in it, of an archive in that, and so on. What is
    /// in a member is in the outermost archive, too.
    pub fn new(root: Origin, names: impl IntoIterator<Item: AsRef<[u8]>>) -> Self {
        let mut path = root.path().to_vec();
        let (root, mut ranges) = match root {
            Origin::Member(outer) => ((*outer.root).clone(), outer.names.to_vec()),
            root => (root, Vec::new()),
        };
        for name in names {
            path.extend_from_slice(SEPARATOR);
            let start = path.len();
            path.extend_from_slice(name.as_ref());
            ranges.push((start, path.len()));
        }
        Self { path: path.into(), root: Arc::new(root), names: ranges.into() }
    }

    /// The outermost archive's origin: a file, say.
    pub fn root(&self) -> &Origin {
        &self.root
    }

    /// The names that lead from there to the member; never empty.
    pub fn names(&self) -> impl DoubleEndedIterator<Item = &[u8]> + ExactSizeIterator {
        self.names.iter().map(|&range| self.at(range))
    }

    /// Returns what the first `depth` names lead to: the outermost archive itself for 0.
    pub fn ancestor(&self, depth: usize) -> Origin {
        match self.names.get(..depth) {
            Some([]) => self.root().clone(),
            Some(names) => {
                Origin::Member(Self::new(self.root().clone(), names.iter().map(|&it| self.at(it))))
            }
            None => Origin::Member(self.clone()),
        }
    }

    fn at(&self, (start, end): NameRange) -> &[u8] {
        &self.path[start..end]
    }

    /// The way that leads from the outermost archive to the member: its names with a `!/` between two.
    pub fn inside(&self) -> &[u8] {
        let start = self.names.first().map_or(0, |&(start, _)| start);
        &self.path[start..]
    }
}

impl ObjectKind {
    /// Git's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blob => "blob",
            Self::Commit => "commit",
            Self::Tag => "tag",
        }
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A path below some folder: bytes as the system has them, parts separated by `/` on every system.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelativePath(Arc<[u8]>);

impl Origin {
    /// The path that identifies a finding together with its rule and credential. Standard input has a name that no
    /// file has, and so does what git has without a path: the kind of it and its ID or name.
    pub fn path(&self) -> &[u8] {
        match self {
            Self::File(path) | Self::Version(path) | Self::FileName(path) | Self::VersionName(path) => {
                path.as_bytes()
            }
            Self::Stdin => b"<stdin>",
            Self::Object(object) => object.name.as_bytes(),
            Self::RefName(name) => &name.path,
            Self::Member(member) | Self::MemberName(member) => &member.path,
        }
    }

    /// The origin that is not inside of another one: this one, or the outermost archive's.
    pub fn root(&self) -> &Self {
        match self {
            Self::Member(member) | Self::MemberName(member) => member.root(),
            _ => self,
        }
    }

    /// The member that this is, if it is one or its name.
    pub fn member(&self) -> Option<&Member> {
        match self {
            Self::Member(member) | Self::MemberName(member) => Some(member),
            _ => None,
        }
    }

    /// The same, with another root.
    pub fn with_root(&self, root: Self) -> Self {
        match self {
            Self::Member(member) => Self::Member(Member::new(root, member.names())),
            Self::MemberName(member) => Self::MemberName(Member::new(root, member.names())),
            _ => root,
        }
    }

    /// The path of a file or folder, if it is the origin of one; of the outermost archive for what is inside of one.
    pub fn file_path(&self) -> Option<&RelativePath> {
        match self {
            Self::File(path) | Self::Version(path) | Self::FileName(path) | Self::VersionName(path) => {
                Some(path)
            }
            Self::Stdin | Self::Object(_) | Self::RefName(_) => None,
            Self::Member(member) | Self::MemberName(member) => member.root.file_path(),
        }
    }

    /// Whether it is a name, which has no lines.
    pub fn is_name(&self) -> bool {
        matches!(self, Self::FileName(_) | Self::VersionName(_) | Self::RefName(_) | Self::MemberName(_))
    }
}

impl RelativePath {
    /// Takes bytes that are already separated by `/`.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into().into())
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
        (!bytes.is_empty()).then(|| Self(bytes.into()))
    }

    /// The path's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The last part: the name of the file or folder.
    pub fn name(&self) -> &[u8] {
        self.0.rsplit(|&byte| byte == b'/').next().unwrap_or_default()
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
