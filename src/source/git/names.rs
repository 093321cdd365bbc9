//! Names that a repository holds: of refs, and of the files and folders that their tips have. A key in a name is a leak,
//! too.
//!
//! Every tree is looked at once, however many tips have it, folder by folder from the top: those of one level are near
//! each other in a pack, and made from each other.

use std::collections::{BTreeSet, HashSet};
use std::io::Read;

use super::attribute::{Names, TREE, tree_entries};
use super::budget::Meter;
use super::entry::Kind;
use super::faults::Faults;
use super::look::{Look, Made, Wanted};
use super::objects::Objects;
use super::reader::Reader;
use super::repo::Repository;
use super::sieve::{Anchors, WHOLE};
use super::work;
use crate::origin::{ObjectId, Origin, RefName, RelativePath};
use crate::source::{Fault, Gap, Sink};

/// Hands the names of `repository` that may hold something to `sink`. Returns the files that the tips have.
pub(super) fn search(
    repository: &Repository,
    objects: &Objects,
    threads: usize,
    anchors: Option<&Anchors>,
    faults: &mut Faults,
    sink: &dyn Sink,
) -> HashSet<ObjectId> {
    let mut files = HashSet::new();
    let refs = Names::read(repository);
    refs.problems.into_reasons().for_each(|reason| sink.gap(Gap::Refs(reason)));
    for name in refs.names.iter().take_while(|_| !sink.is_stopped()) {
        sink.name(&|| Origin::RefName(RefName::new(told(name))), name);
    }
    let mut reader = Reader::new(objects);
    let (mut seen, mut names) = (HashSet::new(), BTreeSet::new());
    let mut trees = Vec::new();
    for tip in refs.targets {
        match reader.tree_of(tip) {
            Ok(tree) => trees.extend(tree.filter(|&tree| seen.insert(tree))),
            // What is not there was never fetched, or is known to be lost.
            Err(Fault::MissingBase(_) | Fault::Promised(_)) => sink.gap(Gap::Objects),
            Err(fault @ (Fault::Work | Fault::Unread)) => faults.lose(repository, fault),
            Err(_) => faults.lose(repository, Fault::Absent(tip)),
        }
    }
    while !trees.is_empty() && !sink.is_stopped() {
        let look = || Reading {
            sink,
            anchors,
            seen: &seen,
            folders: BTreeSet::new(),
            files: Files::default(),
            names: BTreeSet::new(),
            is_cut: false,
        };
        let (looks, missing) = work::walk_some(objects, &trees, threads, &look, faults);
        if !missing.is_empty() || looks.iter().any(|look| look.is_cut) {
            sink.gap(Gap::Objects);
        }
        // A folder that is not there is lost like a file.
        files.extend(missing);
        let mut folders = BTreeSet::new();
        for look in looks {
            files.extend(look.files.all);
            names.extend(look.names);
            folders.extend(look.folders);
        }
        trees = folders.into_iter().filter(|&tree| seen.insert(tree)).collect();
    }
    for name in names.iter().take_while(|_| !sink.is_stopped()) {
        let path = RelativePath::from_bytes(told(name));
        sink.name(&|| Origin::VersionName(path.clone()), name);
    }
    files
}

/// As much of a name as is told: no file system has longer ones, and each finding in a name tells all of it.
fn told(name: &[u8]) -> &[u8] {
    &name[..name.len().min(MAX_NAME)]
}

/// Longer names are cut, in bytes.
const MAX_NAME: usize = 1024;

/// The mode of a submodule.
const SUBMODULE: &[u8] = b"160000";

/// Files in trees.
#[derive(Default)]
struct Files {
    all: HashSet<ObjectId>,
    /// Those that were met last, by the first two bytes of their IDs: most of a tree stands in the one before, too.
    last: Vec<Option<ObjectId>>,
}

/// With fewer files than this, the table of those that were met last is not made: there may be many levels of folders.
const WORTH_A_TABLE: usize = 1 << 12;

impl Files {
    fn add(&mut self, mode: &[u8], id: ObjectId) {
        // A submodule's commit is in another repository.
        if mode == SUBMODULE {
            return;
        }
        // A few files do not pay for the table.
        if self.all.len() < WORTH_A_TABLE {
            self.all.insert(id);
            return;
        }
        self.last.resize(1 << 16, None);
        let start = id.as_bytes().first_chunk().map_or(0, |start| u16::from_be_bytes(*start));
        let last = &mut self.last[usize::from(start)];
        if *last != Some(id) {
            *last = Some(id);
            self.all.insert(id);
        }
    }
}

/// What a byte of a tree costs.
const READ: u64 = 20;

/// Reads trees.
struct Reading<'a> {
    sink: &'a dyn Sink,
    anchors: Option<&'a Anchors>,
    /// Trees of former levels.
    seen: &'a HashSet<ObjectId>,
    /// Folders in the trees, but for those that were seen.
    folders: BTreeSet<ObjectId>,
    files: Files,
    /// Names that may hold something.
    names: BTreeSet<Vec<u8>>,
    /// Whether a tree was too large to be read.
    is_cut: bool,
}

impl Look for Reading<'_> {
    type Known = ();

    fn wants(kind: Kind) -> bool {
        kind == Kind::Tree
    }

    fn reach(&self) -> usize {
        0
    }

    fn is_stopped(&self) -> bool {
        self.sink.is_stopped()
    }

    fn whole(&mut self, object: Wanted<'_>, content: &[u8], meter: &mut Meter) -> Result<Option<()>, Fault> {
        let Some(object) = object else { return Ok(Some(())) };
        if content.len() > WHOLE {
            self.is_cut = true;
            return Ok(Some(()));
        }
        meter.spend(READ * content.len() as u64)?;
        let anchors = self.anchors;
        let may_hold = |text: &[u8]| anchors.is_none_or(|anchors| !anchors.gate.hits(text).is_empty());
        // One look at all names, and the IDs between them, is faster than one at each.
        let has_names = may_hold(content);
        for (mode, name, target) in tree_entries(content, object.format()) {
            if mode != TREE {
                self.files.add(mode, target);
            } else if !self.seen.contains(&target) {
                self.folders.insert(target);
            }
            if has_names && may_hold(name) {
                self.names.insert(name.to_vec());
            }
        }
        Ok(Some(()))
    }

    fn patched(
        &mut self,
        object: Wanted<'_>,
        made: Made<'_, ()>,
        meter: &mut Meter,
    ) -> Result<Option<()>, Fault> {
        self.whole(object, made.bytes, meter)
    }

    fn stream(&mut self, _: Wanted<'_>, _: &mut dyn Read) {
        self.is_cut = true;
    }
}
