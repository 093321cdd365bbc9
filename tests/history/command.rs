//! `akid history`, run as a whole.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use akid::aws::fake;

use super::repo::{Folder, of_this_machine};

fn akid(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_akid"));
    for name in of_this_machine() {
        command.env_remove(name);
    }
    command.current_dir(folder).args(arguments).output().unwrap()
}

#[test]
fn a_key_that_was_deleted_is_found_in_every_format() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    let key = fake::pair(8);
    repo.commit("a", format!("id = {}\nsecret = {}\n", key.id_text(), key.secret_text()));
    let commit = String::from_utf8(repo.git(&["rev-parse", "HEAD"])).unwrap();
    let commit = commit.trim();
    repo.git(&["rm", "-q", "a"]);
    repo.git(&["commit", "-q", "-m", "remove the key"]);

    for (format, place) in [
        ("text", format!("introduced in {}, 2026-01-01, A <a@example.com>: change", &commit[..10])),
        ("json", format!("\"commit\":\"{commit}\"")),
        ("jsonl", format!("\"commit\":\"{commit}\"")),
        ("sarif", format!("\"commit\":\"{commit}\"")),
    ] {
        let output = akid(&repo.top, &["history", "-f", format]);
        let report = String::from_utf8(output.stdout).unwrap();
        let report = if format == "text" { report } else { report.replace("\": ", "\":") };
        assert!(report.contains(&place) && report.contains(key.id_text()), "{format}: {report}");
        assert!(!report.contains(key.secret_text()));
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("scanned 3 objects, "), "{told}");
        assert_eq!(output.status.code(), Some(1), "{format}");
    }
    // The same from anywhere, and in any worktree.
    assert_eq!(akid(&folder.top, &["history", "-q", "repo/.git"]).status.code(), Some(1));
}

#[test]
fn what_is_no_repository_is_an_error_with_a_remedy() {
    let folder = Folder::new();
    let output = akid(&folder.top, &["history", "."]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.starts_with("error: .: not in a git repository\nhelp: "), "{told}");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn damage_is_told_by_its_place_and_makes_the_scan_incomplete() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a", "some text\n");
    repo.git(&["repack", "-q", "-ad"]);
    std::fs::remove_file(&repo.packs("idx")[0]).unwrap();
    let output = akid(&folder.top, &["history", "repo"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("repo/.git/objects/pack/pack-") && told.contains("git index-pack"), "{told}");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn no_report_of_history_repeats_a_secret_that_names_hold() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    let keys: Vec<_> = (30..36).map(fake::pair).collect();
    let secret = |number: usize| keys[number].secret_text().replace('/', "a");
    let [path, branch, author, subject, padded] = [0, 1, 2, 3, 4].map(secret);
    let key = &keys[5];
    std::fs::write(repo.path(&path), format!("id = {}\nsecret = {}\n", key.id_text(), key.secret_text()))
        .unwrap();
    repo.git(&["add", "-A"]);
    let author_line = format!("--author={author} <a@example.com>");
    // One stands where a subject is cut.
    let subject_line = format!("secret {subject} {}{padded}", "word ".repeat(8));
    repo.git(&["commit", "-q", &author_line, "-m", &subject_line]);
    repo.git(&["branch", &format!("fix-{branch}")]);
    for format in ["text", "json", "jsonl", "sarif"] {
        let output = akid(&repo.top, &["history", "-v", "-f", format]);
        assert_eq!(output.status.code(), Some(1));
        let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        for secret in [&path, &branch, &author, &subject, &padded, key.secret_text()] {
            for piece in secret.as_bytes().windows(8) {
                let piece = std::str::from_utf8(piece).unwrap();
                assert!(!told.contains(piece), "{format}: {piece} of {secret}: {told}");
            }
        }
    }
}

#[test]
fn a_shallow_clone_says_so_in_every_format() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a", "one\n");
    repo.commit("a", "two\n");
    let from = format!("file://{}", repo.top.display());
    repo.git(&["clone", "-q", "--depth=1", &from, "../shallow"]);
    for format in ["text", "json", "jsonl", "sarif"] {
        let output = akid(&folder.top.join("shallow"), &["history", "-f", format]);
        let report = if format == "text" { output.stderr } else { output.stdout };
        let report = String::from_utf8(report).unwrap();
        assert!(report.contains("shallow clone: commits before its boundary"), "{format}: {report}");
        assert_eq!(output.status.code(), Some(2));
    }
}

