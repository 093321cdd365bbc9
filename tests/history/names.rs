//! Keys in names: of files, folders and refs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use akid::aws::fake::{self, Random};
use akid::finding::{Finding, Reachability};
use akid::origin::Origin;
use akid::scan::Scan;
use akid::source::git::{Staged, StagedOptions};

use super::repo::{Folder, Repo};
use super::{anchored, range};

fn id(number: u64) -> String {
    fake::pair(number).id_text().to_owned()
}

/// What was found in names: the path of each and its key ID.
fn names(scan: &Scan) -> BTreeSet<(String, String)> {
    let of = |finding: &Finding| {
        let path = String::from_utf8(finding.origin.path().to_vec()).unwrap();
        (path, finding.credential.id().unwrap().as_str().to_owned())
    };
    scan.findings.iter().filter(|finding| finding.origin.is_name()).map(of).collect()
}

fn told(all: &[(&str, u64)]) -> BTreeSet<(String, String)> {
    all.iter().map(|&(path, key)| (path.replace("ID", &id(key)), id(key))).collect()
}

fn write(repo: &Repo, path: &str) {
    let path = repo.path(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, "nothing\n").unwrap();
}

#[test]
fn names_of_files_folders_and_refs_are_searched() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    write(&repo, &format!("docs/{}.txt", id(1)));
    write(&repo, &format!("users/{}/a", id(2)));
    write(&repo, &format!("users/{}/b", id(2)));
    write(&repo, &format!("old/{}_gone", id(3)));
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "one"]);
    repo.git(&["tag", "-m", "v1", "v1"]);
    repo.git(&["rm", "-q", "-r", "old"]);
    repo.git(&["commit", "-q", "-m", "two"]);
    repo.git(&["branch", &format!("fix/{}", id(4))]);
    repo.git(&["pack-refs", "--all"]);
    repo.git(&["repack", "-q", "-ad"]);

    let scan = super::scan(&anchored(repo.open(), 2));
    assert!(scan.skipped.is_empty() && scan.gaps.is_empty());
    let expected = [("docs/ID.txt", 1), ("users/ID", 2), ("old/ID_gone", 3), ("<ref refs/heads/fix/ID>", 4)];
    assert_eq!(names(&scan), told(&expected));
    let gone = scan.findings.iter().find(|finding| finding.origin.path().starts_with(b"old")).unwrap();
    let exposure = gone.exposure.as_deref().unwrap();
    assert_eq!((exposure.object, exposure.reachability, exposure.at_head), (None, Reachability::Tip, false));
    assert_eq!(exposure.tips.iter().map(|tip| tip.name.as_str()).collect::<Vec<_>>(), ["v1"]);
    assert_eq!(exposure.first.as_ref().unwrap().subject, "one");
    assert!(gone.places.iter().all(|place| place.line_hash.is_none()));
}

#[test]
fn what_is_checked_out_elsewhere_has_names_too() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a", "nothing\n");
    let beside = folder.top.join("beside");
    repo.git(&["worktree", "add", "-q", "--detach", beside.to_str().unwrap()]);
    let worktree = Repo { top: beside };
    write(&worktree, &format!("{}.txt", id(1)));
    worktree.git(&["add", "-A"]);
    worktree.git(&["commit", "-q", "-m", "elsewhere"]);
    let scan = super::scan(&anchored(repo.open(), 1));
    assert_eq!(names(&scan), told(&[("ID.txt", 1)]));
    let tips = &scan.findings[0].exposure.as_ref().unwrap().tips;
    assert_eq!(tips.iter().map(|tip| tip.name.as_str()).collect::<Vec<_>>(), ["beside: HEAD"]);
}

#[test]
fn a_range_has_the_names_that_its_commits_bring() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    let (first, second) = (format!("{}.txt", id(1)), format!("x/{}/y/{}", id(2), id(3)));
    repo.commit(&first, "one\n");
    repo.git(&["tag", "base"]);
    // Neither is a name new because its content is.
    repo.commit(&first, "two\n");
    assert_eq!(names(&range::scan(&repo, &["base..main"])), told(&[]));
    write(&repo, &second);
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "brought"]);
    repo.git(&["rm", "-q", "-r", "x"]);
    repo.git(&["commit", "-q", "-m", "gone"]);
    let path = format!("x/{}/y/ID", id(2));
    let scan = range::scan(&repo, &["base..main"]);
    assert_eq!(names(&scan), told(&[("x/ID", 2), (&path, 3)]));
    for finding in scan.findings.iter().filter(|finding| finding.origin.is_name()) {
        let exposure = finding.exposure.as_deref().unwrap();
        assert_eq!(exposure.first.as_ref().unwrap().subject, "brought");
        assert_eq!(exposure.reachability, Reachability::Past);
    }
}

