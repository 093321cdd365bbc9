//! Looks at what commits changed, and remembers what is clean.

use std::io::Read;

use crate::clean::{CleanCache, CleanObject};
use crate::origin::{ObjectId, ObjectKind};
use crate::source::git::budget::Meter;
use crate::source::git::entry::Kind;
use crate::source::git::look::{Decoded, Look, Made};
use crate::source::git::loose;
use crate::source::git::objects::Objects;
use crate::source::git::remembered::Recorder;
use crate::source::git::sieve::{Known, ObjectFilter};
use crate::source::{Event, Fault, Sink};

/// Looks at blobs, commits and tags.
pub(super) struct Changed<'a> {
    filter: ObjectFilter<'a>,
    recorder: Option<&'a Recorder<'a>>,
    /// Blobs in which nothing was found. Nobody checks here what commits and tags refer to.
    pub(super) clean: Vec<CleanObject>,
}

impl<'a> Changed<'a> {
    pub(super) fn new(filter: ObjectFilter<'a>, recorder: Option<&'a Recorder<'a>>) -> Self {
        Self { filter, recorder, clean: Vec::new() }
    }

    fn record(&mut self, object: Decoded<'_>, bytes: &[u8], known: Option<&Known>) {
        let is_clean = object.kind == Kind::Text(ObjectKind::Blob) && known.is_some_and(Known::is_clean);
        if let Some(recorder) = self.recorder.filter(|_| is_clean) {
            self.clean.extend(recorder.clean(object, bytes));
        }
    }
}

impl Look for Changed<'_> {
    type Known = Known;

    fn wants(kind: Kind) -> bool {
        ObjectFilter::wants(kind)
    }

    fn reach(&self) -> usize {
        self.filter.reach()
    }

    fn is_stopped(&self) -> bool {
        self.filter.is_stopped()
    }

    fn whole(
        &mut self,
        object: Decoded<'_>,
        bytes: &[u8],
        meter: &mut Meter,
    ) -> Result<Option<Known>, Fault> {
        let known = self.filter.whole(object, bytes, meter)?;
        self.record(object, bytes, known.as_ref());
        Ok(known)
    }

    fn patched(
        &mut self,
        object: Decoded<'_>,
        made: Made<'_, Known>,
        meter: &mut Meter,
    ) -> Result<Option<Known>, Fault> {
        let bytes = made.bytes;
        let known = self.filter.patched(object, made, meter)?;
        self.record(object, bytes, known.as_ref());
        Ok(known)
    }

    fn stream(&mut self, object: Decoded<'_>, content: &mut dyn Read) {
        self.filter.stream(object, content);
    }
}

/// Takes out of `wanted`, which is in order, what is there and known to be clean.
pub(super) fn pass_known(wanted: &mut Vec<ObjectId>, cache: &CleanCache, objects: &Objects, sink: &dyn Sink) {
    let mut known = cache.lookup(objects.format);
    let is_there = |id| objects.position_of(id).is_some() || loose::store_of(&objects.stores, id).is_some();
    wanted.retain(|&id| {
        let object = known.find(id).filter(|object| object.kind.is_some() && is_there(id));
        object.inspect(|object| _ = sink.take(Event::Pass(object.size.into()))).is_none()
    });
}
