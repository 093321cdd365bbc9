//! Archives in history: opened wherever they are stored, and told by their path like any file.

use std::collections::BTreeMap;

use akid::aws::fake;
use akid::source::git::{Changes, Selection, Staged, StagedOptions};
use akid::source::{Files, FilesOptions, SkipReason, Skipped};
use akid::stop::Stop;

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
    assert!(finding.exposure.as_deref().unwrap().first.is_some());

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
    let changes = Changes::new(repo.open(), &selection, 1, &Stop::default()).unwrap();
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

/// The paths of what is found below `folder`, without anything skipped.
fn found_below(folder: &std::path::Path) -> Vec<String> {
    let scan = super::scan(&Files::new(&[folder.to_path_buf()], FilesOptions::default()));
    assert!(scan.skipped.is_empty(), "{:?}", scan.skipped);
    let path = |finding: &akid::finding::Finding| String::from_utf8_lossy(finding.origin.path()).into_owned();
    scan.findings.iter().map(path).collect()
}

/// A repository without a worktree in which each of two files has a credential in an old version, stored as a delta.
fn bare(folder: &Folder, is_by_name: bool) -> Repo {
    let repo = folder.repo("repo");
    let filler = filler(7);
    for version in [&[&filler[..], &settings(1)].concat(), &[b"x", &filler[..]].concat(), &filler] {
        std::fs::create_dir_all(repo.path("app")).unwrap();
        repo.commit("app/.env", version);
    }
    let by_offset = format!("repack.useDeltaBaseOffset={}", !is_by_name);
    repo.git(&["-c", &by_offset, "repack", "-adfq"]);
    std::fs::rename(repo.path(".git"), folder.top.join("bare.git")).unwrap();
    Repo { top: folder.top.join("bare.git") }
}

#[test]
fn a_pack_is_read_with_and_without_its_index_wherever_it_lies() {
    for is_by_name in [false, true] {
        let folder = Folder::new();
        let repo = bare(&folder, is_by_name);
        let pack = repo.packs("pack").remove(0);
        let name = pack.file_name().unwrap().to_str().unwrap();
        assert_eq!(found_below(&repo.top), [format!("objects/pack/{name}!/app/.env")]);
        let content = std::fs::read(&pack).unwrap();
        let work = tempfile::tempdir().unwrap();
        std::fs::write(work.path().join("alone"), &content).unwrap();
        let tape =
            tar(&[(b"r/.git/objects/pack/a.pack", &content), (b"r/.git/HEAD", b"ref: refs/heads/main")]);
        std::fs::write(work.path().join("tape"), tape).unwrap();
        std::fs::write(work.path().join("longer"), [&content[..], &settings(2)].concat()).unwrap();
        let expected = [
            "alone!/app/.env",
            "longer!/<rest>",
            "longer!/app/.env",
            "tape!/r/.git/objects/pack/a.pack!/app/.env",
        ];
        assert_eq!(found_below(work.path()), expected);
        // What is damaged is named, and what is left of it is read.
        let end = content.len() - 40;
        std::fs::write(work.path().join("alone"), [&content[..end], &settings(3)].concat()).unwrap();
        let scan = super::scan(&Files::new(&[work.path().join("alone")], FilesOptions::default()));
        assert_eq!(scan.skipped.len(), 1);
        assert!(scan.findings.iter().any(|finding| finding.origin.path() == b"alone!/<rest>"));
    }
}

#[test]
fn an_object_in_a_file_of_its_own_is_read_wherever_it_lies() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit(".env", settings(1));
    repo.commit("a.zip", zip(&[Entry::deflated(b"inner", &settings(2))]));
    repo.git(&["commit", "--allow-empty", "-qm", &String::from_utf8(settings(3)).unwrap()]);
    repo.git(&["tag", "-am", &String::from_utf8(settings(4)).unwrap(), "v1"]);
    // The repository's own folder is no business of a scan of files.
    assert_eq!(found_below(&repo.top), [".env", "a.zip!/inner"]);
    let path = |name: &str| {
        let id = String::from_utf8(repo.git(&["rev-parse", name])).unwrap();
        format!("{}/{}", &id[..2], id[2..].trim())
    };
    let names = ["HEAD:.env", "HEAD:a.zip", "HEAD", "v1"].map(path);
    let content = |name: &String| std::fs::read(repo.path(".git/objects").join(name)).unwrap();
    let contents = names.clone().map(|name| content(&name));
    let members: Vec<_> =
        names.iter().map(|name| name.as_bytes()).zip(contents.iter().map(Vec::as_slice)).collect();
    let work = tempfile::tempdir().unwrap();
    std::fs::write(work.path().join("x.tar"), tar(&members)).unwrap();
    let inside = |(name, inner): (&String, &str)| format!("x.tar!/{name}!/{inner}");
    let inner = ["<unpacked>", "inner", "<unpacked>", "<unpacked>"];
    let mut expected: Vec<_> = names.iter().zip(inner).map(inside).collect();
    expected.sort();
    assert_eq!(found_below(work.path()), expected);
    std::fs::remove_file(work.path().join("x.tar")).unwrap();
    std::fs::create_dir(work.path().join("plain")).unwrap();
    std::fs::write(work.path().join("plain/object"), &contents[0]).unwrap();
    assert_eq!(found_below(work.path()), ["plain/object!/<unpacked>"]);
    // One that is cut, and one that lies about its length.
    let lying = [&b"blob 3\0"[..], &settings(5)].concat();
    let cut = contents[0][..contents[0].len() - 8].to_vec();
    for (what, content) in [("cut", cut), ("lying", crate::archives::build::zlib(&lying))] {
        std::fs::write(work.path().join("plain/object"), content).unwrap();
        let scan = super::scan(&Files::new(&[work.path().to_path_buf()], FilesOptions::default()));
        let reason = |skipped: &Skipped| match skipped.reason {
            SkipReason::Archive(fault) => fault.as_str(),
            _ => "another",
        };
        assert_eq!(scan.skipped.iter().map(reason).collect::<Vec<_>>(), ["damaged-objects"], "{what}");
        assert_eq!(scan.findings.len(), 1, "{what}");
    }
}

#[test]
fn what_a_bundle_says_of_refs_is_scanned() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a", "b");
    let key = fake::pair(1);
    repo.git(&["branch", key.id_text()]);
    let work = tempfile::tempdir().unwrap();
    let bundle = work.path().join("all.bundle");
    repo.git(&["bundle", "create", "-q", bundle.to_str().unwrap(), "--all"]);
    assert_eq!(found_below(work.path()), ["all.bundle!/<rest>"]);
}

#[test]
fn what_is_compressed_in_base64_is_opened_in_each_version_of_a_text() {
    let (folder, mut random) = (Folder::new(), fake::Random::new(4));
    let filler: String = (0..6000).map(|_| random.text("abcdefgh ijklmnop\n", 40)).collect();
    let packed = data_encoding::BASE64.encode(&gzip(&settings(1)));
    let repo = folder.repo("repo");
    for end in ["", "more\n"] {
        repo.commit("notes", format!("{filler}\npayload: {packed}\n{filler}{end}"));
    }
    repo.git(&["repack", "-adfq"]);
    let scan = scan(&anchored(repo.open(), 1));
    let [finding] = &scan.findings[..] else { panic!("one finding") };
    assert_eq!((finding.exposure.as_ref().unwrap().versions, scan.members), (2, 2));
}
