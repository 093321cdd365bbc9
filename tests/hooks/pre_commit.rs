//! What somebody sees whose commit is stopped, and whether it helps.

use crate::work::{Folder, id, keeps_secret, leak};

#[test]
fn a_stopped_commit_is_told_in_fewer_than_fifteen_lines() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("README", "a\n");
    repo.akid(&["hook", "install", "--pre-commit"]).ok();
    repo.write("config/app.env", leak(1));
    repo.git(&["add", "-A"]).ok();
    let told = repo.git(&["commit", "-m", "add"]).stopped();
    assert!(
        told.starts_with("akid: commit stopped: 1 credential is staged\nconfig/app.env:1:19: critical: ")
    );
    assert!(told.contains(&format!("akid explain {}\n", id(1))) && keeps_secret(&told, 1), "{told}");
    assert!(told.lines().count() < 15 && !told.contains("\n\n"), "{told}");
    // Nothing was committed.
    assert_eq!(repo.git(&["rev-list", "--count", "HEAD"]).ok(), "1\n");
}

#[test]
fn the_commands_that_it_tells_do_what_it_says() {
    for (name, is_first) in
        [("a b.env", false), ("it's [x]*.env", false), ("-q.env", true), ("ü/ä.env", true)]
    {
        let folder = Folder::new();
        let repo = folder.repo("repo");
        if !is_first {
            repo.commit("README", "a\n");
        }
        repo.akid(&["hook", "install"]).ok();
        repo.write(name, leak(2));
        repo.write("below/clean", "b\n");
        repo.git(&["add", "-A"]).ok();
        let told = repo.git(&["commit", "-m", "add"]).stopped();
        let command = told.lines().find(|line| line.starts_with("       git ")).unwrap();
        // From whatever folder it is pasted in.
        repo.at("below").sh(command).ok();
        assert_eq!(repo.git(&["diff", "--cached", "--name-only"]).ok().trim(), "below/clean", "{command}");
        repo.git(&["commit", "-qm", "the rest"]).ok();
    }
}

#[test]
fn it_is_told_whether_a_remote_branch_has_it_already() {
    let folder = Folder::new();
    let (repo, remote) = (folder.repo("repo"), folder.bare("remote"));
    repo.git(&["remote", "add", "origin", remote.top.to_str().unwrap()]).ok();
    repo.akid(&["hook", "install", "--pre-commit"]).ok();
    repo.commit("a.env", "a\n");
    repo.git(&["push", "-q", "origin", "main"]).ok();
    repo.write("a.env", leak(3));
    repo.git(&["add", "-A"]).ok();
    let told = repo.git(&["commit", "-m", "add"]).stopped();
    assert!(told.contains("\n   Not found in this file on any fetched remote branch"), "{told}");
    repo.git(&["commit", "-q", "--no-verify", "-m", "add"]).ok();
    repo.git(&["push", "-q", "origin", "main:release/1"]).ok();
    repo.write("a.env", format!("{}more\n", leak(3)));
    repo.git(&["add", "-A"]).ok();
    let told = repo.git(&["commit", "-m", "change"]).stopped();
    assert!(told.contains("\n   ALREADY PUSHED, to origin/release/1: rotate it now"), "{told}");
}

#[test]
fn what_does_not_fail_stops_nothing_and_is_told_in_a_line() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.akid(&["hook", "install"]).ok();
    repo.write("a", "a\n");
    repo.git(&["add", "-A"]).ok();
    assert_eq!(repo.git(&["commit", "-qm", "clean"]).ok(), "");
    let key = akid::aws::fake::temporary(4);
    repo.write("b", format!("id = {}\n", key.id_text()));
    repo.git(&["add", "-A"]).ok();
    let told = repo.git(&["commit", "-qm", "low"]).ok();
    assert!(told.starts_with("akid: not blocking: b:1:6: low: ") && told.lines().count() == 1, "{told}");
}

#[test]
fn a_hook_writes_the_reports_that_it_is_asked_for() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.write("a", leak(5));
    repo.git(&["add", "-A"]).ok();
    let said = repo.akid(&["hook", "pre-commit", "-o", "../r.sarif", "-o", "json:-"]);
    assert_eq!(said.code, Some(1));
    assert!(said.text.starts_with("{") && said.text.contains("akid: commit stopped"), "{}", said.text);
    assert!(repo.read("../r.sarif").contains("akid/staged/"));
}

#[test]
fn a_commit_of_files_as_they_are_is_told_what_helps_there() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a.env", "a\n");
    repo.akid(&["hook", "install"]).ok();
    repo.write("a.env", leak(6));
    for arguments in [&["commit", "-qam", "a"][..], &["commit", "-qm", "a", "a.env"]] {
        let told = repo.git(arguments).stopped();
        assert!(
            told.contains("Remove it from the file and commit again\n") && !told.contains("restore"),
            "{told}"
        );
    }
}

#[test]
fn a_mark_on_the_key_ids_line_allows_no_secret_elsewhere() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.akid(&["hook", "install"]).ok();
    let text = leak(7);
    let (id, secret) = text.split_once('\n').unwrap();
    repo.write("a", format!("{id} # gitleaks:allow not a secret\n"));
    repo.git(&["add", "-A"]).ok();
    repo.git(&["commit", "-qm", "a"]).ok();
    repo.write("a", format!("{id} # gitleaks:allow not a secret\n{}{secret}", "x\n".repeat(100)));
    repo.git(&["add", "-A"]).ok();
    let told = repo.git(&["commit", "-qm", "a"]).stopped();
    assert!(told.contains("in a comment on line 102, or run"), "{told}");
}

