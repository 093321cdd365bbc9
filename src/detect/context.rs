//! Takes out of a text all that anyone needs later: positions, masked excerpts, line hashes, inline marks.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::allowed;
use super::candidate::{Candidate, Missing, Part, Standing};
use super::examine::Local;
use super::link::Link;
use super::name::{self, Affix};
use super::view::View;
use super::{Charset, Cut, Piece};
use crate::aws::SecretAccessKey;
use crate::aws::sign::Artefact;
use crate::finding::Location;
use crate::redact;
use crate::stop::Stop;
use crate::text::{Excerpt, LineHash, LineHasher, LineIndex, Span, line_hash_window};

/// What was sighted in one piece of a text, or in several.
#[derive(Debug, Default)]
pub struct Sightings {
    pub(super) sighted: Vec<Sighting>,
    pub(super) links: Vec<Link>,
    pub(super) cut: Cut,
    /// Compressed bytes in base64.
    pub(super) packed: Vec<Vec<u8>>,
    /// What was signed, and with which key.
    pub(super) artefacts: Vec<Artefact>,
    /// How much work it was, in steps.
    pub(super) work: u64,
}

impl Sightings {
    /// How much work it was to find them, in steps of about a nanosecond.
    pub fn work(&self) -> u64 {
        self.work
    }
}

/// A candidate with what was taken from around it.
#[derive(Clone, Debug)]
pub(super) struct Sighting {
    pub(super) candidate: Candidate,
    pub(super) location: Location,
    pub(super) excerpt: Excerpt,
    pub(super) line_hash: Option<LineHash>,
    pub(super) allowed_inline: Option<String>,
    /// What its name says of which credential it is.
    pub(super) label: Option<Box<str>>,
}

/// A scan that is stopped takes what is around so many candidates all the same: what was read before is reported.
const GRACE: usize = 1000;
/// More candidates than this in one text are not kept.
const MAX_SIGHTINGS: usize = 100_000;
/// Files larger than this get no line hash of GitHub's: it runs over every line before a finding.
const MAX_HASHED: usize = 1 << 20;

/// Puts the sightings of pieces together as they come; what two pieces saw of one place counts once.
#[derive(Debug, Default)]
pub struct Merger {
    merged: Sightings,
    known: BTreeMap<(Span, u8), usize>,
}

impl Merger {
    /// Adds what was sighted in one more piece. Past the number that is kept nothing more is: memory is bounded,
    /// however many pieces there are.
    pub fn add(&mut self, piece: Sightings) {
        self.merged.cut = self.merged.cut.max(piece.cut);
        self.merged.work += piece.work;
        self.merged.packed.extend(piece.packed);
        let room = MAX_SIGHTINGS.saturating_sub(self.merged.artefacts.len());
        self.merged.artefacts.extend(piece.artefacts.into_iter().take(room));
        let places: Vec<Option<usize>> =
            piece.sighted.into_iter().map(|sighting| self.place(sighting)).collect();
        let links = piece.links.into_iter();
        self.merged.links.extend(
            links.filter_map(|link| Some(Link { id: places[link.id]?, other: places[link.other]?, ..link })),
        );
    }

    /// Where a sighting is among the merged; what was seen before counts once.
    fn place(&mut self, sighting: Sighting) -> Option<usize> {
        let kind = match sighting.candidate.part {
            Part::KeyId { .. } => 0,
            Part::Secret(_) => 1,
            Part::Token(_) => 2,
            Part::Missing(Missing::KeyId | Missing::OtherKeyId) => 3,
            Part::Missing(Missing::Secret) => 4,
            Part::Service(_) => 5,
        };
        let key = (sighting.location.span, kind);
        if let Some(&place) = self.known.get(&key) {
            return Some(place);
        }
        let place = self.merged.sighted.len();
        if place == MAX_SIGHTINGS {
            self.merged.cut = self.merged.cut.max(Cut::Candidates);
            return None;
        }
        self.known.insert(key, place);
        self.merged.sighted.push(sighting);
        Some(place)
    }

