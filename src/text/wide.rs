//! Text in UTF-16 and UTF-32, recognised by its first bytes.

/// Which end of a unit comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByteOrder {
    Little,
    Big,
}

/// How text is written whose characters take several bytes each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wide {
    Utf16(ByteOrder),
    Utf32(ByteOrder),
}

/// So many bytes show where zeros stand.
const SAMPLE: usize = 256;

impl Wide {
    /// Returns how the text that starts with `head` is written: by its byte order mark, or by where its zeros stand.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0xff, 0xfe, 0, 0, ..] => return Some(Self::Utf32(ByteOrder::Little)),
            [0, 0, 0xfe, 0xff, ..] => return Some(Self::Utf32(ByteOrder::Big)),
            [0xff, 0xfe, ..] => return Some(Self::Utf16(ByteOrder::Little)),
            [0xfe, 0xff, ..] => return Some(Self::Utf16(ByteOrder::Big)),
            _ => {}
        }
        let sample = &head[..head.len().min(SAMPLE)];
        // Most texts hold no zero at all.
        memchr::memchr(0, sample)?;
        utf32_order(sample).map(Self::Utf32).or_else(|| utf16_order(sample).map(Self::Utf16))
    }

    /// How many bytes a unit has.
    pub(crate) fn unit_len(self) -> usize {
        match self {
            Self::Utf16(_) => 2,
            Self::Utf32(_) => 4,
        }
    }

    /// The number that a unit stands for.
    pub(crate) fn number(self, unit: &[u8]) -> u32 {
        let add = |number: u32, byte: &u8| number << 8 | u32::from(*byte);
        match self {
            Self::Utf16(ByteOrder::Little) | Self::Utf32(ByteOrder::Little) => unit.iter().rev().fold(0, add),
            Self::Utf16(ByteOrder::Big) | Self::Utf32(ByteOrder::Big) => unit.iter().fold(0, add),
        }
    }
}

/// No text is told from chance by fewer units.
const MIN_UNITS: usize = 8;

/// Whether most of `units` are as `is` says. What is asked for all of them is asked before, and soon answered.
fn are_mostly<const N: usize>(units: &[[u8; N]], is: impl Fn(&[u8; N]) -> bool) -> bool {
    units.len() >= MIN_UNITS && units.iter().filter(|unit| is(unit)).count() * 10 >= units.len() * 8
}

fn utf16_order(sample: &[u8]) -> Option<ByteOrder> {
    let (units, _) = sample.as_chunks::<2>();
    match () {
        () if units.iter().all(|unit| unit[0] != 0) => {
            are_mostly(units, |unit| unit[1] == 0).then_some(ByteOrder::Little)
        }
        () if units.iter().all(|unit| unit[1] != 0) => {
            are_mostly(units, |unit| unit[0] == 0).then_some(ByteOrder::Big)
        }
        () => None,
    }
}

/// No character has an upper byte, few have one in the middle, and every one has a lower one.
fn utf32_order(sample: &[u8]) -> Option<ByteOrder> {
    let (units, _) = sample.as_chunks::<4>();
    match () {
        () if units.iter().all(|unit| unit[0] != 0 && unit[3] == 0) => {
            are_mostly(units, |unit| unit[1..3] == [0, 0]).then_some(ByteOrder::Little)
        }
        () if units.iter().all(|unit| unit[3] != 0 && unit[0] == 0) => {
            are_mostly(units, |unit| unit[1..3] == [0, 0]).then_some(ByteOrder::Big)
        }
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_text_is_known_by_its_mark_or_its_zeros() {
        let text = "plain text";
        let utf16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        let utf32 =
            |bytes: fn(u32) -> [u8; 4]| text.chars().map(u32::from).flat_map(bytes).collect::<Vec<u8>>();
        for (text, wide) in [
            (utf16(u16::to_le_bytes), Wide::Utf16(ByteOrder::Little)),
            (utf16(u16::to_be_bytes), Wide::Utf16(ByteOrder::Big)),
            (utf32(u32::to_le_bytes), Wide::Utf32(ByteOrder::Little)),
            (utf32(u32::to_be_bytes), Wide::Utf32(ByteOrder::Big)),
            (vec![0xfe, 0xff], Wide::Utf16(ByteOrder::Big)),
            (vec![0xff, 0xfe, b'a', 0], Wide::Utf16(ByteOrder::Little)),
            (vec![0xff, 0xfe, 0, 0], Wide::Utf32(ByteOrder::Little)),
            (vec![0, 0, 0xfe, 0xff], Wide::Utf32(ByteOrder::Big)),
        ] {
            assert_eq!(Wide::of(&text), Some(wide), "{text:x?}");
        }
        assert_eq!(Wide::of(b"plain text, and rather long"), None);
        assert_eq!(Wide::of(&[0; 100]), None);
    }

    #[test]
    fn a_unit_is_read_in_its_order() {
        assert_eq!(Wide::Utf16(ByteOrder::Little).number(&[0x41, 1]), 0x141);
        assert_eq!(Wide::Utf32(ByteOrder::Big).number(&[0, 1, 0xf6, 0]), 0x1f600);
    }
}
