//! The report for DefectDojo, whose parser refuses what it does not know.

use std::collections::BTreeSet;

use akid::report::Format;
use serde_json::Value;

use super::render;
use super::scans::{exposed, full_scan};

/// The fields of a finding that the documentation of the generic findings import lists, as far as akid writes them.
const KNOWN: [&str; 18] = [
    "title",
    "severity",
    "description",
    "mitigation",
    "date",
    "cwe",
    "file_path",
    "line",
    "service",
    "unique_id_from_tool",
    "vuln_id_from_tool",
    "scanner_confidence",
    "nb_occurences",
    "active",
    "verified",
    "static_finding",
    "dynamic_finding",
    "tags",
];

#[test]
fn each_finding_that_counts_has_the_fields_that_defectdojo_knows() {
    let mut scan = full_scan();
    scan.findings.push(exposed("Add *a* key", false));
    let log: Value = serde_json::from_str(&render(&scan, Format::Defectdojo)).unwrap();
    let counting = scan.findings.iter().filter(|finding| finding.suppression.is_none());
    let entries = log["findings"].as_array().unwrap();
    assert_eq!(entries.len(), counting.count());
    let mut ids = BTreeSet::new();
    for entry in entries {
        let fields: BTreeSet<&str> = entry.as_object().unwrap().keys().map(String::as_str).collect();
        assert!(fields.is_subset(&BTreeSet::from(KNOWN)), "{fields:?}");
        assert!(["title", "severity", "description"].iter().all(|field| fields.contains(field)));
        assert!(["Critical", "High", "Medium", "Low"].contains(&entry["severity"].as_str().unwrap()));
        assert!(ids.insert(entry["unique_id_from_tool"].as_str().unwrap()), "given twice: {entry}");
    }
    let of_history = entries.iter().find(|entry| entry["file_path"] == "old/prod.env").unwrap();
    assert_eq!(of_history["date"], "2020-09-13");
    assert!(of_history["description"].as_str().unwrap().contains("Add \\*a\\* key"), "{of_history}");
}

#[test]
fn what_was_not_scanned_is_told_of_the_test() {
    let log: Value = serde_json::from_str(&render(&full_scan(), Format::Defectdojo)).unwrap();
    let description = log["description"].as_str().unwrap();
    assert!(description.contains("Not everything was scanned: locked: "), "{description}");
}
