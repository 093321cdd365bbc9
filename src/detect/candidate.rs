//! A part of a credential that a rule matched and whose form was checked, waiting to be paired.

use std::ops::Range;

use super::name;
use super::service::ServicePart;
use crate::aws::{AccessKeyId, SecretAccessKey, SessionToken};
use crate::finding::{Encoding, SignedRequest};
use crate::level::{Certainty, Doubt};
use crate::rule::RuleId;

/// A part of a credential, where it stands and what was noticed about it.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) part: Part,
    /// Where it stands: in the text that is being examined.
    pub(super) range: Range<usize>,
    pub(super) rule: RuleId,
    pub(super) certainty: Certainty,
    pub(super) doubts: Vec<Doubt>,
    /// How it was found beside a key ID, if it would not have been without one.
    pub(super) standing: Standing,
    /// Whether it is a documented example or a placeholder.
    pub(super) is_example: bool,
    /// What the name beside it says of which credential it belongs to.
    pub(super) affix: name::Affix,
    /// The word that gives it to another service or purpose, if its name or section has one.
    pub(super) owner: Option<String>,
    /// What the text had to be decoded from.
    pub(super) encodings: Vec<Encoding>,
}

impl Candidate {
    /// Whether this is a key ID.
    pub(super) fn is_key_id(&self) -> bool {
        matches!(self.part, Part::KeyId { .. })
    }

    /// Whether this is a secret that only one service takes.
    pub(super) fn is_service(&self) -> bool {
        matches!(self.part, Part::Service(_))
    }

    /// Whether secrets and tokens are linked with it: it is a key ID, or the field for one.
    pub(super) fn takes_parts(&self) -> bool {
        matches!(self.part, Part::KeyId { .. } | Part::Missing(Missing::KeyId | Missing::OtherKeyId))
    }
}

/// What a candidate is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    KeyId {
        id: AccessKeyId,
        signed: Option<SignedRequest>,
    },
    Secret(SecretAccessKey),
    Token(SessionToken),
    /// A secret that only one service takes.
    Service(Box<ServicePart>),
    /// A field for a part that does not hold it.
    Missing(Missing),
}

/// What a field is for that does not hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Missing {
    KeyId,
    /// It holds the ID of another service.
    OtherKeyId,
    Secret,
}

impl Part {
    /// Whether this is a documented example or a placeholder.
    pub(super) fn is_example(&self) -> bool {
        match self {
            Self::KeyId { id, .. } => id.is_example() || id.is_placeholder(),
            Self::Secret(secret) => secret.is_example() || secret.is_placeholder(),
            Self::Token(token) => token.is_example(),
            Self::Service(part) => part.secret.is_example(),
            Self::Missing(_) => false,
        }
    }
}

/// What makes a candidate one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// It would be a finding by itself.
    Own,
    /// Its name means something only near a key ID.
    NamedNearId,
    /// It has no name: only its form and a key ID near it.
    UnnamedNearId,
    /// It is inside another part, which is found as a whole.
    Inside,
}
