//! OCSF: an event a line, the scan itself at the end. `tests/interop/ocsf.py` validates against the published schema.

use std::collections::BTreeSet;

use akid::finding::{Finding, Suppression};
use akid::report::{Compared, Format, Options};
use serde_json::Value;

use super::scans::{exposed, full_scan};
use super::{render, render_with};

fn events(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn each_finding_that_counts_is_a_data_security_finding() {
    let mut scan = full_scan();
    scan.findings.push(exposed("Add a key", false));
    let counting: Vec<&Finding> =
        scan.findings.iter().filter(|finding| finding.suppression.is_none()).collect();
    let events = events(&render(&scan, Format::Ocsf));
    let (last, findings) = events.split_last().unwrap();
    assert_eq!(last["class_uid"], 6007);
    assert_eq!(findings.len(), counting.len());
    let mut ids = BTreeSet::new();
    for (event, finding) in findings.iter().zip(counting) {
        assert_eq!(event["class_uid"], 2006);
        assert_eq!(event["type_uid"], 200_601);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let uid = text(&event["finding_info"]["uid"]);
        assert!(uid.starts_with(&finding.fingerprint().to_string()), "{uid}");
        assert!(ids.insert(uid), "given twice: {event}");
        assert_eq!(event["finding_info"]["uid_alt"], finding.credential_id().to_string());
        assert_eq!(text(&event["severity"]).to_lowercase(), finding.severity().as_str());
        assert_eq!(event["is_alert"], event["unmapped"]["fails"]);
    }
    let of_history = findings.iter().find(|event| event["file"]["path"] == "old/prod.env").unwrap();
    assert_eq!(of_history["file"]["name"], "prod.env");
    assert_eq!(of_history["finding_info"]["first_seen_time"], 1_600_000_000_000_i64);
}

#[test]
fn the_last_event_says_what_was_not_scanned() {
    let scan = full_scan();
    let event = events(&render(&scan, Format::Ocsf)).pop().unwrap();
    assert_eq!((&event["status"], &event["activity_name"]), (&"Failure".into(), &"Completed".into()));
    assert_eq!(event["num_skipped_items"], scan.skipped.len());
    let remarks = event["unmapped"]["remarks"].as_array().unwrap();
    assert!(
        remarks.iter().any(|remark| remark["message"].as_str().unwrap().starts_with("locked: ")),
        "{event}"
    );
}

#[test]
fn what_is_gone_is_closed_and_what_is_still_there_is_updated() {
    let mut scan = full_scan();
    scan.findings.retain(|finding| finding.suppression.is_none());
    scan.findings[0].suppression = Some(Suppression::Gone);
    scan.findings[1].novelty = Some(akid::finding::Novelty::Credential);
    let compared = Some(Compared { new: 1, gone: 1, still_there: 1 });
    let text = render_with(&scan, Format::Ocsf, &Options { compared, ..Options::default() });
    let events = events(&text);
    let state = |event: &Value| [event["activity_name"].clone(), event["status"].clone()];
    assert_eq!(state(&events[0]), ["Close", "Resolved"]);
    assert_eq!(state(&events[1]), ["Create", "New"]);
    assert_eq!(state(&events[2]), ["Update", "New"]);
}
