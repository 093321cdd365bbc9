//! Trees that change while they are walked, or that go very deep.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;

use akid::source::{Content, Event, Files, FilesOptions, Sink, Skipped, Source};

use crate::files::{Tree, found};

/// Runs `change` at the first input, and takes what is in all of them.
struct Changing<F> {
    change: F,
    inputs: Mutex<Vec<Vec<u8>>>,
    skipped: Mutex<Vec<Skipped>>,
}

impl<F: Fn() + Sync> Sink for Changing<F> {
    fn take(&self, event: Event<'_, '_>) -> bool {
        match event {
            Event::Input(_, Content::Whole(bytes)) => {
                let mut inputs = self.inputs.lock().unwrap();
                if inputs.is_empty() {
                    (self.change)();
                }
                inputs.push(bytes.to_vec());
            }
            Event::Skip(skipped) => self.skipped.lock().unwrap().push(skipped),
            _ => {}
        }
        false
    }

    fn is_stopped(&self) -> bool {
        false
    }
}

fn walk(roots: &[PathBuf], change: impl Fn() + Sync) -> (Vec<Vec<u8>>, Vec<Skipped>) {
    let sink = Changing { change, inputs: Mutex::default(), skipped: Mutex::default() };
    Files::new(roots, FilesOptions { threads: 1, ..FilesOptions::default() }).run(&sink);
    (sink.inputs.into_inner().unwrap(), sink.skipped.into_inner().unwrap())
}

#[test]
fn a_folder_that_is_swapped_for_a_link_leads_nowhere_else_and_is_reported() {
    let outside = Tree::new().with("deep/file", "outside");
    // Files of the top are read before its folders are listed.
    let tree =
        Tree::new().with("first", "inside").with("folder/file", "inside").with("folder/deep/file", "inside");
    let (inputs, skipped) = walk(std::slice::from_ref(&tree.top), || {
        fs::rename(tree.path("folder"), outside.path("moved")).unwrap();
        symlink(&outside.top, tree.path("folder")).unwrap();
    });
    assert_eq!(inputs, [b"inside"]);
    assert_eq!(skipped.len(), 1, "{skipped:?}");
    assert_eq!(skipped[0].origin.path(), b"folder");
}

#[test]
fn files_of_a_folder_that_is_moved_away_while_they_are_read_are_still_its_own() {
    let outside = Tree::new().with("a", "outside").with("b", "outside").with("c", "outside");
    let tree = Tree::new().with("sub/a", "inside").with("sub/b", "inside").with("sub/c", "inside");
    let (inputs, skipped) = walk(std::slice::from_ref(&tree.top), || {
        fs::rename(tree.path("sub"), tree.path("moved")).unwrap();
        symlink(&outside.top, tree.path("sub")).unwrap();
    });
    assert_eq!((inputs.len(), skipped.len()), (3, 0), "{skipped:?}");
    assert!(inputs.iter().all(|input| input == b"inside"));
}

#[test]
fn a_file_that_is_swapped_for_a_link_a_pipe_or_a_folder_is_reported() {
    let outside = Tree::new().with("file", "outside");
    for swapped in ["link", "pipe", "folder"] {
        let tree = Tree::new();
        let tree = (0..10).fold(tree, |tree, number| tree.with(format!("{number}"), "inside"));
        let (inputs, skipped) = walk(std::slice::from_ref(&tree.top), || {
            for number in 0..10 {
                let path = tree.path(format!("{number}"));
                fs::remove_file(&path).unwrap();
                match swapped {
                    "link" => symlink(outside.path("file"), path).unwrap(),
                    "pipe" => assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
                    _ => fs::create_dir(path).unwrap(),
                }
            }
        });
        assert_eq!((inputs, skipped.len()), (vec![b"inside".to_vec()], 9), "{swapped}");
    }
}

/// A chain of folders, each with one in it and one beside that, made from the inside out: no path to it is ever long.
fn deep(tree: &Tree, depth: usize) {
    let (inner, outer) = (tree.path("inner"), tree.path("outer"));
    fs::create_dir(&inner).unwrap();
    for _ in 0..depth {
        fs::create_dir_all(outer.join("e")).unwrap();
        fs::rename(&inner, outer.join("d")).unwrap();
        fs::rename(&outer, &inner).unwrap();
    }
    fs::rename(&inner, tree.path("d")).unwrap();
}

#[test]
fn folders_are_walked_as_deep_as_paths_go_and_what_is_deeper_is_reported() {
    let tree = Tree::new().with_key("file");
    deep(&tree, 2500);
    let scan = tree.scan(&["."]);
    assert_eq!(found(&scan), ["file"]);
    // The first folder whose path has more than 4,095 bytes, and the one beside it.
    let skipped: Vec<usize> = scan.skipped.iter().map(|skipped| skipped.origin.path().len()).collect();
    assert_eq!(skipped, [4097, 4097]);
    // The test's own removal of the tree would go too deep.
    assert!(Command::new("rm").arg("-rf").arg(tree.path("d")).status().unwrap().success());
}
