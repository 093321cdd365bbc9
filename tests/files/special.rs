//! Links, pipes, sockets, and what cannot be read.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::process::Command;

use akid::aws::fake;

use crate::files::{Tree, found, settings};

fn pipe(tree: &Tree, name: &str) {
    assert!(Command::new("mkfifo").arg(tree.path(name)).status().unwrap().success());
}

#[test]
fn links_are_not_followed_and_loops_end() {
    let outside = Tree::new().with_key("secret/file");
    let tree = Tree::new().with_key("sub/a");
    symlink(outside.path("secret"), tree.path("folder")).unwrap();
    symlink(outside.path("secret/file"), tree.path("file")).unwrap();
    symlink(&tree.top, tree.path("sub/loop")).unwrap();
    symlink("nowhere", tree.path("broken")).unwrap();
    let scan = tree.scan(&["."]);
    assert_eq!((found(&scan), scan.inputs, scan.skipped.len()), (vec!["sub/a".to_owned()], 1, 0));
}

#[test]
fn the_text_of_a_link_is_scanned_as_the_content_that_git_has_of_it() {
    let (key, other) = (fake::pair(1), fake::pair(2));
    let tree = Tree::new().with("sub/plain", "");
    symlink(format!("/srv/{}/{}", key.id_text(), key.secret_text()), tree.path("sub/target")).unwrap();
    symlink("plain", tree.path(format!("sub/{}", other.id_text()))).unwrap();
    let scan = tree.scan(&["."]);
    assert_eq!(found(&scan), [format!("sub/{}", other.id_text()), "sub/target".to_owned()]);
    assert!(scan.findings[0].origin.is_name() && !scan.findings[1].origin.is_name());
    assert_eq!(scan.findings[1].credential.id(), Some(key.id()));
    // Once, also where roots lie in each other.
    assert!(tree.scan(&[".", "sub"]).findings.iter().all(|finding| finding.occurrences == 1));
    let said = tree.akid(&["scan", "--config", "none.toml"]).output().unwrap();
    assert_eq!(said.status.code(), Some(2));
    fs::write(tree.path("none.toml"), "exclude = ['sub/**']").unwrap();
    let said = tree.akid(&["scan", "--config", "none.toml"]).output().unwrap();
    assert!(said.status.success(), "{said:?}");
}

#[test]
fn a_link_that_is_named_is_followed() {
    let outside = Tree::new().with_key("file").with_key("folder/b");
    let tree = Tree::new();
    symlink(outside.path("file"), tree.path("link")).unwrap();
    symlink(outside.path("folder"), tree.path("folder")).unwrap();
    assert_eq!(found(&tree.scan(&["link"])), ["link"]);
    assert_eq!(found(&tree.scan(&["folder"])), ["b"]);
}

#[test]
fn pipes_and_sockets_in_a_folder_are_passed_over() {
    let tree = Tree::new().with_key("a");
    pipe(&tree, "pipe");
    let _listener = UnixListener::bind(tree.path("socket")).unwrap();
    let scan = tree.scan(&["."]);
    assert_eq!((found(&scan), scan.inputs, scan.skipped.len()), (vec!["a".to_owned()], 1, 0));
}

#[test]
fn a_pipe_that_is_named_is_read() {
    let tree = Tree::new();
    pipe(&tree, "pipe");
    let path = tree.path("pipe");
    let writer = std::thread::spawn(move || fs::write(path, settings(&fake::pair(1))).unwrap());
    assert_eq!(found(&tree.scan(&["pipe"])), ["pipe"]);
    writer.join().unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_that_fails_to_be_read_is_told_and_the_rest_is_read() {
    // The first page of a process is never mapped: whoever asks, reading it is an error.
    let tree = Tree::new().with_key("a");
    let output = tree.akid(&["scan", "/proc/self/mem", "a"]).output().unwrap();
    let (told, report) = (String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout));
    assert_eq!(output.status.code(), Some(2));
    assert!(told.contains("/mem: Input/output error") && told.contains("1 credential"), "{told}");
    assert!(report.contains("\n          a:1:21\n"), "{report}");
}

#[test]
fn a_file_or_folder_without_permission_is_told_and_the_rest_is_read() {
    let tree = Tree::new().with_key("a").with_key("locked").with_key("closed/b");
    for path in ["locked", "closed"] {
        fs::set_permissions(tree.path(path), fs::Permissions::from_mode(0o000)).unwrap();
    }
    // Permissions stop everyone but root.
    let is_root = fs::read(tree.path("locked")).is_ok();
    let scan = tree.scan(&["."]);
    let output = tree.akid(&["scan"]).output().unwrap();
    fs::set_permissions(tree.path("closed"), fs::Permissions::from_mode(0o700)).unwrap();
    if is_root {
        return;
    }
    let skipped: Vec<_> = scan.skipped.iter().map(|skipped| skipped.origin.path()).collect();
    assert_eq!((skipped, found(&scan)), (vec![&b"closed"[..], b"locked"], vec!["a".to_owned()]));
    assert_eq!(output.status.code(), Some(2));
}
