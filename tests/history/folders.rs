//! From what a user names to a repository.

use std::fs;

use akid::source::git::{Environment, History, Repository, RepositoryError};

use super::everything;
use super::repo::{Folder, Keep, Repo};

fn ids(history: &History) -> Vec<akid::origin::Origin> {
    let (seen, skipped) = Keep::all_of(history);
    assert!(skipped.is_empty(), "{skipped:?}");
    seen.into_iter().map(|(origin, _)| origin).collect()
}

fn all_of(repo: &Repo) -> Vec<akid::origin::Origin> {
    repo.objects().into_iter().map(|(origin, _)| origin).collect()
}

#[test]
fn a_repository_is_found_by_whatever_leads_to_it() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a", "x\n");
    fs::create_dir_all(repo.path("sub/deep")).unwrap();
    repo.git(&["worktree", "add", "-q", "../linked"]);
    repo.git(&["clone", "-q", "--bare", ".", "../bare.git"]);
    fs::create_dir_all(folder.top.join("separate")).unwrap();
    fs::write(folder.top.join("separate/.git"), "gitdir: ../repo/.git\n").unwrap();
    let expected = all_of(&repo);
    assert_eq!(expected.len(), 2);
    for path in
        ["repo", "repo/.git", "repo/sub/deep", "repo/a", "linked", "linked/.git", "bare.git", "separate"]
    {
        let repository = Repository::open(&folder.top.join(path)).unwrap();
        assert_eq!(ids(&everything(repository)), expected, "{path}");
    }
}

#[test]
fn what_is_no_repository_is_named_with_a_remedy() {
    let folder = Folder::new();
    fs::create_dir_all(folder.top.join("broken")).unwrap();
    fs::write(folder.top.join("broken/.git"), "gitdir: nowhere\n").unwrap();
    let error = |path: &str| Repository::open(&folder.top.join(path)).unwrap_err();
    assert!(matches!(error("nothing"), RepositoryError::Unreadable { .. }));
    assert!(matches!(error("broken"), RepositoryError::LeadsNowhere { .. }));
    let none = error("");
    assert!(matches!(none, RepositoryError::NotARepository { .. }), "{none:?}");
    assert!(none.to_string().contains("\nhelp: "));
}

#[test]
fn a_hash_that_is_not_known_is_named() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    let config = "[core]\nrepositoryformatversion = 1\n[extensions]\nobjectFormat = sha512\n";
    fs::write(repo.path(".git/config"), config).unwrap();
    let error = Repository::open(&repo.top).unwrap_err();
    assert!(matches!(error, RepositoryError::ObjectFormat { .. }), "{error:?}");
    assert!(error.to_string().contains("`sha512`") && error.to_string().contains("\nhelp: "), "{error}");
}

#[test]
fn objects_of_another_hash_than_the_configured_one_are_reported() {
    let folder = Folder::new();
    let repo = folder.repo_of("repo", "sha256", "files");
    repo.commit("a", "x\n");
    let damages = || Keep::all_of(&everything(repo.open())).1;
    assert!(damages().is_empty());
    repo.git(&["config", "extensions.objectFormat", "sha1"]);
    assert!(damages()[0].contains("OtherHash, lost: 3"), "{:?}", damages());
    repo.git(&["config", "extensions.objectFormat", "sha256"]);
    repo.git(&["repack", "-adq"]);
    repo.git(&["config", "extensions.objectFormat", "sha1"]);
    assert!(damages()[0].contains("fault: Index"), "{:?}", damages());
}

#[test]
fn an_unknown_format_of_references_costs_no_object() {
    let folder = Folder::new();
    let repo = folder.repo_of("repo", "sha1", "files");
    repo.commit("a", "x\n");
    let expected = all_of(&repo);
    fs::write(repo.path(".git/HEAD"), "ref: refs/heads/.invalid\n").unwrap();
    fs::remove_dir_all(repo.path(".git/refs")).unwrap();
    fs::write(
        repo.path(".git/config"),
        "[core]\nrepositoryformatversion = 7\n[extensions]\nnoSuchThing = 1\n",
    )
    .unwrap();
    assert_eq!(ids(&everything(repo.open())), expected);
}

#[test]
fn what_a_hook_is_given_by_its_environment_is_scanned() {
    let folder = Folder::new();
    let (repo, other, quarantine) = (folder.repo("repo"), folder.repo("other"), folder.repo("quarantine"));
    repo.commit("a", "x\n");
    other.commit("b", "y\n");
    quarantine.commit("c", "z\n");
    let environment = Environment {
        git_dir: Some(repo.path(".git").into()),
        object_directory: Some(quarantine.path(".git/objects").into()),
        alternate_object_directories: Some(
            format!("{}:{}", repo.path(".git/objects").display(), other.path(".git/objects").display())
                .into(),
        ),
        shallow_file: None,
    };
    let repository = Repository::of_environment(&environment).unwrap();
    let mut expected = [all_of(&repo), all_of(&other), all_of(&quarantine)].concat();
    expected.sort();
    assert_eq!(ids(&everything(repository)), expected);
}

#[test]
fn shallow_and_partial_clones_are_known() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a", "x\n");
    repo.commit("a", "y\n");
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    let from = format!("file://{}", repo.top.display());
    repo.git(&["clone", "-q", "--depth=1", &from, "../shallow"]);
    repo.git(&["clone", "-q", "--no-checkout", "--filter=blob:none", &from, "../partial"]);
    let facts = |name: &str| {
        let repository = Repository::open(&folder.top.join(name)).unwrap();
        (repository.is_shallow(), repository.is_partial())
    };
    assert_eq!(facts("repo"), (false, false));
    assert_eq!(facts("shallow"), (true, false));
    assert_eq!(facts("partial"), (false, true));
}
