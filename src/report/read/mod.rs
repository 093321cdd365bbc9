//! Reports read back: from JSON or JSON Lines to the scan that they tell of, and from several scans to one.

mod finding;
mod merge;
mod status;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::json::SCHEMA;
use crate::finding::{Finding, Suppression};
use crate::level::Severity;
use crate::origin::{Origin, RelativePath};
use crate::redact::redact;
use crate::scan::{LeftOut, Scan, Stale};
use crate::source::{Excluded, ExcludedBy, Gap, GapKind, Notice, SkipReason, Skipped, Told};

pub use merge::{Compared, compare, merge};

/// A report that was read.
#[derive(Debug)]
pub struct Reported {
    /// What it tells of.
    pub scan: Scan,
    /// When the scan was made, if it says.
    pub at: Option<Timestamp>,
}

/// Why a file is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is neither JSON nor JSON Lines.
    #[error("line {line}, column {column}: not JSON, or not as a report of akid has it")]
    Json {
        /// Where, from 1.
        line: usize,
        /// Where, from 1.
        column: usize,
    },
    /// It is JSON of something else.
    #[error("not a report of akid in the formats json or jsonl: `schema` is not {SCHEMA}")]
    Schema,
}

/// Everything but the findings, and in the format json these, too.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Log {
    schema: String,
    time: Option<Timestamp>,
    findings: Vec<finding::Entry>,
    repositories: Vec<finding::Repository>,
    skipped: Vec<Input>,
    unreadable: Vec<Input>,
    accepted: Vec<Input>,
    excluded: Vec<ExcludedInput>,
    gaps: Vec<GapEntry>,
    notices: Vec<String>,
    stale: Vec<String>,
    resolution: Option<Resolution>,
    summary: Summary,
    complete: bool,
}

#[derive(Deserialize)]
struct Input {
    path: String,
    reason: String,
    message: String,
    justification: Option<String>,
}

#[derive(Deserialize)]
struct ExcludedInput {
    path: String,
    by: String,
}

