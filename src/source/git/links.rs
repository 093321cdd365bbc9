//! What objects refer to, and the names in trees: gathered while objects are decoded anyway.
//!
//! Of a tree that is stored as changes to another one, only the entries that changed are looked at: what it shares with
//! its base, that one refers to. So all trees of a history are checked for the cost of decoding them.

use std::collections::BTreeSet;
use std::io::Read;

use super::budget::Meter;
use super::entry::Kind;
use super::look::{Decoded, Look, Made};
use super::objects::Objects;
use super::remembered::Recorder;
use super::sieve::{self, ObjectFilter};
use super::smallest::Smallest;
use super::tree::TreeEntry;
use crate::anchor::Anchors;
use crate::clean::CleanObject;
use crate::origin::{ObjectFormat, ObjectId, ObjectKind};
use crate::source::{Fault, Sink};

/// What is asked of the objects of a repository.
pub(super) struct Survey<'a> {
    /// Those that are read last: what was listed before them is there, too.
    pub(super) rounds: &'a [Objects],
    pub(super) format: ObjectFormat,
    pub(super) is_partial: bool,
    /// The commits whose parents are not there, because a shallow clone ends with them.
    pub(super) shallow: &'a BTreeSet<ObjectId>,
    pub(super) anchors: Option<&'a Anchors>,
    pub(super) sink: &'a dyn Sink,
    /// Present if clean objects are to be remembered.
    pub(super) recorder: Option<&'a Recorder<'a>>,
}

impl Survey<'_> {
    /// Whether the object `id` was ever there.
    pub(super) fn has(&self, id: ObjectId) -> bool {
        self.rounds.iter().any(|objects| objects.has(id))
    }
}

/// What one thread gathers.
pub(super) struct Links<'a> {
    pub(super) survey: &'a Survey<'a>,
    recent: Recent,
    /// What was referred to and not looked up yet, by the first byte of the ID.
    referred: Vec<Vec<ObjectId>>,
    /// Names that were not searched yet, each with a zero behind it.
    names: Vec<u8>,
    /// Names that may hold something, of the tree that is read.
    suspects: Vec<Vec<u8>>,
    pub(super) found: Found,
}

/// What was gathered.
pub(super) struct Found {
    /// Objects that something refers to and that are not there.
    pub(super) missing: Smallest<ObjectId>,
    /// Names in trees that may hold something.
    pub(super) names: Smallest<Vec<u8>>,
    /// Whether something could not be read to its end.
    pub(super) is_cut: bool,
}

/// As many missing objects are told apart.
const MAX_MISSING: usize = 100_000;
/// Bytes of names that are searched and listed, and what each takes beside them.
const MAX_NAMES: usize = 32 << 20;
const BESIDE_NAME: usize = 64;

impl Default for Found {
    fn default() -> Self {
        Self {
            missing: Smallest::new(MAX_MISSING, |_| 1),
            names: Smallest::new(MAX_NAMES, |name: &Vec<u8>| name.len() + BESIDE_NAME),
            is_cut: false,
        }
    }
}

impl Found {
    pub(super) fn merge(&mut self, other: Self) {
        self.missing.merge(other.missing);
        self.names.merge(other.names);
        self.is_cut |= other.is_cut;
    }
}

/// The mode of a submodule, whose commit is in another repository.
const SUBMODULE: &[u8] = b"160000";
/// Names are searched when there are so many bytes of them.
const BATCH: usize = 8 << 10;
/// Objects whose IDs have the same first byte are looked up when there are so many: the part of an index that has them is
/// brought into the processor's cache once for all.
const TOGETHER: usize = 256;
/// What finding an object costs that a message refers to.
const REFERENCE: u64 = 500;

impl<'a> Links<'a> {
    pub(super) fn new(survey: &'a Survey<'a>) -> Self {
        let recent = Recent::new(survey.format);
        let referred = vec![Vec::new(); 256];
        let found = Found::default();
        Self { survey, recent, referred, names: Vec::new(), suspects: Vec::new(), found }
    }

