//! `akid fleet status` and `akid fleet report`: what the folder with the results says.

use std::time::Instant;

use akid::report::{self, Counted, Options, Reported, merge};
use akid::source::{Gap, GapKind};

use super::outcome::{End, Outcome, Store};
use crate::cli::args::{ConfigArgs, HowArgs};
use crate::cli::fleet_args::{FleetReportArgs, FleetStatusArgs};
use crate::cli::reports::open_outputs;
use crate::cli::request::Request;
use crate::cli::run::{options, stop_on_interrupt};
use crate::cli::settings::Settings;
use crate::cli::{Exit, output};

/// How many targets that were not scanned are named.
const MAX_NAMED: usize = 100;

/// Prints a line per target.
pub(super) fn status(args: &FleetStatusArgs) -> anyhow::Result<Exit> {
    let outcomes = Store::open(&args.out)?.outcomes()?;
    let mut text = String::new();
    for outcome in &outcomes {
        let line = if args.json { serde_json::to_string(outcome)? } else { outcome.line() };
        text.push_str(&report::without_commands(&line));
        text.push('\n');
    }
    output::print(text.as_bytes())?;
    if !args.json {
        let count = |end: End| outcomes.iter().filter(|outcome| outcome.status == end).count();
        let counts = End::ALL.map(|end| format!("{} {}", count(end), end.as_str()));
        output::warn(&format!("{} targets: {}", outcomes.len(), counts.join(", ")));
    }
    Ok(if outcomes.iter().all(|outcome| outcome.status == End::Ok) { Exit::Clean } else { Exit::Incomplete })
}

/// Writes one report of all targets.
pub(super) fn run(args: FleetReportArgs) -> anyhow::Result<Exit> {
    let started = Instant::now();
    let FleetReportArgs { out, report: report_args, fail, config, rules } = args;
    let store = Store::open(&out)?;
    let outcomes = store.outcomes()?;
    let config = ConfigArgs::new(config, false);
    let how = HowArgs { config, rules, threads: None, max_findings: None };
    let settings = Settings::new(Request { report: report_args, fail, ..Request::of_here(how) })?;
    let stop = stop_on_interrupt()?;
    let mut reports = Vec::new();
    for outcome in &outcomes {
        reports.extend(of_target(&store, outcome)?);
    }
    let mut scan = merge(reports);
    scan.gaps.extend(unscanned(&outcomes).map(|text| Gap::Told(GapKind::Report, text)));
    let outputs = open_outputs(&settings)?;
    let options = Options { counted: Counted::Objects, ..options(&settings) };
    crate::cli::run::report(&settings, &mut scan, outputs, &options, started, &stop)
}

/// Targets that were not scanned to their end, in words: the first ones by name.
fn unscanned(outcomes: &[Outcome]) -> impl Iterator<Item = String> {
    let unscanned = || outcomes.iter().filter(|outcome| matches!(outcome.status, End::Failed | End::Timeout));
    let told = |outcome: &Outcome| {
        let reason = outcome.reason.as_deref().unwrap_or(outcome.status.as_str());
        format!("{}: {reason}", outcome.target)
    };
    let more = unscanned().count().saturating_sub(MAX_NAMED);
    let rest =
        (more > 0).then(|| format!("{more} more targets were not scanned; `akid fleet status` lists them"));
    unscanned().take(MAX_NAMED).map(told).chain(rest)
}

/// What was found in a target; `None` if it was never scanned.
fn of_target(store: &Store, outcome: &Outcome) -> anyhow::Result<Option<Reported>> {
    let path = store.findings(&outcome.id);
    if !path.exists() {
        return Ok(None);
    }
    let mut reported = crate::cli::report::read(&path)?;
    if let Some(repository) = reported.scan.repositories.first().cloned() {
        reported.scan.set_apart(&repository);
    }
    Ok(Some(reported))
}
