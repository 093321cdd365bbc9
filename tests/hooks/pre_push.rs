//! What is pushed, and what of it the other side lacks.

use crate::work::{Folder, Work, id, keeps_secret, leak};

/// A repository with a hook, and the one that it pushes to.
struct Pair {
    _folder: Folder,
    repo: Work,
    remote: Work,
}

impl Pair {
    fn new() -> Self {
        let folder = Folder::new();
        let (repo, remote) = (folder.repo("repo"), folder.bare("remote"));
        repo.git(&["remote", "add", "origin", remote.top.to_str().unwrap()]).ok();
        repo.akid(&["hook", "install", "--pre-push"]).ok();
        repo.commit("README", "a\n");
        Self { _folder: folder, repo, remote }
    }

    fn refs(&self) -> String {
        self.remote.git(&["for-each-ref", "--format=%(refname)"]).ok()
    }
}

#[test]
fn the_first_push_to_an_empty_remote_is_scanned_whole() {
    let pair = Pair::new();
    pair.repo.commit("a.env", leak(1));
    pair.repo.commit("a.env", "gone\n");
    let told = pair.repo.git(&["push", "origin", "main"]).stopped();
    assert!(
        told.contains(
            "akid: push stopped: 1 credential in commits that `origin` does not have\na.env:1:19: "
        )
    );
    assert!(told.contains("    introduced in ") && told.contains("git rebase -i "), "{told}");
    assert!(keeps_secret(&told, 1) && told.lines().count() < 16, "{told}");
    assert_eq!(pair.refs(), "");
}

#[test]
fn only_what_the_remote_lacks_is_scanned() {
    let pair = Pair::new();
    pair.repo.commit("a.env", leak(1));
    pair.repo.git(&["push", "-q", "--no-verify", "origin", "main"]).ok();
    pair.repo.commit("b", "b\n");
    pair.repo.git(&["push", "-q", "origin", "main"]).ok();
    // A new branch of what is there, and a deletion.
    pair.repo.git(&["push", "-q", "origin", "main:other"]).ok();
    pair.repo.git(&["push", "-q", "origin", ":other"]).ok();
    assert_eq!(pair.refs(), "refs/heads/main\n");
    // By its URL, the same remote.
    let url = pair.remote.top.to_str().unwrap().to_owned();
    pair.repo.git(&["push", "-q", &url, "main:by-url"]).ok();
    // Another one has nothing of it yet.
    pair.repo.git(&["init", "-q", "--bare", "../second"]).ok();
    pair.repo.git(&["remote", "add", "second", "../second"]).ok();
    let told = pair.repo.git(&["push", "-q", "second", "main"]).stopped();
    assert!(
        told.contains("in commits that `second` does not have")
            && told.contains("ALREADY PUSHED, to origin/main")
    );
}

#[test]
fn every_ref_of_a_push_counts() {
    let pair = Pair::new();
    pair.repo.git(&["push", "-q", "origin", "main"]).ok();
    for (branch, seed) in [("one", 1), ("two", 2)] {
        pair.repo.git(&["checkout", "-q", "-b", branch, "main"]).ok();
        pair.repo.commit("a.env", leak(seed));
    }
    pair.repo.git(&["checkout", "-q", "-b", "three", "main"]).ok();
    pair.repo.commit("c", "c\n");
    let told = pair.repo.git(&["push", "-q", "origin", "three", "one", "two"]).stopped();
    assert!(told.contains("2 credentials") && told.contains(&id(1)) && told.contains(&id(2)), "{told}");
    pair.repo.git(&["push", "-q", "origin", "three"]).ok();
}

