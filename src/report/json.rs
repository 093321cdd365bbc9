//! The reports for programs: schema `akid/1`, described at [`Format::Json`](super::Format::Json).
//!
//! A key is never taken away or given another meaning within a version of the schema; new keys may come.

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use super::tally::Tally;
use super::{Report, history, words};
use crate::finding;
use crate::level::Severity;
use crate::origin::Member;
use crate::owner;
use crate::redact::redact;
use crate::resolve;
use crate::source;

pub(super) const SCHEMA: &str = "akid/1";

/// Writes one object.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let findings = report.scan.findings.iter().map(|finding| Finding::of(finding, report.now)).collect();
    serde_json::to_writer_pretty(&mut *out, &Log { findings: Some(findings), ..Log::of(report) })?;
    writeln!(out)
}

/// Writes a finding a line, then the rest.
pub(super) fn write_lines(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for finding in &report.scan.findings {
        write_line(&Line::Finding(&Finding::of(finding, report.now)), out)?;
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
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<Vec<Finding<'a>>>,
    skipped: Vec<Skipped>,
    accepted: Vec<Accepted<'a>>,
    excluded: Vec<Excluded>,
    gaps: Vec<String>,
    stale: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution: Option<Resolution<'a>>,
    summary: Summary,
    complete: bool,
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
struct Finding<'a> {
    rule: &'a str,
    severity: &'static str,
    confidence: Confidence,
    fingerprint: String,
    credential_id: String,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    archive: Option<Archive>,
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<Layer>,
    stands_in: &'static str,
    key_id: Option<&'a str>,
    secret: Option<String>,
    token: Option<String>,
    account: Option<Account>,
    ownership: &'static str,
    unresolved: Option<&'a str>,
    signed: Option<Signed>,
    exposure: Option<Exposure>,
    suppressed: Option<&'static str>,
    justification: Option<&'a str>,
    occurrences: u64,
    places: Vec<Place>,
}

/// What a finding is inside of.
#[derive(Serialize)]
struct Archive {
    path: String,
    members: Vec<String>,
}

/// A layer of a container image.
#[derive(Serialize)]
struct Layer {
    number: u64,
    of: u64,
    image: Option<String>,
    made_by: Option<String>,
    deleted_later: bool,
}

#[derive(Serialize)]
struct Confidence {
    level: &'static str,
    reasons: Vec<&'static str>,
}

#[derive(Serialize)]
pub(super) struct Account {
    id: String,
    known_by: &'static str,
    label: Option<&'static str>,
    name: Option<String>,
    otherwise: Option<Claim>,
}

#[derive(Serialize)]
struct Claim {
    id: String,
    known_by: &'static str,
}

#[derive(Serialize)]
struct Signed {
    signed_at: Option<String>,
    expires_at: Option<String>,
    region: Option<String>,
    service: Option<String>,
}

#[derive(Serialize)]
struct Exposure {
    object: Option<String>,
    first: Option<Commit>,
    last: Option<Commit>,
    versions: u64,
    lives: &'static str,
    tips: Vec<String>,
    at_head: bool,
    expired_if_dates_are_right: bool,
}

#[derive(Serialize)]
struct Commit {
    commit: String,
    author: String,
    authored: Option<String>,
    committed: Option<String>,
    subject: String,
}

#[derive(Serialize)]
struct Place {
    key_id: Option<Location>,
    secret: Option<Location>,
    token: Option<Location>,
    excerpt: String,
    encodings: Vec<&'static str>,
}

#[derive(Serialize)]
struct Location {
    line: u64,
    column: u64,
    end_line: u64,
    end_column: u64,
    start: u64,
    end: u64,
}

#[derive(Serialize)]
struct Skipped {
    path: String,
    reason: &'static str,
    message: String,
}

/// What the user accepts that it was not scanned whole.
#[derive(Serialize)]
struct Accepted<'a> {
    #[serde(flatten)]
    skipped: Skipped,
    justification: &'a str,
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
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl<'a> Log<'a> {
    /// Everything but the findings.
    fn of(report: &'a Report<'_>) -> Self {
        let scan = report.scan;
        let accepted = scan.accepted.iter();
        let accepted = accepted
            .map(|(skipped, justification)| Accepted { skipped: Skipped::of(skipped), justification });
        let excluded = scan.excluded.iter().map(|excluded| Excluded {
            path: redact(excluded.origin.path()),
            by: words::excluded_by(excluded.by),
        });
        let tally = Tally::of(scan);
        Self {
            schema: SCHEMA,
            tool: Tool::AKID,
            findings: None,
            skipped: scan.skipped.iter().map(Skipped::of).collect(),
            accepted: accepted.collect(),
            excluded: excluded.collect(),
            gaps: scan.gaps.iter().map(words::gap).collect(),
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
                suppressed: BTreeMap::from(finding::Suppression::ALL.map(|reason| {
                    (reason.as_str(), tally.by_suppression.get(&reason).copied().unwrap_or(0))
                })),
            },
            complete: words::is_complete(scan),
        }
    }
}

