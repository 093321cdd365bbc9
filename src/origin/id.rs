//! IDs of git objects, for each of git's two hashes.

use std::fmt;
use std::hash::{Hash, Hasher};

/// The hash that a repository names its objects by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectFormat {
    /// SHA-1: 20 bytes.
    #[default]
    Sha1,
    /// SHA-256: 32 bytes.
    Sha256,
}

/// The ID of a git object: the hash of what it is.
///
/// IDs of one format are ordered by their bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectId {
    /// The ID's bytes, then zeros.
    bytes: [u8; ObjectFormat::MAX_LEN],
    format: ObjectFormat,
}

impl ObjectFormat {
    /// The length of the longest ID, in bytes.
    pub const MAX_LEN: usize = 32;

    /// The length of an ID, in bytes.
    pub const fn id_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// The length of an ID that is written in hexadecimal, in digits.
    pub const fn hex_len(self) -> usize {
        2 * self.id_len()
    }

    /// The format that git's configuration and bundles call `name`; `None` if git has none of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "sha1" => Some(Self::Sha1),
            "sha256" => Some(Self::Sha256),
            _ => None,
        }
    }

    /// Splits `bytes` after the ID that they start with; `None` if they are shorter than an ID.
    #[inline]
    pub fn split_id(self, bytes: &[u8]) -> Option<(ObjectId, &[u8])> {
        // Lengths that are known here make a few moves of each copy: trees have millions of IDs.
        match self {
            Self::Sha1 => bytes.split_first_chunk().map(|(id, rest)| (ObjectId::from_bytes(*id), rest)),
            Self::Sha256 => {
                let (id, rest) = bytes.split_first_chunk()?;
                Some((ObjectId { bytes: *id, format: self }, rest))
            }
        }
    }

    /// The format whose IDs are `len` bytes long.
    pub const fn of_len(len: usize) -> Option<Self> {
        match len {
            20 => Some(Self::Sha1),
            32 => Some(Self::Sha256),
            _ => None,
        }
    }
}

impl ObjectId {
    /// Takes the 20 bytes of a SHA-1 ID.
    #[inline]
    pub fn from_bytes(id: [u8; 20]) -> Self {
        let mut bytes = [0; ObjectFormat::MAX_LEN];
        // A length that is known copies some registers, and millions of IDs are copied.
        bytes[..20].copy_from_slice(&id);
        Self { bytes, format: ObjectFormat::Sha1 }
    }

    /// Takes the bytes of an ID, as many as its format has: 20 or 32. `None` for any other number.
    #[inline]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        match bytes.len() {
            20 => bytes.first_chunk().copied().map(Self::from_bytes),
            _ => Some(Self { bytes: bytes.try_into().ok()?, format: ObjectFormat::Sha256 }),
        }
    }

    /// The ID of zeros only, which git writes for "no object".
    pub fn zero(format: ObjectFormat) -> Self {
        Self { bytes: [0; ObjectFormat::MAX_LEN], format }
    }

    /// Reads 40 or 64 hex digits; `None` if they are something else.
    pub fn parse(hex: &[u8]) -> Option<Self> {
        let format = ObjectFormat::of_len(hex.len() / 2).filter(|format| format.hex_len() == hex.len())?;
        let mut bytes = [0; ObjectFormat::MAX_LEN];
        data_encoding::HEXLOWER_PERMISSIVE.decode_mut(hex, &mut bytes[..format.id_len()]).ok()?;
        Some(Self { bytes, format })
    }

    /// The ID's bytes, as many as its format has.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.format.id_len()]
    }

    /// The hash that it is of.
    pub fn format(&self) -> ObjectFormat {
        self.format
    }

    /// Whether it consists of zeros only, as git writes "no object".
    pub fn is_zero(&self) -> bool {
        self.bytes == [0; ObjectFormat::MAX_LEN]
    }
}

impl Hash for ObjectId {
    /// Hashes the bytes that count and nothing else: IDs are hashed by the million.
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(self.as_bytes());
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_either_hash_is_read_and_printed_alike() {
        for (len, format) in [(20, ObjectFormat::Sha1), (32, ObjectFormat::Sha256)] {
            let hex = "0a".repeat(len);
            let id = ObjectId::parse(hex.as_bytes()).unwrap();
            assert_eq!((id.to_string(), id.format(), id.as_bytes()), (hex, format, &vec![10; len][..]));
            assert_eq!(ObjectId::from_slice(id.as_bytes()), Some(id));
            assert!(!id.is_zero() && ObjectId::zero(format).is_zero());
        }
    }

    #[test]
    fn an_id_is_split_off_by_its_format() {
        let bytes: Vec<u8> = (0..40).collect();
        for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
            let (id, rest) = format.split_id(&bytes).unwrap();
            assert_eq!((id.as_bytes(), rest), bytes.split_at(format.id_len()));
            assert_eq!(format.split_id(&bytes[..format.id_len() - 1]), None);
        }
    }

    #[test]
    fn what_is_no_id_is_none() {
        for hex in ["", "0a", &"0a".repeat(21), &"0".repeat(41), &"g".repeat(40), &"0".repeat(63)] {
            assert_eq!(ObjectId::parse(hex.as_bytes()), None, "{hex}");
        }
        assert_eq!(ObjectId::from_slice(&[0; 21]), None);
    }

    #[test]
    fn ids_with_the_same_start_but_another_hash_differ() {
        let long = ObjectId::from_slice(&[[7; 20].as_slice(), &[0; 12]].concat()).unwrap();
        assert_ne!(ObjectId::from_bytes([7; 20]), long);
        assert!(ObjectId::from_bytes([1; 20]) < ObjectId::from_bytes([2; 20]));
    }
}
