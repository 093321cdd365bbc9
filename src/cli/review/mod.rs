//! `akid review`: the credentials of a scan or a report, one after the other, each with a decision.
//!
//! A decision is written at once, so that nothing is lost when the terminal is closed: what is allowed or in the
//! baseline does not come up again. Credentials that were skipped come up last the next time.

mod changes;
mod decide;
mod editor;
mod screen;
mod skipped;

use std::io::{IsTerminal, stdin, stdout};
use std::path::{Path, PathBuf};

use akid::report::{self, Credential, Report};
use akid::scan::Scan;
use akid::source::Stage;
use akid::stop::Stop;
use akid::suppress::{REPORT_HEAD, is_own_report};
use anyhow::bail;

use self::decide::Desk;
use self::screen::{Answer, Key, Screen};
use self::skipped::Skipped;
use super::args::ReportArgs;
use super::everything::Everything;
use super::request::Request;
use super::review_args::ReviewArgs;
use super::run::{exit, options, stop_on_interrupt};
use super::scan::scan_roots;
use super::{Exit, bounded};

/// Goes through the credentials.
pub(super) fn run(args: ReviewArgs) -> anyhow::Result<Exit> {
    if !stdin().is_terminal() || !stdout().is_terminal() {
        bail!(
            "`akid review` asks questions, and this is not a terminal\n\
             help: `akid allow` and `akid baseline add` make one decision each, without questions"
        );
    }
    #[cfg(feature = "git")]
    let history = args.history;
    #[cfg(not(feature = "git"))]
    let history = false;
    let ReviewArgs { path, baseline, how, .. } = args;
    let path = path.unwrap_or_else(|| PathBuf::from("."));
    let report_file = is_report(&path).then(|| path.clone());
    let root = if report_file.is_some() { PathBuf::from(".") } else { path };
    let request =
        Request { paths: vec![root.clone()], report: ReportArgs::default(), ..Request::of_here(how) };
    let everything = Everything::at(request, &root)?;
    let stop = stop_on_interrupt()?;
    let (scan, options) = match &report_file {
        Some(file) => (of_report(&everything, file)?, options(&everything.settings)),
        None => scan_roots(&everything.settings, history, &stop)?,
    };
    let report = Report {
        scan: &scan,
        rules: &everything.settings.rules,
        now: everything.settings.policy.now,
        options: &options,
    };
    let desk = Desk::new(&everything, baseline);
    go_through(&report, &desk, &stop)?;
    if stop.is_stopped() {
        return Ok(Exit::Interrupted);
    }
    if !scan.is_complete() {
        everything.tell_incomplete(std::slice::from_ref(&scan));
    }
    Ok(match exit(&everything.settings, &scan) {
        // What was found is what the review was about.
        Exit::Findings => Exit::Clean,
        other => other,
    })
}

/// Whether the file at `path` is a report of akid that can be read again.
fn is_report(path: &Path) -> bool {
    path.is_file()
        && bounded::head(path, REPORT_HEAD).is_ok_and(|head| is_own_report(&head) && head.starts_with(b"{"))
}

/// The scan that a report tells of, without what the configuration allows by now.
fn of_report(everything: &Everything, file: &Path) -> anyhow::Result<Scan> {
    let mut scan = super::report::read(file)?.scan;
    let policy = &everything.settings.policy;
    scan.run_stage(Stage::Acceptance, |scan| scan.accept(&policy.accepted, policy.now, false));
    Ok(scan)
}

