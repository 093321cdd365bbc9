//! From a text to its candidates and the links between them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

use super::candidate::{self, Candidate, Part, Standing};
use super::decode::{self, Nested};
use super::link::{self, Link, REACH};
use super::view::View;
use super::{Detector, escapes};
use crate::anchor::{Form, Hit};
use crate::aws::AccessKeyId;
use crate::finding::Encoding;

/// What was found in one text, and in the texts that are encoded in it.
#[derive(Debug, Default)]
pub(super) struct Local {
    pub(super) candidates: Vec<Candidate>,
    pub(super) links: Vec<Link>,
    /// The candidates that came from encoded text, by where it stands.
    encoded: BTreeMap<(usize, usize), usize>,
}

/// Levels of encoding that are undone.
const MAX_DEPTH: u8 = 2;

/// Examines a text that is there whole, or a piece with its margins.
pub(super) fn text(detector: &Detector, text: &[u8]) -> Local {
    examine(detector, text, 0)
}

fn examine(detector: &Detector, text: &[u8], depth: u8) -> Local {
    let Some(gate) = &detector.gate else {
        let mut local = Local::default();
        in_window(detector, text, 0..text.len(), &mut local);
        return local;
    };
    around(detector, text, &gate.hits(text), depth)
}

/// Examines a text that is there whole, around `hits`, which are all that the gate lets through.
pub(super) fn anchored(detector: &Detector, text: &[u8], hits: &[Hit]) -> Local {
    around(detector, text, hits, 0)
}

fn around(detector: &Detector, text: &[u8], hits: &[Hit], depth: u8) -> Local {
    let mut local = Local::default();
    if depth < MAX_DEPTH {
        nested(detector, text, hits, depth, &mut local);
    }
    for window in windows(text, hits, &local) {
        in_window(detector, text, window, &mut local);
    }
    local
}

/// Decodes what is encoded around `hits` and takes over what is found there.
fn nested(detector: &Detector, text: &[u8], hits: &[Hit], depth: u8, local: &mut Local) {
    let mut recent = Recent::default();
    for hit in hits {
        let (nested, encoding) = match hit.form {
            Form::Plain => continue,
            Form::Base64 { digit } if recent.base64.iter().any(|nested| nested.decodes(hit.at, digit)) => {
                continue;
            }
            Form::Base64 { digit } => (decode::base64_around(text, hit.at, digit), Encoding::Base64),
            Form::Utf16 if recent.utf16.as_ref().is_some_and(|nested| nested.range.contains(&hit.at)) => {
                continue;
            }
            Form::Utf16 => (decode::utf16_around(text, hit.at), Encoding::Utf16),
        };
        local.take_over(examine(detector, nested.view.bytes(), depth + 1), &nested.view, encoding);
        recent.keep(nested, encoding);
    }
}

/// The stretches that were decoded last: later anchors in them need no decoding of their own.
#[derive(Default)]
struct Recent {
    /// The last four: a base64 text can be read from four places in a group.
    base64: VecDeque<Nested>,
    utf16: Option<Nested>,
}

impl Recent {
    fn keep(&mut self, nested: Nested, encoding: Encoding) {
        match encoding {
            Encoding::Base64 => {
                self.base64.truncate(3);
                self.base64.push_front(nested);
            }
            Encoding::Utf16 => self.utf16 = Some(nested),
        }
    }
}

impl Local {
    /// Takes over what was found in a decoded text, at the places that spell it. What is there already is not taken
    /// twice: stretches that were decoded from neighbouring anchors overlap.
    fn take_over(&mut self, inner: Self, view: &View<'_>, encoding: Encoding) {
        let mut places = Vec::with_capacity(inner.candidates.len());
        for mut candidate in inner.candidates {
            candidate.range = view.source_range(&candidate.range);
            candidate.encodings.insert(0, encoding);
            let next = self.candidates.len();
            let place = *self.encoded.entry((candidate.range.start, candidate.range.end)).or_insert(next);
            places.push(place);
            if place == next {
                self.candidates.push(candidate);
            }
        }
        for link in inner.links {
            self.links.push(Link { id: places[link.id], other: places[link.other], ..link });
        }
    }
}

/// Bytes that a name and what announces a value may take before the value, and those that may follow it.
const BEFORE_NAME: usize = 100;
const AFTER_NAME: usize = 1300;
/// Bytes that the longest token takes, folded.
const TOKEN: usize = 20 * 1024;

/// The stretches of `text` in which rules have to run, in order and apart.
fn windows(text: &[u8], hits: &[Hit], local: &Local) -> Vec<Range<usize>> {
    let around = |range: Range<usize>, before: usize, after: usize| {
        range.start.saturating_sub(before)..range.end.saturating_add(after).min(text.len())
    };
    let plain = hits.iter().filter(|hit| hit.form == Form::Plain).filter_map(|hit| {
        let head = &text[hit.at..];
        if head.starts_with(b"AKIA") || head.starts_with(b"ASIA") {
            AccessKeyId::parse(head.get(..AccessKeyId::LEN)?)?;
            return Some(around(hit.at..hit.at + AccessKeyId::LEN, REACH + BEFORE_NAME, REACH + AFTER_NAME));
        }
        let is_token = head.starts_with(b"Jb3J") || head.starts_with(b"QoDY") || head.starts_with(b"ZXIv");
        Some(around(hit.at..hit.at, BEFORE_NAME, if is_token { TOKEN } else { AFTER_NAME }))
    });
    let encoded = local.candidates.iter().filter_map(|candidate| match candidate.part {
        Part::KeyId { .. } => Some(around(candidate.range.clone(), REACH + BEFORE_NAME, REACH + AFTER_NAME)),
        Part::Secret(_) | Part::Token(_) => None,
    });
    let mut windows: Vec<Range<usize>> = plain.chain(encoded).collect();
    windows.sort_by_key(|window| window.start);
    windows.dedup_by(|next, window| {
        let touches = next.start <= window.end;
        if touches {
            window.end = window.end.max(next.end);
        }
        touches
    });
    windows
}

