//! Takes the secrets out of a stream of bytes.
//!
//! In: bytes, in pieces of any size. Out: the same bytes, with every secret masked. The output depends on the input
//! alone, not on how it was cut or when it came.
//!
//! - A line is decided by itself and by what was shown before it, so that a log is shown while it is written. Where a
//!   value may go on in the next line, lines are decided together (`unit`).
//! - Most lines are clean, and are told by two searches over many lines at once: for anchors, and for runs of letters that
//!   are long enough for a secret (`forty`). The others are judged one by one (`decide`).
//! - What comes before is judged as it was shown. So masking twice changes nothing.
//! - Unlike a scan, masking is fail-safe: what could be a secret is masked.
//!
//! Memory is bounded: a line without an end is decided in segments, each with what comes before and after it.

mod decide;
mod forty;
mod named;
mod packed;
mod shaped;
mod signature;
mod spell;
mod tally;
mod unit;

use std::ops::Range;
use std::sync::Arc;

pub use tally::{Masked, Tally};

use crate::detect::Detector;
use crate::rule::RuleId;
use crate::text::base64_digit;
use decide::Judge;

/// How far before a value its name may be, in bytes.
const NAME_REACH: usize = 1024;
/// How far before a value its key ID may be, in bytes.
const KEY_ID_REACH: usize = 9 * 1024;
/// What was shown last, as far as it decides about what comes next.
const BEFORE: usize = KEY_ID_REACH;
/// Lines that are decided together, and lines, are no longer; longer ones are decided in segments of this size,
const SEGMENT: usize = 64 * 1024;
/// each together with as much behind it.
const BEHIND: usize = 32 * 1024;

/// What looks like a secret by itself is no longer.
const SEAM: usize = 128;

/// What to mask, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether a mask names the rule and the fingerprint of what it stands for.
    pub label: bool,
    /// Whether key IDs are masked, too.
    pub key_ids: bool,
    /// Whether only what detection is sure of is masked.
    pub only_certain: bool,
}

/// Masks the secrets in a stream.
#[derive(Debug)]
pub struct Masker {
    judge: Judge,
    /// Whether lines are judged only where the two searches find something.
    is_gated: bool,
    /// What was shown last.
    before: Vec<u8>,
    /// What was not shown yet.
    pending: Vec<u8>,
    /// How much of `pending` consists of lines that were looked at and go on in the next one.
    open: usize,
    /// How much of `pending` has no line end behind `open`.
    searched: usize,
    /// How many of the next bytes may be near an anchor or a mask.
    zone: usize,
    /// How many of the next bytes belong to the last mask.
    carried: usize,
    /// Whether the next bytes go on a compressed text that is masked to its end.
    in_packed: bool,
}

impl Masker {
    /// A masker for a stream. `detector` says what a secret is.
    pub fn new(detector: Arc<Detector>, options: Options) -> Self {
        Self {
            judge: Judge::new(detector, options, packed::may_hold_secret),
            is_gated: true,
            before: Vec::new(),
            pending: Vec::new(),
            open: 0,
            searched: 0,
            zone: 0,
            carried: 0,
            in_packed: false,
        }
    }

    /// A masker that judges every line: the slow reference that the fast one is tested against.
    pub fn without_gate(detector: Arc<Detector>, options: Options) -> Self {
        Self { is_gated: false, ..Self::new(detector, options) }
    }

    /// Masks `value`, which is known to be secret, wherever it appears. `rule` is what it is counted under.
    pub fn hide(&mut self, value: &[u8], rule: RuleId) {
        let fingerprint = Some(crate::aws::SecretFingerprint::of(value));
        self.judge.remember(value, &Masked { rule, fingerprint }, 0, i32::MAX);
    }

    /// What was masked so far.
    pub fn tally(&self) -> &Tally {
        &self.judge.tally
    }

