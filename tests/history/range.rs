//! What selected commits change.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use akid::aws::fake::{self, Fake, Random};
use akid::finding::{Finding, Reachability};
use akid::scan::Scan;
use akid::source::git::{Changes, Push, RangeError, Receiver, Selection};
use akid::stop::Stop;

use super::repo::{Folder, Keep, Repo};

fn lines(key: &Fake) -> String {
    format!("id = {}\nsecret = {}\n", key.id_text(), key.secret_text())
}

fn changes(repo: &Repo, ranges: &[&str]) -> Result<Changes, RangeError> {
    let ranges = ranges.iter().map(|&range| range.to_owned()).collect();
    Changes::new(repo.open(), &Selection { ranges, ..Selection::default() }, 2, &Stop::default())
}

pub(crate) fn scan(repo: &Repo, ranges: &[&str]) -> Scan {
    super::scan(&changes(repo, ranges).unwrap())
}

fn paths(scan: &Scan) -> Vec<String> {
    let path = |finding: &Finding| String::from_utf8_lossy(finding.origin.path()).into_owned();
    scan.findings.iter().map(path).collect()
}

fn repo_with_three_commits(folder: &Folder) -> Repo {
    let repo = folder.repo("repo");
    repo.commit("before", lines(&fake::pair(1)));
    repo.git(&["tag", "base"]);
    repo.commit("new", lines(&fake::pair(2)));
    repo.commit("other", "nothing\n");
    repo
}

#[test]
fn a_range_has_what_its_commits_change_and_nothing_before() {
    let folder = Folder::new();
    let repo = repo_with_three_commits(&folder);
    let found = scan(&repo, &["base..main"]);
    assert_eq!(paths(&found), ["new"]);
    let exposure = found.findings[0].exposure.as_ref().unwrap();
    assert_eq!(exposure.first.as_ref().unwrap().subject, "change new");
    assert_eq!((exposure.reachability, exposure.at_head), (Reachability::Tip, true));
    assert_eq!(paths(&scan(&repo, &["main", "^base"])), ["new"]);
    assert_eq!(paths(&scan(&repo, &["main"])), ["before", "new"]);
    assert_eq!(paths(&scan(&repo, &["main..base"])), [""; 0]);
}

#[test]
fn a_key_that_comes_back_is_found_again() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a", lines(&fake::pair(3)));
    repo.commit("a", "clean\n");
    repo.git(&["tag", "clean"]);
    repo.commit("a", lines(&fake::pair(3)));
    assert_eq!(paths(&scan(&repo, &["clean..main"])), ["a"]);
}

#[test]
fn a_merge_counts_for_what_only_it_wrote() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a", "one\n");
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.commit("side", lines(&fake::pair(4)));
    repo.git(&["checkout", "-q", "main"]);
    repo.commit("c", "three\n");
    repo.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
    fs::write(repo.path("merged"), lines(&fake::pair(5))).unwrap();
    repo.git(&["add", "merged"]);
    repo.git(&["commit", "-q", "-m", "merge"]);
    // Of the merge alone: its parents are left out.
    assert_eq!(paths(&scan(&repo, &["main", "^main^1", "^main^2"])), ["merged"]);
    // From both sides of a fork: what only one of them has.
    assert_eq!(paths(&scan(&repo, &["main^1...side"])), ["side"]);
}

#[test]
fn dates_and_globs_select_commits() {
    let folder = Folder::new();
    let repo = repo_with_three_commits(&folder);
    let select = |selection: Selection| {
        paths(&super::scan(&Changes::new(repo.open(), &selection, 1, &Stop::default()).unwrap()))
    };
    let glob = |glob: &str| Selection { refs: vec![glob.to_owned()], ..Selection::default() };
    assert_eq!(select(glob("refs/tags/*")), ["before"]);
    // 2026-01-01, when all were committed.
    let since = |since| Selection { since: Some(since), ..Selection::default() };
    assert_eq!(select(since(1_767_225_600)), ["before", "new"]);
    assert_eq!(select(since(1_767_225_601)), [""; 0]);
}

