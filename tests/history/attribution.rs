//! Where findings are in history, and since when.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use akid::aws::fake::{self, Fake, Random};
use akid::finding::{Exposure, Finding, Reachability};
use akid::scan::Scan;
use akid::source::Gap;

use super::repo::{Folder, Repo};

fn scan(repo: &Repo) -> Scan {
    super::scan(&super::anchored(repo.open(), 2))
}

fn lines(key: &Fake) -> String {
    format!("id = {}\nsecret = {}\n", key.id_text(), key.secret_text())
}

fn exposures(scan: &Scan) -> BTreeMap<String, Exposure> {
    let path = |finding: &Finding| String::from_utf8_lossy(finding.origin.path()).into_owned();
    scan.findings.iter().map(|finding| (path(finding), *finding.exposure.clone().unwrap())).collect()
}

fn tips(exposure: &Exposure) -> Vec<&str> {
    exposure.tips.iter().map(|tip| tip.name.as_str()).collect()
}

fn id(repo: &Repo, revision: &str) -> String {
    String::from_utf8(repo.git(&["rev-parse", revision])).unwrap().trim().to_owned()
}

fn first(exposure: &Exposure) -> String {
    exposure.first.as_ref().unwrap().id.to_string()
}

#[test]
fn a_key_that_is_still_there_is_told_with_its_commits_and_tips() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    let key = lines(&fake::pair(1));
    repo.commit("other", "nothing\n");
    repo.commit("a.ini", &key);
    let brought = id(&repo, "HEAD");
    repo.git(&["tag", "v1"]);
    repo.commit("a.ini", format!("# moved down\n\n{key}"));
    let last = id(&repo, "HEAD");
    repo.git(&["branch", "release"]);
    repo.commit("other", "something else\n");

    let scan = scan(&repo);
    assert_eq!(scan.findings.len(), 1);
    let finding = &scan.findings[0];
    // The version that is still there.
    assert_eq!(finding.places[0].main().start.line, 3);
    let exposure = finding.exposure.as_deref().unwrap();
    assert_eq!(finding.origin.path(), b"a.ini");
    assert_eq!(first(exposure), brought);
    assert_eq!(exposure.last.as_ref().unwrap().id.to_string(), last);
    assert_eq!((exposure.versions, exposure.reachability, exposure.at_head), (2, Reachability::Tip, true));
    assert_eq!(tips(exposure), ["HEAD", "main", "release", "v1"]);
    let commit = exposure.first.as_ref().unwrap();
    assert_eq!((commit.author.as_str(), commit.subject.as_str()), ("A <a@example.com>", "change a.ini"));
    assert!(scan.gaps.is_empty());
}

#[test]
fn what_no_tip_has_any_more_is_in_the_past() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a", lines(&fake::pair(2)));
    let brought = id(&repo, "HEAD");
    fs::create_dir(repo.path("deep")).unwrap();
    repo.git(&["mv", "a", "deep/b"]);
    repo.git(&["commit", "-q", "-m", "move it"]);
    let moved = id(&repo, "HEAD");
    repo.git(&["rm", "-q", "deep/b"]);
    repo.git(&["commit", "-q", "-m", "take it out"]);
    let removed = id(&repo, "HEAD");

    let exposures = exposures(&scan(&repo));
    assert_eq!(exposures.keys().collect::<Vec<_>>(), ["a", "deep/b"]);
    assert_eq!((first(&exposures["a"]), first(&exposures["deep/b"])), (brought, moved.clone()));
    let removal = |path| exposures[path].removed.as_ref().unwrap().id.to_string();
    assert_eq!((removal("a"), removal("deep/b")), (moved, removed));
    assert!(
        exposures
            .values()
            .all(|exposure| exposure.reachability == Reachability::Past && exposure.tips.is_empty())
    );
}

#[test]
fn what_only_a_merge_has_is_the_merges() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a", "one\n");
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.commit("b", "two\n");
    repo.git(&["checkout", "-q", "main"]);
    repo.commit("c", "three\n");
    repo.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
    fs::write(repo.path("c"), lines(&fake::pair(3))).unwrap();
    repo.git(&["add", "c"]);
    repo.git(&["commit", "-q", "-m", "merge"]);
    assert_eq!(first(&exposures(&scan(&repo))["c"]), id(&repo, "HEAD"));
}

