//! Which objects are worth a look, and what is known of them for those that are made from them.

use std::io::Read;
use std::ops::Range;

use super::budget::Meter;
use super::delta::{Copied, Patch};
use super::entry::Kind;
use super::look::{Decoded, Look, Made};
use crate::anchor::{Anchors, Gate, Hit};
use crate::aws::SecretAccessKey;
use crate::origin::{Object, ObjectKind, Origin};
use crate::source::format::is_archive;
use crate::source::{Content, Event, Fault, Sink};
use crate::text::Wide;

/// What is known of an object whose objects are made from it.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Every anchor in it.
    hits: Vec<Hit>,
    /// Whether there is, or may be, a part of a credential in it.
    holds: bool,
}

impl Known {
    /// Whether there is nothing in it.
    pub(super) fn is_clean(&self) -> bool {
        !self.holds
    }
}

/// Hands to the sink what is worth a look.
pub(super) struct ObjectFilter<'a> {
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

/// Objects up to this size are looked at as a whole.
pub(super) const WHOLE: usize = 16 << 20;

/// More anchors than this are not kept: what is made from such an object is looked at as if it had no base.
const MAX_HITS: usize = 10_000;

/// What searching a byte of an object for anchors costs.
const SEARCHED: u64 = 1;
/// What handing over a byte costs, and what an anchor does that is handed over with it.
const HANDED_OVER: u64 = 20;
const ANCHOR: u64 = 2_000;
/// What an anchor of a base costs that is one of an object made from it, too.
const INHERITED: u64 = 100;

/// Stands between stretches that do not belong together: no anchor holds it, for it is never in UTF-8.
const BREAK: u8 = 0xff;

impl<'a> ObjectFilter<'a> {
    pub(super) fn new(anchors: Option<&'a Anchors>, sink: &'a dyn Sink) -> Self {
        Self { anchors, sink, fresh: Fresh::default() }
    }

    /// Takes an object with `hits` in it.
    fn around(
        &self,
        object: Decoded<'_>,
        bytes: &[u8],
        hits: Vec<Hit>,
        meter: &mut Meter,
    ) -> Result<Option<Known>, Fault> {
        if hits.is_empty() {
            self.pass(object, bytes.len());
            return Ok(Some(Known::default()));
        }
        meter.spend(HANDED_OVER * bytes.len() as u64 + ANCHOR * hits.len() as u64)?;
        let holds = self.hand_over(object, Content::Anchored(bytes, &hits));
        // What is not wanted was not looked at.
        Ok((hits.len() <= MAX_HITS).then(|| Known { hits, holds: holds || !object.is_wanted() }))
    }

    /// Takes an object whose anchors say nothing.
    fn opaque(
        &self,
        object: Decoded<'_>,
        content: Content<'_>,
        len: usize,
        meter: &mut Meter,
    ) -> Result<(), Fault> {
        meter.spend(HANDED_OVER * len as u64)?;
        self.hand_over(object, content);
        Ok(())
    }

    /// Takes an object that holds nothing.
    fn pass(&self, object: Decoded<'_>, len: usize) {
        if object.is_wanted() {
            self.sink.take(Event::Pass(len as u64));
        }
    }

    /// Says whether there is, or may be, a part of a credential in it.
    fn hand_over(&self, object: Decoded<'_>, content: Content<'_>) -> bool {
        let (Kind::Text(kind), Some(name)) = (object.kind, object.name) else { return true };
        self.sink.take(Event::Input(&|| Origin::Object(Object::new(kind, name.id())), content))
    }
}

