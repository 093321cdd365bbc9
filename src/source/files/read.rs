//! Reads files and pushes what is in them.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::{Files, Seen, lfs};
use crate::origin::{Origin, RelativePath};
use crate::source::beneath::{Folder, OpenError};
#[cfg(feature = "git")]
use crate::source::git::Tracked;
use crate::source::image::{self, folder};
use crate::source::interruptible::InterruptibleReader;
#[cfg(not(feature = "git"))]
use crate::source::untracked::Tracked;
use crate::source::{Content, Event, Excluded, ExcludedBy, Gap, Notice, Sink, SkipReason, Skipped};

/// Files up to this size are pushed whole; the buffer of each reader is as large.
const WHOLE: usize = 1 << 20;

/// What one thread reads files with.
pub(super) struct Reader<'a> {
    files: &'a Files,
    sink: &'a dyn Sink,
    seen: &'a Seen,
    buffer: Vec<u8>,
}

impl<'a> Reader<'a> {
    /// A reader of `files` that marks what it reads in `seen`.
    pub(super) fn new(files: &'a Files, sink: &'a dyn Sink, seen: &'a Seen) -> Self {
        Self { files, sink, seen, buffer: Vec::new() }
    }

    /// Whether ignore files do not count.
    pub(super) fn no_ignore(&self) -> bool {
        self.files.options.no_ignore
    }

    /// Whether nothing more is wanted.
    pub(super) fn is_stopped(&self) -> bool {
        self.sink.is_stopped()
    }