    /// Everything that was gathered.
    pub(super) fn finish(mut self) -> Found {
        self.search_names();
        (0..self.referred.len()).for_each(|first| self.look_up(first));
        self.found
    }

    /// Takes a commit or a tag. Says whether it is known what it refers to.
    fn message(&mut self, object: Decoded<'_>, content: &[u8], meter: &mut Meter) -> Result<bool, Fault> {
        let (Some(name), Kind::Text(kind)) = (object.name, object.kind) else { return Ok(true) };
        let first: &[u8] = match kind {
            ObjectKind::Blob => return Ok(true),
            ObjectKind::Commit => b"tree ",
            ObjectKind::Tag => b"object ",
        };
        let mut lines = content.split(|&byte| byte == b'\n');
        let first = lines.next().and_then(|line| id_in(line, first));
        match first {
            Some(id) => self.refer(id),
            None => self.found.is_cut = true,
        }
        // Where a shallow clone ends, parents are not there.
        let shallow = self.survey.shallow;
        if kind == ObjectKind::Tag || (!shallow.is_empty() && shallow.contains(&name.id())) {
            return Ok(first.is_some());
        }
        for parent in lines.map_while(|line| id_in(line, b"parent ")) {
            meter.spend(REFERENCE)?;
            self.refer(parent);
        }
        Ok(first.is_some())
    }

    /// Takes an entry of a tree.
    pub(super) fn entry(&mut self, (mode, name, target): TreeEntry<'_>) {
        if mode != SUBMODULE {
            self.refer(target);
        }
        self.names.extend_from_slice(name);
        self.names.push(0);
        if self.names.len() > BATCH {
            self.search_names();
        }
    }

    /// Takes an entry of a tree that is not looked at itself, only for those that are made from it.
    pub(super) fn suspect(&mut self, (_, name, _): TreeEntry<'_>) {
        let (Some(anchors), Some(_)) = (self.survey.anchors, self.survey.recorder) else { return };
        if !anchors.gate.hits(name).is_empty() {
            self.suspects.push(name.to_vec());
        }
    }

    /// The names that may hold something, of the tree whose entries were taken last.
    pub(super) fn take_suspects(&mut self) -> Vec<Vec<u8>> {
        self.search_names();
        std::mem::take(&mut self.suspects)
    }

    /// Takes note of the object `id`, to which something refers.
    fn refer(&mut self, id: ObjectId) {
        // What a partial clone does not have, it need not have.
        if self.survey.is_partial || !self.recent.is_new(id) {
            return;
        }
        let first = id.as_bytes().first().copied().map_or(0, usize::from);
        self.referred[first].push(id);
        if self.referred[first].len() == TOGETHER {
            self.look_up(first);
        }
    }

    /// Looks up the objects that were referred to and whose IDs start with `first`.
    fn look_up(&mut self, first: usize) {
        self.referred[first].sort_unstable();
        for id in self.referred[first].drain(..) {
            if !self.survey.has(id) && !is_empty_tree(id) {
                self.found.missing.insert(id);
            }
        }
    }

    /// Looks for names that may hold something. One look at many is faster than one at each; where they seem to hold
    /// something together, each is looked at.
    fn search_names(&mut self) {
        let anchors = self.survey.anchors;
        let may_hold = |text: &[u8]| anchors.is_none_or(|anchors| !anchors.gate.hits(text).is_empty());
        if may_hold(&self.names) {
            let names = self.names.split(|&byte| byte == 0).filter(|name| !name.is_empty());
            for name in names.filter(|name| may_hold(name)) {
                if self.survey.recorder.is_some() {
                    self.suspects.push(name.to_vec());
                }
                self.found.names.insert(name.to_vec());
            }
        }
        self.names.clear();
    }
}

/// The ID in a line of a header, if it starts with `key`.
fn id_in(line: &[u8], key: &[u8]) -> Option<ObjectId> {
    ObjectId::parse(line.strip_prefix(key)?)
}

