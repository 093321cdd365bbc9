//! Where reports go: standard output, or files that are there whole or not at all.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use akid::known::{Filter, KnownSecrets, Masked};
use akid::redact::redact;
use akid::report::{self, Format};
use akid::text::without_user_info;
use anyhow::{Context, bail};

use super::args::{ReportArgs, parse_format};
use super::aside::Aside;
use super::pager::Pager;
use super::place::{self, Place};

/// Where one report goes.
#[derive(Debug)]
pub(super) enum Target {
    Stdout,
    File(PathBuf),
}

/// The reports that are asked for; `by_default` if none is.
pub(super) fn targets(
    args: &ReportArgs,
    by_default: Option<Format>,
) -> anyhow::Result<Vec<(Format, Target)>> {
    if args.outputs.is_empty() {
        let format = args.format.or(by_default);
        return Ok(format.map(|format| (format, Target::Stdout)).into_iter().collect());
    }
    args.outputs.iter().map(|output| target(output, args.format)).collect()
}

fn target(output: &str, format: Option<Format>) -> anyhow::Result<(Format, Target)> {
    let prefixed = output.split_once(':').and_then(|(prefix, file)| Some((parse_format(prefix)?, file)));
    let (format, file) = prefixed.map_or((format, output), |(format, file)| (Some(format), file));
    if file.is_empty() {
        bail!(
            "`--output` does not name a file\nhelp: write `--output sarif:FILE`, or `-` for standard output"
        );
    }
    if file == "-" {
        return Ok((format.unwrap_or(Format::Text), Target::Stdout));
    }
    let by_extension = || {
        let extension = Path::new(file).extension()?.to_str()?;
        match extension {
            "txt" => Some(Format::Text),
            "md" => Some(Format::Markdown),
            "htm" => Some(Format::Html),
            extension => parse_format(extension),
        }
    };
    let Some(format) = format.or_else(by_extension) else {
        let file = redact(file.as_bytes());
        bail!("`{file}` has no extension that names a format\nhelp: write `--output FORMAT:{file}`");
    };
    Ok((format, Target::File(PathBuf::from(file))))
}

/// A report's file, opened before the scan, so that a scan whose report cannot be written is not made in vain.
#[derive(Debug)]
pub(super) struct Writer {
    sink: Sink,
    name: String,
}

#[derive(Debug)]
enum Sink {
    Stdout,
    /// Standard output, by a pager if it is long.
    Paged(Pager),
    /// A device or a pipe.
    Direct(File),
    /// A file.
    Aside(Aside),
}

impl Sink {
    fn open(path: &Path) -> io::Result<Self> {
        match Place::of(path)? {
            Place::Open(number) => place::handed(number).map(Self::Direct),
            Place::Special(path) => File::options().write(true).open(path).map(Self::Direct),
            Place::File(target) => Self::beside(target),
        }
    }

    fn beside(target: PathBuf) -> io::Result<Self> {
        // Who may read the old one may read the new one, and nobody else.
        let old = target.metadata();
        let aside = Aside::beside(target)?;
        if let Ok(old) = old {
            aside.file.set_permissions(old.permissions())?;
        }
        Ok(Self::Aside(aside))
    }
}

impl Writer {
    pub(super) fn open(target: &Target) -> anyhow::Result<Self> {
        let Target::File(target) = target else {
            return Ok(Self { sink: Sink::Stdout, name: "standard output".to_owned() });
        };
        let name = redact(target.as_os_str().as_encoded_bytes());
        let sink = Sink::open(target).with_context(|| format!("{name}: cannot be written"))?;
        Ok(Self { sink, name })
    }

    /// Opens what is to replace the file at `path` itself: a link under that name is replaced, not followed.
    pub(super) fn replace(path: PathBuf) -> anyhow::Result<Self> {
        let name = redact(path.as_os_str().as_encoded_bytes());
        let sink = Sink::beside(path).with_context(|| format!("{name}: cannot be written"))?;
        Ok(Self { sink, name })
    }

    /// The report for people, on standard output.
    pub(super) fn paged(pager: Pager) -> Self {
        Self { sink: Sink::Paged(pager), name: "standard output".to_owned() }
    }

    /// The file that is replaced, if it is one.
    pub(super) fn target(&self) -> Option<PathBuf> {
        let Sink::Aside(aside) = &self.sink else { return None };
        Some(aside.paths()[1].to_path_buf())
    }

