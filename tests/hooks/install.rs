//! Where hooks go, what was there before, and whether it is there after.

use std::fs;

use crate::work::{AKID, Folder, Work, leak};

fn commit_a_leak(repo: &Work) -> crate::work::Said {
    repo.write("leak.env", leak(1));
    repo.git(&["add", "-A"]).ok();
    repo.git(&["commit", "-qm", "leak"])
}

#[test]
fn a_hook_that_is_there_is_kept_runs_first_and_is_put_back() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.write_hook(".git/hooks/pre-commit", "echo former: \"$@\"; exit $FORMER");
    repo.write_hook(".git/hooks/pre-push", "cat; exit 0");
    let before = [repo.read(".git/hooks/pre-commit"), repo.read(".git/hooks/pre-push")];
    let told = repo.akid(&["hook", "install"]).ok();
    assert!(told.contains("the previous hook runs first"), "{told}");
    // Twice is as good as once.
    repo.akid(&["hook", "install"]).ok();

    let told = commit_a_leak(&repo).stopped();
    assert!(told.contains("former:") && told.contains("akid: commit stopped"), "{told}");
    let told = repo.sh("FORMER=3 git commit -qm leak").stopped();
    assert!(told.contains("former:") && !told.contains("akid"), "{told}");
    repo.git(&["commit", "-q", "--no-verify", "-m", "leak"]).ok();
    repo.git(&["init", "-q", "--bare", "../remote"]).ok();
    let told = repo.git(&["push", "-q", "../remote", "main"]).stopped();
    assert!(told.starts_with("refs/heads/main ") && told.contains("akid: push stopped"), "{told}");

    let told = repo.akid(&["hook", "uninstall"]).ok();
    assert_eq!(told.matches("the previous hook is restored").count(), 2, "{told}");
    assert_eq!([repo.read(".git/hooks/pre-commit"), repo.read(".git/hooks/pre-push")], before);
    assert!(!repo.has(".git/hooks/pre-commit.before-akid"));
    assert!(repo.akid(&["hook", "uninstall"]).ok().contains("no akid hook"));
    assert_eq!([repo.read(".git/hooks/pre-commit"), repo.read(".git/hooks/pre-push")], before);
}

#[test]
fn by_force_the_other_hook_does_not_run_and_is_kept() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.write_hook(".git/hooks/pre-commit", "echo former");
    repo.akid(&["hook", "install", "--pre-commit", "--force"]).ok();
    assert!(!repo.has(".git/hooks/pre-push"));
    assert!(!commit_a_leak(&repo).stopped().contains("former"));
    repo.akid(&["hook", "uninstall"]).ok();
    assert!(repo.read(".git/hooks/pre-commit").contains("echo former"));
}

#[test]
fn nobodys_hook_is_ever_lost() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.write_hook(".git/hooks/pre-commit", "echo one");
    repo.akid(&["hook", "install"]).ok();
    // Somebody else took the place.
    repo.write_hook(".git/hooks/pre-commit", "echo two");
    let told = repo.akid(&["hook", "install"]).stopped();
    assert!(told.contains("pre-commit.before-akid: already exists") && told.contains("help: "), "{told}");
    assert!(repo.read(".git/hooks/pre-commit").contains("echo two"));
    assert!(repo.read(".git/hooks/pre-commit.before-akid").contains("echo one"));
    let strays = fs::read_dir(repo.top.join(".git/hooks"))
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().ends_with(".tmp"));
    assert_eq!(strays.count(), 0);
    // As pre-commit does it: akid's hook goes on as `legacy`, and finds the former one all the same.
    repo.write_hook(".git/hooks/pre-push", "exit 0");
    fs::remove_file(repo.top.join(".git/hooks/pre-push")).unwrap();
    repo.akid(&["hook", "install", "--pre-push"]).ok();
    fs::rename(repo.top.join(".git/hooks/pre-push"), repo.top.join(".git/hooks/pre-push.legacy")).unwrap();
    repo.write_hook(".git/hooks/pre-push", "exit 0");
    repo.akid(&["hook", "uninstall", "--pre-push"]).ok();
    assert!(repo.has(".git/hooks/pre-push") && !repo.has(".git/hooks/pre-push.legacy"));
}

#[test]
fn linked_worktrees_share_a_hook_and_folders_of_ones_own_are_respected() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a", "a\n");
    repo.git(&["worktree", "add", "-q", "../linked"]).ok();
    let linked = repo.at("../linked");
    linked.akid(&["hook", "install"]).ok();
    assert!(repo.has(".git/hooks/pre-commit"));
    commit_a_leak(&linked).stopped();
    commit_a_leak(&repo).stopped();
    repo.akid(&["hook", "uninstall"]).ok();

    repo.git(&["config", "core.hooksPath", ".githooks"]).ok();
    fs::create_dir(repo.top.join("sub")).unwrap();
    repo.at("sub").akid(&["hook", "install"]).ok();
    assert!(repo.has(".githooks/pre-commit") && !repo.has(".git/hooks/pre-commit"));
    commit_a_leak(&repo).stopped();
}

