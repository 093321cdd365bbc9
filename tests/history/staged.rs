//! What is staged is what git says is staged, in every form that an index has.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use akid::origin::{Origin, RelativePath};
use akid::source::Notice;
use akid::source::git::{IndexFault, Repository, Staged, StagedError, StagedOptions};

use super::repo::{Folder, Keep, Repo};
use super::scan;

/// What git says is staged: for each path that differs from HEAD what `git ls-files -s` has there.
fn by_git(repo: &Repo) -> Vec<(Origin, Vec<u8>)> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let changed = repo.git(&["diff", "--cached", "--name-only", "--no-renames", "-z"]);
    let changed: BTreeSet<&[u8]> = changed.split(|&byte| byte == 0).collect();
    let mut staged = BTreeSet::new();
    for entry in repo.git(&["ls-files", "-s", "-z"]).split(|&byte| byte == 0).filter(|line| !line.is_empty())
    {
        let tab = entry.iter().position(|&byte| byte == b'\t').unwrap();
        let (head, path) = (text(&entry[..tab]), &entry[tab + 1..]);
        let [mode, id, _] = head.split(' ').collect::<Vec<_>>()[..] else { panic!("{head}") };
        if mode != "160000" && changed.contains(path) {
            let content = repo.git(&["cat-file", "blob", id]);
            staged.insert((Origin::File(RelativePath::from_bytes(path)), content));
        }
    }
    staged.into_iter().collect()
}

fn open(repo: &Repo) -> Staged {
    Staged::open(repo.open(), StagedOptions::default()).unwrap()
}

fn staged(repo: &Repo) -> Vec<(Origin, Vec<u8>)> {
    let (inputs, skipped) = Keep::all_of(&open(repo));
    assert!(skipped.is_empty(), "{skipped:?}");
    inputs
}

/// The paths of what is staged, which must be what git says it is.
fn paths(repo: &Repo) -> Vec<String> {
    let staged = staged(repo);
    assert_eq!(staged, by_git(repo));
    staged.iter().map(|(origin, _)| String::from_utf8(origin.path().to_vec()).unwrap()).collect()
}

fn write(repo: &Repo, path: &str, content: &str) {
    fs::create_dir_all(repo.path(path).parent().unwrap()).unwrap();
    fs::write(repo.path(path), content).unwrap();
}

/// Some files in some folders, committed.
fn with_files(folder: &Folder) -> Repo {
    filled(folder.repo("repo"))
}

fn filled(repo: Repo) -> Repo {
    for path in ["a", "b", "x/a", "x/b", "x/y/a", "x/y/b", "x.c", "x-d", "z/z/z/a"] {
        write(&repo, path, &format!("content of {path}\n").repeat(5));
    }
    repo.git(&["add", "."]);
    repo.git(&["commit", "-q", "-m", "begin"]);
    repo
}

#[test]
fn before_the_first_commit_everything_is_staged() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    assert!(staged(&repo).is_empty());
    write(&repo, "x/a", "one\n");
    write(&repo, "b", "two\n");
    repo.git(&["add", "."]);
    assert_eq!(staged(&repo).len(), 2);
    assert!(scan(&open(&repo)).gaps.is_empty());
}

#[test]
fn every_kind_of_change_is_staged_and_nothing_of_the_worktree_is() {
    let folder = Folder::new();
    let repo = with_files(&folder);
    assert!(paths(&repo).is_empty());
    write(&repo, "new/file", "added\n");
    write(&repo, "a", "changed\n");
    repo.git(&["add", "."]);
    repo.git(&["mv", "x/b", "x/y/renamed"]);
    write(&repo, "x/y/renamed", &("content of x/b\n".repeat(5) + "and edited\n"));
    repo.git(&["add", "x/y/renamed"]);
    fs::remove_file(repo.path("b")).unwrap();
    symlink("target of the link", repo.path("b")).unwrap();
    repo.git(&["add", "b"]);
    repo.git(&["update-index", "--chmod=+x", "x.c"]);
    repo.git(&["rm", "-q", "x-d"]);
    // What is edited after it was staged, and what is there and not staged.
    write(&repo, "a", "changed again\n");
    write(&repo, "untracked", "never added\n");
    assert_eq!(paths(&repo), ["a", "b", "new/file", "x.c", "x/y/renamed"]);
    assert!(staged(&repo).iter().any(|(_, content)| content == b"changed\n"));
    assert!(staged(&repo).iter().any(|(_, content)| content == b"target of the link"));
}