    /// The files that are written, so that they are not scanned: absolute and without links.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let Sink::Aside(aside) = &self.sink else { return Vec::new() };
        aside.paths().into_iter().filter_map(|file| file.canonicalize().ok()).collect()
    }

    /// Writes a report with `write` and puts it in its place. What `is_plain` has no colours to take out.
    pub(super) fn write(
        self,
        is_plain: bool,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> anyhow::Result<()> {
        let written = match self.sink {
            Sink::Stdout if is_plain => write(&mut io::stdout().lock()),
            Sink::Direct(mut file) if is_plain => write(&mut file),
            Sink::Aside(mut aside) if is_plain => write(&mut aside.file).and_then(|()| aside.put()),
            Sink::Stdout => write(&mut anstream::stdout().lock()),
            Sink::Paged(pager) => pager.show(write),
            Sink::Direct(file) => write(&mut anstream::StripStream::new(file)),
            Sink::Aside(mut aside) => {
                write(&mut anstream::StripStream::new(&mut aside.file)).and_then(|()| aside.put())
            }
        };
        match written {
            // Whoever read standard output has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written.with_context(|| format!("{}: cannot be written", self.name)),
        }
    }
}

/// What this process has detected, and how much of it had to be masked in what it printed.
static DETECTED: Mutex<Option<(KnownSecrets, Masked)>> = Mutex::new(None);

fn with_detected<T>(change: impl FnOnce(&mut KnownSecrets, &mut Masked) -> T) -> T {
    let mut detected = DETECTED.lock().unwrap_or_else(PoisonError::into_inner);
    let (known, masked) = detected.get_or_insert_default();
    change(known, masked)
}

/// Adds secrets that nothing printed from now on may show.
pub(super) fn hide(secrets: &KnownSecrets) {
    if !secrets.is_empty() {
        with_detected(|known, _| known.merge(secrets.clone()));
    }
}

/// Counts what was masked in a report.
pub(super) fn count(masked: Masked) {
    with_detected(|_, all| all.add(masked));
}

/// Prints what was asked for.
pub(super) fn print(text: &[u8]) -> io::Result<()> {
    match write_filtered(&mut anstream::stdout(), text) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed,
    }
}

/// Writes a message to standard error, and ignores a closed one.
pub(super) fn warn(text: &str) {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    let text = format!("{}{end}", report::without_commands(&without_user_info(text)));
    drop(write_filtered(&mut anstream::stderr().lock(), text.as_bytes()));
}

/// Writes `text` without the detected secrets.
fn write_filtered(out: &mut dyn Write, text: &[u8]) -> io::Result<()> {
    let mut filter = Filter::new(out, with_detected(|known, _| known.windows()));
    let written = filter.write_all(text).and_then(|()| filter.flush());
    count(filter.masked());
    written
}

/// Asks for a report of the bug if akid nearly printed a secret.
pub(super) fn complain_of_masked() {
    if with_detected(|_, masked| masked.long > 0) {
        warn(
            "WARNING: the last check of the output masked a detected secret\n\
             help: unless a file or a ref is named after the secret, please report this as a bug in akid",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format_of(output: &str, format: Option<Format>) -> Option<Format> {
        target(output, format).ok().map(|(format, _)| format)
    }

    #[test]
    fn a_format_is_told_by_prefix_else_by_option_else_by_extension() {
        assert_eq!(format_of("sarif:x.json", Some(Format::Text)), Some(Format::Sarif));
        assert_eq!(format_of("x.json", Some(Format::Text)), Some(Format::Text));
        assert_eq!(format_of("x.sarif", None), Some(Format::Sarif));
        assert_eq!(format_of("x.md", None), Some(Format::Markdown));
        assert_eq!(format_of("x.html", None), Some(Format::Html));
        assert_eq!(format_of("x.bin", None), None);
        assert_eq!(format_of("sarif:", None), None);
    }

    #[test]
    fn a_report_that_fails_half_way_leaves_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.json");
        std::fs::write(&path, "old").unwrap();
        let writer = Writer::open(&Target::File(path.clone())).unwrap();
        let failed =
            writer.write(true, |out| out.write_all(b"ne").and_then(|()| Err(io::Error::other("no"))));
        assert!(failed.is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
