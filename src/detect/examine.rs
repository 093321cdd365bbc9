//! From a text to its candidates and the links between them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

use super::candidate::{Candidate, Part, Standing};
use super::decode::{self, Nested, Packed};
use super::link::{Layout, Link, REACH};
use super::meter::{Cut, Meter};
use super::view::View;
use super::{Detector, artefact, enough, escapes, find, quoted_printable, rtf, slot, values};
use crate::anchor::{Form, Hit, Opens, Radix};
use crate::aws::sign::Artefact;
use crate::aws::{AccessKeyId, ServiceSecret};
use crate::finding::Encoding;
use crate::rule::{Rule, Yields};

/// What was found in one text, and in the texts that are encoded in it.
#[derive(Debug, Default)]
pub(super) struct Local {
    pub(super) candidates: Vec<Candidate>,
    pub(super) links: Vec<Link>,
    /// Why there may be more: a window was not read to its end.
    pub(super) cut: Cut,
    /// Compressed bytes in base64.
    pub(super) packed: Vec<Packed>,
    /// What was signed, and with which key.
    pub(super) artefacts: Vec<Artefact>,
    /// The candidates that came from encoded text, by where it stands.
    encoded: BTreeMap<(usize, usize), usize>,
    /// The links that came from encoded text.
    known: BTreeSet<(usize, usize)>,
}

/// Levels of encoding that are undone.
const MAX_DEPTH: u8 = 2;

/// How often a byte may be decoded, on average: where decoding begins anew at each of many anchors, the work would grow
/// with the square of the text.
const MAX_DECODED: usize = 32;

/// Steps for an anchor, for a decoding and for each byte of it, and for each byte that all rules look at.
const HIT: u64 = 100;
const DECODE: u64 = 1000;
const DECODE_BYTE: u64 = 10;
const LOOK: u64 = 100;
/// Steps to read all of a request.
const SIGNED: u64 = 200_000;

/// Examines a text that is there whole, or a piece with its margins.
pub(super) fn text(detector: &Detector, text: &[u8], meter: &mut Meter<'_>) -> Local {
    examine(detector, text, 0, meter)
}

fn examine(detector: &Detector, text: &[u8], depth: u8, meter: &mut Meter<'_>) -> Local {
    if detector.is_gated {
        return around(detector, text, &detector.gate.hits(text), depth, meter);
    }
    let mut local = Local::default();
    in_window(detector, text, 0..text.len(), &Encoded::default(), &mut local, meter);
    local
}

/// Examines a text that is there whole, around `hits`, which are all that the gate lets through.
pub(super) fn anchored(detector: &Detector, text: &[u8], hits: &[Hit], meter: &mut Meter<'_>) -> Local {
    around(detector, text, hits, 0, meter)
}

fn around(detector: &Detector, text: &[u8], hits: &[Hit], depth: u8, meter: &mut Meter<'_>) -> Local {
    let mut local = Local::default();
    meter.spend(HIT * hits.len() as u64);
    if depth < MAX_DEPTH {
        nested(detector, text, hits, depth, &mut local, meter);
    }
    let encoded = Encoded::new(&local.candidates);
    for window in windows(text, hits, &local, meter) {
        if meter.is_over() {
            break;
        }
        in_window(detector, text, window, &encoded, &mut local, meter);
    }
    local
}

/// Decodes what is encoded around `hits` and takes over what is found there.
fn nested(
    detector: &Detector,
    text: &[u8],
    hits: &[Hit],
    depth: u8,
    local: &mut Local,
    meter: &mut Meter<'_>,
) {
    let mut recent = Recent::default();
    // A text is read four times over where it is base64 at each place in a group, twice as often at its ends.
    let mut left = MAX_DECODED * text.len() + decode::LONGEST;
    for hit in hits {
        let (nested, encoding) = match hit.form {
            Form::Plain { .. } => continue,
            Form::Packed => {
                meter.spend(local.packed(text, hit.at));
                continue;
            }
            Form::Base64 { digit } if recent.base64.iter().any(|nested| nested.decodes(hit.at, digit)) => {
                continue;
            }
            Form::Base64 { digit } => (decode::base64_around(text, hit.at, digit), Encoding::Base64),
            Form::Utf16 | Form::Utf32
                if recent.wide.as_ref().is_some_and(|nested| nested.range.contains(&hit.at)) =>
            {
                continue;
            }
            Form::Values(radix)
                if recent.values.as_ref().is_some_and(|(nested, last)| {
                    *last == radix && values::is_decoded(nested, hit.at, text.len())
                }) =>
            {
                continue;
            }
            Form::Values(radix) => (values::around(text, hit.at, radix), Encoding::Values),
            Form::Utf16 => (decode::wide_around(text, hit.at, 2), Encoding::Utf16),
            Form::Utf32 => (decode::wide_around(text, hit.at, 4), Encoding::Utf32),
        };
        if !meter.spend(DECODE + DECODE_BYTE * nested.range.len() as u64) {
            return;
        }
        let Some(rest) = left.checked_sub(nested.range.len()) else {
            local.cut = Cut::Work;
            return;
        };
        left = rest;
        local.take_over(examine(detector, nested.view.bytes(), depth + 1, meter), &nested.view, encoding);
        recent.keep(nested, hit.form);
    }
}

