//! One table: blocks of records, sorted by names, each record told from the one before it.

use std::io::Read;

use flate2::bufread::ZlibDecoder;

use super::super::Value;
use super::super::change::Change;
use crate::origin::{ObjectFormat, ObjectId};
use crate::source::git::refs::name;

/// A table, its header and footer read.
pub(super) struct Table<'t> {
    bytes: &'t [u8],
    header: usize,
    block_size: usize,
    format: ObjectFormat,
    /// Where refs end.
    refs_end: usize,
    /// Where changes of refs start and end.
    changes: Option<(usize, usize)>,
}

/// Takes the name of a ref, the number of a change, and the change; `None` for one that is taken back.
type TakeChange<'f> = &'f mut dyn FnMut(&[u8], u64, Option<Change>);

/// Blocks of changes are compressed. Together they are at most so many times as long as their table, or so long.
const MAX_GROWTH: usize = 16;
const MAX_CHANGES: usize = 32 << 20;
/// Longer names are none, in bytes.
const MAX_NAME: usize = 1 << 16;

impl<'t> Table<'t> {
    pub(super) fn parse(bytes: &'t [u8]) -> Option<Self> {
        let start = bytes.strip_prefix(b"REFT")?;
        let (header, format) = match start.first()? {
            1 => (24, ObjectFormat::Sha1),
            2 => match bytes.get(24..28)? {
                b"sha1" => (28, ObjectFormat::Sha1),
                b"s256" => (28, ObjectFormat::Sha256),
                _ => return None,
            },
            _ => return None,
        };
        let block_size = number(start.get(1..4)?);
        let footer = bytes.len().checked_sub(header + 44)?;
        if bytes.get(footer..footer + header)? != bytes.get(..header)? {
            return None;
        }
        let position = |nth: usize| {
            let at = footer + header + 8 * nth;
            bytes.get(at..at + 8).map(number)
        };
        // Of objects the length of their IDs stands in the last five bits.
        let positions = [position(0)?, position(1)? >> 5, position(2)?, position(3)?, position(4)?]
            .map(|at| at.min(footer));
        let end = |from: usize| positions.into_iter().filter(|&at| at > from).min().unwrap_or(footer);
        let first = bytes.get(header).copied();
        let has_changes = first == Some(b'g') || positions[3] > 0;
        let changes =
            has_changes.then(|| (positions[3], if positions[4] > 0 { positions[4] } else { footer }));
        let refs_end = if first == Some(b'r') { end(0) } else { 0 };
        Some(Self { bytes: &bytes[..footer], header, block_size, format, refs_end, changes })
    }

    /// Hands each ref to `take`: `None` for one that is deleted. `None` if the table is damaged.
    pub(super) fn refs(&self, take: &mut dyn FnMut(&[u8], Option<Value>)) -> Option<()> {
        let mut at = 0;
        while at < self.refs_end {
            let skipped = if at == 0 { self.header } else { 0 };
            let block = self.bytes.get(at..self.refs_end)?;
            let len = number(block.get(skipped + 1..skipped + 4)?);
            if block.get(skipped) != Some(&b'r') || len <= skipped + 4 {
                return None;
            }
            self.ref_records(block.get(skipped + 4..len)?, take)?;
            // A block is padded with zeros, or the next follows at once.
            let is_padded = len < self.block_size && block.get(len).is_none_or(|&byte| byte == 0);
            at += if is_padded { self.block_size } else { len };
        }
        Some(())
    }

    fn ref_records(&self, block: &[u8], take: &mut dyn FnMut(&[u8], Option<Value>)) -> Option<()> {
        let mut records = Bytes(without_restarts(block)?);
        let mut name = Vec::new();
        while !records.0.is_empty() {
            let kind = records.key(&mut name)?;
            let _update_index = records.varint()?;
            let value = match kind {
                0 => None,
                1 => Some(Value::Id(records.id(self.format)?)),
                2 => {
                    let id = records.id(self.format)?;
                    let _peeled = records.id(self.format)?;
                    Some(Value::Id(id))
                }
                3 => {
                    let target = records.text()?;
                    Some(Value::Symbolic(name::is_sound(target).then(|| target.to_vec())?))
                }
                _ => return None,
            };
            take(&name, value);
        }
        Some(())
    }

    /// Hands each change of a ref to `take`, with its number: `None` for one that is taken back. `None` if the table is
    /// damaged, or much larger than it seems.
    pub(super) fn changes(&self, take: TakeChange<'_>) -> Option<()> {
        let Some((mut at, end)) = self.changes else { return Some(()) };
        let mut left = MAX_CHANGES.max(self.bytes.len().saturating_mul(MAX_GROWTH));
        while at < end {
            let skipped = if at == 0 { self.header } else { 0 };
            let block = self.bytes.get(at..end)?;
            let len = number(block.get(skipped + 1..skipped + 4)?);
            if block.get(skipped) != Some(&b'g') {
                return None;
            }
            let len = len.checked_sub(skipped + 4)?;
            left = left.checked_sub(len)?;
            let mut inflating = ZlibDecoder::new(block.get(skipped + 4..)?);
            let mut content = Vec::new();
            (&mut inflating).take(len as u64).read_to_end(&mut content).ok()?;
            // Reading on to the end of the stream says how long it is.
            if content.len() != len || inflating.read(&mut [0]).ok()? != 0 {
                return None;
            }
            self.change_records(&content, take)?;
            at += skipped + 4 + usize::try_from(inflating.total_in()).ok()?;
        }
        Some(())
    }

