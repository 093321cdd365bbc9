//! What lies between the records of a zip.

use std::io::{self, Read};

use super::header::{self, CENTRAL_LEN};
use crate::source::container::input::Input;

/// Reads up to where a record starts.
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
        let ready = match memchr::memmem::find(held, b"PK") {
            Some(0) if header::is_record(held) => return Ok(0),
            Some(0) => 1,
            Some(at) => at,
            // The end may be the start of one.
            None if held.last() == Some(&b'P') && held.len() > 1 => held.len() - 1,
            None => held.len(),
        };
        let read = (&held[..ready]).read(out)?;
        io::BufRead::consume(self.input, read);
        Ok(read)
    }
}
