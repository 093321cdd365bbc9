//! `akid redact`: the wiring.

#[cfg(unix)]
mod child;
mod environment;
mod in_place;
mod left_out;
mod metadata;
mod stream;
mod summary;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use akid::detect::Detector;
use akid::mask::{Masker, Options};
use akid::redact::redact;
use anyhow::bail;
use clap::Args;

use super::{Exit, output, settings};
use stream::Copied;

/// What `akid redact` takes.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(super) struct RedactArgs {
    /// Files, copied to standard output one after another; `-` is standard input [default: standard input]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Run this command and mask what it prints
    #[arg(last = true, value_name = "COMMAND", conflicts_with_all = ["files", "in_place", "check"])]
    command: Vec<OsString>,
    /// Write the rule and the fingerprint in place of each secret, such as <aws-secret-access-key:sha256:93df41cf2d80>
    #[arg(long)]
    label: bool,
    /// Mask key IDs, too
    #[arg(long)]
    key_ids: bool,
    /// Mask only what a scan reports with medium confidence or above
    #[arg(long)]
    only_certain: bool,
    /// Rewrite the files, and those in folders, also what `.gitignore` hides
    #[arg(long, requires = "files")]
    in_place: bool,
    /// Write nothing: exit with 1 if there is something to mask
    #[arg(long)]
    check: bool,
    /// Print no summary on standard error
    #[arg(short, long)]
    quiet: bool,
    /// Folder with your own rules
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    everything was read and masked
  1    --check: there is something to mask
  2    incomplete, or bad usage: an input could not be read or is an archive

With a COMMAND: its exit code, or 128+N if signal N ended it. 127 if it is not there,
126 if it cannot be run. 125 if akid itself failed, which ends the command.";

/// How much is read at once.
const CHUNK: usize = 256 << 10;

/// Masks what the arguments name.
pub(super) fn run(args: RedactArgs) -> anyhow::Result<Exit> {
    if !args.command.is_empty() {
        return run_command(&args);
    }
    if args.in_place && args.files.iter().any(|file| file.as_os_str() == "-") {
        bail!("--in-place cannot rewrite standard input\nhelp: akid redact <INPUT >OUTPUT");
    }
    let plan = Plan::new(&args)?;
    if args.in_place || args.check && args.files.iter().any(|file| file.is_dir()) {
        return in_place::run(&args, &plan);
    }
    copy(&args, &plan)
}

/// What each stream is masked with.
struct Plan {
    detector: Arc<Detector>,
    options: Options,
    quiet: bool,
}

impl Plan {
    fn new(args: &RedactArgs) -> anyhow::Result<Self> {
        let options = Options { label: args.label, key_ids: args.key_ids, only_certain: args.only_certain };
        let rules = settings::rules(args.rules.as_deref())?;
        Ok(Self { detector: Arc::new(Detector::new(&rules)), options, quiet: args.quiet })
    }

    fn masker(&self) -> Masker {
        Masker::new(Arc::clone(&self.detector), self.options)
    }
}

#[cfg(unix)]
fn run_command(args: &RedactArgs) -> anyhow::Result<Exit> {
    match Plan::new(args) {
        Ok(plan) => Ok(child::run(&args.command, &plan)),
        Err(error) => {
            output::warn(&format!("error: {error:#}"));
            Ok(Exit::Of(child::FAULT))
        }
    }
}

#[cfg(not(unix))]
fn run_command(_: &RedactArgs) -> anyhow::Result<Exit> {
    bail!("akid runs commands on Unix only\nhelp: COMMAND | akid redact")
}

/// Copies standard input or files to standard output. What was seen in one file is masked in the next ones, too.
fn copy(args: &RedactArgs, plan: &Plan) -> anyhow::Result<Exit> {
    let stdin = [PathBuf::from("-")];
    let files = if args.files.is_empty() { &stdin[..] } else { &args.files };
    let mut masker = plan.masker();
    let mut problems = Vec::new();
    for file in files {
        let name = redact(file.as_os_str().as_encoded_bytes());
        let sink: &mut dyn io::Write = if args.check { &mut io::sink() } else { &mut io::stdout().lock() };
        let copied = open(file).and_then(|mut input| stream::copy(&mut *input, sink, &mut masker));
        match copied {
            Ok(Copied::All) => {}
            Ok(Copied::Refused(error)) if error.kind() == io::ErrorKind::BrokenPipe => break,
            Ok(Copied::Refused(error)) => bail!("standard output: cannot be written: {error}"),
            Ok(Copied::Archive) => problems.push(format!(
                "{name}: an archive or compressed, and not copied: akid masks text\nhelp: unpack it first"
            )),
            Err(error) => problems.push(format!("{name}: cannot be read: {error}")),
        }
    }
    for problem in &problems {
        output::warn(&format!("error: {problem}"));
    }
    summary::tell(plan, masker.tally(), summary::Done::of(args.check));
    Ok(match (problems.is_empty(), args.check && masker.tally().total() > 0) {
        (false, _) => Exit::Incomplete,
        (true, true) => Exit::Findings,
        (true, false) => Exit::Clean,
    })
}

fn open(file: &Path) -> io::Result<Box<dyn Read>> {
    if file.as_os_str() == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    let opened = File::open(file)?;
    if opened.metadata()?.is_dir() {
        return Err(io::Error::other("a folder; `--in-place` rewrites the files in folders"));
    }
    Ok(Box::new(opened))
}
