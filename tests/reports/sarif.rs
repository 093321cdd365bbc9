//! The report for code scanning.

use std::collections::BTreeSet;
use std::sync::Arc;

use akid::aws::fake;
use akid::finding::{Finding, RepositoryName};
use akid::level::Severity;
use akid::origin::Origin;
use akid::owner::{Owner, Ownership};
use akid::report::{Format, Options, sarif_files};
use akid::resolve::Resolution;
use akid::scan::Scan;
use serde_json::{Value, json};

use super::scans::{full_scan, pair_finding};
use super::{render, render_with, summed_up};

fn sarif(scan: &Scan, options: &Options) -> Value {
    let log: Value = serde_json::from_str(&render_with(scan, Format::Sarif, options)).unwrap();
    assert_valid(&log);
    log["runs"][0].clone()
}

fn assert_valid(log: &Value) {
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler.enable_format_assertions();
    let schema = compiler.compile("tests/schemas/sarif-2.1.0.json", &mut schemas).unwrap();
    if let Err(error) = schemas.validate(log, schema) {
        panic!("{error}");
    }
}

fn results(run: &Value) -> &[Value] {
    run["results"].as_array().unwrap()
}

#[test]
fn sarif_is_valid_with_and_without_findings() {
    for scan in [full_scan(), Scan::default()] {
        for sarif_suppressed in [false, true] {
            sarif(&scan, &Options { sarif_suppressed, ..Options::default() });
        }
    }
}

