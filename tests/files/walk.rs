//! Which files are read.

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

use akid::source::{Event, Files, FilesOptions, Sink, SkipReason, Skipped, Source};

use crate::files::{Tree, found};

#[test]
fn hidden_files_are_read_and_what_git_keeps_is_not() {
    let tree = Tree::new().with_key(".env").with_key(".config/x").with_key(".git/config");
    let tree = tree.with_key("sub/.git/config").with_key("linked/.git").with_key(".gitmodules");
    assert_eq!(found(&tree.scan(&["."])), [".config/x", ".env", ".gitmodules"]);
}

#[test]
fn ignore_files_of_every_depth_count_as_they_do_for_git() {
    let tree = Tree::new().with(".git/HEAD", "").with(".gitignore", "*.log\n/top.env\n");
    let tree = tree.with("sub/.gitignore", "!keep.log\nown.env\n");
    let tree = ["a.log", "top.env", "sub/top.env", "sub/keep.log", "sub/other.log", "sub/own.env", "own.env"]
        .into_iter()
        .fold(tree, Tree::with_key);
    assert_eq!(found(&tree.scan(&["."])), ["own.env", "sub/keep.log", "sub/top.env"]);
    // Those above the scanned folder count, too.
    assert_eq!(found(&tree.scan(&["sub"])), ["sub/keep.log", "sub/top.env"]);
}

#[test]
fn an_ignored_file_or_folder_that_is_named_is_read() {
    let tree = Tree::new().with(".git/HEAD", "").with(".gitignore", "build/\n.env\n");
    let tree = tree.with_key("build/a.txt").with_key(".env");
    assert!(found(&tree.scan(&["."])).is_empty());
    assert_eq!(found(&tree.scan(&["build", ".env"])), [".env", "build/a.txt"]);
}

#[test]
fn a_file_that_is_named_twice_is_read_once() {
    let tree = Tree::new().with_key("a").with_key("sub/b");
    for roots in [
        &["a", "a", "./a", "sub/../a", "sub"][..],
        &[".", "a", "sub/b"],
        &["sub/b", "a", "."],
        &[".", "sub", "sub/", "."],
    ] {
        let scan = tree.scan(roots);
        assert_eq!((found(&scan), scan.inputs), (vec!["a".to_owned(), "sub/b".to_owned()], 2), "{roots:?}");
        assert!(scan.findings.iter().all(|finding| finding.occurrences == 1), "{roots:?}");
    }
}

#[test]
fn an_ignored_folder_stays_named_where_roots_overlap() {
    let tree = Tree::new().with(".git/HEAD", "").with(".gitignore", "build/\n").with_key("build/a");
    assert_eq!(found(&tree.scan(&[".", "build"])), ["build/a"]);
}

#[test]
fn an_empty_file_is_an_input_like_any_other() {
    let scan = Tree::new().with("empty", "").with("also/empty", "").scan(&["."]);
    assert_eq!((scan.inputs, scan.bytes, scan.findings.len(), scan.skipped.len()), (2, 0, 0, 0));
}

#[test]
fn a_path_that_is_not_there_is_told_and_the_rest_is_read() {
    let tree = Tree::new().with_key("b");
    let scan = tree.scan(&["no/such", "b", "gone"]);
    let skipped: Vec<_> = scan.skipped.iter().map(|skipped| skipped.origin.path().to_vec()).collect();
    assert_eq!((skipped.len(), found(&scan)), (2, vec!["b".to_owned()]));
    assert!(skipped[0].ends_with(b"gone") && skipped[1].ends_with(b"no/such"));
}

/// Takes nothing but notes, and removes a file as soon as it is given one.
struct Remover {
    victim: PathBuf,
    skipped: Mutex<Vec<Skipped>>,
}

impl Sink for Remover {
    fn take(&self, event: Event<'_, '_>) -> bool {
        match event {
            Event::Input(..) => fs::remove_file(&self.victim).unwrap_or_default(),
            Event::Skip(skipped) => self.skipped.lock().unwrap().push(skipped),
            _ => {}
        }
        false
    }

    fn is_stopped(&self) -> bool {
        false
    }
}

#[test]
fn a_file_that_vanishes_during_the_scan_is_told() {
    let tree = Tree::new().with_key("first").with_key("second");
    let roots = [tree.path("first"), tree.path("second")];
    let sink = Remover { victim: roots[1].clone(), skipped: Mutex::default() };
    Files::new(&roots, FilesOptions::default()).run(&sink);
    let skipped = sink.skipped.into_inner().unwrap();
    assert_eq!(skipped.len(), 1);
    assert_eq!(skipped[0].origin.path(), b"second");
    assert!(
        matches!(&skipped[0].reason, SkipReason::Io(error) if error.kind() == std::io::ErrorKind::NotFound)
    );
}

#[test]
fn a_pointer_of_git_lfs_is_named_unless_its_object_is_there() {
    let id = "0123456789abcdef".repeat(4);
    let pointer = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{id}\nsize 12345\n");
    let tree = Tree::new().with("repo/.git/HEAD", "").with("repo/.git/objects/info/packs", "");
    let tree = tree.with("repo/large.bin", &pointer).with("outside", &pointer).with("text", "size 3\n");
    let skipped = |tree: &Tree| -> Vec<String> {
        let scan = tree.scan(&["."]);
        assert!(scan.skipped.iter().all(|skipped| matches!(skipped.reason, SkipReason::Lfs)));
        let paths = scan.skipped.iter().map(|skipped| skipped.origin.path());
        paths.map(|path| String::from_utf8_lossy(path).into_owned()).collect()
    };
    assert_eq!(skipped(&tree), ["outside", "repo/large.bin"]);
    let tree = tree.with(format!("repo/.git/lfs/objects/01/23/{id}"), "the content");
    assert_eq!(skipped(&tree), ["outside"]);
    let said = tree.akid(&["scan", "outside"]).output().unwrap();
    assert!(String::from_utf8_lossy(&said.stderr).contains("`git lfs pull`"), "{said:?}");
}