#[test]
fn a_folder_that_others_use_is_left_alone_unless_asked() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    let outside = folder.top.join("shared-hooks");
    repo.git(&["config", "core.hooksPath", outside.to_str().unwrap()]).ok();
    let told = repo.akid(&["hook", "install"]).stopped();
    assert!(told.contains("core.hooksPath") && told.contains("help: "), "{told}");
    assert!(!outside.exists());
    repo.akid(&["hook", "install", "--outside"]).ok();
    commit_a_leak(&repo).stopped();
    repo.akid(&["hook", "uninstall"]).stopped();
    commit_a_leak(&repo).stopped();
    repo.akid(&["hook", "uninstall", "--outside"]).ok();
    commit_a_leak(&repo).ok();
}

#[test]
fn for_all_repositories_their_own_hooks_run_as_before() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.write_hook(".git/hooks/pre-commit", "echo own pre-commit");
    repo.write_hook(".git/hooks/commit-msg", "echo own commit-msg; test -s \"$1\"");
    repo.write_hook(".git/hooks/post-commit", "echo own post-commit");
    repo.akid(&["hook", "install", "--global"]).ok();
    let told = commit_a_leak(&repo).stopped();
    assert!(told.contains("own pre-commit") && told.contains("akid: commit stopped"), "{told}");
    repo.git(&["rm", "-q", "--cached", "leak.env"]).ok();
    let told = repo.git(&["commit", "-q", "--allow-empty", "-m", "clean"]).ok();
    for name in ["pre-commit", "commit-msg", "post-commit"] {
        assert!(told.contains(&format!("own {name}")), "{told}");
    }
    // Any other repository of this user, too.
    let other = folder.repo("other");
    commit_a_leak(&other).stopped();
    repo.akid(&["hook", "uninstall", "--global"]).ok();
    assert!(other.git(&["config", "--global", "core.hooksPath"]).code != Some(0));
    assert!(!folder.top.join("home/.config/akid/hooks").exists());
    assert!(commit_a_leak(&other).ok().is_empty());
    assert!(repo.git(&["commit", "-q", "--allow-empty", "-m", "x"]).ok().contains("own pre-commit"));
}

#[test]
fn line_ends_of_windows_do_no_harm() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.write_hook(".git/hooks/pre-commit", "echo former");
    repo.akid(&["hook", "install"]).ok();
    for hook in ["pre-commit", "pre-merge-commit", "pre-push"] {
        let path = format!(".git/hooks/{hook}");
        // Git for Windows takes the first line either way; here the kernel would not.
        let script = repo.read(&path).replace('\n', "\r\n").replacen("\r\n", "\n", 1);
        repo.write(&path, script);
    }
    let told = commit_a_leak(&repo).stopped();
    assert!(told.contains("former\nakid: commit stopped"), "{told}");
    repo.git(&["commit", "-q", "--no-verify", "-m", "leak"]).ok();
    repo.git(&["init", "-q", "--bare", "../remote"]).ok();
    let told = repo.git(&["push", "-q", "../remote", "main"]).stopped();
    assert!(told.contains("akid: push stopped"), "{told}");
    // And akid knows its own.
    let told = repo.akid(&["hook", "uninstall"]).ok();
    assert_eq!(told.matches("removed ").count(), 3, "{told}");
}

#[test]
fn an_akid_that_is_gone_stops_the_commit_and_says_so() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.akid(&["hook", "install", "--pre-commit"]).ok();
    let script = repo.read(".git/hooks/pre-commit").replace(crate::work::AKID, "/nowhere/akid");
    repo.write(".git/hooks/pre-commit", script);
    repo.write("a", "a\n");
    repo.git(&["add", "-A"]).ok();
    let said = repo.sh("PATH=$(dirname \"$(command -v git)\"):/usr/bin:/bin git commit -qm a");
    assert!(said.text.contains("akid was not found: install it"), "{}", said.text);
    assert_ne!(said.code, Some(0));
}

#[test]
fn huskys_folder_is_left_alone_and_all_lines_for_it_are_told() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.git(&["config", "core.hooksPath", ".husky/_"]).ok();
    for makes in ["mkdir -p .husky/_", "echo '. \"$(dirname \"$0\")/h\"' > .husky/_/pre-commit"] {
        repo.sh(makes).ok();
        let told = repo.akid(&["hook", "install"]).stopped();
        assert!(
            told.starts_with("error: ") && told.contains(".husky/_: husky recreates this folder"),
            "{told}"
        );
        for line in [
            "to .husky/pre-commit: `akid hook pre-commit`",
            "to .husky/pre-merge-commit: `akid hook pre-commit`",
            "to .husky/pre-push: `akid hook pre-push -- \"$@\"`",
        ] {
            assert!(told.contains(line), "{line}: {told}");
        }
        assert!(!repo.has(".husky/_/pre-push"));
    }
    let told = repo.akid(&["hook", "install", "--pre-push"]).stopped();
    assert!(told.contains("help: add a line to .husky/pre-push: ") && !told.contains("pre-commit"), "{told}");
}

