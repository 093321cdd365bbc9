//! The clean-object cache: a scan with it reports what a scan without it reports.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use akid::aws::fake;
use akid::clean::{CleanCache, Key, contents};
use akid::detect::Detector;
use akid::origin::ObjectId;
use akid::rule::{RuleId, RuleSet};
use akid::scan::{Policy, Scan, Scanner};
use akid::source::git::{Changes, History, Selection};
use akid::stop::Stop;

use super::repo::{Folder, Repo};
use super::versions;

fn cache(folder: &Path, rules: &RuleSet) -> Arc<CleanCache> {
    let key = Key::new("0.0.0", &[format!("{rules:?}").as_bytes()]);
    Arc::new(CleanCache::open(&folder.join("cache"), key).unwrap())
}

fn scan_by(repo: &Repo, rules: &RuleSet, threads: usize, cache: Option<Arc<CleanCache>>) -> Scan {
    let anchors = Detector::new(rules).anchors();
    let policy = Policy::default();
    let history = History::new(repo.open(), threads, Some(anchors)).with_cache(cache);
    Scanner::new(Detector::new(rules), policy, 1, Stop::default()).scan(&[&history])
}

/// All that a report is made of.
fn told(scan: &Scan) -> String {
    let Scan { findings, skipped, gaps, notices, inputs, members, bytes, .. } = scan;
    format!("{findings:#?}\n{skipped:?}\n{gaps:?}\n{notices:?}\n{inputs} {members} {bytes}")
}

/// Scans without the cache and with it, and returns how many findings there are.
fn compare(repo: &Repo, folder: &Path, rules: &RuleSet, what: &str) -> usize {
    let without = scan_by(repo, rules, 2, None);
    for threads in [1, 8, 1] {
        let cache = cache(folder, rules);
        let with = scan_by(repo, rules, threads, Some(Arc::clone(&cache)));
        assert!(told(&with) == told(&without), "{what}, {threads} threads");
        assert_eq!(cache.problems(), Vec::<String>::new(), "{what}");
    }
    without.findings.len()
}

fn remembered(folder: &Path) -> u64 {
    contents(&folder.join("cache")).unwrap().iter().map(|key| key.objects).sum()
}

#[test]
fn the_report_is_the_same_with_and_without() {
    let (folder, rules) = (Folder::new(), RuleSet::built_in());
    let mut findings = 0;
    for seed in 0..3_u8 {
        let repo = folder.repo(&format!("repo{seed}"));
        versions::fill(&repo, seed.into(), 16);
        findings += compare(&repo, &folder.top, &rules, "as imported");
        let key = fake::pair(900 + u64::from(seed));
        repo.commit("new", format!("id = {}\nsecret = {}\n", key.id_text(), key.secret_text()));
        repo.commit("clean", "nothing\n");
        findings += compare(&repo, &folder.top, &rules, "with new commits");
        repo.git(&["repack", "-q", "-adF", "--depth=20", "--window=20"]);
        findings += compare(&repo, &folder.top, &rules, "repacked");
        repo.git(&["commit", "-q", "--allow-empty", "-m", "on top"]);
        let fork = Repo { top: folder.top.join(format!("fork{seed}")) };
        repo.git(&["clone", "-q", "--bare", ".", fork.top.to_str().unwrap()]);
        findings += compare(&fork, &folder.top, &rules, "a fork");
    }
    assert!(findings > 200, "{findings}");
    assert!(remembered(&folder.top) > 100);
}

#[test]
fn objects_named_by_sha_256_are_remembered_beside_others() {
    let (folder, rules) = (Folder::new(), RuleSet::built_in());
    let (mut findings, mut known) = (0, 0);
    for format in ["sha256", "sha1"] {
        let repo = folder.repo_of(format, format, "files");
        versions::fill(&repo, 7, 16);
        findings += compare(&repo, &folder.top, &rules, format);
        repo.git(&["repack", "-q", "-adF", "--depth=20", "--window=20"]);
        let key = fake::pair(950);
        repo.commit("new", format!("id = {}\nsecret = {}\n", key.id_text(), key.secret_text()));
        findings += compare(&repo, &folder.top, &rules, "repacked, with a new commit");
        assert!(remembered(&folder.top) > known + 30, "{format}");
        known = remembered(&folder.top);
    }
    assert!(findings > 100, "{findings}");
}

