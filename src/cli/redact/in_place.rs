//! Files that are rewritten, or only looked through: `--in-place` and `--check` on folders.
//!
//! Folders are walked as `akid scan` walks them, but ignore files do not count: build output and logs are what is masked
//! before it is given away, and what git ignores. A file is written beside the old one, which it then replaces: a reader
//! sees the old one or the new one. Links are not followed, and archives are not rewritten; both are reported.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use akid::mask::Tally;
use akid::origin::Origin;
use akid::redact::redact;
use akid::source::{Content, Event, Files, FilesOptions, Sink, SkipReason, Skipped, Source};
use akid::stop::Stop;

use super::left_out::LeftOut;
use super::stream::{self, Copied};
use super::{Plan, RedactArgs, metadata, summary};
use crate::cli::aside::{self, Aside};
use crate::cli::run::stop_on_interrupt;
use crate::cli::{Exit, output};

/// Masks the files that the arguments name.
pub(super) fn run(args: &RedactArgs, plan: &Plan) -> anyhow::Result<Exit> {
    let stop = stop_on_interrupt()?;
    survive_size_limit()?;
    let (streams, files): (Vec<PathBuf>, Vec<PathBuf>) =
        args.files.iter().cloned().partition(|file| file.as_os_str() == "-");
    let (links, roots): (Vec<PathBuf>, Vec<PathBuf>) =
        files.into_iter().partition(|file| file.symlink_metadata().is_ok_and(|it| it.is_symlink()));
    let files = Files::new(&roots, FilesOptions { no_ignore: true, ..FilesOptions::default() });
    let base = files.base().map(|base| base.as_path().to_path_buf()).unwrap_or_default();
    let rewriter = Rewriter { plan, base, writes: !args.check, stop, done: Mutex::default() };
    for link in links {
        rewriter.problem(&link, "a link, which is not followed");
    }
    roots.iter().for_each(|root| rewriter.look_for_repository(root));
    if !streams.is_empty() {
        rewriter.check_stdin();
    }
    files.run(&rewriter);
    let is_stopped = rewriter.stop.is_stopped();
    let Done { tally, changed, left_out, mut problems } =
        rewriter.done.into_inner().unwrap_or_else(PoisonError::into_inner);
    problems.sort();
    problems.iter().for_each(|problem| output::warn(&format!("error: {problem}")));
    if !plan.quiet {
        left_out.tell();
        let verb = if args.check { "to mask in" } else { "rewritten:" };
        output::warn(&format!("{verb} {changed} {}", if changed == 1 { "file" } else { "files" }));
    }
    summary::tell(plan, &tally, summary::Done::of(args.check));
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
    left_out: LeftOut,
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

    /// Notes what is not read at `path`, if the walk leaves anything out there.
    fn leave_out(&self, path: &Path) {
        if let Ok(metadata) = path.symlink_metadata() {
            if metadata.is_symlink() {
                self.change(|done| done.left_out.link(path));
            } else if metadata.is_dir() {
                self.look_for_repository(path);
            } else if !metadata.is_file() {
                self.change(|done| done.left_out.special(path));
            }
        }
    }

    /// Notes the repository of the folder at `path`, if there is one: git's own files are not rewritten.
    fn look_for_repository(&self, path: &Path) {
        let repository = path.join(".git");
        if repository.symlink_metadata().is_ok() {
            self.change(|done| done.left_out.repository(&repository));
        }
    }

    /// Looks through standard input, which `--check` may name beside folders.
    fn check_stdin(&self) {
        let mut masker = self.plan.masker();
        let copied = stream::copy(&mut io::stdin().lock(), &mut io::sink(), &mut masker);
        if let Err(error) = copied.and_then(told) {
            self.problem(Path::new("-"), &error.to_string());
        }
        let is_changed = masker.tally().total() > 0;
        self.change(|done| {
            done.tally.add(masker.tally());
            done.changed += u64::from(is_changed);
        });
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
            metadata::keep(&out.file, path, old)?;
            out.put()?;
        }
        self.change(|done| {
            done.tally.add(tally);
            done.changed += 1;
        });
        if self.writes && metadata::names(old) > 1 {
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

/// Has a write over the limit for files (`ulimit -f`) fail, so that the file beside is removed, instead of ending akid.
fn survive_size_limit() -> anyhow::Result<()> {
    #[cfg(unix)]
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, std::sync::Arc::default())?;
    Ok(())
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

impl Sink for Rewriter<'_> {
    fn take(&self, event: Event<'_, '_>) -> bool {
        match event {
            Event::Input(origin, content) | Event::Member(origin, content, _) => {
                self.rewrite(&origin(), content)
            }
            Event::Name(origin, _) => self.leave_out(&self.path(&origin())),
            Event::Skip(skipped) => self.skip(&skipped),
            Event::Gap(gap) => self.change(|done| done.problems.push(format!("incomplete: {gap:?}"))),
            _ => {}
        }
        true
    }

    fn is_stopped(&self) -> bool {
        self.stop.is_stopped()
    }
}

impl Rewriter<'_> {
    fn rewrite(&self, origin: &Origin, content: Content<'_>) {
        let path = self.path(origin);
        if aside::is_aside(&path) {
            // Masked already, by a run that was killed or still goes on.
            self.change(|done| done.left_out.aside(&path));
            return;
        }
        let masked = match content {
            Content::Whole(bytes) | Content::Anchored(bytes, _) => self.whole(&path, bytes),
            Content::Stream(reader) => self.stream(&path, reader),
        };
        if let Err(error) = masked {
            self.problem(&path, &error.to_string());
        }
    }

    fn skip(&self, skipped: &Skipped) {
        let reason = match &skipped.reason {
            SkipReason::Io(error) => format!("cannot be read: {error}"),
            // These hide nothing from this command.
            SkipReason::Lfs | SkipReason::Empty => return,
            SkipReason::Ignore(_) => "an ignore file that is not applied whole".to_owned(),
            _ => "not read whole".to_owned(),
        };
        self.problem(&self.path(&skipped.origin), &reason);
    }
}
