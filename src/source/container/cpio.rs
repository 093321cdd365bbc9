//! Cpio: its two portable forms, the newer one with and without checksums, which RPM packages and initial RAM disks are
//! made of, and the binary one, which `cpio -o` still writes.

use std::ops::Range;

use super::fault::ArchiveFault;
use super::input::Input;
use super::kind::HEAD;
use super::limits::HEADER;
use super::visit::{Place, Visit};

/// Names up to this size are read; longer ones count as damage.
const MAX_NAME: u64 = 1 << 16;

/// The name of what comes after the last member.
const END: &[u8] = b"TRAILER!!!";

/// How headers are written.
struct Form {
    magic: &'static [u8],
    len: usize,
    digits: Digits,
    size: Range<usize>,
    name_size: Range<usize>,
    /// Names and contents are filled up to a multiple of this.
    unit: u64,
}

/// How numbers are written.
#[derive(Clone, Copy)]
enum Digits {
    Text {
        radix: u32,
    },
    /// Words of two bytes, the high one of two first.
    Words {
        word: fn([u8; 2]) -> u16,
    },
}

const HEX: Digits = Digits::Text { radix: 16 };
const OCTAL: Digits = Digits::Text { radix: 8 };
const LITTLE: Digits = Digits::Words { word: u16::from_le_bytes };
const BIG: Digits = Digits::Words { word: u16::from_be_bytes };

const FORMS: [Form; 5] = [
    Form { magic: b"070701", len: 110, digits: HEX, size: 54..62, name_size: 94..102, unit: 4 },
    Form { magic: b"070702", len: 110, digits: HEX, size: 54..62, name_size: 94..102, unit: 4 },
    Form { magic: b"070707", len: 76, digits: OCTAL, size: 65..76, name_size: 59..65, unit: 1 },
    Form { magic: b"\xc7\x71", len: 26, digits: LITTLE, size: 22..26, name_size: 20..22, unit: 2 },
    Form { magic: b"\x71\xc7", len: 26, digits: BIG, size: 22..26, name_size: 20..22, unit: 2 },
];

impl Form {
    fn number(&self, header: &[u8], range: &Range<usize>) -> u64 {
        let field = header.get(range.clone()).unwrap_or_default();
        match self.digits {
            Digits::Text { radix } => {
                let digits = std::str::from_utf8(field).unwrap_or_default();
                u64::from_str_radix(digits, radix).unwrap_or(0)
            }
            Digits::Words { word } => {
                let words = field.chunks_exact(2).map(|pair| word([pair[0], pair[1]]));
                words.fold(0, |number, word| number << 16 | u64::from(word))
            }
        }
    }

    /// Whether this starts with a header of this form.
    fn is_of(&self, head: &[u8]) -> bool {
        let Some(header) = head.get(..self.len).filter(|head| head.starts_with(self.magic)) else {
            return false;
        };
        match self.digits {
            Digits::Text { radix } => header.iter().all(|&byte| char::from(byte).is_digit(radix)),
            // Two bytes are little to go by: a name follows, and ends where it should.
            Digits::Words { .. } => {
                let len = usize::try_from(self.number(header, &self.name_size)).unwrap_or(0);
                let name = head[self.len..].get(..len).and_then(|name| name.split_last());
                name.is_some_and(|(end, name)| *end == 0 && !name.is_empty() && !name.contains(&0))
            }
        }
    }
}

/// Whether this starts with a header of a cpio.
pub(super) fn is_header(head: &[u8]) -> bool {
    form_of(head).is_some()
}

fn form_of(head: &[u8]) -> Option<&'static Form> {
    FORMS.iter().find(|form| form.is_of(head))
}

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