#[test]
fn a_commit_that_could_not_be_scanned_is_stopped_in_words() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.akid(&["hook", "install"]).ok();
    repo.write("a", "a\n");
    repo.write(".akid.toml", "excludes = []\n");
    repo.git(&["add", "a"]).ok();
    let told = repo.git(&["commit", "-qm", "a"]).stopped();
    assert!(told.starts_with("akid: commit stopped by an error\nerror: .akid.toml:1:1: "), "{told}");
    repo.write(".akid.toml", "strict = true\n");
    repo.sh("tar cf b a && mv b a && truncate -s 513 a && git add a").ok();
    let told = repo.git(&["commit", "-qm", "a"]).stopped();
    assert!(told.starts_with("akid: commit stopped: the scan is incomplete; "), "{told}");
    assert!(told.contains("\n  a!/a: truncated\n"), "{told}");
    let accepted = "strict = true\n[[accept-skip]]\npath = 'a'\nreason = 'made for a test'\n";
    repo.write(".akid.toml", accepted);
    repo.git(&["commit", "-qm", "a"]).ok();
}

#[test]
fn a_merge_is_stopped_and_told_which_commit_brings_it_and_how_to_get_out() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("both", "a\n");
    repo.git(&["checkout", "-q", "-b", "side"]).ok();
    repo.commit("config/app.env", leak(5));
    let by = repo.git(&["log", "-1", "--format=%h", "--abbrev=10"]).ok();
    repo.git(&["checkout", "-q", "-b", "clashing"]).ok();
    repo.commit("both", "b\n");
    repo.git(&["checkout", "-q", "main"]).ok();
    repo.commit("other", "b\n");
    repo.akid(&["hook", "install", "--pre-commit"]).ok();
    let is_told = |told: &str| {
        let start =
            "akid: merge stopped: 1 credential in the merged commits\nconfig/app.env:1:19: critical: ";
        assert!(told.contains(start), "{told}");
        assert!(told.contains(&format!("\n    introduced in {}, ", by.trim())), "{told}");
        assert!(told.contains(", on their own branch:\n       git merge --abort\n"), "{told}");
        assert!(!told.contains("restore") && !told.contains("in a comment"), "{told}");
        assert!(keeps_secret(told, 5) && told.lines().count() < 15, "{told}");
    };
    // Made by git itself, then by hand.
    is_told(&repo.git(&["merge", "-q", "-m", "merge", "side"]).stopped());
    is_told(&repo.git(&["commit", "-qm", "merge"]).stopped());
    repo.git(&["merge", "--abort"]).ok();
    assert_eq!(
        repo.git(&["status", "--short"]).ok() + &repo.git(&["log", "-1", "--format=%s"]).ok(),
        "change other\n"
    );

    // What only the merge itself brings, where it was put together by hand.
    repo.git(&["rm", "-q", "both"]).ok();
    repo.git(&["commit", "-qm", "remove"]).ok();
    repo.git(&["merge", "-q", "clashing"]).stopped();
    repo.write("both", leak(6));
    repo.sh("git rm -qf config/app.env; git add both").ok();
    let told = repo.git(&["commit", "-qm", "merge"]).stopped();
    assert!(told.contains("1. Remove it from the file and `git add` again\n"), "{told}");
    assert!(told.contains("merge stopped") && !told.contains("introduced"), "{told}");
}

#[test]
fn who_commits_is_told_even_where_a_report_cannot_be_written() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.write("a.env", leak(6));
    repo.git(&["add", "a.env"]).ok();
    let run =
        repo.akid(&["hook", "pre-commit", "-o", "json:/dev/full", "-o", "a.json", "-o", "sarif:/dev/full"]);
    assert_eq!(run.code, Some(2), "{}", run.text);
    assert!(run.text.starts_with("akid: commit stopped: 1 credential is staged"), "{}", run.text);
    assert_eq!(run.text.matches("error: /dev/full: cannot be written: ").count(), 2, "{}", run.text);
    assert!(repo.read("a.json").contains("a.env"));
}

#[test]
fn who_waits_is_told_of_wrong_options_and_of_interrupts_what_they_stopped() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    for (arguments, verdict) in [
        (["pre-commit", "--fail-on=zzz"], "commit stopped"),
        (["pre-push", "--no-such-option"], "push stopped"),
        (["pre-receive", "--timeout=soon"], "push refused"),
    ] {
        let said = repo.akid(&[&["hook"][..], &arguments].concat());
        assert_eq!(said.code, Some(2), "{}", said.text);
        assert!(said.text.starts_with(&format!("akid: {verdict} by an error\nerror: ")), "{}", said.text);
    }
    assert!(!repo.akid(&["hook", "install", "--no-such-option"]).stopped().contains("akid: "));

    // Much that holds nothing: it takes a while. Once a report is begun, interrupts are listened for.
    repo.write("many", b"AKIA \n".repeat(20_000_000));
    repo.git(&["add", "-A"]).ok();
    let said = repo.sh(&format!(
        "{} hook pre-commit -o ../r.json & pid=$!; \
         until [ -e ../r.json.akid-$pid.tmp ]; do sleep 0.05; done; sleep 0.1; kill -INT $pid; wait $pid",
        crate::work::AKID
    ));
    assert_eq!(said.code, Some(130), "{}", said.text);
    assert!(said.text.ends_with("akid: commit stopped: the scan was interrupted\n"), "{}", said.text);
}
