//! What a rule matched, once its form was checked: a part of a credential, waiting to be paired.

use std::ops::Range;

use super::meter::Meter;
use super::plausible;
use super::service::{self, ServicePart};
use super::signed;
use super::view::View;
use super::{decode, markup, measured, name};
use crate::aws::{AccessKeyId, Likeness, SecretAccessKey, ServiceSecretKind, SessionToken};
use crate::finding::{Encoding, SignedRequest};
use crate::level::{Certainty, Doubt};
use crate::rule::{self, Pattern, RuleId, Yields};

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
    fn is_example(&self) -> bool {
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

/// How far before a value its name may start, in bytes.
const MAX_LEAD: usize = 500;

/// How many bytes a match is read beyond the point where it is certain. A secret in pieces is shorter than that; the
/// characters of a longer value decide what it is.
const MAX_TAIL: usize = 2048;

/// Steps for a match, for each byte of it, for each byte that is searched for anchors or for words, and for each byte of
/// one that is read for what it captures, too.
const MATCH: u64 = 2000;
const MATCH_BYTE: u64 = 20;
const NAME_BYTE: u64 = 60;
const CAPTURE_BYTE: u64 = 400;

/// How often a text may be read for matches that turn out to be none. Where a pattern matches from one start after
/// another, each time to the same far end, this keeps the work from growing with the square of the text.
const MAX_READS: usize = 32;

/// Every candidate that `pattern` of a rule finds in `text`, in order, and whether there may be more: the text had so
/// many matches that are none that it was not read to its end.
pub(super) fn find(
    text: &View<'_>,
    rule: &rule::Rule,
    pattern: &Pattern,
    others: &name::Others,
    meter: &mut Meter<'_>,
) -> (Vec<Candidate>, bool) {
    let bytes = text.bytes();
    let mut found = Vec::new();
    let regex = pattern.expression.regex();
    let (mut at, mut left) = (0, bytes.len() * MAX_READS);
    while let Some(certain) = regex.shortest_match_at(bytes, at) {
        let near = &bytes[..bytes.len().min(certain.saturating_add(MAX_TAIL))];
        let Some(matched) = regex.find_at(near, at) else { break };
        let named =
            if pattern.near_key_id && !pattern.names_aws { 0 } else { matched.len().min(2 * MAX_LEAD) };
        if !meter.spend(MATCH + MATCH_BYTE * matched.len() as u64 + NAME_BYTE * named as u64) {
            return (found, false);
        }
        // Patterns ignore case and anchors do not. Else a name in a case that no anchor has would be found only where
        // some anchor happens to be near.
        let is_candidate = matched.len() <= MAX_LEAD + 2 * MAX_TAIL
            && (pattern.near_key_id || has_anchor(rule, pattern, bytes, matched.range()));
        let captures = if is_candidate {
            meter.spend(CAPTURE_BYTE * matched.len() as u64);
            regex.captures_at(&near[..matched.end()], matched.start())
        } else {
            None
        };
        let groups = captures.as_ref().and_then(|captures| captures.get(0).zip(captures.name("value")));
        let Some((whole, value)) = groups else {
            at = matched.start() + 1;
            match left.checked_sub(matched.len()) {
                Some(rest) => left = rest,
                None => return (found, true),
            }
            continue;
        };
        // The form of a service's secret says what it is.
        let is_service = rule.yields.service_secret().is_some();
        let unnamed = pattern.near_key_id && whole.start() == value.start() && !is_service;
        let form = Form {
            text,
            value: value.range(),
            unnamed,
            // Only a name of its own, with the value assigned to it, vouches for a value that looks like something else.
            vouched: pattern.certainty == Certainty::High && !pattern.generic && !pattern.near_key_id,
        };
        let lead = value.start() - whole.start();
        let checked = match rule.yields {
            _ if lead > MAX_LEAD => None,
            _ if pattern.names_aws && !others.is_aws_named(bytes, whole.start()..value.start()) => None,
            Yields::LongTermKeyId | Yields::TemporaryKeyId => form.key_id(false),
            Yields::SignedRequest => form.key_id(true),
            Yields::Secret => form.secret(),
            Yields::SessionToken => form.token(),
            Yields::LongTermPair | Yields::TemporaryPair => None,
            Yields::SesSmtpPassword
            | Yields::ApiKey
            | Yields::ServicePassword
            | Yields::SsoToken
            | Yields::EcrToken => rule.yields.service_secret().and_then(|kind| form.service(kind)),
        };
        // What was read and is no part of a candidate.
        let vain;
        if let Some(checked) = checked {
            at = checked.range.end;
            vain = whole.end().saturating_sub(at);
            let is_named = !matches!(checked.part, Part::Token(_) | Part::Service(_));
            let owner = is_named.then(|| others.owner(bytes, checked.range.start)).flatten();
            found.push(Candidate { owner, ..candidate(text, rule, pattern, checked, unnamed) });
        } else {
            // A match that is no candidate may hide one that starts inside it, but not within one run of letters.
            at = if lead == 0 { form.next_start().max(at + 1) } else { whole.start() + 1 };
            vain = whole.len();
        }
        match left.checked_sub(vain) {
            Some(rest) => left = rest,
            None => return (found, true),
        }
        if at > bytes.len() {
            break;
        }
    }
    (found, false)
}

/// Whether what `pattern` of `rule` matched has one of the rule's anchors, as rules promise of every match; where the
/// whole name counts, in the name.
pub(super) fn has_anchor(rule: &rule::Rule, pattern: &Pattern, text: &[u8], matched: Range<usize>) -> bool {
    if pattern.near_anchor {
        // The window around the anchor has to show as much of the text as there is without a gate.
        let start = matched.start.saturating_sub(rule.reach);
        return rule.anchors.is_in(&text[start..text.len().min(matched.start + rule.reach)]);
    }
    let start = if pattern.names_aws { name::start(text, matched.start) } else { matched.start };
    rule.anchors.is_in(&text[start..matched.end.min(start + 2 * MAX_LEAD)])
}

fn candidate(
    text: &View<'_>,
    rule: &rule::Rule,
    pattern: &Pattern,
    checked: Checked,
    unnamed: bool,
) -> Candidate {
    let mut doubts = checked.doubts;
    if pattern.generic {
        doubts.push(Doubt::GenericName);
    }
    let standing = match (pattern.near_key_id, unnamed) {
        (false, _) => Standing::Own,
        (true, false) => Standing::NamedNearId,
        (true, true) => Standing::UnnamedNearId,
    };
    Candidate {
        affix: name::affix_before(text.bytes(), checked.range.start),
        is_example: checked.part.is_example(),
        part: checked.part,
        range: checked.range,
        rule: rule.id.clone(),
        certainty: if checked.dubious { pattern.certainty.min(Certainty::Medium) } else { pattern.certainty },
        doubts,
        standing,
        owner: None,
        encodings: checked.encoding.into_iter().collect(),
    }
}

/// A match that is about to be checked.
struct Form<'a> {
    text: &'a View<'a>,
    value: Range<usize>,
    unnamed: bool,
    vouched: bool,
}

