//! The room between sources and detection: archives are opened there, the rest is handed on.
//!
//! Above `git` and `container`, and the only place that knows both: git's bundles and packs lie in archives, and
//! archives in bundles.

use std::io::{self, Read};

#[cfg(feature = "git")]
use super::bundled::ReadBundle;
use super::container::{self, Bytes, Limits, Outermost};
use super::format::{HEAD, Kind};
#[cfg(feature = "git")]
use super::git;
use super::{Content, Event, Sink};
use crate::origin::Origin;

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
        if self.limits.depth > 0 {
            charge(container::open_packed(self.outermost(origin), packed));
        }
    }

    fn outermost<'o>(&'o self, root: &'o dyn Fn() -> Origin) -> Outermost<'o> {
        Outermost {
            sink: self.sink,
            root,
            limits: self.limits,
            #[cfg(feature = "git")]
            bundles: ReadBundle { bundle: git::bundle::read, pack: git::bundle::read_pack },
        }
    }

    fn kind_of(&self, head: &[u8], whole: Option<&[u8]>) -> Option<Kind> {
        let head = &head[..head.len().min(HEAD)];
        if self.limits.depth == 0 { None } else { Kind::of(head, whole) }
    }

    fn open(&self, kind: Kind, origin: &dyn Fn() -> Origin, content: Bytes<'_, '_>) {
        container::open(self.outermost(origin), kind, content);
    }
}

impl Sink for Opener<'_> {
    fn take(&self, event: Event<'_, '_>) -> bool {
        let Event::Input(origin, content) = event else { return self.sink.take(event) };
        match content {
            Content::Whole(bytes) | Content::Anchored(bytes, _) => match self.kind_of(bytes, Some(bytes)) {
                Some(kind) => self.open(kind, origin, Bytes::Whole(bytes)),
                None => return self.sink.take(Event::Input(origin, content)),
            },
            Content::Stream(reader) => {
                let mut begun = PeekedReader::read(reader);
                match self.kind_of(&begun.head[..begun.len], None) {
                    Some(kind) => self.open(kind, origin, Bytes::Stream(&mut begun)),
                    None => return self.sink.take(Event::Input(origin, Content::Stream(&mut begun))),
                }
            }
        }
        // Whatever was in it.
        true
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
