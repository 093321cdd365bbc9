//! Reports that are read back: what they tell is what was found.

use std::time::Duration;

use akid::aws::fake;
use akid::finding::{Finding, Novelty, Suppression};
use akid::report::{self, Format, Options, Report, Reported, compare, merge};
use akid::scan::Scan;
use serde_json::Value;

use super::scans::{exposed, full_scan, pair_finding};
use super::{RULES, render, render_with};

fn read(text: &str) -> Reported {
    report::read(text.as_bytes()).unwrap()
}

/// A report as JSON, made `hour` hours after the first of June, without what only one that was read has.
fn json_at(findings: Vec<Finding>, hour: u8) -> String {
    let scan = Scan { findings, inputs: 1, ..Scan::default() };
    let now = format!("2026-06-01T{hour:02}:00:00Z").parse().unwrap();
    let options = Options::default();
    let mut out = Vec::new();
    report::write(Format::Json, &Report { scan: &scan, rules: &RULES, now, options: &options }, &mut out)
        .unwrap();
    String::from_utf8(out).unwrap()
}

fn everything() -> Scan {
    let mut scan = full_scan();
    scan.findings.push(exposed("Add a key", false));
    scan
}

#[test]
fn a_report_that_was_read_says_the_same() {
    for format in [Format::Json, Format::Jsonl] {
        let read = read(&render(&everything(), format));
        let again: Value = serde_json::from_str(&render(&read.scan, Format::Json)).unwrap();
        let mut expected: Value = serde_json::from_str(&render(&everything(), Format::Json)).unwrap();
        for finding in expected["findings"].as_array_mut().unwrap() {
            finding["seen"] = serde_json::json!(["2026-06-01T00:00:00Z"]);
        }
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(&again[key], value, "{}: {key}", format.as_str());
        }
    }
    // So says every format that tells nothing of lines that only a scan sees.
    let read = read(&render(&everything(), Format::Json)).scan;
    for format in [Format::Csv, Format::Gitlab, Format::Junit, Format::Markdown, Format::Github] {
        assert_eq!(render(&read, format), render(&everything(), format), "{}", format.as_str());
    }
}

#[test]
fn what_was_cut_short_is_incomplete_and_what_is_something_else_is_an_error() {
    let lines = render(&everything(), Format::Jsonl);
    let cut = &lines[..lines.find("{\"type\":\"summary\"").unwrap() - 30];
    let read = report::read(cut.as_bytes()).unwrap();
    assert!(!read.scan.is_complete() && read.scan.findings.len() == everything().findings.len() - 1);
    for (text, said) in [
        ("{\"schema\": \"other/1\"}", "schema"),
        ("{}", "schema"),
        ("", "line 1"),
        ("{\"findings\": [\n{\"rule\": 7}]}", "line 2"),
        ("{\"type\":\"finding\",\"rule\":7}\n", "line 1"),
    ] {
        let error = report::read(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(said), "{text}: {error}");
    }
}

#[test]
fn of_the_same_finding_the_newest_counts_and_remembers_the_others() {
    let finding = |occurrences| Finding { occurrences, ..pair_finding("a", &fake::pair(1), 1) };
    let reports = [3, 1, 2].map(|hour| read(&json_at(vec![finding(u64::from(hour))], hour)));
    let merged = merge(reports.into());
    let [only] = &merged.findings[..] else { panic!("{}", merged.findings.len()) };
    assert_eq!(only.occurrences, 3);
    let times: Vec<String> = only.seen.iter().map(ToString::to_string).collect();
    assert_eq!(times, [1, 2, 3].map(|hour| format!("2026-06-01T{hour:02}:00:00Z")));
    assert_eq!(merged.inputs, 3);
    // And once more, from the merged report.
    let twice = merge(vec![read(&render(&merged, Format::Json)), read(&json_at(vec![finding(9)], 9))]);
    assert_eq!((twice.findings[0].occurrences, twice.findings[0].seen.len()), (9, 4));
}

