//! What a repository does not have makes a scan incomplete, where it was asked for.

use crate::work::{Folder, Work, leak};

/// A clone that has the last commit only, and the folder that it is in.
fn shallow() -> (Folder, Work) {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("old", leak(1));
    repo.commit("old", "gone\n");
    let url = format!("file://{}", repo.top.display());
    repo.git(&["clone", "-q", "--depth", "1", &url, "../shallow"]).ok();
    (folder, repo.at("../shallow"))
}

#[test]
fn a_gap_makes_a_scan_incomplete_in_every_format() {
    let (_folder, clone) = shallow();
    for (format, says) in [
        ("text", "incomplete: shallow clone: "),
        ("json", "\"complete\": false"),
        ("jsonl", "\"complete\":false"),
        ("sarif", "\"executionSuccessful\":false"),
        ("csv", "gap,"),
        ("github", "::error title=akid%3A not everything was scanned::shallow clone: "),
        ("gitlab", "\"status\": \"failure\""),
        ("junit", "errors=\"1\""),
        ("markdown", "; not everything was scanned"),
    ] {
        let said = clone.akid(&["history", "--quiet", "-f", format]);
        assert_eq!(said.code, Some(2), "{format}: {}", said.text);
        assert!(said.text.contains(says), "{format}: {}", said.text);
        assert!(said.text.contains("incomplete: shallow clone: "), "{format}: {}", said.text);
    }
}

#[test]
fn a_list_of_cut_off_commits_that_cannot_be_read_hides_no_gap() {
    let (_folder, clone) = shallow();
    for make in
        ["mv .git/shallow ../list; ln -s ../../list .git/shallow", "rm .git/shallow; mkfifo .git/shallow"]
    {
        clone.sh(make).ok();
        let said = clone.akid(&["history"]).stopped();
        assert!(said.contains("incomplete: shallow clone: "), "{make}: {said}");
    }
}

#[test]
fn objects_are_not_read_through_links_below_their_folder() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a", leak(1));
    repo.sh("mkdir ../out; for name in .git/objects/??; do mv $name ../out; ln -s $PWD/../out/${name##*/} $name; done").ok();
    let said = repo.akid(&["history"]).stopped();
    assert!(said.contains("a symbolic link, which akid does not follow"), "{said}");
    repo.sh("rm .git/objects/??; mv ../out/?? .git/objects; git gc -q; mv .git/objects/pack ../out; ln -s $PWD/../out/pack .git/objects").ok();
    let said = repo.akid(&["history"]).stopped();
    assert!(said.contains("a symbolic link, which akid does not follow"), "{said}");
}

#[test]
fn a_gap_that_was_not_asked_for_does_not_count() {
    let (_folder, clone) = shallow();
    clone.akid(&["scan"]).ok();
    clone.akid(&["hook", "install"]).ok();
    clone.write("new", "new\n");
    clone.git(&["add", "new"]).ok();
    clone.akid(&["staged"]).ok();
    clone.git(&["commit", "-qm", "new"]).ok();
    clone.akid(&["history", "--range", "HEAD~1..HEAD"]).ok();
    clone.git(&["push", "-q", "origin", "HEAD:topic"]).ok();
    // This one ends where the clone does.
    let said = clone.akid(&["history", "--range", "HEAD"]);
    assert!(said.code == Some(2) && said.text.contains("shallow clone"), "{}", said.text);
}

#[test]
fn objects_that_were_never_fetched_are_a_gap() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("old", leak(1));
    repo.commit("old", "gone\n");
    repo.git(&["config", "uploadpack.allowFilter", "true"]).ok();
    let url = format!("file://{}", repo.top.display());
    repo.git(&["clone", "-q", "--filter=blob:none", &url, "../partial"]).ok();
    let clone = repo.at("../partial");
    let said = clone.akid(&["history"]);
    assert!(said.code == Some(2) && said.text.contains("partial clone: "), "{}", said.text);
    clone.akid(&["scan"]).ok();
    clone.write("new", "new\n");
    clone.git(&["add", "new"]).ok();
    clone.akid(&["staged"]).ok();
    clone.git(&["commit", "-qm", "new"]).ok();
    clone.akid(&["history", "--range", "HEAD~1..HEAD"]).ok();
}
