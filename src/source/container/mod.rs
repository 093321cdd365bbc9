//! What is inside of archives: the room between sources and detection.
//!
//! In: what a source pushes. Out: the same, but for archives, of which the members are pushed instead, and what belongs
//! to no member. An archive is recognised by its bytes, and archives in archives are opened in turn. Everything is
//! decoded as it is read, once, from front to back; nothing is written anywhere, and memory does not depend on sizes.
//! Names of members are labels only.
//!
//! Nothing may hide: what lies between members and behind the end is read, too, and what a table of contents lists
//! that was not met on the way is told.

mod ar;
#[cfg(feature = "git")]
mod bundle;
mod cpio;
mod fault;
mod frames;
mod gzip;
mod input;
mod kind;
mod limits;
mod loose;
mod manifests;
mod office;
mod packed;
mod pdf;
mod rest;
mod rpm;
mod seven;
mod sqlite;
mod tap;
mod tar;
mod visit;
mod window;
mod zip;

use std::io::{self, Read};

pub use fault::ArchiveFault;
pub use limits::Limits;

use self::input::Input;
use self::kind::{HEAD, Kind};
use self::visit::{Place, Visit};
use super::{Content, Deleted, Excluded, Gap, Notice, Sink, SkipReason, Skipped};
use crate::finding::ImageLayer;
use crate::origin::Origin;
use crate::panic;

/// Whether these bytes are an archive: what is in them is not seen in them.
pub fn is_archive(bytes: &[u8]) -> bool {
    Kind::of(&bytes[..bytes.len().min(HEAD)], Some(bytes)).is_some()
}

/// Opens the archives among what comes, and hands the rest on as it is.
pub struct Opener<'a> {
    sink: &'a dyn Sink,
    limits: Limits,
}

impl<'a> Opener<'a> {
    /// Hands everything to `sink`.
    pub fn new(sink: &'a dyn Sink, limits: Limits) -> Self {
        Self { sink, limits }
    }

    /// Opens what is compressed in a text at `origin`, with one budget for all of it. `charge` is called with the steps of
    /// work that it took. A text in an archive lies as deep as its names say.
    pub fn open_packed(&self, origin: &dyn Fn() -> Origin, packed: &[Vec<u8>], charge: &dyn Fn(u64) -> u64) {
        let depth = origin().member().map_or(0, |member| member.names().len());
        let depth = u32::try_from(depth).unwrap_or(u32::MAX);
        if self.limits.depth == 0 {
            return;
        }
        let visit = Visit::new(self.sink, origin, self.limits);
        let opened = panic::catch(|| {
            visit.budget.feed(packed.iter().map(|bytes| bytes.len() as u64).sum());
            packed.iter().for_each(|bytes| visit.packed(depth, bytes));
        });
        visit.finish();
        charge(visit.budget.work());
        if let Err(panicked) = opened {
            self.sink.skip(Skipped { origin: origin(), reason: SkipReason::Panic(panicked) });
        }
    }

    fn kind_of(&self, head: &[u8], whole: Option<&[u8]>) -> Option<Kind> {
        let head = &head[..head.len().min(HEAD)];
        if self.limits.depth == 0 { None } else { Kind::of(head, whole) }
    }

    /// Opens an archive. A panic in there is a bug of akid on this input, and no reason to lose others.
    fn open(&self, kind: Kind, origin: &dyn Fn() -> Origin, content: Bytes<'_, '_>) {
        let visit = Visit::new(self.sink, origin, self.limits);
        let opened = panic::catch(|| match content {
            Bytes::Whole(bytes) => {
                visit.budget.feed(bytes.len() as u64);
                let mut input = Input::of_slice(bytes);
                visit.enter(kind, &Place::ROOT, &mut input);
                visit.raw(&mut input);
                None
            }
            Bytes::Stream(reader) => {
                let mut outer = Outer { reader, visit: &visit, failure: None };
                let mut input = Input::new(&mut outer, Vec::new());
                visit.enter(kind, &Place::ROOT, &mut input);
                visit.raw(&mut input);
                input.failure()
            }
        });
        let skip = |reason| self.sink.skip(Skipped { origin: origin(), reason });
        match opened {
            Ok(failure) => {
                visit.finish();
                failure.into_iter().for_each(|error| skip(SkipReason::Io(error)));
            }
            Err(panicked) => skip(SkipReason::Panic(panicked)),
        }
        if !visit.is_counted.get() {
            // Its own bytes are not searched: those of its members are, and counted.
            self.sink.pass(0);
        }
    }
}