    /// All of it.
    #[must_use]
    pub fn finish(self) -> Sightings {
        self.merged
    }
}

/// The sightings that `piece` reports: what starts in its core, and what is linked to a key ID there.
pub(super) fn sightings(
    piece: &Piece<'_>,
    view: &View<'_>,
    mut index: LineIndex<'_>,
    local: Local,
    stop: &Stop,
) -> Sightings {
    let is_ours = |candidate: &Candidate| piece.core.contains(&view.source_range(&candidate.range).start);
    let links: Vec<Link> =
        local.links.into_iter().filter(|link| is_ours(&local.candidates[link.id])).collect();
    let linked: BTreeSet<usize> = links.iter().flat_map(|link| [link.id, link.other]).collect();
    let stands = |(at, candidate): &(usize, &Candidate)| {
        if candidate.standing == Standing::Inside {
            return false;
        }
        let is_named = candidate.standing != Standing::UnnamedNearId;
        linked.contains(at) || (is_named && !matches!(candidate.part, Part::Missing(_)) && is_ours(candidate))
    };
    let mut kept: Vec<(usize, &Candidate)> = local.candidates.iter().enumerate().filter(stands).collect();
    // Ascending, so that the index walks each line once.
    kept.sort_by_key(|(_, candidate)| (candidate.range.start, candidate.range.end));
    let artefacts = local.artefacts;
    let cut = if kept.len() > MAX_SIGHTINGS { local.cut.max(Cut::Candidates) } else { local.cut };
    kept.truncate(MAX_SIGHTINGS);

    let masks = masks(&local.candidates);
    let mut lines =
        Lines { hashes: LineHashes::new(piece, index.text()), unknown: Unknown::default(), last: None };
    let mut place_of = BTreeMap::new();
    let mut sighted = Vec::with_capacity(kept.len());
    for (at, candidate) in kept {
        if sighted.len() > GRACE && stop.is_stopped() {
            break;
        }
        place_of.insert(at, sighted.len());
        sighted.push(sighting(piece, view, &mut index, &masks, &mut lines, candidate));
    }
    let links = links.into_iter().filter_map(|link| {
        Some(Link { id: *place_of.get(&link.id)?, other: *place_of.get(&link.other)?, ..link })
    });
    Sightings { links: links.collect(), sighted, cut, artefacts, ..Sightings::default() }
}

fn sighting(
    piece: &Piece<'_>,
    view: &View<'_>,
    index: &mut LineIndex<'_>,
    masks: &[Range<usize>],
    lines: &mut Lines<'_>,
    candidate: &Candidate,
) -> Sighting {
    let range = &candidate.range;
    let start = index.position(range.start);
    let end = index.position(range.end);
    let location = Location { span: Span::at(piece.offset, &view.source_range(range)), start, end };
    let line = index.line_around(range.start);
    let text = index.text();
    let excerpt = excerpt(text, lines.unknown.near(text, &line, range.start), range, masks, &candidate.part);
    let line = lines.of(text, line, masks);
    Sighting {
        location,
        excerpt,
        line_hash: line.hash.clone(),
        allowed_inline: line.allowed.clone(),
        label: label(text, candidate),
        // What its name says was for its links, which are there by now.
        candidate: Candidate { affix: Affix::default(), ..candidate.clone() },
    }
}

/// What the name of a key ID or a secret says; in encoded text there is none that is its own.
fn label(text: &[u8], candidate: &Candidate) -> Option<Box<str>> {
    let is_named = matches!(candidate.part, Part::KeyId { signed: None, .. } | Part::Secret(_))
        && candidate.standing != Standing::UnnamedNearId
        && candidate.encodings.is_empty();
    is_named.then(|| name::label(text, candidate.range.start)).flatten()
}

