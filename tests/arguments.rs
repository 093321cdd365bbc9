//! Arguments as people type them.

use crate::work::{AKID, Folder, leak};

#[test]
fn since_takes_what_git_users_type() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    for (path, seed, date) in [("old.env", 1, "2025-06-01T00:00:00Z"), ("new.env", 2, "2026-02-20T00:00:00Z")]
    {
        repo.write(path, leak(seed));
        repo.sh(&format!("git add -A && GIT_COMMITTER_DATE={date} git commit -qm {path}")).ok();
    }
    // Saturday, 2026-02-28, at noon.
    let scan = |since: &str| {
        repo.sh(&format!("SOURCE_DATE_EPOCH=1772280000 '{AKID}' history --since '{since}'")).text
    };
    for since in
        ["2 weeks ago", "2.weeks", "two weeks", "15d", "2026-02-20", "2026-02-19 23:59", "@1771545600"]
    {
        let told = scan(since);
        assert!(told.contains("new.env:1:") && !told.contains("old.env:1:"), "{since}: {told}");
    }
    for since in ["1 year ago", "3y", "last year"] {
        assert!(scan(since).contains("old.env:1:"), "{since}");
    }
    for since in ["yesterday", "last monday", "2026-02-20 00:01"] {
        assert!(scan(since).contains("no findings"), "{since}");
    }
}

#[test]
fn a_path_without_a_command_is_told_the_command() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a b/it's.env", leak(1));
    repo.commit("sub/a.env", leak(1));
    folder.bare("bare.git");
    for (path, command) in [
        (".", "akid scan ."),
        ("sub", "akid scan sub"),
        ("sub/a.env", "akid scan sub/a.env"),
        ("-", "akid scan -"),
        ("a b/it's.env", r"akid scan 'a b/it'\''s.env'"),
        ("../bare.git", "akid history ../bare.git"),
        ("../repo", "akid scan ../repo"),
    ] {
        let said = repo.akid(&[path]);
        assert_eq!(said.code, Some(2), "{}", said.text);
        assert!(said.text.contains(&format!("tip: to scan it, run `{command}`")), "{}", said.text);
        // It is a command for the shell.
        let told = repo.sh(&command.replacen("akid", AKID, 1)).text;
        assert!(told.contains("\nscanned ") || told.starts_with("no findings\nscanned "), "{told}");
    }
    for word in ["nowhere", "sacn"] {
        assert!(!repo.akid(&[word]).text.contains("to scan it"), "{word}");
    }
}

#[test]
fn exclude_adds_to_the_configuration_everywhere() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.write(".akid.toml", "exclude = ['a.env']\n");
    for (path, seed) in [("a.env", 1), ("vendor/b.env", 2), ("sub/c.log", 3), ("sub/d.env", 4)] {
        repo.write(path, leak(seed));
    }
    repo.git(&["add", "-A"]).ok();
    let exclude = ["--exclude", "vendor/", "--exclude=*.log"];
    for (at, scan) in [(".", &["staged"][..]), (".", &["scan"]), ("sub", &["scan", ".."])] {
        let told = repo.at(at).akid(&[scan, &exclude].concat()).stopped();
        assert!(
            told.contains("1 credential in 1 place: 1 critical") && told.contains("d.env:1:19"),
            "{scan:?}: {told}"
        );
        assert!(told.contains("excluded: 3 inputs\n"), "{scan:?}: {told}");
    }
    repo.git(&["commit", "-qm", "all"]).ok();
    for scan in [&["history"][..], &["history", "--range", "HEAD"]] {
        let told = repo.akid(&[scan, &exclude].concat()).stopped();
        assert!(
            told.contains("1 credential in 1 place: 1 critical") && told.contains("excluded: 3 inputs\n"),
            "{told}"
        );
        for path in ["a.env", "sub/c.log", "vendor/b.env"] {
            assert!(told.contains(&format!("  {path}: matches a glob of `exclude`\n")), "{told}");
        }
    }
    repo.akid(&["scan", "--exclude=/sub/*", "--exclude=vendor"]).ok();
    // Without the configuration only the option counts.
    let told = repo.akid(&["scan", "--no-config", "--exclude=sub"]).stopped();
    assert!(
        told.contains("2 credentials in 2 places: 2 critical") && told.contains("excluded: 2 inputs\n"),
        "{told}"
    );
    for glob in ["!a", "", "a["] {
        let said = repo.akid(&["scan", "--exclude", glob]);
        assert!(said.code == Some(2) && said.text.contains("`--exclude`: "), "{}", said.text);
    }
}