    /// Takes the next bytes of the stream, and appends to `out` what is decided.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.pending.extend_from_slice(bytes);
        let has_line = memchr::memchr(b'\n', &self.pending[self.searched..]).is_some();
        if has_line || self.pending.len() >= SEGMENT + BEHIND {
            self.lines(false, out);
        }
        self.searched = self.pending.len();
    }

    /// Appends the rest to `out`: the stream ends here.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        self.lines(true, out);
        self.searched = 0;
    }

    /// Decides all that can be decided of what is pending; everything if the stream `ends` here.
    fn lines(&mut self, ends: bool, out: &mut Vec<u8>) {
        let text = std::mem::take(&mut self.pending);
        let mut interest = Interest::default();
        // From `start` on nothing is shown; up to `clean` it is decided that there is nothing to mask.
        let (mut start, mut clean, mut line) = (0, 0, self.open);
        loop {
            (clean, line) = self.pass_over(&text, clean, line, &mut interest);
            let line_end = memchr::memchr(b'\n', &text[line..]).map(|at| line + at + 1);
            let end = line_end.or((ends && clean < text.len()).then_some(text.len()));
            // What is too long is decided in segments, as soon as there is enough behind one.
            while end.unwrap_or(text.len()) - clean >= SEGMENT + BEHIND {
                self.show(&text[start..clean], out);
                let segment = clean..clean + SEGMENT;
                if self.is_clean(&text, &segment, BEHIND, &mut interest) {
                    self.show(&text[segment.clone()], out);
                } else {
                    self.mask(&text, segment.clone(), BEHIND, out);
                }
                (start, clean, line) = (segment.end, segment.end, line.max(segment.end));
            }
            let Some(end) = end else { break };
            let is_last = ends && end == text.len();
            if !is_last && unit::goes_on(&text[line..end]) {
                line = end;
                continue;
            }
            let unit = clean..end;
            if self.is_clean(&text, &unit, 0, &mut interest) {
                clean = end;
            } else {
                self.show(&text[start..clean], out);
                self.mask(&text, unit, 0, out);
                (start, clean) = (end, end);
            }
            line = end;
            if end == text.len() {
                break;
            }
        }
        self.show(&text[start..clean], out);
        self.open = line - clean;
        self.pending = text;
        self.pending.drain(..clean);
    }

    /// Passes over the lines of `text` from `line` on that are clean as far as it is known what is of interest: nothing
    /// is said of each. Returns up to where there is nothing to mask, and up to where lines were looked at: those between
    /// go on in the next one, as do those between `clean` and `line`.
    fn pass_over(&self, text: &[u8], clean: usize, line: usize, interest: &mut Interest) -> (usize, usize) {
        if !self.is_gated || self.zone > 0 || self.carried > 0 || !self.judge.remembered.is_empty() {
            return (clean, line);
        }
        // Lines that are decided in segments are not passed over: a segment may divide one.
        let limit = text.len().min(clean + SEGMENT + BEHIND - 1).max(line);
        let (end, last) = unit::last_end(text, line..limit);
        // Nothing is looked for while lines go on.
        let place = end.and_then(|_| interest.next_from(clean, || self.interest(text)));
        let (end, last) = match place {
            Some(place) if end.is_some_and(|end| place < end) => unit::last_end(text, line..place.max(line)),
            _ => (end, last),
        };
        (end.unwrap_or(clean), last)
    }

    /// Whether there is nothing to mask in `part` of `text`, which is decided together with the bytes `behind` it.
    fn is_clean(&mut self, text: &[u8], part: &Range<usize>, behind: usize, interest: &mut Interest) -> bool {
        let last = interest.last_before(part.end + behind, || self.interest(text));
        let is_near = self.zone > 0 || last.is_some_and(|last| last >= part.start);
        // Of bytes behind it only those that are its own count here.
        let reach = last.map_or(0, |last| (last + BEFORE).saturating_sub(part.end));
        self.zone = self.zone.saturating_sub(part.len()).max(reach);
        let remembered = &self.judge.remembered;
        self.is_gated
            && !is_near
            && self.carried == 0
            && (remembered.is_empty() || !remembered.may_be_in(&text[part.start..part.end + behind]))
    }

    /// Where something in `text` may have to be masked, in order: places of anchors and of what looks like a secret.
    fn interest(&self, text: &[u8]) -> Vec<usize> {
        let reach = self.judge.detector.anchor_reach().max(SEAM);
        let near = &self.before[self.before.len().saturating_sub(reach)..];
        // What starts in what was shown may end here.
        let seam = [near, &text[..text.len().min(reach)]].concat();
        let mut interest = Vec::new();
        for (text, offset) in [(&seam[..], near.len()), (text, 0)] {
            let hits = self.judge.detector.hits(text).into_iter().map(|hit| hit.at);
            let forties = forty::places(text).map(|at| at.start);
            let shaped = shaped::shaped(text).into_iter().map(|(at, _)| at.start);
            interest.extend(hits.chain(forties).chain(shaped).map(|at| at.saturating_sub(offset)));
        }
        interest.sort_unstable();
        interest
    }

    /// Shows `part` of `text`, which is decided together with the bytes `behind` it, with its secrets masked.
    fn mask(&mut self, text: &[u8], part: Range<usize>, behind: usize, out: &mut Vec<u8>) {
        let len = part.len();
        let text = &text[part.start..part.end + behind];
        if self.in_packed {
            let rest = text.get(self.carried..).unwrap_or_default();
            let more =
                rest.iter().take_while(|byte| base64_digit(**byte).is_some() || byte.is_ascii_whitespace());
            self.carried += more.count();
            self.in_packed = self.carried >= text.len();
        }
        let carried = self.carried.min(text.len());
        let masks = self.judge.masks(&self.before, text, carried);
        self.carried -= self.carried.min(len);
        let mut shown = Vec::with_capacity(len);
        let mut at = carried.min(len);
        for mask in masks.iter().filter(|mask| mask.range.end > carried) {
            if mask.range.start >= len {
                break;
            }
            shown.extend_from_slice(&text[at..mask.range.start.max(at)]);
            // A mask that goes on one that was shown already is shown once.
            if mask.range.start >= carried {
                shown.extend_from_slice(&self.judge.shown(text, mask));
                self.judge.tally.count(&mask.masked);
            }
            at = mask.range.end.min(len);
            self.carried = self.carried.max(mask.range.end.saturating_sub(len));
            self.in_packed |= behind > 0 && mask.range.end == text.len() && mask.masked.fingerprint.is_none();
        }
        shown.extend_from_slice(&text[at..len]);
        if !masks.is_empty() {
            self.zone = BEFORE;
        }
        self.show(&shown, out);
    }

    /// Shows what has nothing to mask.
    fn show(&mut self, text: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(text);
        keep_last(&mut self.before, text);
    }
}

