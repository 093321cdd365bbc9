//! Pairs of a key ID and a secret that are in different files, where no signature proves them: by the names of files, by the
//! names beside the values, by the commit that brought both. And neighbours that must stay apart.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;

use akid::aws::fake::{self, Fake};
use serde_json::Value;

use crate::proofs::{findings, presigned};
use crate::work::{Folder, Work};

fn id_as(name: &str, key: &Fake) -> String {
    format!("{name} = \"{}\"\n", key.id_text())
}

fn secret_as(name: &str, key: &Fake) -> String {
    format!("{name}={}\n", key.secret_text())
}

/// Key ID and secret of each pair across files, as `ID FINGERPRINT`. Fails if one is not of medium confidence and critical.
#[track_caller]
fn pairs(findings: &[Value]) -> BTreeSet<String> {
    let across = findings.iter().filter(|finding| finding["pair_id"].is_string());
    across
        .map(|finding| {
            assert_eq!(finding["confidence"]["level"], "medium", "{finding:#}");
            assert_eq!(finding["severity"], "critical", "{finding:#}");
            format!("{} {}", finding["key_id"].as_str().unwrap(), finding["secret"].as_str().unwrap())
        })
        .collect()
}

fn pair_of(key: &Fake) -> String {
    format!("{} {}", key.id_text(), key.secret().fingerprint())
}

/// Pairs across these files, of a scan of the files.
fn pairs_in(files: &[(&str, String)]) -> BTreeSet<String> {
    let folder = Folder::new();
    let work = folder.repo("work");
    files.iter().for_each(|(path, text)| work.write(path, text));
    pairs(&findings(&work, &["scan"]))
}

/// Commits files together.
fn commit_all(work: &Work, files: &[(&str, String)]) {
    files.iter().for_each(|(path, text)| work.write(path, text));
    work.git(&["add", "."]).ok();
    work.git(&["commit", "-q", "-m", "change"]).ok();
}

/// Pairs across what these commits brought, of a scan of the history.
fn pairs_by_commits(commits: &[&[(&str, String)]]) -> BTreeSet<String> {
    let folder = Folder::new();
    let work = folder.repo("work");
    commits.iter().for_each(|files| commit_all(&work, files));
    let pairs_in = |command: &[&str]| pairs(&findings(&work, command));
    let found = pairs_in(&["history"]);
    assert_eq!(found, pairs_in(&["scan", "--history"]));
    found
}

fn set<const N: usize>(pairs: [String; N]) -> BTreeSet<String> {
    pairs.into()
}

#[test]
fn parts_in_files_of_their_own_are_paired_by_the_names_of_the_files() {
    let (key, other) = (fake::pair(40), fake::pair(41));
    let value = |text: &str| format!("{text}\n");
    let (id, secret) = (value(key.id_text()), value(key.secret_text()));
    for (of_id, of_secret) in [
        ("env/AWS_ACCESS_KEY_ID", "env/AWS_SECRET_ACCESS_KEY"),
        ("run/aws-access-key-id", "run/aws-secret-access-key"),
        ("run/prod_access_key_id", "run/prod_secret_access_key"),
    ] {
        let files = [(of_id, id.clone()), (of_secret, secret.clone())];
        assert_eq!(pairs_in(&files), set([pair_of(&key)]), "{of_id}");
    }
    for files in [
        vec![("a/AWS_ACCESS_KEY_ID", id.clone()), ("b/AWS_SECRET_ACCESS_KEY", secret.clone())],
        vec![("a/prod_access_key_id", id.clone()), ("a/test_secret_access_key", secret.clone())],
        vec![
            ("a/access_key_id", id),
            ("a/secret_access_key", secret.clone()),
            ("a/aws_secret_access_key", value(other.secret_text())),
        ],
    ] {
        assert_eq!(pairs_in(&files), set([]), "{files:?}");
    }
    // No name, no secret.
    let folder = Folder::new();
    let work = folder.repo("work");
    work.write("a/notes", secret);
    assert_eq!(findings(&work, &["scan"]), [] as [Value; 0]);
}

