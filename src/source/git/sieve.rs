//! Which objects are worth a look, and what is known of them for those that are made from them.

use super::delta::{Delta, Patch, Piece, Source};
use crate::anchor::{Gate, Hit};
use crate::origin::{Object, ObjectId, ObjectKind, Origin};
use crate::source::{Content, Sink};
use crate::text::utf16_order;

/// What decides whether an object can hold anything.
#[derive(Debug)]
pub struct Anchors {
    /// The gate.
    pub gate: Gate,
    /// How far from an anchor something may decide what is found by it, in bytes.
    pub margin: usize,
}

/// What is known of an object whose objects are made from it.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Every anchor in it.
    hits: Vec<Hit>,
    /// Whether there is, or may be, a part of a credential in it.
    holds: bool,
}

/// Hands to the sink what is worth a look.
pub(super) struct Sieve<'a> {
    anchors: Option<&'a Anchors>,
    sink: &'a dyn Sink,
    fresh: Fresh,
}

/// What is new in an object.
#[derive(Default)]
struct Fresh {
    bytes: Vec<u8>,
    /// Where each stretch starts: among `bytes`, and in the object.
    starts: Vec<(usize, usize)>,
}

/// What is known of an object before it is made.
pub(super) struct Judged {
    hits: Vec<Hit>,
    /// Whether it is worth a look.
    pub(super) look: bool,
}

/// Objects up to this size are looked at as a whole.
pub(super) const WHOLE: usize = 16 << 20;

/// More anchors than this are not kept: what is made from such an object is looked at as if it had no base.
const MAX_HITS: usize = 10_000;

/// Stands between stretches that do not belong together: no anchor holds it, for it is never in UTF-8.
const BREAK: u8 = 0xff;

impl<'a> Sieve<'a> {
    pub(super) fn new(anchors: Option<&'a Anchors>, sink: &'a dyn Sink) -> Self {
        Self { anchors, sink, fresh: Fresh::default() }
    }

    pub(super) fn sink(&self) -> &'a dyn Sink {
        self.sink
    }

    /// How far from something new there may be a new anchor.
    pub(super) fn reach(&self) -> usize {
        self.anchors.map_or(0, |anchors| anchors.gate.reach() - 1)
    }

    /// Takes an object that was read as a whole. `None` if too little is known of it afterwards.
    pub(super) fn whole(&mut self, object: Wanted, bytes: &[u8]) -> Option<Known> {
        if bytes.len() > WHOLE {
            self.hand_over(object, Content::Stream(&mut &*bytes));
            return None;
        }
        let Some(anchors) = self.anchors.filter(|_| utf16_order(bytes).is_none()) else {
            self.hand_over(object, Content::Whole(bytes));
            return None;
        };
        self.around(object, bytes, anchors.gate.hits(bytes))
    }

    /// Judges an object by how it comes out of its `base`, of which so much is known. `None` if that does not say
    /// enough.
    pub(super) fn judge(
        &mut self,
        delta: &Delta<'_>,
        patch: &Patch,
        base: &[u8],
        known: &Known,
    ) -> Option<Judged> {
        let anchors = self.anchors?;
        let is_head = |piece: &&Piece| piece.from == Source::Base(0) && piece.len >= UTF16_HEAD;
        if patch.pieces.first().filter(is_head).is_none() {
            let mut head = Vec::with_capacity(UTF16_HEAD);
            for piece in patch.pieces.iter().take_while(|piece| piece.to < UTF16_HEAD) {
                let bytes = delta.bytes_of(base, piece);
                head.extend_from_slice(&bytes[..bytes.len().min(UTF16_HEAD - piece.to)]);
            }
            if utf16_order(&head).is_some() {
                return None;
            }
        }
        self.fresh.gather(delta, patch, base);
        let fresh = self.fresh.hits(&anchors.gate);
        let has_fresh = !fresh.is_empty();
        let ends = Ends { base: base.len(), object: patch.len() };
        let mut hits = inherited(&known.hits, &patch.pieces, &ends, anchors.gate.reach());
        let is_as_before =
            || hits.iter().all(|hit| is_same_around(hit, anchors.margin, &patch.pieces, &ends));
        let look = has_fresh || !hits.is_empty() && (known.holds || !is_as_before());
        if has_fresh {
            hits.extend(fresh);
            hits.sort_unstable();
            hits.dedup();
        }
        Some(Judged { hits, look })
    }

    /// Takes an object that was judged, and not to be worth a look.
    pub(super) fn judged(&self, object: Wanted, judged: Judged, len: usize) -> Known {
        self.pass(object, len);
        Known { hits: judged.hits, holds: false }
    }

    /// Takes an object that was judged to be worth a look.
    pub(super) fn look(&self, object: Wanted, judged: Judged, bytes: &[u8]) -> Option<Known> {
        self.around(object, bytes, judged.hits)
    }

    /// Takes an object with `hits` in it.
    fn around(&self, object: Wanted, bytes: &[u8], hits: Vec<Hit>) -> Option<Known> {
        if hits.is_empty() {
            self.pass(object, bytes.len());
            return Some(Known::default());
        }
        let holds = self.hand_over(object, Content::Anchored(bytes, &hits));
        // What is not wanted was not looked at.
        (hits.len() <= MAX_HITS).then(|| Known { hits, holds: holds || object.is_none() })
    }

    /// Takes an object that holds nothing.
    pub(super) fn pass(&self, object: Wanted, len: usize) {
        if object.is_some() {
            self.sink.pass(len as u64);
        }
    }

    /// Says whether there is, or may be, a part of a credential in it.
    pub(super) fn hand_over(&self, object: Wanted, content: Content<'_>) -> bool {
        let Some((kind, id)) = object else { return true };
        self.sink.input(&|| Origin::Object(Object::new(kind, id)), content)
    }
}

