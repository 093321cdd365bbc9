//! `--cache` and `akid cache`: the same report in less time, whoever else uses the folder.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::thread;

use crate::work::{Folder, Work, keeps_secret, leak};

/// A repository with a key and many clean objects.
fn repo(folder: &Folder, name: &str) -> Work {
    let repo = folder.repo(name);
    for number in 0..6 {
        repo.commit(&format!("file{number}"), format!("{name} {number}\n"));
    }
    repo.commit("leak.env", leak(1));
    repo
}

/// Every format's report of a history.
fn report(repo: &Work, options: &[&str]) -> (Option<i32>, String) {
    let outputs = ["-o", "json:r.json", "-o", "sarif:r.sarif", "-o", "csv:r.csv", "-o", "text:r.txt"];
    let said = repo.akid(&[&["history", "--quiet"], &outputs[..], options].concat());
    let mut text = said.text;
    for file in ["r.json", "r.sarif", "r.csv", "r.txt"] {
        text += &repo.read(file);
        fs::remove_file(repo.top.join(file)).unwrap();
    }
    let at = text.find("\"time\": \"").unwrap() + 9;
    text.replace_range(at..at + 20, "");
    (said.code, text)
}

fn bytes_of(folder: &std::path::Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        all.extend(if path.is_dir() { bytes_of(&path) } else { fs::read(&path).unwrap() });
    }
    all
}

#[test]
fn the_report_is_the_same_and_the_cache_has_no_secret() {
    let folder = Folder::new();
    let repo = repo(&folder, "repo");
    let without = report(&repo, &[]);
    assert_eq!(without.0, Some(1));
    for options in
        [["--cache=../cache", "-j1"], ["--cache=../cache", "-j8"], ["--cache", "-j1"], ["--cache", "-j8"]]
    {
        assert_eq!(report(&repo, &options), without, "{options:?}");
    }
    // All but the key's blob, 7 of each of blobs, commits, trees.
    for stats in [repo.akid(&["cache", "stats", "../cache"]).ok(), repo.akid(&["cache", "stats"]).ok()] {
        assert!(stats.contains("20 objects of 1 repositories in 1 segments"), "{stats}");
    }
    let bytes = bytes_of(&folder.top.join("cache"));
    assert!(keeps_secret(&String::from_utf8_lossy(&bytes), 1));
    assert!(repo.akid(&["cache", "prune"]).ok().starts_with("removed 0 files"));
    assert!(repo.akid(&["cache", "clear"]).ok().starts_with("removed 2 files"));
    assert!(repo.akid(&["cache", "stats"]).ok().contains("empty"));
}

#[test]
fn two_processes_write_at_once_and_both_are_remembered() {
    let folder = Folder::new();
    let repos = [repo(&folder, "one"), repo(&folder, "two")];
    let without = repos.each_ref().map(|repo| report(repo, &[]));
    thread::scope(|scope| {
        for (repo, without) in repos.iter().zip(&without) {
            scope.spawn(move || {
                for _ in 0..3 {
                    assert_eq!(report(repo, &["--cache=../cache"]), *without);
                }
            });
        }
    });
    let stats = repos[0].akid(&["cache", "stats", "../cache"]).ok();
    assert!(stats.contains("of 2 repositories"), "{stats}");
}

