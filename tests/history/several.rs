//! Several repositories in one scan of history.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::work::{AKID, Folder, Work, id, leak};

fn two() -> (Folder, Work, Work) {
    let folder = Folder::new();
    let (one, two) = (folder.repo("one"), folder.repo("two"));
    one.commit("k", leak(1));
    one.commit("both", leak(3));
    two.commit("k", leak(2));
    two.commit("both", leak(3));
    two.commit("both", "gone\n");
    (folder, one, two)
}

fn json(work: &Work, arguments: &[&str]) -> Value {
    let said = work.akid(&[arguments, &["-qf", "json"]].concat());
    serde_json::from_str(said.text.split("\nincomplete").next().unwrap()).unwrap()
}

/// Repository, path, key ID and whether a ref still has it, of each finding.
fn findings(report: &Value) -> Vec<[String; 4]> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let one = |finding: &Value| {
        let reachability = text(&finding["exposure"]["reachability"]);
        [text(&finding["repository"]["path"]), text(&finding["path"]), text(&finding["key_id"]), reachability]
    };
    report["findings"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn each_finding_is_attributed_in_its_own_repository_and_names_it() {
    let (_folder, one, _) = two();
    let parent = one.at("..");
    let report = json(&parent, &["history", "one", "two/", "one/.git"]);
    let tip = |path: &str, repository: &str, seed, reachability: &str| {
        [repository.to_owned(), path.to_owned(), id(seed), reachability.to_owned()]
    };
    let found = findings(&report);
    let single: BTreeMap<_, _> =
        ["one", "two"].map(|name| (name, findings(&json(&parent, &["history", name])))).into();
    let reachability =
        |name: &str, path: &str| single[name].iter().find(|finding| finding[1] == path).unwrap()[3].clone();
    assert_eq!(
        found,
        [
            tip("both", "one", 3, &reachability("one", "both")),
            tip("k", "one", 1, &reachability("one", "k")),
            tip("both", "two/", 3, &reachability("two", "both")),
            tip("k", "two/", 2, &reachability("two", "k")),
        ]
    );
    assert_ne!(reachability("one", "both"), reachability("two", "both"));
    // A finding is known by the same fingerprint, whatever else is scanned with it.
    let fingerprints = |report: &Value| -> Vec<String> {
        let all = report["findings"].as_array().unwrap().iter();
        all.map(|finding| finding["fingerprint"].to_string()).collect()
    };
    let apart = [json(&parent, &["history", "one"]), json(&parent, &["history", "two"])];
    assert_eq!(fingerprints(&report), apart.iter().flat_map(fingerprints).collect::<Vec<_>>());
    assert!(single["one"].iter().all(|finding| finding[0] == "one"));
}

#[test]
fn every_report_for_people_names_the_repository() {
    let (_folder, one, _) = two();
    let parent = one.at("..");
    for format in ["text", "jsonl", "csv", "markdown", "junit", "sarif"] {
        let said = parent.akid(&["history", "one", "two", "-qf", format]);
        assert!(said.code == Some(1) && said.text.contains("two"), "{format}: {}", said.text);
    }
    let text = parent.akid(&["history", "one", "two"]).text;
    assert!(text.contains("one/k:1:19") && text.contains("two/k:1:19"), "{text}");
    let ranged = parent.akid(&["history", "one", "two", "--range", "HEAD"]).text;
    assert!(ranged.contains("one/k:1:19") && ranged.contains("two/k:1:19"), "{ranged}");
}

#[test]
fn what_one_repository_lacks_names_it() {
    let (_folder, one, _) = two();
    let url = format!("file://{}", one.top.display());
    one.git(&["clone", "-q", "--depth", "1", &url, "../shallow"]).ok();
    let said = one.at("..").akid(&["history", "two", "shallow"]);
    assert_eq!(said.code, Some(2), "{}", said.text);
    assert!(said.text.contains("incomplete: shallow: shallow clone: "), "{}", said.text);
}

#[test]
fn borrowed_objects_are_said_to_be_borrowed() {
    let (_folder, one, _) = two();
    one.git(&["clone", "-q", "--shared", ".", "../borrower"]).ok();
    let said = one.at("../borrower").akid(&["history"]);
    assert!(said.text.contains("one/.git/objects: the repository borrows these objects"), "{}", said.text);
}

#[test]
fn sarif_of_more_repositories_than_github_takes_goes_to_several_files() {
    let folder = Folder::new();
    let names: Vec<String> = (0..21).map(|n| format!("r{n:02}")).collect();
    let repos: Vec<Work> = names.iter().map(|name| folder.repo(name)).collect();
    repos.iter().zip(1..).for_each(|(repo, seed)| repo.commit("k", leak(seed)));
    let parent = repos[0].at("..");
    let arguments: Vec<&str> =
        ["history", "-o", "all.sarif"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let said = parent.akid(&arguments).text;
    assert!(said.contains("20 runs") && said.contains("all-2.sarif"), "{said}");
    let runs = |file: &str| {
        let log: Value = serde_json::from_str(&parent.read(file)).unwrap();
        log["runs"].as_array().unwrap().len()
    };
    assert_eq!((runs("all.sarif"), runs("all-2.sarif")), (20, 1));
}

#[test]
fn several_repositories_give_the_same_report_at_any_number_of_threads() {
    let folder = Folder::new();
    let repos: Vec<Work> = (0..7).map(|nth| folder.repo(&format!("r{nth}"))).collect();
    for (repo, seed) in repos.iter().zip(1..) {
        repo.commit("k", leak(seed));
        repo.commit("same", leak(100));
        repo.commit("k", "gone\n");
    }
    let url = format!("file://{}", repos[0].top.display());
    repos[0].git(&["clone", "-q", "--depth", "1", &url, "../shallow"]).ok();
    let parent = repos[0].at("..");
    let names = ["r3", "r0", "shallow", "r6", "r1", "r5", "r2", "r4"];
    let of = |more: &str, threads: u32| {
        // A report says when it was made, and the summary how long it took.
        let akid = format!("SOURCE_DATE_EPOCH=1767225600 {AKID} history -q -j {threads} {more}");
        let said = parent.sh(&format!("{akid} {} 2>/dev/null", names.join(" ")));
        (said.code, said.text)
    };
    for more in ["-f json", "-f text", "-f csv --range HEAD"] {
        let one = of(more, 1);
        assert_eq!(one.0, Some(2), "{}", one.1);
        for threads in [2, 8] {
            assert_eq!(of(more, threads), one, "{more} -j {threads}");
        }
    }
}
