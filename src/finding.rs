//! What was found, with nothing secret left in it.

mod exposure;
mod identity;
mod place;
mod repository;

use std::sync::Arc;

use jiff::Timestamp;

use crate::aws::{
    AccessKeyId, AccountId, Credential, CredentialParts, SecretAccessKey, SecretFingerprint, ServiceSecret,
    SessionToken,
};
use crate::level::{Confidence, Severity};
use crate::origin::Origin;
use crate::owner::{Account, Owner};
use crate::rule::{Rule, RuleId};

pub use exposure::{Commit, Exposure, Reachability, Tip, TipKind, Tips};
pub use identity::{CredentialId, Fingerprint};
pub use place::{Encoding, Location, Locations, Place};
pub use repository::RepositoryName;

/// One credential, found by one rule, at one path: with every place where it stands there.
///
/// What few findings have is boxed: a scan may hold a hundred thousand of them, more than once.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The rule that it is reported under.
    pub rule: RuleId,
    /// The credential's public names.
    pub credential: CredentialName,
    /// Where it was found.
    pub origin: Origin,
    /// How much harm it does by its rule, before anything is known of its owner.
    pub rule_severity: Severity,
    /// How sure we are, and why not surer.
    pub confidence: Confidence,
    /// Where it stands, in order; never empty. Shared by the findings of one content at many paths.
    pub places: Arc<[Place]>,
    /// How often it stands there: more than there are places, once a cap left some out.
    pub occurrences: u64,
    /// The owning account, where it is known.
    pub account: Option<Account>,
    /// Whose the account is.
    pub owner: Owner,
    /// What a signed request says of itself.
    pub signed: Option<Box<SignedRequest>>,
    /// What the secret of a service says of itself.
    pub claims: Option<Box<Claims>>,
    /// Why it does not count, if it does not.
    pub suppression: Option<Suppression>,
    /// What whoever suppressed it gives as the reason, as it may be shown.
    pub justification: Option<String>,
    /// What git knows of it, if it was found in history.
    pub exposure: Option<Box<Exposure>>,
    /// The repository or scanned folder that it is in; `None` for standard input.
    pub repository: Option<Arc<RepositoryName>>,
    /// The layer that it is in, if it was found in a container image.
    pub layer: Option<Box<ImageLayer>>,
    /// Of a finding that was read from a report: its fingerprint there. The path may be masked in a report.
    pub reported_as: Option<Fingerprint>,
    /// Of a part of a pair whose other part was found elsewhere: what it would be alone. It keeps the fingerprint of that.
    pub lone: Option<Box<(RuleId, CredentialName)>>,
    /// Of a finding that was read from reports: the times of the scans that saw it, in order.
    pub seen: Vec<Timestamp>,
    /// What is new about it, where it was compared with an older report.
    pub novelty: Option<Novelty>,
}

/// What an older report does not have of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Novelty {
    /// The credential.
    Credential,
    /// The credential at this place.
    Place,
}

impl Novelty {
    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Credential => "credential",
            Self::Place => "place",
        }
    }
}

/// A layer of a container image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageLayer {
    /// Its place, from 1 on; the first is at the bottom.
    pub number: u64,
    /// How many layers there are.
    pub of: u64,
    /// What the image is called.
    pub image: Option<String>,
    /// The step of the build that made it.
    pub made_by: Option<String>,
    /// Whether a later layer deletes the file that the finding is in: whoever has the image has it all the same.
    pub is_deleted: bool,
}

/// A credential as reports may name it: its key ID whole, and the fingerprints of what is secret.
pub type CredentialName =
    CredentialParts<AccessKeyId, SecretFingerprint, SecretFingerprint, SecretFingerprint>;

/// What a presigned URL or a signed header says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SignedRequest {
    /// When it was signed, as far as it tells.
    pub signed_at: Option<Timestamp>,
    /// When it stops working, at the latest.
    pub expires_at: Option<Timestamp>,
    /// The region it was signed for.
    pub region: Option<String>,
    /// The service it was signed for.
    pub service: Option<String>,
}

