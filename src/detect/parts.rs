//! The parts of credentials in a text, each where it is spelled: for masking, which needs no pairs.
//!
//! Every candidate counts here, whether a scan would report it or not.

use std::ops::Range;

use super::candidate::{Candidate, Part as Kind};
use super::meter::most_work;
use super::{Detector, enough, examine, meter, plausible};
use crate::aws::{AccessKeyId, SecretAccessKey, ServiceSecret, SessionToken};
use crate::finding::Encoding;
use crate::level::{Certainty, Confidence};
use crate::rule::RuleId;

/// A part of a credential in a text.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// What it is.
    pub(crate) value: Value,
    /// The bytes that spell it.
    pub(crate) range: Range<usize>,
    /// The rule that found it.
    pub(crate) rule: RuleId,
    /// How sure detection is of it by itself.
    pub(crate) certainty: Certainty,
    /// Whether it is a documented example or a placeholder.
    pub(crate) is_example: bool,
    /// What had to be decoded to see it.
    pub(crate) encodings: Vec<Encoding>,
}

/// What a part is.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// A key ID, and whether it is part of a signed request.
    KeyId(AccessKeyId, bool),
    /// A secret.
    Secret(SecretAccessKey),
    /// A session token.
    Token(SessionToken),
    /// A secret that only one service takes.
    Service(ServiceSecret),
}

/// Everything in a text that a credential is made of.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// The parts.
    pub(crate) parts: Vec<Part>,
    /// Compressed bytes in base64, and what spells them.
    pub(crate) packed: Vec<(Range<usize>, Vec<u8>)>,
    /// Whether there may be more: the text took too much work.
    pub(crate) is_cut: bool,
}

impl Detector {
    /// Finds the parts of credentials in `text`, which is read as bytes whatever its first bytes say.
    pub(crate) fn parts(&self, text: &[u8]) -> Parts {
        let mut meter = meter::Meter::new(&self.stop, most_work(text.len()));
        let local = examine::text(self, text, &mut meter);
        let packed = local.packed.into_iter().map(|packed| (packed.range, packed.bytes));
        Parts {
            parts: local.candidates.into_iter().filter_map(part).collect(),
            packed: packed.collect(),
            is_cut: meter.is_cut() || local.cut != meter::Cut::None,
        }
    }

    /// The anchors in `text`.
    pub(crate) fn hits(&self, text: &[u8]) -> Vec<crate::anchor::Hit> {
        self.gate.hits(text)
    }

    /// How many bytes from its first on decide whether there is an anchor.
    pub(crate) fn anchor_reach(&self) -> usize {
        self.gate.reach()
    }
}

/// Whether `text` has letters enough for a secret that is not encoded.
pub(crate) fn may_hold_secret(text: &[u8]) -> bool {
    enough::for_secret(text)
}

fn part(candidate: Candidate) -> Option<Part> {
    let value = match candidate.part {
        Kind::KeyId { id, signed } => Value::KeyId(id, signed.is_some()),
        Kind::Secret(secret) => Value::Secret(secret),
        Kind::Token(token) => Value::Token(token),
        Kind::Service(service) => Value::Service(service.secret),
        Kind::Missing(_) => return None,
    };
    let doubts = candidate.doubts.into_iter();
    Some(Part {
        value,
        range: candidate.range,
        rule: candidate.rule,
        certainty: doubts.fold(Confidence::new(candidate.certainty), Confidence::doubting).certainty(),
        is_example: candidate.is_example,
        encodings: candidate.encodings,
    })
}

/// Whether `range` is the last line of a base64 text that is wrapped.
pub(crate) fn is_line_of_base64(text: &[u8], range: &Range<usize>) -> bool {
    plausible::is_line_of_base64(text, range)
}