#[test]
fn sarif_has_one_result_for_each_place_tied_by_the_fingerprint() {
    let scan = Scan { findings: vec![pair_finding("src/deploy.sh", &fake::pair(1), 3)], ..Scan::default() };
    let run = sarif(&scan, &Options::default());
    let fingerprint = scan.findings[0].fingerprint().to_string();
    assert_eq!(results(&run).len(), 3);
    for (nth, result) in results(&run).iter().enumerate() {
        assert_eq!(result["partialFingerprints"]["akid/v1"], fingerprint);
        let line_hash = scan.findings[0].places[nth].line_hash.as_ref().unwrap().as_str();
        assert_eq!(result["partialFingerprints"]["primaryLocationLineHash"], line_hash);
    }
    assert_eq!(run["automationDetails"]["id"], "akid/tree/");
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn sarif_regions_count_from_one_and_end_after_their_last_character() {
    let scan = Scan { findings: vec![pair_finding("ü b", &fake::pair(1), 1)], ..Scan::default() };
    let run = sarif(&scan, &Options::default());
    let result = &results(&run)[0];
    assert_eq!(
        result["locations"][0]["physicalLocation"],
        json!({
            "artifactLocation": {"uri": "%C3%BC%20b", "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": 1, "startColumn": 6, "endLine": 1, "endColumn": 26},
        })
    );
    let secret = &result["relatedLocations"][0];
    assert_eq!((&secret["id"], &secret["message"]["text"]), (&json!(1), &json!("the secret")));
    assert_eq!(
        secret["physicalLocation"]["region"],
        json!({"startLine": 2, "startColumn": 10, "endLine": 2, "endColumn": 50})
    );
    assert!(result["message"]["text"].as_str().unwrap().contains(" See [the secret](1). Next: "));
    assert_eq!(run["columnKind"], "unicodeCodePoints");
}

#[test]
fn sarif_without_a_line_hash_falls_back_to_the_numbered_fingerprint() {
    let mut finding = pair_finding("a", &fake::pair(1), 2);
    Arc::make_mut(&mut finding.places).iter_mut().for_each(|place| place.line_hash = None);
    let fingerprint = finding.fingerprint();
    let run = sarif(&Scan { findings: vec![finding], ..Scan::default() }, &Options::default());
    let hash = |nth: usize| &results(&run)[nth]["partialFingerprints"]["primaryLocationLineHash"];
    assert_eq!(hash(0), &json!(format!("{fingerprint}:1")));
    assert_eq!(hash(1), &json!(format!("{fingerprint}:2")));
}

#[test]
fn sarif_rules_carry_what_github_reads_and_results_point_at_them() {
    let run = sarif(&full_scan(), &Options::default());
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for rule in rules {
        for text in ["/shortDescription/text", "/fullDescription/text", "/help/text", "/help/markdown"] {
            assert!(!rule.pointer(text).unwrap().as_str().unwrap().is_empty(), "{rule}");
        }
        assert!(rule["properties"]["tags"].as_array().unwrap().contains(&json!("security")));
        let severity = rule["properties"]["security-severity"].as_str().unwrap();
        assert!(["9.5", "8.0", "5.0", "2.0"].contains(&severity));
    }
    for result in results(&run) {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    let levels: Vec<_> = results(&run).iter().map(|result| result["level"].as_str().unwrap()).collect();
    assert_eq!(levels, ["error", "error", "error", "error", "note"]);
}

#[test]
fn sarif_tells_what_ownership_weighs_under_a_variant_of_the_rule() {
    let owned = |path: &str, ownership: Ownership| {
        let finding = pair_finding(path, &fake::pair(1), 1);
        let owner = Owner { ownership, name: Some("payments".to_owned()), ..Owner::default() };
        Finding { owner, ..finding }
    };
    let scan = Scan {
        findings: vec![
            owned("a", Ownership::Canary),
            owned("b", Ownership::Foreign),
            owned("c", Ownership::Own),
        ],
        ..Scan::default()
    };
    let run = sarif(&scan, &Options::default());
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let mut told = Vec::new();
    for result in results(&run) {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        let path = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        let severity = rule["properties"]["security-severity"].as_str().unwrap();
        told.push((
            path,
            rule["id"].as_str().unwrap(),
            severity,
            result["properties"]["ownership"].as_str().unwrap(),
        ));
        assert_eq!(result["properties"]["accountName"], "payments");
    }
    // The canary is less bad and so comes last; a pair of one's own cannot be worse than it was.
    assert_eq!(
        told,
        [
            ("b", "aws-access-key", "9.5", "foreign"),
            ("c", "aws-access-key", "9.5", "own"),
            ("a", "aws-access-key/canary", "8.0", "canary"),
        ]
    );
    let canary = rules.iter().find(|rule| rule["id"] == "aws-access-key/canary").unwrap();
    assert_eq!(canary["name"], "AwsAccessKeyCanary");
}

#[test]
fn sarif_tells_what_was_not_resolved_and_is_then_no_success() {
    let resolution = Resolution {
        failures: vec!["no AWS credentials were found".to_owned()],
        notes: vec!["the caller's key is among these".to_owned()],
        ..Resolution::default()
    };
    let scan = Scan { resolution, ..Scan::default() };
    let run = sarif(&scan, &Options::default());
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let notes = invocation["toolExecutionNotifications"].as_array().unwrap();
    let told: Vec<_> = notes.iter().map(|note| (&note["descriptor"]["id"], &note["level"])).collect();
    assert_eq!(told, [(&json!("unresolved"), &json!("error")), (&json!("note"), &json!("warning"))]);
    assert!(summed_up(&scan).contains("not resolved: no AWS credentials were found\n"));
    let log: Value = serde_json::from_str(&render(&scan, Format::Json)).unwrap();
    assert_eq!(
        (&log["complete"], &log["resolution"]["failures"][0]),
        (&json!(false), &json!("no AWS credentials were found"))
    );
}

#[test]
fn sarif_counts_suppressed_findings_and_lists_them_only_if_asked() {
    let run = sarif(&full_scan(), &Options::default());
    assert_eq!(run["properties"]["suppressed"], json!({"inline": 1}));
    assert!(results(&run).iter().all(|result| result.get("suppressions").is_none()));
    let run = sarif(&full_scan(), &Options { sarif_suppressed: true, ..Options::default() });
    let last = results(&run).last().unwrap();
    assert_eq!(last["suppressions"][0]["kind"], "inSource");
    assert_eq!(results(&run).len(), 6);
}

#[test]
fn sarif_tells_what_was_skipped_and_is_then_no_success() {
    let run = sarif(&full_scan(), &Options::default());
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let notification = &invocation["toolExecutionNotifications"][0];
    assert_eq!(notification["level"], "error");
    assert_eq!(notification["message"]["text"], "not scanned, or only in part: permission denied");
    assert_eq!(notification["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "locked");
    let interrupted = sarif(&Scan { interrupted: true, ..Scan::default() }, &Options::default());
    assert_eq!(interrupted["invocations"][0]["executionSuccessful"], false);
}

#[test]
fn sarif_is_cut_from_the_least_severe_end_with_a_note() {
    let low = Finding { rule_severity: Severity::Low, ..pair_finding("a", &fake::pair(1), 25_000) };
    let findings = vec![low, pair_finding("z", &fake::pair(2), 10)];
    // Not parsed: that would take longer than all the other tests.
    let log = render(&Scan { findings, ..Scan::default() }, Format::Sarif);
    assert_eq!(log.matches("\"primaryLocationLineHash\"").count(), 25_000);
    assert!(log.contains("\"results\":[{\"level\":\"error\""));
    assert_eq!(log.matches("{\"level\":\"error\",\"locations\"").count(), 10);
    assert!(log.contains("\"text\":\"10 results are left out, the least severe"));
}

#[test]
fn sarif_takes_a_category_and_knows_standard_input_from_a_file() {
    let finding = Finding { origin: Origin::Stdin, ..pair_finding("", &fake::pair(1), 1) };
    let options = Options { sarif_category: Some("mono/api".to_owned()), ..Options::default() };
    let run = sarif(&Scan { findings: vec![finding], ..Scan::default() }, &options);
    assert_eq!(run["automationDetails"]["id"], "mono/api/");
    let input = &results(&run)[0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(input, &json!({"uri": "stdin"}));
}

#[test]
fn a_secret_that_ends_in_a_slash_is_masked_in_a_category() {
    let secret = fake::pair(1).secret_text()[..39].to_owned() + "/";
    let options = Options { sarif_category: Some(secret.clone()), ..Options::default() };
    let log = render_with(&Scan::default(), Format::Sarif, &options);
    assert!(!log.contains(&secret[..8]), "{log}");
}

/// A scan of `n` repositories, each with one finding at the same path; every second one has a remote.
fn of_repositories(n: u64) -> Scan {
    let repository = |at: u64| {
        let url = format!("https://example.com/team{at}/shop");
        let url = at.is_multiple_of(2).then_some(url.as_str());
        Arc::new(RepositoryName::new(format!("work/{at}").as_bytes(), b"shop", url))
    };
    let repositories: Vec<_> = (0..n).map(repository).collect();
    let finding = |at: u64| Finding {
        repository: Some(Arc::clone(&repositories[usize::try_from(at).unwrap()])),
        ..pair_finding("k.env", &fake::pair(at), 1)
    };
    Scan {
        findings: (0..n).map(finding).collect(),
        repositories: repositories.clone(),
        is_of_several: true,
        ..Scan::default()
    }
}

#[test]
fn each_repository_has_a_run_of_its_own_with_its_url_and_a_category() {
    let log: Value = serde_json::from_str(&render(&of_repositories(3), Format::Sarif)).unwrap();
    assert_valid(&log);
    let runs = log["runs"].as_array().unwrap();
    let of = |run: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let uri = text(&run["versionControlProvenance"][0]["repositoryUri"]);
        (text(&run["automationDetails"]["id"]), uri, run["results"].as_array().unwrap().len())
    };
    let expected = [
        ("akid/shop/", "https://example.com/team0/shop"),
        ("akid/shop-2/", ""),
        ("akid/shop-3/", "https://example.com/team2/shop"),
    ];
    let told: Vec<_> = runs.iter().map(of).collect();
    assert_eq!(told, expected.map(|(category, uri)| (category.to_owned(), uri.to_owned(), 1)));
}

#[test]
fn with_a_file_for_each_twenty_every_repository_has_a_run_of_its_own() {
    let scan = of_repositories(45);
    assert_eq!(sarif_files(&scan), 3);
    let mut categories = BTreeSet::new();
    let mut results = 0;
    for nth in 0..3 {
        let options = Options { sarif_file: Some(nth), ..Options::default() };
        let log: Value = serde_json::from_str(&render_with(&scan, Format::Sarif, &options)).unwrap();
        assert_valid(&log);
        let runs = log["runs"].as_array().unwrap();
        assert_eq!(runs.len(), if nth < 2 { 20 } else { 5 });
        for run in runs {
            results += run["results"].as_array().unwrap().len();
            assert!(categories.insert(run["automationDetails"]["id"].to_string()), "given twice: {run}");
        }
    }
    assert_eq!((results, categories.len()), (45, 45));
}

#[test]
fn no_file_has_more_runs_than_github_takes_and_no_result_is_lost() {
    let log: Value = serde_json::from_str(&render(&of_repositories(30), Format::Sarif)).unwrap();
    let runs = log["runs"].as_array().unwrap();
    let results: usize = runs.iter().map(|run| run["results"].as_array().unwrap().len()).sum();
    let categories: BTreeSet<&str> =
        runs.iter().map(|run| run["automationDetails"]["id"].as_str().unwrap()).collect();
    assert_eq!((runs.len(), results, categories.len()), (20, 30, 20));
    assert!(categories.contains("akid/other-repositories/"));
}