#[test]
fn what_no_branch_has_is_told_by_what_still_leads_to_it() {
    let folder = Folder::new();
    let repo = folder.repo_with_files("repo");
    repo.commit("a", "one\n");
    fs::write(repo.path("a"), lines(&fake::pair(10))).unwrap();
    repo.git(&["stash", "-q"]);
    repo.commit("reset", lines(&fake::pair(11)));
    repo.git(&["reset", "-q", "--hard", "HEAD~"]);
    // It leads there, too.
    fs::remove_file(repo.path(".git/ORIG_HEAD")).unwrap();
    fs::write(repo.path("staged"), lines(&fake::pair(12))).unwrap();
    repo.git(&["add", "staged"]);
    repo.git_with(&["hash-object", "-w", "--stdin"], lines(&fake::pair(13)).as_bytes());

    let exposures = exposures(&scan(&repo));
    let reachability: BTreeSet<(&str, Reachability)> = exposures
        .iter()
        .map(|(path, exposure)| (if path.starts_with('<') { "<blob>" } else { path }, exposure.reachability))
        .collect();
    let expected = [
        ("<blob>", Reachability::Unreachable),
        ("a", Reachability::Stash),
        ("reset", Reachability::Reflog),
        ("staged", Reachability::Index),
    ];
    assert_eq!(reachability, BTreeSet::from(expected));
}

#[test]
fn a_key_in_a_message_is_the_commits_or_the_tags() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    fs::write(repo.path("a"), "one\n").unwrap();
    repo.git(&["add", "a"]);
    repo.git(&["commit", "-q", "-m", &lines(&fake::pair(20))]);
    repo.git(&["tag", "-a", "v1", "-m", &lines(&fake::pair(21))]);
    let exposures = exposures(&scan(&repo));
    let commit = &exposures[&format!("<commit {}>", id(&repo, "HEAD"))];
    assert_eq!((first(commit), commit.reachability), (id(&repo, "HEAD"), Reachability::Tip));
    let tag = &exposures[&format!("<tag {}>", id(&repo, "v1"))];
    assert_eq!((tips(tag), tag.reachability), (vec!["v1"], Reachability::Tip));
    // No secret of a message, even in the subject.
    let subject = &commit.first.as_ref().unwrap().subject;
    assert!(!subject.contains(&fake::pair(20).secret_text()[..8]), "{subject}");
}

#[test]
fn refs_that_cannot_be_read_cost_their_part_and_are_told() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a", lines(&fake::pair(22)));
    let config = fs::read_to_string(repo.path(".git/config")).unwrap();
    let config = config.replace("repositoryformatversion = 0", "repositoryformatversion = 1");
    fs::write(repo.path(".git/config"), config + "[extensions]\n\trefstorage = unheardof\n").unwrap();
    let scan = scan(&repo);
    let exposure = &exposures(&scan)["a"];
    assert_eq!(exposure.reachability, Reachability::Unknown);
    assert_eq!(exposure.first.as_ref().unwrap().subject, "change a");
    assert!(matches!(scan.gaps.first(), Some(Gap::Refs(_))), "{:?}", scan.gaps);
}

#[test]
fn what_is_staged_in_a_worktree_whose_folder_is_gone_keeps_its_path() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a", "one\n");
    for (name, settings) in [("plain", "core.splitIndex=false"), ("split", "core.splitIndex=true")] {
        repo.git(&["worktree", "add", "-q", "-b", name, &format!("../{name}")]);
        let beside = Repo { top: folder.top.join(name) };
        fs::create_dir(beside.path("sub")).unwrap();
        fs::write(beside.path(&format!("sub/{name}.env")), lines(&fake::pair(name.as_bytes()[0].into())))
            .unwrap();
        beside.git(&["-c", settings, "add", "-A"]);
        fs::remove_dir_all(&beside.top).unwrap();
    }
    let seen = || {
        exposures(&scan(&repo))
            .into_iter()
            .map(|(path, found)| (path, found.reachability))
            .collect::<Vec<_>>()
    };
    let expected = ["sub/plain.env", "sub/split.env"].map(|path| (path.to_owned(), Reachability::Index));
    assert_eq!(seen(), expected);
    // Whatever else of it is gone, git keeps what its index has.
    fs::remove_file(repo.path(".git/worktrees/plain/HEAD")).unwrap();
    assert_eq!(seen(), expected);
    // A worktree that is there sees it, too.
    repo.git(&["worktree", "add", "-q", "-b", "third", "../third"]);
    let third = Repo { top: folder.top.join("third") };
    assert_eq!(exposures(&scan(&third)).len(), 2);
}

