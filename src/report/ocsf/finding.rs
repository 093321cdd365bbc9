//! A finding as an event.

use serde::Serialize;

use super::{Captioned, Class, Metadata, milliseconds};
use crate::finding::{Finding, Suppression};
use crate::level::{Certainty, Severity};
use crate::redact::redact;
use crate::report::credentials::ended;
use crate::report::{Report, Standing, history, words};

/// One finding.
#[derive(Serialize)]
pub(super) struct Event<'a> {
    #[serde(flatten)]
    class: Class,
    metadata: Metadata,
    time: i64,
    severity_id: u8,
    severity: &'static str,
    confidence_id: u8,
    confidence: &'static str,
    status_id: u8,
    status: &'static str,
    is_alert: bool,
    count: u64,
    message: String,
    finding_info: Info,
    data_security: DataSecurity,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<File>,
    resources: Vec<Resource<'a>>,
    observables: Vec<Observable>,
    unmapped: Unmapped<'a>,
}

#[derive(Serialize)]
struct Info {
    uid: String,
    uid_alt: String,
    title: String,
    desc: String,
    types: [String; 1],
    analytic: Analytic,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_seen_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen_time: Option<i64>,
}

#[derive(Serialize)]
struct Analytic {
    type_id: u8,
    #[serde(rename = "type")]
    kind: &'static str,
    uid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

#[derive(Serialize)]
struct DataSecurity {
    category_id: u8,
    category: &'static str,
    confidentiality_id: u8,
    confidentiality: &'static str,
    data_lifecycle_state_id: u8,
    data_lifecycle_state: &'static str,
    detection_system_id: u8,
    detection_system: &'static str,
    detection_pattern: String,
}

#[derive(Serialize)]
struct File {
    name: String,
    path: String,
    type_id: u8,
    #[serde(rename = "type")]
    kind: &'static str,
    /// The ID of the object in git that holds this version of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    is_deleted: bool,
}

/// What a finding is about: the place that holds the credential, the credential, and whose it is.
#[derive(Serialize)]
struct Resource<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    uid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<User<'a>>,
    role_id: u8,
    role: &'static str,
}

#[derive(Serialize)]
struct User<'a> {
    name: &'a str,
}

/// What a SIEM looks for in all events.
#[derive(Serialize)]
struct Observable {
    name: &'static str,
    type_id: u8,
    #[serde(rename = "type")]
    kind: &'static str,
    value: String,
}

/// What the schema has no attribute for, by its names in `docs/json.md`.
#[derive(Serialize)]
struct Unmapped<'a> {
    fails: bool,
    ownership: &'static str,
    line: Option<u64>,
    column: Option<u64>,
    secret: Option<String>,
    token: Option<String>,
    introduced_in: Option<String>,
    author: Option<&'a str>,
    whereabouts: Option<String>,
    next_step: Option<String>,
}

impl<'a> Event<'a> {
    pub(super) fn of(report: &Report<'_>, finding: &'a Finding) -> Self {
        let (severity, confidence) = (severity(finding.severity()), confidence(finding));
        let (activity, status) = state(report, finding);
        let fails = report.options.failing.includes(finding);
        let file = File::of(finding);
        Self {
            class: Class::new(Captioned(2, "Findings"), 2006, "Data Security Finding", activity),
            metadata: Metadata::AKID,
            time: milliseconds(report.now),
            severity_id: severity.0,
            severity: severity.1,
            confidence_id: confidence.0,
            confidence: confidence.1,
            status_id: status.0,
            status: status.1,
            is_alert: fails,
            count: finding.occurrences,
            message: words::facts(finding, report.rule(finding)),
            finding_info: Info::of(report, finding),
            data_security: DataSecurity::of(finding),
            observables: observables(finding, file.as_ref()),
            file,
            resources: resources(finding),
            unmapped: Unmapped::of(report, finding, fails),
        }
    }
}

/// What happened to the finding, and where it stands: both follow from a comparison with an older report.
fn state(report: &Report<'_>, finding: &Finding) -> (Captioned, Captioned) {
    let is_known = report.options.compared.is_some() && finding.novelty.is_none();
    match finding.suppression {
        Some(Suppression::Gone) => (Captioned(3, "Close"), Captioned(4, "Resolved")),
        _ if is_known => (Captioned(2, "Update"), Captioned(1, "New")),
        _ => (Captioned(1, "Create"), Captioned(1, "New")),
    }
}

fn severity(severity: Severity) -> Captioned {
    match severity {
        Severity::Low => Captioned(2, "Low"),
        Severity::Medium => Captioned(3, "Medium"),
        Severity::High => Captioned(4, "High"),
        Severity::Critical => Captioned(5, "Critical"),
    }
}

fn confidence(finding: &Finding) -> Captioned {
    match finding.confidence.certainty() {
        Certainty::Low => Captioned(1, "Low"),
        Certainty::Medium => Captioned(2, "Medium"),
        Certainty::High | Certainty::Certain => Captioned(3, "High"),
    }
}

