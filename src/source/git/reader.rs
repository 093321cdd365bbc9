//! Reads objects one by one, and keeps those that it read lately: neighbours in history are made from each other.

use std::collections::HashMap;
use std::sync::Arc;

use super::attribute::{Ties, ties_of, tree_entries};
use super::delta::{Delta, Patch};
use super::inflate::{Inflater, MAX_HELD};
use super::objects::{MAX_CHAIN, Objects, Place};
use super::pack::{Base, Kind};
use crate::origin::{ObjectId, ObjectKind};
use crate::source::Fault;

/// Reads objects.
pub(super) struct Reader<'a> {
    objects: &'a Objects,
    inflater: Inflater,
    kept: HashMap<Place, Arc<Vec<u8>>>,
    /// Bytes that are kept.
    len: usize,
    compressed: Vec<u8>,
    patch: Patch,
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
const MAX_KEPT: usize = 64 << 20;

/// Tags of tags are followed this far.
pub(super) const MAX_TAGS: usize = 16;

impl<'a> Reader<'a> {
    pub(super) fn new(objects: &'a Objects) -> Self {
        Self {
            objects,
            inflater: Inflater::new(),
            kept: HashMap::new(),
            len: 0,
            compressed: Vec::new(),
            patch: Patch::default(),
        }
    }

    /// The content of the object `id`.
    pub(super) fn content(&mut self, id: ObjectId) -> Result<Arc<Vec<u8>>, Fault> {
        match self.objects.place_of(id) {
            Some(place) => self.packed(place),
            None => Ok(Arc::new(self.objects.content(id, &mut self.inflater)?)),
        }
    }

    fn packed(&mut self, mut place: Place) -> Result<Arc<Vec<u8>>, Fault> {
        let mut deltas = Vec::new();
        let mut content = loop {
            if let Some(kept) = self.kept.get(&place) {
                break Arc::clone(kept);
            }
            if deltas.len() == MAX_CHAIN {
                return Err(Fault::Cycle);
            }
            let pack = &self.objects.packs[place.0];
            let head = pack.head(place.1)?;
            let base = match head.base {
                Base::None(_) => {
                    let mut content = Vec::new();
                    let compressed = pack.bytes(head.data, u64::MAX);
                    let len = self.inflater.inflate(compressed, head.size, &mut content)?.len();
                    content.truncate(len);
                    break self.keep(place, content);
                }
                Base::At(offset) => Ok((place.0, offset)),
                Base::Of(id) => self.objects.place_of(id).ok_or(id),
            };
            deltas.push((place, head));
            match base {
                Ok(base) => place = base,
                Err(id) => break Arc::new(self.objects.content(id, &mut self.inflater)?),
            }
        };
        for (place, head) in deltas.into_iter().rev() {
            let input = self.objects.packs[place.0].bytes(head.data, u64::MAX);
            let delta = Delta::parse(self.inflater.inflate(input, head.size, &mut self.compressed)?);
            let delta = delta.filter(|delta| delta.len <= MAX_HELD).ok_or(Fault::Delta)?;
            let mut made = Vec::new();
            delta.apply(&content, 0, &mut made, &mut self.patch)?;
            content = self.keep(place, made);
        }
        Ok(content)
    }

    fn keep(&mut self, place: Place, content: Vec<u8>) -> Arc<Vec<u8>> {
        if self.len > MAX_KEPT {
            self.kept.clear();
            self.len = 0;
        }
        self.len += content.len();
        let content = Arc::new(content);
        self.kept.insert(place, Arc::clone(&content));
        content
    }

    /// What ties the commit `id` to others.
    pub(super) fn commit(&mut self, id: ObjectId) -> Result<Ties, Fault> {
        ties_of(id, &self.content(id)?).ok_or(Fault::NotAnObject)
    }

    /// What is left of `id` when tags are followed.
    pub(super) fn peel(&mut self, mut id: ObjectId) -> Result<Peeled, Fault> {
        let mut tags = Vec::new();
        while tags.len() <= MAX_TAGS {
            let kind = self.objects.kind_of(id)?;
            if kind != Kind::Text(ObjectKind::Tag) {
                return Ok(Peeled { tags, id, kind });
            }
            tags.push(id);
            let content = self.content(id)?;
            let line = content.split(|&byte| byte == b'\n').next().unwrap_or_default();
            id = line.strip_prefix(b"object ").and_then(ObjectId::parse).ok_or(Fault::NotAnObject)?;
        }
        Err(Fault::Endless)
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
                _ => return Ok((self.objects.kind_of(tip)? == Kind::Tree).then_some(tip)),
            }
        }
        Ok(None)
    }

    /// What the tree `tree` has at `path`.
    pub(super) fn target_at(&mut self, tree: ObjectId, path: &[u8]) -> Option<ObjectId> {
        path.split(|&byte| byte == b'/').try_fold(tree, |tree, part| {
            let content = self.content(tree).ok()?;
            let found = tree_entries(&content).find(|(_, name, _)| *name == part).map(|(_, _, id)| *id);
            found.map(ObjectId::from_bytes)
        })
    }
}