    /// What says whether nothing more is wanted.
    pub(super) fn stopped(&self) -> impl Fn() -> bool + use<'a> {
        let sink = self.sink;
        move || sink.is_stopped()
    }

    /// Reports that what is at `path` was not read.
    pub(super) fn skip(&self, path: &Path, reason: SkipReason) {
        self.sink.take(Event::Skip(Skipped { origin: self.files.origin(path), reason }));
    }

    /// Reports something that is to be known of `path`.
    pub(super) fn notice(&self, path: &Path, notice: fn(RelativePath) -> Notice) {
        self.sink.take(Event::Notice(notice(self.files.relative(path))));
    }

    /// Reports that the `.git` at `path` cannot be used, so that what git tracks there is not known.
    pub(super) fn untracked(&self, path: &Path, reason: String) {
        self.sink.take(Event::Gap(Gap::Index(self.files.relative(path), reason)));
    }

    /// Reports that a repository is read whose own folder is the one at `path`, outside of its worktree.
    pub(super) fn outside(&self, path: &Path) {
        self.sink.take(Event::Notice(Notice::Outside(path.to_string_lossy().into_owned())));
    }

    /// Whether no walk met the worktree with this top before.
    pub(super) fn is_new_top(&self, top: &Path) -> bool {
        self.seen.is_new_top(top)
    }

    /// Passes on the name of a folder, or of something else that is no file, unless that was met before or is left out.
    /// Returns whether it did.
    pub(super) fn name_of_other(&self, path: &Path) -> bool {
        let is_wanted = self.seen.is_new(path) && !self.files.is_excluded(path);
        if is_wanted {
            self.name(path);
        }
        is_wanted
    }

    /// Passes on the text of the link `below` a folder, which is at `path`. Where it leads to is not looked at.
    pub(super) fn link(&self, folder: &Folder, below: &Path, path: &Path) {
        match folder.link(below) {
            Ok(text) => _ = self.sink.take(Event::Name(&|| self.files.origin(path), &text)),
            // Removed since, or no link any more.
            Err(OpenError::Link) => {}
            Err(OpenError::Io(error)) if error.kind() == io::ErrorKind::InvalidInput => {}
            Err(error) if error.is_missing() => {}
            Err(error) => self.skip(path, SkipReason::Io(error.into())),
        }
    }

    /// Reads the file at `path`, which the user named, and who may mean a link or a pipe.
    pub(super) fn named(&mut self, path: &Path) {
        if self.is_stopped() || !self.is_wanted(path) {
            return;
        }
        if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
            let (origin, path) = (|| self.files.origin(path), path.to_path_buf());
            let mut content = InterruptibleReader::new(move || File::open(&path), self.sink);
            self.sink.take(Event::Input(&origin, Content::Stream(&mut content)));
            return;
        }
        let opened = File::open(path).and_then(|file| file.metadata().map(|metadata| (metadata.len(), file)));
        let is_read = self.read(path, opened);
        if let (true, Some(folder), Some(name)) = (is_read, path.parent(), path.file_name())
            && image::is_list(name.as_encoded_bytes())
            && let Ok(folder) = Folder::open(folder)
        {
            self.image(&folder, name, path);
        }
    }

    /// Reads the file `name` of `folder`, which a walk met there.
    pub(super) fn listed(&mut self, folder: &Folder, name: &OsStr, path: &Path) {
        if !self.is_wanted(path) {
            return;
        }
        let opened = folder.listed_file(Path::new(name)).map(|opened| (opened.len, opened.file));
        if self.read(path, opened.map_err(io::Error::from)) && image::is_list(name.as_encoded_bytes()) {
            self.image(folder, name, path);
        }
    }

    /// Reads the files that git tracks and no walk met.
    pub(super) fn unseen(&mut self, tracked: &Tracked) {
        let unseen = tracked.unseen();
        if unseen.is_empty() {
            return;
        }
        let top = match Folder::open(tracked.top()) {
            Ok(top) => top,
            Err(error) => return self.skip(tracked.top(), SkipReason::Io(error.into())),
        };
        for below in unseen {
            if self.is_stopped() {
                return;
            }
            self.unseen_file(&top, &below, &tracked.top().join(&below));
        }
    }

    fn unseen_file(&mut self, top: &Folder, below: &Path, path: &Path) {
        let opened = match top.file(below) {
            Err(OpenError::Link) => {
                if self.name_of_other(path) {
                    self.link(top, below, path);
                }
                return;
            }
            // What git tracks there is gone.
            Err(OpenError::NotAFile | OpenError::Outside) => return,
            Err(error) if error.is_missing() => return,
            opened => opened.map(|opened| (opened.len, opened.file)).map_err(io::Error::from),
        };
        if !self.is_wanted(path) || !self.read(path, opened) {
            return;
        }
        if let (Some(parent), Some(name)) = (below.parent(), below.file_name())
            && image::is_list(name.as_encoded_bytes())
            && let Ok(folder) = top.folder(parent)
        {
            self.image(&folder, name, path);
        }
    }

    /// Returns whether the file at `path` is to be read, and passes on its name if so.
    fn is_wanted(&self, path: &Path) -> bool {
        if self.files.options.outputs.iter().any(|output| output == path) || !self.seen.is_new(path) {
            return false;
        }
        if self.files.is_excluded(path) {
            self.sink
                .take(Event::Exclude(Excluded { origin: self.files.origin(path), by: ExcludedBy::Glob }));
            return false;
        }
        self.name(path);
        true
    }

    fn name(&self, path: &Path) {
        if let Some(name) = path.file_name() {
            let origin = || Origin::FileName(self.files.relative(path));
            self.sink.take(Event::Name(&origin, name.as_encoded_bytes()));
        }
    }

    /// Pushes what is in an opened file, of the given size. Returns whether it could be read.
    fn read(&mut self, path: &Path, opened: io::Result<(u64, File)>) -> bool {
        let pushed = opened.and_then(|(len, file)| self.push(path, len, file));
        pushed.map_err(|error| self.skip(path, SkipReason::Io(error))).is_ok()
    }

    fn push(&mut self, path: &Path, len: u64, file: File) -> io::Result<()> {
        let (files, sink) = (self.files, self.sink);
        let origin = || files.origin(path);
        if files.options.max_file_size.is_some_and(|max| len > max) {
            sink.take(Event::Exclude(Excluded { origin: origin(), by: ExcludedBy::Size }));
            return Ok(());
        }
        let mut file = UntilStopped { file, sink };
        self.buffer.resize(WHOLE, 0);
        let (size, mut len) = (len, 0);
        while len < WHOLE {
            match file.read(&mut self.buffer[len..]) {
                Ok(0) => break,
                Ok(read) => {
                    len += read;
                    // Less than was asked for, and as much as the file is said to have: its end needs no read of its own.
                    if len < WHOLE && len as u64 == size {
                        break;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // What was read before the fault is looked at all the same.
                Err(error) => {
                    sink.take(Event::Input(&origin, Content::Whole(&self.buffer[..len])));
                    return Err(error);
                }
            }
        }
        if len < WHOLE {
            let content = &self.buffer[..len];
            sink.take(Event::Input(&origin, Content::Whole(content)));
            if lfs::object(content).is_some_and(|id| !lfs::has_object(path, id)) {
                self.skip(path, SkipReason::Lfs);
            }
        } else {
            sink.take(Event::Input(&origin, Content::Stream(&mut self.buffer.as_slice().chain(file))));
        }
        Ok(())
    }

    /// Reports which files are the layers of images, if the file `name` says what images are in `folder`.
    fn image(&self, folder: &Folder, name: &OsStr, path: &Path) {
        if !folder::is_entrance(folder, name.as_encoded_bytes()) {
            return;
        }
        let origin = |name: &String| self.files.origin(&path.with_file_name(name));
        for image in folder::images_in(folder, &self.stopped()) {
            self.sink
                .take(Event::Image(image.into_iter().map(|(name, layer)| (origin(&name), layer)).collect()));
        }
    }
}

/// A file that seems to end as soon as the scan is stopped: a sparse one may have terabytes.
struct UntilStopped<'a> {
    file: File,
    sink: &'a dyn Sink,
}

impl Read for UntilStopped<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = out.len().min(WHOLE);
        if self.sink.is_stopped() { Ok(0) } else { self.file.read(&mut out[..len]) }
    }
}