#[test]
fn a_file_that_becomes_a_folder_and_the_reverse_are_staged() {
    let folder = Folder::new();
    let repo = with_files(&folder);
    fs::remove_file(repo.path("a")).unwrap();
    write(&repo, "a/inner", "in a folder now\n");
    fs::remove_dir_all(repo.path("x")).unwrap();
    write(&repo, "x", "a file now\n");
    repo.git(&["add", "-A"]);
    assert_eq!(paths(&repo), ["a/inner", "x"]);
}

#[test]
fn all_sides_of_a_conflict_are_staged() {
    let folder = Folder::new();
    let repo = with_files(&folder);
    repo.git(&["checkout", "-q", "-b", "other"]);
    repo.commit("a", "theirs\n");
    repo.git(&["checkout", "-q", "main"]);
    repo.commit("a", "ours\n");
    // It fails, as it should.
    repo.git(&["-c", "alias.try=!git merge -q other || true", "try"]);
    let contents: Vec<_> = staged(&repo).into_iter().map(|(_, content)| content).collect();
    assert_eq!(contents, [&b"content of a\n".repeat(5)[..], b"ours\n", b"theirs\n"]);
    paths(&repo);
}

#[test]
fn of_a_path_that_is_only_intended_nothing_is_staged() {
    let folder = Folder::new();
    let repo = with_files(&folder);
    write(&repo, "later", "not yet\n");
    write(&repo, "x/later", "not yet\n");
    repo.git(&["add", "-N", "later", "x/later"]);
    write(&repo, "x/now", "now\n");
    repo.git(&["add", "x/now"]);
    assert_eq!(paths(&repo), ["x/now"]);
}

#[test]
fn the_commit_of_a_submodule_is_no_content() {
    let folder = Folder::new();
    let repo = with_files(&folder);
    let head = String::from_utf8(repo.git(&["rev-parse", "HEAD"])).unwrap();
    let entry = format!("160000,{},module", head.trim());
    repo.git(&["update-index", "--add", "--cacheinfo", &entry]);
    assert!(paths(&repo).is_empty());
}

#[test]
fn a_detached_head_and_packed_references_are_read() {
    let folder = Folder::new();
    let repo = with_files(&folder);
    write(&repo, "a", "changed\n");
    repo.git(&["add", "a"]);
    repo.git(&["pack-refs", "--all"]);
    repo.git(&["repack", "-q", "-ad"]);
    assert_eq!(paths(&repo), ["a"]);
    repo.git(&["checkout", "-q", "--detach"]);
    assert_eq!(paths(&repo), ["a"]);
}

#[test]
fn a_linked_worktree_has_its_own_index_and_head() {
    let folder = Folder::new();
    let repo = with_files(&folder);
    repo.git(&["worktree", "add", "-q", "-b", "second", "../linked"]);
    let linked = Repo { top: folder.top.join("linked") };
    linked.commit("a", "other\n");
    write(&linked, "x/y/a", "there\n");
    linked.git(&["add", "."]);
    write(&repo, "x/b", "here\n");
    repo.git(&["add", "."]);
    assert_eq!(paths(&linked), ["x/y/a"]);
    assert_eq!(paths(&repo), ["x/b"]);
    // Of a bare repository, too.
    repo.git(&["clone", "-q", "--bare", ".", "../bare.git"]);
    let bare = Repo { top: folder.top.join("bare.git") };
    bare.git(&["worktree", "add", "-q", "../of-bare", "main"]);
    let of_bare = Repo { top: folder.top.join("of-bare") };
    write(&of_bare, "b", "changed\n");
    of_bare.git(&["add", "."]);
    assert_eq!(paths(&of_bare), ["b"]);
}

