//! Objects of git in files of their own: compressed by zlib, with a line before the content that says what it is.

use std::io::{self, Read};

use flate2::bufread::ZlibDecoder;

use super::fault::ArchiveFault;
use super::input::Input;
use super::place::Place;
use super::price::Price;
use super::visit::Visit;
use super::window;
use crate::source::format::loose::{MAX_HEADER, size};

/// Takes what a stream of zlib holds.
pub(super) fn unpack(visit: &Visit<'_>, place: &Place<'_>, bytes: &[u8]) -> Result<(), ArchiveFault> {
    visit.charge(Price::DEFLATE.start);
    let _memory = visit.budget.hold(window::DEFLATE)?;
    visit.decoded(&place.unpacked(), &mut ZlibDecoder::new(bytes), Price::DEFLATE)
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
    let stated = header(&mut decoder).map_err(|error| ArchiveFault::of_decoder(&error))?;
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
