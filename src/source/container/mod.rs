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
mod base64;
#[cfg(feature = "git")]
mod bundle;
mod cpio;
mod fault;
mod frames;
mod gzip;
mod input;
mod kinds;
mod limits;
mod loose;
mod manifests;
mod metered;
mod office;
mod packed;
mod pdf;
mod place;
mod price;
mod rest;
mod rpm;
mod seven;
mod sqlite;
mod summed;
mod tap;
mod tar;
mod visit;
mod window;
mod zip;

use std::io::{self, Read};

pub use fault::ArchiveFault;
pub use limits::Limits;
pub(super) use visit::Outermost;

use self::input::Input;
use self::place::Place;
use self::visit::Visit;
use super::format::Kind;
use super::{Event, SkipReason, Skipped};
use crate::panic;

/// An archive's bytes.
pub(super) enum Bytes<'r, 'b> {
    Whole(&'b [u8]),
    Stream(&'r mut dyn Read),
}

/// Opens an archive. A panic in there is a bug of akid on this input, and no reason to lose others.
pub(super) fn open(outermost: Outermost<'_>, kind: Kind, content: Bytes<'_, '_>) {
    let visit = Visit::new(outermost, kinds::walk);
    let opened = panic::catch(|| match content {
        Bytes::Whole(bytes) => {
            visit.budget.feed(bytes.len() as u64);
            let mut input = Input::of_slice(bytes);
            visit.enter(kind, &Place::ROOT, &mut input);
            visit.raw(&Place::ROOT, &mut input);
            None
        }
        Bytes::Stream(reader) => {
            let mut outer = Outer { reader, visit: &visit, failure: None };
            let mut input = Input::new(&mut outer, Vec::new());
            visit.enter(kind, &Place::ROOT, &mut input);
            visit.raw(&Place::ROOT, &mut input);
            input.failure()
        }
    });
    let skip = |reason| _ = outermost.sink.take(Event::Skip(Skipped { origin: (outermost.root)(), reason }));
    match opened {
        Ok(failure) => {
            visit.finish(&Place::ROOT);
            failure.into_iter().for_each(|error| skip(SkipReason::Io(error)));
        }
        Err(panicked) => skip(SkipReason::Panic(panicked)),
    }
    if !visit.is_counted.get() {
        // Its own bytes are not searched: those of its members are, and counted.
        outermost.sink.take(Event::Pass(0));
    }
}

/// Opens what is compressed in a text, with one budget for all of it. Returns the steps of work that it took.
pub(super) fn open_packed(text: Outermost<'_>, packed: &[Vec<u8>]) -> u64 {
    let depth = (text.root)().member().map_or(0, |member| member.names().len());
    let depth = u32::try_from(depth).unwrap_or(u32::MAX);
    let visit = Visit::new(text, kinds::walk);
    let opened = panic::catch(|| {
        visit.budget.feed(packed.iter().map(|bytes| bytes.len() as u64).sum());
        packed.iter().for_each(|bytes| base64::open(&visit, depth, bytes));
    });
    visit.finish(&Place::ROOT);
    if let Err(panicked) = opened {
        text.sink.take(Event::Skip(Skipped { origin: (text.root)(), reason: SkipReason::Panic(panicked) }));
    }
    visit.budget.work()
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
