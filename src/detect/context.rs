//! Takes out of a text all that anyone needs later: positions, masked excerpts, line hashes, inline marks.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::allowed;
use super::candidate::{Candidate, Part, Standing};
use super::examine::Local;
use super::link::Link;
use super::name::Affix;
use super::view::View;
use super::{Charset, Piece};
use crate::aws::{AccessKeyId, SecretAccessKey, looks_like_a_piece, looks_random};
use crate::finding::Location;
use crate::text::{Excerpt, LineHash, LineHasher, LineIndex, Span, line_hash_window};

/// What was sighted in one piece of a text, or in several.
#[derive(Debug, Default)]
pub struct Sightings {
    pub(super) sighted: Vec<Sighting>,
    pub(super) links: Vec<Link>,
    pub(super) capped: bool,
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
}

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
        self.merged.capped |= piece.capped;
        self.merged.work += piece.work;
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
        };
        let key = (sighting.location.span, kind);
        if let Some(&place) = self.known.get(&key) {
            return Some(place);
        }
        let place = self.merged.sighted.len();
        if place == MAX_SIGHTINGS {
            self.merged.capped = true;
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
) -> Sightings {
    let is_ours = |candidate: &Candidate| piece.core.contains(&view.source_range(&candidate.range).start);
    let links: Vec<Link> =
        local.links.into_iter().filter(|link| is_ours(&local.candidates[link.id])).collect();
    let linked: BTreeSet<usize> = links.iter().flat_map(|link| [link.id, link.other]).collect();
    let stands = |(at, candidate): &(usize, &Candidate)| {
        linked.contains(at) || (candidate.standing == Standing::Own && is_ours(candidate))
    };
    let mut kept: Vec<(usize, &Candidate)> = local.candidates.iter().enumerate().filter(stands).collect();
    // Ascending, so that the index walks each line once.
    kept.sort_by_key(|(_, candidate)| (candidate.range.start, candidate.range.end));
    let capped = local.capped || kept.len() > MAX_SIGHTINGS;
    kept.truncate(MAX_SIGHTINGS);

    let masks = masks(&local.candidates);
    let mut lines = Lines { hashes: LineHashes::new(piece, index.text()), last: None };
    let mut place_of = BTreeMap::new();
    let mut sighted = Vec::with_capacity(kept.len());
    for (at, candidate) in kept {
        place_of.insert(at, sighted.len());
        sighted.push(sighting(piece, view, &mut index, &masks, &mut lines, candidate));
    }
    let links = links.into_iter().filter_map(|link| {
        Some(Link { id: *place_of.get(&link.id)?, other: *place_of.get(&link.other)?, ..link })
    });
    Sightings { links: links.collect(), sighted, capped, work: 0 }
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
    let excerpt = excerpt(text, &line, range, masks, &candidate.part);
    let line = lines.of(text, line, masks);
    Sighting {
        location,
        excerpt,
        line_hash: line.hash.clone(),
        allowed_inline: line.allowed.clone(),
        // What its name says was for its links, which are there by now.
        candidate: Candidate { affix: Affix::default(), ..candidate.clone() },
    }
}

/// What is told of each line once, however many candidates stand in it: a whole file may be one line.
struct Lines<'a> {
    hashes: LineHashes<'a>,
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

/// How much of a line is looked at to show it, around a match, in bytes.
const NEARBY: usize = 512;

fn excerpt(
    text: &[u8],
    line: &Range<usize>,
    range: &Range<usize>,
    masks: &[Range<usize>],
    part: &Part,
) -> Excerpt {
    // Cut to what can be shown, so that an endless line costs no more than a short one.
    let low = line.start.max(range.start.saturating_sub(NEARBY));
    let high = line.end.min(range.start.saturating_add(NEARBY)).max(low);
    let near = &text[low..high];
    let relative =
        |range: &Range<usize>| range.start.saturating_sub(low)..range.end.saturating_sub(low).min(near.len());
    let mut hidden: Vec<Range<usize>> =
        masks_within(masks, low..high).map(&relative).filter(|mask| !mask.is_empty()).collect();
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
    // What the key ID is part of may look random, as in a presigned URL; the ID itself stays to be seen.
    let around = |run: Range<usize>| [run.start..run.end.min(focus.start), run.start.max(focus.end)..run.end];
    hidden.extend(random_runs(near).into_iter().flat_map(around).filter(|run| !run.is_empty()));
    Excerpt::cut(near, &focus, &hidden, shown)
}

