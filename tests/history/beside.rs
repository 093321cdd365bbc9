//! What a repository holds beside its objects.

use crate::work::{Folder, id, leak};

#[test]
fn history_scans_configuration_messages_and_what_git_keeps_apart() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a", "a\n");
    repo.git(&["remote", "add", "origin", &format!("https://{}@example.com/a", id(1))]).ok();
    repo.git(&["commit", "-q", "--allow-empty", "--no-verify", "-m", &format!("use {}", id(2))]).ok();
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]).ok();
    repo.write(".git/rr-cache/0123/preimage", leak(3));
    repo.write(".git/lfs/objects/01/23/0123", leak(4));
    repo.write(".git/hooks/pre-push", format!("#!/bin/sh\n{}", leak(5)));
    let told = repo.akid(&["history"]).stopped();
    let log = if repo.top.join(".git/logs/HEAD").exists() { "logs/HEAD:" } else { "reftable:" };
    for path in
        ["config:", log, "rr-cache/0123/preimage:1:", "lfs/objects/01/23/0123:1:", "hooks/pre-push:2:"]
    {
        assert!(told.contains(&format!(".git/{path}")), "{path}: {told}");
    }
    repo.at("..").akid(&["history", "repo"]).stopped();
    // They are nothing that a commit or push brings.
    repo.akid(&["history", "--range", "HEAD"]).ok();
    repo.akid(&["scan"]).ok();
}

#[test]
fn a_folder_of_git_that_is_a_link_leads_nowhere() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a", "a\n");
    repo.write("../outside/a.env", leak(1));
    repo.sh("rm -rf .git/logs && ln -s ../../outside .git/logs && ln -s ../../outside/a.env .git/MERGE_MSG")
        .ok();
    let told = repo.akid(&["history"]).text;
    assert!(!told.contains("a.env") && !told.contains(&id(1)), "{told}");
}

#[test]
fn a_submodule_that_is_not_there_is_no_reason_to_scan_the_repository_around_it() {
    let folder = Folder::new();
    let (inner, outer) = (folder.repo("inner"), folder.repo("outer"));
    inner.commit("a", "a\n");
    outer.commit("a", leak(1));
    let url = inner.top.to_str().unwrap();
    outer.git(&["-c", "protocol.file.allow=always", "submodule", "add", url, "lib"]).ok();
    outer.git(&["commit", "-qm", "add"]).ok();
    outer.akid(&["history", "lib"]).ok();
    outer.git(&["submodule", "deinit", "-f", "lib"]).ok();
    let said = outer.akid(&["history", "lib"]);
    assert_eq!(said.code, Some(2), "{}", said.text);
    assert!(said.text.contains("lib: a submodule that is not initialised") && said.text.contains("help: "));
    outer.akid(&["history"]).stopped();
}
