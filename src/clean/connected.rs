//! Object sets in which no object refers to a missing one.
//!
//! Objects that are known to be clean are not read, so what they refer to is not seen. If every pack and every loose
//! object of such a set is still there, so is all that its objects refer to.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::segment::{hash_of, hex};
use super::{Key, folder};
use crate::origin::{ObjectFormat, ObjectId};

/// Where the objects of a repository are, and where a shallow clone ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectSet {
    /// The hash that they are named by.
    pub format: ObjectFormat,
    /// Packs, each by a hash that identifies it.
    pub packs: BTreeSet<[u8; 32]>,
    /// Objects with files of their own that are in no pack.
    pub loose: BTreeSet<ObjectId>,
    /// The commits whose parents are not there.
    pub shallow: BTreeSet<ObjectId>,
}

/// What a set starts with: its format and the version of that.
const MAGIC: &[u8; 8] = b"akconn\x00\x01";
/// What the name of a set ends with.
const EXTENSION: &str = ".connected";
/// In bytes. Larger sets are not remembered: git soon packs so many loose objects.
const MAX_LEN: u64 = 64 << 20;

/// Whether a path is that of a set.
pub(super) fn is_one(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(EXTENSION))
}

/// The name of the set of a repository, which is not shown in it.
fn name_of(repository: &Path) -> String {
    let hash = hash_of([repository.as_os_str().as_encoded_bytes()]);
    format!("{}{EXTENSION}", hex(&hash[..16]))
}

/// Reads the set of a repository; `None` if there is none.
pub(super) fn read(
    folder: &Path,
    key: &Key,
    repository: &Path,
) -> Result<Option<ObjectSet>, (PathBuf, String)> {
    let path = folder.join(name_of(repository));
    let mut bytes = Vec::new();
    let read = folder::open(&path).and_then(|file| file.take(MAX_LEN).read_to_end(&mut bytes));
    match read {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err((path, error.to_string())),
        Ok(_) => match decode(&bytes, key) {
            Some(set) => Ok(Some(set)),
            None => Err((path, "damaged".to_owned())),
        },
    }
}

/// Writes the set of a repository, in place of an older one.
pub(super) fn write(folder: &Path, key: &Key, repository: &Path, set: &ObjectSet) -> io::Result<()> {
    let bytes = encode(set, key);
    if bytes.len() as u64 >= MAX_LEN {
        return folder::remove(&folder.join(name_of(repository)));
    }
    folder::replace(folder, &name_of(repository), &mut |out| out.write_all(&bytes))
}

fn encode(set: &ObjectSet, key: &Key) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&key.hash);
    let counts = [set.format.id_len(), set.packs.len(), set.loose.len(), set.shallow.len()];
    counts.iter().for_each(|&count| bytes.extend_from_slice(&(count as u64).to_le_bytes()));
    set.packs.iter().for_each(|pack| bytes.extend_from_slice(pack));
    set.loose.iter().chain(&set.shallow).for_each(|id| bytes.extend_from_slice(id.as_bytes()));
    let sum = Sha256::digest(&bytes);
    bytes.extend_from_slice(&sum);
    bytes
}

fn decode(bytes: &[u8], key: &Key) -> Option<ObjectSet> {
    let (body, sum) = bytes.split_last_chunk::<32>()?;
    if Sha256::digest(body)[..] != *sum {
        return None;
    }
    let (key_hash, mut rest) = body.strip_prefix(MAGIC)?.split_first_chunk::<32>()?;
    let mut number = || {
        let (number, behind) = rest.split_first_chunk()?;
        rest = behind;
        usize::try_from(u64::from_le_bytes(*number)).ok()
    };
    let (id_len, packs, loose, shallow) = (number()?, number()?, number()?, number()?);
    let format = ObjectFormat::of_len(id_len).filter(|_| *key_hash == key.hash)?;
    let (packs, rest) = rest.split_at_checked(packs.checked_mul(32)?)?;
    let (loose, rest) = rest.split_at_checked(loose.checked_mul(id_len)?)?;
    let ids = |bytes: &[u8]| bytes.chunks_exact(id_len).filter_map(ObjectId::from_slice).collect();
    (rest.len() == shallow.checked_mul(id_len)?).then(|| ObjectSet {
        format,
        packs: packs.as_chunks().0.iter().copied().collect(),
        loose: ids(loose),
        shallow: ids(rest),
    })
}
