//! Who may say what is accepted, and what becomes of it.

use crate::work::{AKID, Folder, Work, id, leak};

#[test]
fn a_pull_request_cannot_allow_itself_where_the_base_decides() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("known.env", leak(1));
    repo.akid(&["scan", "--write-baseline", "known"]).ok();
    repo.write(".akid.toml", "baseline = 'known'\n[[allow]]\npath = 'docs'\nreason = 'made up'\n");
    repo.sh("git add -A && git commit -qm base && git checkout -q -b fork").ok();
    repo.write("docs/a.env", leak(2));
    repo.write("new.env", leak(3));
    repo.write("other.env", leak(4));
    repo.akid(&["scan", "--write-baseline", "known", "--no-config"]).ok();
    repo.write(".akid.toml", "baseline = 'known'\nexclude = ['*']\n[[allow]]\npath = '*'\nreason = 'x'\n");
    repo.sh("git add -A && git commit -qm fork").ok();
    repo.akid(&["scan"]).ok();
    for scan in ["scan", "history --range main..HEAD", "scan --baseline known", "scan new.env other.env"] {
        let arguments: Vec<&str> = scan.split(' ').chain(["--config-from", "main"]).collect();
        let told = repo.akid(&arguments).stopped();
        assert!(told.contains("new.env:1:19") && told.contains("other.env:1:19"), "{scan}: {told}");
        assert!(told.contains("2 credentials") && !told.contains("docs/a.env:"), "{scan}: {told}");
    }
    // Where the base has none, none counts.
    repo.akid(&["scan", "--config-from", "main~1"]).stopped();
    let said = repo.akid(&["scan", "--config-from", "nowhere"]);
    assert_eq!(said.code, Some(2), "{}", said.text);
    assert!(
        said.text.contains("`nowhere` does not name a commit in this repository\nhelp: "),
        "{}",
        said.text
    );
    let shown = repo.akid(&["config", "--config-from", "main"]).ok();
    assert!(shown.contains("baseline = \"known\"") && shown.contains("# main:.akid.toml:1"), "{shown}");
}

#[test]
fn a_commits_configuration_is_looked_for_where_that_of_files_is() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("sub/known.env", leak(1));
    let sub = repo.at("sub");
    sub.akid(&["scan", "--write-baseline", "known"]).ok();
    repo.write(".akid.toml", "exclude = ['*.env']\n");
    repo.write("sub/.akid.toml", "baseline = 'known'\nfail-on = 'low'\n");
    repo.sh("mkdir sub/deep && touch sub/deep/a && git add -A && git commit -qm base").ok();
    repo.sh("git rm -q --cached sub/.akid.toml sub/known && rm sub/.akid.toml sub/known").ok();
    let temporary = format!("id = {}\n", akid::aws::fake::temporary(2).id_text());
    repo.commit("sub/deep/new.env", temporary);
    for (at, arguments) in
        [("sub", &["scan"][..]), ("sub/deep", &["scan", ".."]), (".", &["scan", "sub/known.env", "sub/deep"])]
    {
        let told = repo.at(at).akid(&[arguments, &["--config-from", "HEAD~1"]].concat()).stopped();
        assert!(told.contains("new.env:1:6\n") && told.contains("1 suppressed (1 baseline)"), "{told}");
    }
    let shown = sub.akid(&["config", "--config-from", "HEAD~1"]).ok();
    assert!(shown.contains("# HEAD~1:sub/.akid.toml:1"), "{shown}");
    assert!(repo.akid(&["config", "--config-from", "HEAD~1"]).ok().contains("# HEAD~1:.akid.toml:1"));
    // A baseline that is named, too.
    let told = sub.akid(&["scan", "known.env", "--config-from", "HEAD~2", "--baseline", "known"]).stopped();
    assert!(told.contains("known.env:1:19"), "{told}");
    sub.akid(&["scan", "known.env", "--config-from", "HEAD~1", "--baseline", "known"]).ok();
    repo.at("sub/deep")
        .akid(&["scan", "../known.env", "--config-from", "HEAD~1", "--baseline", "known"])
        .ok();
}

