//! Files that are rewritten, or only looked through: `--in-place` and `--check` on folders.
//!
//! Folders are walked as `akid scan` walks them. A file is written beside the old one, which it then replaces: a reader
//! sees the old one or the new one. Links are not followed, and archives are not rewritten; both are reported.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use akid::mask::Tally;
use akid::origin::Origin;
use akid::redact::redact;
use akid::source::{Content, Excluded, Files, FilesOptions, Gap, Sink, SkipReason, Skipped, Source};
use akid::stop::Stop;

use super::stream::{self, Copied};
use super::{Plan, RedactArgs, summary};
use crate::cli::aside::Aside;
use crate::cli::run::stop_on_interrupt;
use crate::cli::{Exit, output};

/// Masks the files that the arguments name.
pub(super) fn run(args: &RedactArgs, plan: &Plan) -> anyhow::Result<Exit> {
    let stop = stop_on_interrupt()?;
    let (links, roots): (Vec<PathBuf>, Vec<PathBuf>) =
        args.files.iter().cloned().partition(|file| file.symlink_metadata().is_ok_and(|it| it.is_symlink()));
    let files = Files::new(&roots, FilesOptions { no_ignore: args.no_ignore, ..FilesOptions::default() });
    let base = files.base().map(|base| base.as_path().to_path_buf()).unwrap_or_default();
    let rewriter = Rewriter { plan, base, writes: !args.check, stop, done: Mutex::default() };
    for link in links {
        rewriter.problem(&link, "a link, which is not followed");
    }
    files.run(&rewriter);
    let is_stopped = rewriter.stop.is_stopped();
    let Done { tally, changed, mut problems } =
        rewriter.done.into_inner().unwrap_or_else(PoisonError::into_inner);
    problems.sort();
    problems.iter().for_each(|problem| output::warn(&format!("error: {problem}")));
    if !plan.quiet {
        let verb = if args.check { "to mask in" } else { "rewritten:" };
        output::warn(&format!("{verb} {changed} {}", if changed == 1 { "file" } else { "files" }));
    }
    summary::tell(plan, &tally);
    Ok(match (is_stopped, problems.is_empty(), args.check && tally.total() > 0) {
        (true, ..) => Exit::Interrupted,
        (_, false, _) => Exit::Incomplete,
        (.., true) => Exit::Findings,
        _ => Exit::Clean,
    })
}

/// Takes files and rewrites those that have something to mask.
struct Rewriter<'a> {
    plan: &'a Plan,
    base: PathBuf,
    writes: bool,
    stop: Stop,
    done: Mutex<Done>,
}

/// What was done so far.
#[derive(Default)]
struct Done {
    tally: Tally,
    changed: u64,
    problems: Vec<String>,
}

