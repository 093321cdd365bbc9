//! What only unreachable objects have: one finding for each credential.

use serde_json::Value;

use crate::work::{Folder, Work, id, leak};

fn findings(work: &Work, arguments: &[&str]) -> Vec<Value> {
    let said = work.akid(&[&["history"][..], arguments, &["-qf", "json"]].concat());
    let report: Value = serde_json::from_str(&said.text).unwrap();
    report["findings"].as_array().unwrap().clone()
}

/// A repository with fifteen objects that nothing leads to, all with one key, one of them at a path of a lost commit.
fn littered() -> (Folder, Work) {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a", "nothing\n");
    for n in 0..14 {
        std::fs::write(repo.top.join("../lost"), format!("{}# {n}\n", leak(1))).unwrap();
        repo.git(&["hash-object", "-w", "../lost"]).ok();
    }
    repo.git(&["checkout", "-qb", "side"]).ok();
    repo.commit("lost.env", leak(1));
    repo.sh("git checkout -q - && git branch -qD side && git reflog expire --expire=now --all").ok();
    (folder, repo)
}

#[test]
fn a_credential_in_many_unreachable_objects_is_one_finding_that_counts_them() {
    let (_folder, repo) = littered();
    let [finding] = &findings(&repo, &[])[..] else { panic!("not one finding") };
    assert_eq!((&finding["key_id"], &finding["path"]), (&id(1).into(), &"lost.env".into()));
    assert_eq!(finding["exposure"]["versions"], 15);
    let others = finding["exposure"]["other_objects"].as_array().unwrap();
    assert_eq!(others.len(), 9);
    assert!(!others.contains(&finding["exposure"]["object"]));
    let text = repo.akid(&["history"]).text;
    assert!(text.contains("only in 15 unreachable objects"), "{text}");
}

#[test]
fn a_baseline_knows_it_whichever_objects_are_left() {
    let (_folder, repo) = littered();
    repo.akid(&["history", "--write-baseline", "../known"]).ok();
    repo.sh("find .git/objects -type f | grep -v pack | while read -r file; do \
             git cat-file -p $(echo $file | sed 's,.git/objects/,,; s,/,,') | grep -q '^# [0-9]$' && rm -f $file; done; true")
        .ok();
    let left = findings(&repo, &["--baseline", "../known"]);
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0]["suppressed"], "baseline");
    assert!(left[0]["exposure"]["versions"].as_u64().unwrap() < 15);
}

#[test]
fn a_baseline_knows_what_stood_at_a_path_of_a_deleted_branch() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a", "nothing\n");
    repo.git(&["checkout", "-qb", "side"]).ok();
    repo.commit("side.env", leak(2));
    repo.akid(&["history", "--write-baseline", "../known"]).ok();
    repo.sh("git checkout -q - && git branch -qD side && git reflog expire --expire=now --all").ok();
    repo.akid(&["history", "--baseline", "../known"]).ok();
    // Also once it is tidied up.
    repo.sh("mv ../known . && echo 'baseline = \"known\"' > .akid.toml").ok();
    repo.akid(&["baseline", "prune"]).ok();
    repo.akid(&["history"]).ok();
}

#[test]
fn a_finding_names_its_repository_by_the_url_of_its_remote_without_user_info() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("k", leak(3));
    repo.git(&["remote", "add", "mirror", "https://example.com/mirror.git"]).ok();
    repo.git(&["remote", "add", "origin", "ssh://me:word@Example.com:22/team/shop.git"]).ok();
    for arguments in [&["history"][..], &["scan", "."], &["scan", "k"]] {
        let said = repo.akid(&[arguments, &["-qf", "json"]].concat());
        let report: Value = serde_json::from_str(&said.text).unwrap();
        let repository = &report["findings"][0]["repository"];
        assert_eq!(repository["url"], "https://example.com/team/shop", "{arguments:?}");
        assert_eq!((&repository["name"], &report["repositories"][0]), (&"shop".into(), repository));
        assert!(!said.text.contains("word"), "{}", said.text);
    }
}

#[test]
fn a_scan_of_two_repositories_names_that_of_each_finding() {
    let folder = Folder::new();
    let (one, two) = (folder.repo("one"), folder.repo("two"));
    one.commit("k", leak(4));
    two.commit("k", leak(4));
    let said = one.at("..").akid(&["scan", "one", "two", "-qf", "json"]);
    let report: Value = serde_json::from_str(&said.text).unwrap();
    let named = |n: usize| report["findings"][n]["repository"]["name"].clone();
    assert_eq!([named(0), named(1)], ["one", "two"]);
    let [credential] = &report["credentials"].as_array().unwrap()[..] else { panic!("{}", said.text) };
    assert_eq!(credential["counts"]["repositories"], 2);
}
