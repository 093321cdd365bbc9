//! `akid fleet`: many targets, of which each is scanned on its own, and again only if something has changed.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::work::{Folder, Said, Work, id, keeps_secret, leak};

/// Three repositories, a folder, something that is not there; each with a key of its own.
fn targets(folder: &Folder) -> Work {
    let parent = folder.repo("one").at("..");
    for (name, seed) in [("one", 1), ("two", 2), ("three", 3)] {
        let repo = if name == "one" { parent.at("one") } else { folder.repo(name) };
        repo.commit("old.env", leak(seed));
        repo.commit("old.env", "gone\n");
    }
    parent.write("plain/a.env", leak(4));
    parent.write("list", "# targets\none\n\ntwo\nthree\nplain\nmissing\n");
    parent
}

fn scan(parent: &Work, arguments: &[&str]) -> Said {
    let said = parent.akid(&[&["fleet", "scan", "--targets", "list", "--out", "out"], arguments].concat());
    assert!((1..=9).all(|seed| keeps_secret(&said.text, seed)), "{}", said.text);
    said
}

/// What is remembered of each target, by its name without folders.
fn statuses(parent: &Work) -> Vec<(String, Value)> {
    let said = parent.akid(&["fleet", "status", "out", "--json"]);
    let lines = said.text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let name = |status: &Value| status["target"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    lines.map(|status| (name(&status), status)).collect()
}

fn ends(parent: &Work) -> Vec<(String, String)> {
    let end = |(name, status): (String, Value)| (name, status["status"].as_str().unwrap().to_owned());
    statuses(parent).into_iter().map(end).collect()
}

fn report(parent: &Work) -> Value {
    parent.akid(&["fleet", "report", "out", "-q", "-o", "all.json"]);
    serde_json::from_str(&parent.read("all.json")).unwrap()
}

fn key_ids(report: &Value) -> BTreeSet<String> {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["key_id"].as_str().unwrap().to_owned()).collect()
}

fn told(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, end)| ((*name).to_owned(), (*end).to_owned())).collect()
}

#[test]
fn each_target_is_scanned_and_a_bad_one_stops_none() {
    let folder = Folder::new();
    let parent = targets(&folder);
    let said = scan(&parent, &["--jobs", "3"]);
    assert_eq!(said.code, Some(2), "{}", said.text);
    assert!(said.text.contains("4 ok, 1 failed"), "{}", said.text);
    let expected =
        told(&[("missing", "failed"), ("one", "ok"), ("plain", "ok"), ("three", "ok"), ("two", "ok")]);
    assert_eq!(ends(&parent), expected);
    let report = report(&parent);
    assert_eq!(key_ids(&report), (1..=4).map(id).collect());
    // The target that failed is not silent.
    assert_eq!(report["complete"], false);
    assert!(report["gaps"].to_string().contains("missing"), "{}", report["gaps"]);
    // As one by one.
    let alone: Value = serde_json::from_str(&parent.akid(&["history", "two", "-qf", "json"]).text).unwrap();
    let fingerprints = |report: &Value, id: &str| -> Vec<Value> {
        let of_key = |finding: &&Value| finding["key_id"] == id;
        let findings = report["findings"].as_array().unwrap().iter().filter(of_key);
        findings.map(|finding| finding["fingerprint"].clone()).collect()
    };
    assert_eq!(fingerprints(&report, &id(2)), fingerprints(&alone, &id(2)));
}

#[test]
fn a_target_is_scanned_again_only_if_something_has_changed() {
    let folder = Folder::new();
    let parent = targets(&folder);
    parent.write("list", "one\ntwo\nthree\n");
    assert_eq!(scan(&parent, &[]).code, Some(1));
    let times = || -> Vec<Value> {
        statuses(&parent).into_iter().map(|(_, status)| status["time"].clone()).collect()
    };
    let before = times();
    for options in [&[][..], &["--jobs", "3"]] {
        let again = scan(&parent, options);
        assert_eq!((again.code, times() == before), (Some(1), true), "{}", again.text);
        assert!(again.text.contains("3 of them unchanged"), "{}", again.text);
    }
    // New objects, a moved ref, other rules, another configuration.
    parent.at("two").commit("new.env", leak(5));
    assert!(scan(&parent, &[]).text.contains("2 of them unchanged"));
    assert!(key_ids(&report(&parent)).contains(&id(5)));
    parent.at("one").git(&["branch", "other", "HEAD~1"]);
    assert!(scan(&parent, &[]).text.contains("2 of them unchanged"));
    parent.write("own.toml", "[[allow]]\nkey-id = \"".to_owned() + &id(3) + "\"\nreason = \"x\"\n");
    let configured = scan(&parent, &["--config", "own.toml"]);
    assert!(!configured.text.contains("unchanged"), "{}", configured.text);
    assert!(!scan(&parent, &["--config", "own.toml", "--rescan"]).text.contains("unchanged"));
}

