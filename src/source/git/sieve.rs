//! Which objects are worth a look, and what is known of them for those that are made from them.

use std::ops::Range;

use super::delta::{Copied, Patch};
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
    fresh: Vec<u8>,
}

/// Objects up to this size are looked at as a whole.
pub(super) const WHOLE: usize = 16 << 20;

/// More anchors than this are not kept: what is made from such an object is looked at as if it had no base.
const MAX_HITS: usize = 10_000;

/// Stands between stretches that do not belong together: no anchor holds it, for it is never in UTF-8.
const BREAK: u8 = 0xff;

impl<'a> Sieve<'a> {
    pub(super) fn new(anchors: Option<&'a Anchors>, sink: &'a dyn Sink) -> Self {
        Self { anchors, sink, fresh: Vec::new() }
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

    /// Takes an object that was made from another one, of which so much is known, by `patch`.
    pub(super) fn patched(
        &mut self,
        object: Wanted,
        bytes: &[u8],
        base: (&Known, usize),
        patch: &Patch,
    ) -> Option<Known> {
        let Some(anchors) = self.anchors.filter(|_| bytes.len() <= WHOLE && utf16_order(bytes).is_none())
        else {
            return self.whole(object, bytes);
        };
        let (base, base_len) = base;
        if self.has_fresh_hit(&anchors.gate, bytes, &patch.fresh) {
            return self.whole(object, bytes);
        }
        let ends = Ends { base: base_len, object: bytes.len() };
        let hits = inherited(&base.hits, &patch.copies, &ends, anchors.gate.reach());
        let is_as_before =
            || hits.iter().all(|hit| is_same_around(hit, anchors.margin, &patch.copies, &ends));
        if !base.holds && is_as_before() {
            self.pass(object, bytes.len());
            return Some(Known { hits, holds: false });
        }
        self.around(object, bytes, hits)
    }

    fn has_fresh_hit(&mut self, gate: &Gate, bytes: &[u8], fresh: &[Range<usize>]) -> bool {
        if fresh.is_empty() {
            return false;
        }
        self.fresh.clear();
        for stretch in fresh {
            self.fresh.extend_from_slice(&bytes[stretch.clone()]);
            self.fresh.push(BREAK);
        }
        !gate.hits(&self.fresh).is_empty()
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

    fn pass(&self, object: Wanted, len: usize) {
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

/// The anchors of a base that stand in what is copied from it, where they stand in the object. Those within `reach` of
/// an end of a copy are left out, unless it is an end of both: there is something new beside them, where all are
/// searched for.
fn inherited(hits: &[Hit], copies: &[Copied], ends: &Ends, reach: usize) -> Vec<Hit> {
    if hits.is_empty() {
        return Vec::new();
    }
    let in_copy = |copied: &Copied| {
        let end = copied.from + copied.len;
        let is_end = end == ends.base && copied.to + copied.len == ends.object;
        let end = if is_end { end } else { (end + 1).saturating_sub(reach) };
        let first = hits.partition_point(|hit| hit.at < copied.from);
        let (from, to) = (copied.from, copied.to);
        hits[first..]
            .iter()
            .take_while(move |hit| hit.at < end)
            .map(move |hit| Hit { at: hit.at - from + to, ..*hit })
    };
    copies.iter().flat_map(in_copy).collect()
}

/// Whether all within `margin` of an inherited `hit` is as in the base, the ends of the text included.
fn is_same_around(hit: &Hit, margin: usize, copies: &[Copied], ends: &Ends) -> bool {
    let place = copies.partition_point(|copied| copied.to <= hit.at);
    let Some(copied) = place.checked_sub(1).map(|place| copies[place]) else { return false };
    let copied_end = copied.to + copied.len;
    let same_before = hit.at - copied.to >= margin || (copied.to == 0 && copied.from == 0);
    let is_end = copied_end == ends.object && copied.from + copied.len == ends.base;
    let same_after = copied_end.saturating_sub(hit.at) >= margin || is_end;
    same_before && same_after
}
