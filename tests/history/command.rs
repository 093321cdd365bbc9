//! `akid history`, run as a whole.

use std::path::Path;
use std::process::{Command, Output};

use akid::aws::fake;

use super::repo::Folder;

fn akid(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_akid"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
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
        ("text", format!("brought by  {} of 2026-01-01 by A <a@example.com>: change a", &commit[..10])),
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
