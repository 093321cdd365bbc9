//! Bundles, which are a few lines about refs and then a pack without an index, and such packs alone. All in memory, so that
//! nothing is written.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;
use std::sync::Arc;

use flate2::bufread::ZlibDecoder;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::budget::Meter;
use super::commit::CommitHeader;
use super::entry::{Base, Head, Kind};
use super::index::{Bucket, Index};
use super::objects::Objects;
use super::pack::{HEADER, Pack};
use super::reader::Reader;
use super::tree::{self, TREE};
use crate::origin::{ObjectFormat, ObjectId, ObjectKind};
use crate::source::Fault;
use crate::source::bundled::{Bundle, Bundled};
use crate::source::format::bundle::is_pack;

/// What an object takes beside its content, in bytes.
const BESIDE: u64 = 300;

/// An object, its content made.
struct Made {
    id: ObjectId,
    kind: Kind,
    content: Arc<Vec<u8>>,
}

/// Reads a bundle. Its objects take at most `max_held` bytes, all together.
pub(in crate::source) fn read(bytes: &[u8], max_held: u64) -> Bundle {
    let Some(start) = memchr::memmem::find(bytes, b"\n\n").map(|end| end + 2) else {
        return Bundle { fault: Some(Fault::Header), ..Bundle::default() };
    };
    let Some(format) = format(&bytes[..start]) else {
        return Bundle { fault: Some(Fault::NotAPack), ..Bundle::default() };
    };
    let bundle = unpack(&bytes[start..], format, max_held);
    Bundle { pack: start..start + bundle.pack.end, ..bundle }
}

/// Reads a pack. Its objects take at most `max_held` bytes, all together.
pub(in crate::source) fn read_pack(pack: &[u8], max_held: u64) -> Bundle {
    // Nothing but the sum at its end says which hash it is of.
    let mut made = 0;
    for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
        let bundle = unpack(pack, format, max_held);
        made += bundle.made;
        if bundle.fault.is_none() && ends_with_sum(&pack[bundle.pack.clone()], format) {
            return Bundle { made, ..bundle };
        }
    }
    let bundle = unpack(pack, ObjectFormat::Sha1, max_held);
    Bundle { made: made + bundle.made, ..bundle }
}

/// Whether a pack ends with the sum of all before it.
fn ends_with_sum(pack: &[u8], format: ObjectFormat) -> bool {
    let split = pack.len().checked_sub(format.id_len()).map(|end| pack.split_at(end));
    split.is_some_and(|(content, sum)| hash_of(format, &[content]) == sum)
}

/// Reads a pack whose objects are named by `format`. They take at most `max_held` bytes, all together.
fn unpack(pack: &[u8], format: ObjectFormat, max_held: u64) -> Bundle {
    if !is_pack(pack) {
        return Bundle { fault: Some(Fault::NotAPack), ..Bundle::default() };
    }
    let hash_len = format.id_len();
    let buckets = std::iter::repeat_with(|| Bucket::new(hash_len)).take(256).collect();
    let packs = vec![Pack::in_memory(pack.to_vec(), Index::of(buckets, hash_len), hash_len)];
    let mut objects = Objects::new(format, packs, Vec::new(), false, pack.len() as u64);
    objects.max_held = max_held;
    let mut unpacked = Unpacked::new(&objects, max_held);
    let (end, fault) = match unpacked.all(pack) {
        Ok(end) => (end, None),
        Err(fault) => (0, Some(fault)),
    };
    // A sum comes last.
    let end = pack.len().min(usize::try_from(end).unwrap_or(pack.len()).saturating_add(hash_len));
    let waiting: usize = unpacked.waiting.values().map(Vec::len).sum();
    let lost = unpacked.lost + waiting as u64;
    Bundle { objects: unpacked.named(), lost, made: unpacked.held, pack: 0..end, fault }
}