/// What is told of each line once, however many candidates stand in it: a whole file may be one line.
struct Lines<'a> {
    hashes: LineHashes<'a>,
    unknown: Unknown,
    last: Option<Line>,
}

struct Line {
    start: usize,
    hash: Option<LineHash>,
    allowed: Option<String>,
}

impl Lines<'_> {
    /// The line at `range` of `text`, asked for in ascending order.
    fn of(&mut self, text: &[u8], range: Range<usize>, masks: &[Range<usize>]) -> &Line {
        let start = range.start;
        let last = self.last.take().filter(|line| line.start == start);
        self.last.insert(last.unwrap_or_else(|| Line {
            start,
            hash: self.hashes.of_line(start, masks),
            allowed: allowed::reason(&text[range]),
        }))
    }
}

/// How much of a line is looked at to show it, beyond what is shown, in bytes: pieces of a secret are known by others
/// beside them.
const NEARBY: usize = 512;
/// Bytes of a line that are judged at once, however many matches are in them.
const STRETCH: usize = 1024;

/// What is not known to be harmless around the match that was shown last: the next may be near it.
#[derive(Default)]
struct Unknown {
    /// The stretch that was judged, with what is around it.
    around: Range<usize>,
    stretch: Range<usize>,
    ranges: Vec<Range<usize>>,
}

impl Unknown {
    /// What of `text` is not known to be harmless, near `at` in `line`.
    ///
    /// A line is divided from its start, so that what is shown of it does not depend on which matches there are.
    fn near(&mut self, text: &[u8], line: &Range<usize>, at: usize) -> &Self {
        let start = at - at.saturating_sub(line.start) % STRETCH;
        let stretch = start..line.end.min(start + STRETCH);
        if self.stretch != stretch {
            let low = line.start.max(start.saturating_sub(NEARBY));
            let high = line.end.min(stretch.end.saturating_add(NEARBY)).max(low);
            let ranges = redact::unknown(&text[low..high]);
            self.ranges = ranges.into_iter().map(|range| low + range.start..low + range.end).collect();
            (self.stretch, self.around) = (stretch, low..high);
        }
        self
    }

    fn within(&self, range: &Range<usize>) -> impl Iterator<Item = &Range<usize>> {
        let first = self.ranges.partition_point(|unknown| unknown.end <= range.start);
        self.ranges[first..].iter().take_while(|unknown| unknown.start < range.end)
    }
}

/// The line around `range`, cut to what can be shown, so that an endless line costs no more than a short one.
fn excerpt(
    text: &[u8],
    unknown: &Unknown,
    range: &Range<usize>,
    masks: &[Range<usize>],
    part: &Part,
) -> Excerpt {
    let Range { start: low, end: high } = unknown.around;
    let near = &text[low..high];
    let relative =
        |range: &Range<usize>| range.start.saturating_sub(low)..range.end.saturating_sub(low).min(near.len());
    let shown_part = range.start.saturating_sub(Excerpt::REACH)..range.end.saturating_add(Excerpt::REACH);
    let mut hidden: Vec<Range<usize>> =
        masks_within(masks, shown_part.start.max(low)..shown_part.end.min(high))
            .map(relative)
            .filter(|mask| !mask.is_empty())
            .collect();
    let focus = relative(range);
    // A key ID that is written as such is shown; encoded text is not.
    let shown: &[Range<usize>] = match part {
        Part::KeyId { id, .. } if near.get(focus.clone()) == Some(id.as_str().as_bytes()) => {
            std::slice::from_ref(&focus)
        }
        _ => &[],
    };
    if shown.is_empty() {
        hidden.push(focus.clone());
    }
    // The ID itself is shown, even inside a masked stretch.
    let around = |run: Range<usize>| [run.start..run.end.min(focus.start), run.start.max(focus.end)..run.end];
    let unknown = unknown.within(&shown_part).map(relative);
    hidden.extend(unknown.flat_map(around).filter(|run| !run.is_empty()));
    Excerpt::cut(near, &focus, &hidden, shown)
}

