//! What git tracks is scanned, whatever `.gitignore` says of it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use akid::source::{Files, FilesOptions, Gap};

use super::repo::{Folder, Keep, Repo};
use super::scan;

fn repo(folder: &Folder) -> Repo {
    let repo = folder.repo("repo");
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
    assert_eq!(scan(&files(&[&repo.top], false)).gaps, [Gap::Index].into());
    assert!(scan(&files(&[&repo.top], true)).gaps.is_empty());
}

#[test]
fn a_repository_whose_own_folder_is_outside_is_reported() {
    let folder = Folder::new();
    let repo = repo(&folder);
    assert!(scan(&files(&[&repo.top], false)).gaps.is_empty());
    let inner = repo.path(".git");
    let outer = folder.top.join("outer");
    fs::rename(&inner, &outer).unwrap();
    fs::write(&inner, format!("gitdir: {}\n", outer.display())).unwrap();
    let gap = Gap::Outside(outer.to_str().unwrap().to_owned());
    assert_eq!(scan(&files(&[&repo.top], false)).gaps, [gap].into());
    // Ignored or not, no file is asked of the repository.
    assert!(scan(&files(&[&repo.top], true)).gaps.is_empty());
}
