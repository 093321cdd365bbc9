//! GitLab's report of secret detection, by its schema 15.2.1.
//!
//! GitLab takes `description` for Markdown, so nothing in it comes from the input; facts that do are `details`, which
//! are shown as they are. `raw_source_code_extract` is left out: it is for source code as it is, with the secret.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use super::remarks::{Remark, Sort, remarks};
use super::tally::Tally;
use super::{Report, history, summary, words};
use crate::finding;
use crate::redact::redact;

const SCHEMA: &str = "15.2.1";
/// The longest name and solution that the schema allows, in characters.
const MAX_NAME: usize = 255;
const MAX_SOLUTION: usize = 7000;
/// How many messages there are at most; GitLab shows them in one box.
const MAX_MESSAGES: usize = 100;
/// What GitLab's own analyzer writes where no commit is known.
const NO_COMMIT: &str = "0000000";

/// Writes one object.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let log = Log { version: SCHEMA, scan: Scan::of(report), vulnerabilities: Vulnerabilities(report) };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

#[derive(Serialize)]
struct Log<'a> {
    version: &'static str,
    scan: Scan,
    vulnerabilities: Vulnerabilities<'a>,
}

/// The findings that count, each made when it is written.
struct Vulnerabilities<'a>(&'a Report<'a>);

impl Serialize for Vulnerabilities<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(report) = self;
        serializer.collect_seq(report.counting().map(|finding| Vulnerability::of(report, finding)))
    }
}

#[derive(Serialize)]
struct Scan {
    analyzer: Tool,
    scanner: Tool,
    #[serde(rename = "type")]
    sort: &'static str,
    start_time: String,
    end_time: String,
    status: &'static str,
    messages: Vec<Message>,
}

#[derive(Clone, Copy, Serialize)]
struct Tool {
    id: &'static str,
    name: &'static str,
    version: &'static str,
    vendor: Vendor,
}

#[derive(Clone, Copy, Serialize)]
struct Vendor {
    name: &'static str,
}

#[derive(Serialize)]
struct Message {
    level: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Vulnerability<'a> {
    id: String,
    name: String,
    description: String,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    solution: Option<String>,
    identifiers: Vec<Identifier<'a>>,
    details: Details,
    location: Location,
}

#[derive(Serialize)]
struct Identifier<'a> {
    #[serde(rename = "type")]
    sort: &'static str,
    name: String,
    value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'static str>,
}

/// The facts, in the order in which GitLab shows them.
#[derive(Serialize)]
struct Details {
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<Detail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<Detail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<Detail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<Detail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<Detail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<Detail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unresolved: Option<Detail>,
    confidence: Detail,
    fails: Detail,
    occurrences: Detail,
    #[serde(skip_serializing_if = "Option::is_none")]
    brought_by: Option<Detail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_history: Option<Detail>,
}

