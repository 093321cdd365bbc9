//! A credential, as JSON has it.

use serde::Serialize;

use super::Status;
use super::finding::{Account, Commit, Repository};
use crate::finding;
use crate::redact::redact;
use crate::report::{self, Report, Standing, credentials};

/// A credential with a summary of its findings, which name it by `credential_id`.
#[derive(Serialize)]
pub(super) struct Credential<'a> {
    id: String,
    rule: &'a str,
    key_id: Option<String>,
    secret: Option<String>,
    token: Option<String>,
    severity: &'static str,
    confidence: &'static str,
    fails: bool,
    suppressed: Option<&'static str>,
    account: Option<Account>,
    ownership: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status<'a>>,
    counts: Counts,
    introduced_in: Option<Introduced<'a>>,
    still_there: bool,
    last_seen: Option<String>,
    best_place: BestPlace<'a>,
}

/// How many findings there are, and where.
#[derive(Serialize)]
struct Counts {
    findings: u64,
    suppressed: u64,
    repositories: u64,
    current: u64,
    other_tips: u64,
    past: u64,
    unreachable: u64,
}

#[derive(Serialize)]
struct Introduced<'a> {
    #[serde(flatten)]
    commit: Commit,
    repository: Option<Repository<'a>>,
}

/// Where to look first.
#[derive(Serialize)]
struct BestPlace<'a> {
    fingerprint: String,
    repository: Option<Repository<'a>>,
    path: String,
    line: Option<u64>,
    column: Option<u64>,
}

/// The credentials of a report, those that fail first; each is made when it is written.
pub(super) struct Credentials<'a>(pub(super) &'a Report<'a>);

impl Serialize for Credentials<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(report) = self;
        let credentials = credentials(report.scan, &report.options.failing);
        serializer.collect_seq(credentials.iter().map(Credential::of))
    }
}

impl<'a> Credential<'a> {
    fn of(credential: &report::Credential<'a>) -> Self {
        let best = credential.best();
        let name = &best.credential;
        let count = |standing| credential.count(&[standing]);
        let is_suppressed = credential.is_suppressed();
        Self {
            id: credential.id().to_string(),
            rule: best.rule.as_str(),
            key_id: name.id().map(|id| id.to_string()),
            secret: name.any_secret().map(|secret| secret.to_string()),
            token: name.token().map(|token| token.to_string()),
            severity: credential.severity().as_str(),
            confidence: credential.certainty().as_str(),
            fails: credential.fails,
            suppressed: best.suppression.filter(|_| is_suppressed).map(finding::Suppression::as_str),
            account: best.account.map(|account| Account::of(account, &best.owner)),
            ownership: best.owner.ownership.as_str(),
            status: best.owner.status.as_ref().map(Status::of),
            counts: Counts {
                findings: if is_suppressed { 0 } else { credential.findings.len() as u64 },
                suppressed: credential.suppressed,
                repositories: credential.repositories(),
                current: count(Standing::Current),
                other_tips: count(Standing::Tip),
                past: count(Standing::Past),
                unreachable: count(Standing::Unreachable),
            },
            introduced_in: credential.introduced().map(|(finding, commit)| Introduced {
                commit: Commit::of(commit),
                repository: finding.repository.as_deref().map(Repository::of),
            }),
            still_there: credential.is_still_there(),
            last_seen: credential.last_seen().map(|at| at.to_string()),
            best_place: BestPlace::of(best),
        }
    }
}

impl<'a> BestPlace<'a> {
    fn of(best: &'a finding::Finding) -> Self {
        let start = best.places.first().filter(|_| !best.origin.is_name()).map(|place| place.main().start);
        Self {
            fingerprint: best.fingerprint().to_string(),
            repository: best.repository.as_deref().map(Repository::of),
            path: redact(best.origin.path()),
            line: start.map(|start| start.line),
            column: start.map(|start| start.column),
        }
    }
}
