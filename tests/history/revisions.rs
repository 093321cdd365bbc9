//! Refs, revisions and ranges, as git itself understands them.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;

use akid::aws::fake::{self, Random};
use akid::finding::Reachability;
use akid::source::git::{Changes, RangeError, Selection};
use akid::stop::Stop;

use super::repo::{Folder, Keep, Repo};

fn select(repo: &Repo, ranges: &[&str], refs: &[&str]) -> Result<BTreeSet<String>, RangeError> {
    let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    let selection = Selection { ranges: texts(ranges), refs: texts(refs), since: None };
    let changes = Changes::new(repo.open(), &selection, 1, &Stop::default())?;
    let (seen, skipped) = Keep::all_of(&changes);
    assert!(skipped.is_empty(), "{skipped:?}");
    let commits = seen.iter().filter_map(|(origin, _)| {
        let path = String::from_utf8_lossy(origin.path()).into_owned();
        Some(path.strip_prefix("<commit ")?.trim_end_matches('>').to_owned())
    });
    Ok(commits.collect())
}

fn lines(repo: &Repo, arguments: &[&str]) -> BTreeSet<String> {
    String::from_utf8(repo.git(arguments)).unwrap().lines().map(str::to_owned).collect()
}

/// A history of commits with up to three parents, each with a tag `c0`, `c1` and so on.
fn random_history(repo: &Repo, seed: u64, commits: usize) {
    let mut random = Random::new(seed);
    let mut stream = String::new();
    for number in 0..commits {
        let time = 1_767_225_600 + 10 * number + random.below(25);
        let message = format!("commit {number}\n");
        write!(
            stream,
            "commit refs/tags/c{number}\nmark :{}\ncommitter A <a@example.com> {time} +0000\ndata {}\n{message}",
            number + 1,
            message.len()
        )
        .unwrap();
        let mut parents = BTreeSet::new();
        for _ in 0..=random.below(3) {
            if number > 0 && random.below(20) > 0 {
                parents.insert(number - random.below(number.min(6)));
            }
        }
        for (nth, parent) in parents.iter().rev().enumerate() {
            writeln!(stream, "{} :{parent}", if nth == 0 { "from" } else { "merge" }).unwrap();
        }
        writeln!(stream, "M 644 inline f{}\ndata 2\n{}", random.below(5), number % 10).unwrap();
    }
    repo.git_with(&["fast-import", "--quiet", "--force"], stream.as_bytes());
}

#[test]
fn a_range_has_the_commits_that_git_lists() {
    let folder = Folder::new();
    for seed in 0..3 {
        let repo = folder.repo(&format!("repo{seed}"));
        random_history(&repo, seed, 60);
        let mut random = Random::new(seed);
        let mut any = || format!("c{}", random.below(60));
        for _ in 0..12 {
            let (a, b, c) = (any(), any(), any());
            for ranges in [
                vec![format!("{a}..{b}")],
                vec![format!("{a}...{b}")],
                vec![a.clone(), format!("^{b}"), c.clone()],
                vec![format!("{a}^!"), format!("{b}..{c}")],
                vec![format!("{a}^@")],
                vec![c.clone(), format!("^{a}"), format!("^{b}~1")],
            ] {
                let ranges: Vec<&str> = ranges.iter().map(String::as_str).collect();
                let known = [&["rev-list"], &ranges[..]].concat();
                // A root has no parents to step to: an error to both.
                let is_error = ranges.iter().any(|range| {
                    range.ends_with("~1") && {
                        let name = range.trim_start_matches('^').trim_end_matches("~1");
                        lines(&repo, &["rev-list", "--parents", "-1", name])
                            .iter()
                            .all(|line| !line.contains(' '))
                    }
                });
                if is_error {
                    assert!(matches!(select(&repo, &ranges, &[]), Err(RangeError::Unknown(_))), "{ranges:?}");
                } else {
                    assert_eq!(select(&repo, &ranges, &[]).unwrap(), lines(&repo, &known), "{ranges:?}");
                }
            }
        }
        for glob in ["refs/tags/c1*", "tags/c[2-4]?", "tags"] {
            let known = lines(&repo, &["rev-list", &format!("--glob={glob}")]);
            assert_eq!(select(&repo, &[], &[glob]).unwrap(), known, "{glob}");
        }
        // A name means its ref, where git's own globs would find nothing.
        for name in ["refs/tags/c5", "tags/c5", "c5"] {
            let known = lines(&repo, &["rev-list", "refs/tags/c5"]);
            assert_eq!(select(&repo, &[], &[name]).unwrap(), known, "{name}");
        }
        for name in ["refs/heads/c5", "c", "c5/", "nowhere", "refs/tags/x*"] {
            let error = select(&repo, &[], &["tags", name]).unwrap_err();
            assert!(matches!(error, RangeError::NoRef(_)), "{name}: {error}");
        }
    }
}

