//! Few bytes that stand for many are cut, counted and reported, in the same place at any number of threads; the rest is
//! scanned, and so is all that git itself makes.

use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use akid::aws::fake;
use akid::detect::Detector;
use akid::origin::ObjectId;
use akid::source::git::History;
use akid::source::{Content, Event, Fault, Sink, SkipReason, Skipped, Source};

use super::packs::{BLOB, COMMIT, Made, TREE, copy_all, copy_all_but};
use super::repo::{Folder, Repo};
use super::{RULES, everything};

/// Counts what it is given.
#[derive(Default)]
struct Count {
    objects: AtomicU64,
    handed_over: Mutex<Vec<Vec<u8>>>,
    skipped: Mutex<Vec<Skipped>>,
    /// A file that is truncated as soon as something is handed over.
    truncates: Option<std::path::PathBuf>,
}

impl Count {
    fn of(repo: &Repo, threads: usize) -> Self {
        let anchors = Detector::new(&RULES).anchors();
        let count = Self::default();
        History::new(repo.open(), threads, Some(anchors)).run(&count);
        count
    }

    /// Each fault, and how many objects are lost by it.
    fn faults(&self) -> Vec<(Fault, u64)> {
        let damage = |skipped: &Skipped| match skipped.reason {
            SkipReason::Damaged(damage) => (damage.fault, damage.lost),
            _ => panic!("{skipped:?}"),
        };
        self.skipped.lock().unwrap().iter().map(damage).collect()
    }

    fn truncate(&self) {
        if let Some(path) = &self.truncates {
            fs::File::options().write(true).open(path).unwrap().set_len(100).unwrap();
        }
    }
}

impl Sink for Count {
    fn take(&self, event: Event<'_, '_>) -> bool {
        match event {
            Event::Input(_, content) | Event::Member(_, content, _) => {
                self.truncate();
                self.objects.fetch_add(1, Ordering::Relaxed);
                if let Content::Whole(bytes) | Content::Anchored(bytes, _) = content {
                    self.handed_over.lock().unwrap().push(bytes[..bytes.len().min(100)].to_vec());
                }
            }
            Event::Name(..) => self.truncate(),
            Event::Pass(_) => _ = self.objects.fetch_add(1, Ordering::Relaxed),
            Event::Skip(skipped) => self.skipped.lock().unwrap().push(skipped),
            _ => {}
        }
        false
    }

    fn is_stopped(&self) -> bool {
        false
    }
}

/// So many objects of so many bytes, each made from one base by a few bytes of changes.
fn star(made: &mut Made<'_>, kind: u8, objects: usize, len: usize) -> Vec<ObjectId> {
    let base = made.whole(kind, &vec![0; len]);
    let delta = |nth: usize| made.delta(base, &copy_all_but(len, format!("{nth:08}").as_bytes()));
    (0..objects).map(delta).collect()
}

#[test]
fn deltas_that_make_gigabytes_of_a_few_bytes_are_cut_at_the_same_object_at_any_number_of_threads() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    let mut made = Made::new(&repo);
    let objects = 3_000;
    star(&mut made, BLOB, objects, 8 << 20);
    let key = fake::pair(1);
    let text = format!("id = {}\nsecret = {}\n", key.id_text(), key.secret_text());
    made.whole(BLOB, text.as_bytes());
    made.write();

    let count = Count::of(&repo, 1);
    let seen = count.objects.load(Ordering::Relaxed);
    let [(Fault::Work, lost)] = count.faults()[..] else { panic!("{:?}", count.faults()) };
    assert_eq!(seen + lost, objects as u64 + 2);
    assert!(seen > 100 && lost > 1_000, "{seen} seen, {lost} lost");
    assert_eq!(*count.handed_over.lock().unwrap(), [text.as_bytes()], "the rest is scanned");

    let more = Count::of(&repo, 3);
    assert_eq!(more.objects.load(Ordering::Relaxed), seen);
    assert_eq!(more.faults(), [(Fault::Work, lost)]);
}

