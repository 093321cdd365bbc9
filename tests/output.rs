//! Where reports and baselines go, and what is there before.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use crate::work::{AKID, Folder, Work, id, leak};

fn with_a_key(folder: &Folder) -> Work {
    let repo = folder.repo("repo");
    repo.write("a.env", leak(1));
    repo
}

#[test]
fn what_others_write_to_the_same_file_stays() {
    let folder = Folder::new();
    let repo = with_a_key(&folder);
    let run = |report: &str| {
        repo.sh("rm -f ../log").ok();
        repo.sh(&format!(
            "exec 3>> ../log; {{ echo before >&3; {AKID} scan -o json:{report}; echo after >&3; }} >&3 2>&3"
        ))
        .ok();
        let log = repo.read("../log");
        assert!(log.starts_with("before\n{") && log.ends_with("after\n"), "{report}: {log}");
        assert!(log.contains("\"schema\": \"akid/1\"") && log.contains("1 credential"), "{report}: {log}");
    };
    for report in ["/dev/stdout", "/dev/stderr", "/dev/fd/3", "/proc/self/fd/1"] {
        run(report);
    }
    // Not only where it is appended to.
    for report in ["/dev/stdout", "/dev/fd/2"] {
        repo.sh(&format!("{{ echo before; {AKID} scan -o json:{report}; echo after; }} > ../log 2>&1")).ok();
        let log = repo.read("../log");
        assert!(log.starts_with("before\n{") && log.ends_with("after\n"), "{report}: {log}");
    }
    // By way of a link, as in images whose log files are such.
    repo.sh("ln -s /dev/stdout ../link.json").ok();
    run("../link.json");
    repo.sh(&format!("echo before > ../log; {AKID} scan -qo json:/dev/stdout >> ../log || :")).ok();
    assert!(repo.read("../log").starts_with("before\n{"));
    assert_eq!(repo.akid(&["scan", "-o", "json:/dev/fd/77"]).code, Some(2));
}

#[test]
fn a_file_that_is_written_anew_keeps_its_mode_and_the_links_that_lead_to_it() {
    let folder = Folder::new();
    let repo = with_a_key(&folder);
    repo.write("../known", "");
    fs::set_permissions(folder.top.join("known"), fs::Permissions::from_mode(0o600)).unwrap();
    repo.sh("ln -s known ../link; ln -s below/../new.json ../dangling; mkdir ../below").ok();
    repo.akid(&["scan", "--write-baseline", "../link", "-o", "json:../dangling"]).ok();
    assert_eq!(folder.top.join("known").metadata().unwrap().mode() & 0o777, 0o600);
    assert!(!repo.read("../known").is_empty() && repo.read("../new.json").contains("a.env"));
    for link in ["link", "dangling"] {
        assert!(folder.top.join(link).symlink_metadata().unwrap().is_symlink());
    }
}

#[test]
fn two_things_for_one_file_are_an_error_before_the_scan() {
    let folder = Folder::new();
    let repo = with_a_key(&folder);
    repo.sh("mkdir there; ln -s there way; ln -s there/a.json link").ok();
    for arguments in [
        &["-o", "there/a.json", "-o", "sarif:./there/a.json"][..],
        &["-o", "there/a.json", "-o", "sarif:way/a.json"],
        &["-o", "sarif:link", "-o", "there/a.json"],
        &["--write-baseline", "there/known", "-o", "json:way/known"],
    ] {
        let said = repo.akid(&[&["scan"], arguments].concat());
        assert_eq!(said.code, Some(2), "{}", said.text);
        assert!(
            said.text.contains(": two outputs use this file\nhelp: ") && !said.text.contains("scanned"),
            "{}",
            said.text
        );
        assert_eq!(fs::read_dir(repo.top.join("there")).unwrap().count(), 0);
    }
    // Nor is a baseline that is read written over.
    repo.akid(&["scan", "-q", "--write-baseline", "known"]).ok();
    repo.akid(&["scan", "--baseline", "known", "-o", "json:known"]).stopped();
    repo.akid(&["scan", "--baseline", "known", "-o", "a.json", "-o", "b.json", "-o", "text:-"]).ok();
}

#[test]
fn what_has_no_end_is_no_baseline_and_no_configuration() {
    let folder = Folder::new();
    let repo = with_a_key(&folder);
    for (arguments, why) in [
        (["--write-baseline", "/dev/full"], "is not a regular file\nhelp: "),
        (["--write-baseline", "-"], "is not a regular file\nhelp: "),
        (["--write-baseline", ".git"], "is not a regular file\nhelp: "),
        (["--baseline", "/dev/zero"], "/dev/zero: cannot be read: too large: over "),
        (["--config", "/dev/zero"], "/dev/zero: cannot be read: too large: over "),
    ] {
        let said = repo.akid(&[&["scan"][..], &arguments].concat());
        assert!(said.code == Some(2) && said.text.contains(why), "{arguments:?}: {}", said.text);
        assert!(!said.text.contains("scanned"), "{}", said.text);
    }
    assert!(!repo.has("-"));
    // What a process writes has one.
    repo.sh(&format!("printf 'exclude = [\"*.env\"]' | {AKID} scan --config /dev/stdin")).ok();
}

#[test]
fn an_interrupted_scan_writes_no_baseline_and_says_that_it_was_interrupted() {
    let folder = Folder::new();
    let repo = with_a_key(&folder);
    let scan = format!("{AKID} scan - a.env --write-baseline known");
    let said = repo.sh(&format!(
        "mkfifo in; exec 9<> in; {scan} < in & pid=$!; sleep 1; kill -INT $pid; sleep 1; echo >&9; exec 9>&-; wait $pid"
    ));
    assert_eq!(said.code, Some(130), "{}", said.text);
    assert!(said.text.contains("the baseline is not written: ") && !repo.has("known"), "{}", said.text);
}

#[test]
fn the_next_run_does_not_fail_for_what_the_report_of_this_one_names() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a.env", leak(1));
    repo.akid(&["scan", "-q", "--write-baseline", ".akid-baseline"]).ok();
    let scan = ["scan", "--baseline", ".akid-baseline"];
    let formats = ["text", "json", "jsonl", "sarif", "csv", "github", "gitlab", "junit", "markdown"];
    let mut written = 0;
    for format in formats {
        for (command, color) in [("scan a.env", "never"), ("scan a.env", "always"), ("history", "never")] {
            let line = format!("{AKID} {command} -q -f {format} --color {color} > report.{written}");
            repo.sh(&line).stopped();
            written += 1;
        }
    }
    for command in ["resolve -f text", "resolve -f csv", "resolve -f json", "explain"] {
        repo.sh(&format!("{AKID} {command} {} > report.{written}", id(1)));
        written += 1;
    }
    repo.sh("git add -A && git commit -qm reports").ok();
    for command in ["scan", "history"] {
        let told = repo.akid(&[&[command][..], &scan[1..]].concat()).ok();
        let places = format!("1 credential in {} places suppressed (1 akid-report, 1 baseline)", written + 1);
        assert!(told.contains(&places), "{command}: {told}");
    }
    repo.akid(&["scan", "-qf", "json", "-o", "akid.json", "a.env"]).stopped();
    repo.write("akid.json", format!("{}\n{}", repo.read("akid.json"), leak(2)));
    assert_eq!(repo.akid(&scan).code, Some(1));
}
