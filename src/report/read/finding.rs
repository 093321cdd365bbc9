//! A finding, read back from JSON.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;

use super::status::StatusEntry;
use crate::aws::{AccessKeyId, AccountId, SecretFingerprint};
use crate::finding::{
    self, Commit, CredentialName, Encoding, Exposure, Finding, Fingerprint, ImageLayer, Locations, Place,
    Reachability, RepositoryName, SignedRequest, Suppression, Tip, TipKind,
};
use crate::level::{Certainty, Confidence, Doubt, Severity};
use crate::origin::{Member, ObjectId, Origin, RelativePath};
use crate::owner::{Account, Claim, KnownBy, Owner, Ownership};
use crate::redact::redact;
use crate::rule::RuleId;
use crate::text::{Excerpt, Position, Span};

#[derive(Deserialize)]
pub(super) struct Entry {
    rule: String,
    severity: String,
    rule_severity: Option<String>,
    confidence: Doubts,
    fingerprint: String,
    pair_id: Option<String>,
    repository: Option<Repository>,
    path: String,
    archive: Option<Archive>,
    layer: Option<Layer>,
    found_in: String,
    key_id: Option<String>,
    secret: Option<String>,
    token: Option<String>,
    account: Option<AccountEntry>,
    ownership: String,
    unresolved: Option<String>,
    status: Option<StatusEntry>,
    signed: Option<Signed>,
    claims: Option<ClaimsEntry>,
    exposure: Option<Traces>,
    suppressed: Option<String>,
    justification: Option<String>,
    occurrences: u64,
    places: Vec<PlaceEntry>,
    #[serde(default)]
    seen: Vec<Timestamp>,
}

