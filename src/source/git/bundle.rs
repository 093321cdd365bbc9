//! Bundles: a few lines about refs, then a pack without an index. All in memory, so that nothing is written.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;
use std::sync::Arc;

use flate2::bufread::ZlibDecoder;

use super::attribute::{TREE, tree_entries};
use super::delta::{Delta, Patch};
use crate::origin::{ObjectId, ObjectKind};
use crate::source::Fault;

/// What a bundle starts with.
const STARTS: [&[u8]; 2] = [b"# v2 git bundle\n", b"# v3 git bundle\n"];

/// What an object takes beside its content, in bytes.
const BESIDE: u64 = 300;

/// An object of a bundle, to be searched.
pub(in crate::source) struct Bundled {
    /// Its path, if a tree of the bundle has it; else its kind and ID.
    pub(in crate::source) name: Vec<u8>,
    pub(in crate::source) content: Arc<Vec<u8>>,
}

/// What a bundle holds, as far as it can be read.
#[derive(Default)]
pub(in crate::source) struct Bundle {
    /// Blobs, commits and tags, in order of their names.
    pub(in crate::source) objects: Vec<Bundled>,
    /// How many are stored as changes to an object that the bundle does not have.
    pub(in crate::source) lost: u64,
    /// How many bytes were made from changes.
    pub(in crate::source) made: u64,
    /// Where reading ended before the end of the pack, why.
    pub(in crate::source) fault: Option<Fault>,
}

/// Whether this is the start of a bundle.
pub(in crate::source) fn is_bundle(head: &[u8]) -> bool {
    STARTS.iter().any(|start| head.starts_with(start))
}

/// What an object is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Tree,
    Text(ObjectKind),
}

/// An object, its content made.
#[derive(Clone)]
struct Made {
    kind: Kind,
    content: Arc<Vec<u8>>,
}

/// What an entry is made from.
enum Base {
    None(Kind),
    At(u64),
    Of(ObjectId),
}

/// Reads a bundle. Its objects take at most `max_held` bytes, all together.
pub(in crate::source) fn read(bytes: &[u8], max_held: u64) -> Bundle {
    let Some(start) = memchr::memmem::find(bytes, b"\n\n").map(|end| end + 2) else {
        return Bundle { fault: Some(Fault::Header), ..Bundle::default() };
    };
    let pack = &bytes[start..];
    let is_sha256 = memchr::memmem::find(&bytes[..start], b"@object-format=sha256").is_some();
    if is_sha256 || !pack.starts_with(b"PACK\0\0\0\x02") {
        return Bundle { fault: Some(Fault::NotAPack), ..Bundle::default() };
    }
    let mut unpacked = Unpacked { max_held, ..Unpacked::default() };
    let fault = unpacked.all(pack).err();
    unpacked.resolve();
    Bundle { objects: unpacked.named(), lost: unpacked.waiting.len() as u64, made: unpacked.made, fault }
}

/// The objects of a pack.
#[derive(Default)]
struct Unpacked {
    at: HashMap<u64, Made>,
    by_id: BTreeMap<ObjectId, Made>,
    /// Deltas whose base was not met yet.
    waiting: Vec<(u64, Base, Vec<u8>)>,
    held: u64,
    max_held: u64,
    made: u64,
    patch: Patch,
}

impl Unpacked {
    fn all(&mut self, pack: &[u8]) -> Result<(), Fault> {
        let count = pack.get(8..12).and_then(|count| count.try_into().ok()).map(u32::from_be_bytes);
        let mut at = 12;
        for _ in 0..count.ok_or(Fault::NotAPack)? {
            let start = at;
            let (base, size, len) = head(pack.get(at..).unwrap_or_default(), at as u64)?;
            at += len;
            let mut inflating = ZlibDecoder::new(pack.get(at..).unwrap_or_default());
            let mut content = Vec::new();
            (&mut inflating)
                .take(size.min(self.max_held - self.held) + 1)
                .read_to_end(&mut content)
                .or(Err(Fault::Compression))?;
            if content.len() as u64 != size {
                return Err(Fault::Size);
            }
            at += usize::try_from(inflating.total_in()).or(Err(Fault::TooLarge))?;
            self.take(start as u64, base, content)?;
        }
        Ok(())
    }

    /// Takes an entry: its content, or the changes that make it.
    fn take(&mut self, at: u64, base: Base, content: Vec<u8>) -> Result<(), Fault> {
        let known = match &base {
            Base::None(kind) => return self.keep(at, *kind, content),
            Base::At(base) => self.at.get(base),
            Base::Of(id) => self.by_id.get(id),
        };
        let Some(known) = known.cloned() else {
            self.hold(content.len())?;
            self.waiting.push((at, base, content));
            return Ok(());
        };
        let delta = Delta::parse(&content).ok_or(Fault::Delta)?;
        // Before it is made: many that are too large would take their time.
        let is_too_much = self.made > 4 * self.max_held;
        if is_too_much || delta.len > self.max_held - self.held {
            return Err(Fault::TooLarge);
        }
        self.made += delta.len;
        let mut made = Vec::new();
        delta.apply(&known.content, 0, &mut made, &mut self.patch)?;
        self.keep(at, known.kind, made)
    }

    fn keep(&mut self, at: u64, kind: Kind, content: Vec<u8>) -> Result<(), Fault> {
        self.hold(content.len())?;
        let id = id_of(kind, &content);
        let made = Made { kind, content: Arc::new(content) };
        self.at.insert(at, made.clone());
        self.by_id.insert(id, made);
        Ok(())
    }

    fn hold(&mut self, len: usize) -> Result<(), Fault> {
        let held = self.held + len as u64 + BESIDE;
        if held > self.max_held {
            return Err(Fault::TooLarge);
        }
        self.held = held;
        Ok(())
    }