impl Look for ObjectFilter<'_> {
    type Known = Known;

    fn wants(kind: Kind) -> bool {
        matches!(kind, Kind::Text(_))
    }

    fn is_stopped(&self) -> bool {
        self.sink.is_stopped()
    }

    fn stream(&mut self, object: Decoded<'_>, content: &mut dyn Read) {
        self.hand_over(object, Content::Stream(content));
    }

    fn reach(&self) -> usize {
        self.anchors.map_or(0, |anchors| anchors.gate.reach() - 1)
    }

    fn whole(
        &mut self,
        object: Decoded<'_>,
        bytes: &[u8],
        meter: &mut Meter,
    ) -> Result<Option<Known>, Fault> {
        if bytes.len() > WHOLE {
            self.opaque(object, Content::Stream(&mut &*bytes), bytes.len(), meter)?;
            return Ok(None);
        }
        // What is in an archive is not seen in its bytes, so that anchors say nothing.
        let is_opaque = || Wide::of(bytes).is_some() || (is_file(object) && is_archive(bytes));
        let is_value = || is_file(object) && SecretAccessKey::is_all_of(bytes);
        let Some(anchors) = self.anchors.filter(|_| !is_opaque() && !is_value()) else {
            self.opaque(object, Content::Whole(bytes), bytes.len(), meter)?;
            return Ok(None);
        };
        meter.spend(SEARCHED * bytes.len() as u64)?;
        self.around(object, bytes, anchors.gate.hits(bytes), meter)
    }

    fn patched(
        &mut self,
        object: Decoded<'_>,
        made: Made<'_, Known>,
        meter: &mut Meter,
    ) -> Result<Option<Known>, Fault> {
        let Made { bytes, patch, base: (base_len, known) } = made;
        let ends = Ends { base: base_len, object: bytes.len() };
        let is_wide = || !has_head_of_base(patch) && Wide::of(bytes).is_some();
        let is_opaque =
            || is_wide() || (is_file(object) && (is_archive(bytes) || SecretAccessKey::is_all_of(bytes)));
        let Some(anchors) = self.anchors.filter(|_| bytes.len() <= WHOLE && !is_opaque()) else {
            return self.whole(object, bytes, meter);
        };
        self.fresh.gather(bytes, &patch.fresh);
        meter.spend(SEARCHED * self.fresh.bytes.len() as u64)?;
        let fresh = self.fresh.hits(&anchors.gate);
        let mut hits = inherited(&known.hits, &patch.copies, &ends, anchors.gate.reach());
        meter.spend(INHERITED * hits.len() as u64)?;
        let is_as_before =
            || hits.iter().all(|hit| is_same_around(hit, anchors.margin, &patch.copies, &ends));
        if fresh.is_empty() && !known.holds && is_as_before() {
            self.pass(object, bytes.len());
            return Ok(Some(Known { hits, holds: false }));
        }
        if !fresh.is_empty() {
            hits.extend(fresh);
            hits.sort_unstable();
            hits.dedup();
        }
        self.around(object, bytes, hits, meter)
    }
}

/// Whether it is the content of a file: messages are no archives.
fn is_file(object: Decoded<'_>) -> bool {
    object.is_wanted() && object.kind == Kind::Text(ObjectKind::Blob)
}

/// Lengths of an object and its base.
struct Ends {
    base: usize,
    object: usize,
}

/// As many bytes say whether a text is in UTF-16.
const UTF16_HEAD: usize = 256;

/// Whether an object starts as its base does, which is not in UTF-16 if anything is known of it.
fn has_head_of_base(patch: &Patch) -> bool {
    patch.copies.first().is_some_and(|first| first.to == 0 && first.from == 0 && first.len >= UTF16_HEAD)
}

impl Fresh {
    /// Gathers the fresh `stretches` of an object.
    fn gather(&mut self, object: &[u8], stretches: &[Range<usize>]) {
        self.bytes.clear();
        self.starts.clear();
        for stretch in stretches {
            self.starts.push((self.bytes.len(), stretch.start));
            self.bytes.extend_from_slice(&object[stretch.clone()]);
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
fn inherited(hits: &[Hit], copies: &[Copied], ends: &Ends, reach: usize) -> Vec<Hit> {
    if hits.is_empty() {
        return Vec::new();
    }
    let mut inherited = Vec::new();
    for copied in copies {
        let end = copied.from + copied.len;
        let end = if ends.are_of(copied) { end } else { (end + 1).saturating_sub(reach) };
        let first = hits.partition_point(|hit| hit.at < copied.from);
        let inside = hits[first..].iter().take_while(|hit| hit.at < end);
        inherited.extend(inside.map(|hit| Hit { at: hit.at - copied.from + copied.to, ..*hit }));
    }
    inherited
}

/// Whether all within `margin` of an inherited `hit` is as in the base, the ends of the text included.
fn is_same_around(hit: &Hit, margin: usize, copies: &[Copied], ends: &Ends) -> bool {
    let place = copies.partition_point(|copied| copied.to <= hit.at);
    let Some(copied) = place.checked_sub(1).map(|place| &copies[place]) else { return false };
    let same_before = hit.at - copied.to >= margin || (copied.to == 0 && copied.from == 0);
    let same_after = (copied.to + copied.len).saturating_sub(hit.at) >= margin || ends.are_of(copied);
    same_before && same_after
}

impl Ends {
    /// Whether a copy ends where both the object and its base do.
    fn are_of(&self, copied: &Copied) -> bool {
        copied.to + copied.len == self.object && copied.from + copied.len == self.base
    }
}
