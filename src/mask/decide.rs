//! What of a text is masked: a function of the text, of what was shown before it, and of the secrets seen before.

use std::ops::Range;
use std::sync::Arc;

use super::forty::{forties, in_paths};
use super::named;
use super::shaped::{Shape, shaped};
use super::signature::signatures;
use super::spell;
use super::tally::{Masked, Tally};
use super::{KEY_ID_REACH, NAME_REACH, Options, SEAM};
use crate::anchor::{Form, Hit, Opens};
use crate::aws::{AccessKeyId, SecretAccessKey, SecretFingerprint, ServiceSecret, SessionToken};
use crate::detect::{Detector, Part, Value, may_hold_secret};
use crate::finding::Encoding;
use crate::known::{Remembered, TEXT, TEXT_OF_WORDS, TOKEN_HEAD};
use crate::level::Certainty;
use crate::rule::RuleId;
use crate::text::unseen::written_len;

/// A stretch that is masked.
#[derive(Clone, Debug)]
pub(super) struct Mask {
    pub(super) range: Range<usize>,
    pub(super) masked: Masked,
    /// What is written there, if it is not what stands for it in plain text.
    pub(super) text: Option<Vec<u8>>,
}

/// Decides what is masked.
#[derive(Debug)]
pub(super) struct Judge {
    pub(super) detector: Arc<Detector>,
    pub(super) options: Options,
    pub(super) remembered: Remembered,
    pub(super) tally: Tally,
    pub(super) packed: Packed,
    rules: Rules,
}

/// What says whether compressed bytes hold a secret.
pub(super) type Packed = fn(&Detector, &[u8]) -> bool;

/// The rules under which is masked what no rule of detection found.
#[derive(Debug)]
struct Rules {
    secret: RuleId,
    signed: RuleId,
}

/// A text is looked through again with its masks until nothing more is found, and masked whole where that does not end.
const MOST_ROUNDS: usize = 6;

impl Judge {
    pub(super) fn new(detector: Arc<Detector>, options: Options, packed: Packed) -> Self {
        let rule = |id| RuleId::parse(id).unwrap_or_else(|| unreachable!("`{id}` is a rule ID"));
        let rules = Rules { secret: rule("aws-secret-access-key"), signed: rule("aws-presigned-url") };
        Self { detector, options, remembered: Remembered::default(), tally: Tally::default(), packed, rules }
    }

    /// Remembers a secret, to mask it wherever it appears later.
    pub(super) fn remember(&mut self, secret: &[u8], masked: &Masked, head: usize, text_limit: i32) {
        if let Some(number) = self.tally.number(masked) {
            self.remembered.add(secret, head, text_limit, number);
        }
    }

    /// What is masked of `text`, which comes after `before`: in order and apart. The first `carried` bytes belong to a
    /// mask before it.
    pub(super) fn masks(&mut self, before: &[u8], text: &[u8], carried: usize) -> Vec<Mask> {
        let mut masks: Vec<Mask> = Vec::new();
        let mut current = text.to_vec();
        current[..carried.min(text.len())].fill(b'*');
        let mut spelled = Spelled::whole(current.len());
        for round in 0.. {
            let found = self.round(before, &current);
            if found.is_empty() {
                return masks;
            }
            if round == MOST_ROUNDS {
                let masked = Masked { rule: self.rules.secret.clone(), fingerprint: None };
                return vec![Mask { range: 0..text.len(), masked, text: None }];
            }
            let found = found.into_iter().map(|mask| Mask { range: spelled.source(&mask.range), ..mask });
            masks = apart(masks.into_iter().chain(found).collect());
            (current, spelled) = self.apply(text, carried, &masks);
        }
        masks
    }

    /// The text with its masks.
    fn apply(&self, text: &[u8], carried: usize, masks: &[Mask]) -> (Vec<u8>, Spelled) {
        let mut out = Vec::with_capacity(text.len());
        let mut spelled = Spelled::default();
        let mut at = 0;
        for mask in masks {
            spelled.copy(out.len(), at..mask.range.start);
            out.extend_from_slice(&text[at..mask.range.start]);
            let shown = self.shown(text, mask);
            spelled.replace(out.len(), mask.range.clone());
            out.extend_from_slice(&shown);
            at = mask.range.end;
        }
        spelled.copy(out.len(), at..text.len());
        out.extend_from_slice(&text[at..]);
        let carried = carried.min(masks.first().map_or(text.len(), |mask| mask.range.start));
        out[..carried].fill(b'*');
        spelled.end(out.len(), text.len());
        (out, spelled)
    }