fn repo_with_names(folder: &Folder, arguments: &[&str]) -> Repo {
    let up = folder.repo("up");
    for number in 0..5 {
        up.commit("a", format!("{number}\n"));
    }
    let clone = [&["clone", "-q"], arguments, &[".", "../repo"]].concat();
    up.git(&clone);
    let repo = Repo { top: folder.top.join("repo") };
    repo.commit("b", "1\n");
    repo.git(&["tag", "-a", "-m", "one", "v1", "HEAD~2"]);
    repo.git(&["tag", "-a", "-m", "two", "v1-again", "v1"]);
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.commit("c", "1\n");
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "--no-ff", "-m", "merge", "side"]);
    repo.git(&["branch", "-q", "same/name"]);
    repo.git(&["reset", "-q", "--hard", "HEAD"]);
    repo
}

const REVISIONS: [&str; 31] = [
    "HEAD",
    "@",
    "main",
    "heads/main",
    "refs/heads/main",
    "main~3",
    "main^2",
    "main^2~1",
    "main^0",
    "HEAD^^",
    "@~2^0",
    "v1",
    "tags/v1",
    "v1^{}",
    "v1^{commit}",
    "v1-again",
    "v1-again~1",
    "origin",
    "origin/main",
    "remotes/origin/main~1",
    "@{u}",
    "main@{upstream}",
    "@{upstream}~1",
    "main@{0}",
    "main@{1}",
    "HEAD@{2}",
    "@{1}",
    "@{-1}",
    "@{-1}~1",
    "ORIG_HEAD",
    "same/name",
];

fn resolves_like_git(repo: &Repo) {
    for revision in REVISIONS {
        let known = lines(repo, &["rev-parse", &format!("{revision}^{{commit}}")]);
        let found = select(repo, &[&format!("{revision}^!")], &[]);
        assert_eq!(found.unwrap_or_default(), known, "{revision}");
    }
    let id = String::from_utf8(repo.git(&["rev-parse", "main~1"])).unwrap();
    for revision in [&id[..40], &id[..9], &id[..7].to_uppercase(), &format!("v1-1-g{}", &id[..8])] {
        assert_eq!(select(repo, &[&format!("{revision}^!")], &[]).unwrap(), [id.trim().to_owned()].into());
    }
}

#[test]
fn a_revision_names_the_commit_that_git_says() {
    let folder = Folder::new();
    let repo = repo_with_names(&folder, &[]);
    resolves_like_git(&repo);
    repo.git(&["repack", "-adq"]);
    repo.git(&["pack-refs", "--all"]);
    resolves_like_git(&repo);
    for revision in
        ["main~99", "main^3", "side@{u}", "main@{99}", "nowhere", "abcd", "@{-9}", "main^{blob}", ""]
    {
        assert!(matches!(select(&repo, &[revision], &[]), Err(RangeError::Unknown(_))), "{revision}");
    }
    assert!(matches!(select(&repo, &[":/merge"], &[]), Err(RangeError::Unsupported(_))));
}

#[test]
fn refs_in_reftables_are_read_like_refs_in_files() {
    let folder = Folder::new();
    let repo = folder.repo("any");
    // Older versions of git know no reftables.
    let version = String::from_utf8(repo.git(&["version"])).unwrap();
    let minor = version.split('.').nth(1).and_then(|minor| minor.parse::<u32>().ok()).unwrap_or_default();
    if version.starts_with("git version 2.") && minor < 45 {
        return;
    }
    let repo = repo_with_names(&folder, &["--ref-format=reftable"]);
    resolves_like_git(&repo);
    let many: String = (0..3000).map(|number| format!("create refs/heads/many/{number} main~1\n")).collect();
    repo.git_with(&["update-ref", "--stdin"], many.as_bytes());
    repo.git(&["branch", "-q", "-D", "many/17"]);
    repo.git(&["worktree", "add", "-q", "-b", "beside", "../beside"]);
    resolves_like_git(&repo);
    repo.git(&["pack-refs"]);
    resolves_like_git(&repo);
    let all = lines(&repo, &["rev-list", "--all"]);
    assert_eq!(select(&repo, &[], &[]).unwrap(), all);
    assert!(matches!(select(&repo, &["many/17"], &[]), Err(RangeError::Unknown(_))));
    let beside = Repo { top: folder.top.join("beside") };
    beside.commit("d", "1\n");
    assert_eq!(select(&beside, &["HEAD^!"], &[]).unwrap(), lines(&beside, &["rev-parse", "HEAD"]));
}