/// A match whose form is right.
struct Checked {
    part: Part,
    range: Range<usize>,
    doubts: Vec<Doubt>,
    /// Whether it does not even look like what it should be.
    dubious: bool,
    encoding: Option<Encoding>,
}

impl Form<'_> {
    fn bytes(&self) -> &[u8] {
        self.text.bytes()
    }

    fn key_id(&self, is_signed: bool) -> Option<Checked> {
        let whole = AccessKeyId::parse(&self.bytes()[self.value.clone()]);
        let (id, range) = match whole {
            Some(id) => (id, self.value.clone()),
            None => self.joined_key_id()?,
        };
        // The gate looks for the prefix as it stands in the source.
        let prefix = range.start..range.start + AccessKeyId::PREFIX_LEN;
        if self.text.source_range(&prefix).len() != prefix.len() {
            return None;
        }
        let signed = is_signed.then(|| signed::read(self.bytes(), range.end));
        let alone = is_signed || plausible::stands_alone(self.text, &range);
        alone.then(|| Checked {
            doubts: plausible::key_id_doubts(self.bytes(), &range, id),
            part: Part::KeyId { id, signed },
            range,
            dubious: false,
            encoding: None,
        })
    }

    /// A key ID in pieces: concatenated or continued. One that is only folded is two words on two lines.
    fn joined_key_id(&self) -> Option<(AccessKeyId, Range<usize>)> {
        let value = &self.bytes()[self.value.clone()];
        let value = &value[..value.len().min(MAX_LEAD)];
        let mut letters = Vec::with_capacity(AccessKeyId::LEN);
        let mut end = 0;
        for piece in rule::join_free(value) {
            let joint = &value[end..piece.start];
            if !joint.is_empty() && joint.iter().all(u8::is_ascii_whitespace) {
                return None;
            }
            end = piece.end;
            letters.extend_from_slice(&value[piece]);
            if letters.len() >= AccessKeyId::LEN {
                return Some((AccessKeyId::parse(&letters)?, self.value.start..self.value.start + end));
            }
        }
        None
    }

    fn secret(&self) -> Option<Checked> {
        let (secret, range, encoding) = self.plain().or_else(|| self.encoded()).or_else(|| self.joined())?;
        let likeness = secret.likeness();
        let is_known = secret.is_example();
        let looks_right = likeness == Likeness::RandomKey || is_known;
        if !looks_right && !self.vouched && !secret.is_placeholder() {
            return None;
        }
        let is_cut = plausible::is_line_of_base64(self.bytes(), &range);
        if self.unnamed && (!looks_right || is_cut) {
            return None;
        }
        Some(Checked {
            part: Part::Secret(secret),
            range,
            doubts: plausible::secret_doubt(likeness)
                .filter(|_| !looks_right)
                .into_iter()
                .chain(is_cut.then_some(Doubt::CutFromBase64))
                .collect(),
            dubious: !looks_right,
            encoding,
        })
    }

    /// Forty letters in one piece.
    fn plain(&self) -> Option<(SecretAccessKey, Range<usize>, Option<Encoding>)> {
        let bytes = self.bytes();
        let run = self.value.start..run_end(bytes, self.value.start);
        self.whole_run(&run).or_else(|| {
            let inner = measured::secret(bytes, &run).or_else(|| markup::secret(bytes, &run))?;
            let secret = SecretAccessKey::parse(&bytes[inner.clone()])?;
            // A path between slashes has any length: only what looks like a secret is set apart from what touches it.
            looks_right(&secret).then_some((secret, inner, None))
        })
    }

    /// Forty letters that are all of `run`.
    fn whole_run(&self, run: &Range<usize>) -> Option<(SecretAccessKey, Range<usize>, Option<Encoding>)> {
        let bytes = self.bytes();
        let secret = SecretAccessKey::parse(&bytes[run.clone()])?;
        let goes_on = |byte: &u8| *byte == b'=' || (self.unnamed && matches!(byte, b'_' | b'-'));
        let cut_after = bytes.get(run.end).is_some_and(goes_on);
        (!self.is_cut_before(run.start) && !cut_after).then_some((secret, run.clone(), None))
    }

    /// Whether what starts at `start` is the rest of something longer.
    fn is_cut_before(&self, start: usize) -> bool {
        let before = start.checked_sub(1).and_then(|before| self.bytes().get(before));
        let is_letter =
            |byte: &u8| SecretAccessKey::is_letter(*byte) || (self.unnamed && matches!(byte, b'_' | b'-'));
        before.is_some_and(is_letter) && !self.text.is_seam(start)
    }

    /// A secret as base64, as in Kubernetes.
    fn encoded(&self) -> Option<(SecretAccessKey, Range<usize>, Option<Encoding>)> {
        let bytes = self.bytes();
        let letters = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
        let len = bytes[self.value.start..].iter().take_while(|byte| letters(byte)).count();
        let padding =
            bytes[self.value.start + len..].iter().take(2).take_while(|&&byte| byte == b'=').count();
        if !(54..=56).contains(&len) {
            return None;
        }
        let range = self.value.start..self.value.start + len + padding;
        let decoded = decode::base64_exact(&bytes[range.clone()])?;
        let secret = SecretAccessKey::parse(decoded.trim_ascii())?;
        Some((secret, range, Some(Encoding::Base64)))
    }

    /// A secret in pieces: concatenated, continued or folded.
    fn joined(&self) -> Option<(SecretAccessKey, Range<usize>, Option<Encoding>)> {
        if self.unnamed || self.is_cut_before(self.value.start) {
            return None;
        }
        let bytes = self.bytes();
        let mut letters = Vec::with_capacity(SecretAccessKey::LEN);
        for piece in rule::join_free(&bytes[self.value.clone()]) {
            let piece = self.value.start + piece.start..self.value.start + piece.end;
            letters.extend_from_slice(&bytes[piece.clone()]);
            if letters.len() >= SecretAccessKey::LEN {
                let next_is_letter =
                    bytes.get(piece.end).is_some_and(|byte| SecretAccessKey::is_letter(*byte));
                let secret = SecretAccessKey::parse(&letters).filter(|_| !next_is_letter)?;
                // Words that happen to fill forty characters are no secret in pieces.
                return looks_right(&secret).then_some((secret, self.value.start..piece.end, None));
            }
        }
        None
    }

    /// Where the next value may start behind this one, which is none: past its first run. Each start on the way would be
    /// read up to the same end.
    fn next_start(&self) -> usize {
        run_end(self.bytes(), self.value.start)
    }

    /// The pieces of a token that starts with the value, and may be folded. It ends where the next line is not all of the
    /// value, and is not read any further than tokens go.
    fn pieces(&self) -> Vec<Range<usize>> {
        let bytes = self.bytes();
        let first = self.value.start..run_end(bytes, self.value.start);
        let (mut letters, mut pieces) = (first.len(), vec![first]);
        while let Some(last) = pieces.last()
            && letters <= SessionToken::MAX_LEN
            && let Some(join) = rule::join_len(&bytes[last.end..])
        {
            let start = last.end + join;
            let piece = start..run_end(bytes, start);
            if piece.len() < SHORTEST_PIECE || is_next_value(bytes, last, &piece) {
                break;
            }
            letters += piece.len();
            pieces.push(piece);
        }
        if let Some(last) = pieces.last_mut() {
            last.end += bytes[last.end..].iter().take(2).take_while(|&&byte| byte == b'=').count();
        }
        while pieces.len() > 1 && pieces.last().is_some_and(|piece| !ends_a_line(bytes, piece.end)) {
            pieces.pop();
        }
        pieces
    }

    fn service(&self, kind: ServiceSecretKind) -> Option<Checked> {
        let (part, range) = service::read(self.bytes(), &self.value, kind)?;
        let part = Part::Service(Box::new(part));
        Some(Checked { part, range, doubts: Vec::new(), dubious: false, encoding: None })
    }

    fn token(&self) -> Option<Checked> {
        let bytes = self.bytes();
        let is_cut = self.value.start.checked_sub(1).is_some_and(|before| {
            SecretAccessKey::is_letter(bytes[before]) && !self.text.is_seam(self.value.start)
        });
        if is_cut {
            return None;
        }
        let pieces = self.pieces();
        let letters: Vec<u8> = pieces.iter().flat_map(|piece| bytes[piece.clone()].iter().copied()).collect();
        let token = SessionToken::parse(&letters)?;
        // Where each value of a file is base64, a token's is base64 of base64.
        let inner = decode::base64_exact(&letters).and_then(|inner| SessionToken::parse(&inner));
        Some(Checked {
            encoding: inner.is_some().then_some(Encoding::Base64),
            part: Part::Token(inner.unwrap_or(token)),
            range: self.value.start..pieces.last()?.end,
            doubts: Vec::new(),
            dubious: false,
        })
    }
}