    /// What is written in place of `mask`.
    pub(super) fn shown(&self, text: &[u8], mask: &Mask) -> Vec<u8> {
        let plain = || spell::plain(&mask.masked, self.options.label);
        mask.text.clone().unwrap_or_else(|| spell::as_wide_as(&text[mask.range.clone()], plain()))
    }

    /// What is found in `text` at one reading.
    fn round(&mut self, before: &[u8], text: &[u8]) -> Vec<Mask> {
        let mut masks = Vec::new();
        let near = self.near(before, text);
        let has_key_id = self.detect(near, text, &mut masks);
        self.forties(before, text, has_key_id, &mut masks);
        self.shaped(before, text, &mut masks);
        if !self.options.only_certain {
            self.named(before, text, has_key_id, &mut masks);
        }
        // What was found is known from here on, and may stand here again.
        if !self.remembered.is_empty() {
            let found = self.remembered.find(text);
            // `=30` may be a letter in quoted-printable, and is the sign before a secret that begins with `30`.
            let is_sign = |at: usize| text[at] == b'=' && masks.iter().any(|mask| mask.range.start == at + 1);
            let named = found.into_iter().filter_map(|(range, name)| {
                let masked = self.tally.name(name)?.clone();
                let start = range.start + usize::from(is_sign(range.start));
                Some(Mask { range: start..range.end, masked, text: None })
            });
            let named: Vec<Mask> = named.collect();
            masks.extend(named);
        }
        apart(masks)
    }

