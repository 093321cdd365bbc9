//! The files of the current repository or folder, and their history: everything that a baseline may be about.

use std::path::{Path, PathBuf};
use std::time::Instant;

use akid::redact::redact;
use akid::report::{self, Counted, Options, Report};
use akid::scan::Scan;
use akid::source::{Base, Files, FilesOptions};
use akid::stop::Stop;
use anyhow::{Context, bail};

use super::args::HowArgs;
use super::args::suppress::BaselineArgs;
use super::config::{self, Loaded};
use super::output;
use super::place::Place;
use super::repositories::Repositories;
use super::request::Request;
use super::run::scan;
use super::settings::Settings;

/// The current repository, or else the current folder, with what its configuration says.
#[derive(Debug)]
pub(super) struct Everything {
    pub(super) settings: Settings,
    /// The top of the repository, else the current folder.
    pub(super) base: PathBuf,
    started: Instant,
}

impl Everything {
    pub(super) fn new(how: HowArgs) -> anyhow::Result<Self> {
        let here = PathBuf::from(".");
        // The baseline covers the whole repository, whatever the current folder is.
        let args = Request { paths: vec![base_of(&here)?], ..Request::of_here(how) };
        Self::at(args, &here)
    }

    /// What `args` scan, with the configuration of `path`.
    pub(super) fn at(args: Request, path: &Path) -> anyhow::Result<Self> {
        let started = Instant::now();
        let here = [path.to_path_buf()];
        let base = base_of(path)?;
        let nearest = config::nearest(&here);
        // The baseline that the configuration names need not be there yet.
        let write_baseline = Loaded::new(&args.how.config, &here, nearest.clone())?.baseline_file();
        let baseline = BaselineArgs { write_baseline, ..args.baseline };
        let settings = Settings::with(Request { baseline, ..args }, None, nearest)?;
        Ok(Self { settings, base, started })
    }

    /// The baseline at `file`, else the one that the configuration names.
    pub(super) fn baseline_file(&self, file: Option<PathBuf>) -> anyhow::Result<PathBuf> {
        let path = file.or_else(|| self.settings.config.baseline_file());
        let path =
            path.context("no baseline is named\nhelp: name the file, or set `baseline` in `.akid.toml`")?;
        self.check_place(&path)?;
        Ok(path)
    }

    /// Refuses a baseline that is about something else than what is scanned.
    fn check_place(&self, baseline: &Path) -> anyhow::Result<()> {
        let cannot_be_read =
            || format!("{}: cannot be read", redact(baseline.as_os_str().as_encoded_bytes()));
        let place = Place::of(baseline).with_context(cannot_be_read)?;
        // The file need not be there yet.
        let file = place.into_file().unwrap_or_else(|| baseline.to_path_buf());
        let own = base_of(file.parent().unwrap_or(&file))?;
        if own == self.base || own.starts_with(&self.base) && !own.join(".git").exists() {
            return Ok(());
        }
        bail!(
            "{}: this baseline belongs to another folder\nhelp: run this in the repository or folder that contains it: {}",
            redact(baseline.as_os_str().as_encoded_bytes()),
            redact(own.as_os_str().as_encoded_bytes())
        )
    }

    /// Scans the files, and the history that they have.
    pub(super) fn scan(&self, stop: &Stop) -> anyhow::Result<Vec<Scan>> {
        let history = self.history(stop)?;
        let files = Files::new(&self.settings.roots, self.settings.files.clone());
        let repositories = Repositories::of_roots(&self.settings.roots, files.base());
        let files = scan(&self.settings, &repositories, (&[&files], Counted::Files), stop, false);
        Ok(std::iter::once(files).chain(history).collect())
    }

    /// Prints the summary of each of `scans` that did not see everything; returns whether there is one.
    pub(super) fn tell_incomplete(&self, scans: &[Scan]) -> bool {
        let incomplete: Vec<&Scan> = scans.iter().filter(|scan| !is_all_seen(scan)).collect();
        for scan in &incomplete {
            let options = Options::default();
            let report = Report {
                scan,
                rules: &self.settings.rules,
                now: self.settings.policy.now,
                options: &options,
            };
            output::warn(&report::summary(&report, self.started.elapsed()));
        }
        !incomplete.is_empty()
    }

    /// What the history of the files holds; `None` if they have none.
    #[cfg(feature = "git")]
    fn history(&self, stop: &Stop) -> anyhow::Result<Option<Scan>> {
        use akid::source::git::RepositoryError;
        let repository = match super::repository::of_environment() {
            Ok(repository) => repository,
            Err(RepositoryError::NotARepository { .. }) if !self.base.join(".git").exists() => {
                return Ok(None);
            }
            Err(error) => return Err(error).context("the repository's history cannot be read"),
        };
        let repositories = Repositories::one(&repository);
        let (history, files) = super::run::whole(repository, &self.settings);
        Ok(Some(scan(&self.settings, &repositories, (&[&history, &files], Counted::Objects), stop, false)))
    }

    #[cfg(not(feature = "git"))]
    fn history(&self, _: &Stop) -> anyhow::Result<Option<Scan>> {
        if self.base.join(".git").exists() {
            bail!("this akid was built without git support, so it cannot check the repository's history");
        }
        Ok(None)
    }
}

/// Whether the scan saw everything. What the user accepts counts as unseen: a baseline entry may be about it.
fn is_all_seen(scan: &Scan) -> bool {
    let is_accepted = !scan.accepted.is_empty() || !scan.accepted_gaps.is_empty();
    let is_unreadable = !scan.unreadable.is_empty() || scan.left_out.unreadable > 0;
    scan.is_complete() && !is_accepted && !is_unreadable && scan.left_out.suppressed() == 0
}

/// The top of the repository that `path` lies in, else the folder that it is or lies in.
fn base_of(path: &Path) -> anyhow::Result<PathBuf> {
    let files = Files::new(&[path.to_path_buf()], FilesOptions::default());
    let base = files.base().map(Base::as_path).map(Path::to_path_buf);
    base.with_context(|| format!("{}: cannot be read", redact(path.as_os_str().as_encoded_bytes())))
}