#[test]
fn a_target_is_scanned_again_when_an_exception_expires() {
    let folder = Folder::new();
    let parent = targets(&folder);
    parent.write("list", "one\n");
    let allow = "[[allow]]\nkey-id = \"".to_owned() + &id(1) + "\"\nreason = \"x\"\nexpires = 2999-01-31\n";
    parent.write("own.toml", allow);
    let scan = || scan(&parent, &["--config", "own.toml"]).text;
    scan();
    assert_eq!(statuses(&parent)[0].1["expires"], "2999-02-01T00:00:00Z");
    assert!(scan().contains("1 of them unchanged"));
    // As if it had expired since.
    parent.sh("find out/status -type f -exec sed -i s/2999-02-01/2001-02-01/ {} +").ok();
    assert!(!scan().contains("unchanged"));
    assert_eq!(statuses(&parent)[0].1["expires"], "2999-02-01T00:00:00Z");
}

#[test]
fn labels_are_carried_on_and_may_change_without_a_scan() {
    let folder = Folder::new();
    let parent = targets(&folder);
    let line = |owner: &str| json!({"target": "one", "labels": {"owner": owner}}).to_string();
    for owner in ["payments", "shop"] {
        parent.write("list", line(owner));
        let said = scan(&parent, &[]);
        assert_eq!(said.text.contains("unchanged"), owner == "shop", "{}", said.text);
        let report = report(&parent);
        assert_eq!(report["findings"][0]["repository"]["labels"]["owner"], owner);
        assert_eq!(statuses(&parent)[0].1["labels"]["owner"], owner);
    }
}

#[test]
fn parts_of_a_list_are_apart_and_together_everything() {
    let folder = Folder::new();
    let parent = targets(&folder);
    parent.write("list", "one\ntwo\nthree\nplain\n");
    let mut all = 0;
    for index in 0..3 {
        scan(&parent, &["--shard", &format!("{index}/3")]);
        assert!(statuses(&parent).len() >= all);
        all = statuses(&parent).len();
    }
    assert_eq!(all, 4);
    // As a job of Kubernetes or AWS Batch is told its part.
    let index_alone = parent
        .sh(&format!("JOB_COMPLETION_INDEX=0 '{}' fleet scan --targets list --out other", crate::work::AKID));
    assert_eq!(index_alone.code, Some(2));
    assert!(index_alone.text.contains("JOB_COMPLETIONS"), "{}", index_alone.text);
    for index in 0..2 {
        parent.sh(&format!(
            "AWS_BATCH_JOB_ARRAY_INDEX={index} AWS_BATCH_JOB_ARRAY_SIZE=2 '{}' fleet scan --targets list --out other",
            crate::work::AKID
        ));
    }
    assert_eq!(parent.akid(&["fleet", "status", "other"]).text.matches("\nok ").count(), 3);
}

#[test]
fn a_remote_is_mirrored_and_fetched_and_one_that_shrinks_loses_nothing() {
    let folder = Folder::new();
    let parent = targets(&folder);
    let url = format!("file://{}", parent.at("one").top.display());
    parent.write("list", &url);
    let refused = scan(&parent, &[]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.text.contains("--allow-file-urls"), "{}", refused.text);
    let scan = || scan(&parent, &["--allow-file-urls"]);
    assert_eq!(scan().code, Some(1));
    assert_eq!(report(&parent)["findings"][0]["repository"]["url"], url.as_str());
    assert!(scan().text.contains("1 of them unchanged"));
    let one = parent.at("one");
    one.commit("more.env", leak(6));
    scan();
    assert!(key_ids(&report(&parent)).contains(&id(6)));
    one.git(&["reset", "-q", "--hard", "HEAD~1"]).ok();
    scan();
    // The mirror still has the object, and akid finds it there.
    assert!(key_ids(&report(&parent)).contains(&id(6)));
    // A budget of nothing keeps no mirror, and the result stays.
    one.commit("again.env", leak(7));
    parent.akid(&[
        "fleet",
        "scan",
        "--targets",
        "list",
        "--out",
        "out",
        "--allow-file-urls",
        "--mirror-budget",
        "0",
    ]);
    assert!(mirrors_in(&parent, "out/mirrors").is_empty());
    assert!(key_ids(&report(&parent)).contains(&id(7)));
}