    /// As much of `before` as decides what `text` shows: a name, and the last key ID if it is in reach.
    fn near<'b>(&self, before: &'b [u8], text: &[u8]) -> &'b [u8] {
        let reach = &before[before.len().saturating_sub(KEY_ID_REACH)..];
        let is_needed =
            may_go_on_to_hold_secret(before, text) || text.iter().any(is_escape) || is_signature(text);
        let key_id = if is_needed { last_key_id(reach) } else { None };
        let start = key_id.unwrap_or(reach.len()).min(reach.len().saturating_sub(NAME_REACH));
        &reach[start..]
    }

    /// Adds what detection finds in `text`. Returns whether a key ID is in reach.
    fn detect(&mut self, before: &[u8], text: &[u8], masks: &mut Vec<Mask>) -> bool {
        let all = [before, text].concat();
        let hits = self.detector.hits(&all);
        if hits.is_empty() || !self.is_worth(&all, before.len(), &hits) {
            return hits.iter().any(|hit| is_key_id(&all, hit));
        }
        let parts = self.detector.parts(&all);
        let ours = |range: &Range<usize>| {
            (range.end > before.len())
                .then(|| range.start.max(before.len()) - before.len()..range.end - before.len())
        };
        // One in a signed request counts, too: what is in its path may be a secret all the same.
        let mut has_key_id = hits.iter().any(|hit| is_key_id(&all, hit));
        let mut is_signed = false;
        for part in parts.parts {
            has_key_id |= matches!(part.value, Value::KeyId(..));
            is_signed |= matches!(part.value, Value::KeyId(_, true)) && !part.is_example;
            if let Some(range) = ours(&part.range) {
                masks.extend(self.encoded_request(&part, text, &range));
                masks.extend(self.part(part, text, range));
            }
        }
        if is_signed {
            masks.extend(signatures(text).into_iter().map(|range| self.signature(text, range)));
        }
        for (range, bytes) in parts.packed {
            if let Some(range) = ours(&range)
                && (range.end == text.len() && range.len() > SHORT_PACKED
                    || (self.packed)(&self.detector, &bytes))
            {
                masks.push(Mask {
                    range,
                    masked: Masked { rule: self.rules.secret.clone(), fingerprint: None },
                    text: None,
                });
            }
        }
        if parts.is_cut {
            let masked = Masked { rule: self.rules.secret.clone(), fingerprint: None };
            masks.push(Mask { range: 0..text.len(), masked, text: None });
        }
        has_key_id
    }

    /// Whether there may be more in the text from `from` on than key IDs.
    fn is_worth(&self, all: &[u8], from: usize, hits: &[Hit]) -> bool {
        let text = &all[from..];
        let own = |hit: &&Hit| hit.at + self.detector.anchor_reach() > from;
        let is_other = |hit: &Hit| !is_key_id(all, hit);
        self.options.key_ids
            || hits.iter().filter(own).any(is_other)
            || may_go_on_to_hold_secret(&all[..from], text)
            || text.iter().any(is_escape)
            || has_unseen(text)
            || is_signature(text)
            || memchr::memmem::find(text, b"AWS A").is_some()
    }

    fn part(&mut self, part: Part, text: &[u8], range: Range<usize>) -> Option<Mask> {
        let is_wanted = !self.options.only_certain || part.certainty > Certainty::Low;
        if part.is_example || !is_wanted {
            return None;
        }
        let depth = part.encodings.iter().filter(|encoding| **encoding == Encoding::Base64).count();
        let in_base64 = |secret: &[u8]| {
            let is_base64 = depth > 0 && depth == part.encodings.len();
            if is_base64 { spell::in_base64(&text[range.clone()], secret, depth) } else { None }
        };
        let (fingerprint, shown) = match &part.value {
            Value::KeyId(id, _) if self.options.key_ids => {
                (SecretFingerprint::of(id.as_str().as_bytes()), in_base64(id.as_str().as_bytes()))
            }
            Value::KeyId(..) => return None,
            Value::Secret(secret) => {
                let letters = exposed(secret);
                let masked = Masked { rule: part.rule.clone(), fingerprint: Some(secret.fingerprint()) };
                self.remember(letters, &masked, 0, limit(secret));
                (secret.fingerprint(), in_base64(letters))
            }
            Value::Token(token) => {
                let masked = Masked { rule: part.rule.clone(), fingerprint: Some(token.fingerprint()) };
                self.remember(exposed_token(token), &masked, TOKEN_HEAD, TEXT);
                (token.fingerprint(), in_base64(exposed_token(token)))
            }
            Value::Service(secret) => {
                let masked = Masked { rule: part.rule.clone(), fingerprint: Some(secret.fingerprint()) };
                self.remember(exposed_service(secret), &masked, secret.head_len(), TEXT);
                (secret.fingerprint(), None)
            }
        };
        Some(Mask { range, masked: Masked { rule: part.rule, fingerprint: Some(fingerprint) }, text: shown })
    }

    /// The whole of what encodes a signed request, where `part` is its key ID: the signature in it is masked with it.
    fn encoded_request(&self, part: &Part, text: &[u8], range: &Range<usize>) -> Option<Mask> {
        let is_signed = matches!(part.value, Value::KeyId(_, true)) && !part.is_example;
        let is_of_run =
            |encoding: &Encoding| matches!(encoding, Encoding::Base64 | Encoding::Utf16 | Encoding::Utf32);
        if !is_signed || !part.encodings.iter().any(is_of_run) {
            return None;
        }
        let is_base64 = part.encodings.contains(&Encoding::Base64);
        let range =
            if is_base64 { spell::base64_around(text, range) } else { spell::wide_around(text, range) };
        // The policy of a form names the key ID, and its signature is a field of its own.
        if is_base64 && spell::is_object_without(&text[range.clone()], b"ignature") {
            return None;
        }
        Some(self.signature(text, range))
    }

    /// Adds what its own form or its name says to be a secret of AWS.
    fn shaped(&mut self, before: &[u8], text: &[u8], masks: &mut Vec<Mask>) {
        let near = &before[before.len().saturating_sub(SEAM)..];
        let all = [near, text].concat();
        let is_wanted = |shape: &Shape| !self.options.only_certain || *shape != Shape::SignIn;
        let shaped: Vec<_> = shaped(&all).into_iter().filter(|(_, shape)| is_wanted(shape)).collect();
        for (range, shape) in shaped {
            if range.end <= near.len() || is_example(&all[range.clone()]) {
                continue;
            }
            let Some(rule) = RuleId::parse(shape.rule()) else { continue };
            let masked = Masked { rule, fingerprint: Some(SecretFingerprint::of(&all[range.clone()])) };
            self.remember(&all[range.clone()], &masked, TOKEN_HEAD, TEXT);
            let range = range.start.saturating_sub(near.len())..range.end - near.len();
            masks.push(Mask { range, masked, text: None });
        }
    }

    /// Adds what looks like a secret by itself. Where only what is certain is masked, a key ID has to be near.
    fn forties(&mut self, before: &[u8], text: &[u8], has_key_id: bool, masks: &mut Vec<Mask>) {
        if self.options.only_certain && !has_key_id {
            return;
        }
        // What comes before decides whether the first letters are the end of something longer.
        let near = &before[before.len().saturating_sub(NAME_REACH)..];
        let all = [near, text].concat();
        let paths = if has_key_id { in_paths(&all) } else { Vec::new() };
        for forty in forties(&all).into_iter().chain(paths) {
            if forty.range.start < near.len() {
                continue;
            }
            let range = forty.range.start - near.len()..forty.range.end - near.len();
            let masked =
                Masked { rule: self.rules.secret.clone(), fingerprint: Some(forty.secret.fingerprint()) };
            let letters = exposed(&forty.secret);
            self.remember(letters, &masked, 0, limit(&forty.secret));
            let shown =
                if forty.is_encoded { spell::in_base64(&text[range.clone()], letters, 1) } else { None };
            masks.push(Mask { range, masked, text: shown });
        }
    }

    /// Adds what only a secret can be where it stands, though it is none as it is.
    fn named(&self, before: &[u8], text: &[u8], has_key_id: bool, masks: &mut Vec<Mask>) {
        let near = &before[before.len().saturating_sub(SEAM)..];
        let all = [near, text].concat();
        let mut beside = if has_key_id { named::beside_id(&all) } else { Vec::new() };
        // Of what has a secret in it that is known, only that is masked.
        beside.retain(|range| self.remembered.find(&all[range.clone()]).is_empty());
        for range in named::values(&all).into_iter().chain(beside) {
            if range.end <= near.len() {
                continue;
            }
            let range = range.start.saturating_sub(near.len())..range.end - near.len();
            let masked = Masked { rule: self.rules.secret.clone(), fingerprint: None };
            masks.push(Mask { range, masked, text: None });
        }
    }

    fn signature(&self, text: &[u8], range: Range<usize>) -> Mask {
        let fingerprint = SecretFingerprint::of(&text[range.clone()]);
        Mask {
            range,
            masked: Masked { rule: self.rules.signed.clone(), fingerprint: Some(fingerprint) },
            text: None,
        }
    }
}