/// Where secrets and tokens stand, whether they are findings or not, in order.
fn masks(candidates: &[Candidate]) -> Vec<Range<usize>> {
    let is_secret = |candidate: &&Candidate| {
        let is_shown = matches!(candidate.part, Part::KeyId { .. } | Part::Missing(_));
        !is_shown || !candidate.encodings.is_empty()
    };
    let mut masks: Vec<_> =
        candidates.iter().filter(is_secret).map(|candidate| candidate.range.clone()).collect();
    masks.sort_by_key(|mask| (mask.start, mask.end));
    masks
}

/// No mask is longer than this: a token, folded.
const LONGEST_MASK: usize = 32 * 1024;

/// The masks that overlap `range`.
fn masks_within(masks: &[Range<usize>], range: Range<usize>) -> impl Iterator<Item = &Range<usize>> {
    let first = masks.partition_point(|mask| mask.start < range.start.saturating_sub(LONGEST_MASK));
    masks[first..]
        .iter()
        .take_while(move |mask| mask.start < range.end)
        .filter(move |mask| mask.end > range.start)
}

/// GitHub's line hashes, where they can't be solved for a secret.
struct LineHashes<'a> {
    text: Option<&'a str>,
    hasher: LineHasher,
    next_line: usize,
    last: Option<(usize, LineHash)>,
    judged: Judged,
}

/// A part of a text, and what in it is not known to be harmless: windows of lines that follow each other overlap.
#[derive(Default)]
struct Judged {
    part: Range<usize>,
    unknown: Vec<Range<usize>>,
}

impl Judged {
    /// Bytes that are judged at once, beside those around a window.
    const BLOCK: usize = 4096;

    /// Whether something in `window` of `text` is not known to be harmless. Windows come in order of their start.
    fn is_unknown(&mut self, text: &[u8], window: &Range<usize>) -> bool {
        let near = window.start.saturating_sub(NEARBY)..text.len().min(window.end.saturating_add(NEARBY));
        if near.start < self.part.start || near.end > self.part.end {
            self.part = near.start..text.len().min(near.end + Self::BLOCK);
            let unknown = redact::unknown(&text[self.part.clone()]).into_iter();
            self.unknown = unknown.map(|at| self.part.start + at.start..self.part.start + at.end).collect();
        }
        let first = self.unknown.partition_point(|unknown| unknown.end <= window.start);
        self.unknown.get(first).is_some_and(|unknown| unknown.start < window.end)
    }
}

impl<'a> LineHashes<'a> {
    /// Hashes need the whole file, in UTF-8.
    fn new(piece: &Piece<'_>, text: &'a [u8]) -> Self {
        let is_whole = piece.line_hashes && piece.offset == 0 && piece.core == (0..piece.bytes.len());
        let has_hash = is_whole && piece.charset == Charset::Bytes && text.len() <= MAX_HASHED;
        let text = if has_hash { std::str::from_utf8(text).ok() } else { None };
        let judged = Judged::default();
        Self { text, hasher: LineHasher::default(), next_line: 0, last: None, judged }
    }

    /// The hash of the line that starts at `start`, asked for in ascending order.
    ///
    /// The hash is a sum that can be solved for the few characters of its window that are not known. GitHub's value
    /// is given only where none is unknown, or all of a secret.
    fn of_line(&mut self, start: usize, masks: &[Range<usize>]) -> Option<LineHash> {
        let text = self.text?;
        if self.last.as_ref().is_none_or(|(line, _)| *line != start) {
            while self.next_line <= start {
                let line = self.next_line;
                let hash = self.hasher.next_line(&text[line..]);
                self.next_line = memchr::memchr(b'\n', &text.as_bytes()[line..])
                    .map_or(text.len() + 1, |end| line + end + 1);
                self.last = Some((line, hash));
            }
        }
        let window = start..start + line_hash_window(&text[start..]);
        let is_safe = self.is_safe_to_hash(text.as_bytes(), &window, masks);
        self.last.as_ref().filter(|(line, _)| *line == start && is_safe).map(|(_, hash)| hash.clone())
    }