#[test]
fn what_other_rules_find_is_found_although_the_cache_knew_it_clean() {
    let (folder, all) = (Folder::new(), RuleSet::built_in());
    let repo = folder.repo("repo");
    repo.commit("file", format!("id = {}\n", fake::pair(1).id_text()));
    let few = all.only(&RuleId::parse("aws-session-token").unwrap());
    assert_eq!(compare(&repo, &folder.top, &few, "few rules"), 0);
    let known = cache(&folder.top, &few);
    assert!(known.lookup(repo.id("HEAD").format()).find(repo.id("HEAD:file")).is_some());
    assert_eq!(compare(&repo, &folder.top, &all, "all rules"), 1);
    assert_eq!(compare(&repo, &folder.top, &few, "few rules again"), 0);
}

#[test]
fn an_object_in_which_something_was_found_is_never_remembered() {
    let (folder, rules) = (Folder::new(), RuleSet::built_in());
    let repo = folder.repo("repo");
    let key = fake::pair(5);
    // Found, suppressed, in an archive, in UTF-16, in a name, and too large.
    repo.commit("found", format!("id = {}\n", key.id_text()));
    repo.commit("allowed", format!("id = {} # akid:allow\n", key.id_text()));
    repo.commit("archive.gz", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0]);
    repo.commit("wide", [0xff, 0xfe, b'a', 0, b'b', 0]);
    repo.commit("large", vec![b'.'; 5 << 20]);
    repo.commit(key.id_text(), "nothing\n");
    for pack in [false, true] {
        if pack {
            repo.git(&["repack", "-q", "-adF"]);
        }
        compare(&repo, &folder.top, &rules, "never remembered");
        let cache = cache(&folder.top, &rules);
        let mut lookup = cache.lookup(repo.id("HEAD").format());
        for revision in
            ["HEAD:found", "HEAD:allowed", "HEAD:archive.gz", "HEAD:wide", "HEAD:large", "HEAD^{tree}"]
        {
            assert_eq!(lookup.find(repo.id(revision)), None, "{revision}");
        }
        for revision in [&*format!("HEAD:{}", key.id_text()), "HEAD~1", "HEAD~1^{tree}"] {
            assert!(lookup.find(repo.id(revision)).is_some(), "{revision}");
        }
    }
}