#[derive(Deserialize)]
struct Doubts {
    level: String,
    reasons: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Repository {
    name: String,
    url: Option<String>,
    path: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Archive {
    path: String,
    members: Vec<String>,
}

#[derive(Deserialize)]
struct Layer {
    number: u64,
    total: u64,
    image: Option<String>,
    created_by: Option<String>,
    deleted_later: bool,
}

#[derive(Deserialize)]
struct AccountEntry {
    id: String,
    known_by: String,
    name: Option<String>,
    conflicting_account: Option<ClaimEntry>,
}

#[derive(Deserialize)]
struct ClaimEntry {
    id: String,
    known_by: String,
}

#[derive(Deserialize)]
struct Signed {
    signed_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    region: Option<String>,
    service: Option<String>,
}

#[derive(Deserialize)]
struct ClaimsEntry {
    user: Option<String>,
    region: Option<String>,
    start_url: Option<String>,
    issued_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Traces {
    object: Option<String>,
    #[serde(default)]
    other_objects: Vec<String>,
    introduced_in: Option<CommitEntry>,
    last_changed_in: Option<CommitEntry>,
    #[serde(default)]
    removed_in: Option<CommitEntry>,
    versions: u64,
    reachability: String,
    tips: Vec<String>,
    at_head: bool,
}

#[derive(Deserialize)]
struct CommitEntry {
    commit: String,
    author: String,
    authored: Option<Timestamp>,
    committed: Option<Timestamp>,
    subject: String,
}

#[derive(Deserialize)]
struct PlaceEntry {
    key_id: Option<Location>,
    secret: Option<Location>,
    token: Option<Location>,
    excerpt: String,
    encodings: Vec<String>,
}

#[derive(Deserialize)]
struct Location {
    line: u64,
    column: u64,
    end_line: u64,
    end_column: u64,
    start: u64,
    end: u64,
}

impl Entry {
    /// The names of the credential; `None` if there is none. Only the secret of a service has claims.
    fn credential(&self) -> Option<CredentialName> {
        let id = self.key_id.as_deref().and_then(|id| AccessKeyId::parse(id.as_bytes()));
        let [secret, token] =
            [&self.secret, &self.token].map(|name| name.as_deref().and_then(SecretFingerprint::parse));
        match secret.filter(|_| self.claims.is_some()) {
            Some(secret) => Some(CredentialName::Service { id, secret }),
            None => CredentialName::of(id, secret, token),
        }
    }

    /// The finding; `None` for one that names no credential or has no place, which akid never writes.
    pub(super) fn read(self) -> Option<Finding> {
        let credential = self.credential()?;
        let places: Vec<Place> = self.places.into_iter().filter_map(PlaceEntry::read).collect();
        if places.is_empty() {
            return None;
        }
        let is_of_history = self.exposure.is_some();
        let shown = |text: String| redact(text.as_bytes());
        let level = |word: &str| find(Severity::ALL, Severity::as_str, word);
        let owner = Owner {
            ownership: find(Ownership::ALL, Ownership::as_str, &self.ownership).unwrap_or_default(),
            name: self.account.as_ref().and_then(|account| account.name.clone()).map(shown),
            unresolved: self.unresolved.map(shown),
            status: self.status.map(StatusEntry::read),
        };
        let severity = level(&self.severity)?;
        let weighs_so = |rule_severity: &Severity| owner.weigh(*rule_severity) == severity;
        let rule_severity = (self.rule_severity.and_then(|word| level(&word)))
            .or_else(|| Severity::ALL.into_iter().find(weighs_so))
            .unwrap_or(severity);
        let rule = RuleId::parse(&self.rule)?;
        Some(Finding {
            // What it would be alone is in its fingerprint.
            lone: self.pair_id.map(|_| Box::new((rule.clone(), credential.clone()))),
            rule,
            credential,
            origin: origin(&self.path, self.archive, &self.found_in, is_of_history),
            rule_severity,
            confidence: self.confidence.read(),
            places: places.into(),
            occurrences: self.occurrences,
            account: self.account.and_then(AccountEntry::read),
            owner,
            signed: self.signed.map(|signed| {
                Box::new(SignedRequest {
                    signed_at: signed.signed_at,
                    expires_at: signed.expires_at,
                    region: signed.region,
                    service: signed.service,
                })
            }),
            claims: self.claims.map(ClaimsEntry::read).map(Box::new),
            suppression: self
                .suppressed
                .map(|word| find(Suppression::ALL, Suppression::as_str, &word).unwrap_or(Suppression::Allow)),
            justification: self.justification.map(shown),
            exposure: self.exposure.map(Traces::read).map(Box::new),
            repository: self.repository.map(|repository| Arc::new(repository.read())),
            layer: self.layer.map(Layer::read).map(Box::new),
            reported_as: Fingerprint::parse(self.fingerprint.as_bytes()),
            seen: self.seen,
            novelty: None,
        })
    }
}

/// The one that a word stands for.
fn find<T: Copy>(all: impl IntoIterator<Item = T>, word_of: fn(T) -> &'static str, word: &str) -> Option<T> {
    all.into_iter().find(|value| word_of(*value) == word)
}

/// Where it was found, as far as its path tells: masks and escapes in it stay what they are.
fn origin(path: &str, archive: Option<Archive>, found_in: &str, is_of_history: bool) -> Origin {
    let root = |path: &str, is_name: bool| {
        let path = RelativePath::from_bytes(path.as_bytes());
        match (is_of_history, is_name) {
            (true, true) => Origin::VersionName(path),
            (true, false) => Origin::Version(path),
            (false, true) => Origin::FileName(path),
            (false, false) => Origin::File(path),
        }
    };
    let is_name = found_in == "name";
    match archive.filter(|archive| !archive.members.is_empty()) {
        None => root(path, is_name),
        Some(archive) => {
            let member = Member::new(root(&archive.path, false), archive.members);
            if is_name { Origin::MemberName(member) } else { Origin::Member(member) }
        }
    }
}

impl Doubts {
    fn read(&self) -> Confidence {
        let level = find(Certainty::ALL, Certainty::as_str, &self.level).unwrap_or(Certainty::Low);
        let doubts = self.reasons.iter().filter_map(|word| find(Doubt::ALL, Doubt::as_str, word));
        let doubting = |start| doubts.clone().fold(Confidence::new(start), Confidence::doubting);
        let starts = Certainty::ALL.into_iter().rev();
        let read = starts.map(doubting).find(|confidence| confidence.certainty() == level);
        read.unwrap_or_else(|| Confidence::new(level))
    }
}

impl Repository {
    pub(super) fn read(self) -> RepositoryName {
        let shown = |text: &str| redact(text.as_bytes());
        RepositoryName {
            name: shown(&self.name),
            url: self.url.as_deref().map(shown),
            path: shown(&self.path),
            labels: self.labels.iter().map(|(name, value)| (shown(name), shown(value))).collect(),
        }
    }
}

impl Layer {
    fn read(self) -> ImageLayer {
        ImageLayer {
            number: self.number,
            of: self.total,
            image: self.image,
            made_by: self.created_by,
            is_deleted: self.deleted_later,
        }
    }
}

impl AccountEntry {
    fn read(self) -> Option<Account> {
        let otherwise = self.conflicting_account.and_then(|claim| claim_of(&claim.id, &claim.known_by));
        let Claim { id, known_by } = claim_of(&self.id, &self.known_by)?;
        Some(Account { id, known_by, otherwise })
    }
}

fn claim_of(id: &str, known_by: &str) -> Option<Claim> {
    let known_by = find(KnownBy::ALL, KnownBy::as_str, known_by)?;
    Some(Claim { id: AccountId::parse(id)?, known_by })
}

impl ClaimsEntry {
    /// The account is one of the finding's.
    fn read(self) -> finding::Claims {
        let Self { user, region, start_url, issued_at, expires_at } = self;
        finding::Claims { user, account: None, region, start_url, issued_at, expires_at }
    }
}

impl Traces {
    fn read(self) -> Exposure {
        let id = |text: &String| ObjectId::parse(text.as_bytes());
        let others = self.other_objects.iter().filter_map(id).take(Exposure::MAX_OBJECTS - 1);
        let tip = |name: String| Tip { kind: TipKind::Other, name };
        Exposure {
            object: self.object.as_ref().and_then(id),
            other_objects: others.collect(),
            first: self.introduced_in.and_then(CommitEntry::read),
            last: self.last_changed_in.and_then(CommitEntry::read),
            removed: self.removed_in.and_then(CommitEntry::read),
            versions: self.versions,
            reachability: find(Reachability::ALL, Reachability::as_str, &self.reachability)
                .unwrap_or(Reachability::Unknown),
            tips: self.tips.into_iter().map(tip).collect(),
            at_head: self.at_head,
        }
    }
}

impl CommitEntry {
    fn read(self) -> Option<Arc<Commit>> {
        let shown = |text: &str| redact(text.as_bytes());
        Some(Arc::new(Commit {
            id: ObjectId::parse(self.commit.as_bytes())?,
            author: shown(&self.author),
            authored: self.authored,
            committed: self.committed,
            subject: shown(&self.subject),
        }))
    }
}

impl PlaceEntry {
    fn read(self) -> Option<Place> {
        let Self { key_id, secret, token, excerpt, encodings } = self;
        let [key_id, secret, token] = [key_id, secret, token].map(|at| at.map(Location::read));
        let encodings = encodings.iter().filter_map(|word| find(Encoding::ALL, Encoding::as_str, word));
        Some(Place {
            parts: Locations::of(key_id, secret, token)?,
            // It was masked when it was written. Whoever made it up may have put anything there.
            excerpt: Excerpt::of_shown(&redact(excerpt.as_bytes())),
            line_hash: None,
            encodings: encodings.collect(),
            allowed_inline: None,
        })
    }
}

impl Location {
    fn read(self) -> finding::Location {
        finding::Location {
            span: Span { start: self.start, end: self.end.max(self.start) },
            start: Position { line: self.line, column: self.column },
            end: Position { line: self.end_line, column: self.end_column },
        }
    }
}
