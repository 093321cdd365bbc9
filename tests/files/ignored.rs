//! What `.gitignore` files hide: what they hide from git, and nothing when they are not what git would read.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use akid::source::{Event, Files, FilesOptions, IgnoreFault, Notice, Sink, SkipReason, Source};
use proptest::prelude::{ProptestConfig, Strategy, prop, proptest};
use proptest::prop_assert_eq;

use crate::files::{Tree, found};

/// Takes the paths of files, and nothing else.
#[derive(Default)]
struct Paths(Mutex<BTreeSet<Vec<u8>>>);

impl Sink for Paths {
    fn take(&self, event: Event<'_, '_>) -> bool {
        match event {
            Event::Input(origin, _) => _ = self.0.lock().unwrap().insert(origin().path().to_vec()),
            Event::Skip(skipped) => panic!("{skipped:?}"),
            Event::Gap(gap) => panic!("{gap:?}"),
            _ => {}
        }
        false
    }

    fn is_stopped(&self) -> bool {
        false
    }
}

fn read_by_akid(root: &Path) -> BTreeSet<Vec<u8>> {
    let paths = Paths::default();
    Files::new(&[root.to_path_buf()], FilesOptions { threads: 2, ..FilesOptions::default() }).run(&paths);
    paths.0.into_inner().unwrap()
}

fn git(top: &Path, args: &[&str]) -> Vec<u8> {
    let mut git = Command::new("git");
    git.args(args).current_dir(top).env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/nonexistent");
    let output = git.output().unwrap();
    assert!(output.status.success(), "git {args:?}");
    output.stdout
}

/// What `git add` would take of a folder where nothing is tracked.
fn taken_by_git(top: &Path) -> BTreeSet<Vec<u8>> {
    let listed = git(top, &["ls-files", "--others", "--exclude-standard", "-z"]);
    listed.split(|&byte| byte == 0).filter(|path| !path.is_empty()).map(<[u8]>::to_vec).collect()
}

/// Names that patterns of the kinds below could mean.
const NAMES: &[&[u8]] = &[
    b"a",
    b"b",
    b"ab",
    b"bb",
    b"a.env",
    b"b.env",
    b"{a,b}.env",
    b"x/keep",
    b"x/b",
    b"x/y/b",
    b"x/y/a/b",
    b"a b",
    b"a ",
    b"#x",
    b"!a",
    b"d/b",
    b"d/a/b",
    b"d/x/a/b",
    b"A.ENV",
    b"a{b",
    b"{a}",
    b"a*",
    b"[a",
    b"aXb",
    b"foo\r",
    b"\ta",
    b"a\t",
    b"\xc3\xa9",
    b"\xe9",
    b"a.o",
    b"x~",
    b"z/core",
    b"[]",
    b"]",
    b"-b",
    b"c/foo",
    b"y/x",
    b"y/xa/b/q",
    b"a\\",
    b"\\a",
    b"x/\\",
    b"d/.gitkeep",
    b"x/a*b",
    b"y/foo/bar",
    b"y/foox/a/bar",
    b"y/foobar",
];

/// Parts of patterns.
const ATOMS: &[&str] = &[
    "a",
    "b",
    "x",
    "y",
    "d",
    "foo",
    "bar",
    ".env",
    "*",
    "**",
    "***",
    "?",
    "/",
    "**/",
    "/**",
    "/*",
    "[ab]",
    "[!a]",
    "[^b]",
    "[a-",
    "[]a]",
    "[a-c]",
    "[[:alpha:]]",
    "[[:space:]]",
    "[[:x:]]",
    "[",
    "]",
    "-",
    "\\",
    "\\*",
    "\\ ",
    " ",
    "#",
    "!",
    "{a,b}",
    "{",
    "}",
    "\t",
    "\r",
    "é",
    "~",
    ".",
    "keep",
    "core",
    "[x/y]",
    "**\\/",
];

