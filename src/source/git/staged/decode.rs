//! The bytes of an index, taken apart: entries of versions 2 to 4, and the parts that say what they mean.

use super::index::{Entry, Folder, Index, IndexFault, Slice};
use super::link::Link;
use crate::origin::{ObjectFormat, ObjectId};

/// An index file.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) index: Index,
    pub(super) link: Option<Link>,
}

/// Longer paths are none: no system has them, and the last version makes long ones of few bytes.
const MAX_PATH: usize = 8192;
/// Paths that share their beginnings are at most so many times as long as the index that has them.
const MAX_GROWTH: usize = 32;
/// Bytes of an entry before its path, without its ID and those that only some have.
const FIXED: usize = 42;

/// The flag that says that there are more flags.
const EXTENDED: u16 = 1 << 14;
/// The one of those that says that nothing of the content is staged.
const INTENT: u16 = 1 << 13;

/// Takes an index apart whose IDs are of `format`. The sum at its end is not checked, as git itself does not.
pub(super) fn decode(data: &[u8], format: ObjectFormat) -> Result<Decoded, IndexFault> {
    let body = data.len().checked_sub(format.id_len()).map(|end| &data[..end]).ok_or(IndexFault::Length)?;
    let mut bytes = Bytes { rest: body, format };
    if bytes.take(4) != Some(b"DIRC") {
        return Err(IndexFault::Header);
    }
    let version = bytes.u32().ok_or(IndexFault::Length)?;
    if !(2..=4).contains(&version) {
        return Err(IndexFault::Version(version));
    }
    let count = bytes.u32().ok_or(IndexFault::Length)? as usize;
    // No entry is shorter: memory is not asked for on the word of a header.
    let mut index = Index {
        entries: Vec::with_capacity(count.min(body.len() / (FIXED + format.id_len()))),
        ..Index::default()
    };
    for _ in 0..count {
        bytes.entry(version, &mut index).ok_or(IndexFault::Length)?;
        if index.text.len() > MAX_GROWTH.saturating_mul(data.len()) {
            return Err(IndexFault::Length);
        }
    }
    let link = extensions(bytes, &mut index)?;
    Ok(Decoded { index, link })
}

/// Reads what follows the entries.
fn extensions(mut bytes: Bytes<'_>, index: &mut Index) -> Result<Option<Link>, IndexFault> {
    let mut link = None;
    while !bytes.rest.is_empty() {
        let (name, rest) = bytes.extension().ok_or(IndexFault::Length)?;
        let content = Bytes { rest, ..bytes };
        match name {
            // One that makes no sense tells nothing: every folder is looked at then.
            b"TREE" => index.folders = folders(content, &mut index.text).unwrap_or_default(),
            b"link" => {
                let read = self::link(content).ok_or(IndexFault::Length)?;
                // Without a shared index it is an index like any other.
                link = Some(read).filter(|link| !link.shared.is_zero());
            }
            // Says that there may be folders among the entries, which say so themselves.
            b"sdir" => {}
            [b'A'..=b'Z', ..] => {}
            _ => return Err(IndexFault::Extension),
        }
    }
    Ok(link)
}

fn link(mut bytes: Bytes<'_>) -> Option<Link> {
    let shared = bytes.id()?;
    if bytes.rest.is_empty() {
        return Some(Link { shared, deleted: Vec::new(), replaced: Vec::new() });
    }
    Some(Link { shared, deleted: bytes.bitmap()?, replaced: bytes.bitmap()? })
}

/// Reads the tree of folders, which is written top down.
fn folders(mut bytes: Bytes<'_>, text: &mut Vec<u8>) -> Option<Vec<Folder>> {
    let mut folders: Vec<Folder> = Vec::new();
    // Folders of which not all that is in them was read yet, with how many are left.
    let mut open: Vec<(usize, usize)> = Vec::new();
    loop {
        let name = bytes.until(0)?;
        let is_valid = !bytes.until(b' ')?.starts_with(b"-");
        let inner = std::str::from_utf8(bytes.until(b'\n')?).ok()?.parse().ok()?;
        let tree = if is_valid { Some(bytes.id()?) } else { None };
        open.push((folders.len(), inner));
        folders.push(Folder { name: keep(name, text), tree, end: 0 });
        while let Some((folder, 0)) = open.last().copied() {
            open.pop();
            folders[folder].end = folders.len();
        }
        match open.last_mut() {
            Some((_, left)) => *left -= 1,
            None => return Some(folders),
        }
    }
}

fn keep(bytes: &[u8], text: &mut Vec<u8>) -> Slice {
    let start = text.len();
    text.extend_from_slice(bytes);
    Slice { start, len: bytes.len() }
}

/// Bytes that are read from their start.
#[derive(Clone, Copy)]
struct Bytes<'a> {
    rest: &'a [u8],
    /// The format of the IDs in them.
    format: ObjectFormat,
}

