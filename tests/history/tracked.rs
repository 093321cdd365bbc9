//! What git tracks is scanned, whatever `.gitignore` says of it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use akid::source::{Files, FilesOptions, Gap, Notice};

use super::repo::{Folder, Keep, Repo};
use super::scan;

fn repo(folder: &Folder) -> Repo {
    repo_at(folder, "repo")
}

/// A repository that tracks `.env` and `build/deep/a` and ignores them, and `build/b` and `new.log`, too.
fn repo_at(folder: &Folder, name: &str) -> Repo {
    let repo = folder.repo(name);
    fs::create_dir_all(repo.path("build/deep")).unwrap();
    for path in ["build/deep/a", "build/b", ".env", "new.log", "plain"] {
        fs::write(repo.path(path), path).unwrap();
    }
    fs::write(repo.path(".gitignore"), "build/\n.env\n*.log\n").unwrap();
    repo.git(&["add", "."]);
    repo.git(&["add", "-f", ".env", "build/deep/a"]);
    repo
}

fn files(roots: &[&Path], no_ignore: bool) -> Files {
    let roots: Vec<_> = roots.iter().map(|root| root.to_path_buf()).collect();
    Files::new(&roots, FilesOptions { no_ignore, threads: 2, ..FilesOptions::default() })
}

fn read(roots: &[&Path]) -> Vec<String> {
    let (inputs, skipped) = Keep::all_of(&files(roots, false));
    assert!(skipped.is_empty(), "{skipped:?}");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    inputs.iter().map(|(origin, _)| text(origin.path())).collect()
}

#[test]
fn tracked_files_are_scanned_though_they_are_ignored() {
    let folder = Folder::new();
    let repo = repo(&folder);
    assert_eq!(read(&[&repo.top]), [".env", ".gitignore", "build/deep/a", "plain"]);
    // Each once, and only below what was asked for.
    assert_eq!(read(&[&repo.top, &repo.path("build/deep")]), [".env", ".gitignore", "build/deep/a", "plain"]);
    fs::create_dir(repo.path("other")).unwrap();
    assert!(read(&[&repo.path("other")]).is_empty());
    // What was deleted since is nothing to tell of.
    fs::remove_file(repo.path(".env")).unwrap();
    assert_eq!(read(&[&repo.top]), [".gitignore", "build/deep/a", "plain"]);
}

#[test]
fn the_text_of_a_tracked_link_is_scanned_though_it_is_ignored() {
    let folder = Folder::new();
    let repo = repo(&folder);
    let key = akid::aws::fake::pair(1);
    symlink(format!("{}/{}", key.id_text(), key.secret_text()), repo.path("build/deep/link")).unwrap();
    assert!(scan(&files(&[&repo.top], false)).findings.is_empty());
    repo.git(&["add", "-f", "build/deep/link"]);
    let scan = scan(&files(&[&repo.top], false));
    let paths: Vec<_> = scan.findings.iter().map(|finding| finding.origin.path()).collect();
    assert_eq!(paths, [b"build/deep/link"]);
}

#[test]
fn nothing_outside_is_read_by_way_of_the_index() {
    let folder = Folder::new();
    let repo = repo(&folder);
    fs::create_dir_all(folder.top.join("outside/deep")).unwrap();
    fs::write(folder.top.join("outside/deep/a"), "outside").unwrap();
    fs::remove_dir_all(repo.path("build")).unwrap();
    symlink(folder.top.join("outside"), repo.path("build")).unwrap();
    fs::remove_file(repo.path(".env")).unwrap();
    symlink(folder.top.join("outside/deep/a"), repo.path(".env")).unwrap();
    assert_eq!(read(&[&repo.top]), [".gitignore", "plain"]);
    // A path that no git would write.
    let index = fs::read(repo.path(".git/index")).unwrap();
    let at = index.windows(4).position(|bytes| bytes == b".env").unwrap();
    let hostile = [&index[..at], b"../x", &index[at + 4..]].concat();
    fs::write(folder.top.join("x"), "outside").unwrap();
    fs::write(repo.path(".git/index"), hostile).unwrap();
    assert_eq!(read(&[&repo.top]), [".gitignore", "plain"]);
    assert!(scan(&files(&[&repo.top], false)).gaps.is_empty());
}

#[test]
fn an_index_that_cannot_be_read_is_told() {
    let folder = Folder::new();
    let repo = repo(&folder);
    fs::write(repo.path(".git/index"), "nonsense").unwrap();
    let reason = "its index is damaged: truncated, or with wrong lengths";
    assert_eq!(unusable(&repo.top), [(".git".to_owned(), reason.to_owned())]);
    assert!(scan(&files(&[&repo.top], true)).gaps.is_empty());
}

/// The repositories of which it is not known what they track, with the reasons.
fn unusable(root: &Path) -> Vec<(String, String)> {
    let gap = |gap: Gap| match gap {
        Gap::Index(path, reason) => (String::from_utf8(path.as_bytes().to_vec()).unwrap(), reason),
        other => panic!("{other:?}"),
    };
    scan(&files(&[root], false)).gaps.into_iter().map(gap).collect()
}

