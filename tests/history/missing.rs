//! Objects that something refers to and that are not there.

use std::collections::BTreeSet;
use std::fs;

use akid::aws::fake::Random;
use akid::origin::ObjectId;
use akid::source::{Gap, Source};

use super::everything;
use super::repo::{Folder, Keep, Repo};

fn gaps(repo: &Repo) -> BTreeSet<Gap> {
    let keep = Keep::default();
    everything(repo.open()).run(&keep);
    assert!(keep.skipped.into_inner().unwrap().is_empty());
    keep.gaps.into_inner().unwrap()
}

/// The gap of these objects.
fn missing(ids: &BTreeSet<ObjectId>) -> BTreeSet<Gap> {
    let first: Vec<ObjectId> = ids.iter().take(5).copied().collect();
    let gap = Gap::Missing { lost: ids.len() as u64, first };
    (!ids.is_empty()).then_some(gap).into_iter().collect()
}

fn path_of(id: ObjectId) -> String {
    let digits = id.to_string();
    format!(".git/objects/{}/{}", &digits[..2], &digits[2..])
}

/// A repository with folders, merges, a tag, and commits that only a ref leads to.
fn repo(folder: &Folder) -> Repo {
    let repo = folder.repo("repo");
    for (number, path) in ["a", "b/c", "b/d/e", "b/d/f", "a"].into_iter().enumerate() {
        let parent = repo.path(path).parent().unwrap().to_path_buf();
        fs::create_dir_all(parent).unwrap();
        repo.commit(path, format!("{path} {number}\n"));
    }
    repo.git(&["tag", "-m", "v1", "v1"]);
    repo.git(&["checkout", "-q", "-b", "side", "HEAD~2"]);
    repo.commit("side", "side\n");
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "--no-ff", "-m", "merge", "side"]);
    // A submodule's commit is elsewhere.
    let elsewhere = format!("160000,{},sub", repo.id_of(0x11));
    repo.git(&["update-index", "--add", "--cacheinfo", &elsewhere]);
    repo.git(&["commit", "-q", "-m", "submodule"]);
    repo
}

/// What git says is missing of what refs lead to.
fn by_git(repo: &Repo) -> BTreeSet<ObjectId> {
    let listed = repo.git(&["rev-list", "--objects", "--all", "--missing=print"]);
    let lines = listed.split(|&byte| byte == b'\n').filter_map(|line| line.strip_prefix(b"?"));
    lines.map(|id| ObjectId::parse(id).unwrap()).collect()
}

#[test]
fn what_is_missing_of_what_refs_lead_to_is_what_git_says() {
    let folder = Folder::new();
    let repo = repo(&folder);
    assert_eq!(gaps(&repo), BTreeSet::new());
    let names =
        ["HEAD:a", "HEAD:b/c", "HEAD:b/d", "HEAD:b", "HEAD^{tree}", "HEAD~3:a", "side^{tree}", "side:side"];
    let all: Vec<ObjectId> = names.iter().map(|name| repo.id(name)).collect();
    let mut random = Random::new(3);
    for _ in 0..12 {
        let some: BTreeSet<ObjectId> = (0..2).map(|_| all[random.below(all.len())]).collect();
        let saved: Vec<_> =
            some.iter().map(|&id| (path_of(id), fs::read(repo.path(&path_of(id))).unwrap())).collect();
        saved.iter().for_each(|(path, _)| fs::remove_file(repo.path(path)).unwrap());
        let expected = by_git(&repo);
        assert!(!expected.is_empty());
        assert_eq!(gaps(&repo), missing(&expected));
        saved.iter().for_each(|(path, content)| fs::write(repo.path(path), content).unwrap());
    }
}

#[test]
fn missing_commits_and_tags_are_named() {
    let folder = Folder::new();
    let repo = repo(&folder);
    for name in ["HEAD", "HEAD~1", "side", "v1", "v1^{}"] {
        let id = repo.id(name);
        let path = repo.path(&path_of(id));
        let saved = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert_eq!(gaps(&repo), missing(&[id].into()), "{name}");
        fs::write(&path, saved).unwrap();
    }
}

#[test]
fn what_only_a_base_of_another_tree_refers_to_is_found_in_packs_too() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    let mut lost = BTreeSet::new();
    for number in 0..40 {
        for file in 0..30 {
            fs::write(repo.path(&format!("file{file}")), format!("{file} {}\n", number / (file + 1)))
                .unwrap();
        }
        repo.git(&["add", "."]);
        repo.git(&["commit", "-q", "-m", "m"]);
        if number % 7 == 3 {
            lost.insert(repo.id("HEAD:file2"));
        }
    }
    // All but the lost blobs go into one pack, trees as deltas.
    let all = String::from_utf8(repo.git(&["rev-list", "--objects", "--all"])).unwrap();
    let ids = all.lines().map(|line| &line[..line.find(' ').unwrap_or(line.len())]);
    let kept: Vec<&str> = ids.filter(|id| !lost.contains(&ObjectId::parse(id.as_bytes()).unwrap())).collect();
    let pack = repo.path(".git/objects/pack/pack");
    repo.git_with(&["pack-objects", "-q", pack.to_str().unwrap()], (kept.join("\n") + "\n").as_bytes());
    for high in 0..=255 {
        drop(fs::remove_dir_all(repo.path(&format!(".git/objects/{high:02x}"))));
    }
    assert_eq!(by_git(&repo), lost);
    assert_eq!(gaps(&repo), missing(&lost));
}

#[test]
fn what_nothing_leads_to_may_refer_to_what_is_gone() {
    let folder = Folder::new();
    let repo = repo(&folder);
    repo.git(&["checkout", "-q", "-b", "gone"]);
    repo.commit("new", "new\n");
    let blob = repo.id("HEAD:new");
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["branch", "-q", "-D", "gone"]);
    repo.git(&["reflog", "expire", "--expire=now", "--all"]);
    fs::remove_file(repo.path(&path_of(blob))).unwrap();
    assert_eq!(gaps(&repo), BTreeSet::new());
}

#[test]
fn what_was_never_fetched_is_no_lost_object() {
    let folder = Folder::new();
    let repo = repo(&folder);
    fs::remove_file(repo.path(&path_of(repo.id("HEAD:a")))).unwrap();
    repo.git(&["config", "remote.origin.promisor", "true"]);
    assert_eq!(gaps(&repo), [Gap::Partial].into());

    let shallow = Repo { top: folder.top.join("shallow") };
    let url = format!("file://{}", repo.top.display());
    repo.git(&["config", "--unset", "remote.origin.promisor"]);
    repo.git(&["fetch", "-q", "--no-tags", ".", "HEAD"]);
    fs::create_dir(&shallow.top).unwrap();
    let folder_of_all = Folder::new();
    let source = self::repo(&folder_of_all);
    let url = url.replace(repo.top.to_str().unwrap(), source.top.to_str().unwrap());
    shallow.git(&["clone", "-q", "--depth", "2", &url, "."]);
    assert_eq!(gaps(&shallow), [Gap::Shallow].into());
}

#[test]
fn the_empty_tree_need_not_be_there() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.git(&["commit", "-q", "--allow-empty", "-m", "nothing"]);
    let tree = repo.id("HEAD^{tree}");
    drop(fs::remove_file(repo.path(&path_of(tree))));
    assert_eq!(gaps(&repo), BTreeSet::new());
}