/// Asks about each credential that counts, the skipped ones of the last time at the end.
fn go_through(report: &Report<'_>, desk: &Desk<'_>, stop: &Stop) -> anyhow::Result<()> {
    let all = report::credentials(report.scan, &report.options.failing);
    let mut credentials: Vec<&Credential<'_>> = all.iter().filter(|one| !one.is_suppressed()).collect();
    let mut skipped = Skipped::read(desk.base());
    credentials.sort_by_key(|credential| skipped.contains(credential.id()));
    let screen = Screen::new();
    if credentials.is_empty() {
        return screen
            .say("nothing to review: no credential was found that is not allowed or in the baseline");
    }
    let mut tally = Tally::new(&credentials, &skipped);
    screen.say(&tally.beginning())?;
    let mut undo: Vec<Step> = Vec::new();
    let mut at = 0;
    while let Some(credential) = credentials.get(at) {
        screen.show(report, credential)?;
        let done = match screen.ask(at + 1, credentials.len(), !undo.is_empty(), stop)? {
            Key::Allow => decided(desk.allow(credential, &screen), &screen)?,
            Key::Baseline => decided(desk.add_to_baseline(credential, &screen), &screen)?,
            Key::Skip => {
                skipped.insert(credential.id())?;
                Some(Step::Skipped)
            }
            Key::Open => {
                tell_fault(desk.open(credential), &screen)?;
                None
            }
            Key::Explain => {
                screen.page(&super::explain::page_of(credential.best(), report.rules))?;
                None
            }
            Key::Undo => {
                at = take_back(&mut undo, at, &credentials, &mut skipped, &screen)?;
                None
            }
            Key::Quit => break,
        };
        if let Some(step) = done {
            undo.push(step);
            at += 1;
        }
    }
    tally.count(&undo);
    screen.say(&tally.end())
}

/// What was done about a credential, to be taken back.
#[derive(Debug)]
enum Step {
    Allowed(changes::Change),
    Known(changes::Change),
    Skipped,
}

/// What came of a decision; what went wrong is said, and the question stays.
fn decided(answer: anyhow::Result<Answer<Step>>, screen: &Screen) -> anyhow::Result<Option<Step>> {
    match answer {
        Ok(Answer::Given(step)) => Ok(Some(step)),
        Ok(Answer::Refused(why)) => screen.say(&why).map(|()| None),
        Ok(Answer::None) => Ok(None),
        Err(error) => screen.say(&format!("error: {error:#}")).map(|()| None),
    }
}

fn tell_fault(done: anyhow::Result<()>, screen: &Screen) -> anyhow::Result<()> {
    done.or_else(|error| screen.say(&format!("error: {error:#}")))
}

/// Takes back the last decision; returns the credential that it was about.
fn take_back(
    undo: &mut Vec<Step>,
    at: usize,
    credentials: &[&Credential<'_>],
    skipped: &mut Skipped,
    screen: &Screen,
) -> anyhow::Result<usize> {
    let Some(step) = undo.pop() else {
        screen.say("nothing to undo")?;
        return Ok(at);
    };
    match step {
        Step::Allowed(change) | Step::Known(change) => match change.take_back() {
            Ok(told) => screen.say(&told)?,
            Err(error) => screen.say(&format!("error: not undone: {error:#}"))?,
        },
        Step::Skipped => {
            if let Some(credential) = credentials.get(at.saturating_sub(1)) {
                skipped.remove(credential.id())?;
            }
        }
    }
    Ok(at.saturating_sub(1))
}

/// How many credentials there are, and what was decided.
#[derive(Debug)]
struct Tally {
    all: usize,
    skipped_before: usize,
    allowed: usize,
    known: usize,
    skipped: usize,
}

impl Tally {
    fn new(credentials: &[&Credential<'_>], skipped: &Skipped) -> Self {
        let skipped_before = credentials.iter().filter(|one| skipped.contains(one.id())).count();
        Self { all: credentials.len(), skipped_before, allowed: 0, known: 0, skipped: 0 }
    }

    fn beginning(&self) -> String {
        let noun = if self.all == 1 { "credential" } else { "credentials" };
        match self.skipped_before {
            0 => format!("{} {noun} to review", self.all),
            before => format!("{} {noun} to review; {before} that you skipped before come last", self.all),
        }
    }

    fn count(&mut self, steps: &[Step]) {
        for step in steps {
            match step {
                Step::Allowed(_) => self.allowed += 1,
                Step::Known(_) => self.known += 1,
                Step::Skipped => self.skipped += 1,
            }
        }
    }

    fn end(&self) -> String {
        let left = self.all - self.allowed - self.known - self.skipped;
        let mut parts = vec![
            format!("{} allowed", self.allowed),
            format!("{} added to the baseline", self.known),
            format!("{} skipped", self.skipped),
        ];
        if left > 0 {
            parts.push(format!("{left} not reviewed; run the same command to continue"));
        }
        parts.join(", ")
    }
}