#[test]
fn what_config_prints_is_a_configuration_that_does_the_same() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.write("a.env", leak(1));
    repo.akid(&["hook", "install", "--pre-commit"]).ok();
    repo.git(&["add", "-A"]).ok();
    let told = repo.git(&["commit", "-qm", "add"]).stopped();
    repo.write(".akid.toml", "baseline = 'known'\n[archives]\nmax-depth = 100\nmax-members = 5\n");
    repo.sh(told.lines().find(|line| line.starts_with("    printf")).unwrap()).ok();
    let shown = repo.akid(&["config"]).ok();
    for line in [
        "baseline = \"known\"               # .akid.toml:1; the file does not exist yet",
        "max-depth = 8                    # .akid.toml:2; 100 only where --config names the file",
        "max-members = 5                  # .akid.toml:2",
        "max-ratio = 2000                 # default",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}: {shown}");
    }
    repo.write("known", "");
    repo.write(".akid.toml", &shown);
    repo.akid(&["scan"]).ok();
    let again = repo.akid(&["config"]).ok();
    let values = |page: &str| {
        page.lines().map(|line| line.split(" #").next().unwrap().trim().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(values(&again)[1..], values(&shown)[1..]);
    // One that is broken is told as a scan tells it.
    repo.write(".akid.toml", "\nexclude = ['/']\n");
    let [shown, scanned] = ["config", "scan"].map(|command| repo.akid(&[command]).stopped());
    assert_eq!(shown, scanned);
}

#[test]
fn a_known_bad_input_does_not_fail_for_ever() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a", "a\n");
    repo.git(&["repack", "-qad"]).ok();
    repo.sh("rm -f .git/objects/pack/*.idx").ok();
    let said = repo.akid(&["history"]);
    assert_eq!(said.code, Some(2), "{}", said.text);
    let entry = "[[accept-skip]]\npath = '.git/objects/pack/*.pack'\nreason = 'broken on purpose'\n\
                 [[accept-gap]]\nkind = 'objects'\nreason = 'broken on purpose'\n";
    repo.write(".akid.toml", entry);
    let told = repo.akid(&["history"]).ok();
    assert!(
        told.contains("although not scanned completely: 1 input")
            && told.contains("accepted: broken on purpose"),
        "{told}"
    );
    let report = repo.akid(&["history", "-qf", "json"]).ok();
    assert!(
        report.contains("\"complete\": true") && report.contains("\"justification\": \"broken on purpose\"")
    );
    repo.write(".akid.toml", format!("{entry}expires = 2020-01-01\n"));
    let said = repo.akid(&["history"]);
    assert!(said.code == Some(2) && said.text.contains("this entry has expired"), "{}", said.text);
}

