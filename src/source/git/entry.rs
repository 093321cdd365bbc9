//! The header of a pack's entry: what it is made from, and how long it is.

use crate::origin::{ObjectId, ObjectKind};
use crate::source::Fault;

/// What an entry of a pack says of itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) base: Base,
    /// Bytes of what is compressed: an object or a delta.
    pub(super) size: u64,
    /// Where the compressed data starts.
    pub(super) data: u64,
}

/// What an entry is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Base {
    /// Nothing: it is whole.
    None(Kind),
    /// The entry that starts there.
    At(u64),
    /// The object of that ID.
    Of(ObjectId),
}

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Tree,
    Text(ObjectKind),
}

impl Kind {
    /// Git's word for it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Tree => "tree",
            Self::Text(kind) => kind.as_str(),
        }
    }
}

/// No header is longer, in bytes: a size, and an ID or a distance.
pub(super) const MAX_HEAD: u64 = 48;

impl Head {
    /// Reads the header that `bytes` starts with, of the entry at `offset` of a pack whose IDs have `hash_len` bytes.
    pub(super) fn parse(bytes: &[u8], offset: u64, hash_len: usize) -> Result<Self, Fault> {
        let mut at = 0;
        let mut next = || {
            let byte = bytes.get(at).copied().ok_or(Fault::Header);
            at += 1;
            byte
        };
        let first = next()?;
        let (mut size, mut shift, mut byte) = (u64::from(first & 15), 4, first);
        while byte & 0x80 != 0 {
            byte = next()?;
            if shift > 53 {
                return Err(Fault::Header);
            }
            size |= u64::from(byte & 0x7f) << shift;
            shift += 7;
        }
        let base = match first >> 4 & 7 {
            1 => Base::None(Kind::Text(ObjectKind::Commit)),
            2 => Base::None(Kind::Tree),
            3 => Base::None(Kind::Text(ObjectKind::Blob)),
            4 => Base::None(Kind::Text(ObjectKind::Tag)),
            6 => {
                let mut byte = next()?;
                let mut distance = u64::from(byte & 0x7f);
                while byte & 0x80 != 0 {
                    byte = next()?;
                    let more = distance.checked_add(1).and_then(|distance| distance.checked_mul(128));
                    distance = more.ok_or(Fault::Header)? | u64::from(byte & 0x7f);
                }
                Base::At(offset.checked_sub(distance).filter(|_| distance > 0).ok_or(Fault::Header)?)
            }
            7 => {
                let id = bytes.get(at..at + hash_len).and_then(ObjectId::from_slice).ok_or(Fault::Header)?;
                at += hash_len;
                Base::Of(id)
            }
            _ => return Err(Fault::Header),
        };
        Ok(Self { base, size, data: offset + at as u64 })
    }

    /// The most bytes that the compressed data has, if an honest program compressed it.
    pub(super) fn max_compressed(&self) -> u64 {
        self.size.saturating_add(self.size / 8).saturating_add(1024)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_bases_are_read_and_what_is_cut_or_too_long_is_not() {
        let head = Head::parse(b"\xb5\x01x", 100, 20).unwrap();
        assert_eq!((head.base, head.size, head.data), (Base::None(Kind::Text(ObjectKind::Blob)), 21, 102));
        let head = Head::parse(b"\x61\x80\x00", 1000, 20).unwrap();
        assert_eq!((head.base, head.data), (Base::At(1000 - 128), 1003));
        let named = [&b"\x71"[..], &[7; 20]].concat();
        assert_eq!(Head::parse(&named, 12, 20).unwrap().base, Base::Of(ObjectId::from_bytes([7; 20])));
        for bytes in [
            &b""[..],
            b"\xb5",
            b"\x01",
            b"\x51",
            b"\x61",
            b"\x61\x00",
            b"\x61\x7f",
            &named[..20],
            &[0xff; 40],
        ] {
            assert!(Head::parse(bytes, 12, 20).is_err(), "{bytes:x?}");
        }
    }
}
