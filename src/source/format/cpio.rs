//! Headers of cpio, in its five forms.

use std::ops::Range;

/// How headers are written.
pub(in crate::source) struct Form {
    magic: &'static [u8],
    pub(in crate::source) len: usize,
    digits: Digits,
    pub(in crate::source) size: Range<usize>,
    pub(in crate::source) name_size: Range<usize>,
    /// Names and contents are filled up to a multiple of this.
    pub(in crate::source) unit: u64,
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
    pub(in crate::source) fn number(&self, header: &[u8], range: &Range<usize>) -> u64 {
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
pub(in crate::source) fn is_header(head: &[u8]) -> bool {
    form_of(head).is_some()
}

pub(in crate::source) fn form_of(head: &[u8]) -> Option<&'static Form> {
    FORMS.iter().find(|form| form.is_of(head))
}