/// The stretches that were decoded last: later anchors in them need no decoding of their own.
#[derive(Default)]
struct Recent {
    /// The last four: a base64 text can be read from four places in a group.
    base64: VecDeque<Nested>,
    wide: Option<Nested>,
    values: Option<(Nested, Radix)>,
}

impl Recent {
    fn keep(&mut self, nested: Nested, form: Form) {
        match form {
            Form::Plain { .. } | Form::Packed => {}
            Form::Base64 { .. } => {
                self.base64.truncate(3);
                self.base64.push_front(nested);
            }
            Form::Utf16 | Form::Utf32 => self.wide = Some(nested),
            Form::Values(radix) => self.values = Some((nested, radix)),
        }
    }
}

impl Local {
    /// Takes note of compressed bytes in base64, if any start at `at` of `text`. Returns how much work it was.
    fn packed(&mut self, text: &[u8], at: usize) -> u64 {
        if self.packed.last().is_some_and(|last| at < last.range.end) {
            return 0;
        }
        let Some(packed) = decode::packed_at(text, at) else { return DECODE };
        let work = DECODE_BYTE * packed.range.len() as u64;
        self.packed.push(packed);
        work
    }

    /// Takes over what was found in a decoded text, at the places that spell it. What is there already is not taken
    /// twice: stretches that were decoded from neighbouring anchors overlap.
    fn take_over(&mut self, inner: Self, view: &View<'_>, encoding: Encoding) {
        self.cut = self.cut.max(inner.cut);
        self.artefacts.extend(inner.artefacts);
        let packed = inner.packed.into_iter();
        self.packed.extend(packed.map(|packed| Packed { range: view.source_range(&packed.range), ..packed }));
        let mut places = Vec::with_capacity(inner.candidates.len());
        for mut candidate in inner.candidates {
            let decoded = candidate.range.len();
            candidate.range = view.source_range(&candidate.range);
            // What stands between values as it is will be found as it is.
            if encoding == Encoding::Values && candidate.range.len() == decoded {
                places.push(None);
                continue;
            }
            candidate.encodings.insert(0, encoding);
            let next = self.candidates.len();
            let place = *self.encoded.entry((candidate.range.start, candidate.range.end)).or_insert(next);
            places.push(Some(place));
            if place == next {
                self.candidates.push(candidate);
            }
        }
        for link in inner.links {
            let (Some(id), Some(other)) = (places[link.id], places[link.other]) else { continue };
            let link = Link { id, other, ..link };
            if self.known.insert((link.id, link.other)) {
                self.links.push(link);
            }
        }
    }
}

/// Bytes that a name and what announces a value may take before the value, and those that may follow it.
const BEFORE_NAME: usize = 100;
const AFTER_NAME: usize = 1300;
/// Bytes that the longest token takes, folded.
const TOKEN: usize = 20 * 1024;