/// A fact that is shown as it is.
#[derive(Serialize)]
struct Detail {
    name: &'static str,
    #[serde(rename = "type")]
    sort: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Location {
    file: String,
    start_line: u64,
    end_line: u64,
    commit: Commit,
}

#[derive(Serialize)]
struct Commit {
    sha: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl Scan {
    fn of(report: &Report<'_>) -> Self {
        let name = env!("CARGO_PKG_NAME");
        let akid = Tool { id: name, name, version: env!("CARGO_PKG_VERSION"), vendor: Vendor { name } };
        // The clock is read once.
        let now = time(report.now);
        Self {
            analyzer: akid,
            scanner: akid,
            sort: "secret_detection",
            start_time: now.clone(),
            end_time: now,
            status: if report.scan.is_complete() { "success" } else { "failure" },
            messages: messages(report),
        }
    }
}

/// Everything there is to say of the run. What is more than fits is told by its number.
fn messages(report: &Report<'_>) -> Vec<Message> {
    let level = |remark: &Remark| match remark.sort {
        Sort::Interrupted => "fatal",
        sort if remark.is_error || sort.is_warning() => "warn",
        _ => "info",
    };
    let mut remarks = remarks(report.scan, report.options.hints);
    let told = remarks.by_ref().take(MAX_MESSAGES);
    let mut messages: Vec<_> =
        told.map(|remark| Message { level: level(&remark), value: remark.told() }).collect();
    let untold = remarks.count();
    if untold > 0 {
        messages.push(Message { level: "warn", value: format!("{untold} more messages are in akid's log") });
    }
    let sums = [summary::found(report, &Tally::of(report.scan)), summary::scanned(report)];
    messages.extend(sums.map(|value| Message { level: "info", value }));
    messages
}

impl<'a> Vulnerability<'a> {
    fn of(report: &Report<'_>, finding: &'a finding::Finding) -> Self {
        let rule = report.rule(finding);
        let title = words::title(finding, rule);
        let summary = rule.map(|rule| rule.summary.trim()).filter(|summary| !summary.is_empty());
        Self {
            id: finding.fingerprint().to_string(),
            name: words::cut(title, MAX_NAME),
            description: format!("{}{}", summary.unwrap_or(title), inside(report, finding)),
            severity: words::capitalised(finding.severity()),
            solution: words::next_step(finding, rule).map(|step| words::cut(&step, MAX_SOLUTION)),
            identifiers: identifiers(finding),
            details: Details::of(report, finding),
            location: Location::of(finding),
        }
    }
}

/// Where in an archive it is, which the location has no room for.
fn inside(report: &Report<'_>, finding: &finding::Finding) -> String {
    let Some(_) = finding.origin.member() else { return String::new() };
    let place = finding.places.first().filter(|_| !finding.origin.is_name());
    let line = place.map(|place| format!(":{}", place.main().start.line)).unwrap_or_default();
    format!(" It is at {}{line}.", words::whole_path(report, finding))
}

/// What GitLab knows findings of one sort by; the first counts.
fn identifiers(finding: &finding::Finding) -> Vec<Identifier<'_>> {
    let rule = finding.rule.as_str();
    vec![
        Identifier { sort: "akid_rule_id", name: format!("akid rule {rule}"), value: rule, url: None },
        Identifier {
            sort: "cwe",
            name: "CWE-798".to_owned(),
            value: "798",
            url: Some("https://cwe.mitre.org/data/definitions/798.html"),
        },
    ]
}

impl Details {
    fn of(report: &Report<'_>, finding: &finding::Finding) -> Self {
        let name = &finding.credential;
        let owner = &finding.owner;
        let exposure = finding.exposure.as_deref();
        let detail = |name| move |value| Detail { name, sort: "text", value };
        Self {
            repository: finding
                .repository
                .as_deref()
                .map(|repository| repository.identity().to_owned())
                .map(detail("Repository")),
            key_id: name.id().map(|id| id.to_string()).map(detail("Key ID")),
            secret: name.any_secret().map(|secret| secret.to_string()).map(detail("Secret (fingerprint)")),
            token: name.token().map(|token| token.to_string()).map(detail("Session token (fingerprint)")),
            account: finding.account.map(|account| words::account(account, owner)).map(detail("Account")),
            says: words::says(finding, report.now).map(detail("It says of itself")),
            unresolved: owner.unresolved.clone().map(detail("Not resolved")),
            confidence: detail("Confidence")(words::confidence(&finding.confidence)),
            fails: detail("Fails the run")(
                if report.options.failing.includes(finding) { "yes" } else { "no" }.to_owned(),
            ),
            occurrences: detail("Occurrences")(finding.occurrences.to_string()),
            brought_by: exposure.and_then(history::introduced).map(detail("Brought by")),
            in_history: exposure.map(history::whereabouts).map(detail("In history")),
        }
    }
}

impl Location {
    fn of(finding: &finding::Finding) -> Self {
        // A name has no line; what it names begins at its first.
        let has_line = !finding.origin.is_name() && finding.origin.member().is_none();
        let place = finding.places.first().filter(|_| has_line);
        let (start_line, end_line) =
            place.map_or((1, 1), |place| (place.main().start.line, place.main().end.line));
        let first = finding.exposure.as_deref().and_then(|exposure| exposure.first.as_ref());
        let text = |text: &String| (!text.is_empty()).then(|| text.clone());
        Self {
            // Of what is in an archive, the archive.
            file: redact(finding.origin.root().path()),
            start_line,
            end_line,
            commit: Commit {
                sha: first.map_or_else(|| NO_COMMIT.to_owned(), |commit| commit.id.to_string()),
                author: first.and_then(|commit| text(&commit.author)),
                date: first.and_then(|commit| commit.committed).map(|at| at.to_string()),
                message: first.and_then(|commit| text(&commit.subject)),
            },
        }
    }
}

/// A time as the schema has it: of UTC, without saying so.
fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}