#[test]
fn a_forced_push_is_scanned_even_if_the_remotes_commit_was_never_fetched() {
    let pair = Pair::new();
    pair.repo.git(&["push", "-q", "origin", "main"]).ok();
    pair.repo.git(&["clone", "-q", pair.remote.top.to_str().unwrap(), "../other"]).ok();
    let other = pair.repo.at("../other");
    other.commit("x", "x\n");
    other.git(&["push", "-q", "origin", "main"]).ok();
    pair.repo.commit("a.env", leak(1));
    let told = pair.repo.git(&["push", "-q", "--force", "origin", "main"]).stopped();
    assert!(told.contains("a.env:1:19: critical"), "{told}");
}

#[test]
fn tags_of_anything_are_scanned_with_their_messages() {
    let pair = Pair::new();
    pair.repo.git(&["push", "-q", "origin", "main"]).ok();
    pair.repo.git(&["tag", "-a", "-m", &leak(1), "message"]).ok();
    pair.repo.write("loose", leak(2));
    pair.repo.sh("git tag blob $(git hash-object -w loose) && rm loose").ok();
    pair.repo.write("sub/deep/a.env", leak(3));
    pair.repo.sh("git add -A && git tag tree $(git write-tree) && git rm -rqf sub").ok();
    for (tag, seed) in [("message", 1), ("blob", 2), ("tree", 3)] {
        let told = pair.repo.git(&["push", "-q", "origin", tag]).stopped();
        assert!(told.contains(&id(seed)) && told.contains("1 credential "), "{tag}: {told}");
    }
    pair.repo.sh(&format!("git tag fix/{}", id(4))).ok();
    let told = pair.repo.git(&["push", "-q", "origin", &format!("fix/{}", id(4))]).stopped();
    assert!(told.contains(&id(4)), "{told}");
}

#[test]
fn a_merge_counts_for_what_only_it_wrote() {
    let pair = Pair::new();
    pair.repo.git(&["push", "-q", "origin", "main"]).ok();
    pair.repo.git(&["checkout", "-q", "-b", "side"]).ok();
    pair.repo.commit("b", "b\n");
    pair.repo.git(&["checkout", "-q", "main"]).ok();
    pair.repo.commit("c", "c\n");
    pair.repo.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]).ok();
    pair.repo.write("evil.env", leak(1));
    pair.repo.sh("git add -A && git commit -q --no-verify -m merge").ok();
    let told = pair.repo.git(&["push", "-q", "origin", "main"]).stopped();
    assert!(told.contains("evil.env:1:19: critical"), "{told}");
}

#[test]
fn what_is_not_from_git_is_an_error_and_no_silence() {
    let pair = Pair::new();
    let said = pair.repo.sh(&format!("echo nonsense | {} hook pre-push", crate::work::AKID));
    assert_eq!(said.code, Some(2));
    assert!(said.text.contains("line 1 of standard input"), "{}", said.text);
    let zero = "0".repeat(40);
    let absent = "b".repeat(40);
    let line = format!("refs/heads/a {absent} refs/heads/a {zero}");
    let said = pair.repo.sh(&format!("echo {line} | {} hook pre-push", crate::work::AKID));
    assert_eq!(said.code, Some(2), "{}", said.text);
}

#[test]
fn under_pre_commit_its_variables_say_what_is_pushed() {
    let pair = Pair::new();
    pair.repo.git(&["push", "-q", "origin", "main"]).ok();
    pair.repo.commit("a.env", leak(1));
    let hook = format!("{} hook pre-push", crate::work::AKID);
    let told =
        pair.repo.sh(&format!("PRE_COMMIT=1 PRE_COMMIT_REMOTE_NAME=origin {hook} < /dev/null")).stopped();
    assert!(told.contains("a.env:1:19"), "{told}");
    let range = "PRE_COMMIT_FROM_REF=HEAD~ PRE_COMMIT_TO_REF=HEAD PRE_COMMIT_REMOTE_NAME=origin";
    pair.repo.sh(&format!("PRE_COMMIT=1 {range} {hook} < /dev/null")).stopped();
    pair.repo
        .sh(&format!("PRE_COMMIT=1 PRE_COMMIT_FROM_REF=HEAD PRE_COMMIT_TO_REF=HEAD {hook} < /dev/null"))
        .ok();
}