#[test]
fn an_unchanged_repository_is_read_no_more_and_a_new_commit_alone() {
    let (folder, rules) = (Folder::new(), RuleSet::built_in());
    let repo = folder.repo("repo");
    for number in 0..40 {
        repo.commit(&format!("file{}", number % 4), format!("{number}\n"));
    }
    repo.git(&["repack", "-q", "-adF"]);
    compare(&repo, &folder.top, &rules, "first");
    let all = remembered(&folder.top);
    assert_eq!(all, 120);
    // What is known to be clean can no longer be decompressed, and nobody minds.
    let pack = repo.packs("pack").remove(0);
    let sound = fs::read(&pack).unwrap();
    let mut damaged = sound.clone();
    let end = damaged.len() - 40;
    damaged[60..end].fill(0);
    fs::set_permissions(&pack, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    fs::write(&pack, &damaged).unwrap();
    assert_ne!(scan_by(&repo, &rules, 1, None).skipped.len(), 0);
    let with = scan_by(&repo, &rules, 1, Some(cache(&folder.top, &rules)));
    assert_eq!((with.skipped.len(), with.gaps.len(), with.inputs), (0, 0, 80));
    fs::write(&pack, &sound).unwrap();
    repo.commit("more", "more\n");
    compare(&repo, &folder.top, &rules, "one more");
    assert_eq!(remembered(&folder.top), all + 3);
}

#[test]
fn what_a_range_brings_is_passed_over_if_it_is_known_and_remembered_if_it_is_clean() {
    let (folder, rules) = (Folder::new(), RuleSet::built_in());
    let repo = folder.repo("repo");
    let key = fake::pair(8);
    repo.commit("old", "old\n");
    for number in 0..20 {
        repo.commit(&format!("file{number}"), format!("{number}\n"));
    }
    repo.commit("found", format!("id = {}\nsecret = {}\n", key.id_text(), key.secret_text()));
    let selection = Selection { ranges: vec!["HEAD~21..HEAD".to_owned()], ..Selection::default() };
    let range = |threads, cache| {
        let anchors = Detector::new(&rules).anchors();
        let changes = Changes::new(repo.open(), &selection, threads, &Stop::default()).unwrap();
        let changes = changes.with_anchors(anchors).with_cache(cache);
        let policy = Policy::default();
        Scanner::new(Detector::new(&rules), policy, 1, Stop::default()).scan(&[&changes])
    };
    let without = range(1, None);
    assert_eq!((without.findings.len(), without.inputs), (1, 42));
    for threads in [1, 8] {
        let with = range(threads, Some(cache(&folder.top, &rules)));
        assert_eq!(told(&with), told(&without));
        assert_eq!(remembered(&folder.top), 20);
    }
    // A blob that is known and not there is missing all the same.
    let digits = repo.id("HEAD:file3").to_string();
    fs::remove_file(repo.path(&format!(".git/objects/{}/{}", &digits[..2], &digits[2..]))).unwrap();
    let with = range(1, Some(cache(&folder.top, &rules)));
    assert_eq!(told(&with), told(&range(1, None)));
    assert_eq!(with.skipped.len(), 1);
}

/// Files an object under the ID of another one, as a loose object.
fn forge(repo: &Repo, id: ObjectId, by: ObjectId) {
    let path = |id: ObjectId| {
        let digits = id.to_string();
        repo.path(&format!(".git/objects/{}/{}", &digits[..2], &digits[2..]))
    };
    fs::create_dir_all(path(id).parent().unwrap()).unwrap();
    drop(fs::remove_file(path(id)));
    fs::copy(path(by), path(id)).unwrap();
}

#[test]
fn clean_bytes_under_the_id_of_another_object_are_not_remembered() {
    let (folder, rules) = (Folder::new(), RuleSet::built_in());
    let key = fake::pair(3);
    let victim = folder.repo("victim");
    victim.commit("file", format!("id = {}\nsecret = {}\n", key.id_text(), key.secret_text()));
    let id = victim.id("HEAD:file");

    let forger = folder.repo("forger");
    forger.commit("file", "nothing at all\n");
    forge(&forger, id, forger.id("HEAD:file"));
    assert_eq!(scan_by(&forger, &rules, 1, Some(cache(&folder.top, &rules))).findings.len(), 0);
    let known = cache(&folder.top, &rules);
    assert_eq!(known.lookup(id.format()).find(id), None);
    assert!(known.lookup(id.format()).find(forger.id("HEAD:file")).is_some());
    assert_eq!(compare(&victim, &folder.top, &rules, "the victim"), 1);
}

#[test]
fn an_index_that_gives_objects_the_ids_of_others_is_not_believed() {
    let (folder, rules) = (Folder::new(), RuleSet::built_in());
    let repo = folder.repo("repo");
    let clean = "nothing at all, and no more than that\n";
    repo.commit("clean", clean);
    repo.git(&["repack", "-q", "-ad"]);
    let id = repo.id("HEAD:clean");
    let mut forged = id.as_bytes().to_vec();
    *forged.last_mut().unwrap() ^= 1;
    let index = repo.packs("idx").remove(0);
    let mut bytes = fs::read(&index).unwrap();
    let at = bytes.windows(forged.len()).position(|window| window == id.as_bytes()).unwrap();
    bytes[at..at + forged.len()].copy_from_slice(&forged);
    fs::set_permissions(&index, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    fs::write(&index, bytes).unwrap();
    drop(scan_by(&repo, &rules, 1, Some(cache(&folder.top, &rules))));
    let known = cache(&folder.top, &rules);
    let mut lookup = known.lookup(id.format());
    assert_eq!(lookup.find(ObjectId::from_slice(&forged).unwrap()), None);
}

#[test]
fn what_goes_missing_is_reported_although_all_else_is_known() {
    let (folder, rules) = (Folder::new(), RuleSet::built_in());
    let repo = folder.repo("repo");
    for number in 0..5 {
        repo.commit("file", format!("{number}\n"));
    }
    compare(&repo, &folder.top, &rules, "whole");
    let digits = repo.id("HEAD~2:file").to_string();
    fs::remove_file(repo.path(&format!(".git/objects/{}/{}", &digits[..2], &digits[2..]))).unwrap();
    compare(&repo, &folder.top, &rules, "without a blob");
    assert_eq!(scan_by(&repo, &rules, 1, Some(cache(&folder.top, &rules))).gaps.len(), 1);

    // What another repository made known says nothing of what is here.
    let other = folder.repo("other");
    let commit = repo.git(&["cat-file", "commit", "HEAD"]);
    other.git_with(&["hash-object", "-t", "commit", "-w", "--stdin"], &commit);
    other.git(&["update-ref", "refs/heads/main", &repo.id("HEAD").to_string()]);
    compare(&other, &folder.top, &rules, "a commit without its tree");
    assert_eq!(scan_by(&other, &rules, 1, Some(cache(&folder.top, &rules))).gaps.len(), 1);
}
