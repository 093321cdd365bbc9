//! Repositories that somebody repacks or adds to while they are read.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use akid::origin::{Object, Origin};
use akid::source::git::History;
use akid::source::{Event, Gap, Sink, Source};

use super::repo::{Folder, Repo};

/// Does something to a repository at each object that it gets, and keeps the objects.
struct Meddler<F> {
    meddle: F,
    calls: AtomicUsize,
    objects: Mutex<Vec<Object>>,
    skipped: AtomicUsize,
    gaps: Mutex<BTreeSet<Gap>>,
}

impl<F: Fn(usize) + Sync> Meddler<F> {
    /// Reads `repo` while `meddle` is called with the number of each call.
    fn read(repo: &Repo, meddle: F) -> Self {
        let meddler = Self {
            meddle,
            calls: AtomicUsize::new(0),
            objects: Mutex::default(),
            skipped: AtomicUsize::new(0),
            gaps: Mutex::default(),
        };
        History::new(repo.open(), 1, None).run(&meddler);
        meddler
    }

    /// The objects, each of which came once.
    fn objects(&self) -> BTreeSet<String> {
        let objects = self.objects.lock().unwrap();
        let distinct: BTreeSet<String> = objects.iter().map(|object| object.id.to_string()).collect();
        assert_eq!(distinct.len(), objects.len());
        distinct
    }

    fn gaps(&self) -> BTreeSet<Gap> {
        self.gaps.lock().unwrap().clone()
    }
}

impl<F: Fn(usize) + Sync> Sink for Meddler<F> {
    fn take(&self, event: Event<'_, '_>) -> bool {
        match event {
            Event::Input(origin, _) | Event::Member(origin, ..) => {
                if let Origin::Object(object) = origin() {
                    self.objects.lock().unwrap().push(object);
                }
                (self.meddle)(self.calls.fetch_add(1, Ordering::SeqCst));
            }
            Event::Skip(_) => _ = self.skipped.fetch_add(1, Ordering::SeqCst),
            Event::Gap(gap) => _ = self.gaps.lock().unwrap().insert(gap),
            _ => {}
        }
        false
    }

    fn is_stopped(&self) -> bool {
        false
    }
}

fn repo(folder: &Folder) -> Repo {
    let repo = folder.repo("repo");
    for number in 0..20 {
        repo.commit(&format!("file{number}"), format!("content {number}\n"));
    }
    repo
}

/// What git has, but for trees.
fn by_git(repo: &Repo) -> BTreeSet<String> {
    let format = "--batch-check=%(objecttype) %(objectname)";
    let listed = String::from_utf8(repo.git(&["cat-file", "--batch-all-objects", format])).unwrap();
    let objects = listed.lines().filter(|line| !line.starts_with("tree "));
    objects.map(|line| line.split_once(' ').unwrap().1.to_owned()).collect()
}

#[test]
fn what_goes_from_files_into_a_pack_meanwhile_is_read() {
    let folder = Folder::new();
    let repo = repo(&folder);
    let read = Meddler::read(&repo, |call| {
        if call == 0 {
            repo.git(&["repack", "-q", "-ad"]);
            repo.git(&["prune-packed", "-q"]);
        }
    });
    assert_eq!((read.objects(), read.gaps(), read.skipped.into_inner()), (by_git(&repo), BTreeSet::new(), 0));
}

#[test]
fn what_goes_from_packs_into_another_one_or_into_files_is_read() {
    for meddle in [&["repack", "-q", "-ad"][..], &["repack", "-q", "-Ad", "--unpack-unreachable=now"]] {
        let folder = Folder::new();
        let repo = repo(&folder);
        repo.git(&["repack", "-q", "-d"]);
        repo.commit("more", "more\n");
        repo.git(&["repack", "-q", "-d"]);
        let read = Meddler::read(&repo, |call| {
            if call == 3 {
                repo.git(meddle);
            }
        });
        let found = (read.objects(), read.gaps(), read.skipped.into_inner());
        assert_eq!(found, (by_git(&repo), BTreeSet::new(), 0));
    }
}

#[test]
fn what_is_committed_meanwhile_is_read() {
    let folder = Folder::new();
    let repo = repo(&folder);
    let read = Meddler::read(&repo, |call| {
        if call == 5 {
            repo.commit("new", "new\n");
            repo.git(&["repack", "-q", "-ad"]);
            repo.commit("newer", "newer\n");
        }
    });
    assert_eq!((read.objects(), read.gaps(), read.skipped.into_inner()), (by_git(&repo), BTreeSet::new(), 0));
}

#[test]
fn a_repository_that_never_rests_is_a_gap() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a", "a\n");
    let read = Meddler::read(&repo, |call| repo.commit("busy", format!("{call}\n")));
    assert_eq!(read.gaps(), [Gap::Changing].into());
    // Two objects at first, then those that each of these and their followers brought.
    assert_eq!(read.objects().len(), 2 + 4 + 8 + 16);
}
