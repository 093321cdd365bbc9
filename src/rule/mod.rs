//! Rules as data: what to look for, what it is called, how bad it is and what to do about it.
//!
//! A rule is one TOML file in `rules/`, named by its ID. It yields one part of a credential, or, for a rule without
//! patterns, an outcome of pairing. Nothing here reads the bytes that are scanned.

mod anchors;
mod error;
mod expression;
mod parse;
mod quoted;
mod set;
mod shape;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

pub use anchors::Anchors;
pub use error::RuleError;
pub use expression::Expression;
pub use quoted::toml_message;
pub use set::RuleSet;
pub use shape::{fill, join_free, join_len};

use crate::aws::{KeyKind, ServiceSecretKind};
use crate::level::{Certainty, Severity};

/// A rule's ID: the name of its file, lower-case letters, digits and hyphens.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(Arc<str>);

/// What a rule yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Yields {
    /// The key ID of a long-term credential.
    LongTermKeyId,
    /// The key ID of a temporary credential.
    TemporaryKeyId,
    /// A secret access key.
    Secret,
    /// A session token.
    SessionToken,
    /// A key ID in the credential scope of a signed request.
    SignedRequest,
    /// A password for the SMTP interface of Amazon SES.
    SesSmtpPassword,
    /// An API key of Amazon Bedrock or of Claude Platform on AWS.
    ApiKey,
    /// The password of a service-specific credential.
    ServicePassword,
    /// A token of IAM Identity Center or of `aws login`.
    SsoToken,
    /// A login of a registry of Amazon ECR.
    EcrToken,
    /// A long-term key ID with its secret: made by pairing, so such a rule has no patterns.
    LongTermPair,
    /// A temporary key ID with its secret: likewise.
    TemporaryPair,
}

/// One rule, checked.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The rule's ID.
    pub id: RuleId,
    /// What it finds, in a few words.
    pub title: String,
    /// What it means, in one sentence.
    pub summary: String,
    /// What to know and what to do, in Markdown.
    pub help: String,
    /// What to do next, in one line.
    pub next_step: String,
    /// How much harm such a leak does.
    pub severity: Severity,
    /// What it yields.
    pub yields: Yields,
    /// Literals of which one is in every match of every pattern.
    pub anchors: Anchors,
    /// How far from an anchor a match of a pattern with [`near_anchor`](Pattern::near_anchor) may start, in bytes; 0 if
    /// there is no such pattern.
    pub reach: usize,
    /// How to find it.
    pub patterns: Vec<Pattern>,
    /// Fields for the part that do not hold it.
    pub slots: Vec<Slot>,
    /// Words of a name, in lower case, that say that what it names belongs to another service.
    pub other_services: BTreeSet<String>,
    /// Words that say that it is for something else, unless the rest of the name says what it is.
    pub other_purposes: BTreeSet<String>,
    /// Texts in which the rule must find something; `{{…}}` stands for a made-up value.
    pub examples: Vec<String>,
    /// Texts in which it must find nothing.
    pub counter_examples: Vec<String>,
}

/// One way to find what a rule yields: the capture group `value` is the part.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// What it matches.
    pub expression: Expression,
    /// How sure a match is by its form.
    pub certainty: Certainty,
    /// Whether it matches only in reach of a key ID: such a pattern needs no anchor.
    pub near_key_id: bool,
    /// Whether it matches only in the rule's reach of one of its anchors, which need not be in the match.
    pub near_anchor: bool,
    /// Whether the name in it is one that other services use, too.
    pub generic: bool,
    /// Whether it matches only where the name in it has AWS, or a service of it, among its words, and nothing that says
    /// another service or purpose.
    pub names_aws: bool,
}

/// A field for what a rule yields that does not hold it: the capture group `value` is what it holds.
#[derive(Clone, Debug)]
pub struct Slot {
    /// What it matches.
    pub expression: Expression,
    /// Whether it holds the same of another service: what stands beside it is that service's.
    pub of_other_service: bool,
}

impl Yields {
    /// Whether it is part of a temporary credential only.
    pub fn is_temporary(self) -> bool {
        matches!(self, Self::TemporaryKeyId | Self::TemporaryPair | Self::SessionToken)
    }

    /// What a key ID of that kind and its secret are together.
    pub fn pair_of(kind: KeyKind) -> Self {
        match kind {
            KeyKind::LongTerm => Self::LongTermPair,
            KeyKind::Temporary => Self::TemporaryPair,
        }
    }

    /// The kind of secret that only one service takes, if it is one.
    pub fn service_secret(self) -> Option<ServiceSecretKind> {
        Some(match self {
            Self::SesSmtpPassword => ServiceSecretKind::SesSmtpPassword,
            Self::ApiKey => ServiceSecretKind::ApiKey,
            Self::ServicePassword => ServiceSecretKind::ServicePassword,
            Self::SsoToken => ServiceSecretKind::SsoToken,
            Self::EcrToken => ServiceSecretKind::EcrToken,
            _ => return None,
        })
    }
}

impl RuleId {
    /// Parses an ID.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        (plain && !text.is_empty() && text.len() <= 64).then(|| Self(text.into()))
    }

    /// The ID as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