/// A history in which each commit comes about a minute after the one before, or long before or after it if `is_wrong`
/// says so. Some are merges.
fn dated(folder: &Folder, seed: u64, is_wrong: impl Fn(&mut Random) -> bool) -> Repo {
    let (repo, mut random) = (folder.repo(&format!("dated{seed}")), Random::new(seed));
    let mut stream = String::new();
    for number in 1..=120_usize {
        let wrong = if is_wrong(&mut random) { random.below(60) * 60 } else { 0 };
        let time = 1_700_000_000 + number * 60 + random.below(30) - wrong;
        let from = |back: usize| number.saturating_sub(back).max(1);
        let branch = random.below(4);
        stream += &format!("commit refs/heads/b{branch}\nmark :{number}\n");
        stream += &format!("committer A <a@example.com> {time} +0000\ndata 0\n");
        if number > 1 {
            stream += &format!("from :{}\n", from(1 + random.below(3)));
            if random.below(5) == 0 {
                stream += &format!("merge :{}\n", from(1 + random.below(20)));
            }
        }
        stream += "\n";
    }
    repo.git_with(&["fast-import", "--quiet", "--force"], stream.as_bytes());
    repo
}

#[test]
fn since_selects_what_git_does_and_where_dates_are_wrong_no_less() {
    let folder = Folder::new();
    let count = |repo: &Repo, option: &str| {
        let listed = repo.git(&["rev-list", "--all", option]);
        listed.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).count()
    };
    let mut more = 0;
    for seed in 0..6 {
        let has_wrong = seed >= 3;
        let repo = dated(&folder, seed, |random| has_wrong && random.below(8) == 0);
        for since in (1_700_000_000..1_700_007_400).step_by(601) {
            let selection = Selection { since: Some(since), ..Selection::default() };
            let selected = Changes::new(repo.open(), &selection, 1, &Stop::default()).unwrap().commits();
            let by_git = count(&repo, &format!("--since={since}"));
            let in_all = count(&repo, &format!("--since-as-filter={since}"));
            assert!((by_git..=in_all).contains(&selected), "{by_git} {selected} {in_all}");
            assert!(has_wrong || selected == in_all, "{selected} of {in_all}");
            more += selected - by_git;
        }
    }
    assert!(more > 0);
}

#[test]
fn what_is_unknown_is_an_error_that_names_it() {
    let folder = Folder::new();
    let repo = repo_with_three_commits(&folder);
    for range in ["nowhere..main", "main..nowhere", "nowhere", "^nowhere"] {
        let error = changes(&repo, &[range]).unwrap_err();
        assert!(matches!(&error, RangeError::Unknown(named) if named.contains("nowhere")), "{error}");
    }
}

#[test]
fn the_blobs_of_a_range_are_those_that_git_lists() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    let mut random = Random::new(7);
    for commit in 0..12 {
        for _ in 0..=random.below(3) {
            let path = ["a", "b", "x/a", "x/y/c"][random.below(4)];
            fs::create_dir_all(repo.path("x/y")).unwrap();
            fs::write(repo.path(path), format!("{}\n", random.below(6))).unwrap();
        }
        repo.git(&["add", "-A"]);
        repo.git(&["commit", "-q", "--allow-empty", "-m", &format!("commit {commit}")]);
    }
    for (from, to) in [(11, 0), (5, 0), (8, 3), (1, 0)] {
        let range = format!("main~{from}..main~{to}");
        let (seen, skipped) = Keep::all_of(&changes(&repo, &[&range]).unwrap());
        assert!(skipped.is_empty(), "{skipped:?}");
        let raw = repo.git(&["log", "--raw", "--no-abbrev", "--format=", "-m", "--no-renames", &range]);
        let raw = String::from_utf8(raw).unwrap();
        let blobs: BTreeSet<String> = raw
            .lines()
            .filter_map(|line| line.split(' ').nth(3).map(str::to_owned))
            .filter(|blob| !blob.starts_with("000000"))
            .collect();
        let seen: BTreeMap<String, usize> = seen
            .iter()
            .map(|(origin, content)| (String::from_utf8_lossy(origin.path()).into_owned(), content.len()))
            .collect();
        let found: BTreeSet<String> = seen
            .keys()
            .filter_map(|path| Some(path.strip_prefix("<blob ")?.trim_end_matches('>').to_owned()))
            .collect();
        assert_eq!(found, blobs, "{range}");
    }
}

