//! The report for code scanning: SARIF 2.1.0, as GitHub wants it.
//!
//! What GitHub asks for beyond the standard is from its documentation of SARIF support: `security-severity` and
//! `precision` on rules, one location to a result, a `primaryLocationLineHash`, a category in `automationDetails.id`,
//! and the limits in [`room`].

mod location;
mod nested;
mod notifications;
mod part;
mod results;
mod room;
mod rules;
mod variant;

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};
use serde_sarif::sarif::{
    Invocation, MultiformatMessageString, PropertyBag, Run, RunAutomationDetails, Sarif, Tool, ToolComponent,
};

use self::part::Part;
use self::room::Room;
use self::variant::Variant;
use super::tally::Tally;
use super::{Counted, Report, json};
use crate::finding::Finding;
use crate::scan::Scan;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// How many files it takes to give each of several repositories a run of its own: GitHub takes no more than 20 in one.
pub fn sarif_files(scan: &Scan) -> usize {
    if scan.is_of_several { scan.repositories.len().div_ceil(part::MAX_RUNS).max(1) } else { 1 }
}

/// Writes one log: with one run, or one for each of several repositories.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    // By this a later scan recognises the report, of which the tool's name is the end.
    let schema = BTreeMap::from([("schema".to_owned(), json!(json::SCHEMA))]);
    let own = PropertyBag::builder().additional_properties(schema).build();
    let log = Sarif::builder().schema(SCHEMA).version(json!("2.1.0")).properties(own);
    let mut room = Room::for_results();
    let runs = Part::all(report).iter().map(|part| run(report, part, &mut room)).collect::<Vec<_>>();
    let log = log.runs(runs).build();
    serde_json::to_writer(&mut *out, &log)?;
    writeln!(out)
}

fn run(report: &Report<'_>, part: &Part<'_>, room: &mut Room) -> Run {
    let findings: Vec<&Finding> = report.scan.findings.iter().filter(|finding| part.holds(finding)).collect();
    let variants = Variant::all(report.rules, findings.iter().copied());
    let results = results::results(report, &findings, &variants, room);
    let notifications = notifications::notifications(
        part.is_first.then_some(report.scan),
        results.left_out,
        report.options.hints,
    );
    let invocation = Invocation::builder()
        .execution_successful(report.scan.is_complete())
        .tool_execution_notifications(notifications)
        .build();
    let run = Run::builder()
        .tool(Tool::builder().driver(driver(report, &variants)).build())
        .automation_details(RunAutomationDetails::builder().id(&part.category).build())
        .column_kind(json!("unicodeCodePoints"))
        .original_uri_base_ids(location::bases())
        .invocations(vec![invocation])
        .results(results.shown)
        .properties(properties(&Properties::of(report)))
        .build();
    Run { artifacts: results.artifacts.into_all(), version_control_provenance: part.provenance(), ..run }
}

fn driver(report: &Report<'_>, variants: &[Variant]) -> ToolComponent {
    ToolComponent::builder()
        .name(env!("CARGO_PKG_NAME"))
        .version(env!("CARGO_PKG_VERSION"))
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .short_description(text(env!("CARGO_PKG_DESCRIPTION")))
        .rules(rules::descriptors(report.rules, variants))
        .notifications(notifications::descriptors(report.options.hints))
        .build()
}

/// What is not in the results, in numbers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    inputs: u64,
    bytes: u64,
    excluded: usize,
    suppressed: BTreeMap<&'static str, u64>,
}

impl Properties {
    fn of(report: &Report<'_>) -> Self {
        let tally = Tally::of(report.scan);
        Self {
            inputs: report.scan.inputs,
            bytes: report.scan.bytes,
            excluded: report.scan.excluded.len(),
            suppressed: tally.by_suppression.iter().map(|(reason, &n)| (reason.as_str(), n)).collect(),
        }
    }
}

/// A property bag of a struct's fields.
fn properties(fields: &impl Serialize) -> PropertyBag {
    let Ok(Value::Object(fields)) = serde_json::to_value(fields) else {
        unreachable!("a struct of plain fields becomes an object")
    };
    let known: BTreeMap<_, _> = fields.into_iter().filter(|(_, value)| !value.is_null()).collect();
    PropertyBag::builder().additional_properties(known).build()
}

fn text(text: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(text).build()
}
