//! What a repository holds beside its objects and refs: its configuration, messages, and contents that git keeps apart.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::git::{Repository, messages_of_tables};
use super::{Content, Event, Files, FilesOptions, Sink, SkipReason, Skipped, Source};

/// Files and folders of a repository's own folder that may hold what people wrote: URLs with credentials, messages,
/// contents. Packs, loose objects, refs and indexes are read as what they are.
const NAMES: [&str; 16] = [
    "config",
    "config.worktree",
    "description",
    "COMMIT_EDITMSG",
    "MERGE_MSG",
    "SQUASH_MSG",
    "TAG_EDITMSG",
    "FETCH_HEAD",
    "info/attributes",
    "info/exclude",
    "hooks",
    "logs",
    "rr-cache",
    "rebase-merge",
    "rebase-apply",
    "lfs/objects",
];

/// The files beside a repository's objects.
#[derive(Debug)]
pub struct OwnFiles {
    files: Files,
    /// The folders with tables of refs, in which messages of changes are compressed.
    with_tables: Vec<PathBuf>,
}

impl OwnFiles {
    /// The files of `repository`, read with `options`.
    pub fn new(repository: &Repository, options: FilesOptions) -> Self {
        let folders: BTreeSet<&Path> = [repository.git_dir(), repository.common_dir()].into();
        let with_tables = folders.into_iter().filter(|_| repository.has_reftables()).map(Path::to_path_buf);
        let options = FilesOptions { no_ignore: true, ..options };
        Self { files: Files::new(&own_files(repository), options), with_tables: with_tables.collect() }
    }
}

impl Source for OwnFiles {
    fn run(&self, sink: &dyn Sink) {
        self.files.run(sink);
        for folder in &self.with_tables {
            let origin = || self.files.origin(&folder.join("reftable"));
            match messages_of_tables(folder) {
                Ok(messages) if messages.is_empty() => {}
                Ok(messages) => _ = sink.take(Event::Input(&origin, Content::Whole(&messages))),
                Err(error) => {
                    sink.take(Event::Skip(Skipped { origin: origin(), reason: SkipReason::Io(error) }));
                }
            }
        }
    }

    fn is_beside(&self) -> bool {
        true
    }
}

/// Returns the files and folders of the repository's own folder that hold text or content beside objects: those that
/// are there, without links on the way to them.
fn own_files(repository: &Repository) -> Vec<PathBuf> {
    let folders: BTreeSet<&Path> = [repository.git_dir(), repository.common_dir()].into();
    let paths = folders.iter().flat_map(|folder| NAMES.map(|name| (*folder, Path::new(name))));
    paths.filter(|(folder, name)| is_there(folder, name)).map(|(folder, name)| folder.join(name)).collect()
}

/// Whether `name` is a file or folder below `folder`, reached by no link.
fn is_there(folder: &Path, name: &Path) -> bool {
    let mut path = folder.to_path_buf();
    name.components().all(|part| {
        path.push(part);
        path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir() || metadata.is_file())
    })
}
