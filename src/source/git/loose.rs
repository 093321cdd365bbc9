//! Objects in files of their own.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::ZlibDecoder;

use super::entry::Kind;
use super::inflate::{Inflating, fault_of};
use super::read;
use crate::origin::{ObjectId, ObjectKind};
use crate::source::Fault;

/// An object's file, its header read.
pub(super) struct Loose {
    pub(super) kind: Kind,
    pub(super) size: u64,
    pub(super) content: Inflating<ZlibDecoder<BufReader<File>>>,
}

/// Why the file of an object cannot be read.
#[derive(Debug)]
pub(super) enum Unreadable {
    Io(io::Error),
    Fault(Fault),
}

/// No header of an object is longer: a word, a number, a zero.
const MAX_HEADER: usize = 32;

/// The objects that have files of their own below `stores`, each once: in the first store that has it.
pub(super) fn all_in(
    stores: &[PathBuf],
    unreadable: &mut dyn FnMut(&Path, io::Error),
) -> HashMap<ObjectId, usize> {
    let mut all = HashMap::new();
    for (number, store) in stores.iter().enumerate() {
        for high in 0..=u8::MAX {
            let high = format!("{high:02x}");
            let listed = read::names(store, &high, &mut |name| {
                if let Some(id) = name.to_str().and_then(|rest| id(&high, rest)) {
                    all.entry(id).or_insert(number);
                }
            });
            match listed {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    unreadable(&store.join(&high), error);
                }
                _ => {}
            }
        }
    }
    all
}

/// The object whose file is called `rest` in the folder of those whose IDs start with the two digits `high`. Git writes
/// digits in lower case.
fn id(high: &str, rest: &str) -> Option<ObjectId> {
    let digits = [high, rest].concat();
    ObjectId::parse(digits.as_bytes()).filter(|_| !digits.bytes().any(|digit| digit.is_ascii_uppercase()))
}

/// The objects that have files below `stores` and IDs that start with these four or more digits.
pub(super) fn alike(stores: &[PathBuf], digits: &str) -> Vec<ObjectId> {
    let Some((high, start)) = digits.split_at_checked(2) else { return Vec::new() };
    let mut alike = Vec::new();
    for store in stores {
        // A folder that cannot be listed is reported where all objects are.
        let _ = read::names(store, high, &mut |name| {
            let name = name.to_str().filter(|name| name.starts_with(start));
            alike.extend(name.and_then(|name| id(high, name)));
        });
    }
    alike
}

/// The number of the first of `stores` that has a file for the object `id`.
pub(super) fn store_of(stores: &[PathBuf], id: ObjectId) -> Option<usize> {
    stores.iter().position(|store| path_in(store, id).is_file())
}

/// Where the object `id` is in `store`, if it has a file there.
pub(super) fn path_in(store: &Path, id: ObjectId) -> PathBuf {
    let digits = id.to_string();
    store.join(&digits[..2]).join(&digits[2..])
}

impl Loose {
    /// Opens the file at `path` and reads the object's header.
    pub(super) fn open(path: &Path) -> Result<Self, Unreadable> {
        let file = read::in_store(path).map_err(Unreadable::Io)?;
        let mut content = ZlibDecoder::new(BufReader::new(file));
        let (kind, size) = header(&mut content).map_err(unreadable)?;
        let kind = kind.ok_or(Unreadable::Fault(Fault::NotAnObject))?;
        Ok(Self { kind, size, content: Inflating::new(content, size) })
    }

    /// Reads all of it into `out`, if it has no more than `max` bytes.
    pub(super) fn read(mut self, max: u64, out: &mut Vec<u8>) -> Result<(), Unreadable> {
        out.clear();
        if self.size > max {
            return Err(Unreadable::Fault(Fault::TooLarge));
        }
        // Grows as it goes: the size may be a lie.
        self.content.read_to_end(out).map_err(unreadable)?;
        Ok(())
    }
}

fn unreadable(error: io::Error) -> Unreadable {
    fault_of(error).map_or_else(Unreadable::Io, Unreadable::Fault)
}

/// The kind and the size of an object, if the header is one.
fn header(content: &mut dyn Read) -> io::Result<(Option<Kind>, u64)> {
    let mut header = Vec::with_capacity(MAX_HEADER);
    let mut byte = [0];
    while header.len() < MAX_HEADER {
        content.read_exact(&mut byte)?;
        if byte[0] == 0 {
            break;
        }
        header.push(byte[0]);
    }
    let text = String::from_utf8_lossy(&header);
    let (word, size) = text.split_once(' ').unwrap_or_default();
    let kind = match word {
        "blob" => Some(Kind::Text(ObjectKind::Blob)),
        "commit" => Some(Kind::Text(ObjectKind::Commit)),
        "tag" => Some(Kind::Text(ObjectKind::Tag)),
        "tree" => Some(Kind::Tree),
        _ => None,
    };
    let size = size.parse().ok();
    Ok((kind.filter(|_| size.is_some()), size.unwrap_or(0)))
}
