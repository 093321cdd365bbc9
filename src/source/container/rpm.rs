//! RPM packages: a few headers, then a cpio that is compressed.

use super::fault::ArchiveFault;
use super::input::Input;
use super::place::Place;
use super::rest::Rest;
use super::visit::Visit;

const LEAD: usize = 96;
const HEADER: usize = 16;
const MAGIC: &[u8] = &[0x8e, 0xad, 0xe8];

/// No header is larger: RPM itself takes none that is.
const MAX_HEADER: u64 = 256 << 20;

/// Takes an RPM package.
pub(super) fn walk(visit: &Visit<'_>, place: &Place<'_>, input: &mut Input<'_>) -> Result<(), ArchiveFault> {
    let lead = input.take_bytes(LEAD).ok_or(ArchiveFault::Truncated)?;
    Rest::new(visit, place).add_all(&lead);
    let signature = header(visit, place, input)?;
    // Only the first is filled up, to a multiple of eight.
    input.skip((8 - signature % 8) % 8);
    header(visit, place, input)?;
    visit.open(&place.unpacked(), input);
    Ok(())
}

/// Takes a header as text, scripts and all; returns the length of its content.
fn header(visit: &Visit<'_>, place: &Place<'_>, input: &mut Input<'_>) -> Result<u64, ArchiveFault> {
    let start = input.take_bytes(HEADER).ok_or(ArchiveFault::Truncated)?;
    if !start.starts_with(MAGIC) {
        return Err(ArchiveFault::Header);
    }
    let number = |at: usize| start[at..at + 4].iter().fold(0, |number, &byte| number << 8 | u64::from(byte));
    let (index, content) = (number(8) * 16, number(12));
    if index + content > MAX_HEADER {
        return Err(ArchiveFault::Header);
    }
    // Numbers, unless somebody wrote something else.
    let mut numbers = input.stretch(index);
    visit.rest_stream(place, &mut numbers);
    if !numbers.finish() {
        return Err(ArchiveFault::Header);
    }
    let mut text = input.stretch(content);
    visit.rest_stream(place, &mut text);
    if text.finish() { Ok(content) } else { Err(ArchiveFault::Truncated) }
}
