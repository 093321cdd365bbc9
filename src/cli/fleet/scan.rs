//! `akid fleet scan`: the targets, shared out between workers.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use akid::finding::{Finding, RepositoryName};
use akid::redact::redact;
use akid::report::{self, Failing, Format, Options, Report, Reported};
use akid::rule::RuleSet;
use akid::scan::{Accepted, Scan};
use akid::source::git::Repository;
use akid::stop::Stop;
use anyhow::{Context, bail};
use jiff::Timestamp;

use super::digest;
use super::mirror::{Mirror, Mirrors, Trouble};
use super::outcome::{End, Outcome, Store, make_folder};
use super::process::{self, How};
use super::shard;
use super::state;
use super::tally::{Done, Tally};
use super::target::{self, Place, Target};
use crate::cli::args::{ConfigArgs, HowArgs};
use crate::cli::fleet_args::FleetScanArgs;
use crate::cli::output::Writer;
use crate::cli::remedy::report::HINTS;
use crate::cli::request::Request;
use crate::cli::run::stop_on_interrupt;
use crate::cli::settings::Settings;
use crate::cli::{self, Exit, bounded, output};

/// Scans every target that is new, has changed, or was not scanned whole the last time.
pub(super) fn run(args: FleetScanArgs) -> anyhow::Result<Exit> {
    let shard = args.shard.map_or_else(shard::of_environment, |shard| Ok(Some(shard)))?;
    let targets = target::read(&args.targets, args.allow_file_urls)?;
    let all = targets.len();
    let is_mine = |target: &Target| shard.is_none_or(|shard| shard::has(shard, &target.id()));
    let targets: Vec<Target> = targets.into_iter().filter(is_mine).collect();
    let fleet = Fleet::new(&args)?;
    if !args.quiet {
        let part = shard.map(|_| format!(" of {all}")).unwrap_or_default();
        output::warn(&format!("{}{part} targets, {} at a time", targets.len(), fleet.jobs));
    }
    let next = AtomicUsize::new(0);
    let tally = Mutex::new(Tally::default());
    let faults = Mutex::new(Vec::new());
    let work = || {
        while let Some(target) = targets.get(next.fetch_add(1, Ordering::Relaxed)) {
            if fleet.stop.is_stopped() {
                break;
            }
            match fleet.scan(target) {
                Ok(done) => locked(&tally).add(&done, args.quiet, targets.len()),
                Err(error) => locked(&faults).push(format!("{}: {error:#}", target.name())),
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..fleet.jobs {
            // Where the system grants fewer threads, those that there are do more.
            drop(thread::Builder::new().spawn_scoped(scope, work));
        }
        work();
    });
    let faults = faults.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(fault) = faults.first() {
        bail!("{} results could not be written, such as {fault}", faults.len());
    }
    let tally = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    output::warn(&tally.summary());
    Ok(match (fleet.stop.is_stopped(), tally.is_complete(), tally.failing) {
        (true, ..) => Exit::Interrupted,
        (_, false, _) => Exit::Incomplete,
        (_, _, 0) => Exit::Clean,
        _ => Exit::Findings,
    })
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What all targets are scanned with.
struct Fleet {
    store: Store,
    mirrors: Mirrors,
    jobs: usize,
    /// The threads of each scan, on which no result depends.
    threads: usize,
    timeout: Duration,
    /// The options of each scan.
    options: Vec<String>,
    /// The option by which each scan of a history uses the cache.
    cache: Option<OsString>,
    /// What they and akid are, in a hash.
    options_state: String,
    failing: Failing,
    /// What the configuration accepts.
    accepted: Arc<Accepted>,
    rules: RuleSet,
    is_rescan: bool,
    stop: Stop,
}

impl Fleet {
    fn new(args: &FleetScanArgs) -> anyhow::Result<Self> {
        // Bad options are told once, not by each target.
        let config = ConfigArgs::new(args.config.clone(), false);
        let how = HowArgs { config, rules: args.rules.clone(), threads: None, max_findings: None };
        let settings = Settings::new(Request { fail: args.fail.clone(), ..Request::of_here(how) })?;
        let processors = thread::available_parallelism().map_or(1, |number| number.get());
        let jobs = args.jobs.map_or(processors.div_ceil(2), usize::from);
        let options = scan_options(args);
        // A folder that cannot be used is reported once, not by each target.
        let cache = args.cache.open(&settings).and_then(|_| args.cache.to_option());
        let parts = [
            env!("CARGO_PKG_VERSION").as_bytes().to_vec(),
            options.join("\0").into_bytes(),
            settings.config.text().as_bytes().to_vec(),
            rules_text(args.rules.as_deref())?,
        ];
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        let folder = args.mirrors.clone().unwrap_or_else(|| args.out.join("mirrors"));
        Ok(Self {
            store: Store::create(&args.out)?,
            mirrors: Mirrors { folder, budget: args.mirror_budget, may_be_file: args.allow_file_urls },
            jobs,
            threads: (processors / jobs).max(1),
            timeout: args.timeout_per_target,
            options_state: digest(&parts),
            options,
            cache,
            failing: settings.failing,
            accepted: settings.policy.accepted,
            rules: settings.rules,
            is_rescan: args.rescan,
            stop: stop_on_interrupt()?,
        })
    }

    /// Scans a target, unless nothing about it has changed.
    fn scan(&self, target: &Target) -> anyhow::Result<Done> {
        let id = target.id();
        let Some(_lock) = self.store.lock(&id)? else {
            return Ok(Done { outcome: None, is_unchanged: false });
        };
        let done = self.scan_locked(target, &id);
        if let Place::Url(_) = target.place {
            self.mirrors.keep_to_budget();
        }
        done
    }

    fn scan_locked(&self, target: &Target, id: &str) -> anyhow::Result<Done> {
        let (started, now) = (Instant::now(), Timestamp::now());
        let deadline = started + self.timeout;
        let mut outcome = Outcome::begin(target, now);
        let before = self.store.outcome(id);
        let (place, _mirror) = match self.find(target, id, deadline, before.as_ref()) {
            Ok(Found::Unchanged) => {
                let mut outcome = before.unwrap_or(outcome);
                if outcome.labels != target.labels {
                    outcome.labels = target.labels.clone();
                    self.label_again(&outcome)?;
                    self.store.remember(&outcome)?;
                }
                return Ok(Done { outcome: Some(outcome), is_unchanged: true });
            }
            Ok(Found::Place { path, mirror, head, state }) => {
                (outcome.head, outcome.state) = (head, state);
                (path, mirror)
            }
            Err(Trouble::Stopped) => return Ok(Done { outcome: None, is_unchanged: false }),
            Err(trouble) => {
                (outcome.status, outcome.reason) = match trouble {
                    Trouble::Failed(reason) => (End::Failed, Some(reason)),
                    _ => (End::Timeout, Some(format!("more than {} s", self.timeout.as_secs()))),
                };
                return self.remember(outcome, started);
            }
        };
        let report = self.store.findings(id).with_extension("new");
        make_folder(&report)?;
        let ended = process::run(self.command(&place, &report)?, deadline, &self.stop)?;
        let read = cli::report::read(&report).ok();
        drop(std::fs::remove_file(&report));
        if ended.how == How::Stopped {
            return Ok(Done { outcome: None, is_unchanged: false });
        }
        match read {
            Some(Reported { scan, .. }) => {
                let scan = self.named(scan, target);
                self.count(&mut outcome, &scan);
                if ended.how == How::TimedOut {
                    outcome.status = End::Timeout;
                    outcome.reason = Some(format!("more than {} s", self.timeout.as_secs()));
                }
                self.write(id, &scan, now)?;
            }
            None => {
                outcome.status = if ended.how == How::TimedOut { End::Timeout } else { End::Failed };
                outcome.reason = Some(match ended.how {
                    How::TimedOut => format!("more than {} s", self.timeout.as_secs()),
                    _ => last_error(&ended.stderr),
                });
            }
        }
        self.remember(outcome, started)
    }

    /// Where a target is on this machine, and in what state.
    fn find(
        &self,
        target: &Target,
        id: &str,
        deadline: Instant,
        before: Option<&Outcome>,
    ) -> Result<Found, Trouble> {
        let (state, head) = match &target.place {
            Place::Path(path) => {
                if !path.exists() {
                    return Err(Trouble::Failed("not found".to_owned()));
                }
                (state::of_repository(path), None)
            }
            Place::Url(url) => {
                let remote = self.mirrors.remote(url, deadline, &self.stop)?;
                (Some(digest(&[&remote.refs])), remote.head)
            }
        };
        let state = state.map(|state| digest(&[state.as_bytes(), self.options_state.as_bytes()]));
        let is_same = |before: &&Outcome| {
            matches!(before.status, End::Ok | End::Incomplete)
                && before.state.is_some()
                && before.state == state
                && before.expires.is_none_or(|expires| expires > Timestamp::now())
                && self.store.findings(id).is_file()
        };
        if !self.is_rescan && before.is_some_and(|before| is_same(&before)) {
            return Ok(Found::Unchanged);
        }
        let (path, mirror) = match &target.place {
            Place::Path(path) => (path.clone(), None),
            Place::Url(url) => {
                let mirror = self.mirrors.fetch(id, url, deadline, &self.stop)?;
                (mirror.path.clone(), Some(mirror))
            }
        };
        Ok(Found::Place { path, mirror, head, state })
    }

    /// akid, over one target.
    fn command(&self, place: &Path, report: &Path) -> anyhow::Result<Command> {
        let akid = std::env::current_exe().context("akid does not find itself")?;
        let mut command = Command::new(akid);
        let is_repository = Repository::open(place).is_ok();
        command.arg(if is_repository { "history" } else { "scan" });
        command.args(self.cache.iter().filter(|_| is_repository));
        command.arg("--output").arg({
            let mut output = OsString::from("jsonl:");
            output.push(report);
            output
        });
        command.args(&self.options).arg("--threads").arg(self.threads.to_string()).arg("--").arg(place);
        Ok(command)
    }

    /// The scan with the target's own name and labels: where its mirror lies says nothing.
    fn named(&self, mut scan: Scan, target: &Target) -> Scan {
        let named = |old: &RepositoryName| {
            let url = match &target.place {
                Place::Url(url) => Some(url.as_str()),
                Place::Path(_) => old.url.as_deref(),
            };
            let new = RepositoryName::new(target.name().as_bytes(), old.name.as_bytes(), url);
            Arc::new(RepositoryName { labels: target.labels.clone(), ..new })
        };
        scan.repositories = scan.repositories.iter().map(|name| named(name)).collect();
        for finding in &mut scan.findings {
            finding.repository = finding.repository.as_deref().map(named);
        }
        scan
    }

    /// Writes other labels to what an earlier scan found.
    fn label_again(&self, outcome: &Outcome) -> anyhow::Result<()> {
        let path = self.store.findings(&outcome.id);
        let Ok(Reported { mut scan, at }) = cli::report::read(&path) else { return Ok(()) };
        let labelled =
            |old: &RepositoryName| Arc::new(RepositoryName { labels: outcome.labels.clone(), ..old.clone() });
        scan.repositories = scan.repositories.iter().map(|name| labelled(name)).collect();
        for finding in &mut scan.findings {
            finding.repository = finding.repository.as_deref().map(labelled);
        }
        self.write(&outcome.id, &scan, at.unwrap_or(outcome.time))
    }

    /// Counts what was found, and takes note of what was not scanned.
    fn count(&self, outcome: &mut Outcome, scan: &Scan) {
        let counting = || scan.findings.iter().filter(|finding| finding.suppression.is_none());
        let credentials = report::credentials(scan, &self.failing);
        let counts = |credential: &&report::Credential<'_>| !credential.is_suppressed();
        outcome.inputs = scan.inputs;
        outcome.bytes = scan.bytes;
        outcome.findings = counting().count() as u64 + scan.left_out.findings();
        outcome.credentials = credentials.iter().filter(counts).count() as u64;
        outcome.failing = credentials.iter().filter(|credential| credential.fails).count() as u64;
        let expiry = |finding: &Finding| {
            let signed = finding.signed.as_ref().and_then(|signed| signed.expires_at);
            signed.or_else(|| finding.claims.as_ref().and_then(|claims| claims.expires_at))
        };
        let of_findings = scan.findings.iter().filter_map(expiry);
        let next = of_findings.chain(self.accepted.next_end(outcome.time));
        outcome.expires = next.filter(|&expires| expires > outcome.time).min();
        outcome.status = if scan.is_complete() { End::Ok } else { End::Incomplete };
        outcome.reason = report::first_error(scan);
    }

    fn write(&self, id: &str, scan: &Scan, now: Timestamp) -> anyhow::Result<()> {
        let options = Options { failing: self.failing.clone(), hints: HINTS, ..Options::default() };
        let report = Report { scan, rules: &self.rules, now, options: &options };
        let writer = Writer::replace(self.store.findings(id))?;
        writer.write(true, |out| report::write(Format::Jsonl, &report, out).map(output::count))
    }

    fn remember(&self, mut outcome: Outcome, started: Instant) -> anyhow::Result<Done> {
        outcome.seconds = started.elapsed().as_secs_f64();
        self.store.remember(&outcome)?;
        Ok(Done { outcome: Some(outcome), is_unchanged: false })
    }
}

/// What came of looking for a target.
enum Found {
    /// The last result is still right.
    Unchanged,
    Place {
        path: PathBuf,
        /// Held until the scan has ended.
        mirror: Option<Mirror>,
        head: Option<String>,
        state: Option<String>,
    },
}

/// The options that each scan is given, but for the number of its threads.
fn scan_options(args: &FleetScanArgs) -> Vec<String> {
    let mut options = vec!["--quiet".to_owned()];
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            options.extend([name.to_owned(), value]);
        }
    };
    let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.to_string_lossy().into_owned());
    add("--config", path(&args.config));
    add("--rules", path(&args.rules));
    let fail = &args.fail;
    add("--fail-on", fail.fail_on.map(|level| level.as_str().to_owned()));
    add("--min-confidence", fail.min_confidence.map(|level| level.as_str().to_owned()));
    add("--fail-owner", fail.fail_owner.map(|owner| owner.as_str().to_owned()));
    if fail.strict {
        options.push("--strict".to_owned());
    }
    options
}

/// The user's own rules, to tell when they change.
fn rules_text(folder: Option<&Path>) -> anyhow::Result<Vec<u8>> {
    let Some(folder) = folder else { return Ok(Vec::new()) };
    let name = || redact(folder.as_os_str().as_encoded_bytes());
    let entries = std::fs::read_dir(folder).with_context(|| format!("{}: cannot be read", name()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    let mut text = Vec::new();
    for file in files.iter().filter(|file| file.is_file()) {
        text.extend_from_slice(file.as_os_str().as_encoded_bytes());
        text.extend(bounded::read(file, 16).with_context(|| format!("{}: cannot be read", name()))?);
    }
    Ok(text)
}

/// What akid said last that is wrong.
fn last_error(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let errors = || text.lines().filter_map(|line| line.strip_prefix("error: "));
    let told = errors().next().or_else(|| text.lines().last()).unwrap_or("the scan ended without a report");
    redact(told.as_bytes())
}