#[test]
fn an_index_of_any_version_and_without_a_cache_of_trees_is_read() {
    let folder = Folder::new();
    let repo = with_files(&folder);
    write(&repo, "x/y/new", "new\n");
    repo.git(&["add", "."]);
    for version in ["2", "3", "4"] {
        repo.git(&["update-index", "--index-version", version]);
        assert_eq!(paths(&repo), ["x/y/new"], "{version}");
        repo.git(&["-c", "index.threads=4", "-c", "index.recordOffsetTable=true", "add", "."]);
        assert_eq!(paths(&repo), ["x/y/new"], "{version}");
    }
    // Reading a tree into the index writes the cache, writing one by one does not.
    repo.git(&["read-tree", "HEAD"]);
    assert!(paths(&repo).is_empty());
    let all = repo.git(&["ls-files", "-s"]);
    repo.git(&["read-tree", "--empty"]);
    repo.git_with(&["update-index", "--index-info"], &all);
    assert!(paths(&repo).is_empty());
}

#[test]
fn a_split_index_is_put_together() {
    let folder = Folder::new();
    let repo = with_files(&folder);
    repo.git(&["config", "splitIndex.maxPercentChange", "100"]);
    repo.git(&["update-index", "--split-index"]);
    assert!(paths(&repo).is_empty());
    write(&repo, "x/b", "replaced\n");
    write(&repo, "aa", "added\n");
    write(&repo, "x/y/aa", "added\n");
    repo.git(&["add", "."]);
    repo.git(&["rm", "-q", "b", "x/y/a"]);
    let split = fs::read(repo.path(".git/index")).unwrap();
    assert!(split.windows(4).any(|name| name == b"link"));
    assert_eq!(paths(&repo), ["aa", "x/b", "x/y/aa"]);

    // An index elsewhere finds what it builds on all the same.
    fs::copy(repo.path(".git/index"), repo.path("elsewhere")).unwrap();
    let options = StagedOptions { index: Some(repo.path("elsewhere")), ..StagedOptions::default() };
    let (inputs, _) = Keep::all_of(&Staged::open(repo.open(), options).unwrap());
    assert_eq!(inputs, by_git(&repo));

    // Without what it builds on, it is none.
    for shared in fs::read_dir(repo.path(".git")).unwrap().map(|entry| entry.unwrap().path()) {
        if shared.file_name().unwrap().to_string_lossy().starts_with("sharedindex.") {
            fs::rename(&shared, repo.path("shared")).unwrap();
            #[cfg(unix)]
            {
                // Nor does a link in its place lead elsewhere.
                std::os::unix::fs::symlink(repo.path("shared"), shared).unwrap();
                let opened = Staged::open(repo.open(), StagedOptions::default());
                assert!(matches!(opened, Err(StagedError::Unreadable { .. })));
            }
        }
    }
    assert!(matches!(
        Staged::open(repo.open(), StagedOptions::default()),
        Err(StagedError::Unreadable { .. })
    ));
}

#[test]
fn a_folder_that_a_sparse_index_has_as_one_is_looked_into_if_it_changed() {
    let folder = Folder::new();
    let repo = with_files(&folder);
    repo.commit("x/y/new", "key\n");
    repo.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "z"]);
    let index = fs::read(repo.path(".git/index")).unwrap();
    assert!(index.windows(4).any(|name| name == b"sdir"));
    assert!(paths(&repo).is_empty());
    write(&repo, "a", "changed\n");
    repo.git(&["add", "a"]);
    assert_eq!(paths(&repo), ["a"]);
    // The whole folder is now another one than in HEAD.
    repo.git(&["reset", "-q", "--soft", "HEAD~1"]);
    let index = fs::read(repo.path(".git/index")).unwrap();
    assert!(index.windows(4).any(|name| name == b"sdir"));
    assert_eq!(staged(&repo).len(), 2);
    assert_eq!(paths(&repo), ["a", "x/y/new"]);
}

/// A few numbers that look like chance.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

