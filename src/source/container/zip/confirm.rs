//! Whether what looks like a record of a zip is one, where it stands behind something else: four bytes that a record
//! starts with are in many programs.
//!
//! A member is real if the next record starts where it should end, or if its content can be unpacked; a table of contents,
//! if its end states as many records. Everything is looked at where it lies, and nothing is consumed.

use std::io::Read;

use super::content::{self, Content};
use super::header::{self, Header};
use crate::source::container::fault::ArchiveFault;
use crate::source::container::input::Input;
use crate::source::container::limits::HEADER;
use crate::source::container::summed::Summed;
use crate::source::container::visit::Visit;

/// So far is looked ahead, however much is held.
const LOOK: usize = 128 << 10;

/// As much of a packed content is unpacked on trial, and as much is made of it; what can be unpacked so far is no chance.
const MAX_TRIAL: usize = 64 << 10;
const MAX_MADE: u64 = 256 << 10;

/// A content that ends too soon is one if at least so much of it could be unpacked.
const MIN_MADE: u64 = 1 << 10;

/// Whether the record that comes next in `input` is one of a zip. `is_in_zip` says whether members of one were met before,
/// and no end.
pub(super) fn is_real(visit: &Visit<'_>, input: &mut Input<'_>, is_in_zip: bool) -> bool {
    // What is looked at may have to be moved.
    visit.charge(HEADER + LOOK as u64 / 8);
    let held = input.peek(LOOK);
    let held = &held[..held.len().min(LOOK)];
    match held.get(..4).unwrap_or_default() {
        header::LOCAL => is_member(visit, held),
        header::CENTRAL => is_table(visit, held),
        // An end alone says nothing.
        _ => is_in_zip,
    }
}

fn is_member(visit: &Visit<'_>, held: &[u8]) -> bool {
    let Some((record, rest)) = held.split_at_checked(header::local_len(held)) else { return false };
    let header = Header::local(record);
    if header.name.iter().any(u8::is_ascii_control) {
        return false;
    }
    let is_end_known = !header.is_described || header.packed > 0;
    let behind = usize::try_from(header.packed).ok().and_then(|packed| rest.get(packed..));
    let behind = behind.filter(|_| is_end_known);
    if behind.is_some_and(is_start) {
        return true;
    }
    if header.is_encrypted {
        // The table of contents tells.
        return false;
    }
    if header.method == 0 && is_end_known && behind.is_none() {
        // Nothing but its lengths can be checked.
        return header.packed == header.size;
    }
    can_be_unpacked(visit, &header, rest)
}

/// Whether what comes behind a content is another record, or what may come between.
fn is_start(behind: &[u8]) -> bool {
    header::is_record(behind) || behind.starts_with(header::DESCRIPTOR)
}

/// Whether `packed` starts with a content of this header.
fn can_be_unpacked(visit: &Visit<'_>, header: &Header, packed: &[u8]) -> bool {
    let is_cut = packed.len() > MAX_TRIAL;
    let mut input = Input::of_slice(&packed[..packed.len().min(MAX_TRIAL)]);
    let Ok(_memory) = content::memory(header, &mut input, &visit.budget) else { return false };
    let price = content::price(header.method);
    visit.charge(price.start);
    let Ok(Some(content)) = Content::new(header, &mut input) else { return false };
    let mut content = Summed::new(content);
    let mut buffer = [0; 16 << 10];
    while !visit.is_over() && content.len < MAX_MADE {
        match content.read(&mut buffer) {
            Ok(0) => {
                let (crc, size) = (content.crc(), content.len);
                return is_described(header, crc, size) || {
                    drop(content);
                    header::descriptor_len(input.held(), crc, input.position(), size).is_some()
                };
            }
            Ok(read) => visit.charge(read as u64 * price.byte),
            Err(error) => {
                let is_at_end = ArchiveFault::of_decoder(&error) == ArchiveFault::Truncated;
                return is_at_end && (is_cut || content.len >= MIN_MADE);
            }
        }
    }
    !visit.is_over()
}

fn is_described(header: &Header, crc: u32, size: u64) -> bool {
    !header.is_described && (header.crc, header.size) == (crc, size)
}

/// Whether a table of contents starts here: record by record up to its end, which states how many there are.
fn is_table(visit: &Visit<'_>, held: &[u8]) -> bool {
    let (mut at, mut count) = (0, 0_u64);
    while held.get(at..).is_some_and(|rest| rest.starts_with(header::CENTRAL) && header::is_record(rest)) {
        visit.charge(HEADER);
        at += header::central_len(&held[at..]);
        count += 1;
    }
    let rest = held.get(at..).unwrap_or_default();
    if held.len() == LOOK && rest.len() < header::CENTRAL_LEN {
        // It goes on behind what is looked at.
        return true;
    }
    // Larger ones have another end before this one.
    rest.starts_with(header::END_64)
        || (rest.starts_with(header::END) && u64::from(header::u16_at(rest, 10)) == count % (1 << 16))
}