#[test]
fn a_scan_that_is_killed_while_it_writes_a_segment_leaves_nothing_that_counts() {
    let folder = Folder::new();
    let repo = repo(&folder, "repo");
    // With so many objects a segment is longer than the limit below.
    (0..200).for_each(|number| repo.write(&format!("many/{number}"), format!("{number}\n")));
    repo.git(&["add", "many"]).ok();
    repo.git(&["commit", "-qm", "many"]).ok();
    let without = report(&repo, &[]);
    // The system kills a process that writes more than this to a file.
    let akid = crate::work::AKID;
    let killed = repo.sh(&format!("ulimit -f 2; exec '{akid}' history --quiet --cache=../cache -j1"));
    assert_eq!(killed.code, None, "{}", killed.text);
    let files = || repo.sh("cd ../cache/*/; ls -A").ok();
    assert!(files().starts_with(".new-") && !files().contains(".clean"), "{}", files());
    for _ in 0..2 {
        assert_eq!(report(&repo, &["--cache=../cache"]), without);
    }
    assert!(files().contains(".clean"), "{}", files());
    // What was left is removed with the rest.
    repo.akid(&["cache", "clear", "../cache"]).ok();
    assert_eq!(repo.sh("find ../cache -type f").ok(), "");
}

#[test]
fn a_damaged_segment_is_reported_and_changes_nothing_else() {
    let folder = Folder::new();
    let repo = repo(&folder, "repo");
    let (code, without) = report(&repo, &[]);
    report(&repo, &["--cache=../cache"]);
    let segment = repo.sh("ls ../cache/*/*.clean").ok();
    let segment = repo.top.join(segment.trim());
    let sound = fs::read(&segment).unwrap();
    for len in [0, 20, sound.len() - 1] {
        fs::write(&segment, &sound[..len]).unwrap();
        let (now, text) = report(&repo, &["--cache=../cache"]);
        assert_eq!(now, code);
        assert!(text.ends_with(&without) && text.contains("warning: the cache: "), "{text}");
        assert!(text.contains(": truncated\n"), "{text}");
        // What was in it was found again, and stands where it did.
        assert_eq!(report(&repo, &["--cache=../cache"]), (code, without.clone()));
    }
}

#[test]
fn a_folder_that_others_may_write_to_is_not_used() {
    let folder = Folder::new();
    let repo = repo(&folder, "repo");
    let (code, without) = report(&repo, &[]);
    let cache = folder.top.join("cache");
    fs::create_dir(&cache).unwrap();
    fs::set_permissions(&cache, fs::Permissions::from_mode(0o777)).unwrap();
    let (now, text) = report(&repo, &["--cache=../cache"]);
    assert_eq!(now, code);
    assert!(text.ends_with(&without), "{text}");
    assert!(
        text.contains("warning: the cache is not used: ") && text.contains("could hide objects"),
        "{text}"
    );
    assert_eq!(fs::read_dir(&cache).unwrap().count(), 0);
}

#[test]
fn a_fleet_and_a_server_use_it() {
    let folder = Folder::new();
    let repo = repo(&folder, "repo");
    let parent = repo.at("..");
    parent.write("list", "repo\n");
    let scan = ["fleet", "scan", "--targets", "list", "--out", "out", "--cache=cache", "--rescan"];
    // Without the times of the two scans.
    let findings = "find out/findings -type f -exec sed -E 's/\"(seen|time)\":\\[?\"[^\"]*\"//g' {} +";
    parent.akid(&scan);
    let first = parent.sh(findings).ok();
    assert!(first.contains("leak.env"), "{first}");
    parent.akid(&scan);
    assert_eq!(parent.sh(findings).ok(), first);
    assert!(parent.akid(&["cache", "stats", "cache"]).ok().contains("20 objects of 1 repositories"));

    let server = folder.bare("server");
    let hook = format!("#!/bin/sh\nexec '{}' hook pre-receive --cache=../pushed\n", crate::work::AKID);
    server.write("hooks/pre-receive", hook);
    server.sh("chmod +x hooks/pre-receive").ok();
    repo.git(&["push", "../server", "HEAD~1:refs/heads/main"]).ok();
    let stats = parent.akid(&["cache", "stats", "pushed"]).ok();
    assert!(stats.contains("6 objects of 0 repositories"), "{stats}");
    let refused = repo.git(&["push", "../server", "HEAD:refs/heads/main"]).stopped();
    assert!(refused.contains("leak.env"), "{refused}");
}
