//! Standard input.

use std::io::{self, Read};

use super::interruptible::InterruptibleReader;
use super::{Content, Event, Sink, SkipReason, Skipped, Source};
use crate::origin::Origin;

/// Standard input, read once. If it is empty, that is reported: whatever should have written there may have failed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stdin;

impl Source for Stdin {
    fn named(&self) -> Vec<Origin> {
        vec![Origin::Stdin]
    }

    fn run(&self, sink: &dyn Sink) {
        let mut input = Watched { inner: InterruptibleReader::new(|| Ok(io::stdin()), sink), is_empty: true };
        sink.take(Event::Input(&|| Origin::Stdin, Content::Stream(&mut input)));
        if input.is_empty && !sink.is_stopped() {
            sink.take(Event::Skip(Skipped { origin: Origin::Stdin, reason: SkipReason::Empty }));
        }
    }
}

/// A reader that remembers whether anything came of it: a byte or an error.
struct Watched<R> {
    inner: R,
    is_empty: bool,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out);
        self.is_empty &= matches!(read, Ok(0));
        read
    }
}
