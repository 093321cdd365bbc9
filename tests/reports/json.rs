//! The reports for programs.

use std::collections::BTreeSet;

use akid::aws::fake;
use akid::report::Format;
use serde_json::{Value, json};

use super::render;
use super::scans::full_scan;

#[test]
fn json_has_the_documented_keys() {
    let log: Value = serde_json::from_str(&render(&full_scan(), Format::Json)).unwrap();
    assert_eq!(log["schema"], "akid/1");
    assert_eq!(log["complete"], false);
    assert_eq!(log["skipped"], json!([{"path": "locked", "reason": "io", "message": "permission denied"}]));
    assert_eq!(log["excluded"], json!([{"path": "big.bin", "by": "size"}]));
    assert_eq!(log["summary"]["findings"], json!({"critical": 2, "high": 0, "medium": 0, "low": 1}));
    assert_eq!(log["summary"]["suppressed"]["inline"], 1);
    assert_eq!(log["gaps"], json!([]));
    assert_eq!((&log["accepted"], &log["stale"]), (&json!([]), &json!([])));
    let key = fake::pair(1);
    let finding = &log["findings"][2];
    let whole = &full_scan().findings[2];
    assert_eq!(
        finding["places"][1],
        json!({
            "key_id": {"line": 3, "column": 6, "end_line": 3, "end_column": 26, "start": 81, "end": 101},
            "secret": {"line": 4, "column": 10, "end_line": 4, "end_column": 50, "start": 111, "end": 151},
            "token": null,
            "excerpt": format!("id = {}", key.id_text()),
            "encodings": [],
        })
    );
    let mut head = finding.clone();
    head.as_object_mut().unwrap().remove("places");
    assert_eq!(
        head,
        json!({
            "rule": "aws-access-key",
            "severity": "critical",
            "rule_severity": "critical",
            "confidence": {"level": "high", "reasons": []},
            "fails": true,
            "fingerprint": whole.fingerprint().to_string(),
            "credential_id": whole.credential_id().to_string(),
            "repository": null,
            "path": "src/deploy.sh",
            "found_in": "content",
            "key_id": key.id_text(),
            "secret": key.secret().fingerprint().to_string(),
            "token": null,
            "account": {
                "id": key.id().account().unwrap().to_string(), "known_by": "key-id", "label": null,
                "name": null, "conflicting_account": null
            },
            "ownership": "unknown",
            "unresolved": null,
            "signed": null,
            "exposure": null,
            "suppressed": null,
            "justification": null,
            "occurrences": 3,
        })
    );
    assert_eq!(log["findings"][3]["suppressed"], "inline");
    assert_eq!(log["findings"][0]["confidence"]["reasons"], json!(["test-path"]));
    assert_eq!(
        log["findings"][0]["signed"],
        json!({
            "signed_at": "2026-01-01T00:00:00Z", "expires_at": "2026-01-01T00:15:00Z",
            "region": "us-east-1", "service": "s3",
        })
    );
}

#[test]
fn json_lines_are_the_findings_of_json_and_then_the_rest_of_it() {
    let whole: Value = serde_json::from_str(&render(&full_scan(), Format::Json)).unwrap();
    let lines = render(&full_scan(), Format::Jsonl);
    let mut lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let types = lines.iter_mut().map(|line| line.as_object_mut().unwrap().remove("type").unwrap());
    assert_eq!(types.collect::<Vec<_>>(), ["finding", "finding", "finding", "finding", "summary"]);
    let mut rest = lines.pop().unwrap();
    rest["findings"] = Value::Array(lines);
    assert_eq!(rest, whole);
}

#[test]
fn each_credential_has_one_entry_and_those_that_fail_come_first() {
    let log: Value = serde_json::from_str(&render(&full_scan(), Format::Json)).unwrap();
    let (findings, credentials) =
        (log["findings"].as_array().unwrap(), log["credentials"].as_array().unwrap());
    let ids: BTreeSet<&str> =
        findings.iter().map(|finding| finding["credential_id"].as_str().unwrap()).collect();
    let listed: Vec<&str> = credentials.iter().map(|entry| entry["id"].as_str().unwrap()).collect();
    assert_eq!(listed.iter().copied().collect::<BTreeSet<_>>(), ids);
    assert_eq!(listed.len(), ids.len());
    let fails: Vec<bool> = credentials.iter().map(|entry| entry["fails"].as_bool().unwrap()).collect();
    assert!(fails.is_sorted_by(|a, b| a >= b) && fails[0], "{fails:?}");
    for entry in credentials {
        let of = |finding: &&Value| finding["credential_id"] == entry["id"];
        let counting = |finding: &&Value| finding["suppressed"].is_null();
        assert_eq!(entry["counts"]["findings"], findings.iter().filter(of).filter(counting).count());
        let best =
            findings.iter().find(|finding| finding["fingerprint"] == entry["best_place"]["fingerprint"]);
        assert_eq!(best.unwrap()["credential_id"], entry["id"]);
    }
}
