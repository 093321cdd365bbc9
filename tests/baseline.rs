//! Findings that are known stay known, and nothing else is.

#![expect(clippy::unwrap_used, reason = "a test")]

use akid::aws::fake;

use crate::work::{Folder, Work, id, leak};

const KNOWN: &str = ".akid-baseline";

/// A repository with two keys in it that are known, and a third that only history has.
fn repo(folder: &Folder) -> Work {
    let repo = folder.repo("repo");
    repo.commit("a.env", leak(1));
    repo.commit("b/c.env", leak(2));
    repo.commit("old.env", leak(3));
    repo.git(&["rm", "-q", "old.env"]).ok();
    repo.git(&["commit", "-qm", "remove"]).ok();
    repo.akid(&["scan", "--write-baseline", KNOWN]).ok();
    repo.akid(&["history", "--write-baseline", KNOWN]).ok();
    repo.commit(".akid.toml", format!("baseline = '{KNOWN}'\n"));
    repo.git(&["add", KNOWN]).ok();
    repo.git(&["commit", "-qm", "baseline"]).ok();
    repo
}

fn lines(repo: &Work) -> Vec<String> {
    repo.read(KNOWN).lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn it_holds_fingerprints_in_order_and_nothing_of_a_key() {
    let folder = Folder::new();
    let repo = repo(&folder);
    let lines = lines(&repo);
    // A pair, and what may be left of it.
    assert_eq!(lines.len(), 9);
    assert!(lines.is_sorted() && lines.iter().all(|line| line.len() == 32), "{lines:?}");
    for seed in 1..=3 {
        assert!(!repo.read(KNOWN).contains(&id(seed)));
    }
    // Once more adds nothing.
    repo.akid(&["history", "--write-baseline", KNOWN]).ok();
    assert_eq!(self::lines(&repo), lines);
}

#[test]
fn it_serves_files_history_hooks_and_subfolders() {
    let folder = Folder::new();
    let repo = repo(&folder);
    let named = ["history", "--config", ".akid.toml"];
    for arguments in [&["scan"][..], &["history"], &["history", "--range", "HEAD"], &["scan", "b"], &named] {
        let told = repo.akid(arguments).ok();
        assert!(told.contains(" baseline)"), "{told}");
    }
    assert!(repo.at("b").akid(&["scan"]).ok().contains("1 suppressed (1 baseline)"));
    repo.akid(&["hook", "install"]).ok();
    repo.write("a.env", format!("more\n{}", leak(1)));
    repo.git(&["commit", "-qam", "change what is known"]).ok();
    repo.write("new.env", leak(4));
    repo.git(&["add", "-A"]).ok();
    let told = repo.git(&["commit", "-qm", "something new"]).stopped();
    assert!(told.contains("1 credential is staged") && told.contains("new.env"), "{told}");
}

#[test]
fn it_holds_through_moves_of_lines_squash_and_rebase() {
    let folder = Folder::new();
    let repo = repo(&folder);
    repo.commit("a.env", format!("# first\n\n{}# last\n", leak(1)));
    repo.akid(&["scan"]).ok();
    repo.git(&["checkout", "-q", "-b", "side", "HEAD~3"]).ok();
    repo.commit("other", "x\n");
    repo.git(&["-c", "rebase.backend=merge", "rebase", "-q", "--onto", "side", "HEAD~1", "main"]).ok();
    repo.akid(&["history", "--range", "HEAD"]).ok();
    repo.git(&["checkout", "-q", "main"]).ok();
    repo.sh("git reset -q --soft $(git rev-list --max-parents=0 HEAD) && git commit -qm squashed").ok();
    assert_eq!(repo.git(&["rev-list", "--count", "HEAD"]).ok(), "2\n");
    repo.akid(&["scan"]).ok();
    repo.akid(&["history"]).ok();
}

#[test]
fn a_pair_that_is_known_covers_what_is_left_of_it_and_never_the_other_way_round() {
    let folder = Folder::new();
    let repo = repo(&folder);
    repo.write("a.env", format!("AWS_ACCESS_KEY_ID={}\n", id(1)));
    repo.akid(&["scan"]).ok();
    repo.write("a.env", format!("AWS_SECRET_ACCESS_KEY={}\n", fake::pair(1).secret_text()));
    repo.akid(&["scan"]).ok();
    // Another secret of the same key.
    repo.write("a.env", format!("id = {}\nsecret = {}\n", id(1), fake::pair(9).secret_text()));
    repo.akid(&["scan"]).stopped();
    // The same at another path.
    repo.write("a.env", leak(1));
    repo.write("z.env", leak(1));
    assert!(repo.akid(&["scan"]).stopped().contains("z.env:1:19"));

    let other = folder.repo("other");
    other.write("a.env", format!("AWS_ACCESS_KEY_ID={}\n", id(1)));
    other.akid(&["scan", "--write-baseline", KNOWN]).ok();
    other.akid(&["scan", "--baseline", KNOWN]).ok();
    other.write("a.env", leak(1));
    other.akid(&["scan", "--baseline", KNOWN]).stopped();
}

#[test]
fn prune_takes_out_what_is_neither_in_files_nor_in_history() {
    let folder = Folder::new();
    let repo = repo(&folder);
    let lines = lines(&repo);
    assert!(repo.akid(&["baseline", "prune"]).ok().contains("0 taken out, 9 kept"));
    // In no commit: known from files only.
    repo.write("loose.env", leak(5));
    repo.akid(&["scan", "--write-baseline", KNOWN]).ok();
    assert_eq!(self::lines(&repo).len(), 12);
    std::fs::remove_file(repo.top.join("loose.env")).unwrap();
    assert!(repo.at("b").akid(&["baseline", "prune"]).ok().contains("3 taken out, 9 kept"));
    assert_eq!(self::lines(&repo), lines);
}

#[test]
fn prune_leaves_all_where_not_all_can_be_read() {
    let folder = Folder::new();
    let repo = repo(&folder);
    repo.write(KNOWN, format!("{}{}\n", repo.read(KNOWN), "0".repeat(32)));
    repo.git(&["repack", "-qad"]).ok();
    repo.sh("rm -f .git/objects/pack/*.idx").ok();
    let said = repo.akid(&["baseline", "prune"]);
    assert_eq!(said.code, Some(2), "{}", said.text);
    assert!(said.text.contains("the baseline was not changed") && lines(&repo).len() == 10, "{}", said.text);
}

#[test]
fn prune_leaves_all_where_history_cannot_be_seen_whole() {
    let folder = Folder::new();
    let repo = repo(&folder);
    let lines = lines(&repo);
    let url = format!("file://{}", repo.top.display());
    repo.git(&["clone", "-q", "--depth", "1", &url, "../shallow"]).ok();
    repo.git(&["clone", "-q", "--bare", "../repo", "../elsewhere/.git"]).ok();
    repo.sh("mkdir ../plain && cp .akid-baseline ../plain").ok();
    let refused = |at: &str, arguments: &[&str], why: &str| {
        let said = repo.at(at).akid(&[&["baseline", "prune"], arguments].concat());
        assert_eq!(said.code, Some(2), "{at}: {}", said.text);
        assert!(said.text.contains(why) && said.text.contains("help: "), "{at}: {}", said.text);
    };
    refused("../shallow", &[KNOWN], "shallow clone: ");
    assert_eq!(self::lines(&repo.at("../shallow")), lines);
    // It is not about what is scanned there.
    for elsewhere in ["../elsewhere", "../plain", ".."] {
        refused(
            elsewhere,
            &[repo.top.join(KNOWN).to_str().unwrap()],
            "this baseline belongs to another folder",
        );
    }
    repo.sh("mv .git/HEAD .git/aside").ok();
    refused(".", &[], "not in a git repository");
    repo.sh("mv .git/aside .git/HEAD && rm -r .git/objects").ok();
    refused(".", &[], "the repository's history cannot be read");
    assert_eq!(self::lines(&repo), lines);
    // Where there is no history there is none to miss.
    assert!(repo.at("../plain").akid(&["baseline", "prune", KNOWN]).ok().contains("9 taken out, 0 kept"));
}

#[test]
fn prune_looks_at_the_whole_repository_from_any_folder() {
    let folder = Folder::new();
    let repo = repo(&folder);
    repo.write("loose.env", leak(5));
    repo.akid(&["scan", "--write-baseline", KNOWN]).ok();
    assert!(repo.at("b").akid(&["baseline", "prune"]).ok().contains("0 taken out, 12 kept"));
}

#[test]
fn two_branches_merge_by_keeping_both_sides() {
    let folder = Folder::new();
    let repo = repo(&folder);
    repo.write(".gitattributes", format!("{KNOWN} merge=union\n"));
    repo.sh("git add -A && git commit -qm union && git branch side").ok();
    for (branch, seed) in [("main", 6), ("side", 7)] {
        repo.git(&["checkout", "-q", branch]).ok();
        repo.write(&format!("{branch}.env"), leak(seed));
        repo.akid(&["scan", "--write-baseline", KNOWN]).ok();
        repo.sh(&format!("git add -A && git commit -qm {branch}")).ok();
    }
    repo.git(&["merge", "-q", "-m", "merge", "main"]).ok();
    assert!(repo.akid(&["scan"]).ok().contains("4 suppressed (4 baseline)"));
}

#[test]
fn the_first_baseline_may_be_the_one_that_the_configuration_names() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.write(".akid.toml", "baseline = './ci//known'\n");
    repo.write("ci/a.env", leak(1));
    assert_eq!(repo.akid(&["scan"]).code, Some(2));
    repo.at("ci").akid(&["scan", "--write-baseline", "known"]).ok();
    repo.akid(&["scan"]).ok();
    repo.sh("git add -A && git commit -qm all").ok();
    repo.akid(&["scan", "--config-from", "HEAD"]).ok();
}