/// The configuration that `said` proposes to paste.
fn proposed(said: &str) -> String {
    let lines = said.lines().skip_while(|line| *line != "to accept this, add to .akid.toml:").skip(1);
    lines.map_while(|line| line.strip_prefix("  ")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn what_an_incomplete_scan_proposes_to_paste_accepts_all_of_it() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.sh("mkdir 'a [1]' && head -c 3000 /dev/zero > z && tar cf whole.tar z").ok();
    repo.sh(
        "head -c 2000 whole.tar > 'a [1]/cut \\*.tar' && head -c 2000 whole.tar > b.tar && rm whole.tar z",
    )
    .ok();
    let said = repo.akid(&["scan", "--strict"]);
    assert_eq!(said.code, Some(2), "{}", said.text);
    repo.write(".akid.toml", proposed(&said.text));
    repo.akid(&["scan", "--strict"]).ok();

    repo.sh("rm -r *.tar a* .akid.toml").ok();
    repo.commit("a", "a\n");
    repo.commit("a", "b\n");
    let url = format!("file://{}", repo.top.display());
    repo.git(&["clone", "-q", "--depth=1", &url, "../shallow"]).ok();
    let shallow = repo.at("../shallow");
    let said = shallow.akid(&["history", "--quiet"]);
    assert_eq!(said.code, Some(2), "{}", said.text);
    shallow.write(".akid.toml", proposed(&said.text));
    let accepted = shallow.akid(&["history"]).ok();
    assert!(accepted.contains("accepted (why this is harmless): shallow clone"), "{accepted}");
    let report = shallow.akid(&["history", "-qf", "json"]).ok();
    assert!(report.contains("\"justification\": \"why this is harmless\""), "{report}");
}

#[test]
fn what_is_said_of_an_archive_is_said_of_all_that_is_in_it() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.write("in/a.env", leak(1));
    // Cut short, with a key in what can be read.
    repo.write("in/z", "z".repeat(5000));
    repo.sh("tar cf whole.tar in/a.env in/z && head -c 3000 whole.tar > cut.tar && rm -r whole.tar in").ok();
    let said = repo.akid(&["scan", "--strict"]);
    assert!(said.code == Some(2) && said.text.contains("cut.tar!/in/a.env:1:19"), "{}", said.text);
    let entry = |table: &str| format!("[[{table}]]\npath = '*.tar'\nreason = 'made for tests'\n");
    repo.write(".akid.toml", entry("accept-skip"));
    assert_eq!(repo.akid(&["scan", "--strict"]).code, Some(1));
    repo.write(".akid.toml", entry("accept-skip") + &entry("allow"));
    let told = repo.akid(&["scan", "--strict"]).ok();
    assert!(told.contains("1 suppressed (1 allow)"), "{told}");
    // There is no line to mark in it.
    repo.akid(&["hook", "install"]).ok();
    repo.sh("rm .akid.toml && git add -A").ok();
    let told = repo.git(&["commit", "-m", "add"]).stopped();
    assert!(told.contains("\nA test value? Run:\n    printf"), "{told}");
}

#[test]
fn what_a_stopped_commit_says_to_paste_allows_it() {
    for inline in [false, true] {
        let folder = Folder::new();
        let repo = folder.repo("repo");
        repo.akid(&["hook", "install"]).ok();
        repo.write("sub/a.env", leak(1));
        repo.git(&["add", "-A"]).ok();
        let told = repo.git(&["commit", "-qm", "add"]).stopped();
        if inline {
            repo.write("sub/a.env", format!("{} # akid:allow made up\n", leak(1).trim_end()));
            repo.git(&["add", "-A"]).ok();
        } else {
            repo.at("sub").sh(told.lines().find(|line| line.starts_with("    printf")).unwrap()).ok();
            assert!(repo.read(".akid.toml").contains("reason = \"test value\""));
        }
        repo.git(&["commit", "-qm", "add"]).ok();
        // The version that was staged first is in git's objects still, without the mark.
        assert_eq!(repo.akid(&["history"]).code, Some(i32::from(inline)));
        repo.akid(&["history", "--range", "HEAD"]).ok();
        let without = if inline { "--no-inline-allow" } else { "--no-config" };
        repo.akid(&["history", "--range", "HEAD", without]).stopped();
    }
}

#[test]
fn a_key_id_that_the_configuration_allows_is_no_finding_in_it() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    let entry =
        |path: &str| format!("[[allow]]\nkey-id = '{}'\npath = '{path}'\nreason = 'rotated'\n", id(1));
    repo.write("sub/.akid.toml", entry("sub/k.env"));
    repo.write("sub/k.env", leak(1));
    repo.git(&["add", "-A"]).ok();
    let sub = repo.at("sub");
    sub.akid(&["hook", "pre-commit", "--config", ".akid.toml"]).ok();
    repo.git(&["commit", "-qm", "all"]).ok();
    for arguments in [&["scan"][..], &["history"], &["scan", "--config-from", "HEAD"]] {
        assert!(sub.akid(arguments).ok().contains("; 1 credential in 2 places suppressed (1 allow)"));
    }
    // Nowhere else, no other one, and not by a configuration that is not in force.
    repo.write("other.toml", entry("sub/k.env"));
    assert!(sub.akid(&["scan", ".."]).stopped().contains("other.toml:2:11\n"));
    std::fs::remove_file(repo.top.join("other.toml")).unwrap();
    sub.akid(&["scan", "--no-config"]).stopped();
    repo.write("sub/.akid.toml", entry("sub/k.env") + &entry("x").replace(&id(1), &id(2)));
    sub.akid(&["scan"]).ok();
    sub.akid(&["scan", "--config-from", "HEAD"]).stopped();
    // With its secret beside it, it is more than a name.
    repo.write("sub/.akid.toml", entry("sub/k.env") + "# " + leak(1).lines().last().unwrap());
    sub.akid(&["scan"]).stopped();
    // What is named by nothing but itself is about nothing.
    repo.write("sub/.akid.toml", entry("sub/*").replace("path = 'sub/*'\n", ""));
    std::fs::remove_file(repo.top.join("sub/k.env")).unwrap();
    assert!(repo.at("sub").akid(&["history"]).ok().contains("suppressed (1 allow)"));
    let plain = folder.repo("plain");
    plain.write(".akid.toml", entry("k").replace("path = 'k'\n", ""));
    assert!(plain.akid(&["scan"]).ok().contains("this entry matches nothing"));
}