/// Bytes that the pieces of a value before the last one may take.
const PIECES: usize = 100;

/// Whether `text` has letters enough for a secret, or what comes before it and `text` together have.
fn may_go_on_to_hold_secret(before: &[u8], text: &[u8]) -> bool {
    let pieces = &before[before.len().saturating_sub(PIECES)..];
    has_random_run(text) && may_hold_secret(&[pieces, text].concat())
}

/// Whether a run of letters is written as no word is: pieces of secrets are, if they are long enough to show.
fn has_random_run(text: &[u8]) -> bool {
    const SHORTEST: usize = 8;
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'+';
    let is_random = |run: &[u8]| {
        let has = |kind: fn(&u8) -> bool| run[1..].iter().any(kind);
        has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase)
    };
    text.split(|byte| !is_letter(byte)).any(|run| run.len() >= SHORTEST && is_random(run))
}

/// Whether a byte may begin the spelling of a letter.
fn is_escape(byte: &u8) -> bool {
    matches!(byte, b'%' | b'&' | b'\\' | 0)
}

/// Whether a signature may stand in `text`.
fn is_signature(text: &[u8]) -> bool {
    memchr::memmem::find(text, b"ignature").is_some()
}

/// Whether `text` has what may divide a value and is not seen.
fn has_unseen(text: &[u8]) -> bool {
    (0..text.len()).any(|at| written_len(&text[at..]).is_some())
}

