//! Objects of git in files of their own: compressed by zlib, with a line before the content that says what it is.

use std::io::{self, Read};

use flate2::bufread::ZlibDecoder;
use flate2::{Decompress, FlushDecompress};

use super::fault::ArchiveFault;
use super::input::Input;
use super::packed::{self, Price};
use super::visit::{Place, Visit};
use super::window;

/// What such an object may be.
const KINDS: [&[u8]; 4] = [b"blob ", b"tree ", b"commit ", b"tag "];

/// No header of an object is longer: a word, a number, a zero.
const MAX_HEADER: usize = 32;

/// Whether this starts with an object.
pub(super) fn is_object(head: &[u8]) -> bool {
    // As zlib marks a stream with its usual window, whatever the level.
    if !matches!(head, [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..]) {
        return false;
    }
    size(&unpacked_start(head)).is_some()
}

/// Whether this starts with a stream of zlib that is none of git's objects: enough of it can be decoded.
pub(super) fn is_zlib(head: &[u8]) -> bool {
    begins_zlib(head) && unpacked_start(head).len() == MAX_HEADER && !is_object(head)
}

/// Whether the first bytes are those of zlib at its usual level.
pub(super) fn begins_zlib(head: &[u8]) -> bool {
    head.starts_with(&[0x78, 0x9c])
}

/// What a stream of zlib that starts with `head` starts with: nothing if that cannot be decoded.
fn unpacked_start(head: &[u8]) -> Vec<u8> {
    let mut start = vec![0; MAX_HEADER];
    let mut decoder = Decompress::new(true);
    let _ = decoder.decompress(head, &mut start, FlushDecompress::None);
    start.truncate(usize::try_from(decoder.total_out()).unwrap_or(0));
    start
}

/// Takes what a stream of zlib holds.
pub(super) fn unpack(visit: &Visit<'_>, place: &Place<'_>, bytes: &[u8]) -> Result<(), ArchiveFault> {
    visit.charge(Price::DEFLATE.start);
    let _memory = visit.budget.hold(window::DEFLATE)?;
    visit.decoded(&place.unpacked(), &mut ZlibDecoder::new(bytes), Price::DEFLATE)
}

/// The length of the content that the header at the start of `start` states.
fn size(start: &[u8]) -> Option<u64> {
    let kind = KINDS.iter().find(|kind| start.starts_with(kind))?;
    let end = start.iter().position(|&byte| byte == 0)?;
    let digits = start.get(kind.len()..end).filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Takes the content of an object.
pub(super) fn walk(visit: &Visit<'_>, place: &Place<'_>, input: &mut Input<'_>) -> Result<(), ArchiveFault> {
    let outcome = read(visit, place, input);
    outcome.map_err(|fault| if fault.is_unreadable() { ArchiveFault::Objects } else { fault })
}

fn read(visit: &Visit<'_>, place: &Place<'_>, input: &mut Input<'_>) -> Result<(), ArchiveFault> {
    visit.charge(Price::DEFLATE.start);
    let _memory = visit.budget.hold(window::DEFLATE)?;
    let mut decoder = ZlibDecoder::new(input);
    let stated = header(&mut decoder).map_err(|error| packed::fault_of(&error))?;
    let mut content = Counted { inner: decoder, len: 0 };
    visit.decoded(&place.unpacked(), &mut content, Price::DEFLATE)?;
    if visit.is_over() || content.len == stated { Ok(()) } else { Err(ArchiveFault::Size) }
}

/// Reads the header; returns how long it says that the content is.
fn header(decoder: &mut impl Read) -> io::Result<u64> {
    let mut start = Vec::new();
    while start.len() < MAX_HEADER && start.last() != Some(&0) {
        let mut byte = [0];
        decoder.read_exact(&mut byte)?;
        start.extend(byte);
    }
    size(&start).ok_or(io::ErrorKind::InvalidData.into())
}

/// What passes through, counted.
struct Counted<R> {
    inner: R,
    len: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out)?;
        self.len += read as u64;
        Ok(read)
    }
}