/// The mirrors in a folder, without their locks.
fn mirrors_in(parent: &Work, folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent.top.join(folder)).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_dir()).collect()
}

#[test]
fn a_mirror_that_another_fleet_uses_is_neither_deleted_nor_fetched() {
    let folder = Folder::new();
    let parent = targets(&folder);
    let url = |name: &str| format!("file://{}", parent.at(name).top.display());
    let scan = |list: &str, out: &str, more: &[&str]| {
        parent.write("list", list);
        let shared = ["fleet", "scan", "--targets", "list", "--out", out, "--mirrors", "shared"];
        parent.akid(&[&shared[..], &["--allow-file-urls"], more].concat())
    };
    assert_eq!(scan(&url("one"), "first", &[]).code, Some(1));
    let mirrors = mirrors_in(&parent, "shared");
    assert_eq!(mirrors.len(), 1);
    // The first fleet scans it, and the second one may keep none.
    let lock = File::open(mirrors[0].with_extension("lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(scan(&url("two"), "second", &["--mirror-budget", "0"]).code, Some(1));
    assert_eq!(mirrors_in(&parent, "shared"), mirrors);
    let waiting = scan(&url("one"), "second", &["--timeout-per-target", "2s"]);
    assert_eq!(waiting.code, Some(2), "{}", waiting.text);
    assert!(waiting.text.contains("timeout"), "{}", waiting.text);
    drop(lock);
    assert_eq!(scan(&url("one"), "second", &["--mirror-budget", "0"]).code, Some(1));
    assert!(mirrors_in(&parent, "shared").is_empty());
}

#[test]
fn a_target_that_hangs_is_given_up_and_one_that_another_run_has_is_left_to_it() {
    let folder = Folder::new();
    let parent = targets(&folder);
    parent.write("list", "https://git.example.com/slow\none\n");
    parent.write("bin/git", "#!/bin/sh\nsleep 600\n");
    let line = format!(
        "chmod +x bin/git; PATH=\"$PWD/bin:$PATH\" '{}' fleet scan --targets list --out out --timeout-per-target 4s",
        crate::work::AKID
    );
    let said = parent.sh(&line);
    assert_eq!(said.code, Some(2), "{}", said.text);
    assert_eq!(ends(&parent), told(&[("slow", "timeout"), ("one", "ok")]));
    // Another run has the lock.
    let id = statuses(&parent).into_iter().find(|(name, _)| name == "one").unwrap().1["id"].clone();
    let id = id.as_str().unwrap();
    let lock = File::open(parent.top.join(format!("out/locks/{}/{id}.lock", &id[..2]))).unwrap();
    lock.lock().unwrap();
    parent.write("list", "one\n");
    let said = scan(&parent, &["--rescan"]);
    assert_eq!(said.code, Some(2), "{}", said.text);
    assert!(said.text.contains("1 left to another run"), "{}", said.text);
}

#[test]
fn a_run_that_was_killed_goes_on() {
    let folder = Folder::new();
    let parent = targets(&folder);
    parent.write("list", "one\ntwo\nthree\n");
    scan(&parent, &[]);
    // As if the process had been killed before it remembered one and while it wrote another.
    let statuses = statuses(&parent);
    let path = |part: &str, nth: usize, end: &str| {
        let id = statuses[nth].1["id"].as_str().unwrap();
        parent.top.join(format!("out/{part}/{}/{id}.{end}", &id[..2]))
    };
    fs::remove_file(path("status", 0, "json")).unwrap();
    fs::write(path("findings", 1, "new"), "{\"type\":\"finding\"").unwrap();
    let said = scan(&parent, &[]);
    assert!(said.text.contains("3 ok, 2 of them unchanged"), "{}", said.text);
    assert_eq!(key_ids(&report(&parent)), (1..=3).map(id).collect());
}