/// The hash that the objects of a bundle with this header are named by; `None` if it is not known.
fn format(header: &[u8]) -> Option<ObjectFormat> {
    let mut capabilities =
        header.split(|&byte| byte == b'\n').skip(1).take_while(|line| line.starts_with(b"@"));
    match capabilities.find_map(|line| line.strip_prefix(b"@object-format=")) {
        Some(name) => ObjectFormat::of_name(std::str::from_utf8(name).ok()?),
        None => Some(ObjectFormat::Sha1),
    }
}

/// The objects of a pack.
struct Unpacked<'a> {
    reader: Reader<'a>,
    format: ObjectFormat,
    /// By where their entries start: two that were made to have one ID are both there.
    at: BTreeMap<u64, Made>,
    by_id: HashMap<ObjectId, u64>,
    /// Where the entries start whose base was not met yet.
    waiting: HashMap<Base, Vec<u64>>,
    /// How many fit none of the bases that they have.
    lost: u64,
    held: u64,
    inflated: u64,
    max_held: u64,
}

impl<'a> Unpacked<'a> {
    fn new(objects: &'a Objects, max_held: u64) -> Self {
        let meter = Meter::new(objects.budget.left());
        let max_len = usize::try_from(max_held).unwrap_or(usize::MAX);
        Self {
            reader: Reader::with(objects, meter, max_len),
            format: objects.format,
            at: BTreeMap::new(),
            by_id: HashMap::new(),
            waiting: HashMap::new(),
            lost: 0,
            held: 0,
            inflated: 0,
            max_held,
        }
    }

    /// Takes all entries; returns where the last one ends.
    fn all(&mut self, pack: &[u8]) -> Result<u64, Fault> {
        let count = pack.get(8..12).and_then(|count| count.try_into().ok()).map(u32::from_be_bytes);
        let mut at = HEADER;
        for _ in 0..count.ok_or(Fault::NotAPack)? {
            let from = |at: u64| pack.get(usize::try_from(at).ok()?..);
            let head = Head::parse(from(at).unwrap_or_default(), at, self.format.id_len())?;
            let len = self.measure(&head, from(head.data).unwrap_or_default())?;
            self.take(at, head.base)?;
            at = head.data + len;
        }
        Ok(at)
    }

    /// How long the compressed data of an entry is, which nothing says.
    fn measure(&mut self, head: &Head, data: &[u8]) -> Result<u64, Fault> {
        self.inflated = self.inflated.saturating_add(head.size);
        if self.inflated > self.max_held {
            return Err(Fault::TooLarge);
        }
        let mut inflating = ZlibDecoder::new(data);
        let inflated = std::io::copy(&mut (&mut inflating).take(head.size + 1), &mut std::io::sink());
        if inflated.or(Err(Fault::Compression))? != head.size {
            return Err(Fault::Size);
        }
        Ok(inflating.total_in())
    }

    /// Takes the entry at `at`, and those that waited for it.
    fn take(&mut self, at: u64, base: Base) -> Result<(), Fault> {
        let Some(kind) = self.kind(base) else {
            self.waiting.entry(base).or_default().push(at);
            return Ok(());
        };
        let mut ready = vec![at];
        while let Some(next) = ready.pop() {
            match self.make(next, kind) {
                Ok(id) => {
                    let bases = [Base::At(next), Base::Of(id)];
                    ready.extend(bases.iter().filter_map(|base| self.waiting.remove(base)).flatten());
                }
                Err(fault) if next == at || fault == Fault::TooLarge => return Err(fault),
                // What does not fit its base is lost like what has none.
                Err(_) => self.lost += 1,
            }
        }
        Ok(())
    }

    /// What the objects are that are made from `base`, if that is here.
    fn kind(&self, base: Base) -> Option<Kind> {
        match base {
            Base::None(kind) => Some(kind),
            Base::At(base) => self.at.get(&base).map(|made| made.kind),
            Base::Of(id) => self.object(id).map(|made| made.kind),
        }
    }

