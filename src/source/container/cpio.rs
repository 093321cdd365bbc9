//! Cpio in its two portable forms, the newer one with and without checksums: what RPM packages and initial RAM disks
//! are made of.

use super::fault::ArchiveFault;
use super::input::Input;
use super::visit::{Place, Visit};

/// Names up to this size are read; longer ones count as damage.
const MAX_NAME: u64 = 1 << 16;

/// The name of what comes after the last member.
const END: &[u8] = b"TRAILER!!!";

/// How headers are written.
struct Form {
    magic: &'static [u8],
    len: usize,
    radix: u32,
    size: std::ops::Range<usize>,
    name_size: std::ops::Range<usize>,
    /// Names and contents are filled up to a multiple of this.
    unit: u64,
}

const FORMS: [Form; 3] = [
    Form { magic: b"070701", len: 110, radix: 16, size: 54..62, name_size: 94..102, unit: 4 },
    Form { magic: b"070702", len: 110, radix: 16, size: 54..62, name_size: 94..102, unit: 4 },
    Form { magic: b"070707", len: 76, radix: 8, size: 65..76, name_size: 59..65, unit: 1 },
];

/// Whether this starts with a header of a cpio.
pub(super) fn is_header(head: &[u8]) -> bool {
    form_of(head).is_some()
}

fn form_of(head: &[u8]) -> Option<&'static Form> {
    FORMS.iter().find(|form| {
        let is_digit = |&byte: &u8| char::from(byte).is_digit(form.radix);
        head.starts_with(form.magic) && head.get(..form.len).is_some_and(|header| header.iter().all(is_digit))
    })
}

/// Takes all members of a cpio.
pub(super) fn walk(visit: &Visit<'_>, place: &Place<'_>, input: &mut Input<'_>) -> Result<(), ArchiveFault> {
    while !visit.is_over() {
        let form = form_of(input.peek(FORMS[0].len));
        let form =
            form.ok_or(if input.held().is_empty() { ArchiveFault::Truncated } else { ArchiveFault::Header })?;
        let header = input.take_bytes(form.len).ok_or(ArchiveFault::Truncated)?;
        let number = |range: &std::ops::Range<usize>| {
            let digits = std::str::from_utf8(&header[range.clone()]).unwrap_or_default();
            u64::from_str_radix(digits, form.radix).unwrap_or(0)
        };
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
            visit.skip(&place.member(name), ArchiveFault::Truncated);
            break;
        }
        input.skip(padding(size));
    }
    Ok(())
}
