//! Archives in history: opened wherever they are stored, and told by their path like any file.

use std::collections::BTreeMap;

use akid::aws::fake;
use akid::source::git::{Changes, Selection, Staged, StagedOptions};
use akid::source::{Files, FilesOptions};

use super::repo::{Folder, Import, Repo};
use super::{anchored, scan};
use crate::archives::build::{Entry, gzip, tar, zip};

fn settings(seed: u64) -> Vec<u8> {
    let key = fake::pair(seed);
    format!("aws_access_key_id = {}\naws_secret_access_key = {}\n", key.id_text(), key.secret_text())
        .into_bytes()
}

fn found(repo: &Repo) -> Vec<String> {
    let scan = scan(&anchored(repo.open(), 2));
    assert!(scan.skipped.is_empty(), "{:?}", scan.skipped);
    let path = |finding: &akid::finding::Finding| String::from_utf8_lossy(finding.origin.path()).into_owned();
    scan.findings.iter().map(path).collect()
}

/// Bytes that do not compress, so that a delta is made of what is the same.
fn filler(seed: u64) -> Vec<u8> {
    let mut random = fake::Random::new(seed);
    (0..20_000).map(|_| u8::try_from(random.below(256)).unwrap()).collect()
}

#[test]
fn a_member_is_attributed_like_a_file_and_has_the_fingerprint_that_it_has_as_a_file() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    let bytes = gzip(&tar(&[(b"app/.env", &settings(1))]));
    repo.commit("release.tgz", &bytes);
    repo.commit("release.tgz", b"gone");
    let scan = scan(&anchored(repo.open(), 1));
    let [finding] = &scan.findings[..] else { panic!("one finding") };
    assert_eq!(finding.origin.path(), b"release.tgz!/app/.env");
    assert!(finding.exposure.as_ref().unwrap().first.is_some());

    let work = tempfile::tempdir().unwrap();
    std::fs::write(work.path().join("release.tgz"), bytes).unwrap();
    let files = Files::new(&[work.path().to_path_buf()], FilesOptions::default());
    assert_eq!(super::scan(&files).findings[0].fingerprint(), finding.fingerprint());
}

#[test]
fn an_archive_that_is_stored_as_a_delta_is_opened() {
    let (filler, file) = (filler(1), settings(1));
    // What is new in it holds no anchor, since it is compressed; and the base is no archive at all.
    let archive = zip(&[Entry::stored(b"a", &filler), Entry::deflated(b"b", &file)]);
    let plain = [b"no archive", &filler[..]].concat();
    let behind = [b"\x89PNG\0", &filler[..], &zip(&[Entry::deflated(b"c", &file)])].concat();
    let tape = gzip(&tar(&[(b"d", &file)]));
    let mut import = Import::default();
    for content in [&plain, &archive, &behind, &plain, &tape] {
        import.commit(&BTreeMap::from([("x".to_owned(), content.clone())]));
    }
    let folder = Folder::new();
    let repo = folder.repo("repo");
    import.into_repo(&repo);
    for depth in ["--depth=0", "--depth=50"] {
        repo.git(&["repack", "-adfq", depth]);
        assert_eq!(found(&repo), ["x!/b", "x!/c", "x!/d"], "{depth}");
    }
}

#[test]
fn a_range_and_the_index_open_archives_too() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a", b"nothing");
    repo.commit("x.gz", gzip(&settings(1)));
    let selection = Selection { ranges: vec!["HEAD~1..HEAD".to_owned()], ..Selection::default() };
    let changes = Changes::new(repo.open(), &selection, 1).unwrap();
    assert_eq!(scan(&changes).findings[0].origin.path(), b"x.gz!/<unpacked>");

    std::fs::write(repo.path("y.gz"), gzip(&settings(2))).unwrap();
    repo.git(&["add", "y.gz"]);
    let staged = Staged::open(repo.open(), StagedOptions::default()).unwrap();
    assert_eq!(scan(&staged).findings[0].origin.path(), b"y.gz!/<unpacked>");
}

#[test]
fn a_bundle_is_read_like_the_repository_that_it_is_of() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    let key = fake::pair(3);
    std::fs::create_dir(repo.path("app")).unwrap();
    for version in 0..5_u64 {
        let content = [filler(9), settings(version / 3), filler(version)].concat();
        repo.commit("app/settings", content);
    }
    repo.git(&["commit", "-q", "--allow-empty", "-m", &format!("oops {}", key.id_text())]);
    repo.git(&["repack", "-adfq"]);
    let work = tempfile::tempdir().unwrap();
    let bundle = work.path().join("all.bundle");
    repo.git(&["bundle", "create", "-q", bundle.to_str().unwrap(), "--all"]);
    let files = Files::new(&[bundle], FilesOptions::default());
    let scan = scan(&files);
    assert!(scan.skipped.is_empty(), "{:?}", scan.skipped);
    let head = String::from_utf8(repo.git(&["rev-parse", "HEAD"])).unwrap();
    let message = format!("all.bundle!/<commit {}>", head.trim());
    let paths: Vec<String> = scan
        .findings
        .iter()
        .map(|finding| String::from_utf8_lossy(finding.origin.path()).into_owned())
        .collect();
    assert_eq!(paths, [message.as_str(), "all.bundle!/app/settings", "all.bundle!/app/settings"]);
}
