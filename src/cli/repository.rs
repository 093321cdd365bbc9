//! The repository that a command is about, as git and the environment have it.

use std::path::PathBuf;

use akid::origin::ObjectId;
use akid::source::git::{Environment, RangeError, Repository, RepositoryError};

use super::environment::variable;

/// The repository that git would take, as a hook is told.
pub(super) fn of_environment() -> Result<Repository, RepositoryError> {
    Repository::of_environment(&Environment {
        git_dir: variable("GIT_DIR"),
        object_directory: variable("GIT_OBJECT_DIRECTORY"),
        alternate_object_directories: variable("GIT_ALTERNATE_OBJECT_DIRECTORIES"),
        shallow_file: variable("GIT_SHALLOW_FILE"),
    })
}

/// The top of the worktree. Where the environment names a repository and no worktree, git takes the current folder.
pub(super) fn top(repository: &Repository) -> PathBuf {
    if variable("GIT_DIR").is_none() {
        return repository.top().to_path_buf();
    }
    let folder = variable("GIT_WORK_TREE").map_or_else(|| PathBuf::from("."), PathBuf::from);
    folder.canonicalize().unwrap_or(folder)
}

/// Why commits of `repository` could not be selected, and the way out.
pub(super) fn range_error(error: RangeError, repository: &Repository) -> anyhow::Error {
    let help = match &error {
        RangeError::Unknown(name) if has_id_of_other_hash(name, repository) => {
            "it has an ID of another hash than this repository uses: where both are kept, `git rev-parse \
             --output-object-format=$(git rev-parse --show-object-format) ID` converts it"
        }
        RangeError::Unknown(_) if repository.is_shallow() => {
            "this is a shallow clone: `git fetch --unshallow`, or `fetch-depth: 0` in CI, gets the rest"
        }
        RangeError::Unknown(_) => "`git log REVISIONS` shows how git reads it; fetch missing commits",
        RangeError::NoRef(_) => "`git for-each-ref` lists the refs",
        RangeError::Unsupported(_) => "name a commit by its ID, a ref, or steps from one, such as `main~2`",
        RangeError::Refs(reason) if reason.contains("refs are stored as") => {
            "`git refs migrate --ref-format=files` (git 2.48) converts them to a format that akid reads"
        }
        RangeError::Refs(_) => {
            "without --range, --since and --ref all objects are scanned, whatever refers to them"
        }
    };
    anyhow::anyhow!("{error}\nhelp: {help}")
}

/// Whether a revision has an object ID that is too short or too long for `repository`.
fn has_id_of_other_hash(revision: &str, repository: &Repository) -> bool {
    let words = revision.split(|char: char| !char.is_ascii_hexdigit());
    let mut ids = words.filter_map(|word| ObjectId::parse(word.as_bytes()));
    ids.any(|id| id.format() != repository.format())
}