#[test]
fn a_file_that_is_only_a_secret_is_found_in_history_by_its_path() {
    let (key, other) = (fake::pair(42), fake::pair(43));
    let folder = Folder::new();
    let work = folder.repo("work");
    commit_all(&work, &[("env/AWS_ACCESS_KEY_ID", format!("{}\n", key.id_text()))]);
    commit_all(&work, &[("env/AWS_SECRET_ACCESS_KEY", format!("{}\n", key.secret_text()))]);
    // Nothing says what this is, and of what nothing leads to there is no path that could.
    commit_all(&work, &[("notes/token", format!("{}\n", other.secret_text()))]);
    let staged = format!("printf %s {} | git hash-object -w --stdin", fake::pair(44).secret_text());
    work.sh(&staged).ok();
    work.sh("git rm -qr env && git commit -qm gone").ok();
    let found = findings(&work, &["history"]);
    assert_eq!(pairs(&found), set([pair_of(&key)]));
    let paths: Vec<_> = found.iter().map(|finding| finding["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["env/AWS_ACCESS_KEY_ID", "env/AWS_SECRET_ACCESS_KEY"]);
}

#[test]
fn parts_of_one_folder_are_paired_if_their_names_say_the_same() {
    let (key, other) = (fake::pair(50), fake::pair(51));
    for (of_id, of_secret) in [
        ("access_key", "AWS_SECRET_ACCESS_KEY"),
        ("prod_access_key", "PROD_AWS_SECRET_ACCESS_KEY"),
        ("[prod]\naws_access_key_id", "[profile prod]\naws_secret_access_key"),
    ] {
        let files = [("deploy/main.tf", id_as(of_id, &key)), ("deploy/ci.env", secret_as(of_secret, &key))];
        assert_eq!(pairs_in(&files), set([pair_of(&key)]), "{of_id} {of_secret}");
    }
    let (id, secret) = (id_as("access_key", &key), secret_as("AWS_SECRET_ACCESS_KEY", &key));
    for others in [
        // Another folder, another prefix, no name, a second part, a pair.
        vec![("a/id.tf", id.clone()), ("b/secret.env", secret.clone())],
        vec![
            ("id.tf", id_as("test_access_key", &key)),
            ("secret.env", secret_as("PROD_AWS_SECRET_ACCESS_KEY", &key)),
        ],
        vec![("id.tf", id_as("# see", &key)), ("secret.env", secret.clone())],
        vec![("id.tf", id.clone()), ("secret.env", secret.clone()), ("x.tf", id_as("access_key", &other))],
        vec![("id.tf", id.clone()), ("secret.env", secret.clone()), ("x.txt", id_as("see", &other))],
        vec![
            ("id.tf", id.clone()),
            ("secret.env", secret.clone()),
            ("x", secret_as("AWS_SECRET_KEY", &other)),
        ],
        vec![
            ("id.tf", id.clone()),
            ("secret.env", secret.clone()),
            ("x", id_as("access_key", &other) + &secret_as("AWS_SECRET_ACCESS_KEY", &other)),
        ],
        // What is only an example of a test.
        vec![("tests/id.tf", id), ("tests/secret.env", secret)],
    ] {
        assert_eq!(pairs_in(&others), set([]), "{others:?}");
    }
}

#[test]
fn parts_that_a_text_or_a_path_keeps_apart_are_no_pair() {
    let key = fake::pair(56);
    let (id, secret) = (id_as("access_key", &key), secret_as("AWS_SECRET_ACCESS_KEY", &key));
    let objects = format!(
        "{{\"a\":{{\"accessKeyId\":\"{}\",\"secretAccessKey\":null}},\"b\":{{\"secretAccessKey\":\"{}\"}}}}\n",
        key.id_text(),
        key.secret_text()
    );
    let section = |name: &str, field: &str, value: &str| format!("{name}:\n  {field}: {value}\n");
    for files in [
        // Both are in one file, whose structure says that they are no pair.
        vec![("a.json", objects)],
        // The secret of this key ID is somewhere else.
        vec![("id.tf", id.clone() + "secret_key = var.secret\n"), ("secret.env", secret.clone())],
        vec![("users/alice.env", id.clone()), ("users/bob.env", secret.clone())],
        vec![("prod.tf", id.clone()), ("dev.env", secret.clone())],
        vec![
            ("id.yml", section("prod", "access_key", key.id_text())),
            ("secret.yml", section("staging", "aws_secret_access_key", key.secret_text())),
        ],
    ] {
        assert_eq!(pairs_in(&files), set([]), "{files:?}");
    }
    let files = [("prod.tf", id), ("production.env", secret)];
    assert_eq!(pairs_in(&files), set([pair_of(&key)]));
}

#[test]
fn parts_of_different_folders_are_paired_by_a_name_that_nothing_else_has() {
    let (key, other) = (fake::pair(60), fake::pair(61));
    let (id, secret) = (id_as("billing_access_key", &key), secret_as("BILLING_AWS_SECRET_ACCESS_KEY", &key));
    let files = [("infra/main.tf", id.clone()), ("ci/env", secret.clone())];
    assert_eq!(pairs_in(&files), set([pair_of(&key)]));
    let others =
        [("infra/x.tf", id_as("crm_access_key", &other)), ("ci/x", secret_as("CRM_AWS_SECRET_KEY", &other))];
    assert_eq!(pairs_in(&[files.clone(), others].concat()), set([pair_of(&key), pair_of(&other)]));
    let second_pair =
        id_as("billing_access_key", &other) + &secret_as("BILLING_AWS_SECRET_ACCESS_KEY", &other);
    for more in [
        ("x/x.tf", id_as("billing_access_key", &other)),
        ("x/x.env", secret_as("BILLING_AWS_SECRET_ACCESS_KEY", &other)),
        ("x/x.env", second_pair),
    ] {
        let found = pairs_in(&[&files[..], std::slice::from_ref(&more)].concat());
        assert_eq!(found, set([]), "{more:?}");
    }
    let common =
        [("a/main.tf", id_as("test_access_key", &key)), ("b/env", secret_as("TEST_AWS_SECRET_KEY", &key))];
    assert_eq!(pairs_in(&common), set([]));
}

#[test]
fn parts_that_one_commit_brought_alone_are_paired() {
    let (key, other) = (fake::pair(70), fake::pair(71));
    let id = ("infra/main.tf", id_as("access_key", &key));
    let secret = ("ci/env", secret_as("AWS_SECRET_ACCESS_KEY", &key));
    let both = [id.clone(), secret.clone()];
    let readme = [("README.md", "start\n".to_owned())];
    assert_eq!(pairs_by_commits(&[&readme, &both]), set([pair_of(&key)]));
    // Gone since.
    let gone = [("infra/main.tf", String::new()), ("ci/env", String::new())];
    assert_eq!(pairs_by_commits(&[&readme, &both, &gone]), set([pair_of(&key)]));
    let other_id = ("x/x.tf", id_as("access_key", &other));
    let other_secret = ("x/x.env", secret_as("AWS_SECRET_ACCESS_KEY", &other));
    let other_pair =
        ("x/pair.env", id_as("access_key", &other) + &secret_as("AWS_SECRET_ACCESS_KEY", &other));
    let told = ("ci/env", secret_as("PROD_AWS_SECRET_ACCESS_KEY", &key));
    for commits in [
        vec![vec![id.clone()], vec![secret.clone()]],
        vec![vec![id.clone(), secret.clone(), other_id]],
        vec![vec![id.clone(), secret.clone(), other_secret.clone()]],
        vec![vec![id.clone(), secret.clone(), other_pair]],
        // Another commit brought the key ID together with another secret.
        vec![both.to_vec(), vec![("y/main.tf", id.1.clone()), ("y/env", other_secret.1)]],
        vec![vec![("infra/main.tf", id_as("dev_access_key", &key)), told]],
    ] {
        let commits: Vec<&[(&str, String)]> = commits.iter().map(Vec::as_slice).collect();
        assert_eq!(pairs_by_commits(&commits), set([]), "{commits:?}");
    }
}

#[test]
fn nothing_but_a_proof_pairs_across_repositories() {
    let (key, folder) = (fake::pair(80), Folder::new());
    let (one, two) = (folder.repo("one"), folder.repo("two"));
    one.commit("main.tf", id_as("billing_access_key", &key));
    two.commit("env", secret_as("BILLING_AWS_SECRET_ACCESS_KEY", &key));
    let parent = one.at("..");
    for command in [["scan", "one", "two"], ["history", "one", "two"]] {
        assert_eq!(pairs(&findings(&parent, &command)), set([]), "{command:?}");
    }
    two.commit("log.txt", presigned(&key));
    for command in [["scan", "one", "two"], ["history", "one", "two"]] {
        let found = findings(&parent, &command);
        let proven = found.iter().filter(|finding| finding["confidence"]["level"] == "certain");
        assert_eq!(proven.count(), 2, "{command:?} {found:#?}");
    }
    // The targets of a fleet are nothing to each other.
    parent.write("list", "one\ntwo\n");
    parent.akid(&["fleet", "scan", "--targets", "list", "--out", "out", "-q"]);
    let report = parent.akid(&["fleet", "report", "out", "-q", "-f", "json"]).text;
    let report: Value = serde_json::from_str(&report).unwrap();
    let told = |finding: &Value| (finding["path"].clone(), finding["rule"].clone());
    let all: Vec<_> = report["findings"].as_array().unwrap().iter().map(told).collect();
    assert!(all.contains(&("main.tf".into(), "aws-access-key-id".into())), "{all:?}");
}

#[test]
fn a_proof_in_another_repository_corrects_a_pair_that_names_suggested() {
    let (key, other, folder) = (fake::pair(90), fake::pair(91), Folder::new());
    let (one, two) = (folder.repo("one"), folder.repo("two"));
    one.commit("main.tf", id_as("access_key", &key));
    one.commit("env", secret_as("AWS_SECRET_ACCESS_KEY", &other));
    two.commit("right.env", secret_as("AWS_SECRET_ACCESS_KEY", &key));
    two.commit("log.txt", presigned(&key));
    let found = findings(&one.at(".."), &["history", "one", "two"]);
    let told: Vec<_> = found
        .iter()
        .map(|finding| (finding["path"].as_str().unwrap(), finding["rule"].as_str().unwrap()))
        .collect();
    let expected =
        [("env", "aws-secret-access-key"), ("main.tf", "aws-access-key"), ("right.env", "aws-access-key")];
    assert_eq!(told, expected);
    assert!(found[0]["pair_id"].is_null() && found[0]["severity"] == "high", "{:#}", found[0]);
}