fn pattern() -> impl Strategy<Value = String> {
    let atoms = prop::collection::vec(prop::sample::select(ATOMS), 1..6);
    let start = prop::sample::select(&["", "", "", "!", "/", "**/", "x/"][..]);
    let end = prop::sample::select(&["", "", "", "/", "/*", "/**", " "][..]);
    (start, atoms, end).prop_map(|(start, atoms, end)| [start, &atoms.concat(), end].concat())
}

fn repository() -> Tree {
    let tree = NAMES.iter().fold(Tree::new(), |tree, name| tree.with(OsStr::from_bytes(name), "nothing"));
    git(&tree.top, &["init", "-q"]);
    tree
}

fn assert_same_as_git(
    tree: &Tree,
    ignore_files: &[(&str, String)],
) -> Result<(), proptest::test_runner::TestCaseError> {
    for (path, text) in ignore_files {
        fs::write(tree.path(path), text).unwrap();
    }
    let (akid, git) = (read_by_akid(&tree.top), taken_by_git(&tree.top));
    let shown = |only: &BTreeSet<Vec<u8>>, other: &BTreeSet<Vec<u8>>| -> Vec<String> {
        only.difference(other).map(|path| path.escape_ascii().to_string()).collect()
    };
    prop_assert_eq!((shown(&akid, &git), shown(&git, &akid)), (vec![], vec![]), "{:?}", ignore_files);
    Ok(())
}

#[test]
fn every_kind_of_pattern_hides_what_it_hides_from_git() {
    let tree = repository();
    let single = [
        "{a,b}.env",
        "[a]b",
        "[!a]b",
        "a\\ ",
        "a ",
        "a\\  ",
        "#x",
        "\\#x",
        "!a",
        "a/",
        "/a",
        "a/**",
        "**/a",
        "a/**/b",
        "*.e?v",
        "[a-",
        "[]a]",
        "a[",
        "\\!a",
        "**a",
        "a**",
        "*/a",
        "a//b",
        "./a",
        "a/./b",
        "\ta",
        "a\t",
        "A.ENV",
        "[[:alpha:]].env",
        "{a}",
        "a{b",
        "a\\*",
        "\\a",
        "a\\",
        "[\\]]",
        "[a/b]",
        "a?b",
        "?",
        "x/*",
        "*\n!x/\n!x/keep",
        "x\n!x/keep",
        "*\n!*/\n!*.env",
        "**",
        "***",
        "b/**/",
        "foo\r",
        "foo\r\r\n",
        "\u{feff}a",
        "[^a]b",
        "é",
        "*.[oa]",
        "*~",
        "x/**",
        "/**/a",
        "/x/*/b",
        "a\0b",
        "/",
        "//",
        "!",
        "y/foo**/bar",
        "d/**\\/b",
        "**/**/b",
        "*/*/b",
        "[[:]a]",
        "[[:foo:]]a",
        "[a-\\]]",
        "[--a]b",
        "[!-a]b",
    ];
    for pattern in single {
        assert_same_as_git(&tree, &[(".gitignore", format!("{pattern}\n"))]).unwrap();
        assert_same_as_git(&tree, &[(".gitignore", pattern.to_owned())]).unwrap();
    }
}

#[test]
fn random_patterns_hide_what_they_hide_from_git() {
    let tree = repository();
    let lines = || prop::collection::vec(pattern(), 0..4).prop_map(|lines| lines.join("\n"));
    proptest!(ProptestConfig::with_cases(200), |(top in lines(), x in lines(), d in lines())| {
        assert_same_as_git(&tree, &[(".gitignore", top), ("x/.gitignore", x), ("d/.gitignore", d)])?;
    });
}