/// What a token goes on with on the next line is no shorter.
const SHORTEST_PIECE: usize = 8;

/// Whether `piece`, on the line behind `last`, is a value of its own: a key ID, or what follows a line that is longer
/// than any that base64 is folded to.
fn is_next_value(bytes: &[u8], last: &Range<usize>, piece: &Range<usize>) -> bool {
    const LONGEST_LINE: usize = 128;
    let is_new_line = matches!(bytes.get(last.end..piece.start), Some(b"\n" | b"\r\n"));
    is_new_line && (last.len() > LONGEST_LINE || AccessKeyId::parse(&bytes[piece.clone()]).is_some())
}

/// Whether what stands at `at` can end a line of folded base64.
fn ends_a_line(bytes: &[u8], at: usize) -> bool {
    bytes
        .get(at)
        .is_none_or(|byte| matches!(byte, b'\r' | b'\n' | b'"' | b'\'' | b'`' | b'<' | b'\\' | b',' | b'&'))
}

/// Whether the letters are those of a secret: random, or known.
fn looks_right(secret: &SecretAccessKey) -> bool {
    secret.likeness() == Likeness::RandomKey || secret.is_example()
}

/// Where the run of a secret's letters around `at` ends.
fn run_end(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().take_while(|byte| SecretAccessKey::is_letter(**byte)).count()
}
