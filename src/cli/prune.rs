//! `akid baseline prune`: the wiring.

use std::path::{Path, PathBuf};

use akid::redact::redact;
use akid::report::{self, Options, Report};
use akid::scan::Scan;
use akid::source::{Base, Files};
use akid::stop::Stop;
use anyhow::{Context, bail};

use super::args::{PruneArgs, ScanArgs};
use super::scan::{scan, stop_on_interrupt};
use super::settings::Settings;
use super::{Exit, baseline, config, output};

/// Scans files, and the history that they have, and takes from the baseline what is in neither.
pub(super) fn run(args: PruneArgs) -> anyhow::Result<Exit> {
    let started = std::time::Instant::now();
    let here = [PathBuf::from(".")];
    let file = args.file;
    let base = base_of(&here[0])?;
    // All that the baseline may be about, from whatever folder this is run in.
    let args = ScanArgs { paths: vec![base.clone()], ..ScanArgs::of_here(args.how) };
    let settings = Settings::with(args, None, config::nearest(&here))?;
    let path = file
        .or_else(|| settings.config.baseline_file())
        .context("no baseline is named\nhelp: name the file, or set `baseline` in `.akid.toml`")?;
    baseline::open(&path)?;
    check_place(&path, &base)?;
    let stop = stop_on_interrupt()?;
    let history = history(&settings, &base, &stop)?;
    let files = Files::new(&settings.roots, settings.files.clone());
    let files = scan(&settings, &[&files], &stop, false);
    let scans: Vec<Scan> = std::iter::once(files).chain(history).collect();
    let is_complete = |scan: &&Scan| is_all_seen(scan);
    if scans.iter().all(|scan| is_complete(&scan)) {
        baseline::tell(baseline::prune(&path, &scans, &settings.rules)?, &path)?;
        return Ok(Exit::Clean);
    }
    for scan in scans.iter().filter(|scan| !is_complete(scan)) {
        let options = Options::default();
        let report = Report { scan, rules: &settings.rules, now: settings.now, options: &options };
        output::warn(&report::summary(&report, started.elapsed()));
    }
    output::warn(
        "the baseline was not changed: its entries may match something that could not be read\n\
         help: prune it where all files and all of history can be read, such as in a full clone",
    );
    let is_interrupted = scans.iter().any(|scan| scan.interrupted);
    Ok(if is_interrupted { Exit::Interrupted } else { Exit::Incomplete })
}

/// Whether the scan saw everything. What the user accepts counts as unseen: a baseline entry may be about it.
fn is_all_seen(scan: &Scan) -> bool {
    let is_accepted = !scan.accepted.is_empty() || !scan.accepted_gaps.is_empty();
    let is_unreadable = !scan.unreadable.is_empty() || scan.left_out.unreadable > 0;
    scan.is_complete() && !is_accepted && !is_unreadable && scan.left_out.suppressed() == 0
}

/// The top of the repository that `path` lies in, else the folder that it is or lies in.
fn base_of(path: &Path) -> anyhow::Result<PathBuf> {
    let files = Files::new(&[path.to_path_buf()], akid::source::FilesOptions::default());
    let base = files.base().map(Base::as_path).map(Path::to_path_buf);
    base.with_context(|| format!("{}: cannot be read", redact(path.as_os_str().as_encoded_bytes())))
}

/// Refuses a baseline that is about something else than what lies at `base`: all of it would go.
fn check_place(baseline: &Path, base: &Path) -> anyhow::Result<()> {
    let own = base_of(baseline)?;
    if own == base || own.starts_with(base) && !own.join(".git").exists() {
        return Ok(());
    }
    bail!(
        "{}: this baseline belongs to another folder\nhelp: run this in the repository or folder that contains it: {}",
        redact(baseline.as_os_str().as_encoded_bytes()),
        redact(own.as_os_str().as_encoded_bytes())
    )
}

/// What the history of the files at `base` holds; `None` if they have none.
#[cfg(feature = "git")]
fn history(settings: &Settings, base: &Path, stop: &Stop) -> anyhow::Result<Option<Scan>> {
    use akid::source::git::RepositoryError;
    let repository = match super::history::of_environment() {
        Ok(repository) => repository,
        Err(RepositoryError::NotARepository { .. }) if !base.join(".git").exists() => return Ok(None),
        Err(error) => return Err(error).context("the repository's history cannot be read"),
    };
    let (history, files) = super::history::whole(repository, settings);
    Ok(Some(scan(settings, &[&history, &files], stop, false)))
}

#[cfg(not(feature = "git"))]
fn history(_: &Settings, base: &Path, _: &Stop) -> anyhow::Result<Option<Scan>> {
    if base.join(".git").exists() {
        bail!("this akid was built without git support, so it cannot check the repository's history");
    }
    Ok(None)
}
