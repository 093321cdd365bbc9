//! All objects of a repository, to be asked for one by one. The walk goes another way; this is for what it cannot reach:
//! bases that are in another pack, or were dropped for want of room.

use std::path::PathBuf;

use flate2::bufread::ZlibDecoder;

use super::delta::{Delta, Patch};
use super::index::gix_id;
use super::inflate::{Inflater, Inflating, MAX_HELD};
use super::loose::{self, Loose};
use super::pack::{Base, Head, Kind, Pack};
use super::sieve::WHOLE;
use crate::origin::{ObjectId, ObjectKind};
use crate::source::{Content, Fault};

/// The packs and the folders of a repository's objects.
pub(super) struct Objects {
    pub(super) packs: Vec<Pack>,
    pub(super) stores: Vec<PathBuf>,
    pub(super) is_partial: bool,
}

/// The entry of a pack: the pack's number, and where it starts.
pub(super) type Place = (usize, u64);

/// How an object is made: what it starts from, and the deltas, the first to be applied last.
struct Chain {
    bottom: Bottom,
    kind: Kind,
    deltas: Vec<(usize, Head)>,
}

enum Bottom {
    Entry(usize, Head),
    Loose(PathBuf),
}

/// Longer chains are circles: git makes none of more than 4095.
pub(super) const MAX_CHAIN: usize = 100_000;

impl Objects {
    /// What the object `id` is.
    pub(super) fn kind_of(&self, id: ObjectId) -> Result<Kind, Fault> {
        Ok(self.chain(Ok(id))?.kind)
    }

    /// The content of the object at `place`.
    pub(super) fn content_at(&self, place: Place, inflater: &mut Inflater) -> Result<Vec<u8>, Fault> {
        self.follow(self.chain(Err(place))?, inflater)
    }

    /// The content of the object `id`.
    pub(super) fn content(&self, id: ObjectId, inflater: &mut Inflater) -> Result<Vec<u8>, Fault> {
        self.follow(self.chain(Ok(id))?, inflater)
    }

    /// Hands the content of the blob `id` to `take`, with its size: whole, or as a stream if it is large.
    pub(super) fn hand_over(
        &self,
        id: ObjectId,
        inflater: &mut Inflater,
        take: &mut dyn FnMut(u64, Content<'_>),
    ) -> Result<(), Fault> {
        let absent = |fault| if fault == Fault::MissingBase(id) { Fault::Absent(id) } else { fault };
        let chain = self.chain(Ok(id)).map_err(absent)?;
        if chain.kind != Kind::Text(ObjectKind::Blob) {
            return Err(Fault::NotABlob(id));
        }
        match &chain.bottom {
            Bottom::Entry(number, head) if chain.deltas.is_empty() && head.size > WHOLE as u64 => {
                let compressed = ZlibDecoder::new(self.packs[*number].bytes(head.data, u64::MAX));
                take(head.size, Content::Stream(&mut Inflating::new(compressed, head.size)));
            }
            Bottom::Loose(path) if chain.deltas.is_empty() => {
                let mut loose = Loose::open(path).or(Err(Fault::Compression))?;
                if loose.size > WHOLE as u64 {
                    take(loose.size, Content::Stream(&mut loose.content));
                } else {
                    let mut content = Vec::new();
                    loose.read(&mut content).or(Err(Fault::Compression))?;
                    take(content.len() as u64, Content::Whole(&content));
                }
            }
            _ => {
                let content = self.follow(chain, inflater)?;
                let is_large = content.len() > WHOLE;
                let mut rest = content.as_slice();
                let size = content.len() as u64;
                take(size, if is_large { Content::Stream(&mut rest) } else { Content::Whole(rest) });
            }
        }
        Ok(())
    }

    fn chain(&self, mut next: Result<ObjectId, Place>) -> Result<Chain, Fault> {
        let mut deltas = Vec::new();
        while deltas.len() < MAX_CHAIN {
            let place = match next {
                Err(place) => place,
                Ok(id) => match self.place_of(id) {
                    Some(place) => place,
                    None => {
                        let (path, kind) = self.loose(id).ok_or_else(|| self.missing(id))?;
                        return Ok(Chain { bottom: Bottom::Loose(path), kind, deltas });
                    }
                },
            };
            let (number, offset) = place;
            let head = self.packs[number].head(offset)?;
            next = match head.base {
                Base::None(kind) => return Ok(Chain { bottom: Bottom::Entry(number, head), kind, deltas }),
                Base::At(offset) => Err((number, offset)),
                Base::Of(id) => Ok(id),
            };
            deltas.push((number, head));
        }
        Err(Fault::Cycle)
    }

    /// Where the object `id` is, if it is in a pack.
    pub(super) fn place_of(&self, id: ObjectId) -> Option<Place> {
        self.position_of(id).map(|(number, position)| (number, self.packs[number].index.offset(position)))
    }

    /// The pack that the object `id` is in, if it is in one, by its number; and its place in the pack's index.
    pub(super) fn position_of(&self, id: ObjectId) -> Option<(usize, u32)> {
        let id = gix_id(id);
        let in_pack = |(number, pack): (usize, &Pack)| Some((number, pack.index.position(&id)?));
        self.packs.iter().enumerate().find_map(in_pack)
    }

    fn loose(&self, id: ObjectId) -> Option<(PathBuf, Kind)> {
        self.stores.iter().find_map(|store| {
            let path = loose::path_in(store, id);
            let kind = Loose::open(&path).ok()?.kind;
            Some((path, kind))
        })
    }

    /// Why the object `id`, which is not there, is not.
    pub(super) fn absent(&self, id: ObjectId) -> Fault {
        if self.is_partial { Fault::Promised(id) } else { Fault::Absent(id) }
    }

    fn missing(&self, id: ObjectId) -> Fault {
        if self.is_partial { Fault::Promised(id) } else { Fault::MissingBase(id) }
    }

    fn follow(&self, chain: Chain, inflater: &mut Inflater) -> Result<Vec<u8>, Fault> {
        let (mut content, mut compressed, mut made) = (Vec::new(), Vec::new(), Vec::new());
        match &chain.bottom {
            Bottom::Entry(number, head) => {
                let input = self.packs[*number].bytes(head.data, u64::MAX);
                inflater.inflate(input, head.size, &mut content)?;
            }
            Bottom::Loose(path) => {
                let loose = Loose::open(path).and_then(|loose| loose.read(&mut content));
                loose.or(Err(Fault::Compression))?;
            }
        }
        let mut patch = Patch::default();
        for (number, head) in chain.deltas.iter().rev() {
            let input = self.packs[*number].bytes(head.data, u64::MAX);
            let delta = Delta::parse(inflater.inflate(input, head.size, &mut compressed)?);
            let delta = delta.ok_or(Fault::Delta)?;
            if delta.len > MAX_HELD {
                return Err(Fault::TooLarge);
            }
            delta.apply(&content, 0, &mut made, &mut patch)?;
            std::mem::swap(&mut content, &mut made);
        }
        Ok(content)
    }
}
