//! A look at bytes while they pass by on their way to the sink.

use std::io::{self, Read};

/// Sees bytes as they pass, in pieces of any length.
pub(super) trait Tap {
    /// Takes the next bytes.
    fn push(&mut self, bytes: &[u8]);
}

/// Lets a tap see what is read.
pub(super) struct Tapped<'t> {
    pub(super) reader: &'t mut dyn Read,
    pub(super) tap: &'t mut dyn Tap,
}

impl Read for Tapped<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(out)?;
        self.tap.push(&out[..read]);
        Ok(read)
    }
}