#[test]
fn what_two_add_at_once_is_all_kept() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    for n in 0..8 {
        repo.write(&format!("f{n}/a.env"), leak(n));
    }
    let akid = crate::work::AKID;
    repo.sh(&format!(
        "for n in 0 1 2 3 4 5 6 7; do '{akid}' scan -q f$n --write-baseline {KNOWN} & done; wait"
    ))
    .ok();
    assert_eq!(lines(&repo).len(), 24);
}

#[test]
fn what_was_found_is_told_even_where_the_baseline_cannot_be_written() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.write("a.env", leak(1));
    let said = repo.akid(&["scan", "--write-baseline", "nowhere/known"]);
    assert_eq!(said.code, Some(2), "{}", said.text);
    assert!(said.text.contains("\n          a.env:1:19\n"), "{}", said.text);
    assert!(said.text.contains("error: nowhere/known: cannot be written"), "{}", said.text);
}

#[test]
fn what_was_written_is_counted_and_named() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a.env", leak(1));
    let told = repo.akid(&["scan", "--write-baseline", KNOWN]).ok();
    assert!(told.contains("no new findings; 1 suppressed (1 baseline)"), "{told}");
    let help = format!("help: `--baseline {KNOWN}` fails only on findings that are not in it");
    assert!(told.contains(&format!("wrote 1 finding to {KNOWN}\n{help}\n")), "{told}");
    repo.write("b.env", leak(2));
    repo.write("c.env", leak(3));
    let told = repo.akid(&["scan", "--baseline", KNOWN, "--write-baseline", KNOWN]).ok();
    assert!(told.contains(&format!("wrote 2 findings to {KNOWN}; 1 more was already in it\n")), "{told}");
    let told = repo.akid(&["history", "--write-baseline", KNOWN]).ok();
    assert!(told.contains(&format!("wrote 0 findings to {KNOWN}; 1 more was already in it\n")), "{told}");
    let told = repo.akid(&["scan", "-q", "--write-baseline", KNOWN]).ok();
    assert_eq!(told, "");
}

