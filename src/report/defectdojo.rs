//! The report for DefectDojo: its generic findings import, in JSON.
//!
//! DefectDojo refuses a file that has a field it does not know. The fields are those that its documentation of the
//! generic findings import lists.

use std::io::{self, Write};

use serde::Serialize;

use super::remarks::remarks;
use super::{Report, history, words};
use crate::finding::Finding;
use crate::level::Certainty;
use crate::redact::redact;

/// CWE-798: use of hard-coded credentials.
const CWE: u32 = 798;
/// The longest title that DefectDojo keeps, in characters.
const MAX_TITLE: usize = 511;
/// The longest path that it keeps.
const MAX_PATH: usize = 4000;

/// Writes one object.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let log = Log {
        name: env!("CARGO_PKG_NAME"),
        kind: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        description: description(report),
        static_tool: true,
        dynamic_tool: false,
        findings: Entries(report),
    };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

/// What to know of the scan: whether all was read, and what was not.
fn description(report: &Report<'_>) -> String {
    let errors: Vec<String> = remarks(report.scan, report.options.hints)
        .filter(|remark| remark.is_error)
        .map(|remark| remark.told())
        .collect();
    match errors.len() {
        0 => "Everything was scanned.".to_owned(),
        _ => format!("Not everything was scanned: {}", errors.join("; ")),
    }
}

#[derive(Serialize)]
struct Log<'a> {
    name: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    version: &'static str,
    description: String,
    static_tool: bool,
    dynamic_tool: bool,
    findings: Entries<'a>,
}

/// The findings that count, each made when it is written.
struct Entries<'a>(&'a Report<'a>);

impl Serialize for Entries<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(report) = self;
        serializer.collect_seq(report.counting().map(|finding| Entry::of(report, finding)))
    }
}

#[derive(Serialize)]
struct Entry {
    title: String,
    severity: &'static str,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mitigation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    cwe: u32,
    file_path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<String>,
    unique_id_from_tool: String,
    vuln_id_from_tool: String,
    scanner_confidence: u8,
    nb_occurences: u64,
    active: bool,
    verified: bool,
    static_finding: bool,
    dynamic_finding: bool,
    tags: Vec<&'static str>,
}

impl Entry {
    fn of(report: &Report<'_>, finding: &Finding) -> Self {
        let rule = report.rule(finding);
        let name = &finding.credential;
        let key = name.id().map(|id| format!(" {id}")).unwrap_or_default();
        let place = finding.places.first().filter(|_| !finding.origin.is_name());
        let introduced = finding.exposure.as_deref().and_then(|exposure| exposure.first.as_ref());
        let fails = report.options.failing.includes(finding);
        Self {
            title: words::cut(&format!("{}{key}", words::title(finding, rule)), MAX_TITLE),
            severity: words::capitalised(finding.severity()),
            description: described(report, finding),
            mitigation: words::next_step(finding, rule),
            date: introduced
                .and_then(|commit| commit.committed)
                .map(|at| at.strftime("%Y-%m-%d").to_string()),
            cwe: CWE,
            file_path: words::cut(&redact(finding.origin.path()), MAX_PATH),
            line: place.map(|place| place.main().start.line),
            service: finding.repository.as_deref().map(|repository| repository.identity().to_owned()),
            unique_id_from_tool: words::identity(finding),
            vuln_id_from_tool: finding.rule.to_string(),
            scanner_confidence: confidence(finding.confidence.certainty()),
            nb_occurences: finding.occurrences,
            active: true,
            verified: false,
            static_finding: true,
            dynamic_finding: false,
            tags: vec![finding.owner.ownership.as_str(), if fails { "fails" } else { "passes" }],
        }
    }
}

/// The facts, a line each, since DefectDojo takes the text for Markdown.
fn described(report: &Report<'_>, finding: &Finding) -> String {
    let facts = words::facts(finding, report.rule(finding));
    let fails = if report.options.failing.includes(finding) { "yes" } else { "no" };
    let mut lines = vec![facts, format!("Fails the run: {fails}.")];
    if let Some(exposure) = &finding.exposure {
        lines.extend(history::introduced(exposure).map(|commit| format!("Introduced in: {commit}")));
        lines.push(format!("In history: {}", history::whereabouts(exposure)));
    }
    lines.iter().map(|line| markdown(line)).collect::<Vec<_>>().join("\n\n")
}

/// Text that Markdown shows as it is.
fn markdown(text: &str) -> String {
    let escape = |c: char| if "\\`*_{}[]<>()#+!|~".contains(c) { format!("\\{c}") } else { c.to_string() };
    text.chars().map(escape).collect()
}

/// How sure akid is, as DefectDojo counts: 1 is certain, 10 is tentative.
fn confidence(certainty: Certainty) -> u8 {
    match certainty {
        Certainty::Certain | Certainty::High => 1,
        Certainty::Medium => 4,
        Certainty::Low => 7,
    }
}