#[test]
fn an_entry_that_is_about_nothing_is_told_of_a_whole_scan_only() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.write(".akid.toml", "[[allow]]\npath = 'gone'\nreason = 'x'\n");
    repo.commit("sub/a", "a\n");
    let note = "this entry matches nothing in this scan";
    assert!(repo.akid(&["scan"]).ok().contains(note));
    assert!(repo.akid(&["history"]).ok().contains(note));
    assert!(!repo.akid(&["scan", "sub"]).ok().contains(note));
    assert!(!repo.akid(&["history", "--range", "HEAD"]).ok().contains(note));
    assert!(!repo.akid(&["staged"]).ok().contains(note));
}

#[test]
fn a_configuration_is_a_file_that_lies_there() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.write("a.env", leak(1));
    let allows = "[[allow]]\npath = '**'\nreason = 'x'\n";
    repo.write("../outside.toml", allows);
    repo.sh("ln -s ../outside.toml .akid.toml").ok();
    let said = repo.akid(&["scan"]);
    assert!(said.code == Some(2) && said.text.contains(".akid.toml: a symbolic link"), "{}", said.text);
    for make in [
        "ln -sf nowhere .akid.toml",
        "rm .akid.toml; mkdir .akid.toml",
        "rmdir .akid.toml; mkfifo .akid.toml",
    ] {
        repo.sh(make).ok();
        assert_eq!(repo.akid(&["scan"]).code, Some(2), "{make}");
        assert_eq!(repo.akid(&["scan", "--no-config"]).code, Some(1), "{make}");
    }
    repo.sh("rm .akid.toml; head -c 2000000 /dev/zero | tr '\\0' '#' > .akid.toml").ok();
    assert!(repo.akid(&["scan"]).stopped().contains("larger than"));
    // Nor does the baseline that it names lie elsewhere, or never end.
    repo.write(".akid.toml", "baseline = 'known'\n");
    for (make, says) in [("mkfifo known", "not a regular file"), ("ln -sf /dev/zero known", "leads outside")]
    {
        repo.sh(make).ok();
        let said = repo.akid(&["scan"]).stopped();
        assert!(said.contains(says), "{make}: {said}");
    }
    // What one tree brings does not count for another.
    let other = folder.repo("other");
    other.write(".akid.toml", allows);
    std::fs::remove_file(repo.top.join(".akid.toml")).unwrap();
    other.akid(&["scan", ".", "../repo"]).stopped();
}

