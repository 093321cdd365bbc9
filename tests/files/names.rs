//! What files are called.

use serde_json::Value;

use akid::aws::fake;

use crate::files::{Tree, found};

fn json(tree: &Tree, args: &[&str]) -> Value {
    let output = tree.akid(args).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn paths_are_told_from_the_top_of_the_repository_else_from_what_is_scanned() {
    let tree = Tree::new().with("repo/.git/HEAD", "").with_key("repo/src/a").with_key("plain/src/b");
    assert_eq!(found(&tree.scan(&["repo/src"])), ["src/a"]);
    assert_eq!(found(&tree.scan(&["repo/src/a"])), ["src/a"]);
    assert_eq!(found(&tree.scan(&["plain/src"])), ["b"]);
    assert_eq!(found(&tree.scan(&["plain/src/b"])), ["b"]);
    assert_eq!(found(&tree.scan(&["plain", "repo"])), ["plain/src/b", "repo/src/a"]);
}

#[test]
fn a_linked_worktree_has_its_own_top() {
    let tree = Tree::new().with(".git/HEAD", "").with("tree/.git", "gitdir: x").with_key("tree/src/a");
    assert_eq!(found(&tree.scan(&["tree/src"])), ["src/a"]);
}

#[test]
fn the_path_in_a_text_report_leads_there_from_where_akid_runs() {
    let tree = Tree::new().with("repo/.git/HEAD", "").with_key("repo/a/x.env").with_key("repo/b/y.env");
    for (folder, args) in [
        ("repo", vec!["scan"]),
        ("repo/a", vec!["scan"]),
        ("repo/a", vec!["scan", ".."]),
        ("repo/a", vec!["scan", "../b/y.env"]),
        (".", vec!["scan", "repo/b"]),
        ("repo/b", vec!["scan", "../../repo"]),
    ] {
        let here = tree.path(folder);
        let output = tree.akid(&args).current_dir(&here).output().unwrap();
        let report = String::from_utf8(output.stdout).unwrap();
        let paths: Vec<_> = report.lines().filter_map(|line| line.trim().strip_suffix(":1:21")).collect();
        assert!(!paths.is_empty(), "{report}");
        for path in paths {
            assert!(here.join(path).is_file(), "{path} from {folder}");
        }
    }
}

#[cfg(unix)]
#[test]
fn odd_names_are_told_in_every_format() {
    let tree = Tree::new().with_key("a b").with_key("a\nb").with_key("a#b%20?c").with_key("\u{1b}[31mred");
    let report = tree.akid(&["scan"]).output().unwrap().stdout;
    let report = String::from_utf8(report).unwrap();
    for line in ["a b:1:21", "a\\nb:1:21", "a#b%20?c:1:21", "\\x1b[31mred:1:21"] {
        assert!(report.lines().any(|told| told.trim() == line), "{line} in {report}");
    }
    assert!(!report.contains('\u{1b}'));
    let log = json(&tree, &["scan", "-f", "json"]);
    assert_eq!(log["findings"].as_array().unwrap().len(), 4);
    let log = json(&tree, &["scan", "-f", "sarif"]);
    let results = log["runs"][0]["results"].as_array().unwrap();
    let mut uris: Vec<_> = results
        .iter()
        .map(|result| &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        .map(|uri| uri.as_str().unwrap())
        .collect();
    uris.sort_unstable();
    assert_eq!(uris, ["%1B%5B31mred", "a%0Ab", "a%20b", "a%23b%2520%3Fc"]);
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_unicode_are_read_and_told_apart() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    let name = |bytes: &'static [u8]| Path::new(OsStr::from_bytes(bytes));
    let tree = Tree::new().with_key(name(b"a\xff/x")).with_key(name(b"a\xfe/xy"));
    let scan = tree.scan(&["."]);
    let paths: Vec<_> = scan.findings.iter().map(|finding| finding.origin.path()).collect();
    assert_eq!(paths, [&b"a\xfe/xy"[..], b"a\xff/x"]);
    let log = json(&tree, &["scan", "-f", "json"]);
    assert_eq!(log["findings"][0]["path"], "a\\xfe/xy");
    let log = json(&tree, &["scan", "-f", "sarif"]);
    let location = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "a%FE/xy");
}

#[test]
fn a_key_in_the_name_of_a_file_or_folder_is_found_once() {
    let id = fake::pair(7).id_text().to_owned();
    let tree = Tree::new()
        .with(format!("x/{id}.txt"), "nothing")
        .with(format!("users/{id}/a"), "nothing")
        .with(format!("users/{id}/b/c"), "nothing")
        .with(format!("build/{id}"), "nothing")
        .with(".gitignore", "build/\n")
        .with(".git/HEAD", "");
    let expected = [format!("users/{id}"), format!("x/{id}.txt")];
    for roots in [&["."][..], &[".", "users"], &["users", "x", "."]] {
        let scan = tree.scan(roots);
        assert_eq!(found(&scan), expected, "{roots:?}");
        assert!(scan.findings.iter().all(|finding| finding.origin.is_name() && finding.occurrences == 1));
    }
    assert_eq!(found(&tree.scan(&[&format!("x/{id}.txt")])), [format!("x/{id}.txt")]);
}

#[test]
fn every_format_says_that_a_key_found_in_a_name_and_hides_its_secret() {
    let key = fake::pair(30);
    let secret = key.secret_text().replace('/', "a");
    let tree = Tree::new().with(format!("keys/{}:{secret}.txt", key.id_text()), "nothing");
    let run = |format: &str| {
        let output = tree.akid(&["scan", "-v", "-f", format]).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        for piece in secret.as_bytes().windows(8) {
            let piece = std::str::from_utf8(piece).unwrap();
            assert!(!told.contains(piece), "{format}: {piece}: {told}");
        }
        told
    };
    let text = run("text");
    assert!(text.contains(&format!("          keys/{}:****.txt\n", key.id_text())), "{text}");
    assert!(text.contains("in the name, not the content"), "{text}");
    assert!(run("json").contains("\"found_in\": \"name\""));
    assert!(run("jsonl").contains("\"found_in\":\"name\""));
    let sarif: Value =
        serde_json::from_slice(&tree.akid(&["scan", "-f", "sarif"]).output().unwrap().stdout).unwrap();
    run("sarif");
    let region = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!((&region["startLine"], &region["startColumn"]), (&1.into(), &1.into()));
}