/// What the secret of a service, or what stands around it, says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Claims {
    /// The IAM user that it belongs to.
    pub user: Option<String>,
    /// The account that it opens.
    pub account: Option<AccountId>,
    /// The region that it is for.
    pub region: Option<String>,
    /// Where the person signs in.
    pub start_url: Option<String>,
    /// When it was issued.
    pub issued_at: Option<Timestamp>,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
}

/// Why a finding does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Suppression {
    /// A value of the AWS documentation.
    Example,
    /// Plainly a placeholder.
    Placeholder,
    /// A presigned URL past its date.
    Expired,
    /// A key ID that a report of akid names.
    AkidReport,
    /// Every line that holds it says `akid:allow`.
    Inline,
    /// An entry of the configuration allows it.
    Allow,
    /// It is in the baseline.
    Baseline,
    /// An older report has it, and the newer one does not.
    Gone,
}

impl Finding {
    /// How much harm it does: by its rule, by whose the account is, and by whether the key still works.
    pub fn severity(&self) -> Severity {
        self.owner.weigh(self.rule_severity)
    }

    /// The finding's fingerprint. In unreachable objects it is the same wherever they were: which of them shows it
    /// depends on which `git gc` has left.
    pub fn fingerprint(&self) -> Fingerprint {
        if let Some(fingerprint) = self.reported_as {
            return fingerprint;
        }
        if self.is_unreachable() {
            let (rule, credential) = self.alone();
            return Fingerprint::of_path(rule, credential, b"<unreachable objects>");
        }
        self.fingerprint_by_path()
    }

    /// The fingerprint that it has as long as something leads to it.
    pub fn fingerprint_by_path(&self) -> Fingerprint {
        let (rule, credential) = self.alone();
        Fingerprint::of(rule, credential, &self.origin)
    }

    /// What it would be without a part that was found elsewhere.
    fn alone(&self) -> (&RuleId, &CredentialName) {
        self.lone.as_deref().map_or((&self.rule, &self.credential), |(rule, credential)| (rule, credential))
    }

    /// Of a part of a pair whose other part was found elsewhere: the fingerprint of the pair. A baseline that knows the
    /// part does not know the pair.
    pub fn pair_id(&self) -> Option<Fingerprint> {
        self.lone.as_ref().map(|_| Fingerprint::of(&self.rule, &self.credential, &self.origin))
    }

    /// Makes it a part of the pair of `id` and `secret`, whose other part was found elsewhere.
    pub fn become_pair(&mut self, rule: &Rule, id: AccessKeyId, secret: SecretFingerprint) {
        let lone = (self.rule.clone(), self.credential.clone());
        self.lone.get_or_insert(Box::new(lone));
        let token = self.credential.token().copied();
        self.credential = CredentialName::Pair { id, secret, token };
        self.set_rule(rule);
    }

    /// Reports it under another rule.
    pub fn set_rule(&mut self, rule: &Rule) {
        (self.rule, self.rule_severity) = (rule.id.clone(), rule.severity);
    }

    /// Whether it is in objects of a repository that nothing leads to.
    pub fn is_unreachable(&self) -> bool {
        self.exposure.as_ref().is_some_and(|it| it.reachability == Reachability::Unreachable)
    }

    /// The credential's ID, equal for findings of one credential at many paths.
    pub fn credential_id(&self) -> CredentialId {
        CredentialId::of(&self.rule, &self.credential)
    }
}

impl From<&Credential> for CredentialName {
    fn from(credential: &Credential) -> Self {
        credential.map(
            |id| id,
            SecretAccessKey::fingerprint,
            SessionToken::fingerprint,
            ServiceSecret::fingerprint,
        )
    }
}

impl Suppression {
    /// Every suppression.
    pub const ALL: [Self; 8] = [
        Self::Example,
        Self::Placeholder,
        Self::Expired,
        Self::AkidReport,
        Self::Inline,
        Self::Allow,
        Self::Baseline,
        Self::Gone,
    ];

    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Example => "example",
            Self::Placeholder => "placeholder",
            Self::Expired => "expired",
            Self::AkidReport => "akid-report",
            Self::Inline => "inline",
            Self::Allow => "allow",
            Self::Baseline => "baseline",
            Self::Gone => "gone",
        }
    }
}