/// Appends `text` to what was shown `before`, as far as it is kept.
fn keep_last(before: &mut Vec<u8>, text: &[u8]) {
    let text = &text[text.len().saturating_sub(BEFORE)..];
    let old = before.len().saturating_sub(BEFORE - text.len());
    before.drain(..old);
    before.extend_from_slice(text);
}

/// Where in a text something may have to be masked. It is looked for when it is asked for first: nothing is decided while
/// a line goes on.
#[derive(Default)]
struct Interest {
    places: Option<Vec<usize>>,
    /// How many of them were passed.
    passed: usize,
}

impl Interest {
    /// The first place from `start` on.
    fn next_from(&mut self, start: usize, find: impl FnOnce() -> Vec<usize>) -> Option<usize> {
        let places = self.places.get_or_insert_with(find);
        places.get(places.partition_point(|place| *place < start)).copied()
    }

    /// The last place before `end`, which grows from call to call.
    fn last_before(&mut self, end: usize, find: impl FnOnce() -> Vec<usize>) -> Option<usize> {
        let places = self.places.get_or_insert_with(find);
        while places.get(self.passed).is_some_and(|place| *place < end) {
            self.passed += 1;
        }
        self.passed.checked_sub(1).and_then(|last| places.get(last)).copied()
    }
}