#[test]
fn a_baseline_that_is_not_used_is_named() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.write("sub/a.env", leak(1));
    repo.akid(&["scan", "-q", "--write-baseline", KNOWN]).ok();
    let note = format!("note: {KNOWN} is not used; `--baseline {KNOWN}` applies it");
    for arguments in [&["scan"][..], &["scan", "sub"], &["history"]] {
        let told = repo.akid(arguments).text;
        assert!(told.contains(&note), "{told}");
    }
    let path = repo.top.join(KNOWN);
    let told = repo.at("sub").akid(&["scan"]).stopped();
    assert!(told.contains(&format!("note: {} is not used", path.display())), "{told}");
    let elsewhere = folder.repo("elsewhere");
    let quiet = [
        repo.akid(&["scan", "-q"]),
        repo.akid(&["scan", "--baseline", KNOWN]),
        repo.akid(&["scan", "--write-baseline", KNOWN]),
        // It may come with what is scanned.
        elsewhere.akid(&["scan", "../repo"]),
    ];
    for said in quiet {
        assert!(!said.text.contains("is not used"), "{}", said.text);
    }
    repo.write(".akid.toml", format!("baseline = '{KNOWN}'\n"));
    assert!(!repo.akid(&["scan"]).ok().contains("is not used"));
}

/// The values of `key` in the findings that `report` lists as JSON.
fn values(report: &str, key: &str) -> Vec<String> {
    let report: serde_json::Value = serde_json::from_str(report).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|finding| finding[key].as_str().unwrap().to_owned()).collect()
}

