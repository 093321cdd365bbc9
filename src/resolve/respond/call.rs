//! What one request came to.

use std::fmt;

use crate::resolve::Refusal;
use crate::resolve::sts::ResolveError;

/// A request that did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallError {
    /// What was asked, as policies name it, such as `iam:ListAccessKeys`.
    pub action: &'static str,
    /// Why it did not succeed.
    pub cause: Cause,
}

/// Why a request did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The caller is not allowed to.
    Denied(Refusal),
    /// AWS says that what the request is about does not exist.
    Absent(Refusal),
    /// AWS refused for another reason.
    Refused(Refusal),
    /// There was no answer, or none of AWS. Whether the request was carried out is not known.
    Failed(ResolveError),
}

impl CallError {
    /// Whether AWS may have done what was asked: it did not say that it has not.
    pub fn is_uncertain(&self) -> bool {
        matches!(self.cause, Cause::Failed(_))
    }

    /// Whether the caller is not allowed to.
    pub fn is_denied(&self) -> bool {
        matches!(self.cause, Cause::Denied(_))
    }

    /// Whether AWS says that it does not exist.
    pub fn is_absent(&self) -> bool {
        matches!(self.cause, Cause::Absent(_))
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Denied(refusal) => write!(f, "{} is not allowed: {refusal}", self.action),
            Cause::Absent(refusal) | Cause::Refused(refusal) => write!(f, "{}: {refusal}", self.action),
            Cause::Failed(trouble) => write!(f, "{}: {trouble}", self.action),
        }
    }
}

impl std::error::Error for CallError {}
