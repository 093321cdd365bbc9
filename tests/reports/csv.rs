//! The report for spreadsheets, read back by another implementation of the format.

use akid::aws::fake;
use akid::finding::{Claims, Finding};
use akid::origin::{Origin, RelativePath};
use akid::report::Format;
use akid::scan::Scan;
use proptest::prelude::*;

use super::render;
use super::scans::{exposed, full_scan, pair_finding};

/// The lines, each by the names of its columns.
fn read(text: &str) -> Vec<std::collections::HashMap<String, String>> {
    // Not flexible: a line with more or fewer cells than the header is an error.
    csv::Reader::from_reader(text.as_bytes()).deserialize().collect::<Result<_, _>>().unwrap()
}

#[test]
fn csv_has_a_line_for_each_finding_and_for_what_was_not_scanned() {
    let lines = read(&render(&full_scan(), Format::Csv));
    let types: Vec<_> = lines.iter().map(|line| line["type"].as_str()).collect();
    assert_eq!(types, ["finding", "finding", "finding", "suppressed", "skipped", "excluded"]);
    let (key, deploy) = (fake::pair(1), &lines[2]);
    assert_eq!(deploy["path"], "src/deploy.sh");
    assert_eq!((deploy["line"].as_str(), deploy["column"].as_str()), ("1", "6"));
    assert_eq!(deploy["key_id"], key.id_text());
    assert_eq!(deploy["secret"], key.secret().fingerprint().to_string());
    assert_eq!((deploy["fails"].as_str(), deploy["occurrences"].as_str()), ("yes", "3"));
    assert_eq!(deploy["fingerprint"], full_scan().findings[2].fingerprint().to_string());
    assert_eq!(lines[0]["fails"], "no");
    assert_eq!((lines[3]["fails"].as_str(), lines[3]["reason"].as_str()), ("no", "inline"));
    assert_eq!((lines[4]["path"].as_str(), lines[4]["reason"].as_str()), ("locked", "io"));
    assert!(lines[4]["message"].contains("permission denied"));
    assert_eq!(lines[5]["reason"], "size");
}

#[test]
fn csv_tells_the_commit_that_brought_a_finding() {
    let scan = Scan { findings: vec![exposed("Fix, \"all\" of it", false)], ..Scan::default() };
    let line = &read(&render(&scan, Format::Csv))[0];
    assert_eq!(line["commit"], "ab".repeat(20));
    assert_eq!(line["committed"], "2020-09-13T12:26:40Z");
    assert_eq!(line["author"], "Ada <ada@example.com>");
    assert_eq!((line["subject"].as_str(), line["reachability"].as_str()), ("Fix, \"all\" of it", "past"));
}

#[test]
fn csv_tells_what_a_credential_says_of_itself() {
    let claims = Claims {
        user: Some("=ada".to_owned()),
        start_url: Some("https://d-1.awsapps.com/start".to_owned()),
        expires_at: "2026-01-01T00:00:00Z".parse().ok(),
        ..Claims::default()
    };
    let finding = Finding { claims: Some(Box::new(claims)), ..pair_finding("a", &fake::pair(1), 1) };
    let line = &read(&render(&Scan { findings: vec![finding], ..Scan::default() }, Format::Csv))[0];
    assert_eq!(line["user"], "'=ada");
    assert_eq!(line["start_url"], "https://d-1.awsapps.com/start");
    assert_eq!((line["issued_at"].as_str(), line["expires_at"].as_str()), ("", "2026-01-01T00:00:00Z"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_path_breaks_a_line_or_begins_a_formula(path in "[=+@;,\"'\n\t a-]{1,12}|.{1,30}") {
        let finding = Finding {
            origin: Origin::File(RelativePath::from_bytes(path.clone())),
            ..pair_finding("", &fake::pair(1), 1)
        };
        let text = render(&Scan { findings: vec![finding], ..Scan::default() }, Format::Csv);
        prop_assert_eq!(text.lines().count(), 2);
        let lines = read(&text);
        let shown = &lines[0]["path"];
        prop_assert_eq!(shown.replace('\'', ""), akid::text::Escaped(path.as_bytes()).to_string().replace('\'', ""));
        // Whichever of these a spreadsheet takes for the end of a cell.
        for cell in shown.split([';', ',', '"']) {
            prop_assert!(!cell.starts_with(['=', '+', '-', '@']), "{}", shown);
        }
    }
}
