//! What lies between the records of a zip, or before a 7z.

use std::io::{self, Read};

use super::header::{self, CENTRAL_LEN};
use crate::source::container::{input::Input, seven};

/// Reads up to where a record or a 7z starts.
pub(super) struct Gap<'r, 'a> {
    input: &'r mut Input<'a>,
}

impl<'r, 'a> Gap<'r, 'a> {
    pub(super) fn new(input: &'r mut Input<'a>) -> Self {
        Self { input }
    }
}

impl Read for Gap<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let held = self.input.peek(CENTRAL_LEN);
        let zip = memchr::memmem::find(held, b"PK");
        let seven = memchr::memmem::find(held, seven::MAGIC);
        let ready = match zip.into_iter().chain(seven).min() {
            Some(0) if header::is_record(held) || seven::is_start(held) => return Ok(0),
            Some(0) => 1,
            Some(at) => at,
            // The end may be the start of one.
            None => held.len().saturating_sub(seven::MAGIC.len() - 1).max(1).min(held.len()),
        };
        let read = (&held[..ready]).read(out)?;
        io::BufRead::consume(self.input, read);
        Ok(read)
    }
}