#[test]
fn what_would_match_everything_or_nothing_is_an_error() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.write("k", leak(1));
    for config in [
        "exclude = ['']",
        "exclude = ['/']",
        "exclude = ['!k']",
        "[[allow]]\npath = '/'\nreason = 'x'",
        "[[allow]]\nrule = 'aws-acess-key'\nreason = 'x'",
    ] {
        repo.write(".akid.toml", config);
        let said = repo.akid(&["scan"]);
        assert!(said.code == Some(2) && said.text.contains("help: "), "{config}: {}", said.text);
    }
    for config in ["max-file-size = -1", "max-file-size = '3X'", "max-file-size = 1.5", "max-file-size = [1]"]
    {
        repo.write(".akid.toml", config);
        let told = repo.akid(&["scan"]).stopped();
        assert!(told.contains(".akid.toml:1:17: not a size, such as 500K, 10M or 2G"), "{told}");
    }
    repo.write(".akid.toml", "exclude = ['./k']\nmax-file-size = 5000");
    repo.akid(&["scan"]).ok();
    // No comment, as it would be in .gitignore.
    repo.write(".akid.toml", "exclude = ['#docs']");
    repo.sh("mkdir '#docs' && mv k '#docs'").ok();
    repo.akid(&["scan"]).ok();
}

#[test]
fn suppressed_findings_stay_to_be_seen() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.write("a.env", leak(1));
    repo.write(".akid.toml", "[[allow]]\nrule = 'aws-access-key'\nreason = 'of a test account'\n");
    let sarif = repo.akid(&["scan", "-qf", "sarif"]).ok();
    assert!(sarif.contains("\"allow\":1") && !sarif.contains("a.env"));
    let sarif = repo.akid(&["scan", "-qf", "sarif", "--sarif-suppressed"]).ok();
    assert!(sarif.contains("\"justification\":\"of a test account\"") && sarif.contains("a.env"));
    assert!(repo.akid(&["scan", "-qf", "json"]).ok().contains("\"suppressed\": \"allow\""));
}

#[test]
fn what_is_left_out_of_a_scan_is_left_out_of_history_and_pushes() {
    let folder = Folder::new();
    let (repo, remote) = (folder.repo("repo"), folder.bare("remote"));
    repo.commit("vendor/a.env", leak(1));
    // The same bytes elsewhere still count there.
    repo.commit("copied.env", leak(1));
    repo.write(".akid.toml", "exclude = ['vendor/']\n");
    repo.git(&["remote", "add", "origin", remote.top.to_str().unwrap()]).ok();
    let push =
        "echo refs/heads/main $(git rev-parse main) refs/heads/main $(git rev-parse main | tr -c '\\n' 0)";
    let push = format!("{push} | {AKID} hook pre-push -v -- origin url");
    for run in [&format!("{AKID} history"), &format!("{AKID} history --range main"), &push] {
        let told = repo.sh(run).stopped();
        assert!(told.contains(" copied.env:1:19") || told.contains("\ncopied.env:1:19"), "{run}: {told}");
        assert!(!told.contains("vendor/a.env:1"), "{run}: {told}");
        assert!(told.contains("vendor/a.env: matches a glob of `exclude`"), "{run}: {told}");
    }
    repo.write(".akid.toml", "exclude = ['*.env']\n");
    for run in [&format!("{AKID} history"), &push] {
        assert!(repo.sh(run).ok().contains("excluded: 2 inputs"), "{run}");
    }
}

#[test]
fn a_bad_archive_in_history_is_told_and_accepted_by_its_path() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.write("t/a", leak(1));
    repo.sh("tar cf t/a.tar t/a && truncate -s 600 t/a.tar && rm t/a").ok();
    repo.sh("git add -A && git commit -qm 1 && truncate -s 550 t/a.tar && git commit -qam 2").ok();
    repo.sh("git mv t/a.tar moved.tar && git commit -qm 3").ok();
    // The first version is in the past only, the second one has a path now.
    let said = repo.akid(&["history", "--no-config"]).stopped();
    assert!(
        said.contains("2 inputs") && said.contains("  t/a.tar") && said.contains("  moved.tar"),
        "{said}"
    );
    repo.write(".akid.toml", "[[accept-skip]]\npath = '*.tar'\nreason = 'cut on purpose'\n");
    let told = repo.akid(&["history"]).text;
    assert!(
        told.contains("although not scanned completely: 2 inputs")
            && !told.contains("this entry matches nothing"),
        "{told}"
    );
}

