//! A real bare repository that refuses.

use crate::work::{AKID, Folder, Work, id, keeps_secret, leak};

fn pair(options: &str) -> (Folder, Work, Work) {
    let folder = Folder::new();
    let (repo, server) = (folder.repo("repo"), folder.bare("server"));
    repo.git(&["remote", "add", "origin", server.top.to_str().unwrap()]).ok();
    server.write_hook("hooks/pre-receive", &format!("exec '{AKID}' hook pre-receive {options}"));
    repo.commit("README", "a\n");
    repo.git(&["push", "-q", "origin", "main"]).ok();
    (folder, repo, server)
}

#[test]
fn a_push_with_a_credential_is_refused_and_its_pusher_told() {
    let (_folder, repo, server) = pair("");
    repo.commit("a.env", leak(1));
    repo.commit("a.env", "gone\n");
    let told = repo.git(&["push", "origin", "main"]).stopped();
    assert!(told.contains("remote: akid: push refused: 1 credential in the pushed commits"), "{told}");
    assert!(told.contains(&format!("akid explain {}", id(1))) && keeps_secret(&told, 1), "{told}");
    assert!(told.contains("pre-receive hook declined") && !told.contains("printf"), "{told}");
    assert_eq!(server.git(&["rev-list", "--count", "--all"]).ok(), "1\n");
    // What git quarantined is gone, and a clean push passes.
    repo.sh("git reset -q --hard HEAD~2 && echo b > b && git add b && git commit -qm b").ok();
    repo.git(&["push", "-q", "origin", "main"]).ok();
}

#[test]
fn who_pushes_what_cannot_be_scanned_is_told_whom_to_ask() {
    let (_folder, repo, _server) = pair("--strict");
    repo.sh("tar cf a.tar README && truncate -s 513 a.tar && git add a.tar && git commit -qm a").ok();
    let told = repo.git(&["push", "origin", "main"]).stopped();
    let line = "akid: push refused: the scan is incomplete; if it is known and harmless, the server's";
    assert!(told.contains(line), "{told}");
}

#[test]
fn all_refs_count_and_what_is_there_already_does_not() {
    let (_folder, repo, server) = pair("");
    repo.commit("a.env", leak(1));
    server.git(&["fetch", "-q", repo.top.to_str().unwrap(), "main:old"]).ok();
    repo.commit("b", "b\n");
    repo.git(&["push", "-q", "origin", "main"]).ok();
    repo.git(&["tag", "-a", "-m", &leak(2), "v1"]).ok();
    repo.git(&["checkout", "-q", "-b", "c"]).ok();
    repo.commit("c", "c\n");
    let told = repo.git(&["push", "origin", "c", "v1"]).stopped();
    assert!(told.contains(&id(2)) && !told.contains(&id(1)), "{told}");
    repo.git(&["push", "-q", "origin", "c"]).ok();
    repo.git(&["push", "-q", "origin", ":c"]).ok();
}

#[test]
fn what_is_pushed_cannot_allow_itself() {
    let (_folder, repo, server) = pair("");
    let line = leak(1).replace('\n', " # akid:allow\n");
    repo.commit(".akid.toml", "fail-on = 'critical'\nmin-confidence = 'high'\nexclude = ['*']\n");
    repo.commit("a.env", &line);
    repo.git(&["push", "-q", "origin", "main"]).stopped();
    // Nor where the server has a worktree.
    let other = repo.at("../other");
    repo.git(&["clone", "-q", server.top.to_str().unwrap(), "../other"]).ok();
    other.git(&["config", "receive.denyCurrentBranch", "ignore"]).ok();
    other.write(".akid.toml", "fail-on = 'nothing'\n");
    other.write_hook(".git/hooks/pre-receive", &format!("exec '{AKID}' hook pre-receive"));
    let told = repo.git(&["push", "-q", "../other", "main"]).stopped();
    assert!(told.contains("1 credential in the pushed commits"), "{told}");
}

#[test]
fn a_push_from_a_shallow_clone_is_scanned_whole_and_taken() {
    let (_folder, repo, server) = pair("");
    server.git(&["config", "receive.shallowUpdate", "true"]).ok();
    for content in ["1\n", "2\n", "3\n"] {
        repo.commit("a", content);
    }
    let url = format!("file://{}", repo.top.display());
    repo.git(&["clone", "-q", "--depth", "2", &url, "../shallow"]).ok();
    let shallow = repo.at("../shallow");
    let push = |branch: &str| shallow.git(&["push", server.top.to_str().unwrap(), &format!("HEAD:{branch}")]);
    let told = push("refs/heads/topic").ok();
    assert!(told.contains("remote: note: the push begins where a shallow clone ends"), "{told}");
    // From now on, that is no part of what is pushed.
    shallow.commit("b", "b\n");
    let told = push("refs/heads/topic").ok();
    assert!(!told.contains("shallow"), "{told}");
    shallow.commit("a.env", leak(1));
    shallow.commit("a.env", "gone\n");
    let told = push("refs/heads/topic").stopped();
    assert!(told.contains("1 credential in the pushed commits") && !told.contains("shallow"), "{told}");
}

#[test]
fn a_key_in_the_first_commit_of_a_shallow_push_stops_it() {
    let (_folder, repo, server) = pair("");
    server.git(&["config", "receive.shallowUpdate", "true"]).ok();
    repo.commit("a.env", leak(1));
    repo.commit("b", "b\n");
    let url = format!("file://{}", repo.top.display());
    repo.git(&["clone", "-q", "--depth", "1", &url, "../shallow"]).ok();
    let told = repo.at("../shallow").git(&["push", server.top.to_str().unwrap(), "HEAD:topic"]).stopped();
    assert!(told.contains(&id(1)) && keeps_secret(&told, 1), "{told}");
}

#[test]
fn whoever_runs_the_server_configures_it_beside_head() {
    let (_folder, repo, server) = pair("");
    server.write(".akid.toml", "fail-on = 'critical'\n");
    let key = akid::aws::fake::pair(1);
    repo.commit("a", format!("id = {}\n", key.id_text()));
    let told = repo.git(&["push", "origin", "main"]).ok();
    assert!(told.contains("remote: akid: not blocking: a:1:6: medium"), "{told}");
    server.write(".akid.toml", "fail-no = 'critical'\n");
    repo.commit("b", "b\n");
    let told = repo.git(&["push", "origin", "main"]).stopped();
    assert!(told.contains("unknown field `fail-no`"), "{told}");
}

#[test]
fn a_push_that_takes_too_long_is_told_as_not_covered() {
    // More than can be scanned in a millisecond.
    let many: Vec<u8> = (0..40_000_000_u32).map(|n| b"AKIA \n"[n as usize % 6]).collect();
    for (verdict, is_taken) in [("reject", false), ("accept", true)] {
        let (_folder, repo, server) = pair("");
        let hook = format!("exec '{AKID}' hook pre-receive --timeout 1ms --on-timeout {verdict}");
        server.write_hook("hooks/pre-receive", &hook);
        repo.commit("many", &many);
        let said = repo.git(&["push", "origin", "main"]);
        assert_eq!(said.code == Some(0), is_taken, "{}", said.text);
        assert!(said.text.contains("akid: NOT COVERED: there was no time"), "{}", said.text);
        assert_eq!(server.git(&["rev-list", "--count", "--all"]).ok(), if is_taken { "2\n" } else { "1\n" });
    }
}
