//! Gzip, by RFC 1952: a header with names and comments of any length, a deflated content, its checksum and its size.

use std::io::{self, BufRead, Read};

use flate2::bufread::DeflateDecoder;

use super::fault::ArchiveFault;
use super::input::Input;
use super::place::Place;
use super::visit::Visit;

/// What a header starts with, up to the fields that its flags name.
const FIXED: usize = 10;

const HEADER_SUM: u8 = 2;
const EXTRA: u8 = 4;
const NAME: u8 = 8;
const COMMENT: u8 = 16;

/// Longer names are searched like other text.
const MAX_NAME: usize = 64 << 10;

/// Reads the header that comes next in `input`, and searches what it says of the content.
pub(super) fn header(
    visit: &Visit<'_>,
    archive: &Place<'_>,
    input: &mut Input<'_>,
) -> Result<(), ArchiveFault> {
    let fixed = input.take_bytes(FIXED).ok_or(ArchiveFault::Truncated)?;
    let flags = fixed[3];
    if flags & EXTRA != 0 {
        let len = input.take_bytes(2).ok_or(ArchiveFault::Truncated)?;
        let len = usize::from(u16::from_le_bytes([len[0], len[1]]));
        let extra = input.take_bytes(len).ok_or(ArchiveFault::Truncated)?;
        visit.rest(archive, &extra);
    }
    if flags & NAME != 0 {
        let mut field = Field { input, is_over: false };
        let mut name = Vec::new();
        // A field never fails: its input ends instead.
        let _ = (&mut field).take(MAX_NAME as u64).read_to_end(&mut name);
        visit.name(archive, &name);
        field.search_rest(visit, archive)?;
    }
    if flags & COMMENT != 0 {
        Field { input, is_over: false }.search_rest(visit, archive)?;
    }
    let sum = if flags & HEADER_SUM == 0 { 0 } else { 2 };
    if input.skip(sum) { Ok(()) } else { Err(ArchiveFault::Truncated) }
}

/// A text of a header, up to the zero that it ends with.
struct Field<'r, 'a> {
    input: &'r mut Input<'a>,
    is_over: bool,
}

impl Field<'_, '_> {
    fn search_rest(mut self, visit: &Visit<'_>, archive: &Place<'_>) -> Result<(), ArchiveFault> {
        let mut start = Vec::new();
        // Most are over, or soon so: they need no buffer of their own.
        let _ = (&mut self).take(MAX_NAME as u64).read_to_end(&mut start);
        if self.is_over {
            visit.rest(archive, &start);
        } else {
            visit.rest_stream(archive, &mut start.as_slice().chain(&mut self));
        }
        if self.is_over { Ok(()) } else { Err(ArchiveFault::Truncated) }
    }
}

impl Read for Field<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.is_over {
            return Ok(0);
        }
        let held = self.input.peek(1);
        let held = &held[..held.len().min(out.len())];
        let end = memchr::memchr(0, held);
        let read = end.unwrap_or(held.len());
        out[..read].copy_from_slice(&held[..read]);
        self.input.consume(read + usize::from(end.is_some()));
        self.is_over = end.is_some();
        Ok(read)
    }
}

/// Unpacks the content behind a header, and compares it with its checksum and its size.
pub(super) struct Decoder<R: BufRead> {
    deflated: DeflateDecoder<R>,
    sum: crc32fast::Hasher,
    len: u32,
    is_over: bool,
}

impl<R: BufRead> Decoder<R> {
    pub(super) fn new(input: R) -> Self {
        Self { deflated: DeflateDecoder::new(input), sum: crc32fast::Hasher::new(), len: 0, is_over: false }
    }

    pub(super) fn into_inner(self) -> R {
        self.deflated.into_inner()
    }
}

impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.is_over || out.is_empty() {
            return Ok(0);
        }
        let read = self.deflated.read(out)?;
        self.sum.update(&out[..read]);
        // The size is stated without its upper half.
        self.len = self.len.wrapping_add(u32::try_from(read).unwrap_or(u32::MAX));
        if read == 0 {
            self.is_over = true;
            let mut stated = [0; 8];
            self.deflated.get_mut().read_exact(&mut stated)?;
            let sums = [self.sum.clone().finalize(), self.len].map(u32::to_le_bytes);
            if stated != *sums.as_flattened() {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
        Ok(read)
    }
}