impl Info {
    fn of(report: &Report<'_>, finding: &Finding) -> Self {
        let rule = report.rule(finding);
        let exposure = finding.exposure.as_deref();
        let first = exposure.and_then(|exposure| exposure.first.as_ref()?.committed);
        let last = match Standing::of(finding) {
            Standing::Current | Standing::Tip if finding.suppression.is_none() => Some(report.now),
            _ => exposure.and_then(ended),
        };
        Self {
            uid: words::identity(finding),
            uid_alt: finding.credential_id().to_string(),
            title: words::title(finding, rule).to_owned(),
            desc: rule.map_or_else(|| words::facts(finding, rule), |rule| rule.summary.clone()),
            types: [finding.rule.to_string()],
            analytic: Analytic {
                type_id: 1,
                kind: "Rule",
                uid: finding.rule.to_string(),
                name: rule.map(|rule| rule.title.clone()),
            },
            first_seen_time: first.map(milliseconds),
            last_seen_time: last.map(milliseconds),
        }
    }
}

impl DataSecurity {
    fn of(finding: &Finding) -> Self {
        Self {
            category_id: 6,
            category: "Security",
            confidentiality_id: 3,
            confidentiality: "Secret",
            data_lifecycle_state_id: 1,
            data_lifecycle_state: "Data at-Rest",
            detection_system_id: 11,
            detection_system: "Developer Security",
            detection_pattern: finding.rule.to_string(),
        }
    }
}

impl File {
    /// `None` if the credential is in something else: a message of a commit, a name, objects that have no path.
    fn of(finding: &Finding) -> Option<Self> {
        if finding.origin.is_name() || finding.is_unreachable() {
            return None;
        }
        let path = redact(finding.origin.path());
        let name = path.rsplit('/').next().filter(|name| !name.is_empty())?.to_owned();
        Some(Self {
            name,
            path,
            type_id: 1,
            kind: "Regular File",
            version: finding
                .exposure
                .as_ref()
                .and_then(|exposure| exposure.object)
                .map(|object| object.to_string()),
            is_deleted: Standing::of(finding) > Standing::Tip,
        })
    }
}

fn resources(finding: &Finding) -> Vec<Resource<'_>> {
    const AFFECTED: Captioned = Captioned(3, "Affected");
    const RELATED: Captioned = Captioned(4, "Related");
    let resource = |kind, uid: String, name, role: Captioned| Resource {
        kind,
        name,
        uid,
        owner: None,
        role_id: role.0,
        role: role.1,
    };
    let mut resources = vec![Resource {
        owner: finding.owner.name.as_deref().map(|name| User { name }),
        ..resource("AWS credential", credential(finding), None, AFFECTED)
    }];
    if let Some(repository) = finding.repository.as_deref() {
        let kind = if finding.exposure.is_some() { "git repository" } else { "folder" };
        resources.push(resource(
            kind,
            repository.identity().to_owned(),
            Some(repository.name.clone()),
            AFFECTED,
        ));
    }
    let account = finding.account.map(|account| {
        let name = words::account_label(account).map(str::to_owned);
        resource("AWS account", account.id.to_string(), name, RELATED)
    });
    resources.extend(account);
    resources
}

/// The name of the credential: its key ID, else the fingerprint of what was found of it.
fn credential(finding: &Finding) -> String {
    let name = &finding.credential;
    let fingerprint = || name.any_secret().or(name.token().copied()).map(|part| part.to_string());
    let id = name.id().map(|id| id.to_string()).or_else(fingerprint);
    id.unwrap_or_else(|| finding.credential_id().to_string())
}

fn observables(finding: &Finding, file: Option<&File>) -> Vec<Observable> {
    let path = file.map(|file| Observable {
        name: "file.path",
        type_id: 45,
        kind: "File Path",
        value: file.path.clone(),
    });
    let credential =
        Observable { name: "resources.uid", type_id: 10, kind: "Resource UID", value: credential(finding) };
    std::iter::once(credential).chain(path).collect()
}

impl<'a> Unmapped<'a> {
    fn of(report: &Report<'_>, finding: &'a Finding, fails: bool) -> Self {
        let place = finding.places.first().filter(|_| !finding.origin.is_name());
        let start = place.map(|place| place.main().start);
        let commit = finding.exposure.as_deref().and_then(|exposure| exposure.first.as_deref());
        Self {
            fails,
            ownership: finding.owner.ownership.as_str(),
            line: start.map(|start| start.line),
            column: start.map(|start| start.column),
            secret: finding.credential.any_secret().map(|secret| secret.to_string()),
            token: finding.credential.token().map(|token| token.to_string()),
            introduced_in: commit.map(|commit| commit.id.to_string()),
            author: commit.map(|commit| commit.author.as_str()),
            whereabouts: finding.exposure.as_deref().map(history::whereabouts),
            next_step: words::next_step(finding, report.rule(finding)),
        }
    }
}