/// What an ignore file at `path` of a tree hides or leaves: the paths of keys found, notices, and what was skipped.
fn scanned(tree: &Tree) -> (Vec<String>, Vec<Notice>, Vec<(String, SkipReason)>) {
    let scan = tree.scan(&["."]);
    let skipped = scan.skipped.iter().map(|skipped| {
        let SkipReason::Ignore(fault) = skipped.reason else { panic!("{skipped:?}") };
        (String::from_utf8_lossy(skipped.origin.path()).into_owned(), SkipReason::Ignore(fault))
    });
    (found(&scan), scan.notices.iter().cloned().collect(), skipped.collect())
}

#[test]
fn an_ignore_file_that_is_no_regular_file_hides_nothing_and_is_reported() {
    let outside = Tree::new().with("patterns", "key\n");
    for make in ["zero", "outside", "pipe", "folder"] {
        let tree = Tree::new().with(".git/HEAD", "").with_key("key").with_key("sub/key");
        let path = tree.path("sub/.gitignore");
        match make {
            "zero" => symlink("/dev/zero", path).unwrap(),
            "outside" => symlink(outside.path("patterns"), path).unwrap(),
            "pipe" => assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
            _ => fs::create_dir(path).unwrap(),
        }
        let (found, notices, skipped) = scanned(&tree);
        assert_eq!(found, ["key", "sub/key"], "{make}");
        assert_eq!(
            notices,
            [Notice::IgnoreFile(akid::origin::RelativePath::from_bytes("sub/.gitignore"))],
            "{make}"
        );
        assert!(skipped.is_empty(), "{make}");
    }
}

#[test]
fn a_linked_ignore_file_above_the_scanned_folder_hides_nothing_either() {
    let tree = Tree::new().with(".git/HEAD", "").with_key("sub/key").with("patterns", "key\n");
    symlink("patterns", tree.path(".gitignore")).unwrap();
    let scan = tree.scan(&["sub"]);
    assert_eq!((found(&scan), scan.notices.len()), (vec!["sub/key".to_owned()], 1));
}

#[test]
fn ignore_files_that_are_too_large_together_hide_nothing_and_are_skips() {
    let half = "key\n".repeat(140_000);
    let tree = Tree::new().with(".git/HEAD", "").with(".gitignore", &half).with_key("key");
    let tree =
        tree.with("sub/.gitignore", half.replace("key", "kez")).with_key("sub/kez").with_key("sub/key");
    let (found, _, skipped) = scanned(&tree);
    assert_eq!(found, ["sub/kez"]);
    let [(path, SkipReason::Ignore(IgnoreFault::TooLarge))] = &skipped[..] else { panic!("{skipped:?}") };
    assert_eq!(path, "sub/.gitignore");
    assert_eq!(tree.akid(&["scan"]).output().unwrap().status.code(), Some(2));
}

#[test]
fn patterns_that_take_too_long_hide_nothing_and_are_one_skip() {
    let name = "a".repeat(200);
    let slow = format!("*{}?b\n", "a".repeat(100)).repeat(2000);
    let tree = Tree::new().with(".git/HEAD", "").with(".gitignore", format!("key\n{slow}"));
    let tree = tree.with_key(&name).with_key(format!("{name}2")).with_key("key");
    let (found, _, skipped) = scanned(&tree);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(matches!(&skipped[..], [(_, SkipReason::Ignore(IgnoreFault::TooComplex))]), "{skipped:?}");
}

#[test]
fn an_ignore_file_of_a_repository_does_not_reach_into_one_below() {
    let tree = Tree::new().with(".git/HEAD", "").with(".gitignore", "key\n").with_key("key");
    let tree = tree.with("inner/.git/HEAD", "").with_key("inner/key").with_key("other/key");
    assert_eq!(scanned(&tree).0, ["inner/key"]);
}

#[test]
fn a_file_below_a_folder_that_is_shown_again_is_shown() {
    let tree = Tree::new().with(".git/HEAD", "").with(".gitignore", "*\n!.gitignore\n!sub/\n!/sub/key\n");
    assert_eq!(scanned(&tree.with_key("sub/key").with_key("sub/other").with_key("key")).0, ["sub/key"]);
}
