//! Where bytes come from.
//!
//! A source owns its threads and pushes what it reads into a [`Sink`], so that bytes are looked at where they are hot in
//! cache. It knows nothing of rules or credentials.
//!
//! # Layers
//!
//! A module uses only modules of lower rows. `tests/layers.rs` reads this table and checks it.
//!
//! | modules | knowledge |
//! |---|---|
//! | `own_files` | what git keeps beside objects |
//! | `files`, `opener` | trees of files; archives among what comes, with git's bundles and packs in them |
//! | `container`, `git` | what is inside of archives; repositories: they do not know each other |
//! | `attribution`, `bundled`, `image`, `stdin` | where something is in history; a pack's content; an image's layers; standard input |
//! | `base`, `beneath`, `damage`, `format`, `gap`, `interruptible`, `untracked` | paths; opening files; what was not read; what bytes look like |

mod attribution;
mod base;
mod beneath;
#[cfg(feature = "git")]
mod bundled;
mod container;
mod damage;
mod files;
mod format;
mod gap;
#[cfg(feature = "git")]
pub mod git;
mod image;
mod interruptible;
mod opener;
#[cfg(feature = "git")]
mod own_files;
mod stdin;
#[cfg(not(feature = "git"))]
mod untracked;

use std::cmp::Ordering;
use std::io;
use std::sync::Arc;

pub use attribution::{Appearance, Attribute, Attribution, Subject};
pub use base::Base;
pub use beneath::{OpenError, read_unlinked};
pub use container::{ArchiveFault, Limits};
pub use damage::{Damage, Fault, Part};
pub use files::{Files, FilesOptions};
pub use format::is_archive;
pub use gap::{Gap, GapKind, Notice, Stage};
pub use opener::Opener;
#[cfg(feature = "git")]
pub use own_files::OwnFiles;
pub use stdin::Stdin;

use crate::anchor::Hit;
use crate::finding::ImageLayer;
use crate::origin::Origin;
use crate::panic::Panicked;

/// Something that bytes come from. Scans of several repositories run one in each thread.
pub trait Source: Sync {
    /// Pushes all there is into `sink`; returns early once the sink is stopped.
    fn run(&self, sink: &dyn Sink);

    /// Returns the single inputs that the user named: files and standard input, not what a walk or git's history meets.
    fn named(&self) -> Vec<Origin> {
        Vec::new()
    }

    /// Whether its inputs lie beside what the scan is about, so that they are not counted among it.
    fn is_beside(&self) -> bool {
        false
    }

    /// Returns what can find out later where its inputs are in git's history, if they are in one.
    fn history(&self) -> Option<&dyn Attribute> {
        None
    }
}