#[test]
fn the_names_that_a_commit_would_record_are_searched() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    let staged = || super::scan(&Staged::open(repo.open(), StagedOptions::default()).unwrap());
    write(&repo, &format!("a/{}.txt", id(1)));
    repo.git(&["add", "-A"]);
    assert_eq!(names(&staged()), told(&[("a/ID.txt", 1)]));
    repo.git(&["commit", "-q", "-m", "one"]);
    repo.commit("other", "x\n");
    fs::write(repo.path(&format!("a/{}.txt", id(1))), "changed\n").unwrap();
    write(&repo, &format!("b/{}/c/d", id(2)));
    write(&repo, &format!("b/{}/c/e", id(2)));
    repo.git(&["add", "-A"]);
    assert_eq!(names(&staged()), told(&[("b/ID", 2)]));
}

/// Random commits and merges on some branches, of files and folders of which some are called by a key.
fn grow(repo: &Repo, random: &mut Random) {
    let mut stream = String::new();
    for mark in 1..=25_usize {
        let time = 1_700_000_000 + mark * 60;
        stream += &format!(
            "commit refs/heads/b{}\nmark :{mark}\ncommitter A <a@example.com> {time} +0000\ndata 1\nx\n",
            mark % 4
        );
        if mark > 1 {
            let (from, merged) = (1 + random.below(mark - 1), 1 + random.below(mark - 1));
            stream += &format!("from :{from}\n");
            if merged != from && random.below(3) == 0 {
                stream += &format!("merge :{merged}\n");
            }
        }
        for _ in 0..=random.below(4) {
            let part = |random: &mut Random| match random.below(3) {
                0 => "plain".to_owned(),
                1 => id(random.below(4) as u64),
                _ => format!("{}.csv", id(random.below(4) as u64)),
            };
            let path = (0..=random.below(3)).map(|_| part(random)).collect::<Vec<_>>().join("/");
            if random.below(4) == 0 {
                stream += &format!("D {path}\n");
            } else {
                stream += &format!("M 644 inline {path}\ndata 2\n{}\n\n", random.below(3));
            }
        }
    }
    repo.git_with(&["fast-import", "--quiet", "--force"], stream.as_bytes());
}

/// Paths of all files and folders that git says a commit has.
fn paths_of(repo: &Repo, commit: &str) -> BTreeSet<String> {
    let listed = String::from_utf8(repo.git(&["ls-tree", "-r", "-t", "--name-only", commit])).unwrap();
    listed.lines().map(str::to_owned).collect()
}

fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

#[test]
fn the_names_of_tips_are_those_that_git_lists() {
    let mut compared = 0;
    for seed in 0..6 {
        let folder = Folder::new();
        let repo = folder.repo("repo");
        grow(&repo, &mut Random::new(seed));
        let branches = String::from_utf8(repo.git(&["for-each-ref", "--format=%(refname:short)"])).unwrap();
        let tips: BTreeMap<&str, BTreeSet<String>> =
            branches.lines().map(|branch| (branch, paths_of(&repo, branch))).collect();
        let order = repo.commits();
        // Where each path came first: in none of its parents.
        let mut first: BTreeMap<String, &str> = BTreeMap::new();
        for (commit, parents) in &order {
            let before: Vec<_> = parents.iter().map(|parent| paths_of(&repo, parent)).collect();
            for path in paths_of(&repo, commit) {
                if before.iter().all(|paths| !paths.contains(&path)) {
                    first.entry(path).or_insert(commit);
                }
            }
        }
        let at_tips: BTreeSet<&str> = tips.values().flatten().map(|path| last_part(path)).collect();
        let is_told = |path: &String| last_part(path) != "plain" && at_tips.contains(last_part(path));
        let expected: BTreeMap<String, (String, Vec<String>)> = first
            .iter()
            .filter(|(path, _)| is_told(path))
            .map(|(path, commit)| {
                let has = |(branch, paths): (&&str, &BTreeSet<String>)| {
                    paths.contains(path).then(|| (*branch).to_owned())
                };
                (path.clone(), ((*commit).to_owned(), tips.iter().filter_map(has).collect()))
            })
            .collect();

        for threads in [1, 3] {
            let scan = super::scan(&anchored(repo.open(), threads));
            let found: BTreeMap<String, (String, Vec<String>)> = scan
                .findings
                .iter()
                .map(|finding| {
                    assert!(matches!(finding.origin, Origin::VersionName(_)));
                    let exposure = finding.exposure.as_deref().unwrap();
                    let tips = exposure.tips.iter().map(|tip| tip.name.clone()).collect();
                    let path = String::from_utf8(finding.origin.path().to_vec()).unwrap();
                    (path, (exposure.first.as_ref().unwrap().id.to_string(), tips))
                })
                .collect();
            assert!(found == expected, "seed {seed}");
        }
        compared += expected.len();
    }
    assert!(compared > 60, "{compared}");
}
