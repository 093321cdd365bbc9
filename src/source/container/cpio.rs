//! Cpio: its two portable forms, the newer one with and without checksums, which RPM packages and initial RAM disks are
//! made of, and the binary one, which `cpio -o` still writes.

use super::fault::ArchiveFault;
use super::input::Input;
use super::limits::HEADER;
use super::place::Place;
use super::visit::Visit;
use crate::source::format::HEAD;
use crate::source::format::cpio::form_of;

/// Names up to this size are read; longer ones count as damage.
const MAX_NAME: u64 = 1 << 16;

/// The name of what comes after the last member.
const END: &[u8] = b"TRAILER!!!";

/// Takes all members of a cpio.
pub(super) fn walk(visit: &Visit<'_>, place: &Place<'_>, input: &mut Input<'_>) -> Result<(), ArchiveFault> {
    while !visit.is_over() {
        visit.charge(HEADER);
        let form = form_of(input.peek(HEAD));
        let form =
            form.ok_or(if input.held().is_empty() { ArchiveFault::Truncated } else { ArchiveFault::Header })?;
        let header = input.take_bytes(form.len).ok_or(ArchiveFault::Truncated)?;
        let number = |range| form.number(&header, range);
        let (size, name_size) = (number(&form.size), number(&form.name_size));
        let name_len = usize::try_from(name_size).ok().filter(|_| name_size <= MAX_NAME);
        let name = input.take_bytes(name_len.ok_or(ArchiveFault::Header)?).ok_or(ArchiveFault::Truncated)?;
        let name = name.strip_suffix(b"\0").unwrap_or(&name);
        let padding = |len: u64| (form.unit - len % form.unit) % form.unit;
        input.skip(padding(form.len as u64 + name_size));
        if name == END {
            break;
        }
        let mut content = input.stretch(size);
        if size > 0 {
            visit.member(place, name, &mut content);
        } else {
            visit.admit(place, name);
        }
        if visit.is_over() {
            break;
        }
        if !content.finish() {
            visit.skip_member(place, name, ArchiveFault::Truncated);
            break;
        }
        input.skip(padding(size));
    }
    Ok(())
}