/// An object that is to be looked at; `None` for one that others are made from and nothing else.
pub(super) type Wanted = Option<(ObjectKind, ObjectId)>;

/// Lengths of an object and its base.
struct Ends {
    base: usize,
    object: usize,
}

/// As many bytes say whether a text is in UTF-16.
const UTF16_HEAD: usize = 256;

impl Fresh {
    /// Gathers the fresh stretches of an object that is not made yet.
    fn gather(&mut self, delta: &Delta<'_>, patch: &Patch, base: &[u8]) {
        self.bytes.clear();
        self.starts.clear();
        let mut pieces = &patch.pieces[..];
        for stretch in &patch.fresh {
            self.starts.push((self.bytes.len(), stretch.start));
            // A piece may be in several stretches.
            let first = pieces.iter().position(|piece| piece.to + piece.len > stretch.start);
            pieces = first.map_or(&[], |first| &pieces[first..]);
            for piece in pieces.iter().take_while(|piece| piece.to < stretch.end) {
                let bytes = delta.bytes_of(base, piece);
                let start = stretch.start.saturating_sub(piece.to);
                let end = piece.len.min(stretch.end - piece.to);
                self.bytes.extend_from_slice(&bytes[start..end]);
            }
            self.bytes.push(BREAK);
        }
    }

    /// The anchors in what was gathered, where they stand in the object.
    fn hits(&self, gate: &Gate) -> Vec<Hit> {
        let mut hits = if self.bytes.is_empty() { Vec::new() } else { gate.hits(&self.bytes) };
        for hit in &mut hits {
            let place = self.starts.partition_point(|(start, _)| *start <= hit.at);
            if let Some((start, at)) = place.checked_sub(1).map(|place| self.starts[place]) {
                hit.at = hit.at - start + at;
            }
        }
        hits
    }
}

/// The anchors of a base that stand in what is copied from it, where they stand in the object. Those within `reach` of
/// the end of a copy are left out, unless it is the end of both: there is something new beside them, and all are
/// searched for.
fn inherited(hits: &[Hit], pieces: &[Piece], ends: &Ends, reach: usize) -> Vec<Hit> {
    if hits.is_empty() {
        return Vec::new();
    }
    let mut inherited = Vec::new();
    for piece in pieces {
        let Source::Base(from) = piece.from else { continue };
        let end = from + piece.len;
        let is_end = end == ends.base && piece.to + piece.len == ends.object;
        let end = if is_end { end } else { (end + 1).saturating_sub(reach) };
        let first = hits.partition_point(|hit| hit.at < from);
        let copied = hits[first..].iter().take_while(|hit| hit.at < end);
        inherited.extend(copied.map(|hit| Hit { at: hit.at - from + piece.to, ..*hit }));
    }
    inherited
}

/// Whether all within `margin` of an inherited `hit` is as in the base, the ends of the text included.
fn is_same_around(hit: &Hit, margin: usize, pieces: &[Piece], ends: &Ends) -> bool {
    let place = pieces.partition_point(|piece| piece.to <= hit.at);
    let Some(piece) = place.checked_sub(1).map(|place| pieces[place]) else { return false };
    let Source::Base(from) = piece.from else { return false };
    let end = piece.to + piece.len;
    let same_before = hit.at - piece.to >= margin || (piece.to == 0 && from == 0);
    let is_end = end == ends.object && from + piece.len == ends.base;
    let same_after = end.saturating_sub(hit.at) >= margin || is_end;
    same_before && same_after
}