/// Runs the rules in one window and links what they find, with each other and with what was encoded there.
fn in_window(detector: &Detector, text: &[u8], window: Range<usize>, local: &mut Local) {
    let view = escapes::undo(text, window.clone());
    let mut found = Vec::new();
    run(detector, &view, &mut found, false);
    let first_here = local.candidates.len();
    let encoded: Vec<usize> =
        (0..first_here).filter(|&at| window.contains(&local.candidates[at].range.start)).collect();
    let is_id = |candidate: &Candidate| matches!(candidate.part, Part::KeyId { .. });
    if found.iter().any(is_id) || encoded.iter().any(|&at| is_id(&local.candidates[at])) {
        run(detector, &view, &mut found, true);
    }
    let taken = encoded.iter().map(|&at| in_view(&view, &local.candidates[at].range));
    let found = without_overlaps(found, taken.collect());

    let mut places: Vec<(usize, Candidate)> = Vec::with_capacity(found.len() + encoded.len());
    for at in encoded {
        let candidate = &local.candidates[at];
        places.push((at, Candidate { range: in_view(&view, &candidate.range), ..candidate.clone() }));
    }
    for candidate in found {
        places.push((local.candidates.len(), candidate.clone()));
        local.candidates.push(Candidate { range: view.source_range(&candidate.range), ..candidate });
    }
    places.sort_by_key(|(_, candidate)| candidate.range.start);
    links(&view, &places, first_here, &mut local.links);
}

fn in_view(view: &View<'_>, range: &Range<usize>) -> Range<usize> {
    view.place_of(range.start)..view.place_of(range.end)
}

/// Runs every pattern that needs a key ID in reach, or every one that does not.
fn run(detector: &Detector, view: &View<'_>, found: &mut Vec<Candidate>, near_key_id: bool) {
    for rule in detector.rules.iter() {
        for pattern in rule.patterns.iter().filter(|pattern| pattern.near_key_id == near_key_id) {
            found.extend(candidate::find(view, rule, pattern));
        }
    }
}

/// Keeps of candidates that overlap the one that is surest of what it is. Nothing unnamed overlaps what is `taken`.
fn without_overlaps(mut found: Vec<Candidate>, taken: Vec<Range<usize>>) -> Vec<Candidate> {
    found.sort_by_key(|candidate| (rank(candidate), candidate.range.start, candidate.rule.clone()));
    let mut kept: BTreeMap<usize, (usize, Option<Candidate>)> =
        taken.into_iter().map(|range| (range.start, (range.end, None))).collect();
    for candidate in found {
        let overlaps = kept
            .range(..candidate.range.end)
            .next_back()
            .is_some_and(|(_, (end, _))| *end > candidate.range.start);
        if !overlaps {
            kept.insert(candidate.range.start, (candidate.range.end, Some(candidate)));
        }
    }
    kept.into_values().filter_map(|(_, candidate)| candidate).collect()
}

/// The surest first: tokens, which hold text of any form; signed requests before plain key IDs; named before unnamed.
fn rank(candidate: &Candidate) -> (u8, Standing, usize, std::cmp::Reverse<crate::level::Certainty>) {
    let kind = match &candidate.part {
        Part::Token(_) => 0,
        Part::KeyId { signed: Some(_), .. } => 1,
        Part::KeyId { signed: None, .. } => 2,
        Part::Secret(_) => 3,
    };
    (kind, candidate.standing, candidate.doubts.len(), std::cmp::Reverse(candidate.certainty))
}

/// Parts on each side of a key ID that it may be linked with: the nearest. Only where keys stand as dense as in a dump
/// of them is there a farther one.
const MAX_NEIGHBOURS: usize = 8;

/// Links each key ID with what stands in its reach. Parts below `first_here` come from encoded text; two of those are
/// linked already if they belong to one such text, and not at all here.
fn links(view: &View<'_>, places: &[(usize, Candidate)], first_here: usize, links: &mut Vec<Link>) {
    let is_id = |candidate: &Candidate| matches!(candidate.part, Part::KeyId { .. });
    let known: BTreeSet<(usize, usize)> = links.iter().map(|link| (link.id, link.other)).collect();
    // Apart, so that a key ID among thousands of others finds its neighbours at once.
    let (ids, others): (Vec<_>, Vec<_>) = places.iter().partition(|(_, candidate)| is_id(candidate));
    for (id_place, id) in ids {
        let in_reach = |(_, other): &&&(usize, Candidate)| {
            id.range.start.abs_diff(other.range.end).min(other.range.start.abs_diff(id.range.end)) <= REACH
        };
        let (before, after) =
            others.split_at(others.partition_point(|(_, other)| other.range.start < id.range.start));
        let before = before.iter().rev().take(MAX_NEIGHBOURS);
        let after = after.iter().take(MAX_NEIGHBOURS);
        for (other_place, other) in before.chain(after).filter(in_reach) {
            if *id_place < first_here
                && *other_place < first_here
                && known.contains(&(*id_place, *other_place))
            {
                continue;
            }
            if let Some((cost, adjacent)) = link::judge(view.bytes(), id, other) {
                links.push(Link { id: *id_place, other: *other_place, cost, adjacent });
            }
        }
    }
}