/// Stretches of `line` that look random: what a neighbour of a match may be that no rule knows.
fn random_runs(line: &[u8]) -> Vec<Range<usize>> {
    let is_letter =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'_' | b'-' | b'%' | b'\\');
    let mut runs = Vec::new();
    let mut at = 0;
    for part in line.chunk_by(|a, b| is_letter(a) == is_letter(b)) {
        let is_run = part.first().is_some_and(is_letter) && AccessKeyId::parse(part).is_none();
        if is_run && looks_random(part) {
            runs.push(at..at + part.len());
        } else if is_run {
            runs.extend(random_pieces(part).map(|piece| at + piece.start..at + piece.end));
        }
        at += part.len();
    }
    runs
}

/// Words of `run` that may be pieces of a secret, which holds neither hyphens nor underscores.
fn random_pieces(run: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let is_inner = |byte: &u8| SecretAccessKey::is_letter(*byte);
    run.chunk_by(move |a, b| is_inner(a) == is_inner(b))
        .scan(0, |at, word| {
            *at += word.len();
            Some((*at - word.len()..*at, word))
        })
        .filter(|(_, word)| looks_like_a_piece(word))
        .map(|(range, _)| range)
}

/// Whether `text` has a stretch that looks random across its byte at `cut`.
fn cuts_random_run(text: &[u8], cut: usize) -> bool {
    let low = cut.saturating_sub(NEARBY);
    let near = &text[low..text.len().min(cut + NEARBY)];
    random_runs(near).iter().any(|run| (run.start + 1..run.end).contains(&(cut - low)))
}

/// Where secrets and tokens stand, whether they are findings or not, in order.
fn masks(candidates: &[Candidate]) -> Vec<Range<usize>> {
    let is_secret = |candidate: &&Candidate| {
        !matches!(candidate.part, Part::KeyId { .. }) || !candidate.encodings.is_empty()
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

/// GitHub's line hashes, as far as they may be told.
struct LineHashes<'a> {
    text: Option<&'a str>,
    hasher: LineHasher,
    next_line: usize,
    last: Option<(usize, LineHash)>,
}

impl<'a> LineHashes<'a> {
    /// Hashes need the whole file, in UTF-8.
    fn new(piece: &Piece<'_>, text: &'a [u8]) -> Self {
        let is_whole = piece.line_hashes && piece.offset == 0 && piece.core == (0..piece.bytes.len());
        let has_hash = is_whole && piece.charset == Charset::Bytes && text.len() <= MAX_HASHED;
        let text = if has_hash { std::str::from_utf8(text).ok() } else { None };
        Self { text, hasher: LineHasher::default(), next_line: 0, last: None }
    }

    /// The hash of the line that starts at `start`, asked for in ascending order.
    ///
    /// The hash is a sum that can be turned back: where its window cuts into a secret, all that is unknown of the
    /// window is a few characters of it. There GitHub's value is not told.
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
        let cuts = masks_within(masks, window.clone())
            .any(|mask| mask.start < window.start || mask.end > window.end)
            || cuts_random_run(&text.as_bytes()[start..], window.len());
        self.last.as_ref().filter(|(line, _)| *line == start && !cuts).map(|(_, hash)| hash.clone())
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
        };
        detector.examine(&piece).sighted
    }

    #[test]
    fn no_line_hash_is_told_of_a_window_that_cuts_into_what_may_be_secret() {
        let (key, other) = (fake::pair(3), fake::pair(4));
        // Base64 of a secret is no candidate: no rule knows it.
        let neighbour = data_encoding::BASE64.encode(other.secret_text().as_bytes());
        let line = |gap: usize| format!("{}{} x={neighbour}\n", ".".repeat(gap), key.id_text());
        assert!(sighted(&line(60)).iter().all(|seen| seen.line_hash.is_none()));
        assert!(sighted(&line(200)).iter().all(|seen| seen.line_hash.is_some()));
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
        assert!(merged.capped && merged.sighted.len() == MAX_SIGHTINGS);
    }
}