/// An archive's bytes.
enum Bytes<'r, 'b> {
    Whole(&'b [u8]),
    Stream(&'r mut dyn Read),
}

impl Sink for Opener<'_> {
    fn input(&self, origin: &dyn Fn() -> Origin, content: Content<'_>) -> bool {
        match content {
            Content::Whole(bytes) | Content::Anchored(bytes, _) => match self.kind_of(bytes, Some(bytes)) {
                Some(kind) => self.open(kind, origin, Bytes::Whole(bytes)),
                None => return self.sink.input(origin, content),
            },
            Content::Stream(reader) => {
                let mut begun = PeekedReader::read(reader);
                match self.kind_of(&begun.head[..begun.len], None) {
                    Some(kind) => self.open(kind, origin, Bytes::Stream(&mut begun)),
                    None => return self.sink.input(origin, Content::Stream(&mut begun)),
                }
            }
        }
        // Whatever was in it.
        true
    }

    fn member(&self, origin: &dyn Fn() -> Origin, content: Content<'_>, charge: &dyn Fn(u64) -> u64) {
        self.sink.member(origin, content, charge);
    }

    fn image(&self, layers: Vec<(Origin, ImageLayer)>) {
        self.sink.image(layers);
    }

    fn deletes(&self, layer: &Origin, deleted: Deleted) {
        self.sink.deletes(layer, deleted);
    }

    fn name(&self, origin: &dyn Fn() -> Origin, name: &[u8]) -> bool {
        self.sink.name(origin, name)
    }

    fn pass(&self, bytes: u64) {
        self.sink.pass(bytes);
    }

    fn expect(&self, inputs: u64) {
        self.sink.expect(inputs);
    }

    fn skip(&self, skipped: Skipped) {
        self.sink.skip(skipped);
    }

    fn exclude(&self, excluded: Excluded) {
        self.sink.exclude(excluded);
    }

    fn notice(&self, notice: Notice) {
        self.sink.notice(notice);
    }

    fn gap(&self, gap: Gap) {
        self.sink.gap(gap);
    }

    fn is_stopped(&self) -> bool {
        self.sink.is_stopped()
    }
}

/// A stream of which the first bytes were looked at.
struct PeekedReader<'r> {
    head: [u8; HEAD],
    start: usize,
    len: usize,
    reader: &'r mut dyn Read,
    failure: Option<io::Error>,
}

impl<'r> PeekedReader<'r> {
    fn read(reader: &'r mut dyn Read) -> Self {
        let mut begun = Self { head: [0; HEAD], start: 0, len: 0, reader, failure: None };
        while begun.len < HEAD {
            match begun.reader.read(&mut begun.head[begun.len..]) {
                Ok(0) => break,
                Ok(read) => begun.len += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    begun.failure = Some(error);
                    break;
                }
            }
        }
        begun
    }
}

impl Read for PeekedReader<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = (&self.head[self.start..self.len]).read(out)?;
        self.start += read;
        if read > 0 || out.is_empty() {
            return Ok(read);
        }
        self.failure.take().map_or_else(|| self.reader.read(out), Err)
    }
}

/// The outermost archive: what is read of it is counted. It ends once the sink is stopped.
struct Outer<'r> {
    reader: &'r mut dyn Read,
    visit: &'r Visit<'r>,
    failure: Option<io::Error>,
}

impl Read for Outer<'_> {
    /// Fills `out` if there is as much: what is counted must not depend on how a pipe delivers it.
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut len = 0;
        while len < out.len() && !self.visit.is_stopped() {
            match self.failure.take().map_or_else(|| self.reader.read(&mut out[len..]), Err) {
                Ok(0) => break,
                Ok(read) => len += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if len > 0 => {
                    self.failure = Some(error);
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        self.visit.budget.feed(len as u64);
        Ok(len)
    }
}
