//! JSON and JSON Lines against the published schema, which has to know every property that akid writes.

use akid::aws::fake;
use akid::report::Format;
use akid::scan::Scan;
use serde_json::{Value, json};

use super::scans::{exposed, full_scan};
use super::{render, scan_with};

const SCHEMA: &str = "docs/akid-1.schema.json";

fn schema() -> Value {
    serde_json::from_str(&std::fs::read_to_string(SCHEMA).unwrap()).unwrap()
}

/// The same schema, which takes no property that it does not name. Readers must take others.
fn closed(mut schema: Value) -> Value {
    for definition in schema["$defs"].as_object_mut().unwrap().values_mut() {
        definition["additionalProperties"] = json!(false);
    }
    schema
}

fn assert_valid(schema: Value, values: &[Value]) {
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("akid.json", schema).unwrap();
    let schema = compiler.compile("akid.json", &mut schemas).unwrap();
    for value in values {
        if let Err(error) = schemas.validate(value, schema) {
            panic!("{error:#}\n{value:#}");
        }
    }
}

/// Fails if a report in JSON, or one in JSON Lines, is not as the schema says.
#[track_caller]
pub(crate) fn assert_documented(report: &str) {
    let whole = serde_json::from_str(report).map(|report| vec![report]);
    let lines = || report.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let values: Vec<Value> = whole.unwrap_or_else(|_| lines());
    assert_valid(schema(), &values);
    assert_valid(closed(schema()), &values);
}

#[test]
fn every_report_is_as_the_schema_says() {
    let key = fake::pair(1);
    let hostile = scan_with(key.secret_text(), &key);
    let history = Scan { findings: vec![exposed("Add a key", true)], ..Scan::default() };
    for scan in [full_scan(), Scan::default(), hostile, history] {
        assert_documented(&render(&scan, Format::Json));
        assert_documented(&render(&scan, Format::Jsonl));
    }
}

#[test]
fn the_schema_finds_what_is_wrong() {
    let report: Value = serde_json::from_str(&render(&full_scan(), Format::Json)).unwrap();
    let mutations: [fn(&mut Value); 4] = [
        |report| report["findings"][0]["severity"] = json!("worst"),
        |report| report["summary"]["bytes"] = json!(-1),
        |report| report["findings"][0]["secret"] = json!("0123456789"),
        |report| drop(report.as_object_mut().unwrap().remove("complete")),
    ];
    for mutate in mutations {
        let mut report = report.clone();
        mutate(&mut report);
        assert!(std::panic::catch_unwind(|| assert_valid(schema(), &[report])).is_err());
    }
}

#[test]
fn the_page_has_every_property() {
    let page = std::fs::read_to_string("docs/json.md").unwrap();
    for (name, definition) in schema()["$defs"].as_object().unwrap() {
        let start = page.find(&format!("\n## `{name}`\n")).unwrap_or_else(|| panic!("{name}"));
        let section = page[start + 1..].split("\n## ").next().unwrap();
        let rows: Vec<&str> =
            section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
        let properties: Vec<&String> = definition["properties"].as_object().unwrap().keys().collect();
        assert_eq!(rows, properties, "{name}");
    }
}