#[test]
fn after_any_changes_it_is_what_git_says_it_is() {
    for (seed, settings) in [
        &[][..],
        &["index.version=4"],
        &["core.splitIndex=true", "splitIndex.maxPercentChange=60"],
        &["core.splitIndex=true", "splitIndex.maxPercentChange=100", "index.version=4"],
    ]
    .iter()
    .enumerate()
    {
        let folder = Folder::new();
        let repo = with_files(&folder);
        for setting in *settings {
            let (key, value) = setting.split_once('=').unwrap();
            repo.git(&["config", key, value]);
        }
        let mut dice = Dice(seed as u64);
        for step in 0..40 {
            let names = ["a", "b", "x", "y", "x.c", "z"];
            let depth = dice.roll(3) + 1;
            let name = |dice: &mut Dice| names[dice.roll(6)];
            let path = (0..depth).map(|_| name(&mut dice)).collect::<Vec<_>>().join("/");
            match dice.roll(6) {
                0 => drop(repo.git(&["commit", "-q", "--allow-empty", "-m", "step"])),
                1 => drop(repo.git(&["rm", "-rqf", "--cached", "--ignore-unmatch", &path])),
                2 => drop(repo.git(&["reset", "-q", "--", &path])),
                _ => {
                    let content = repo.git_with(
                        &["hash-object", "-w", "--stdin"],
                        format!("content {}\n", dice.roll(9)).as_bytes(),
                    );
                    let id = String::from_utf8(content).unwrap();
                    let mode = ["100644", "100755", "120000"][dice.roll(3)];
                    let entry = format!("{mode},{},{path}", id.trim());
                    repo.git(&["update-index", "--add", "--replace", "--cacheinfo", &entry]);
                }
            }
            assert_eq!(staged(&repo), by_git(&repo), "{settings:?}, step {step}");
        }
    }
}

#[test]
fn where_head_cannot_be_read_everything_counts_as_staged() {
    let folder = Folder::new();
    let repo = filled(folder.repo_with_files("repo"));
    for head in ["ref: refs/heads/.invalid\n", "ref: ../../elsewhere\n", "nonsense\n"] {
        fs::write(repo.path(".git/HEAD"), head).unwrap();
        assert_eq!(staged(&repo).len(), 9, "{head}");
        assert_eq!(scan(&open(&repo)).notices, [Notice::Head].into(), "{head}");
    }
}

#[test]
fn a_bare_repository_has_no_index() {
    let folder = Folder::new();
    let repo = with_files(&folder);
    repo.git(&["clone", "-q", "--bare", ".", "../bare.git"]);
    let bare = || Repository::open(&folder.top.join("bare.git")).unwrap();
    let error = Staged::open(bare(), StagedOptions::default()).err().unwrap();
    assert!(matches!(error, StagedError::Bare { .. }) && error.to_string().contains("\nhelp: "));
    let options = StagedOptions { has_worktree: true, ..StagedOptions::default() };
    assert!(Staged::open(bare(), options).is_ok());
}

#[test]
fn a_blob_that_is_not_there_is_told_and_the_rest_is_read() {
    let folder = Folder::new();
    let repo = with_files(&folder);
    write(&repo, "a", "changed\n");
    write(&repo, "b", "changed, too\n");
    repo.git(&["add", "."]);
    let id = String::from_utf8(repo.git(&["rev-parse", ":a"])).unwrap();
    fs::remove_file(repo.path(&format!(".git/objects/{}/{}", &id[..2], id[2..].trim()))).unwrap();
    let (inputs, skipped) = Keep::all_of(&open(&repo));
    assert_eq!(inputs.len(), 1);
    assert!(skipped[0].contains("Absent") && skipped.len() == 1, "{skipped:?}");
}

#[test]
fn large_blobs_are_streamed_however_they_are_stored() {
    let folder = Folder::new();
    let repo = with_files(&folder);
    write(&repo, "large", &"some text of a large file\n".repeat(700_000));
    repo.git(&["add", "."]);
    assert_eq!(paths(&repo), ["large"]);
    write(&repo, "a", "changed\n");
    repo.git(&["add", "."]);
    repo.git(&["repack", "-q", "-a", "-d"]);
    repo.git(&["prune-packed"]);
    assert_eq!(paths(&repo), ["a", "large"]);
}