    fn object(&self, id: ObjectId) -> Option<&Made> {
        self.at.get(self.by_id.get(&id)?)
    }

    fn make(&mut self, at: u64, kind: Kind) -> Result<ObjectId, Fault> {
        let content = self.reader.content_at((0, at))?;
        self.held += content.len() as u64 + BESIDE;
        if self.held > self.max_held {
            return Err(Fault::TooLarge);
        }
        let id = id_of(kind, &content, self.format);
        self.add(at, Made { id, kind, content });
        Ok(id)
    }

    fn add(&mut self, at: u64, made: Made) {
        self.by_id.insert(made.id, at);
        self.reader.learn(made.id, (0, at));
        self.at.insert(at, made);
    }

    /// All that is text of people, each by the first of its paths.
    fn named(&self) -> Vec<Bundled> {
        let paths = self.paths();
        let name = |id: ObjectId, kind: ObjectKind| {
            paths.get(&id).cloned().unwrap_or_else(|| format!("<{kind} {id}>").into_bytes())
        };
        let text = |made: &Made| match made.kind {
            Kind::Text(kind) => {
                Some(Bundled { name: name(made.id, kind), content: Arc::clone(&made.content) })
            }
            Kind::Tree => None,
        };
        let mut objects: Vec<Bundled> = self.at.values().filter_map(text).collect();
        objects.sort_by(|a, b| a.name.cmp(&b.name));
        objects
    }

