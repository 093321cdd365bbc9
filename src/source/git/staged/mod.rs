//! What `git commit` would record: the content of what the index has and HEAD has not, from the store of objects.
//!
//! Nothing is read from the worktree: what is there may be newer than what is staged.

mod bitmap;
mod compare;
mod decode;
mod head;
mod index;
mod link;
mod read;
mod tracked;

use std::collections::BTreeSet;
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ScopedJoinHandle};

use globset::GlobSet;

pub use index::IndexFault;
pub use read::StagedError;
pub(super) use read::{has_submodule, indexed};
pub(in crate::source) use tracked::Tracked;

use self::compare::compare;
use self::head::Head;
use self::index::Index;
use super::budget::Meter;
use super::faults::Faults;
use super::objects::Objects;
use super::open::open;
use super::path::from_bytes;
use super::reader::Reader;
use super::repo::Repository;
use super::threads_for;
use crate::origin::{ObjectId, Origin, RelativePath};
use crate::source::{
    Content, Damage, Event, Excluded, ExcludedBy, Fault, Notice, Part, Sink, SkipReason, Skipped, Source,
};

/// What is staged in a repository.
pub struct Staged {
    repository: Repository,
    options: StagedOptions,
    objects: Objects,
    head: Head,
    /// Blobs at paths.
    blobs: Vec<(Vec<u8>, ObjectId)>,
    /// Paths of files and folders that HEAD does not have.
    added: BTreeSet<Vec<u8>>,
    faults: Vec<(Vec<u8>, Fault)>,
}

/// Where what is staged is, and how it is read.
#[derive(Clone, Debug, Default)]
pub struct StagedOptions {
    /// The index, if it is not the one of the worktree.
    pub index: Option<PathBuf>,
    /// Whether there is a worktree, whatever the repository's configuration says.
    pub has_worktree: bool,
    /// Threads that read; 0 for as many as there are processors.
    pub threads: usize,
    /// The largest file that is read, in bytes.
    pub max_file_size: Option<u64>,
    /// Paths below the top that are left out.
    pub exclude: GlobSet,
}

/// With fewer files than this, one thread is as fast as several.
const WORTH_A_THREAD: usize = 64;

/// What reading any blob may cost: its entry in the index pays for it.
const MIN_SHARE: u64 = 2_000_000;

impl Staged {
    /// Finds out what is staged in `repository`.
    ///
    /// # Errors
    ///
    /// If nothing can be, or the index cannot be read.
    pub fn open(repository: Repository, options: StagedOptions) -> Result<Self, StagedError> {
        if repository.is_bare() && !options.has_worktree {
            return Err(StagedError::Bare { path: read::shown(repository.git_dir()) });
        }
        let path = options.index.clone().unwrap_or_else(|| repository.git_dir().join("index"));
        let index = Index::read(&path, repository.git_dir(), repository.format())?;
        // What is wrong with a pack matters if something is missed: it is told then.
        let objects = open(&repository, &mut Faults::default());
        let mut reader = Reader::new(&objects);
        let head = Head::read(&repository, &mut reader);
        let tree = if let Head::Tree(tree) = head { Some(tree) } else { None };
        let staged = compare(&index, tree, &mut reader);
        drop(reader);
        let blobs = staged.blobs.into_iter().collect();
        Ok(Self { repository, options, objects, head, blobs, added: staged.added, faults: staged.faults })
    }

    /// Whether there is no commit yet.
    pub fn is_first(&self) -> bool {
        self.head == Head::Unborn
    }

    fn help(&self, next: &AtomicUsize, share: u64, sink: &dyn Sink) -> bool {
        let mut reader = Reader::new(&self.objects);
        let mut is_whole = true;
        while let Some((path, id)) = self.blobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            if sink.is_stopped() {
                break;
            }
            reader.settle();
            reader.decoder.meter = Meter::new(share);
            is_whole &= self.blob(path, *id, &mut reader, sink);
        }
        is_whole
    }

    /// Hands over the name of the new file or folder at `path`.
    fn name(&self, path: &[u8], sink: &dyn Sink) {
        let path = RelativePath::from_bytes(path);
        if !self.options.exclude.is_match(from_bytes(path.as_bytes())) {
            sink.take(Event::Name(&|| Origin::FileName(path.clone()), path.name()));
        }
    }

    /// Hands over what is staged at `path`. Says whether it could be read.
    fn blob(&self, path: &[u8], id: ObjectId, reader: &mut Reader<'_>, sink: &dyn Sink) -> bool {
        let origin = || Origin::File(RelativePath::from_bytes(path));
        if self.options.exclude.is_match(from_bytes(path)) {
            sink.take(Event::Exclude(Excluded { origin: origin(), by: ExcludedBy::Glob }));
            return true;
        }
        let read = reader.hand_over(id, &mut |size, content: Content<'_>| {
            if self.options.max_file_size.is_some_and(|max| size > max) {
                sink.take(Event::Exclude(Excluded { origin: origin(), by: ExcludedBy::Size }));
            } else {
                sink.take(Event::Input(&origin, content));
            }
        });
        read.map_err(|fault| skip(sink, path, fault)).is_ok()
    }
}

impl Source for Staged {
    fn run(&self, sink: &dyn Sink) {
        if self.head == Head::Unknown {
            sink.take(Event::Notice(Notice::Head));
        }
        self.faults.iter().for_each(|(path, fault)| skip(sink, path, *fault));
        self.added.iter().for_each(|path| self.name(path, sink));
        let threads = threads_for(self.options.threads);
        let next = AtomicUsize::new(0);
        // Each gets the same, so that what is cut does not depend on threads.
        let share = self.objects.budget.left() / (self.blobs.len() as u64).max(1) + MIN_SHARE;
        let is_whole = thread::scope(|scope| {
            let others = 1..threads.min(self.blobs.len() / WORTH_A_THREAD);
            let help = || self.help(&next, share, sink);
            let spawn = |_| thread::Builder::new().spawn_scoped(scope, help).ok();
            let others: Vec<_> = others.map_while(spawn).collect();
            let own = self.help(&next, share, sink);
            let join =
                |other: ScopedJoinHandle<'_, bool>| other.join().unwrap_or_else(|panic| resume_unwind(panic));
            others.into_iter().map(join).fold(own, |whole, other| whole & other)
        });
        if !is_whole || !self.faults.is_empty() {
            let mut faults = Faults::default();
            open(&self.repository, &mut faults);
            faults.tell(&self.repository, sink);
        }
    }
}

fn skip(sink: &dyn Sink, path: &[u8], fault: Fault) {
    // The top has no path of its own.
    let origin = Origin::File(RelativePath::from_bytes(if path.is_empty() { b"." } else { path }));
    let damage = Damage { part: Part::Whole, fault, lost: 1 };
    sink.take(Event::Skip(Skipped { origin, reason: SkipReason::Damaged(damage) }));
}
