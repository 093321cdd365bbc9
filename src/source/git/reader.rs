//! Reads objects one by one, and keeps those that it read lately: neighbours in history are made from each other.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use flate2::bufread::ZlibDecoder;

use super::budget::Meter;
use super::commit::CommitHeader;
use super::data::Streamed;
use super::decode::{Decoder, Stored};
use super::entry::{Base, Head, Kind};
use super::inflate::Inflating;
use super::loose::{Loose, Unreadable};
use super::objects::{Objects, Place};
use super::sieve::WHOLE;
use super::tree;
use crate::origin::{ObjectId, ObjectKind};
use crate::source::{Content, Fault};

/// Reads objects.
pub(super) struct Reader<'a> {
    objects: &'a Objects,
    pub(super) decoder: Decoder,
    kept: HashMap<Place, Arc<Vec<u8>>>,
    /// Bytes that are kept, and how many may be.
    len: usize,
    max_len: usize,
    /// Objects that no index lists.
    learned: HashMap<ObjectId, Place>,
    /// Files of objects that were read, each of which paid for itself.
    paid: HashSet<PathBuf>,
    /// What the last commit was read into.
    commit: Vec<u8>,
}

/// How an object is made: what it starts from, and the deltas, the first to be applied last.
struct Chain {
    bottom: Bottom,
    deltas: Vec<(Place, Head)>,
}

enum Bottom {
    Kept(Arc<Vec<u8>>),
    Entry(Place, Head, Kind),
    Loose(PathBuf, Kind),
}

/// What an object leads to.
#[derive(Debug)]
pub(super) struct Peeled {
    /// The tags on the way, the outermost first.
    pub(super) tags: Vec<ObjectId>,
    /// What is no tag.
    pub(super) id: ObjectId,
    pub(super) kind: Kind,
}

impl Peeled {
    /// The commit, if it is one.
    pub(super) fn commit(&self) -> Option<ObjectId> {
        (self.kind == Kind::Text(ObjectKind::Commit)).then_some(self.id)
    }
}

/// Bytes that are kept at most, but for the object that was read last.
const MAX_KEPT: usize = 32 << 20;
/// The buffer for commits is kept up to this size, in bytes.
const MAX_COMMIT: usize = 1 << 20;
/// Longer chains are circles: git makes none of more than 4095.
const MAX_CHAIN: usize = 100_000;
/// What following a delta to its base costs.
const STEP: u64 = 500;
/// What a byte costs that somebody is about to read, or that a file held in compressed form.
const READ: u64 = 10;

/// Tags of tags are followed this far.
pub(super) const MAX_TAGS: usize = 16;

impl<'a> Reader<'a> {
    /// Reads what `objects` may still cost.
    pub(super) fn new(objects: &'a Objects) -> Self {
        Self::with(objects, Meter::new(objects.budget.left()), MAX_KEPT)
    }

    /// Reads what `meter` lets it, and keeps at most `max_len` bytes.
    pub(super) fn with(objects: &'a Objects, meter: Meter, max_len: usize) -> Self {
        let decoder = Decoder::new(meter, objects.max_held);
        Self {
            objects,
            decoder,
            kept: HashMap::new(),
            len: 0,
            max_len,
            learned: HashMap::new(),
            paid: HashSet::new(),
            commit: Vec::new(),
        }
    }

    /// The size of the largest object that is held, in bytes.
    pub(super) fn max_held(&self) -> u64 {
        self.objects.max_held
    }

    /// Takes what was spent out of the budget of all.
    pub(super) fn settle(&mut self) {
        let meter = std::mem::replace(&mut self.decoder.meter, Meter::unlimited());
        self.objects.budget.spend(meter.spent());
    }

    /// What the object `id` is.
    pub(super) fn kind_of(&mut self, id: ObjectId) -> Result<Kind, Fault> {
        let chain = self.chain(Ok(id), false)?;
        match chain.bottom {
            Bottom::Entry(_, _, kind) | Bottom::Loose(_, kind) => Ok(kind),
            Bottom::Kept(_) => Err(Fault::NotAnObject),
        }
    }

    /// The content of the object `id`.
    pub(super) fn content(&mut self, id: ObjectId) -> Result<Arc<Vec<u8>>, Fault> {
        let chain = self.chain(Ok(id), true)?;
        let content = self.follow(chain)?;
        self.decoder.meter.spend(READ * content.len() as u64)?;
        Ok(content)
    }

    /// The content of the object at `place`.
    pub(super) fn content_at(&mut self, place: Place) -> Result<Arc<Vec<u8>>, Fault> {
        let chain = self.chain(Err(place), true)?;
        self.follow(chain)
    }