#[test]
fn what_is_no_sound_index_is_an_error_with_a_remedy() {
    let folder = Folder::new();
    let repo = with_files(&folder);
    let path = repo.path(".git/index");
    let sound = fs::read(&path).unwrap();
    let fault_of = |content: &[u8]| {
        fs::write(&path, content).unwrap();
        match Staged::open(repo.open(), StagedOptions::default()) {
            Err(StagedError::Damaged { fault, .. }) => Some(fault),
            _ => None,
        }
    };
    assert_eq!(fault_of(b"nonsense that is longer than the sum at its end"), Some(IndexFault::Header));
    assert_eq!(fault_of(b""), Some(IndexFault::Length));
    assert_eq!(fault_of(&[&sound[..4], &[0, 0, 0, 9], &sound[8..]].concat()), Some(IndexFault::Version(9)));
    assert_eq!(fault_of(&[&sound[..8], &[255; 4], &sound[12..]].concat()), Some(IndexFault::Length));
    // Whatever byte is wrong, or missing, there is no panic.
    for at in 0..sound.len() {
        let mut changed = sound.clone();
        changed[at] ^= 0x55;
        fault_of(&changed);
        fault_of(&sound[..at]);
    }
}

#[test]
fn excluded_paths_and_large_files_are_left_out() {
    let folder = Folder::new();
    let repo = with_files(&folder);
    write(&repo, "x/y/new", "new\n");
    write(&repo, "large", &"text ".repeat(1000));
    write(&repo, "b", "changed\n");
    repo.git(&["add", "."]);
    let mut exclude = globset::GlobSetBuilder::new();
    exclude.add(globset::Glob::new("x/**").unwrap());
    let exclude = exclude.build().unwrap();
    let options = StagedOptions { exclude, max_file_size: Some(1000), ..StagedOptions::default() };
    let (inputs, skipped) = Keep::all_of(&Staged::open(repo.open(), options).unwrap());
    assert_eq!((inputs.len(), skipped.len()), (1, 0));
}

/// What `akid staged` says when it is a hook of `git commit`.
struct Hook {
    repo: Repo,
    report: PathBuf,
}

impl Hook {
    fn new(folder: &Folder) -> Self {
        use std::os::unix::fs::PermissionsExt;
        let repo = with_files(folder);
        let report = folder.top.join("report");
        let hook = repo.path(".git/hooks/pre-commit");
        fs::create_dir_all(hook.parent().unwrap()).unwrap();
        let (akid, out) = (env!("CARGO_BIN_EXE_akid"), report.display());
        fs::write(&hook, format!("#!/bin/sh\n{akid} staged >{out} 2>&1\necho exit $? >>{out}\n")).unwrap();
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
        Self { repo, report }
    }

    fn commit(&self, arguments: &[&str]) -> String {
        self.repo.git(&[&["commit", "-q", "-m", "change"], arguments].concat());
        fs::read_to_string(&self.report).unwrap()
    }
}

#[test]
fn a_hook_sees_what_is_committed_and_not_what_is_staged_beside_it() {
    let folder = Folder::new();
    let hook = Hook::new(&folder);
    let [first, second] = [1, 2].map(akid::aws::fake::pair);
    let text =
        |key: &akid::aws::fake::Fake| format!("id = {}\nsecret = {}\n", key.id_text(), key.secret_text());
    write(&hook.repo, "x/a", &text(&first));
    write(&hook.repo, "b", &text(&second));
    hook.repo.git(&["add", "b"]);
    let told = hook.commit(&["x/a"]);
    assert!(
        told.contains("x/a:1:") && told.contains("scanned 1 file, ") && told.ends_with("exit 1\n"),
        "{told}"
    );
    assert!(!told.contains(second.id_text()) && !told.contains(first.secret_text()), "{told}");
    write(&hook.repo, "a", "clean\n");
    let told = hook.commit(&["-a"]);
    assert!(told.contains("b:1:") && told.contains("scanned 2 files, "), "{told}");
    write(&hook.repo, "a", "clean again\n");
    assert!(hook.commit(&["-a"]).ends_with("exit 0\n"));
}
