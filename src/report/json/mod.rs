//! The reports for programs: schema `akid/1`, described at [`Format::Json`](super::Format::Json).
//!
//! A key is never taken away or given another meaning within a version of the schema; new keys may come.

mod credential;
mod finding;
mod status;

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::tally::Tally;
use super::{Report, words};
use crate::finding::Suppression;
use crate::level::Severity;
use crate::redact::redact;
use crate::resolve;
use crate::scan;
use crate::source;
use credential::Credentials;
pub(super) use finding::Account;
use finding::{Finding, Repository};
pub(super) use status::Status;
#[cfg(feature = "respond")]
pub(super) use status::{LastUsed, time};

pub(super) const SCHEMA: &str = "akid/1";

/// Writes one object.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &Log { findings: Some(Findings(report)), ..Log::of(report) })?;
    writeln!(out)
}

/// Writes a finding a line, then the rest.
pub(super) fn write_lines(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for finding in &report.scan.findings {
        write_line(&Line::Finding(&Finding::of(report, finding)), out)?;
    }
    write_line(&Line::Summary(&Log::of(report)), out)
}

fn write_line(line: &Line<'_>, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    writeln!(out)
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line<'a> {
    Finding(&'a Finding<'a>),
    Summary(&'a Log<'a>),
}

#[derive(Serialize)]
struct Log<'a> {
    schema: &'static str,
    tool: Tool,
    time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<Findings<'a>>,
    credentials: Credentials<'a>,
    repositories: Vec<Repository<'a>>,
    skipped: Vec<Skipped<'a>>,
    unreadable: Vec<Skipped<'a>>,
    accepted: Vec<Accepted<'a>>,
    excluded: Vec<Excluded>,
    gaps: Vec<Gap>,
    notices: Vec<String>,
    stale: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution: Option<Resolution<'a>>,
    summary: Summary,
    complete: bool,
}

/// The findings, each made when it is written: all of them at once take as much memory as the scan.
struct Findings<'a>(&'a Report<'a>);

impl Serialize for Findings<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(report) = self;
        serializer.collect_seq(report.scan.findings.iter().map(|finding| Finding::of(report, finding)))
    }
}

#[derive(Serialize)]
pub(super) struct Tool {
    name: &'static str,
    version: &'static str,
}

impl Tool {
    pub(super) const AKID: Self = Self { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };
}

#[derive(Serialize)]
struct Skipped<'a> {
    path: String,
    reason: &'a str,
    message: String,
}

/// What the user accepts that it was not scanned whole.
#[derive(Serialize)]
struct Accepted<'a> {
    #[serde(flatten)]
    skipped: Skipped<'a>,
    justification: &'a str,
}

/// Something that was asked for and not read.
#[derive(Serialize)]
struct Gap {
    kind: &'static str,
    message: String,
    /// Why the user accepts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<String>,
}

impl Gap {
    fn of(gap: &source::Gap) -> Self {
        Self { kind: gap.kind().as_str(), message: words::gap(gap), justification: None }
    }
}

#[derive(Serialize)]
struct Excluded {
    path: String,
    by: &'static str,
}

/// What came of asking AWS.
#[derive(Serialize)]
pub(super) struct Resolution<'a> {
    caller: Option<Caller<'a>>,
    failures: &'a [String],
    notes: &'a [String],
}

#[derive(Serialize)]
struct Caller<'a> {
    account: String,
    arn: &'a str,
}

#[derive(Serialize)]
struct Summary {
    inputs: u64,
    #[serde(skip_serializing_if = "is_zero")]
    members: u64,
    bytes: u64,
    interrupted: bool,
    findings: BTreeMap<&'static str, u64>,
    suppressed: BTreeMap<&'static str, u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<LeftOut>,
}

/// How much is counted and not listed.
#[derive(Serialize)]
struct LeftOut {
    findings: u64,
    suppressed: u64,
    skipped: u64,
    unreadable: u64,
    accepted: u64,
    excluded: u64,
}

impl LeftOut {
    /// `None` where everything is listed.
    fn of(left_out: &scan::LeftOut) -> Option<Self> {
        let scan::LeftOut { skipped, unreadable, accepted, excluded, .. } = *left_out;
        let (findings, suppressed) = (left_out.findings(), left_out.suppressed());
        let is_any = findings + suppressed + skipped + unreadable + accepted + excluded > 0;
        is_any.then_some(Self { findings, suppressed, skipped, unreadable, accepted, excluded })
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl<'a> Log<'a> {
    /// Everything but the findings.
    fn of(report: &'a Report<'a>) -> Self {
        let scan: &scan::Scan = report.scan;
        let accepted = scan.accepted.iter();
        let accepted = accepted
            .map(|(skipped, justification)| Accepted { skipped: Skipped::of(skipped), justification });
        let excluded = scan.excluded.iter().map(|excluded| Excluded {
            path: redact(excluded.origin.path()),
            by: words::excluded_by(excluded.by),
        });
        let gaps = scan.gaps.iter().map(Gap::of);
        let accepted_gaps = scan
            .accepted_gaps
            .iter()
            .map(|(gap, reason)| Gap { justification: Some(reason.clone()), ..Gap::of(gap) });
        let tally = Tally::of(scan);
        Self {
            schema: SCHEMA,
            tool: Tool::AKID,
            time: report.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            findings: None,
            credentials: Credentials(report),
            repositories: scan.repositories.iter().map(|repository| Repository::of(repository)).collect(),
            skipped: scan.skipped.iter().map(Skipped::of).collect(),
            unreadable: scan.unreadable.iter().map(Skipped::of).collect(),
            accepted: accepted.collect(),
            excluded: excluded.collect(),
            gaps: gaps.chain(accepted_gaps).collect(),
            notices: scan.notices.iter().map(words::notice).collect(),
            stale: scan.stale.iter().map(words::stale).collect(),
            resolution: Resolution::of(&scan.resolution),
            summary: Summary {
                inputs: scan.inputs,
                members: scan.members,
                bytes: scan.bytes,
                interrupted: scan.interrupted,
                findings: BTreeMap::from(Severity::ALL.map(|severity| {
                    (severity.as_str(), tally.by_severity.get(&severity).copied().unwrap_or(0))
                })),
                suppressed: BTreeMap::from(Suppression::ALL.map(|reason| {
                    (reason.as_str(), tally.by_suppression.get(&reason).copied().unwrap_or(0))
                })),
                left_out: LeftOut::of(&scan.left_out),
            },
            complete: scan.is_complete(),
        }
    }
}

impl<'a> Skipped<'a> {
    fn of(skipped: &'a source::Skipped) -> Self {
        Self {
            path: redact(skipped.origin.path()),
            reason: words::skip_reason(&skipped.reason),
            message: words::skip_message(&skipped.reason),
        }
    }
}

impl<'a> Resolution<'a> {
    /// `None` where AWS was not asked.
    pub(super) fn of(resolution: &'a resolve::Resolution) -> Option<Self> {
        let resolve::Resolution { caller, failures, notes, known: _ } = resolution;
        let caller =
            caller.as_ref().map(|caller| Caller { account: caller.account.to_string(), arn: &caller.arn });
        let is_told = caller.is_some() || !failures.is_empty() || !notes.is_empty();
        is_told.then_some(Self { caller, failures, notes })
    }
}