#[test]
fn another_worktrees_head_is_a_tip() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a", lines(&fake::pair(23)));
    repo.git(&["worktree", "add", "-q", "--detach", "../beside"]);
    repo.git(&["rm", "-q", "a"]);
    repo.git(&["commit", "-q", "-m", "take it out"]);
    let exposures = exposures(&scan(&repo));
    let tips = tips(&exposures["a"]);
    assert!(tips.contains(&"beside: HEAD") && !tips.contains(&"main"), "{tips:?}");
}

/// What `git ls-tree` says a commit has: paths with blobs.
fn tree_of(repo: &Repo, commit: &str) -> BTreeMap<String, String> {
    let listed = String::from_utf8(repo.git(&["ls-tree", "-r", commit])).unwrap();
    let line = |line: &str| {
        let (meta, path) = line.split_once('\t').unwrap();
        (path.to_owned(), meta.split(' ').nth(2).unwrap().to_owned())
    };
    listed.lines().map(line).collect()
}

/// The commits, in the order of git, that brought a blob to a path: none of their parents has it there.
fn all_brought_by_git(repo: &Repo, order: &[(String, Vec<String>)]) -> Vec<((String, String), String)> {
    let mut brought = Vec::new();
    for (commit, parents) in order {
        let before: Vec<_> = parents.iter().map(|parent| tree_of(repo, parent)).collect();
        for (path, blob) in tree_of(repo, commit) {
            if before.iter().all(|tree| tree.get(&path) != Some(&blob)) {
                brought.push(((path, blob), commit.clone()));
            }
        }
    }
    brought
}

/// The last commit that refs lead to, as git orders them, that took one of `blobs` away from `path`: each of its parents has another blob
/// there than it has itself.
fn removed_by_git<'o>(
    repo: &Repo,
    order: &'o [(String, Vec<String>)],
    path: &str,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Option<&'o String> {
    let reachable = String::from_utf8(repo.git(&["rev-list", "--all"])).unwrap();
    let takes_away = |(commit, parents): &&(String, Vec<String>)| {
        let now = tree_of(repo, commit).remove(path);
        let before: Vec<_> = parents.iter().map(|parent| tree_of(repo, parent).remove(path)).collect();
        let is_changed = |before: &Option<String>| before.is_some() && *before != now;
        reachable.contains(commit.as_str())
            && !before.is_empty()
            && before.iter().all(is_changed)
            && before.iter().flatten().any(|blob| is_wanted(blob))
    };
    order.iter().rev().find(takes_away).map(|(commit, _)| commit)
}

/// Random commits, branches and merges, with dates that go up: the order is then the same by any tie.
fn grow(repo: &Repo, random: &mut Random) {
    let mut stream = String::new();
    let mut time = 1_700_000_000;
    let mut heads: Vec<usize> = Vec::new();
    for mark in 1..=25 {
        time += 60;
        let from = heads.get(random.below(heads.len().max(1))).copied();
        let merged =
            heads.get(random.below(heads.len().max(1))).copied().filter(|&other| Some(other) != from);
        let message = format!("commit {mark}");
        stream += &format!(
            "commit refs/heads/b{}\nmark :{mark}\nauthor A <a@example.com> {time} +0000\n\
             committer A <a@example.com> {time} +0000\ndata {}\n{message}\n",
            mark % 4,
            message.len()
        );
        if let Some(from) = from {
            stream += &format!("from :{from}\n");
        }
        if let Some(merged) = merged.filter(|_| random.below(3) == 0) {
            stream += &format!("merge :{merged}\n");
        }
        for _ in 0..=random.below(3) {
            let path = ["a", "b", "x/a", "x/y/b"][random.below(4)];
            if random.below(4) == 0 {
                stream += &format!("D {path}\n");
            } else {
                let text = lines(&fake::pair(100 + random.below(3) as u64));
                let text = format!("{text}# {}\n", random.below(3));
                stream += &format!("M 644 inline {path}\ndata {}\n{text}\n", text.len());
            }
        }
        heads.push(mark);
    }
    repo.git_with(&["fast-import", "--quiet", "--force"], stream.as_bytes());
}