#[test]
fn what_is_tracked_in_repositories_below_a_folder_is_scanned_as_if_they_were_named() {
    let folder = Folder::new();
    for name in ["one", "deep/two", "one/inner"] {
        repo_at(&folder, name);
    }
    let all = ["deep/two", "one", "one/inner"]
        .into_iter()
        .flat_map(|top| [".env", ".gitignore", "build/deep/a", "plain"].map(|path| format!("{top}/{path}")));
    let mut all: Vec<String> = all.collect();
    all.sort();
    assert_eq!(read(&[&folder.top]), all);
    // Each file once, also where a repository is met and named.
    assert_eq!(read(&[&folder.top, &folder.top.join("one/inner")]), all);
}

#[test]
fn a_submodule_that_is_tracked_and_ignored_is_scanned() {
    let folder = Folder::new();
    let (outer, inner, innermost) =
        (folder.repo("outer"), repo_at(&folder, "outer/b"), repo_at(&folder, "outer/b/build/deep/c"));
    innermost.git(&["commit", "-qm", "c"]);
    inner.git(&["add", "-f", "build/deep/c"]);
    inner.git(&["commit", "-qm", "b"]);
    fs::write(outer.path(".gitignore"), "b/\n").unwrap();
    // Not tracked: what is ignored stays so.
    assert_eq!(read(&[&outer.top]), [".gitignore"]);
    outer.git(&["add", "-f", "b"]);
    let expected = |top: &str| {
        [".env", ".gitignore", "build/deep/a", "plain"].map(|path| format!("{top}{path}")).into_iter()
    };
    let mut all: Vec<String> = expected("b/").chain(expected("b/build/deep/c/")).collect();
    all.push(".gitignore".to_owned());
    all.sort();
    assert_eq!(read(&[&outer.top]), all);
    // No index makes a repository be walked more often: this one lists the one in the other, too.
    let index = |paths: &[&str]| {
        let id = String::from_utf8(inner.git(&["rev-parse", "HEAD"])).unwrap();
        let info = |path: &&str| format!("160000 {} 0\t{path}\n", id.trim());
        outer.git_with(
            &["update-index", "--add", "--index-info"],
            paths.iter().map(info).collect::<String>().as_bytes(),
        );
    };
    index(&["b0build/deep/c", "b0build/deep0c"]);
    let bytes = fs::read(outer.path(".git/index")).unwrap();
    let at = bytes.windows(3).position(|bytes| bytes == b"b0b").unwrap();
    fs::write(outer.path(".git/index"), [&bytes[..=at], b"/", &bytes[at + 2..]].concat()).unwrap();
    assert_eq!(read(&[&outer.top]), all);
}

#[test]
fn a_git_folder_that_cannot_be_used_is_a_gap_that_names_it() {
    let folder = Folder::new();
    let repo = repo_at(&folder, "all/main");
    repo.git(&["commit", "-qm", "a"]);
    // A worktree whose repository was left behind, as where only that folder is mounted in a container.
    repo.git(&["worktree", "add", "-q", "../../linked"]);
    fs::rename(folder.top.join("linked"), folder.top.join("all/alone")).unwrap();
    fs::rename(repo.path(".git/worktrees"), repo.path(".git/gone")).unwrap();
    // A version that git may have one day.
    repo_at(&folder, "all/new").git(&["config", "core.repositoryFormatVersion", "7"]);
    // What is no repository for git, either, and tracks nothing.
    fs::create_dir_all(folder.top.join("all/marked/.git")).unwrap();
    fs::create_dir_all(folder.top.join("all/half/.git")).unwrap();
    fs::copy(repo.path(".git/index"), folder.top.join("all/half/.git/index")).unwrap();
    let gap = |path: &str, reason: &str| (path.to_owned(), reason.to_owned());
    let expected = [
        gap("alone/.git", "its target is not a git repository"),
        gap("half/.git", "its target is not a git repository"),
        gap("new/.git", "unsupported repository extension `repositoryformatversion 7`"),
    ];
    assert_eq!(unusable(&folder.top.join("all")), expected);
    let inner = folder.top.join("all/alone/build");
    fs::create_dir_all(&inner).unwrap();
    assert_eq!(unusable(&inner).len(), 1);
}

#[test]
fn a_git_folder_of_somebody_else_is_a_gap() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let repo = repo_at(&folder, "repo");
    let lock = |mode| fs::set_permissions(repo.path(".git"), fs::Permissions::from_mode(mode)).unwrap();
    lock(0o000);
    let is_locked = fs::read_dir(repo.path(".git")).is_err();
    let gaps = unusable(&folder.top);
    lock(0o700);
    // Nothing is locked for root.
    if is_locked {
        assert_eq!(gaps.len(), 1);
        assert!(gaps[0].0 == "repo/.git" && gaps[0].1.starts_with("it cannot be read: "), "{gaps:?}");
    }
}

#[test]
fn a_repository_whose_own_folder_is_outside_is_reported() {
    let folder = Folder::new();
    let repo = repo(&folder);
    assert!(scan(&files(&[&repo.top], false)).notices.is_empty());
    let inner = repo.path(".git");
    let outer = folder.top.join("outer");
    fs::rename(&inner, &outer).unwrap();
    fs::write(&inner, format!("gitdir: {}\n", outer.display())).unwrap();
    let notice = Notice::Outside(outer.to_str().unwrap().to_owned());
    assert_eq!(scan(&files(&[&repo.top], false)).notices, [notice].into());
    // Ignored or not, no file is asked of the repository.
    assert!(scan(&files(&[&repo.top], true)).notices.is_empty());
}