#[derive(Deserialize)]
struct GapEntry {
    kind: String,
    message: String,
    justification: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Resolution {
    failures: Vec<String>,
    notes: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Summary {
    inputs: u64,
    members: u64,
    bytes: u64,
    interrupted: bool,
    findings: BTreeMap<String, u64>,
    suppressed: BTreeMap<String, u64>,
    left_out: Uncounted,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Uncounted {
    skipped: u64,
    unreadable: u64,
    accepted: u64,
    excluded: u64,
}

/// A line of JSON Lines.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line {
    Finding(Box<finding::Entry>),
    Summary(Box<Log>),
}

/// Reads a report. JSON Lines without the line that ends them were cut short: that is a gap of the scan.
///
/// # Errors
///
/// If `text` is no report.
pub fn read(text: &[u8]) -> Result<Reported, ReadError> {
    let is_lines = text.trim_ascii_start().starts_with(b"{\"type\":");
    let log = if is_lines { read_lines(text)? } else { parsed(text, 1)? };
    if log.schema != SCHEMA {
        return Err(ReadError::Schema);
    }
    Ok(log.into_reported())
}

fn read_lines(text: &[u8]) -> Result<Log, ReadError> {
    let mut findings = Vec::new();
    let mut end = None;
    for (nth, line) in text.split(|&byte| byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        match parsed(line, nth + 1) {
            Ok(Line::Finding(finding)) => findings.push(*finding),
            Ok(Line::Summary(log)) => end = Some(log),
            // The last line may be cut anywhere.
            Err(_) if !findings.is_empty() && !text.ends_with(b"\n") => break,
            Err(error) => return Err(error),
        }
    }
    let message = "the report ends before its summary: it was cut short".to_owned();
    let cut_short = || {
        let gap = GapEntry { kind: GapKind::Report.as_str().to_owned(), message, justification: None };
        Box::new(Log { schema: SCHEMA.to_owned(), gaps: vec![gap], ..Log::default() })
    };
    Ok(Log { findings, ..*end.unwrap_or_else(cut_short) })
}

fn parsed<T: DeserializeOwned>(text: &[u8], line: usize) -> Result<T, ReadError> {
    // What serde says of an error may repeat a value.
    serde_json::from_slice(text).map_err(|error| ReadError::Json {
        line: line + error.line().saturating_sub(1),
        column: error.column(),
    })
}

impl Log {
    fn into_reported(self) -> Reported {
        let mut findings: Vec<Finding> = self.findings.into_iter().filter_map(finding::Entry::read).collect();
        let at = self.time;
        for finding in findings.iter_mut().filter(|finding| finding.seen.is_empty()) {
            finding.seen.extend(at);
        }
        let mut scan = Scan {
            left_out: self.summary.left_out(&findings),
            findings,
            repositories: self.repositories.into_iter().map(|name| Arc::new(name.read())).collect(),
            skipped: self.skipped.into_iter().map(Input::read).collect(),
            unreadable: self.unreadable.into_iter().map(Input::read).collect(),
            accepted: self.accepted.into_iter().map(Input::read_accepted).collect(),
            excluded: self.excluded.into_iter().map(ExcludedInput::read).collect(),
            notices: self.notices.iter().map(|text| Notice::Told(redact(text.as_bytes()))).collect(),
            stale: self.stale.iter().map(|text| Stale::Told(redact(text.as_bytes()))).collect(),
            inputs: self.summary.inputs,
            members: self.summary.members,
            bytes: self.summary.bytes,
            interrupted: self.summary.interrupted,
            ..Scan::default()
        };
        scan.is_of_several = scan.repositories.len() > 1;
        for gap in self.gaps {
            let told = gap.read();
            match gap.justification {
                Some(reason) => drop(scan.accepted_gaps.insert((told, redact(reason.as_bytes())))),
                None => drop(scan.gaps.insert(told)),
            }
        }
        if let Some(resolution) = self.resolution {
            scan.resolution.failures =
                resolution.failures.iter().map(|text| redact(text.as_bytes())).collect();
            scan.resolution.notes = resolution.notes.iter().map(|text| redact(text.as_bytes())).collect();
        }
        if !self.complete && scan.is_complete() {
            scan.gaps.insert(Gap::Told(GapKind::Report, "the report says that it is incomplete".to_owned()));
        }
        Reported { scan, at }
    }
}

fn origin(path: &str) -> Origin {
    Origin::File(RelativePath::from_bytes(path.as_bytes()))
}

impl Input {
    fn read(self) -> Skipped {
        let Self { path, reason, message, .. } = self;
        let [word, message] = [reason, message].map(|text| redact(text.as_bytes()));
        Skipped { origin: origin(&path), reason: SkipReason::Told(Arc::new(Told { word, message })) }
    }

    fn read_accepted(mut self) -> (Skipped, String) {
        let reason = self.justification.take().unwrap_or_default();
        (self.read(), redact(reason.as_bytes()))
    }
}

impl ExcludedInput {
    fn read(self) -> Excluded {
        let by = if self.by == "size" { ExcludedBy::Size } else { ExcludedBy::Glob };
        Excluded { origin: origin(&self.path), by }
    }
}

impl GapEntry {
    fn read(&self) -> Gap {
        let known = GapKind::ACCEPTABLE.into_iter().find(|kind| kind.as_str() == self.kind);
        Gap::Told(known.unwrap_or(GapKind::Report), redact(self.message.as_bytes()))
    }
}

impl Summary {
    /// What the report counts and does not list.
    fn left_out(&self, listed: &[Finding]) -> LeftOut {
        let mut left_out = LeftOut {
            limit: listed.len(),
            skipped: self.left_out.skipped,
            unreadable: self.left_out.unreadable,
            accepted: self.left_out.accepted,
            excluded: self.left_out.excluded,
            ..LeftOut::default()
        };
        for severity in Severity::ALL {
            let is_it = |finding: &&Finding| finding.suppression.is_none() && finding.severity() == severity;
            let all = self.findings.get(severity.as_str()).copied().unwrap_or_default();
            let more = all.saturating_sub(listed.iter().filter(is_it).count() as u64);
            if more > 0 {
                left_out.by_severity.insert(severity, more);
            }
        }
        for suppression in Suppression::ALL {
            let is_it = |finding: &&Finding| finding.suppression == Some(suppression);
            let all = self.suppressed.get(suppression.as_str()).copied().unwrap_or_default();
            let more = all.saturating_sub(listed.iter().filter(is_it).count() as u64);
            if more > 0 {
                left_out.by_suppression.insert(suppression, more);
            }
        }
        left_out
    }
}
