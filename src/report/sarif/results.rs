//! One result for each place of each finding: GitHub shows only a result's first location.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;
use serde_sarif::sarif::{self, Location, Message, ResultLevel};

use super::location;
use super::nested::Artifacts;
use super::room::Room;
use super::variant::Variant;
use crate::finding::{Claims, Finding, Place, SignedRequest, Suppression};
use crate::level::Severity;
use crate::redact::redact;
use crate::report::{Report, history, words};

/// The results that a file has room for.
pub(super) struct Results {
    pub(super) shown: Vec<sarif::Result>,
    pub(super) left_out: usize,
    pub(super) artifacts: Artifacts,
}

/// The results, the most severe first, so that what is left out is the least of them.
pub(super) fn results(
    report: &Report<'_>,
    findings: &[&Finding],
    variants: &[Variant],
    room: &mut Room,
) -> Results {
    let counts = |finding: &&Finding| finding.suppression.is_none() || report.options.sarif_suppressed;
    let findings = findings.iter().copied().filter(counts);
    let mut shows: Vec<Shown<'_>> = findings
        .flat_map(|finding| {
            let places = finding.places.iter().enumerate();
            places.map(move |(nth, place)| Shown { finding, place, nth })
        })
        .collect();
    shows.sort_by_key(Shown::rank);
    let rule_index: BTreeMap<&Variant, i64> = variants.iter().zip(0_i64..).collect();
    room.begin_run();
    let fit = shows.iter().take_while(|shown| room.take_result(shown.outside_len())).count();
    let mut artifacts = Artifacts::default();
    shows[..fit]
        .iter()
        .filter_map(|shown| shown.finding.origin.member())
        .for_each(|member| artifacts.add(member));
    let result = |shown: &Shown<'_>| shown.result(report, &rule_index, &artifacts);
    let shown = shows[..fit].iter().map(result).collect();
    Results { shown, left_out: shows.len() - fit, artifacts }
}

/// How GitHub names a severity.
pub(super) fn level(severity: Severity) -> ResultLevel {
    match severity {
        Severity::Critical | Severity::High => ResultLevel::Error,
        Severity::Medium => ResultLevel::Warning,
        Severity::Low => ResultLevel::Note,
    }
}

/// A place about to be shown.
struct Shown<'a> {
    finding: &'a Finding,
    place: &'a Place,
    nth: usize,
}