#[test]
fn a_folder_in_place_of_a_hook_is_no_hook() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.sh("mkdir .git/hooks/pre-merge-commit").ok();
    for arguments in [&["hook", "install"][..], &["hook", "install", "--force"]] {
        let told = repo.akid(arguments).stopped();
        assert!(
            told.contains("pre-merge-commit: git expects a hook here, but this is a folder\nhelp: "),
            "{told}"
        );
        assert!(!repo.has(".git/hooks/pre-commit"));
    }
    repo.sh("rmdir .git/hooks/pre-merge-commit").ok();
    repo.akid(&["hook", "install"]).ok();
    // One that cannot be put back keeps none of the others.
    repo.sh("mkdir .git/hooks/pre-merge-commit.before-akid").ok();
    repo.akid(&["hook", "uninstall"]).stopped();
    assert!(!repo.has(".git/hooks/pre-commit") && !repo.has(".git/hooks/pre-push"));
}

/// Which program, the file with its list, and a line of the hooks that it writes.
const MANAGERS: [(&str, &str, &str); 4] = [
    ("lefthook", "lefthook.yml", "call_lefthook run pre-commit"),
    ("Overcommit", ".overcommit.yml", "# Entrypoint for Overcommit hook integration"),
    ("pre-commit", ".pre-commit-config.yaml", "# File generated by pre-commit: https://pre-commit.com"),
    ("pre-commit", ".pre-commit-config.yaml", "# File generated by prek: https://github.com/j178/prek"),
];

#[test]
fn where_another_program_writes_the_hooks_its_list_is_named_and_what_to_add() {
    for (program, list, line) in MANAGERS {
        let folder = Folder::new();
        let repo = folder.repo("repo");
        repo.write_hook(".git/hooks/pre-commit", line);
        let told = repo.akid(&["hook", "install"]).stopped();
        assert!(told.contains(&format!("{program} writes these hooks")), "{told}");
        assert!(told.contains(&format!("help: add this to {list}")), "{told}");
        let words = told.replace(['\'', ','], "");
        assert!(words.contains("akid hook pre-commit") && words.contains("akid hook pre-push"), "{told}");
        assert!(repo.read(".git/hooks/pre-commit").contains(line) && !repo.has(".git/hooks/pre-push"));
        let told = repo.akid(&["hook", "install", "--pre-push"]).ok();
        assert!(told.contains("installed"), "only the other hook is theirs: {told}");
        repo.akid(&["hook", "install", "--force"]).ok();
        commit_a_leak(&repo).stopped();
    }
}

#[test]
fn a_list_of_a_program_that_replaces_hooks_is_enough() {
    for (file, place) in [
        ("lefthook.yml", "help: add this to lefthook.yml, then run `lefthook install`"),
        (".config/lefthook.yaml", "help: add this to .config/lefthook.yaml, then"),
        (".lefthook.toml", "help: add this to .lefthook.toml, in the syntax of that file, then"),
        (".overcommit.yml", "help: add this to .overcommit.yml, then run `overcommit --sign`"),
    ] {
        let folder = Folder::new();
        let repo = folder.repo("repo");
        repo.write(file, "");
        let told = repo.akid(&["hook", "install"]).stopped();
        assert!(told.contains(place), "{told}");
    }
    // This one keeps what was there before it.
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.write(".pre-commit-config.yaml", "repos: []\n");
    repo.akid(&["hook", "install"]).ok();
}

#[test]
fn no_device_or_pipe_is_replaced_by_a_configuration() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.sh("mkfifo ../pipe && ln -s pipe ../link").ok();
    for file in ["/dev/null", "../pipe", "../link"] {
        for command in ["install", "uninstall"] {
            let said =
                repo.sh(&format!("GIT_CONFIG_GLOBAL={file} timeout 60 {AKID} hook {command} --global"));
            assert!(said.stopped().contains(&format!("{file}: not a regular file")), "{file}");
            assert!(!repo.top.join(file).metadata().unwrap().is_file(), "{file}");
        }
    }
    assert!(!folder.top.join("home/.config/akid").exists());
    repo.sh("mkdir ../home/.gitconfig").ok();
    assert!(repo.akid(&["hook", "install", "--global"]).stopped().contains(".gitconfig: not a regular file"));
}

#[test]
fn advice_of_git_is_told_line_by_line() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    let told = repo.sh(&format!("GIT_TEST_ASSUME_DIFFERENT_OWNER=1 {AKID} hook install")).stopped();
    let advice = format!("\n    git config --global --add safe.directory {}\n", repo.top.display());
    assert!(told.starts_with("error: git rev-parse: fatal: ") && told.contains(&advice), "{told}");
    assert!(!told.contains("\\n"), "{told}");
}
