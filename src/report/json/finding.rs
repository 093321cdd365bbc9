//! A finding, as JSON has it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::Status;
use crate::finding;
use crate::origin::Member;
use crate::owner;
use crate::redact::redact;
use crate::report::{Report, history, words};

#[derive(Serialize)]
pub(super) struct Finding<'a> {
    rule: &'a str,
    severity: &'static str,
    rule_severity: &'static str,
    confidence: Confidence,
    fails: bool,
    fingerprint: String,
    credential_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pair_id: Option<String>,
    repository: Option<Repository<'a>>,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    archive: Option<Archive>,
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<Layer>,
    found_in: &'static str,
    key_id: Option<String>,
    secret: Option<String>,
    token: Option<String>,
    account: Option<Account>,
    ownership: &'static str,
    unresolved: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status<'a>>,
    signed: Option<Signed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claims: Option<Claims>,
    exposure: Option<Exposure>,
    suppressed: Option<&'static str>,
    justification: Option<&'a str>,
    occurrences: u64,
    places: Vec<Place>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    seen: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<&'static str>,
}

/// What a finding is in: a repository, or a folder that was scanned.
#[derive(Serialize)]
pub(super) struct Repository<'a> {
    name: &'a str,
    url: Option<&'a str>,
    path: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    labels: &'a BTreeMap<String, String>,
}

impl<'a> Repository<'a> {
    pub(super) fn of(repository: &'a finding::RepositoryName) -> Self {
        Self {
            name: &repository.name,
            url: repository.url.as_deref(),
            path: &repository.path,
            labels: &repository.labels,
        }
    }
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
    total: u64,
    image: Option<String>,
    created_by: Option<String>,
    deleted_later: bool,
}

#[derive(Serialize)]
struct Confidence {
    level: &'static str,
    reasons: Vec<&'static str>,
}

#[derive(Serialize)]
pub(in crate::report) struct Account {
    id: String,
    known_by: &'static str,
    label: Option<&'static str>,
    name: Option<String>,
    conflicting_account: Option<Claim>,
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

/// What the secret of a service says of itself.
#[derive(Serialize)]
struct Claims {
    user: Option<String>,
    region: Option<String>,
    start_url: Option<String>,
    issued_at: Option<String>,
    expires_at: Option<String>,
}

#[derive(Serialize)]
struct Exposure {
    object: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    other_objects: Vec<String>,
    introduced_in: Option<Commit>,
    last_changed_in: Option<Commit>,
    removed_in: Option<Commit>,
    versions: u64,
    reachability: &'static str,
    tips: Vec<String>,
    #[serde(skip_serializing_if = "super::is_zero")]
    more_tips: u64,
    at_head: bool,
    expired_if_dates_are_right: bool,
}

#[derive(Serialize)]
pub(super) struct Commit {
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

impl<'a> Finding<'a> {
    pub(super) fn of(report: &Report<'_>, finding: &'a finding::Finding) -> Self {
        let (name, now) = (&finding.credential, report.now);
        Self {
            rule: finding.rule.as_str(),
            severity: finding.severity().as_str(),
            rule_severity: finding.rule_severity.as_str(),
            confidence: Confidence {
                level: finding.confidence.certainty().as_str(),
                reasons: finding.confidence.doubts().iter().map(|doubt| doubt.as_str()).collect(),
            },
            fails: report.options.failing.includes(finding),
            fingerprint: finding.fingerprint().to_string(),
            credential_id: finding.credential_id().to_string(),
            pair_id: finding.pair_id().map(|id| id.to_string()),
            repository: finding.repository.as_deref().map(Repository::of),
            path: redact(finding.origin.path()),
            archive: finding.origin.member().map(Archive::of),
            layer: finding.layer.as_deref().map(Layer::of),
            found_in: if finding.origin.is_name() { "name" } else { "content" },
            key_id: name.id().map(|id| id.to_string()),
            secret: name.any_secret().map(|secret| secret.to_string()),
            token: name.token().map(|token| token.to_string()),
            account: finding.account.map(|account| Account::of(account, &finding.owner)),
            ownership: finding.owner.ownership.as_str(),
            unresolved: finding.owner.unresolved.as_deref(),
            status: finding.owner.status.as_ref().map(Status::of),
            signed: finding.signed.as_deref().map(Signed::of),
            claims: finding.claims.as_deref().map(Claims::of),
            exposure: finding.exposure.as_deref().map(|exposure| Exposure::of(finding, exposure, now)),
            suppressed: finding.suppression.map(finding::Suppression::as_str),
            justification: finding.justification.as_deref(),
            occurrences: finding.occurrences,
            places: finding.places.iter().map(Place::of).collect(),
            seen: finding.seen.iter().map(ToString::to_string).collect(),
            new: finding.novelty.map(finding::Novelty::as_str),
        }
    }
}

impl Archive {
    fn of(member: &Member) -> Self {
        let members = member.names().map(redact).collect();
        Self { path: redact(member.root().path()), members }
    }
}

impl Layer {
    fn of(layer: &finding::ImageLayer) -> Self {
        Self {
            number: layer.number,
            total: layer.of,
            image: layer.image.as_ref().map(|image| redact(image.as_bytes())),
            created_by: words::made_by(layer),
            deleted_later: layer.is_deleted,
        }
    }
}

impl Account {
    pub(in crate::report) fn of(account: owner::Account, owner: &owner::Owner) -> Self {
        Self {
            id: account.id.to_string(),
            known_by: account.known_by.as_str(),
            label: words::account_label(account),
            name: owner.name.clone(),
            conflicting_account: account
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

impl Claims {
    fn of(claims: &finding::Claims) -> Self {
        let text = |text: &Option<String>| text.as_ref().map(|text| redact(text.as_bytes()));
        Self {
            user: text(&claims.user),
            region: text(&claims.region),
            start_url: text(&claims.start_url),
            issued_at: claims.issued_at.map(|at| at.to_string()),
            expires_at: claims.expires_at.map(|at| at.to_string()),
        }
    }
}

impl Exposure {
    fn of(finding: &finding::Finding, exposure: &finding::Exposure, now: Timestamp) -> Self {
        Self {
            object: exposure.object.map(|id| id.to_string()),
            other_objects: exposure.other_objects.iter().map(ToString::to_string).collect(),
            introduced_in: exposure.first.as_deref().map(Commit::of),
            last_changed_in: exposure.last.as_deref().map(Commit::of),
            removed_in: exposure.removed.as_deref().map(Commit::of),
            versions: exposure.versions,
            reachability: exposure.reachability.as_str(),
            tips: exposure.tips.iter().map(|tip| redact(tip.name.as_bytes())).collect(),
            more_tips: exposure.tips.more(),
            at_head: exposure.at_head,
            expired_if_dates_are_right: history::is_over(finding, exposure, now),
        }
    }
}

impl Commit {
    pub(super) fn of(commit: &finding::Commit) -> Self {
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
            key_id: place.key_id().map(Location::of),
            secret: place.secret().map(Location::of),
            token: place.token().map(Location::of),
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