impl Rewriter<'_> {
    fn change(&self, change: impl FnOnce(&mut Done)) {
        change(&mut self.done.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn problem(&self, path: &Path, problem: &str) {
        let name = redact(path.as_os_str().as_encoded_bytes());
        self.change(|done| done.problems.push(format!("{name}: {problem}")));
    }

    fn path(&self, origin: &Origin) -> PathBuf {
        self.base.join(os_path(origin.path()))
    }

    /// Masks the file at `path`, all of which is held.
    fn whole(&self, path: &Path, mut bytes: &[u8]) -> io::Result<()> {
        let (mut masked, mut masker) = (Vec::with_capacity(bytes.len()), self.plan.masker());
        told(stream::copy(&mut bytes, &mut masked, &mut masker)?)?;
        if masker.tally().total() == 0 {
            return Ok(());
        }
        let old = path.symlink_metadata()?;
        let out = if self.writes { Some(beside(path, &old)?) } else { None };
        out.as_ref().map(|out| (&out.file).write_all(&masked)).transpose()?;
        self.put(path, out, &old, masker.tally())
    }

    /// Masks the file at `path`, which is larger.
    fn stream(&self, path: &Path, content: &mut dyn Read) -> io::Result<()> {
        let mut masker = self.plan.masker();
        let old = path.symlink_metadata()?;
        let out = if self.writes { Some(beside(path, &old)?) } else { None };
        let mut until = Until { file: out.as_ref().map(|out| &out.file), stop: &self.stop };
        told(stream::copy(content, &mut until, &mut masker)?)?;
        if masker.tally().total() == 0 { Ok(()) } else { self.put(path, out, &old, masker.tally()) }
    }

    /// Puts the new file in the place of the old one at `path`.
    fn put(&self, path: &Path, out: Option<Aside>, old: &fs::Metadata, tally: &Tally) -> io::Result<()> {
        if let Some(out) = &out {
            keep_metadata(&out.file, old)?;
            out.put()?;
        }
        self.change(|done| {
            done.tally.add(tally);
            done.changed += 1;
        });
        if self.writes && names(old) > 1 {
            self.problem(path, "has other names (hard links), which still lead to the old content");
        }
        Ok(())
    }
}

/// Whether all of a file was copied.
fn told(copied: Copied) -> io::Result<()> {
    match copied {
        Copied::All => Ok(()),
        Copied::Archive => Err(io::Error::other("an archive or compressed, and not masked")),
        Copied::Refused(error) => Err(error),
    }
}

/// A file beside the one at `path`.
fn beside(path: &Path, old: &fs::Metadata) -> io::Result<Aside> {
    if !old.is_file() {
        return Err(io::Error::other("not a regular file, and not rewritten"));
    }
    Aside::beside(path.to_path_buf())
}

#[cfg(unix)]
fn os_path(bytes: &[u8]) -> &Path {
    Path::new(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes))
}

#[cfg(not(unix))]
fn os_path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// A file, if one is written, until the run is stopped.
struct Until<'a> {
    file: Option<&'a File>,
    stop: &'a Stop,
}

impl Write for Until<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.stop.is_stopped() {
            return Err(io::Error::other("interrupted, and not rewritten"));
        }
        self.file.map_or(Ok(bytes.len()), |mut file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Gives the new file the owner, the mode and the times of the old one.
fn keep_metadata(file: &File, old: &fs::Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let new = file.metadata()?;
        if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
            fchown(file, Some(old.uid()), Some(old.gid()))?;
        }
    }
    file.set_permissions(old.permissions())?;
    let mut times = fs::FileTimes::new().set_modified(old.modified()?);
    if let Ok(accessed) = old.accessed() {
        times = times.set_accessed(accessed);
    }
    file.set_times(times)
}

#[cfg(unix)]
fn names(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}

#[cfg(not(unix))]
fn names(_: &fs::Metadata) -> u64 {
    1
}

impl Sink for Rewriter<'_> {
    fn input(&self, origin: &dyn Fn() -> Origin, content: Content<'_>) -> bool {
        let path = self.path(&origin());
        let masked = match content {
            Content::Whole(bytes) | Content::Anchored(bytes, _) => self.whole(&path, bytes),
            Content::Stream(reader) => self.stream(&path, reader),
        };
        if let Err(error) = masked {
            self.problem(&path, &error.to_string());
        }
        true
    }

    fn name(&self, _: &dyn Fn() -> Origin, _: &[u8]) -> bool {
        true
    }

    fn pass(&self, _: u64) {}

    fn skip(&self, skipped: Skipped) {
        let reason = match &skipped.reason {
            SkipReason::Io(error) => format!("cannot be read: {error}"),
            // These hide nothing from this command.
            SkipReason::Lfs | SkipReason::Empty => return,
            SkipReason::Ignore(_) => "an ignore file that is not applied whole".to_owned(),
            _ => "not read whole".to_owned(),
        };
        self.problem(&self.path(&skipped.origin), &reason);
    }

    fn exclude(&self, _: Excluded) {}

    fn gap(&self, gap: Gap) {
        self.change(|done| done.problems.push(format!("incomplete: {gap:?}")));
    }

    fn is_stopped(&self) -> bool {
        self.stop.is_stopped()
    }
}