    /// Makes what could not be made when it came, as far as its base has come since.
    fn resolve(&mut self) {
        loop {
            let before = self.waiting.len();
            for (at, base, delta) in std::mem::take(&mut self.waiting) {
                // What does not fit its base is lost like what has none.
                if self.take(at, base, delta).is_err() {
                    self.waiting.push((at, Base::At(u64::MAX), Vec::new()));
                }
            }
            if self.waiting.is_empty() || self.waiting.len() == before {
                return;
            }
        }
    }

    /// All that is text of people, each by the first of its paths.
    fn named(&self) -> Vec<Bundled> {
        let paths = self.paths();
        let name = |id: &ObjectId, kind: ObjectKind| {
            paths.get(id).cloned().unwrap_or_else(|| format!("<{kind} {id}>").into_bytes())
        };
        let text = |(id, made): (&ObjectId, &Made)| match made.kind {
            Kind::Text(kind) => Some(Bundled { name: name(id, kind), content: Arc::clone(&made.content) }),
            Kind::Tree => None,
        };
        let mut objects: Vec<Bundled> = self.by_id.iter().filter_map(text).collect();
        objects.sort_by(|a, b| a.name.cmp(&b.name));
        objects
    }

    /// A path for each object that a tree of a commit has. Each tree is looked at once.
    fn paths(&self) -> BTreeMap<ObjectId, Vec<u8>> {
        let commits = self.by_id.values().filter(|made| made.kind == Kind::Text(ObjectKind::Commit));
        let tree_of = |made: &Made| ObjectId::parse(made.content.strip_prefix(b"tree ")?.get(..40)?);
        let mut waiting: Vec<(Vec<u8>, ObjectId)> =
            commits.filter_map(tree_of).map(|tree| (Vec::new(), tree)).collect();
        let mut seen = BTreeSet::new();
        let mut paths = BTreeMap::new();
        while let Some((path, tree)) = waiting.pop() {
            let Some(made) = self.by_id.get(&tree).filter(|made| made.kind == Kind::Tree) else { continue };
            if !seen.insert(tree) {
                continue;
            }
            for (mode, name, id) in tree_entries(&made.content) {
                let below = if path.is_empty() { name.to_vec() } else { [&path, &b"/"[..], name].concat() };
                let id = ObjectId::from_bytes(*id);
                if mode == TREE {
                    waiting.push((below, id));
                } else {
                    paths.entry(id).or_insert(below);
                }
            }
        }
        paths
    }
}

/// Reads the head of an entry that starts at `start`: what it is made from, its size, the head's length.
fn head(bytes: &[u8], start: u64) -> Result<(Base, u64, usize), Fault> {
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
        let bits = u64::from(byte & 0x7f);
        size |= bits.checked_shl(shift).filter(|_| shift < 57).ok_or(Fault::Header)?;
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
            Base::At(start.checked_sub(distance).ok_or(Fault::Outside)?)
        }
        7 => {
            let mut id = [0; 20];
            for byte in &mut id {
                *byte = next()?;
            }
            Base::Of(ObjectId::from_bytes(id))
        }
        _ => return Err(Fault::Header),
    };
    Ok((base, size, at))
}

fn id_of(kind: Kind, content: &[u8]) -> ObjectId {
    let word = match kind {
        Kind::Tree => "tree",
        Kind::Text(kind) => kind.as_str(),
    };
    let mut hasher = gix_hash::hasher(gix_hash::Kind::Sha1);
    hasher.update(format!("{word} {}\0", content.len()).as_bytes());
    hasher.update(content);
    // A forged collision has an ID that nothing refers to.
    let id = hasher.try_finalize().ok();
    let bytes = id.and_then(|id| id.as_slice().try_into().ok()).unwrap_or([0; 20]);
    ObjectId::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::write::ZlibEncoder;

    use super::*;

    fn bundle(entries: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = b"# v2 git bundle\n\nPACK\0\0\0\x02".to_vec();
        bytes.extend_from_slice(&u32::try_from(entries.len()).unwrap().to_be_bytes());
        [bytes, entries.concat()].concat()
    }

    fn entry(head: &[u8], content: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(content).unwrap();
        [head, &encoder.finish().unwrap()].concat()
    }

    const MAX: u64 = 1 << 20;

    #[test]
    fn a_delta_may_come_before_its_base_and_one_without_a_base_is_lost() {
        let base = id_of(Kind::Text(ObjectKind::Blob), b"abcdef");
        // Six bytes become four: the first three, and an `x`.
        let delta = [6, 4, 0x90, 3, 1, b'x'];
        let of = |id: &[u8]| entry(&[&[0x76][..], id].concat(), &delta);
        let read = read(&bundle(&[of(base.as_bytes()), entry(&[0x36], b"abcdef"), of(&[7; 20])]), MAX);
        let contents: Vec<_> = read.objects.iter().map(|object| object.content.as_slice()).collect();
        assert!(contents.contains(&&b"abcx"[..]) && contents.contains(&&b"abcdef"[..]), "{contents:?}");
        assert_eq!((read.lost, read.fault), (1, None));
    }

    #[test]
    fn what_is_damaged_ends_the_reading_and_is_told() {
        let whole = bundle(&[entry(&[0x36], b"abcdef"), entry(&[0x33], b"abc")]);
        for (end, objects) in [(whole.len() - 3, 1), (40, 0), (20, 0)] {
            let read = read(&whole[..end], MAX);
            assert!(read.fault.is_some());
            assert_eq!(read.objects.len(), objects, "{end}");
        }
        let lying = bundle(&[entry(&[0x37], b"abcdef")]);
        assert_eq!(read(&lying, MAX).fault, Some(Fault::Size));
    }
}
