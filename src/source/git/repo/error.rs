//! Why a repository cannot be scanned.

use std::io;

use crate::redact::redact;

/// Why there is no repository to scan. Paths in it are safe to show.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// Nothing there can be read.
    #[error("{path}: cannot be read")]
    Unreadable {
        /// Which.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// Neither the path nor a folder that it is in is a repository.
    #[error(
        "{path}: not in a git repository\nhelp: name a repository, its worktree or its `.git`; `akid scan` is for plain folders"
    )]
    NotARepository {
        /// Which.
        path: String,
    },
    /// A `.git` file or `commondir` leads nowhere.
    #[error(
        "{path}: the folder that it names is not a git repository\nhelp: `git worktree repair` fixes worktrees that were moved"
    )]
    LeadsNowhere {
        /// Which.
        path: String,
    },
    /// The path is where a submodule belongs that is not checked out.
    #[error(
        "{path}: a submodule that is not initialised: its history is not here\n\
         help: `git submodule update --init` fetches it; `akid history` without a path scans the repository around it"
    )]
    Submodule {
        /// Which.
        path: String,
    },
    /// Objects are named by a hash that is not known.
    #[error(
        "{path}: its objects are named by the hash `{format}` (`extensions.objectFormat`), which akid does not know\n\
         help: `akid scan` reads the files of its worktree; a newer akid may know the hash"
    )]
    ObjectFormat {
        /// Which.
        path: String,
        /// Which hash.
        format: String,
    },
}

impl RepositoryError {
    /// What is wrong, without the path that it is wrong with, as it may be shown.
    pub(in crate::source::git) fn reason(&self) -> String {
        match self {
            Self::Unreadable { source, .. } => {
                format!("it cannot be read: {}", redact(source.to_string().as_bytes()))
            }
            Self::NotARepository { .. } => "not a git repository".to_owned(),
            Self::LeadsNowhere { .. } => "its target is not a git repository".to_owned(),
            Self::Submodule { .. } => "a submodule that is not initialised".to_owned(),
            Self::ObjectFormat { format, .. } => {
                format!("its object format `{format}` is not supported")
            }
        }
    }
}
