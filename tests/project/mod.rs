//! The repository itself: its layout, its addresses, and the files that people and machines read first.

#![expect(clippy::unwrap_used, reason = "a test")]

mod address;
mod layout;
mod pages;
mod wheel;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The top of the repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the text of a file, given by its path from the top.
fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the paths of the tracked files, in order. A source archive has none: only a checkout can be checked.
fn tracked() -> Vec<PathBuf> {
    if !root().join(".git").exists() {
        return Vec::new();
    }
    let listed = Command::new("git")
        .args(["-c", "safe.directory=*", "ls-files", "-z"])
        .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")])
        // A hook that runs the tests sets these to a repository of its own.
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .current_dir(root())
        .output()
        .unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let names = String::from_utf8(listed.stdout).unwrap();
    names.split_terminator('\0').map(PathBuf::from).collect()
}

/// Returns the tracked files that exist in the worktree, each with its text.
fn texts() -> Vec<(PathBuf, String)> {
    let mut texts = Vec::new();
    for path in tracked() {
        if root().join(&path).is_file() {
            let bytes = fs::read(root().join(&path)).unwrap();
            texts.push((path, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    texts
}