#[test]
fn folders_that_make_gigabytes_of_a_few_bytes_are_cut() {
    let folder = Folder::new();
    let repo = folder.repo_with_files("repo");
    let mut made = Made::new(&repo);
    let trees = star(&mut made, TREE, 2_000, 8 << 20);
    let entry =
        |(nth, id): (usize, &ObjectId)| [format!("40000 {nth:04}\0").as_bytes(), id.as_bytes()].concat();
    let root = made.whole(TREE, &trees.iter().enumerate().map(entry).collect::<Vec<_>>().concat());
    let commit = format!("tree {root}\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n\nx\n");
    let commit = made.whole(COMMIT, commit.as_bytes());
    made.write();
    fs::create_dir_all(repo.path(".git/refs/heads")).unwrap();
    fs::write(repo.path(".git/refs/heads/main"), format!("{commit}\n")).unwrap();

    let count = Count::of(&repo, 2);
    assert!(count.faults().iter().any(|(fault, lost)| *fault == Fault::Work && *lost > 500));
    assert_eq!(count.objects.load(Ordering::Relaxed), 1, "the commit");
}

#[test]
fn a_chain_as_long_as_git_makes_is_read_to_its_end() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    let mut made = Made::new(&repo);
    let len = 100_000;
    let mut last = made.whole(BLOB, &vec![b'x'; len]);
    for nth in 0..4_095 {
        last = made.delta(last, &copy_all_but(len, format!("{nth:08}").as_bytes()));
    }
    made.write();
    let count = Count::of(&repo, 2);
    assert_eq!(count.faults(), []);
    assert_eq!(count.objects.load(Ordering::Relaxed), 4_096);
}

#[test]
fn a_large_object_that_is_copied_many_times_costs_no_more_memory_than_is_held() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    let mut made = Made::new(&repo);
    let base = made.whole(BLOB, &vec![0; 1 << 20]);
    // 200 copies of it: more than is held of a repository of this size.
    let copies = copy_all(1 << 20, 200);
    made.delta(base, &copies);
    made.write();
    let count = Count::of(&repo, 2);
    assert_eq!(count.faults(), [(Fault::TooLarge, 1)]);
}

#[test]
fn a_pack_that_is_truncated_while_it_is_read_is_reported() {
    let folder = Folder::new();
    let repo = folder.repo_with_files("repo");
    let mut random = akid::aws::fake::Random::new(9);
    // Larger than what is kept in memory from the first look at the pack.
    for nth in 0..6 {
        repo.commit(&format!("file{nth}"), random.bytes(400_000));
    }
    repo.git(&["repack", "-q", "-adf"]);
    let path = repo.packs("pack").remove(0);
    let pack = fs::read(&path).unwrap();
    for at_first_name in [true, false] {
        fs::remove_file(&path).unwrap();
        fs::write(&path, &pack).unwrap();
        if !at_first_name {
            // Without refs there is no name, and the first object truncates.
            fs::remove_dir_all(repo.path(".git/refs/heads")).unwrap();
            drop(fs::remove_file(repo.path(".git/packed-refs")));
            drop(fs::remove_dir_all(repo.path(".git/logs")));
            fs::create_dir(repo.path(".git/refs/heads")).unwrap();
        }
        let count = Count { truncates: Some(path.clone()), ..Count::default() };
        everything(repo.open()).run(&count);
        let faults = count.faults();
        // Names of refs come before packs are opened.
        let is_reported = |(fault, lost): &(Fault, u64)| match fault {
            Fault::OtherIndex => at_first_name,
            fault => *fault == Fault::Unread && *lost > 0 && !at_first_name,
        };
        assert!(faults.iter().any(is_reported), "{faults:?}");
    }
}

#[test]
fn indexes_of_both_versions_and_with_large_offsets_are_read() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    super::versions::fill(&repo, 3, 6);
    repo.git(&["repack", "-q", "-ad"]);
    let pack = repo.packs("pack").remove(0);
    let (expected, skipped) = super::repo::Keep::all_of(&everything(repo.open()));
    assert!(skipped.is_empty() && expected.len() > 6);
    for version in ["1", "2", "2,0x40"] {
        fs::remove_file(pack.with_extension("idx")).unwrap();
        repo.git(&["index-pack", &format!("--index-version={version}"), pack.to_str().unwrap()]);
        let (seen, skipped) = super::repo::Keep::all_of(&everything(repo.open()));
        assert!(skipped.is_empty(), "version {version}: {skipped:?}");
        assert!(seen == expected, "version {version}");
    }
}