/// What a source has to say: `'o` is how long its origins live, `'c` its content.
pub enum Event<'o, 'c> {
    /// The content of one input. Its origin is asked for only if there is something to report of it.
    Input(&'o dyn Fn() -> Origin, Content<'c>),
    /// The content of a member of an archive, or of another part of one, which is no input of its own. Takes the steps of
    /// work that searching it took, as they are taken, and returns how many more it may take; a step is about a
    /// nanosecond.
    Member(&'o dyn Fn() -> Origin, Content<'c>, &'o dyn Fn(u64) -> u64),
    /// A name, which is no input of its own: of a file or folder without its path, or of a ref.
    Name(&'o dyn Fn() -> Origin, &'c [u8]),
    /// A container image, by its layers, the lowest first.
    Image(Vec<(Origin, ImageLayer)>),
    /// What the tar at this layer deletes in layers below it, if it is one.
    Deletes(&'o Origin, Deleted),
    /// An input of so many bytes that holds nothing: the source could tell by its anchors.
    Pass(u64),
    /// So many inputs will come, or a few less. Comes as soon as the source knows.
    Expect(u64),
    /// An input that could not be read.
    Skip(Skipped),
    /// An input that the user left out.
    Exclude(Excluded),
    /// Something that was asked for and not read.
    Gap(Gap),
    /// Something about how the source was read.
    Notice(Notice),
}

/// What takes the events of sources, which call it from many threads at once.
pub trait Sink: Sync {
    /// Takes one event. Returns whether there was anything in a content or a name that looks like a part of a credential, or
    /// may have been; for other events the answer has no meaning.
    fn take(&self, event: Event<'_, '_>) -> bool;

    /// Whether nothing more is wanted.
    fn is_stopped(&self) -> bool;
}

/// What a layer of a container image deletes in those below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// The path of a file or folder.
    pub path: Vec<u8>,
    /// Whether the folder itself stays.
    pub is_opaque: bool,
}

impl Deleted {
    /// Whether the file at `path` is deleted.
    pub fn has(&self, path: &[u8]) -> bool {
        let below = path.strip_prefix(self.path.as_slice());
        below.is_some_and(|rest| if self.is_opaque { true } else { rest.is_empty() || rest[0] == b'/' })
    }
}

/// The bytes of one input.
pub enum Content<'a> {
    /// All of them.
    Whole(&'a [u8]),
    /// All of them, and every anchor in them.
    Anchored(&'a [u8], &'a [Hit]),
    /// More than are held at once.
    Stream(&'a mut dyn io::Read),
}

/// An input that was not scanned, or not whole.
#[derive(Debug)]
pub struct Skipped {
    /// Which.
    pub origin: Origin,
    /// Why.
    pub reason: SkipReason,
}

impl Skipped {
    /// The order in which reports list them.
    pub fn order(a: &Self, b: &Self) -> Ordering {
        a.origin.cmp(&b.origin).then_with(|| a.reason.order(&b.reason))
    }
}

/// Why an input was not scanned, or not whole.
#[derive(Debug)]
pub enum SkipReason {
    /// The system said no.
    Io(io::Error),
    /// Scanning it panicked: this is a bug in akid.
    Panic(Panicked),
    /// It holds more candidates than are kept.
    TooMany,
    /// Searching it takes more work than is done.
    Work,
    /// Something of it is not as it should be.
    Damaged(Damage),
    /// What is in it could not be read, or not whole.
    Archive(ArchiveFault),
    /// It is a member, and its part of the archive could not be read.
    Member(ArchiveFault),
    /// There is nothing in it, where something was to be expected.
    Empty,
    /// It is a pointer of git LFS, and what it points to is not there.
    Lfs,
    /// It is an ignore file that does not hide anything, or not everything, so that more is scanned.
    Ignore(IgnoreFault),
    /// A report that was read says so.
    Told(Arc<Told>),
}

/// What a report says of an input, as it may be shown.
#[derive(Debug, PartialEq, Eq)]
pub struct Told {
    /// The word for the reason.
    pub word: String,
    /// The reason.
    pub message: String,
}

/// Why an ignore file does not hide what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IgnoreFault {
    /// It is too large, together with those in the folders above.
    TooLarge,
    /// Comparing a path with its patterns takes too long.
    TooComplex,
    /// The system does not let it be read.
    Unreadable,
}

impl SkipReason {
    /// The order of several reasons for one input: by kind, then by what is known of it.
    fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            // Errors of the system have no order; their words do.
            (Self::Io(a), Self::Io(b)) => a.to_string().cmp(&b.to_string()),
            (Self::Panic(a), Self::Panic(b)) => a.cmp(b),
            (Self::Damaged(a), Self::Damaged(b)) => a.cmp(b),
            (Self::Archive(a), Self::Archive(b)) | (Self::Member(a), Self::Member(b)) => a.cmp(b),
            (Self::Ignore(a), Self::Ignore(b)) => a.cmp(b),
            (Self::Told(a), Self::Told(b)) => (&a.word, &a.message).cmp(&(&b.word, &b.message)),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    /// The place of each kind in that order.
    fn rank(&self) -> u8 {
        match self {
            Self::Archive(_) => 0,
            Self::Damaged(_) => 1,
            Self::Empty => 2,
            Self::Ignore(_) => 3,
            Self::Io(_) => 4,
            Self::Lfs => 5,
            Self::Member(_) => 6,
            Self::Panic(_) => 7,
            Self::Told(_) => 8,
            Self::TooMany => 9,
            Self::Work => 10,
        }
    }

    /// The same once more.
    pub(crate) fn again(&self) -> Self {
        match self {
            Self::Io(error) => Self::Io(again(error)),
            Self::Panic(place) => Self::Panic(place.clone()),
            Self::TooMany => Self::TooMany,
            Self::Work => Self::Work,
            Self::Damaged(damage) => Self::Damaged(*damage),
            Self::Archive(fault) => Self::Archive(*fault),
            Self::Member(fault) => Self::Member(*fault),
            Self::Told(told) => Self::Told(Arc::clone(told)),
            Self::Empty => Self::Empty,
            Self::Lfs => Self::Lfs,
            Self::Ignore(fault) => Self::Ignore(*fault),
        }
    }
}

/// The same error once more: errors of the system cannot be cloned.
fn again(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(|| io::Error::from(error.kind()), io::Error::from_raw_os_error)
}

/// An input that the user left out.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Excluded {
    /// Which.
    pub origin: Origin,
    /// By what.
    pub by: ExcludedBy,
}

/// What left an input out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExcludedBy {
    /// It is larger than `--max-file-size`.
    Size,
    /// A glob of the configuration.
    Glob,
}

/// Returns the number of threads that `asked` stands for: 0 for as many as there are processors.
pub fn threads_for(asked: usize) -> usize {
    let processors = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    if asked == 0 { processors() } else { asked }
}
