//! The fast way finds what the slow way finds.

use std::fs;
use std::sync::Arc;

use akid::aws::fake::{self, Random};
use akid::origin::Origin;

use super::repo::{Folder, Keep, Repo, SlowSource, Unattributed};
use super::{anchored, everything, scan, versions};

/// Compares both ways, and both with git; returns how many findings there are.
fn compare(repo: &Repo, what: &str) -> usize {
    compare_with(repo, &repo.objects(), what)
}

fn compare_with(repo: &Repo, objects: &[(Origin, Vec<u8>)], what: &str) -> usize {
    let (seen, skipped) = Keep::all_of(&everything(repo.open()));
    assert!(skipped.is_empty(), "{what}: {skipped:?}");
    assert!(seen == objects, "{what}: {} objects, and git has {}", seen.len(), objects.len());

    let mut slow = scan(&SlowSource(objects.to_vec()));
    // In history no line is followed by its hash.
    let places = slow.findings.iter_mut().flat_map(|finding| Arc::make_mut(&mut finding.places));
    places.for_each(|place| place.line_hash = None);
    for threads in [1, 3] {
        let fast = scan(&Unattributed(&anchored(repo.open(), threads)));
        assert!(fast.skipped.is_empty(), "{what}: {:?}", fast.skipped);
        assert_eq!((fast.inputs, fast.bytes), (slow.inputs, slow.bytes), "{what}");
        assert_eq!(fast.findings.len(), slow.findings.len(), "{what}");
        for (fast, slow) in fast.findings.iter().zip(&slow.findings) {
            assert_eq!(fast, slow, "{what}");
        }
    }
    slow.findings.len()
}

#[test]
fn the_same_is_found_however_history_is_packed() {
    let folder = Folder::new();
    let mut findings = 0;
    for seed in 0..3_u8 {
        let repo = folder.repo(&format!("repo{seed}"));
        versions::fill(&repo, seed.into(), 24);
        findings += compare(&repo, &format!("seed {seed}, as imported"));
        let ways: [&[&str]; 2] = [
            &["repack", "-q", "-adF", "--depth=200", "--window=60"],
            // Deltas that name their base by its ID.
            &["-c", "repack.useDeltaBaseOffset=false", "repack", "-q", "-adF", "--depth=6", "--window=10"],
        ];
        repo.git(ways[usize::from(seed) % 2]);
        findings += compare(&repo, &format!("seed {seed}, repacked"));
    }
    assert!(findings > 500, "{findings}");
}

#[test]
fn what_several_packs_loose_files_and_alternates_have_is_seen_once() {
    let folder = Folder::new();
    let lender = folder.repo("lender");
    versions::fill(&lender, 11, 8);
    lender.git(&["repack", "-q", "-ad"]);

    let repo = folder.repo("repo");
    versions::fill(&repo, 11, 12);
    // A second pack with the same objects, and some of them loose, too.
    let all = repo.git(&["rev-list", "--objects", "--all"]);
    let half: Vec<u8> = all.split_inclusive(|&byte| byte == b'\n').step_by(2).flatten().copied().collect();
    repo.git_with(&["pack-objects", "-q", ".git/objects/pack/pack"], &half);
    let pack = fs::read(&repo.packs("pack")[0]).unwrap();
    let loose = folder.repo("loose");
    loose.git_with(&["unpack-objects", "-q"], &pack);
    super::repo::copy_folder(&loose.path(".git/objects"), &repo.path(".git/objects"));
    fs::write(repo.path(".git/objects/info/alternates"), "../../../lender/.git/objects\n").unwrap();
    repo.commit("new", "x = 1\n");
    repo.git(&["tag", "-a", "v1", "-m", "a tag"]);
    repo.git(&["notes", "add", "-m", "a note"]);
    assert!(compare(&repo, "many stores") > 0);

    // An index of all packs serves where a pack has none of its own.
    let objects = repo.objects();
    repo.git(&["multi-pack-index", "write"]);
    repo.packs("idx").iter().for_each(|index| fs::remove_file(index).unwrap());
    assert!(compare_with(&repo, &objects, "a shared index") > 0);
}

#[test]
fn a_repository_without_anything_has_nothing() {
    let folder = Folder::new();
    assert_eq!(compare(&folder.repo("empty"), "empty"), 0);
}

#[test]
fn an_object_larger_than_is_held_is_streamed() {
    let folder = Folder::new();
    let repo = folder.repo("large");
    let key = akid::aws::fake::pair(3);
    let mut content = vec![b'.'; 17 << 20];
    content
        .extend_from_slice(format!("\nid = {}\nsecret = {}\n", key.id_text(), key.secret_text()).as_bytes());
    repo.commit("large", &content);
    assert_eq!(scan(&anchored(repo.open(), 2)).findings.len(), 1);
    // With versions made from it, it is held.
    content[1000] = b'x';
    repo.commit("large", &content);
    repo.git(&["repack", "-q", "-adf"]);
    assert_eq!(scan(&Unattributed(&anchored(repo.open(), 2))).findings.len(), 2);
    let (seen, skipped) = Keep::all_of(&everything(repo.open()));
    assert!(skipped.is_empty());
    assert!(seen == repo.objects());
}

/// Two versions of a file, the one stored as changes to the other, whichever git chooses.
fn two_versions(folder: &Folder, name: &str, versions: [String; 2]) -> Repo {
    let repo = folder.repo(name);
    versions.iter().for_each(|content| repo.commit("file", content));
    repo.git(&["repack", "-q", "-adf"]);
    let pack = repo.packs("idx").remove(0);
    let chains = String::from_utf8(repo.git(&["verify-pack", "-v", pack.to_str().unwrap()])).unwrap();
    assert!(chains.contains("chain length = 1"), "{chains}");
    repo
}

#[test]
fn what_a_change_completes_or_leaves_alone_is_found_in_each_version() {
    let folder = Folder::new();
    let mut random = Random::new(3);
    let filler: String = (0..6000).map(|_| random.text("abcdefgh ijklmnop\n", 40)).collect();
    let key = fake::pair(5);
    let (start, end) = key.secret_text().split_at(22);
    let named = |value: &str| format!("{filler}\naws_secret_access_key = \"{value}\"\n{filler}");
    let id = format!("id = {}\n", key.id_text());
    for (name, versions, findings) in [
        // No anchor is in what is new: the value is completed, far from its name.
        ("completed", [named(&format!("{start}..{end}")), named(key.secret_text())], 1),
        ("lengthened", [named(&format!("{start}{}", &end[1..])), named(key.secret_text())], 1),
        // What is new is too far off to matter: the base's key is in both.
        ("far off", [format!("{id}{filler}{filler}"), format!("{id}{filler}{filler}more\n")], 2),
        // A base without candidates, and an anchor far from what is new.
        ("idle", [named("none"), format!("{}more\n", named("none"))], 0),
        // The end of the text moves to the value.
        (
            "cut",
            [named(key.secret_text()), named(key.secret_text()).replace(&format!("\"\n{filler}"), "")],
            2,
        ),
    ] {
        let repo = two_versions(&folder, name, versions);
        assert_eq!(compare(&repo, name), findings, "{name}");
    }
}