    fn change_records(&self, block: &[u8], take: TakeChange<'_>) -> Option<()> {
        let mut records = Bytes(without_restarts(block)?);
        let mut key = Vec::new();
        while !records.0.is_empty() {
            let kind = records.key(&mut key)?;
            let (name, index) = key.split_at_checked(key.len().checked_sub(9)?)?;
            let index = u64::MAX - u64::from_be_bytes(index[1..].try_into().ok()?);
            let change = match kind {
                0 => None,
                1 => {
                    let (old, new) = (records.id(self.format)?, records.id(self.format)?);
                    let (_name, _email, _time) = (records.text()?, records.text()?, records.varint()?);
                    let _zone = records.take(2)?;
                    Some(Change { old, new, message: records.text()?.to_vec() })
                }
                _ => return None,
            };
            take(name, index, change);
        }
        Some(())
    }
}

/// The records of a block: it ends with a list of places where names are whole, and how many.
fn without_restarts(block: &[u8]) -> Option<&[u8]> {
    let (rest, count) = block.split_at_checked(block.len().checked_sub(2)?)?;
    rest.get(..rest.len().checked_sub(3 * number(count))?)
}

/// A number, its highest byte first.
fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |value, &byte| value << 8 | usize::from(byte))
}

/// Bytes that are read from their start.
struct Bytes<'t>(&'t [u8]);

impl<'t> Bytes<'t> {
    fn take(&mut self, len: usize) -> Option<&'t [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn id(&mut self, format: ObjectFormat) -> Option<ObjectId> {
        ObjectId::from_slice(self.take(format.id_len())?)
    }

    /// A number as packs have them: seven bits a byte, each continuation counted as one more.
    fn varint(&mut self) -> Option<usize> {
        let mut value = 0_usize;
        loop {
            let byte = *self.take(1)?.first()?;
            value = value.checked_mul(128)?.checked_add(usize::from(byte & 127))?;
            if byte & 128 == 0 {
                return Some(value);
            }
            value = value.checked_add(1)?;
        }
    }

    /// Bytes with their length before them.
    fn text(&mut self) -> Option<&'t [u8]> {
        let len = self.varint()?;
        self.take(len)
    }

    /// Makes the next key of the one before it; returns what kind of record it is of.
    fn key(&mut self, key: &mut Vec<u8>) -> Option<usize> {
        let shared = self.varint()?;
        let rest = self.varint()?;
        if shared > key.len() || shared + (rest >> 3) > MAX_NAME {
            return None;
        }
        key.truncate(shared);
        key.extend_from_slice(self.take(rest >> 3)?);
        Some(rest & 7)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table that git wrote, with the branches `master` and `b1`, and `HEAD`.
    const TABLE: &str = "5245465401001000000000000000000100000000000000037200007e002348454144001172656673\
        2f68656164732f6d6173746572006972656673\
        2f68656164732f6231025cf220a94dc20c40888994d148db08810b5785fd0b316d6173746572015cf220a94dc20c40888994d148db08810b5785fd\
        00001c0000350002";

    fn table() -> Vec<u8> {
        let digits = |at: usize| u8::from_str_radix(&TABLE[at..at + 2], 16).unwrap();
        let records: Vec<u8> = (0..TABLE.len()).step_by(2).map(digits).collect();
        let footer = [&records[..24], &[0; 44]].concat();
        [records, footer].concat()
    }

    #[test]
    fn refs_are_read_as_git_writes_them() {
        let mut found = Vec::new();
        let table = table();
        Table::parse(&table).unwrap().refs(&mut |name, value| found.push((name.to_vec(), value))).unwrap();
        let id = ObjectId::parse(b"5cf220a94dc20c40888994d148db08810b5785fd").unwrap();
        let head = Value::Symbolic(b"refs/heads/master".to_vec());
        let expected: [(&[u8], Value); 3] =
            [(b"HEAD", head), (b"refs/heads/b1", Value::Id(id)), (b"refs/heads/master", Value::Id(id))];
        assert_eq!(found, expected.map(|(name, value)| (name.to_vec(), Some(value))));
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let whole = table();
        let read = |bytes: &[u8]| {
            if let Some(table) = Table::parse(bytes) {
                let _ = table.refs(&mut |_, _| {});
                let _ = table.changes(&mut |_, _, _| {});
            }
        };
        for at in 0..whole.len() {
            read(&whole[..at]);
            for byte in [0, 1, 127, 128, 255, b'g'] {
                let mut changed = whole.clone();
                changed[at] = byte;
                read(&changed);
            }
        }
    }
}