impl<'a> Shown<'a> {
    /// The order of results.
    fn rank(&self) -> impl Ord + use<'a> {
        let Self { finding, place, nth } = *self;
        let severity = (finding.suppression.is_some(), Reverse(finding.severity()));
        (severity, finding.origin.path(), place.main(), &finding.rule, &finding.credential, nth)
    }

    /// How much of the input's text is in the result at most, percent-encoded.
    fn outside_len(&self) -> usize {
        let (signed, claims) = (self.finding.signed.as_deref(), self.finding.claims.as_deref());
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let owner = &self.finding.owner;
        // The name and the reason are in the message and in the properties.
        let status = owner.status.as_ref().map_or(0, |status| words::status(status).len());
        2 * (text(&owner.name) + text(&owner.unresolved) + status)
            + 3 * self.finding.origin.path().len()
            // Once more in an artifact, the message and the properties.
            + self.finding.origin.member().map_or(0, |member| 9 * member.inside().len())
            + self.finding.layer.as_deref().map_or(0, |layer| words::layer(layer).len())
            + signed.map_or(0, |signed| text(&signed.region) + text(&signed.service))
            + claims.map_or(0, |it| text(&it.user) + text(&it.region) + text(&it.start_url))
            + text(&self.finding.justification)
            + self.finding.exposure.as_deref().map_or(0, history::outside_len)
    }

    fn result(
        &self,
        report: &Report<'_>,
        rule_index: &BTreeMap<&Variant, i64>,
        artifacts: &Artifacts,
    ) -> sarif::Result {
        let finding = self.finding;
        let mut related = self.related();
        let message = self.message(report, &related);
        related.extend(self.inside(artifacts));
        let variant = Variant::of(finding, report.rule(finding));
        let justification = finding.justification.as_deref();
        let suppressions = finding.suppression.map(|reason| vec![suppression(reason, justification)]);
        let result = sarif::Result::builder()
            .rule_id(variant.id())
            .level(level(finding.severity()))
            .message(message)
            .locations(vec![location::stretch(&finding.origin, self.place.main())])
            .partial_fingerprints(self.fingerprints())
            .properties(super::properties(&Properties::of(report, finding, self.place)))
            .build();
        sarif::Result {
            rule_index: rule_index.get(&variant).copied(),
            related_locations: (!related.is_empty()).then_some(related),
            suppressions,
            ..result
        }
    }

    /// Where it is in the archive, if it is in one.
    fn inside(&self, artifacts: &Artifacts) -> Option<Location> {
        let member = self.finding.origin.member().filter(|_| !self.finding.origin.is_name())?;
        artifacts.place(member, 3, self.place.main())
    }

    /// The parts that do not stand where the result is shown. In an archive, there is nothing to show of them.
    fn related(&self) -> Vec<Location> {
        if self.finding.origin.member().is_some() {
            return Vec::new();
        }
        let parts = [(1, "the secret", self.place.secret()), (2, "the session token", self.place.token())];
        let elsewhere = parts.into_iter().filter(|(_, _, at)| *at != Some(self.place.main()));
        let related = |(id, what, at): (_, _, Option<_>)| {
            at.map(|at| location::related(id, what, &self.finding.origin, at))
        };
        elsewhere.filter_map(related).collect()
    }

    /// What GitHub shows, with links to the parts: without a link, it does not show them.
    fn message(&self, report: &Report<'_>, related: &[Location]) -> Message {
        let rule = report.rule(self.finding);
        let mut text = words::facts(self.finding, rule);
        if let Some(member) = self.finding.origin.member() {
            text.push_str(&format!(
                " It is inside, {}.",
                words::inside(member, &self.finding.origin, self.place)
            ));
        }
        let what = |part: &Location| part.message.as_ref().and_then(|message| message.text.clone());
        let link = |part: &Location| Some(format!("[{}]({})", what(part)?, part.id?));
        let links: Vec<_> = related.iter().filter_map(link).collect();
        if !links.is_empty() {
            text.push_str(&format!(" See {}.", links.join(" and ")));
        }
        text.push_str(&words::next_sentence(self.finding, rule));
        Message::builder().text(text).build()
    }

    /// By what a result is known again. GitHub reads the line's hash only; where there is none that may be shown, the
    /// finding's fingerprint serves, with the number of the place, as a line's hash has a number, too.
    fn fingerprints(&self) -> BTreeMap<String, String> {
        let fingerprint = self.finding.fingerprint();
        let line_hash = self.place.line_hash.as_ref().map(|hash| hash.as_str().to_owned());
        let line_hash = line_hash.unwrap_or_else(|| format!("{fingerprint}:{}", self.nth + 1));
        BTreeMap::from([
            ("akid/v1".to_owned(), fingerprint.to_string()),
            ("primaryLocationLineHash".to_owned(), line_hash),
        ])
    }
}

/// A suppression, in the words of whoever made it, if there are any.
fn suppression(reason: Suppression, justification: Option<&str>) -> sarif::Suppression {
    let (kind, words) = match reason {
        Suppression::Example => ("external", "a value of the AWS documentation"),
        Suppression::Placeholder => ("external", "plainly a placeholder"),
        Suppression::Expired => ("external", "a signed request that has expired"),
        Suppression::AkidReport => ("external", "a key ID in a report of akid"),
        Suppression::Inline => ("inSource", "allowed by a comment on its line"),
        Suppression::Allow => ("external", "allowed by the configuration"),
        Suppression::Baseline => ("external", "in the baseline"),
        Suppression::Gone => ("external", "in an older report only"),
    };
    let words = justification.unwrap_or(words);
    sarif::Suppression::builder().kind(json!(kind)).justification(words).build()
}