    /// Takes note of where an object is that no index lists.
    pub(super) fn learn(&mut self, id: ObjectId, place: Place) {
        self.learned.insert(id, place);
    }

    /// Hands the content of the blob `id` to `take`, with its size: whole, or as a stream if it is large.
    pub(super) fn hand_over(
        &mut self,
        id: ObjectId,
        take: &mut dyn FnMut(u64, Content<'_>),
    ) -> Result<(), Fault> {
        let absent = |fault| if fault == Fault::MissingBase(id) { Fault::Absent(id) } else { fault };
        let chain = self.chain(Ok(id), false).map_err(absent)?;
        let (Bottom::Entry(_, _, kind) | Bottom::Loose(_, kind)) = chain.bottom else {
            return Err(Fault::NotABlob(id));
        };
        if kind != Kind::Text(ObjectKind::Blob) {
            return Err(Fault::NotABlob(id));
        }
        match &chain.bottom {
            Bottom::Entry((number, _), head, _) if chain.deltas.is_empty() && head.size > WHOLE as u64 => {
                let pack = &self.objects.packs[*number];
                let compressed = ZlibDecoder::new(Streamed::new(&pack.data, head.data..pack.end()));
                take(head.size, Content::Stream(&mut Inflating::new(compressed, head.size)));
            }
            Bottom::Loose(path, _) if chain.deltas.is_empty() => {
                let mut loose = Loose::open(path).or(Err(Fault::Compression))?;
                if loose.size > WHOLE as u64 {
                    take(loose.size, Content::Stream(&mut loose.content));
                } else {
                    let mut content = Vec::new();
                    loose.read(WHOLE as u64, &mut content).or(Err(Fault::Compression))?;
                    take(content.len() as u64, Content::Whole(&content));
                }
            }
            _ => {
                let content = self.follow(chain)?;
                let is_large = content.len() > WHOLE;
                let mut rest = content.as_slice();
                let size = content.len() as u64;
                take(size, if is_large { Content::Stream(&mut rest) } else { Content::Whole(rest) });
            }
        }
        Ok(())
    }

    /// Finds out how an object is made, from one that is kept if `may_be_kept`.
    fn chain(&mut self, mut next: Result<ObjectId, Place>, may_be_kept: bool) -> Result<Chain, Fault> {
        let mut deltas = Vec::new();
        while deltas.len() < MAX_CHAIN {
            let place = match next {
                Err(place) => place,
                Ok(id) => match self.learned.get(&id).copied().or_else(|| self.objects.place_of(id)) {
                    Some(place) => place,
                    None => {
                        let loose = self.objects.loose(id);
                        let (path, kind) = loose.ok_or_else(|| self.objects.missing(id))?;
                        return Ok(Chain { bottom: Bottom::Loose(path, kind), deltas });
                    }
                },
            };
            if let Some(kept) = self.kept.get(&place).filter(|_| may_be_kept) {
                return Ok(Chain { bottom: Bottom::Kept(Arc::clone(kept)), deltas });
            }
            self.decoder.meter.spend(STEP)?;
            let head = self.objects.packs[place.0].head(&mut self.decoder.windows, place.1)?;
            next = match head.base {
                Base::None(kind) => return Ok(Chain { bottom: Bottom::Entry(place, head, kind), deltas }),
                Base::At(offset) => Err((place.0, offset)),
                Base::Of(id) => Ok(id),
            };
            deltas.push((place, head));
        }
        Err(Fault::Cycle)
    }

    fn follow(&mut self, chain: Chain) -> Result<Arc<Vec<u8>>, Fault> {
        let mut content = match chain.bottom {
            Bottom::Kept(content) => content,
            Bottom::Entry(place, head, _) => {
                let mut content = Vec::new();
                let mut stored = self.stored(place, head);
                self.decoder.whole(&mut stored, &mut content)?;
                self.keep(place, content)
            }
            Bottom::Loose(path, _) => Arc::new(self.read_file(path)?),
        };
        for (place, head) in chain.deltas.into_iter().rev() {
            let mut made = Vec::new();
            let mut stored = self.stored(place, head);
            self.decoder.patched(&mut stored, &content, 0, &mut made)?;
            content = self.keep(place, made);
        }
        Ok(content)
    }

    fn stored(&self, (pack, start): Place, head: Head) -> Stored<'a> {
        Stored::at(&self.objects.packs[pack], start, head)
    }