    /// Whether the hash over `window` says nothing of a secret: everything in it is known to be harmless, or a whole
    /// secret is in it, which is more than a hash of 64 bits can say.
    fn is_safe_to_hash(&mut self, text: &[u8], window: &Range<usize>, masks: &[Range<usize>]) -> bool {
        let is_cut = |mask: &&Range<usize>| mask.start < window.start || mask.end > window.end;
        let secrets = || masks_within(masks, window.clone());
        !secrets().any(|mask| is_cut(&mask))
            && (secrets().any(|mask| mask.len() >= SecretAccessKey::LEN)
                || !self.judged.is_unknown(text, window))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake;
    use crate::detect::Detector;
    use crate::rule::RuleSet;
    use crate::text::Position;

    fn sighted(text: &str) -> Vec<Sighting> {
        let detector = Detector::new(&RuleSet::built_in());
        let core = 0..text.len();
        let piece = Piece {
            bytes: text.as_bytes(),
            offset: 0,
            core,
            start: Position::START,
            charset: Charset::Bytes,
            line_hashes: true,
            most_work: u64::MAX,
        };
        detector.examine(&piece).sighted
    }

    #[test]
    fn a_line_hash_is_given_only_where_no_part_of_what_may_be_secret_is_in_its_window() {
        let (key, other) = (fake::pair(3), fake::pair(4));
        // Base64 of a secret is no candidate: no rule knows it.
        let neighbour = data_encoding::BASE64.encode(other.secret_text().as_bytes());
        let line = |gap: usize| format!("{}{} x={neighbour}\n", ".".repeat(gap), key.id_text());
        assert!(sighted(&line(60)).iter().all(|seen| seen.line_hash.is_none()));
        assert!(sighted(&line(200)).iter().all(|seen| seen.line_hash.is_some()));
    }

    #[test]
    fn a_scan_that_is_stopped_takes_no_more_than_a_few_candidates() {
        let text: String =
            (0..3 * GRACE as u64).map(|seed| format!("{}\n", fake::pair(seed).id_text())).collect();
        let stop = Stop::default();
        let detector = Detector::new(&RuleSet::built_in()).stopped_by(stop.clone());
        let sighted = || detector.examine(&Piece::whole(text.as_bytes())).sighted.len();
        assert_eq!(sighted(), 3 * GRACE);
        stop.stop();
        assert_eq!(sighted(), GRACE + 1);
    }

    #[test]
    fn pieces_of_what_no_rule_joins_are_masked_beside_a_key_id() {
        let key = fake::pair(6);
        let (a, b) = key.secret_text().split_at(15);
        let shown = sighted(&format!("f(\"{}\", \"{a}\" + \"{b}\")", key.id_text()))[0].excerpt.to_string();
        assert_eq!(shown, format!("f(\"{}\", \"****\" + \"****\")", key.id_text()));
    }

    #[test]
    fn what_pieces_hold_is_kept_up_to_a_number_over_all_pieces() {
        let text = format!("{}\n", fake::pair(5).id_text());
        let seen = sighted(&text).remove(0);
        let mut merger = Merger::default();
        for at in 0..=MAX_SIGHTINGS as u64 {
            let location = Location { span: Span { start: at, end: at + 20 }, ..seen.location };
            let sighted = vec![Sighting { location, ..seen.clone() }];
            merger.add(Sightings { sighted, ..Sightings::default() });
        }
        let merged = merger.finish();
        assert!(merged.cut == Cut::Candidates && merged.sighted.len() == MAX_SIGHTINGS);
    }
}