impl<'a> Bytes<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(taken)
    }

    fn array<const LEN: usize>(&mut self) -> Option<[u8; LEN]> {
        self.take(LEN)?.try_into().ok()
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    fn id(&mut self) -> Option<ObjectId> {
        let (id, rest) = self.format.split_id(self.rest)?;
        self.rest = rest;
        Some(id)
    }

    /// What comes before the next `end`, which is left out.
    fn until(&mut self, end: u8) -> Option<&'a [u8]> {
        let taken = self.take(memchr::memchr(end, self.rest)?);
        self.take(1)?;
        taken
    }

    /// A number as packs and indexes have them: seven bits a byte, each continuation counted as one more.
    fn varint(&mut self) -> Option<usize> {
        let mut value = 0_usize;
        loop {
            let [byte] = self.array()?;
            value = value.checked_mul(128)?.checked_add(usize::from(byte & 127))?;
            if byte & 128 == 0 {
                return Some(value);
            }
            value = value.checked_add(1)?;
        }
    }

    fn extension(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        let name = self.take(4)?;
        let len = self.u32()? as usize;
        Some((name, self.take(len)?))
    }

    fn bitmap(&mut self) -> Option<Vec<u64>> {
        let _bits = self.u32()?;
        let words = self.u32()? as usize;
        let words = self.take(words.checked_mul(8)?)?.chunks_exact(8);
        let words = words.map(|word| word.try_into().map(u64::from_be_bytes).unwrap_or_default()).collect();
        let _last_marker = self.u32()?;
        Some(words)
    }

    /// Reads one entry.
    fn entry(&mut self, version: u32, index: &mut Index) -> Option<()> {
        let before = self.rest.len();
        let _times_and_inode = self.take(24)?;
        let mode = self.u32()?;
        let _owner_and_size = self.take(12)?;
        let id = self.id()?;
        let flags = self.u16()?;
        let more_flags = if version > 2 && flags & EXTENDED != 0 { self.u16()? } else { 0 };
        let path = if version == 4 {
            let stripped = self.varint()?;
            let previous = index.entries.last().map(|entry| entry.path).unwrap_or_default();
            let kept = previous.len.checked_sub(stripped)?;
            let start = index.text.len();
            index.text.extend_from_within(previous.start..previous.start + kept);
            let added = keep(self.until(0)?, &mut index.text);
            Slice { start, len: kept + added.len }
        } else {
            let path = self.until(0)?;
            let padded = (before - self.rest.len() - 1 + 8) & !7;
            self.take(padded - (before - self.rest.len()))?;
            keep(path, &mut index.text)
        };
        let stage = [0, 1, 2, 3][usize::from(flags >> 12 & 3)];
        let is_intent = more_flags & INTENT != 0;
        index.entries.push(Entry { id, mode, stage, is_intent, path });
        (path.len <= MAX_PATH).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMATS: [ObjectFormat; 2] = [ObjectFormat::Sha1, ObjectFormat::Sha256];

    fn extension(format: ObjectFormat, name: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let len = u32::try_from(content.len()).unwrap().to_be_bytes();
        let header = [b"DIRC".as_slice(), &2_u32.to_be_bytes(), &0_u32.to_be_bytes()].concat();
        [header.as_slice(), name, &len, content, &vec![0; format.id_len()]].concat()
    }

    fn decoded(name: &[u8; 4], content: &[u8]) -> Result<Decoded, IndexFault> {
        decode(&extension(ObjectFormat::Sha1, name, content), ObjectFormat::Sha1)
    }

    #[test]
    fn folders_are_nested_as_deep_as_they_like() {
        let deep = 400_000;
        let content = [b"a\0-1 1\n".repeat(deep), b"a\0-1 0\n".to_vec()].concat();
        let folders = decoded(b"TREE", &content).unwrap().index.folders;
        assert_eq!((folders.len(), folders[1].end), (deep + 1, deep + 1));
    }

    #[test]
    fn ids_have_the_length_of_their_format() {
        for format in FORMATS {
            let id = ObjectId::from_slice(&vec![7; format.id_len()]).unwrap();
            let folder = [b"\x000 0\n", id.as_bytes()].concat();
            let index = decode(&extension(format, b"TREE", &folder), format).unwrap().index;
            assert_eq!(index.folders[0].tree, Some(id));
            let link = decode(&extension(format, b"link", id.as_bytes()), format).unwrap().link;
            assert_eq!(link.unwrap().shared, id);
        }
    }

    #[test]
    fn a_mandatory_part_must_be_known_and_any_other_need_not_be() {
        assert_eq!(decoded(b"none", b"").unwrap_err(), IndexFault::Extension);
        assert!(decoded(b"NONE", b"").is_ok());
        assert!(decoded(b"sdir", b"").is_ok());
        assert!(decoded(b"TREE", b"nonsense").unwrap().index.folders.is_empty());
    }

    #[test]
    fn no_bytes_make_it_panic() {
        for format in FORMATS {
            let index = extension(format, b"link", &[7; 60]);
            for len in 0..index.len() {
                drop(decode(&index[..len], format));
                for byte in [0, 1, 127, 255] {
                    let mut changed = index.clone();
                    changed[len] = byte;
                    drop(decode(&changed, format));
                }
            }
        }
    }
}