#[test]
fn what_was_fetched_by_its_url_is_known_in_every_worktree() {
    let folder = Folder::new();
    let up = folder.repo("up");
    let key = fake::pair(41);
    up.commit("k", format!("id = {}\nsecret = {}\n", key.id_text(), key.secret_text()));
    let repo = folder.repo("repo");
    repo.commit("a", "1\n");
    repo.git(&["worktree", "add", "-q", "-b", "beside", "../beside"]);
    let url = up.top.to_str().unwrap();
    repo.git(&["fetch", "-q", url]);
    for folder in [repo.top.clone(), folder.top.join("beside")] {
        let repo = Repo { top: folder };
        let scan = super::scan(&super::anchored(repo.open(), 1));
        assert_eq!(scan.findings.len(), 1);
        assert!(scan.gaps.is_empty(), "{:?}", scan.gaps);
    }
    let scan = super::scan(&super::anchored(repo.open(), 1));
    let exposure = scan.findings[0].exposure.as_ref().unwrap();
    assert_eq!((exposure.reachability, exposure.tips[0].name.as_str()), (Reachability::Tip, "FETCH_HEAD"));
}

#[cfg(unix)]
#[test]
fn nothing_outside_is_read_for_refs_and_what_is_damaged_is_named() {
    use std::os::unix::fs::symlink;

    let folder = Folder::new();
    let secret = folder.top.join("private");
    fs::write(&secret, "[x]\n private text\n").unwrap();
    let reasons = |repo: &Repo| -> Vec<String> {
        let scan = super::scan(&super::anchored(repo.open(), 1));
        scan.gaps.iter().map(|gap| format!("{gap:?}")).collect()
    };
    let fresh = |name: &str| {
        let repo = folder.repo_with_files(name);
        repo.commit("a", "1\n");
        repo
    };
    let include = fresh("include");
    let config = fs::read_to_string(include.path(".git/config")).unwrap();
    let path = secret.display();
    fs::write(include.path(".git/config"), format!("{config}[include]\n\tpath = {path}\n")).unwrap();
    assert_eq!(reasons(&include), [""; 0]);

    let link = fresh("link");
    symlink(&secret, link.path(".git/refs/heads/out")).unwrap();
    symlink(&folder.top, link.path(".git/refs/tags/out")).unwrap();
    symlink(&secret, link.path(".git/packed-refs")).unwrap();
    symlink("refs/heads/main", link.path(".git/refs/heads/old-style")).unwrap();
    let found = reasons(&link);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found.iter().all(|reason| reason.contains("symbolic link") && !reason.contains("private text")));

    let damaged = fresh("damaged");
    fs::write(damaged.path(".git/packed-refs"), "# x\nnonsense\n0123 refs/heads/x\n").unwrap();
    fs::write(damaged.path(".git/refs/heads/empty"), "").unwrap();
    fs::write(damaged.path(".git/refs/heads/climbs"), "ref: ../../../private\n").unwrap();
    fs::write(damaged.path(".git/refs/heads/round"), "ref: refs/heads/round\n").unwrap();
    let found = reasons(&damaged);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found.iter().any(|reason| reason.contains("2 damaged lines")), "{found:?}");
}

#[test]
fn large_files_of_zeros_are_passed_over_or_named() {
    let folder = Folder::new();
    let repo = folder.repo_with_files("repo");
    repo.commit("a", "1\n");
    for name in ["packed-refs", "FETCH_HEAD", "ORIG_HEAD", "index"] {
        let file =
            fs::File::options().create(true).append(true).open(repo.path(&format!(".git/{name}"))).unwrap();
        file.set_len(64 << 20).unwrap();
    }
    let scan = super::scan(&super::anchored(repo.open(), 1));
    let named = |name: &str| scan.gaps.iter().any(|gap| format!("{gap:?}").contains(name));
    assert!(named("packed-refs") && named("FETCH_HEAD") && named("ORIG_HEAD"), "{:?}", scan.gaps);
}
