//! Records: the values of one row.

use std::borrow::Cow;

/// A value of a row.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Value<'b> {
    Null,
    /// A number, without its sign; zero for a fraction.
    Number(u64),
    Blob(&'b [u8]),
    Text(&'b [u8]),
}

/// The values of a record, as far as it goes.
pub(super) fn values(record: &[u8]) -> Vec<Value<'_>> {
    let mut values = Vec::new();
    let Some((header, mut at)) = varint(record) else { return values };
    let Some(end) = usize::try_from(header).ok().filter(|&end| end <= record.len()) else { return values };
    let mut body = &record[end..];
    while at < end {
        let Some((serial, read)) = varint(&record[at..end]) else { break };
        at += read;
        let len = match serial {
            0 | 8..=11 => 0,
            1..=4 => serial,
            5 => 6,
            6 | 7 => 8,
            _ => (serial - 12) / 2,
        };
        // A record that is cut has the start of its last value.
        let len = usize::try_from(len).unwrap_or(usize::MAX).min(body.len());
        let (value, rest) = body.split_at(len);
        body = rest;
        values.push(match serial {
            0 => Value::Null,
            1..=6 => Value::Number(value.iter().fold(0, |number, &byte| number << 8 | u64::from(byte))),
            7..=11 => Value::Number(u64::from(serial == 9)),
            _ if serial % 2 == 0 => Value::Blob(value),
            _ => Value::Text(value),
        });
    }
    values
}

/// The number that `bytes` start with, and its length.
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut number = 0;
    for (at, &byte) in bytes.iter().take(9).enumerate() {
        if at == 8 {
            return Some((number << 8 | u64::from(byte), 9));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some((number, at + 1));
        }
    }
    None
}

/// How a database writes text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    Utf8,
    Utf16Le,
    Utf16Be,
}

impl Charset {
    /// What the number in the header of the file means.
    pub(super) fn of(number: usize) -> Option<Self> {
        Some(match number {
            // Before there is any table.
            0 | 1 => Self::Utf8,
            2 => Self::Utf16Le,
            3 => Self::Utf16Be,
            _ => return None,
        })
    }

    /// `text` in UTF-8.
    pub(super) fn utf8(self, text: &[u8]) -> Cow<'_, [u8]> {
        let number: fn([u8; 2]) -> u16 = match self {
            Self::Utf8 => return Cow::Borrowed(text),
            Self::Utf16Le => u16::from_le_bytes,
            Self::Utf16Be => u16::from_be_bytes,
        };
        let units: Vec<u16> = text.as_chunks::<2>().0.iter().map(|unit| number(*unit)).collect();
        Cow::Owned(String::from_utf16_lossy(&units).into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_up_to_nine_bytes() {
        assert_eq!(varint(b"\x7f"), Some((127, 1)));
        assert_eq!(varint(b"\x81\x00"), Some((128, 2)));
        assert_eq!(varint(&[0xff; 9]), Some((u64::MAX, 9)));
        assert_eq!(varint(b"\x81"), None);
    }

    #[test]
    fn a_record_has_values_of_every_kind() {
        let record = b"\x06\x00\x01\x13\x10\x11\x07abcxyde";
        assert_eq!(
            values(record),
            [Value::Null, Value::Number(7), Value::Text(b"abc"), Value::Blob(b"xy"), Value::Text(b"de")]
        );
        assert_eq!(values(b"\x09\x13"), []);
    }
}