impl Skipped {
    fn of(skipped: &source::Skipped) -> Self {
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
        let resolve::Resolution { caller, failures, notes } = resolution;
        let caller =
            caller.as_ref().map(|caller| Caller { account: caller.account.to_string(), arn: &caller.arn });
        let is_told = caller.is_some() || !failures.is_empty() || !notes.is_empty();
        is_told.then_some(Self { caller, failures, notes })
    }
}

impl<'a> Finding<'a> {
    fn of(finding: &'a finding::Finding, now: Timestamp) -> Self {
        let name = &finding.credential;
        Self {
            rule: finding.rule.as_str(),
            severity: finding.severity.as_str(),
            confidence: Confidence {
                level: finding.confidence.certainty().as_str(),
                reasons: finding.confidence.doubts().iter().map(|doubt| doubt.as_str()).collect(),
            },
            fingerprint: finding.fingerprint().to_string(),
            credential_id: finding.credential_id().to_string(),
            path: redact(finding.origin.path()),
            archive: finding.origin.member().map(Archive::of),
            layer: finding.layer.as_ref().map(Layer::of),
            stands_in: if finding.origin.is_name() { "name" } else { "content" },
            key_id: name.key_id.as_ref().map(|id| id.as_str()),
            secret: name.secret.map(|secret| secret.to_string()),
            token: name.token.map(|token| token.to_string()),
            account: finding.account.map(|account| Account::of(account, &finding.owner)),
            ownership: finding.owner.ownership.as_str(),
            unresolved: finding.owner.unresolved.as_deref(),
            signed: finding.signed.as_ref().map(Signed::of),
            exposure: finding.exposure.as_ref().map(|exposure| Exposure::of(finding, exposure, now)),
            suppressed: finding.suppression.map(finding::Suppression::as_str),
            justification: finding.justification.as_deref(),
            occurrences: finding.occurrences,
            places: finding.places.iter().map(Place::of).collect(),
        }
    }
}

impl Archive {
    fn of(member: &Member) -> Self {
        let members = member.names().iter().map(|name| redact(name)).collect();
        Self { path: redact(member.root().path()), members }
    }
}

impl Layer {
    fn of(layer: &finding::ImageLayer) -> Self {
        let text = |text: &Option<String>| text.as_ref().map(|text| redact(text.as_bytes()));
        Self {
            number: layer.number,
            of: layer.of,
            image: text(&layer.image),
            made_by: text(&layer.made_by),
            deleted_later: layer.is_deleted,
        }
    }
}

impl Account {
    pub(super) fn of(account: owner::Account, owner: &owner::Owner) -> Self {
        Self {
            id: account.id.to_string(),
            known_by: account.known_by.as_str(),
            label: words::account_label(account),
            name: owner.name.clone(),
            otherwise: account
                .otherwise
                .map(|claim| Claim { id: claim.id.to_string(), known_by: claim.known_by.as_str() }),
        }
    }
}

impl Signed {
    fn of(signed: &finding::SignedRequest) -> Self {
        let text = |text: &Option<String>| text.as_ref().map(|text| redact(text.as_bytes()));
        Self {
            signed_at: signed.signed_at.map(|at| at.to_string()),
            expires_at: signed.expires_at.map(|at| at.to_string()),
            region: text(&signed.region),
            service: text(&signed.service),
        }
    }
}

impl Exposure {
    fn of(finding: &finding::Finding, exposure: &finding::Exposure, now: Timestamp) -> Self {
        Self {
            object: exposure.object.map(|id| id.to_string()),
            first: exposure.first.as_ref().map(Commit::of),
            last: exposure.last.as_ref().map(Commit::of),
            versions: exposure.versions,
            lives: exposure.lives.as_str(),
            tips: exposure.tips.iter().map(|tip| redact(tip.name.as_bytes())).collect(),
            at_head: exposure.at_head,
            expired_if_dates_are_right: history::is_over(finding, exposure, now),
        }
    }
}

impl Commit {
    fn of(commit: &finding::Commit) -> Self {
        Self {
            commit: commit.id.to_string(),
            author: commit.author.clone(),
            authored: commit.authored.map(|at| at.to_string()),
            committed: commit.committed.map(|at| at.to_string()),
            subject: commit.subject.clone(),
        }
    }
}

impl Place {
    fn of(place: &finding::Place) -> Self {
        Self {
            key_id: place.key_id.map(Location::of),
            secret: place.secret.map(Location::of),
            token: place.token.map(Location::of),
            excerpt: place.excerpt.to_string(),
            encodings: place.encodings.iter().map(|encoding| encoding.as_str()).collect(),
        }
    }
}

impl Location {
    fn of(location: finding::Location) -> Self {
        Self {
            line: location.start.line,
            column: location.start.column,
            end_line: location.end.line,
            end_column: location.end.column,
            start: location.span.start,
            end: location.span.end,
        }
    }
}
