//! Checks whether what a pattern matched has the form of what its rule yields: a key ID, a secret, a token, the secret of a
//! service; in one piece or in several, as it is or in base64.

use std::ops::Range;

use super::candidate::Part;
use super::view::View;
use super::{decode, markup, measured, plausible, service, signed};
use crate::aws::{AccessKeyId, Likeness, SecretAccessKey, ServiceSecretKind, SessionToken};
use crate::finding::Encoding;
use crate::level::Doubt;
use crate::rule;

/// How far before a value its name may start, in bytes.
pub(super) const MAX_LEAD: usize = 500;

/// A match that is about to be checked.
pub(super) struct Form<'a> {
    pub(super) text: &'a View<'a>,
    pub(super) value: Range<usize>,
    pub(super) unnamed: bool,
    pub(super) vouched: bool,
}

/// A match whose form is right.
pub(super) struct Checked {
    pub(super) part: Part,
    pub(super) range: Range<usize>,
    pub(super) doubts: Vec<Doubt>,
    /// Whether it does not even look like what it should be.
    pub(super) dubious: bool,
    pub(super) encoding: Option<Encoding>,
}

impl Form<'_> {
    fn bytes(&self) -> &[u8] {
        self.text.bytes()
    }

    pub(super) fn key_id(&self, is_signed: bool) -> Option<Checked> {
        let whole = AccessKeyId::parse(&self.bytes()[self.value.clone()]);
        let (id, range) = match whole {
            Some(id) => (id, self.value.clone()),
            None => self.joined_key_id()?,
        };
        // The gate looks for the prefix as it stands in the source, or with each of its letters as `\u0041` or `\\u0041`.
        let prefix = range.start..range.start + AccessKeyId::PREFIX_LEN;
        let spelled = self.text.source_range(&prefix).len();
        if ![1, 6, 7].iter().any(|letter| letter * prefix.len() == spelled) {
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

    pub(super) fn secret(&self) -> Option<Checked> {
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
    pub(super) fn next_start(&self) -> usize {
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

    pub(super) fn service(&self, kind: ServiceSecretKind) -> Option<Checked> {
        let (part, range) = service::read(self.bytes(), &self.value, kind)?;
        let part = Part::Service(Box::new(part));
        Some(Checked { part, range, doubts: Vec::new(), dubious: false, encoding: None })
    }

    pub(super) fn token(&self) -> Option<Checked> {
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