#[test]
fn what_is_staged_is_told_from_the_current_folder() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    let key = fake::pair(9);
    std::fs::create_dir(repo.path("sub")).unwrap();
    let text = format!("id = {}\nsecret = {}\n", key.id_text(), key.secret_text());
    std::fs::write(repo.path("sub/a"), text).unwrap();
    repo.git(&["add", "."]);
    std::fs::write(repo.path("sub/a"), "clean\n").unwrap();
    for (from, path) in [(".", "sub/a:1:"), ("sub", "a:1:")] {
        let output = akid(&repo.path(from), &["staged"]);
        let report = String::from_utf8(output.stdout).unwrap();
        assert!(report.lines().any(|line| line.trim().starts_with(path)), "{from}: {report}");
        assert_eq!(output.status.code(), Some(1));
    }
    let sarif = String::from_utf8(akid(&repo.top, &["staged", "-f", "sarif"]).stdout).unwrap();
    assert!(sarif.contains("akid/staged/") && sarif.contains("sub/a") && !sarif.contains(key.secret_text()));

    repo.git(&["clone", "-q", "--bare", ".", "../bare.git"]);
    for (name, fault) in [("bare.git", "a bare repository"), (".", "not in a git repository")] {
        let output = akid(&folder.top.join(name), &["staged"]);
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(fault) && told.contains("\nhelp: "), "{told}");
        assert_eq!(output.status.code(), Some(2));
    }
}

/// Runs `akid history`, and ends it if it takes longer than anything here can take.
#[cfg(unix)]
fn history_in_time(folder: &Path) -> Option<Output> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_akid"));
    command.args(["history", "-f", "jsonl"]).current_dir(folder);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    for _ in 0..600 {
        if child.try_wait().unwrap().is_some() {
            return child.wait_with_output().ok();
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    child.kill().unwrap();
    None
}

#[cfg(unix)]
#[test]
fn nothing_waits_at_a_pipe_that_a_repository_brings() {
    let key = fake::pair(40);
    for place in [
        ".git/include",
        ".git/refs/heads/pipe",
        ".git/packed-refs",
        ".git/logs/HEAD",
        ".git/index",
        ".git/FETCH_HEAD",
        ".git/config.worktree",
        ".git/objects/pack/pack-1.pack",
        ".git/objects/pack/multi-pack-index",
        ".git/objects/info/alternates",
        ".git/objects/ab/cdefabcdefabcdefabcdefabcdefabcdefabcd",
    ] {
        let folder = Folder::new();
        let repo = folder.repo_of("repo", "sha1", "files");
        repo.commit("a", format!("id = {}\nsecret = {}\n", key.id_text(), key.secret_text()));
        if place.ends_with("include") {
            repo.git(&["config", "include.path", "include"]);
        }
        let path = repo.path(place);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        drop(std::fs::remove_file(&path));
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        let output = history_in_time(&repo.top).unwrap_or_else(|| panic!("{place}: it waits"));
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(told.contains(key.id_text()), "{place}: {told}");
        // Nothing reads what a configuration includes, or what only one worktree is configured by; and each pack has an
        // index of its own.
        let unread = [".git/include", ".git/config.worktree", ".git/objects/pack/multi-pack-index"];
        let is_read = !unread.contains(&place);
        // Either the object is named, or that refs could not be read.
        let is_named = told.contains("regular file") || told.contains("no object");
        assert_eq!(is_named, is_read, "{place}: {told}");
    }
}