/// The stretches of `text` in which rules have to run, in order and apart.
fn windows(text: &[u8], hits: &[Hit], local: &Local, meter: &mut Meter<'_>) -> Vec<Range<usize>> {
    let mut broken = Broken::default();
    let around = |range: Range<usize>, before: usize, after: usize| {
        range.start.saturating_sub(before)..range.end.saturating_add(after).min(text.len())
    };
    let plain = hits.iter().filter_map(|hit| {
        let Form::Plain { opens, reach } = hit.form else { return None };
        let (before, after) = match opens {
            Opens::KeyId if !broken.may_be_key_id(text, hit.at, meter) => return None,
            Opens::ApiKey if !broken.may_be_api_key(text, hit.at, meter) => return None,
            Opens::KeyId => (REACH + BEFORE_NAME, AccessKeyId::LEN + REACH + AFTER_NAME),
            Opens::NearKeyId => (REACH + AFTER_NAME, REACH + 2 * AFTER_NAME),
            Opens::Token => (BEFORE_NAME, TOKEN),
            Opens::ApiKey | Opens::Value if reach == 0 => (BEFORE_NAME, AFTER_NAME),
            Opens::ApiKey | Opens::Value => (BEFORE_NAME, TOKEN),
        };
        let reach = usize::from(reach);
        Some(around(hit.at..hit.at, reach + before, reach + after))
    });
    let encoded_ids = local.candidates.iter().filter(|candidate| candidate.is_key_id());
    let encoded =
        encoded_ids.map(|candidate| around(candidate.range.clone(), REACH + BEFORE_NAME, REACH + AFTER_NAME));
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

/// Looks at key IDs and API keys that may be escaped in part, or in pieces, in the order of their places.
#[derive(Default)]
struct Broken {
    mail: quoted_printable::Reader,
}

impl Broken {
    /// Whether the prefix at `at` begins a key ID.
    fn may_be_key_id(&mut self, text: &[u8], at: usize, meter: &mut Meter<'_>) -> bool {
        /// Bytes that a key ID and what stands between its pieces may take.
        const BROKEN: usize = 160;
        let is_letter = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let head = &text[at..text.len().min(at + AccessKeyId::LEN)];
        let Some(letters) = head.iter().position(|byte| !is_letter(byte)) else {
            return AccessKeyId::parse(head).is_some();
        };
        let may_go_on = match text[at + letters] {
            b'=' => matches!(text.get(at + letters + 1), Some(b'\r' | b'\n')),
            b'"' | b'\'' | b'`' | b'^' => true,
            sign => escapes::is_start(sign) || rtf::is_rtf(text) && rtf::is_markup(sign),
        };
        if !may_go_on || !meter.spend(DECODE_BYTE * BROKEN as u64) {
            return false;
        }
        let view = escapes::undo_by(text, at..text.len().min(at + BROKEN), &mut self.mail);
        let letters = view.bytes().iter().copied().filter(is_letter).take(AccessKeyId::LEN);
        AccessKeyId::parse(&letters.collect::<Vec<u8>>()).is_some()
    }

    /// Whether the prefix at `at` begins an API key.
    fn may_be_api_key(&mut self, text: &[u8], at: usize, meter: &mut Meter<'_>) -> bool {
        /// Bytes that the start of an API key may take if some of it is escaped.
        const ESCAPED: usize = 700;
        let head = &text[at..text.len().min(at + ESCAPED)];
        if ServiceSecret::begins_api_key(head) {
            return true;
        }
        let digits = head.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let is_escaped = head.get(digits).is_some_and(|&sign| escapes::is_start(sign));
        if !is_escaped || !meter.spend(DECODE_BYTE * ESCAPED as u64) {
            return false;
        }
        let view = escapes::undo_by(text, at..at + head.len(), &mut self.mail);
        ServiceSecret::begins_api_key(view.bytes())
    }
}

/// The candidates that came from encoded text, in the order in which it stands.
#[derive(Default)]
struct Encoded(Vec<(usize, usize)>);

impl Encoded {
    fn new(candidates: &[Candidate]) -> Self {
        let starts = candidates.iter().enumerate().map(|(at, candidate)| (candidate.range.start, at));
        let mut starts: Vec<(usize, usize)> = starts.collect();
        starts.sort_unstable();
        Self(starts)
    }

    /// Those that start in `window`, in the order in which they were found.
    fn within(&self, window: &Range<usize>) -> Vec<usize> {
        let first = self.0.partition_point(|&(start, _)| start < window.start);
        let within = self.0[first..].iter().take_while(|(start, _)| *start < window.end);
        let mut within: Vec<usize> = within.map(|&(_, at)| at).collect();
        within.sort_unstable();
        within
    }
}

/// Runs the rules in one window and links what they find, with each other and with what was encoded there.
fn in_window(
    detector: &Detector,
    text: &[u8],
    window: Range<usize>,
    encoded: &Encoded,
    local: &mut Local,
    meter: &mut Meter<'_>,
) {
    let view = escapes::undo(text, window.clone());
    let mut found = Vec::new();
    meter.spend(LOOK * window.len() as u64);
    local.cut = local.cut.max(run(detector, &view, &mut found, false, meter));
    let first_here = local.candidates.len();
    let encoded = encoded.within(&window);
    if found.iter().any(Candidate::is_key_id) || encoded.iter().any(|&at| local.candidates[at].is_key_id()) {
        local.cut = local.cut.max(run(detector, &view, &mut found, true, meter));
    }
    let wholes: Vec<Range<usize>> =
        found.iter().filter(|it| it.is_service()).map(|it| it.range.clone()).collect();
    let is_inside =
        |part: &Range<usize>| wholes.iter().any(|it| it.start <= part.start && part.end <= it.end);
    let (within, encoded): (Vec<usize>, Vec<usize>) =
        encoded.into_iter().partition(|&at| is_inside(&in_view(&view, &local.candidates[at].range)));
    // A secret is found as a whole, and not what is in it.
    within.into_iter().for_each(|at| local.candidates[at].standing = Standing::Inside);
    let taken = encoded.iter().map(|&at| in_view(&view, &local.candidates[at].range));
    let found = without_overlaps(found, taken.collect());

    let mut places: Vec<(usize, Candidate)> = Vec::with_capacity(found.len() + encoded.len());
    for at in encoded {
        let candidate = &local.candidates[at];
        local.artefacts.extend(recorded_by(text, candidate, meter));
        places.push((at, Candidate { range: in_view(&view, &candidate.range), ..candidate.clone() }));
    }
    for candidate in found {
        local.artefacts.extend(signed_by(text, &view, &candidate, meter));
        places.push((local.candidates.len(), candidate.clone()));
        local.candidates.push(Candidate { range: view.source_range(&candidate.range), ..candidate });
    }
    places.sort_by_key(|(_, candidate)| candidate.range.start);
    if !places.is_empty() {
        let parts: Vec<Candidate> = places.iter().map(|(_, candidate)| candidate.clone()).collect();
        for slot in slot::find(&detector.rules, &view, &parts, meter) {
            places.push((local.candidates.len(), slot.clone()));
            local.candidates.push(Candidate { range: view.source_range(&slot.range), ..slot });
        }
        places.sort_by_key(|(_, candidate)| candidate.range.start);
    }
    let links = links(&view, &places, first_here, &local.known);
    local.links.extend(links);
}

/// What the candidate's key signed, if it is part of something signed.
fn signed_by(text: &[u8], view: &View<'_>, candidate: &Candidate, meter: &mut Meter<'_>) -> Option<Artefact> {
    match &candidate.part {
        Part::KeyId { signed: Some(_), .. } => {
            meter.spend(SIGNED);
            artefact::read(text, &view.source_range(&candidate.range))
        }
        Part::Service(part) => artefact::of_api_key(&part.secret),
        _ => None,
    }
}

/// What a candidate's key signed that stands in base64, where what is around the base64 is needed to know it: the header of
/// a recorded request, a token that its cluster's name is beside.
fn recorded_by(text: &[u8], candidate: &Candidate, meter: &mut Meter<'_>) -> Option<Artefact> {
    let Part::KeyId { id, signed: Some(_) } = &candidate.part else { return None };
    meter.spend(SIGNED);
    let place = &candidate.range;
    artefact::recorded(text, place.start, *id).or_else(|| artefact::eks_token(text, place))
}

fn in_view(view: &View<'_>, range: &Range<usize>) -> Range<usize> {
    view.place_of(range.start)..view.place_of(range.end)
}

/// Runs every pattern that needs a key ID in reach, or every one that does not. Returns whether one gave up.
fn run(
    detector: &Detector,
    view: &View<'_>,
    found: &mut Vec<Candidate>,
    near_key_id: bool,
    meter: &mut Meter<'_>,
) -> Cut {
    let mut cut = Cut::None;
    let is_possible = |rule: &&Rule| rule.yields != Yields::Secret || enough::for_secret(view.bytes());
    for rule in detector.rules.iter().filter(is_possible) {
        for pattern in rule.patterns.iter().filter(|pattern| pattern.near_key_id == near_key_id) {
            if meter.is_over() {
                return cut;
            }
            let (candidates, gave_up) = find::find(view, rule, pattern, &detector.others, meter);
            found.extend(candidates);
            cut = cut.max(if gave_up { Cut::Work } else { Cut::None });
        }
    }
    cut
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

/// The surest first: secrets of services and tokens, which hold text of any form; signed requests before plain key IDs; named before unnamed.
fn rank(candidate: &Candidate) -> (u8, Standing, usize, std::cmp::Reverse<crate::level::Certainty>) {
    let kind = match &candidate.part {
        Part::Service(_) => 0,
        Part::Token(_) => 1,
        Part::KeyId { signed: Some(_), .. } => 2,
        Part::KeyId { signed: None, .. } => 3,
        Part::Secret(_) | Part::Missing(_) => 4,
    };
    (kind, candidate.standing, candidate.doubts.len(), std::cmp::Reverse(candidate.certainty))
}

/// Links each key ID with what stands in its reach. Parts below `first_here` come from encoded text: two of those that
/// `known` has are linked already, since they belong to one such text.
fn links(
    view: &View<'_>,
    places: &[(usize, Candidate)],
    first_here: usize,
    known: &BTreeSet<(usize, usize)>,
) -> Vec<Link> {
    let layout = Layout::new(view.bytes(), places.iter().map(|(_, candidate)| candidate));
    let ids = places.iter().enumerate().filter(|(_, (_, candidate))| candidate.takes_parts());
    ids.flat_map(|(at, _)| layout.links_of(at))
        .map(|link| Link { id: places[link.id].0, other: places[link.other].0, ..link })
        .filter(|link| link.id.max(link.other) >= first_here || !known.contains(&(link.id, link.other)))
        .collect()
}