/// Whether a value is one of the documentation: they have the word in them.
fn is_example(value: &[u8]) -> bool {
    memchr::memmem::find(value, b"EXAMPLE").is_some()
}

/// Compressed bytes at the end of a text that are not whole are decided by nothing that comes later.
const SHORT_PACKED: usize = 32 * 1024;

#[expect(clippy::disallowed_methods, reason = "what is found is masked, and shown nowhere")]
fn exposed(secret: &SecretAccessKey) -> &[u8] {
    secret.expose()
}

#[expect(clippy::disallowed_methods, reason = "what is found is masked, and shown nowhere")]
fn exposed_token(token: &SessionToken) -> &[u8] {
    token.expose()
}

#[expect(clippy::disallowed_methods, reason = "what is found is masked, and shown nowhere")]
fn exposed_service(secret: &ServiceSecret) -> &[u8] {
    secret.expose()
}

fn limit(secret: &SecretAccessKey) -> i32 {
    if secret.likeness() == crate::aws::Likeness::RandomKey { TEXT } else { TEXT_OF_WORDS }
}

/// Whether a key ID is written where `hit` is.
fn is_key_id(text: &[u8], hit: &Hit) -> bool {
    matches!(hit.form, Form::Plain { opens: Opens::KeyId, .. })
        && text.get(hit.at..hit.at + AccessKeyId::LEN).is_some_and(|id| AccessKeyId::parse(id).is_some())
}

/// Where the last key ID in `text` is.
fn last_key_id(text: &[u8]) -> Option<usize> {
    let starts = |prefix: &'static [u8]| {
        memchr::memmem::rfind_iter(text, prefix).find(|&at| {
            text.get(at..at + AccessKeyId::LEN).is_some_and(|id| AccessKeyId::parse(id).is_some())
        })
    };
    starts(b"AKIA").max(starts(b"ASIA"))
}

/// Makes one mask of those that overlap, named after the first; in order.
pub(super) fn apart(mut masks: Vec<Mask>) -> Vec<Mask> {
    masks.retain(|mask| !mask.range.is_empty());
    // Of those that start together the longest is first, and one that was found as a whole before a piece of it.
    masks.sort_by_key(|mask| (mask.range.start, std::cmp::Reverse(mask.range.end), mask.text.is_none()));
    let mut apart: Vec<Mask> = Vec::with_capacity(masks.len());
    for mask in masks {
        match apart.last_mut() {
            Some(last) if mask.range.start < last.range.end => {
                if mask.range.end > last.range.end {
                    (last.range.end, last.text) = (mask.range.end, None);
                }
            }
            _ => apart.push(mask),
        }
    }
    apart
}

/// Which stretch of a text each stretch of its masked form stands for.
#[derive(Default)]
struct Spelled {
    /// Where a stretch starts in the masked form, where in the text, and its length there if it is a mask.
    starts: Vec<(usize, usize, Option<usize>)>,
}

impl Spelled {
    fn whole(len: usize) -> Self {
        let mut spelled = Self::default();
        spelled.copy(0, 0..len);
        spelled.end(len, len);
        spelled
    }

    fn copy(&mut self, at: usize, source: Range<usize>) {
        if !source.is_empty() {
            self.starts.push((at, source.start, None));
        }
    }

    fn replace(&mut self, at: usize, source: Range<usize>) {
        self.starts.push((at, source.start, Some(source.len())));
    }

    fn end(&mut self, at: usize, source: usize) {
        self.starts.push((at, source, Some(0)));
    }

    /// The stretch of the text that `range` of the masked form stands for.
    fn source(&self, range: &Range<usize>) -> Range<usize> {
        let place = |at: usize| self.starts.partition_point(|(start, ..)| *start <= at).saturating_sub(1);
        let (first, last) = (place(range.start), place(range.end.saturating_sub(1).max(range.start)));
        let start = match self.starts[first] {
            (_, source, Some(_)) => source,
            (at, source, None) => source + (range.start - at),
        };
        let end = match self.starts[last] {
            (_, source, Some(len)) => source + len,
            (at, source, None) => source + (range.end - at),
        };
        start..end.max(start)
    }
}