#[test]
fn a_push_brings_the_commits_that_git_says_the_remote_lacks() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    let mut random = Random::new(11);
    repo.git(&["remote", "add", "origin", "/nowhere"]);
    repo.commit("a", "0\n");
    for number in 0..30 {
        let branch = format!("b{}", random.below(5));
        let start = ["main", "b0", "b1", "b2"][random.below(4)];
        let refs = String::from_utf8(repo.git(&["branch", "--format=%(refname:short)"])).unwrap();
        let has = |name: &str| refs.lines().any(|line| line == name);
        if !has(&branch) {
            repo.git(&["branch", &branch, if has(start) { start } else { "main" }]);
        }
        repo.git(&["checkout", "-q", &branch]);
        if random.below(4) == 0 {
            repo.git(&["merge", "-q", "--no-ff", "-s", "ours", "-m", "merge", "main"]);
        }
        repo.commit(&format!("f{}", random.below(4)), format!("{number}\n"));
        if random.below(6) == 0 {
            repo.git(&["update-ref", &format!("refs/remotes/origin/{branch}"), "HEAD"]);
        }
    }
    let ids = |arguments: &[&str]| -> BTreeSet<String> {
        String::from_utf8(repo.git(arguments)).unwrap().lines().map(str::to_owned).collect()
    };
    for (tips, known) in [(&["b0"][..], &[][..]), (&["b1", "b2"], &["b3"]), (&["b0", "b4"], &["b1", "b2"])] {
        let texts = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        for receiver in
            [Receiver::Remote("origin".to_owned()), Receiver::Remote("/nowhere".to_owned()), Receiver::Here]
        {
            let push = Push {
                tips: texts(tips),
                names: Vec::new(),
                known: texts(known),
                receiver: receiver.clone(),
            };
            let pushed = Changes::pushed(repo.open(), &push, 1, &Stop::default()).unwrap();
            let theirs = if receiver == Receiver::Here { "--all" } else { "--remotes=origin" };
            let not = [&["--not"], known, &[theirs]].concat();
            let expected = ids(&[&["rev-list"], tips, &not[..]].concat());
            let (seen, _) = Keep::all_of(&pushed);
            let commits = seen.iter().filter_map(|(origin, _)| {
                let path = String::from_utf8_lossy(origin.path()).into_owned();
                Some(path.strip_prefix("<commit ")?.trim_end_matches('>').to_owned())
            });
            assert_eq!(commits.collect::<BTreeSet<_>>(), expected, "{tips:?} {known:?} {receiver:?}");
        }
    }
}

/// Few files in few folders, some of which become the other, on five branches: each with one of `keys`.
fn branched(folder: &Folder, seed: u64, keys: &[Fake; 2]) -> Repo {
    let paths = ["a", "a/b", "a/b/c", "d/e", "d/e/f", "d/g"];
    let (repo, mut random) = (folder.repo(&format!("branched{seed}")), Random::new(seed));
    let mut stream = String::new();
    for number in 1..=40_usize {
        let content = format!("# {}\n{}", random.below(2), lines(&keys[random.below(2)]));
        let (branch, path) = (random.below(5), paths[random.below(6)]);
        stream += &format!("commit refs/heads/b{branch}\nmark :{number}\n");
        stream += &format!("committer A <a@example.com> {} +0000\ndata 0\n", 1_700_000_000 + number);
        if number > 1 {
            stream += &format!("from :{}\n", number.saturating_sub(1 + random.below(3)).max(1));
        }
        stream += &format!("M 100644 inline {path}\ndata {}\n{content}\n", content.len());
    }
    repo.git_with(&["fast-import", "--quiet", "--force"], stream.as_bytes());
    repo
}

#[test]
fn tips_have_what_git_lists_in_their_trees() {
    let folder = Folder::new();
    let keys = [fake::pair(1), fake::pair(2)];
    for seed in 0..8 {
        let repo = branched(&folder, seed, &keys);
        let text = |arguments: &[&str]| String::from_utf8(repo.git(arguments)).unwrap();
        let branches = text(&["for-each-ref", "--format=%(refname:short)"]);
        let mut expected: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
        for branch in branches.lines() {
            for entry in text(&["ls-tree", "-r", branch]).lines() {
                let (blob, path) = entry.split_once('\t').unwrap();
                let content = text(&["cat-file", "blob", &blob[12..]]);
                let key = keys.iter().find(|key| content.contains(key.id_text())).unwrap();
                let place = (path.to_owned(), key.id_text().to_owned());
                expected.entry(place).or_default().insert(branch.to_owned());
            }
        }
        let found = scan(&repo, &branches.lines().collect::<Vec<_>>());
        assert!(found.gaps.is_empty());
        let with_tips = found.findings.iter().filter_map(|finding| {
            let path = String::from_utf8_lossy(finding.origin.path()).into_owned();
            let key = finding.credential.id()?.as_str().to_owned();
            let tips = &finding.exposure.as_ref()?.tips;
            let names: BTreeSet<String> = tips.iter().map(|tip| tip.name.clone()).collect();
            (!names.is_empty()).then_some(((path, key), names))
        });
        assert_eq!(with_tips.collect::<BTreeMap<_, _>>(), expected);
    }
}