#[test]
fn the_commit_that_brought_it_is_the_one_that_git_names() {
    let mut removals = 0;
    for seed in 0..6 {
        let folder = Folder::new();
        let repo = folder.repo("repo");
        grow(&repo, &mut Random::new(seed));
        let order = repo.commits();
        let all_brought = all_brought_by_git(&repo, &order);
        let last_brought: BTreeMap<_, _> = all_brought.iter().cloned().collect();
        let brought: BTreeMap<_, _> = all_brought.into_iter().rev().collect();

        let scan = scan(&repo);
        let paths: BTreeSet<&String> = brought.keys().map(|(path, _)| path).collect();
        // What a commit writes twice leaves a blob that is nowhere.
        let is_nowhere = |finding: &&Finding| {
            finding.exposure.as_deref().unwrap().reachability == Reachability::Unreachable
        };
        let found: BTreeSet<String> =
            exposures(&scan).into_keys().filter(|path| !path.starts_with('<')).collect();
        assert_eq!(paths, found.iter().collect(), "seed {seed}");
        for finding in scan.findings.iter().filter(|finding| !is_nowhere(finding)) {
            let path = String::from_utf8_lossy(finding.origin.path()).into_owned();
            let exposure = finding.exposure.as_deref().unwrap();
            // The blobs at the path that hold this credential: all that name its key ID.
            let key = finding.credential.id().unwrap();
            let has_key = |blob: &str| {
                let content = String::from_utf8(repo.git(&["cat-file", "blob", blob])).unwrap();
                content.contains(key.as_str())
            };
            let at_path = brought.iter().filter(|((at, blob), _)| *at == path && has_key(blob));
            let rank = |commit: &&String| order.iter().position(|(id, _)| id == *commit);
            let at_path: Vec<_> = at_path.collect();
            let oldest = at_path.iter().map(|(_, commit)| *commit).min_by_key(rank).unwrap();
            assert_eq!(first(exposure), *oldest, "seed {seed}, {path}");
            assert_eq!(exposure.versions, at_path.len() as u64, "seed {seed}, {path}");
            let holds = |branch: &String| {
                let tree = tree_of(&repo, branch);
                tree.get(&path).is_some_and(|blob| has_key(blob))
            };
            let branches =
                String::from_utf8(repo.git(&["for-each-ref", "--format=%(refname:short)"])).unwrap();
            let expected: Vec<String> = branches.lines().map(str::to_owned).filter(holds).collect();
            assert_eq!(tips(exposure), expected, "seed {seed}, {path}");
            let last =
                at_path.iter().filter_map(|((_, blob), _)| last_brought.get(&(path.clone(), blob.clone())));
            let last = last.max_by_key(rank);
            let removed = removed_by_git(&repo, &order, &path, &has_key);
            let removed =
                removed.filter(|removed| expected.is_empty() && rank(removed) > last.as_ref().and_then(rank));
            let told = exposure.removed.as_ref().map(|commit| commit.id.to_string());
            assert_eq!(told.as_ref(), removed, "seed {seed}, {path}");
            removals += usize::from(removed.is_some());
        }
    }
    assert!(removals > 5, "only {removals} removals were tried");
}

#[test]
fn a_key_at_endlessly_many_paths_is_told_at_some_of_them() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    let hash = |output: Vec<u8>| String::from_utf8(output).unwrap().trim().to_owned();
    let blob = hash(repo.git_with(&["hash-object", "-w", "--stdin"], lines(&fake::pair(24)).as_bytes()));
    let mut tree = hash(repo.git_with(&["mktree"], format!("100644 blob {blob}\tkey\n").as_bytes()));
    for _ in 0..20 {
        let same: String = (0..10).map(|name| format!("040000 tree {tree}\td{name}\n")).collect();
        tree = hash(repo.git_with(&["mktree"], same.as_bytes()));
    }
    let commit = hash(repo.git(&["commit-tree", &tree, "-m", "endless"]));
    repo.git(&["update-ref", "refs/heads/main", &commit]);
    for scan in [scan(&repo), super::range::scan(&repo, &["main"])] {
        assert_eq!(scan.findings.len(), 1000);
        assert!(scan.gaps.contains(&Gap::TooMany));
        assert!(scan.skipped.is_empty());
    }
}