#[test]
fn what_is_new_what_is_gone_and_what_is_still_there_is_told() {
    let at = |path: &str, seed| pair_finding(path, &fake::pair(seed), 1);
    let old = read(&json_at(vec![at("a", 1), at("b", 2), at("c", 3)], 1)).scan;
    let mut scan = read(&json_at(vec![at("a", 1), at("d", 2), at("e", 4)], 2)).scan;
    let compared = compare(&mut scan, old);
    assert_eq!((compared.new, compared.gone, compared.still_there), (1, 1, 2));
    let told: Vec<_> = scan
        .findings
        .iter()
        .map(|finding| (finding.origin.path(), finding.novelty, finding.suppression))
        .collect();
    let gone = Some(Suppression::Gone);
    assert_eq!(
        told,
        [
            (&b"a"[..], None, None),
            (b"b", None, gone),
            (b"c", None, gone),
            (b"d", Some(Novelty::Place), None),
            (b"e", Some(Novelty::Credential), None),
        ]
    );
    let options = Options { compared: Some(compared), ..Options::default() };
    let text = render_with(&scan, Format::Text, &options);
    let id = |seed| fake::pair(seed).id_text().to_owned();
    let line = |seed| text.lines().find(|line| line.contains(&id(seed))).unwrap();
    assert!(line(4).contains("NEW, FAILS") && !line(1).contains("NEW") && !line(2).contains("NEW"), "{text}");
    let end = text.split("\ngone: ").nth(1).unwrap();
    assert!(end.contains(&id(3)) && !end.contains(&id(2)), "{text}");
    let report = Report {
        scan: &scan,
        rules: &RULES,
        now: "2026-06-01T03:00:00Z".parse().unwrap(),
        options: &options,
    };
    let summary = report::summary(&report, Duration::ZERO);
    assert!(summary.contains("compared by credential: 1 new, 1 gone, 2 still there"), "{summary}");
}

#[cfg(all(feature = "cli", unix))]
mod command {
    use crate::work::{Folder, id, leak};

    #[test]
    fn reports_of_two_repositories_become_one_page() {
        let folder = Folder::new();
        let (one, two) = (folder.repo("one"), folder.repo("two"));
        one.commit("k", leak(1));
        two.commit("k", leak(1));
        two.commit("other", leak(2));
        one.akid(&["history", "-q", "-o", "../one.json"]).stopped();
        two.akid(&["history", "-q", "-o", "../two.jsonl"]).stopped();
        let parent = one.at("..");
        let told = parent.akid(&["report", "one.json", "two.jsonl"]).stopped();
        assert!(told.contains("2 credentials in 3 places"), "{told}");
        parent.akid(&["report", "one.json", "two.jsonl", "-q", "-o", "all.json"]).stopped();
        let told = parent.akid(&["report", "all.json", "--compare", "one.json"]).stopped();
        assert!(told.contains("compared by credential: 1 new, 0 gone, 1 still there"), "{told}");
        let told = parent.akid(&["report", "one.json", "--compare", "all.json"]).stopped();
        assert!(told.contains("gone: rotated") && told.contains(&id(2)), "{told}");
    }

    #[test]
    fn an_incomplete_report_stays_incomplete_and_a_file_that_is_none_is_named() {
        let folder = Folder::new();
        let repo = folder.repo("repo");
        repo.commit("k", leak(1));
        repo.akid(&["scan", "-q", "-o", "../r.jsonl"]).stopped();
        repo.sh("head -c 900 ../r.jsonl > ../cut.jsonl").ok();
        let said = repo.akid(&["report", "../r.jsonl", "../cut.jsonl"]);
        assert_eq!(said.code, Some(2), "{}", said.text);
        for file in ["k", "missing"] {
            let said = repo.akid(&["report", file]);
            assert!(said.code == Some(2) && said.text.contains(&format!("error: {file}: ")), "{}", said.text);
        }
    }
}