    /// A path for each object that a tree of a commit has. Each tree is looked at once.
    fn paths(&self) -> BTreeMap<ObjectId, Vec<u8>> {
        let commits = self.at.values().filter(|made| made.kind == Kind::Text(ObjectKind::Commit));
        let ties = commits.filter_map(|made| CommitHeader::parse(made.id, &made.content));
        let mut waiting: Vec<(Vec<u8>, ObjectId)> = ties.map(|ties| (Vec::new(), ties.tree)).collect();
        let mut seen = BTreeSet::new();
        let mut paths = BTreeMap::new();
        while let Some((path, tree)) = waiting.pop() {
            let Some(made) = self.object(tree).filter(|made| made.kind == Kind::Tree) else { continue };
            if !seen.insert(tree) {
                continue;
            }
            for (mode, name, id) in tree::entries(&made.content, self.format) {
                let below = if path.is_empty() { name.to_vec() } else { [&path, &b"/"[..], name].concat() };
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

fn id_of(kind: Kind, content: &[u8], format: ObjectFormat) -> ObjectId {
    let header = format!("{} {}\0", kind.as_str(), content.len());
    let hash = hash_of(format, &[header.as_bytes(), content]);
    ObjectId::from_slice(&hash).unwrap_or(ObjectId::zero(format))
}

fn hash_of(format: ObjectFormat, parts: &[&[u8]]) -> Vec<u8> {
    fn of<H: Digest>(parts: &[&[u8]]) -> Vec<u8> {
        parts.iter().fold(H::new(), H::chain_update).finalize().to_vec()
    }
    match format {
        ObjectFormat::Sha1 => of::<Sha1>(parts),
        ObjectFormat::Sha256 => of::<Sha256>(parts),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::write::ZlibEncoder;

    use super::*;

    const FORMATS: [ObjectFormat; 2] = [ObjectFormat::Sha1, ObjectFormat::Sha256];

    fn bundle(format: ObjectFormat, entries: &[Vec<u8>]) -> Vec<u8> {
        let header: &[u8] = match format {
            ObjectFormat::Sha1 => b"# v2 git bundle\n\nPACK\0\0\0\x02",
            ObjectFormat::Sha256 => b"# v3 git bundle\n@object-format=sha256\n\nPACK\0\0\0\x02",
        };
        let count = u32::try_from(entries.len()).unwrap().to_be_bytes();
        [header, &count, &entries.concat()].concat()
    }

    fn entry(head: &[u8], content: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(content).unwrap();
        [head, &encoder.finish().unwrap()].concat()
    }

    const MAX: u64 = 1 << 20;

    #[test]
    fn objects_are_named_as_git_names_them() {
        let named = |format| id_of(Kind::Text(ObjectKind::Blob), b"what is up, doc?", format).to_string();
        assert_eq!(named(ObjectFormat::Sha1), "bd9dbf5aae1a3862dd1526723246b20206e5fc37");
        let long = "7561bda2ad0a17be8fee9d1815a0896b80ebafddaf26cf30c228e9b320513033";
        assert_eq!(named(ObjectFormat::Sha256), long);
    }

    #[test]
    fn a_delta_may_come_before_its_base_and_one_without_a_base_is_lost() {
        for format in FORMATS {
            let base = id_of(Kind::Text(ObjectKind::Blob), b"abcdef", format);
            // Six bytes become four: the first three, and an `x`.
            let delta = [6, 4, 0x90, 3, 1, b'x'];
            let of = |id: &[u8]| entry(&[&[0x76][..], id].concat(), &delta);
            let lost = vec![7; format.id_len()];
            let entries = [of(base.as_bytes()), entry(&[0x36], b"abcdef"), of(&lost)];
            let read = read(&bundle(format, &entries), MAX);
            let contents: Vec<_> = read.objects.iter().map(|object| object.content.as_slice()).collect();
            assert!(contents.contains(&&b"abcx"[..]) && contents.contains(&&b"abcdef"[..]), "{contents:?}");
            assert_eq!((read.lost, read.fault), (1, None));
        }
    }

    #[test]
    fn a_pack_alone_is_read_by_the_hash_that_its_sum_is_of() {
        let base = b"abcdef";
        let delta = [6, 4, 0x90, 3, 1, b'x'];
        for format in FORMATS {
            let id = id_of(Kind::Text(ObjectKind::Blob), base, format);
            let entries = [entry(&[0x36], base), entry(&[&[0x76][..], id.as_bytes()].concat(), &delta)];
            let whole = bundle(format, &entries);
            let content = &whole[memchr::memmem::find(&whole, b"PACK").unwrap()..];
            let pack = [content, &hash_of(format, &[content]), b"behind"].concat();
            let read = read_pack(&pack, MAX);
            assert_eq!((read.objects.len(), read.lost, read.fault), (2, 0, None));
            assert_eq!(&pack[read.pack.end..], b"behind");
        }
    }

    #[test]
    fn objects_of_one_id_are_both_read() {
        let objects = Objects::new(ObjectFormat::Sha1, Vec::new(), Vec::new(), false, 0);
        let mut unpacked = Unpacked::new(&objects, MAX);
        for (at, content) in [(1, b"one"), (2, b"two")] {
            let (id, kind) = (ObjectId::zero(ObjectFormat::Sha1), Kind::Text(ObjectKind::Blob));
            unpacked.add(at, Made { id, kind, content: Arc::new(content.to_vec()) });
        }
        assert_eq!(unpacked.named().len(), 2);
    }

    #[test]
    fn what_is_damaged_ends_the_reading_and_is_told() {
        let of = |entries: &[Vec<u8>]| bundle(ObjectFormat::Sha1, entries);
        let whole = of(&[entry(&[0x36], b"abcdef"), entry(&[0x33], b"abc")]);
        for (end, objects) in [(whole.len() - 3, 1), (40, 0), (20, 0)] {
            let read = read(&whole[..end], MAX);
            assert!(read.fault.is_some());
            assert_eq!(read.objects.len(), objects, "{end}");
        }
        let lying = of(&[entry(&[0x37], b"abcdef")]);
        assert_eq!(read(&lying, MAX).fault, Some(Fault::Size));
        let unknown = b"# v3 git bundle\n@object-format=sha512\n\nPACK\0\0\0\x02\0\0\0\0";
        assert_eq!(read(unknown, MAX).fault, Some(Fault::NotAPack));
    }
}