#[test]
fn a_list_that_is_written_inline_says_how_to_add_to_it() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.write(".akid.toml", "allow = [{ path = 'a', reason = 'b' }]\n[[allow]]\npath = 'c'\nreason = 'd'\n");
    let told = repo.akid(&["scan"]).stopped();
    assert!(
        told.contains(".akid.toml:2:3: duplicate key\nhelp: ") && told.contains("as `[[allow]]`"),
        "{told}"
    );
}

#[test]
fn a_tree_that_the_user_does_not_stand_in_cannot_allow_or_accept_anything() {
    let folder = Folder::new();
    let (repo, elsewhere) = (folder.repo_with_files("repo"), folder.repo("elsewhere"));
    let configuration = "exclude = ['*']\n[[allow]]\npath = '*'\nreason = 'x'\n\
                         [[accept-skip]]\npath = '**'\nreason = 'x'\n[[accept-gap]]\nkind = 'refs'\nreason = 'x'\n";
    repo.commit("sub/a.env", leak(1));
    repo.write(".akid.toml", configuration);
    repo.write(".git/refs/heads/broken", "nonsense\n");
    for command in ["scan", "history"] {
        repo.akid(&[command]).ok();
        repo.at("sub").akid(&[command, ".."]).ok();
        let scanned = format!("{command} ../repo --fail-on critical");
        let arguments: Vec<&str> = scanned.split(' ').collect();
        for at in [&elsewhere, &elsewhere.at("../home")] {
            let said = at.akid(&arguments);
            assert_eq!(said.code, Some(if command == "scan" { 1 } else { 2 }), "{}", said.text);
            assert!(said.text.contains("repo/.akid.toml: not applied"), "{}", said.text);
            at.akid(&[&arguments[..], &["--config", "../repo/.akid.toml"]].concat()).ok();
            let silent = at.akid(&[&arguments[..], &["--no-config"]].concat()).stopped();
            assert!(!silent.contains("not applied"), "{silent}");
        }
    }
    let shown = elsewhere.akid(&["config", "../repo"]).ok();
    assert!(shown.contains("repo/.akid.toml is not applied") && shown.contains("exclude = []"), "{shown}");
}

#[test]
fn markers_of_a_conflict_are_named_with_the_way_out() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.write(
        ".akid.toml",
        "exclude = []\n<<<<<<< HEAD\nfail-on = 'high'\n=======\nfail-on = 'low'\n>>>>>>> x\n",
    );
    let told = repo.akid(&["scan"]).stopped();
    assert_eq!(
        told,
        "error: .akid.toml:2: conflict markers of a merge\n\
         help: keep what should apply of both sides, and remove the lines with the markers\n"
    );
}

#[test]
fn what_is_staged_is_judged_by_the_configuration_of_the_top_from_any_folder() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.write(".akid.toml", "exclude = ['vendor/']\n");
    repo.write("sub/.akid.toml", "exclude = ['*']\n");
    repo.write("vendor/a.env", leak(1));
    repo.write("b.env", leak(2));
    repo.git(&["add", "-A"]).ok();
    repo.git(&["commit", "-qm", "x"]).ok();
    repo.commit("b.env", leak(3));
    repo.commit("vendor/a.env", leak(4));
    let head = repo.git(&["rev-parse", "HEAD"]).ok();
    repo.git(&["reset", "-q", "--soft", "HEAD~2"]).ok();
    let push =
        format!("echo a {} b {} | {AKID} hook pre-push origin", head.trim(), "0".repeat(head.trim().len()));
    let judged = |at: &Work, command: &str| {
        let told = at.sh(command).stopped();
        assert!(told.contains(&id(3)) && !told.contains(&id(4)), "{command}: {told}");
    };
    for at in [&repo, &repo.at("sub"), &repo.at("vendor")] {
        for command in ["staged", "staged --config-from HEAD", "hook pre-commit"] {
            judged(at, &format!("{AKID} {command}"));
        }
        judged(at, &push);
    }
    // Where only the environment says which repository it is.
    std::fs::rename(repo.top.join(".git"), folder.top.join("store")).unwrap();
    for command in ["staged", "staged --config-from HEAD"] {
        judged(&repo.at("sub"), &format!("GIT_DIR=../../store GIT_WORK_TREE=.. {AKID} {command}"));
    }
}
