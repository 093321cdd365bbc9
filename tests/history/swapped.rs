//! Files and folders of a repository that are swapped for links, pipes, devices or endless files: before it is opened, and
//! while it is read. Nothing outside is read, nothing waits, and what is lost by it is reported.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use akid::source::git::History;
use akid::source::{Event, Files, FilesOptions, Sink, Source};

use super::everything;
use super::repo::{Folder, Keep, Repo};

/// What stands in every file of the repository outside.
const OUTSIDE: &[u8] = b"outside";

fn repos(folder: &Folder) -> (Repo, Repo) {
    let repo = folder.repo_with_files("repo");
    (0..5).for_each(|number| repo.commit(&format!("file{number}"), format!("inside {number}\n")));
    let other = folder.repo_with_files("other");
    (0..5).for_each(|number| other.commit(&format!("file{number}"), format!("outside {number}\n")));
    for repo in [&repo, &other] {
        repo.git(&["branch", "packed"]);
        repo.git(&["pack-refs", "--all"]);
        repo.git(&["branch", "loose"]);
    }
    fs::write(other.path(".git/commondir"), other.path(".git").as_os_str().as_encoded_bytes()).unwrap();
    (repo, other)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A link to what is called so in the other repository.
    Outside,
    /// A link to a device without an end.
    Device,
    Pipe,
    /// More than any such file has, without taking room.
    Endless,
    Folder,
}

const KINDS: [Kind; 5] = [Kind::Outside, Kind::Device, Kind::Pipe, Kind::Endless, Kind::Folder];

/// Puts something else in the place of `path`, if the other repository has that, too.
fn swap(path: &Path, outside: &Path, kind: Kind) {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path).unwrap(),
        Ok(_) => fs::remove_file(path).unwrap(),
        Err(_) => {}
    }
    match kind {
        Kind::Outside => symlink(outside, path).unwrap(),
        Kind::Device => symlink("/dev/zero", path).unwrap(),
        Kind::Pipe => assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
        Kind::Endless => fs::File::create(path).unwrap().set_len(100 << 20).unwrap(),
        Kind::Folder => fs::create_dir(path).unwrap(),
    }
}

/// Whether something from outside is in what is read, and whether something is reported.
fn read(source: &dyn Source) -> (bool, bool) {
    let keep = Keep::default();
    source.run(&keep);
    let inputs = keep.inputs.into_inner().unwrap();
    let is_outside = inputs.iter().any(|(_, bytes)| bytes.starts_with(OUTSIDE));
    let is_told =
        !keep.skipped.into_inner().unwrap().is_empty() || !keep.gaps.into_inner().unwrap().is_empty();
    (is_outside, is_told)
}

#[test]
fn what_takes_the_place_of_a_file_of_a_repository_is_not_read_and_is_reported() {
    for name in ["config", "commondir", "HEAD", "packed-refs", "refs", "shallow", "objects/pack"] {
        for kind in KINDS {
            // A folder is what these are.
            if kind == Kind::Folder && matches!(name, "refs" | "objects/pack") {
                continue;
            }
            let folder = Folder::new();
            let (repo, other) = repos(&folder);
            let path = Path::new(".git").join(name);
            swap(&repo.top.join(&path), &other.top.join(&path), kind);
            match akid::source::git::Repository::open(&repo.top) {
                Ok(repository) => {
                    assert_eq!(read(&everything(repository)), (false, true), "{name} {kind:?}");
                }
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
}

#[test]
fn a_scan_of_files_reports_a_repository_that_is_not_known_to_be_read_whole() {
    for name in ["config", "commondir", "index"] {
        for kind in KINDS {
            let folder = Folder::new();
            let (repo, other) = repos(&folder);
            let path = Path::new(".git").join(name);
            swap(&repo.top.join(&path), &other.top.join(&path), kind);
            let files = Files::new(std::slice::from_ref(&repo.top), FilesOptions::default());
            assert_eq!(read(&files), (false, true), "{name} {kind:?}");
        }
    }
}

/// Does something once it gets the first object.
struct AtFirst<F> {
    swap: F,
    is_done: AtomicBool,
    keep: Keep,
}

impl<F: Fn() + Sync> Sink for AtFirst<F> {
    fn take(&self, event: Event<'_, '_>) -> bool {
        if matches!(event, Event::Input(..)) && !self.is_done.swap(true, Ordering::SeqCst) {
            (self.swap)();
        }
        self.keep.take(event)
    }

    fn is_stopped(&self) -> bool {
        false
    }
}

#[test]
fn what_is_swapped_for_a_link_while_a_repository_is_read_leads_nowhere_else() {
    for name in [".git", ".git/objects", ".git/refs", ".git/packed-refs", ".git/HEAD"] {
        for kind in [Kind::Outside, Kind::Device, Kind::Pipe] {
            let folder = Folder::new();
            let (repo, other) = repos(&folder);
            let (path, outside): (PathBuf, PathBuf) = (repo.top.join(name), other.top.join(name));
            let sink = AtFirst {
                swap: || swap(&path, &outside, kind),
                is_done: AtomicBool::default(),
                keep: Keep::default(),
            };
            History::new(repo.open(), 1, None).run(&sink);
            let (inputs, skipped) =
                (sink.keep.inputs.into_inner().unwrap(), sink.keep.skipped.into_inner().unwrap());
            let is_told = !skipped.is_empty() || !sink.keep.gaps.into_inner().unwrap().is_empty();
            // Refs are read first; then nothing is lost.
            assert!(is_told || inputs.len() == 10, "{name} {kind:?}: {}", inputs.len());
            assert!(!inputs.iter().any(|(_, bytes)| bytes.starts_with(OUTSIDE)), "{name} {kind:?}");
        }
    }
}