/// Git knows the tree without entries by heart, so that it need not be there.
fn is_empty_tree(id: ObjectId) -> bool {
    const SHA1: &[u8] = b"4b825dc642cb6eb9a060e54bf8d69288fbee4904";
    const SHA256: &[u8] = b"6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321";
    [SHA1, SHA256].iter().any(|hex| ObjectId::parse(hex) == Some(id))
}

/// Objects that something referred to lately: most trees refer to what those before did.
struct Recent {
    /// For each start of an ID, the last ID that had it.
    ids: Vec<ObjectId>,
}

/// How many starts are told apart.
const STARTS: usize = 1 << 13;

impl Recent {
    fn new(format: ObjectFormat) -> Self {
        Self { ids: vec![ObjectId::zero(format); STARTS] }
    }

    /// Whether the ID was not among the last ones. It is from now on.
    fn is_new(&mut self, id: ObjectId) -> bool {
        let start = id.as_bytes().first_chunk().map_or(0, |start| u16::from_le_bytes(*start));
        let Some(known) = self.ids.get_mut(usize::from(start) % STARTS) else { return true };
        std::mem::replace(known, id) != id
    }
}

/// Looks at blobs, commits and tags: what is in them, and what they refer to.
pub(super) struct Texts<'a> {
    sieve: ObjectFilter<'a>,
    pub(super) links: Links<'a>,
    /// Objects in which nothing was found, to be remembered.
    pub(super) clean: Vec<CleanObject>,
}

impl<'a> Texts<'a> {
    pub(super) fn new(survey: &'a Survey<'a>) -> Self {
        let sieve = ObjectFilter::new(survey.anchors, survey.sink);
        Self { sieve, links: Links::new(survey), clean: Vec::new() }
    }

    /// Remembers an object of which that is `known`, if it is clean.
    fn record(&mut self, object: Decoded<'_>, bytes: &[u8], known: Option<&sieve::Known>) {
        if let Some(recorder) =
            self.links.survey.recorder.filter(|_| known.is_some_and(sieve::Known::is_clean))
        {
            self.clean.extend(recorder.clean(object, bytes));
        }
    }
}

/// What a message starts with: no header is longer.
const HEAD: u64 = 1 << 20;

impl Look for Texts<'_> {
    type Known = sieve::Known;

    fn wants(kind: Kind) -> bool {
        ObjectFilter::wants(kind)
    }

    fn reach(&self) -> usize {
        self.sieve.reach()
    }

    fn is_stopped(&self) -> bool {
        self.sieve.is_stopped()
    }

    fn whole(
        &mut self,
        object: Decoded<'_>,
        bytes: &[u8],
        meter: &mut Meter,
    ) -> Result<Option<Self::Known>, Fault> {
        let is_sound = self.links.message(object, bytes, meter)?;
        let known = self.sieve.whole(object, bytes, meter)?;
        self.record(object, bytes, known.as_ref().filter(|_| is_sound));
        Ok(known)
    }

    fn patched(
        &mut self,
        object: Decoded<'_>,
        made: Made<'_, Self::Known>,
        meter: &mut Meter,
    ) -> Result<Option<Self::Known>, Fault> {
        let (bytes, is_sound) = (made.bytes, self.links.message(object, made.bytes, meter)?);
        let known = self.sieve.patched(object, made, meter)?;
        self.record(object, bytes, known.as_ref().filter(|_| is_sound));
        Ok(known)
    }

    fn stream(&mut self, object: Decoded<'_>, content: &mut dyn Read) {
        let mut head = Vec::new();
        if object.kind != Kind::Text(ObjectKind::Blob) {
            // The same error comes again to who reads on.
            drop((&mut *content).take(HEAD).read_to_end(&mut head));
            // What is read of it bounds what it costs.
            let unlimited = &mut Meter::unlimited();
            let _ = self.links.message(object, &head, unlimited);
        }
        self.sieve.stream(object, &mut head.chain(content));
    }
}