#[test]
fn what_another_place_has_is_not_known_there() {
    // Fetched from one place and pushed to another; remotes whose names begin alike; a name like an option.
    let pair = Pair::new();
    pair.repo.commit("a.env", leak(1));
    pair.repo.git(&["push", "-q", "--no-verify", "origin", "main"]).ok();
    for bare in ["public", "a", "ab", "odd"] {
        pair.repo.git(&["init", "-q", "--bare", &format!("../{bare}.git")]).ok();
    }
    pair.repo.git(&["remote", "set-url", "--push", "origin", "../public.git"]).ok();
    pair.repo.git(&["push", "-q", "origin", "main"]).stopped();
    pair.repo.git(&["remote", "add", "a", "../a.git"]).ok();
    pair.repo.sh("git config remote.a/b.url ../ab.git && git update-ref refs/remotes/a/b/main HEAD").ok();
    pair.repo.git(&["push", "-q", "a", "main"]).stopped();
    pair.repo.git(&["push", "-q", "a/b", "main"]).ok();
    pair.repo.sh("git config remote.-x.url ../odd.git").ok();
    let told = pair.repo.git(&["push", "-q", "--", "-x", "main"]).stopped();
    assert!(told.contains("in commits that `-x` does not have"), "{told}");
}

#[test]
fn a_hook_that_cannot_hear_what_is_pushed_stops_it() {
    let pair = Pair::new();
    pair.repo.commit("a.env", leak(1));
    let git = pair.repo.sh("command -v git").ok();
    let told = pair.repo.sh(&format!("PATH= {} push -q origin main", git.trim())).stopped();
    assert!(pair.refs().is_empty(), "{told}");
}

#[test]
fn what_pre_commit_left_in_the_environment_hides_nothing() {
    let pair = Pair::new();
    pair.repo.git(&["checkout", "-q", "-b", "leak"]).ok();
    pair.repo.commit("a.env", leak(1));
    pair.repo.git(&["checkout", "-q", "main"]).ok();
    pair.repo.sh("PRE_COMMIT=1 git push -q origin leak").stopped();
}

#[test]
fn the_rebase_that_is_told_begins_at_the_oldest_commit() {
    let pair = Pair::new();
    for (path, seed, day) in [("z.env", 1, 1), ("a.env", 2, 2)] {
        pair.repo.write(path, leak(seed));
        pair.repo.git(&["add", "-A"]).ok();
        pair.repo.sh(&format!("GIT_COMMITTER_DATE=2026-01-0{day}T00:00:00Z git commit -qm {path}")).ok();
    }
    let first = pair.repo.git(&["rev-parse", "--short=10", "HEAD~"]).ok();
    let told = pair.repo.git(&["push", "-q", "origin", "main"]).stopped();
    assert!(told.contains(&format!("git rebase -i {}^", first.trim())), "{told}");
}

#[test]
fn a_push_from_a_repository_with_reftables_is_checked_like_any_other() {
    let pair = Pair::new();
    let repo = pair.repo.at("../reftable");
    // Older ones of git have no such form.
    if pair.repo.git(&["init", "-q", "-b", "main", "--ref-format=reftable", "../reftable"]).code != Some(0) {
        return;
    }
    repo.git(&["remote", "add", "origin", pair.remote.top.to_str().unwrap()]).ok();
    repo.akid(&["hook", "install"]).ok();
    repo.write("a", "a\n");
    repo.sh("git add a && git commit -qm a").ok();
    repo.git(&["push", "-q", "origin", "main"]).ok();
    repo.write("a.env", leak(1));
    repo.sh("git add a.env && git commit --no-verify -qm leak").ok();
    let shown = repo.git(&["push", "-q", "origin", "main"]).stopped();
    assert!(shown.contains("1 credential in commits that `origin` does not have"), "{shown}");
}
