//! What lies in a place and cannot be read, as a part of the report.

use std::io;
use std::path::PathBuf;

use akid::origin::{Origin, RelativePath};
use akid::source::{Event, Sink, SkipReason, Skipped, Source};

/// Paths that are reported as not read, each with the reason.
#[derive(Debug)]
pub(super) struct Unread(pub(super) Vec<(PathBuf, io::Error)>);

impl Source for Unread {
    fn run(&self, sink: &dyn Sink) {
        for (path, error) in &self.0 {
            let origin = Origin::File(RelativePath::from_bytes(path.as_os_str().as_encoded_bytes()));
            sink.take(Event::Skip(Skipped { origin, reason: SkipReason::Io(again(error)) }));
        }
    }
}

/// The same error once more.
fn again(error: &io::Error) -> io::Error {
    let of_system = error.raw_os_error().map(io::Error::from_raw_os_error);
    of_system.unwrap_or_else(|| io::Error::new(error.kind(), error.to_string()))
}
