//! Ar: static libraries, and the outermost layer of Debian packages.

use super::fault::ArchiveFault;
use super::input::Input;
use super::limits::HEADER as HEADER_STEPS;
use super::place::{MAX_NAME, Place};
use super::rest::Rest;
use super::visit::Visit;

const MAGIC: u64 = 8;
const HEADER: usize = 60;

/// Tables of long names up to this size are read; larger ones are searched like a member.
const MAX_NAMES: u64 = 1 << 20;

/// Takes all members of an ar.
pub(super) fn walk(visit: &Visit<'_>, place: &Place<'_>, input: &mut Input<'_>) -> Result<(), ArchiveFault> {
    input.skip(MAGIC);
    let mut rest = Rest::new(visit, place);
    let mut names = Vec::new();
    while !visit.is_over() {
        visit.charge(HEADER_STEPS);
        let held = input.peek(HEADER);
        if held.is_empty() {
            break;
        }
        let header = held.get(..HEADER).ok_or(ArchiveFault::Truncated)?.to_vec();
        if &header[58..] != b"`\n" {
            return Err(ArchiveFault::Header);
        }
        let size = number(&header[48..58]).ok_or(ArchiveFault::Header)?;
        input.skip(HEADER as u64);
        // Time, owner and mode are numbers.
        if !header[16..48].iter().all(|byte| byte.is_ascii_digit() || *byte == b' ') {
            rest.add(&header[16..48]);
        }
        let field = header[..16].trim_ascii_end();
        if field == b"//" && size <= MAX_NAMES {
            names = take(input, size)?;
            rest.add(&names);
            input.skip(size % 2);
            continue;
        }
        let mut left = size;
        let name = match field.strip_prefix(b"#1/").and_then(number) {
            // BSD puts a long name before the content.
            Some(len) if len <= size.min(MAX_NAMES) => {
                left -= len;
                let field = take(input, len)?;
                let name = field.split(|&byte| byte == 0).next().unwrap_or_default();
                rest.add_all(&field[name.len()..]);
                name.to_vec()
            }
            _ => long_name(field, &names).to_vec(),
        };
        let mut content = input.stretch(left);
        visit.member(place, &name, &mut content);
        if visit.is_over() {
            break;
        }
        if !content.finish() {
            visit.skip_member(place, &name, ArchiveFault::Truncated);
            break;
        }
        // The last one may go without.
        input.skip(size % 2);
    }
    Ok(())
}

fn take(input: &mut Input<'_>, len: u64) -> Result<Vec<u8>, ArchiveFault> {
    usize::try_from(len).ok().and_then(|len| input.take_bytes(len)).ok_or(ArchiveFault::Truncated)
}

/// A name as System V has it: with a slash behind it, or as its place in the table of long names.
fn long_name<'n>(field: &'n [u8], names: &'n [u8]) -> &'n [u8] {
    let place = field.strip_prefix(b"/").and_then(number).and_then(|place| usize::try_from(place).ok());
    let from = |place: usize| Some(&names.get(place..)?[..MAX_NAME.min(names.len() - place)]);
    let long = place.and_then(|place| from(place)?.split(|&byte| byte == b'\n').next());
    let name = long.unwrap_or(field);
    name.strip_suffix(b"/").filter(|name| !name.is_empty()).unwrap_or(name)
}

fn number(field: &[u8]) -> Option<u64> {
    std::str::from_utf8(field.trim_ascii()).ok()?.parse().ok()
}