#[test]
fn add_takes_a_finding_or_all_of_a_credential_from_files_and_history() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a.env", leak(1));
    repo.commit("old.env", leak(1));
    repo.git(&["rm", "-q", "old.env"]).ok();
    repo.git(&["commit", "-qm", "remove"]).ok();
    repo.write("b.env", leak(2));
    repo.write("sub/b.env", leak(2));
    let report = repo.akid(&["scan", "-qf", "json"]).stopped();
    let (fingerprints, credentials) = (values(&report, "fingerprint"), values(&report, "credential_id"));
    let add = |name: &str| repo.at("sub").akid(&["baseline", "add", name, "--file", "../known"]);
    // One finding of two: a pair, and what may be left of it.
    let told = add(&fingerprints[1]).ok();
    assert_eq!(told, "wrote 1 finding to ../known\n");
    let told = repo.akid(&["scan", "--baseline", "known"]).stopped();
    assert!(told.contains("sub/b.env:1:19") && told.contains("1 suppressed (1 baseline)"), "{told}");
    assert!(!told.contains("\nb.env:1:19"), "{told}");
    // All of a credential: those in history, too.
    assert_eq!(add(&credentials[0]).ok(), "wrote 2 findings to ../known\n");
    repo.akid(&["history", "--baseline", "known"]).ok();
    assert_eq!(add(&id(2)).ok(), "wrote 1 finding to ../known; 1 more was already in it\n");
    repo.akid(&["scan", "--baseline", "known"]).ok();
    assert_eq!(add(&id(2)).ok(), "wrote 0 findings to ../known; 2 more were already in it\n");
}

#[test]
fn add_writes_nothing_if_a_name_matches_nothing() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a.env", leak(1));
    repo.write(".akid.toml", format!("baseline = '{KNOWN}'\n"));
    repo.write(KNOWN, "");
    let unknown = "0123456789abcdef".repeat(2);
    for name in [&id(2), &unknown] {
        let said = repo.akid(&["baseline", "add", &id(1), name]);
        assert_eq!(said.code, Some(2), "{}", said.text);
        let why = format!("no finding in the files or their history matches {name}\nhelp: ");
        assert!(said.text.contains(&why) && repo.read(KNOWN).is_empty(), "{}", said.text);
    }
    let said = repo.akid(&["baseline", "add", fake::pair(1).secret_text()]);
    assert_eq!(said.code, Some(2), "{}", said.text);
    assert!(crate::work::keeps_secret(&said.text, 1) && said.text.contains("not a key ID"), "{}", said.text);
    // Known from elsewhere.
    let told = repo.akid(&["baseline", "add", "--no-scan", &unknown]).ok();
    assert_eq!(told, format!("wrote 1 finding to {KNOWN}\n"));
    assert_eq!(lines(&repo), [unknown]);
    assert!(repo.akid(&["baseline", "add", "--no-scan", &id(1)]).stopped().contains("not a fingerprint"));
    // It would be about something else than what is scanned.
    let elsewhere = folder.repo("elsewhere");
    let told = elsewhere.akid(&["baseline", "add", &id(1), "--file", "../repo/known"]).stopped();
    assert!(told.contains("this baseline belongs to another folder"), "{told}");
    assert!(elsewhere.akid(&["baseline", "add", &id(1)]).stopped().contains("no baseline is named\nhelp: "));
}

#[test]
fn add_says_where_more_findings_of_a_credential_may_be() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    repo.commit("a.env", leak(1));
    repo.commit("b.env", leak(2));
    let url = format!("file://{}", repo.top.display());
    repo.git(&["clone", "-q", "--depth", "1", &url, "../shallow"]).ok();
    let shallow = repo.at("../shallow");
    let finding = &values(&shallow.akid(&["scan", "-qf", "json"]).stopped(), "fingerprint")[0];
    shallow.akid(&["baseline", "add", finding, "--file", "known"]).ok();
    let said = shallow.akid(&["baseline", "add", &id(1), "--file", "known"]);
    assert_eq!(said.code, Some(2), "{}", said.text);
    assert!(said.text.contains("wrote 0 findings") && said.text.contains("shallow clone"), "{}", said.text);
}

#[test]
fn a_baseline_of_several_repositories_knows_each_finding_in_its_own() {
    let folder = Folder::new();
    let (one, two) = (folder.repo("one"), folder.repo("two"));
    one.commit("k.env", leak(1));
    two.commit("other.env", leak(2));
    let parent = two.at("..");
    let told = parent.akid(&["history", "one", "two", "--write-baseline", "known"]).ok();
    assert!(told.contains("wrote 2 findings"), "{told}");
    parent.akid(&["history", "one", "two", "--baseline", "known"]).ok();
    // The same credential at the same path of another repository is another finding.
    two.commit("k.env", leak(1));
    let told = parent.akid(&["history", "one", "two", "--baseline", "known"]).stopped();
    assert!(told.contains("two/k.env:1:19") && !told.contains("one/k.env:1:19"), "{told}");
    // What is written of one repository lies in it, and is known whatever the repository is called.
    one.akid(&["history", "--write-baseline", "../one.known"]).ok();
    parent.sh("mv one moved").ok();
    parent.akid(&["history", "moved", "--baseline", "one.known"]).ok();
}
