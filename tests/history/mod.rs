//! History: each object is read once, whatever it is stored in, and what is found is what the slow way finds.

#![expect(clippy::unwrap_used, reason = "a test")]

mod archives;
#[cfg(feature = "cli")]
mod attribution;
#[cfg(all(feature = "cli", unix))]
mod beside;
mod bombs;
#[cfg(unix)]
mod cache;
mod changing;
mod command;
mod damage;
mod folders;
#[cfg(all(feature = "cli", unix))]
mod formats;
#[cfg(all(feature = "cli", unix))]
mod gaps;
mod law;
mod missing;
mod names;
mod packs;
mod range;
pub(crate) mod repo;
mod revisions;
#[cfg(all(feature = "cli", unix))]
mod several;
#[cfg(all(feature = "cli", unix))]
mod staged;
#[cfg(unix)]
mod swapped;
#[cfg(unix)]
mod tracked;
#[cfg(all(feature = "cli", unix))]
mod unreachable;
mod versions;

use std::sync::LazyLock;

use akid::detect::Detector;
use akid::rule::RuleSet;
use akid::scan::{Policy, Scan, Scanner};
use akid::source::Source;
use akid::source::git::{History, Repository};
use akid::stop::Stop;

static RULES: LazyLock<RuleSet> = LazyLock::new(RuleSet::built_in);

/// All objects of a repository as they are, on two threads.
fn everything(repository: Repository) -> History {
    History::new(repository, 2, None)
}

/// The objects of a repository that hold anchors.
pub(crate) fn anchored(repository: Repository, threads: usize) -> History {
    History::new(repository, threads, Some(Detector::new(&RULES).anchors()))
}

fn scan(source: &dyn Source) -> Scan {
    let policy = Policy::default();
    Scanner::new(Detector::new(&RULES), policy, 1, Stop::default()).scan(&[source])
}

#[test]
fn how_many_objects_will_come_is_known_before_they_are_read() {
    let folder = repo::Folder::new();
    let repo = folder.repo("repo");
    for nth in 0..30 {
        repo.commit("changing", format!("{}\n", "a line\n".repeat(nth)));
    }
    repo.git(&["repack", "-adfq"]);
    let policy = Policy::default();
    let scanner = Scanner::new(Detector::new(&RULES), policy, 1, Stop::default());
    let scan = scanner.scan(&[&anchored(repo.open(), 1)]);
    // 30 blobs, 30 commits.
    assert_eq!((scan.inputs, scanner.progress().expected()), (60, 60));
}
