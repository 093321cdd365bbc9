//! Bytes that are read once, from front to back, with a look at what comes next.

use std::io::{self, BufRead, Read};

use super::fault::ArchiveFault;
use super::limits::Memory;

/// Something to read. It never fails: a fault of what it reads from is an end that it remembers.
pub(super) struct Input<'a> {
    reader: Option<&'a mut dyn Read>,
    buffer: Buffer<'a>,
    start: usize,
    end: usize,
    position: u64,
    failure: Option<io::Error>,
}

enum Buffer<'a> {
    /// All that there is.
    Borrowed(&'a [u8]),
    Owned(Vec<u8>),
}

/// Inputs up to this size are held whole; each buffer is as large.
pub(super) const WHOLE: usize = 1 << 20;

/// What is read at a time, if no more has to be seen at once: what stays in the cache.
const CHUNK: usize = 128 << 10;

impl<'a> Input<'a> {
    /// All of `bytes`.
    pub(super) fn of_slice(bytes: &'a [u8]) -> Self {
        Self {
            reader: None,
            end: bytes.len(),
            buffer: Buffer::Borrowed(bytes),
            start: 0,
            position: 0,
            failure: None,
        }
    }

    /// What `reader` has, through a buffer that was used before.
    pub(super) fn new(reader: &'a mut dyn Read, mut buffer: Vec<u8>) -> Self {
        buffer.resize(WHOLE, 0);
        Self {
            reader: Some(reader),
            buffer: Buffer::Owned(buffer),
            start: 0,
            end: 0,
            position: 0,
            failure: None,
        }
    }

    /// The bytes that come next, at least `wanted` of them if there are as many and the buffer holds them.
    pub(super) fn peek(&mut self, wanted: usize) -> &[u8] {
        while self.end - self.start < wanted.min(WHOLE) && self.fill(wanted) {}
        self.held()
    }

    /// The bytes that are in memory and come next.
    pub(super) fn held(&self) -> &[u8] {
        &self.buffer.bytes()[self.start..self.end]
    }

    /// Whether all that is left is in memory.
    pub(super) fn is_held(&self) -> bool {
        self.reader.is_none()
    }

    /// How many bytes were consumed so far.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Returns to `position`, which was passed, if the bytes from there on are still in memory; says whether they are.
    pub(super) fn back_to(&mut self, position: u64) -> bool {
        let count = self.position.checked_sub(position).and_then(|count| usize::try_from(count).ok());
        // What stands before the next bytes in the buffer came before them.
        let Some(start) = count.and_then(|count| self.start.checked_sub(count)) else { return false };
        (self.start, self.position) = (start, position);
        true
    }

    /// Passes over `count` bytes; says whether there were as many.
    pub(super) fn skip(&mut self, count: u64) -> bool {
        let mut left = count;
        while left > 0 {
            let held = self.peek(1).len() as u64;
            if held == 0 {
                return false;
            }
            let step = held.min(left);
            self.advance(usize::try_from(step).unwrap_or(usize::MAX));
            left -= step;
        }
        true
    }

    /// Takes the next `count` bytes; `None` if there are not as many.
    pub(super) fn take_bytes(&mut self, count: usize) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        while bytes.len() < count {
            let held = self.peek(1);
            let step = held.len().min(count - bytes.len());
            if step == 0 {
                return None;
            }
            bytes.extend_from_slice(&held[..step]);
            self.advance(step);
        }
        Some(bytes)
    }

    /// Takes all that is left into `bytes`, up to `max` bytes and as far as `memory` can be taken for it.
    pub(super) fn hold(
        &mut self,
        max: u64,
        memory: &mut Memory<'_>,
        bytes: &mut Vec<u8>,
    ) -> Result<(), ArchiveFault> {
        loop {
            let held = self.peek(1);
            let len = held.len();
            if len == 0 {
                return Ok(());
            }
            if (bytes.len() + len) as u64 > max {
                return Err(ArchiveFault::Memory);
            }
            memory.grow(len as u64)?;
            bytes.extend_from_slice(held);
            self.advance(len);
        }
    }

    /// The next `count` bytes as an input of their own.
    pub(super) fn stretch(&mut self, count: u64) -> Stretch<'_, 'a> {
        Stretch { input: self, left: count }
    }

    /// The fault by which it ended, if by one.
    pub(super) fn failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// The buffer, to be used again.
    pub(super) fn into_buffer(self) -> Option<Vec<u8>> {
        match self.buffer {
            Buffer::Owned(buffer) => Some(buffer),
            Buffer::Borrowed(_) => None,
        }
    }

    fn advance(&mut self, count: usize) {
        self.start += count;
        self.position += count as u64;
    }

    /// Reads some more behind what is held. Says whether there was anything.
    fn fill(&mut self, wanted: usize) -> bool {
        let (Some(reader), Buffer::Owned(buffer)) = (&mut self.reader, &mut self.buffer) else {
            return false;
        };
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.start + wanted.min(WHOLE) > buffer.len() {
            buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        let room = buffer.len().min((self.start + wanted).max(self.end + CHUNK));
        match reader.read(&mut buffer[self.end..room]) {
            Ok(0) => self.reader = None,
            Ok(read) => self.end += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                self.failure = Some(error);
                self.reader = None;
            }
        }
        self.reader.is_some()
    }
}

impl Buffer<'_> {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Owned(bytes) => bytes,
        }
    }
}

impl BufRead for Input<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(self.peek(1))
    }

    fn consume(&mut self, count: usize) {
        self.advance(count.min(self.end - self.start));
    }
}

impl Read for Input<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut held = self.peek(usize::from(!out.is_empty()));
        let read = held.read(out)?;
        self.advance(read);
        Ok(read)
    }
}

/// A stretch of an input.
pub(super) struct Stretch<'r, 'a> {
    input: &'r mut Input<'a>,
    left: u64,
}

impl<'r, 'a> Stretch<'r, 'a> {
    /// How many bytes of it were not read.
    pub(super) fn left(&self) -> u64 {
        self.left
    }

    /// Passes over what was not read; says whether all of it was there.
    pub(super) fn finish(self) -> bool {
        self.input.skip(self.left)
    }
}

impl BufRead for Stretch<'_, '_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let held = self.input.peek(usize::from(self.left > 0));
        let len = usize::try_from(self.left).map_or(held.len(), |left| left.min(held.len()));
        Ok(&held[..len])
    }

    fn consume(&mut self, count: usize) {
        self.left -= count as u64;
        self.input.advance(count);
    }
}

impl Read for Stretch<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(out)?;
        self.consume(read);
        Ok(read)
    }
}