/// What is known of a finding beyond what SARIF has a field for.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    repository: Option<String>,
    fails: bool,
    severity: &'static str,
    confidence: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    doubts: Vec<&'static str>,
    fingerprint: String,
    credential_id: String,
    key_id: Option<String>,
    secret: Option<String>,
    token: Option<String>,
    account: Option<String>,
    account_known_by: Option<&'static str>,
    account_label: Option<&'static str>,
    account_name: Option<String>,
    account_otherwise: Option<String>,
    account_otherwise_known_by: Option<&'static str>,
    ownership: &'static str,
    unresolved: Option<String>,
    status: Option<&'static str>,
    status_evidence: Option<String>,
    last_used_at: Option<String>,
    signed_at: Option<String>,
    expires_at: Option<String>,
    region: Option<String>,
    service: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_url: Option<String>,
    object: Option<String>,
    commit: Option<String>,
    commit_author: Option<String>,
    committed_at: Option<String>,
    last_commit: Option<String>,
    versions: Option<u64>,
    reachability: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tips: Vec<String>,
    member: Option<String>,
    occurrences: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    encodings: Vec<&'static str>,
}

impl Properties {
    fn of(report: &Report<'_>, finding: &Finding, place: &Place) -> Self {
        let name = &finding.credential;
        let signed = finding.signed.as_deref();
        let claims = finding.claims.as_deref();
        let issued_at = signed.map_or_else(|| claims.and_then(|it| it.issued_at), |it| it.signed_at);
        let expires_at = signed.map_or_else(|| claims.and_then(|it| it.expires_at), |it| it.expires_at);
        let claim = |field: fn(&Claims) -> Option<&String>| {
            claims.and_then(field).map(|text| redact(text.as_bytes()))
        };
        let (account, status) = (finding.account, finding.owner.status.as_ref());
        let otherwise = account.and_then(|account| account.otherwise);
        let exposure = finding.exposure.as_deref();
        let first = exposure.and_then(|exposure| exposure.first.as_ref());
        let last = exposure.and_then(|exposure| exposure.last.as_ref());
        let tips = exposure.map_or(&[][..], |exposure| &exposure.tips[..]);
        let text = |field: fn(&SignedRequest) -> Option<&String>| {
            signed.and_then(field).map(|text| redact(text.as_bytes()))
        };
        Self {
            repository: finding.repository.as_deref().map(|repository| repository.identity().to_owned()),
            fails: report.options.failing.includes(finding),
            severity: finding.severity().as_str(),
            confidence: finding.confidence.certainty().as_str(),
            doubts: finding.confidence.doubts().iter().map(|doubt| doubt.as_str()).collect(),
            fingerprint: finding.fingerprint().to_string(),
            credential_id: finding.credential_id().to_string(),
            key_id: name.id().map(|id| id.to_string()),
            secret: name.any_secret().map(|secret| secret.to_string()),
            token: name.token().map(|token| token.to_string()),
            account: account.map(|account| account.id.to_string()),
            account_known_by: account.map(|account| account.known_by.as_str()),
            account_label: account.and_then(words::account_label),
            account_name: finding.owner.name.clone(),
            account_otherwise: otherwise.map(|claim| claim.id.to_string()),
            account_otherwise_known_by: otherwise.map(|claim| claim.known_by.as_str()),
            ownership: finding.owner.ownership.as_str(),
            unresolved: finding.owner.unresolved.clone(),
            status: status.map(|status| status.state.as_str()),
            status_evidence: status.map(words::status),
            last_used_at: status.and_then(|status| status.last_use.as_ref()?.at()).map(|at| at.to_string()),
            signed_at: issued_at.map(|at| at.to_string()),
            expires_at: expires_at.map(|at| at.to_string()),
            region: text(|signed| signed.region.as_ref()).or_else(|| claim(|claims| claims.region.as_ref())),
            service: text(|signed| signed.service.as_ref()),
            user: claim(|claims| claims.user.as_ref()),
            start_url: claim(|claims| claims.start_url.as_ref()),
            object: exposure.and_then(|exposure| exposure.object).map(|id| id.to_string()),
            commit: first.map(|commit| commit.id.to_string()),
            commit_author: first.map(|commit| commit.author.clone()),
            committed_at: first.and_then(|commit| commit.committed).map(|at| at.to_string()),
            last_commit: last.map(|commit| commit.id.to_string()),
            versions: exposure.map(|exposure| exposure.versions),
            reachability: exposure.map(|exposure| exposure.reachability.as_str()),
            tips: tips.iter().map(|tip| redact(tip.name.as_bytes())).collect(),
            member: finding.origin.member().map(|member| redact(member.inside())),
            occurrences: finding.occurrences,
            encodings: place.encodings.iter().map(|encoding| encoding.as_str()).collect(),
        }
    }
}
