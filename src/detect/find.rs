//! Finds in a text what the patterns of rules match, and whose form is right.

use std::ops::Range;

use super::candidate::{Candidate, Part, Standing};
use super::form::{Checked, Form, MAX_LEAD};
use super::meter::Meter;
use super::name;
use super::view::View;
use crate::level::{Certainty, Doubt};
use crate::rule::{self, Pattern, Yields};

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