    /// Reads the object in the file at `path`.
    fn read_file(&mut self, path: PathBuf) -> Result<Vec<u8>, Fault> {
        let fault = |unreadable| match unreadable {
            Unreadable::Fault(Fault::TooLarge) => Fault::TooLarge,
            _ => Fault::Compression,
        };
        let loose = Loose::open(&path).map_err(fault)?;
        // In a walk, what a tree of deltas may cost must not depend on what was read before.
        if self.max_len > 0 && !self.paid.contains(&path) {
            self.decoder.meter.grant(fs::metadata(&path).map_or(0, |metadata| metadata.len()));
            self.paid.insert(path);
        }
        self.decoder.meter.spend(READ * loose.size.min(self.objects.max_held))?;
        let mut content = Vec::new();
        loose.read(self.objects.max_held, &mut content).map_err(fault)?;
        Ok(content)
    }

    fn keep(&mut self, place: Place, content: Vec<u8>) -> Arc<Vec<u8>> {
        if self.len > self.max_len {
            self.kept.clear();
            self.len = 0;
        }
        let content = Arc::new(content);
        if self.max_len > 0 {
            self.len += content.len();
            self.kept.insert(place, Arc::clone(&content));
        }
        content
    }

    /// What ties the commit `id` to others.
    pub(super) fn commit(&mut self, id: ObjectId) -> Result<CommitHeader, Fault> {
        let chain = self.chain(Ok(id), true)?;
        let content = match chain {
            // Hardly any commit is made from another one: it is read into the same buffer as the last, and not kept.
            Chain { bottom: Bottom::Entry(place, head, _), deltas } if deltas.is_empty() => {
                let mut content = std::mem::take(&mut self.commit);
                let mut stored = self.stored(place, head);
                self.decoder.whole(&mut stored, &mut content)?;
                let ties = self.ties_of(id, &content);
                if content.capacity() <= MAX_COMMIT {
                    self.commit = content;
                }
                return ties;
            }
            chain => self.follow(chain)?,
        };
        self.ties_of(id, &content)
    }

    fn ties_of(&mut self, id: ObjectId, content: &[u8]) -> Result<CommitHeader, Fault> {
        self.decoder.meter.spend(READ * content.len() as u64)?;
        CommitHeader::parse(id, content).ok_or(Fault::NotAnObject)
    }

    /// What is left of `id` when tags are followed.
    pub(super) fn peel(&mut self, mut id: ObjectId) -> Result<Peeled, Fault> {
        let mut tags = Vec::new();
        while tags.len() <= MAX_TAGS {
            let kind = self.kind_of(id)?;
            if kind != Kind::Text(ObjectKind::Tag) {
                return Ok(Peeled { tags, id, kind });
            }
            tags.push(id);
            id = self.tagged(id)?;
        }
        Err(Fault::Endless)
    }

    /// The object that the tag `id` is on.
    pub(super) fn tagged(&mut self, id: ObjectId) -> Result<ObjectId, Fault> {
        let content = self.content(id)?;
        let line = content.split(|&byte| byte == b'\n').next().unwrap_or_default();
        line.strip_prefix(b"object ").and_then(ObjectId::parse).ok_or(Fault::NotAnObject)
    }

    /// The objects that are read.
    pub(super) fn objects(&self) -> &'a Objects {
        self.objects
    }

    /// The tree that `tip` is, has or leads to, whether it is a tree, a commit or a tag; `None` if it leads to none.
    pub(super) fn tree_of(&mut self, mut tip: ObjectId) -> Result<Option<ObjectId>, Fault> {
        for _ in 0..MAX_TAGS {
            let content = self.content(tip)?;
            let line = content.split(|&byte| byte == b'\n').next().unwrap_or_default();
            match line.split_at_checked(5) {
                Some((b"tree ", hex)) => return Ok(ObjectId::parse(hex)),
                Some((b"objec", rest)) => {
                    let tagged = rest.strip_prefix(b"t ").and_then(ObjectId::parse);
                    tip = tagged.ok_or(Fault::NotAnObject)?;
                }
                _ => return Ok((self.kind_of(tip)? == Kind::Tree).then_some(tip)),
            }
        }
        Ok(None)
    }

    /// What the tree `tree` has at `path`.
    pub(super) fn target_at(&mut self, tree: ObjectId, path: &[u8]) -> Option<ObjectId> {
        path.split(|&byte| byte == b'/').try_fold(tree, |tree, part| {
            let content = self.content(tree).ok()?;
            tree::entries(&content, tree.format()).find(|(_, name, _)| *name == part).map(|(.., id)| id)
        })
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        self.settle();
    }
}
