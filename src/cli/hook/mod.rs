//! `akid hook`: what git calls before it commits, pushes or takes a push, and what puts it there.
//!
//! A hook is silent where all is well. Where it stops something it says on standard error what, where and what to do:
//! people read it in a terminal, in a window of their editor, or behind `remote:`.

mod args;
mod folder;
mod git;
mod install;
mod lines;
mod manager;
mod pre_commit;
mod pre_push;
mod pre_receive;
mod script;
mod setting;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use akid::clean::CleanCache;
use akid::finding::{CredentialId, Finding};
use akid::report::{self, Counted, Format, HookEvent, Options, Report, Stopped};
use akid::scan::Scan;
use akid::source::Notice;
use akid::source::git::{Changes, Push, Repository};
use akid::stop::Stop;

pub(super) use self::args::{HookArgs, HookCommand};
use super::Exit;
use super::output::{self, Writer};
use super::reports::{open_outputs, write_all};
use super::repositories::Repositories;
use super::repository::range_error;
use super::run::{exit, options, scan};
use super::settings::Settings;

/// What a commit is told that there is nothing else to say of.
const COMMIT: HookEvent<'_> = HookEvent::Commit { is_first: false, is_of_files: false };
const PUSH: HookEvent<'_> = HookEvent::Push { remote: "" };

/// Runs a hook, or installs some.
pub(super) fn run(command: HookCommand) -> anyhow::Result<Exit> {
    match command {
        HookCommand::PreCommit(args) => reported(pre_commit::run(args), COMMIT),
        HookCommand::PrePush(args) => reported(pre_push::run(args), PUSH),
        HookCommand::PreReceive(args) => reported(pre_receive::run(args), HookEvent::Receive),
        HookCommand::Install(args) => install::install(&args),
        HookCommand::Uninstall(args) => install::uninstall(&args),
    }
}

/// Warns which action an error or an interrupt stopped, since the user called git and not akid.
fn reported(outcome: anyhow::Result<Exit>, event: HookEvent<'_>) -> anyhow::Result<Exit> {
    match outcome {
        Err(_) => output::warn(&event.by_error()),
        Ok(Exit::Interrupted) => output::warn(&event.interrupted()),
        Ok(_) => {}
    }
    outcome
}

/// Warns which action is stopped because a hook passes wrong arguments.
pub(super) fn tell_of_wrong_arguments() {
    let mut arguments = std::env::args_os().skip(1).skip_while(|argument| argument != "hook").skip(1);
    let act = match arguments.next().as_deref().and_then(std::ffi::OsStr::to_str) {
        Some("pre-commit") => COMMIT,
        Some("pre-push") => PUSH,
        Some("pre-receive") => HookEvent::Receive,
        _ => return,
    };
    output::warn(&act.by_error());
}

/// What a push brings, and what is to be told of it.
struct Pushed {
    scan: Scan,
    options: Options,
    outputs: Vec<(Format, Writer)>,
}

impl Pushed {
    /// Scans what `push` brings, until it is stopped.
    fn scan(
        settings: &Settings,
        repository: Repository,
        push: &Push,
        cache: Option<Arc<CleanCache>>,
        stop: &Stop,
    ) -> anyhow::Result<Self> {
        let repositories = Repositories::one(&repository);
        let changes = Changes::pushed(repository.clone(), push, settings.files.threads, stop)
            .map_err(|error| range_error(error, &repository))?
            .with_anchors(settings.detector().anchors())
            .with_cache(cache);
        let outputs = open_outputs(settings)?;
        let mut options = Options { counted: Counted::Objects, ..options(settings) };
        options.sarif_category.get_or_insert_with(|| "akid/range/".to_owned());
        Ok(Self {
            scan: scan(settings, &repositories, (&[&changes], Counted::Objects), stop, false),
            options,
            outputs,
        })
    }
}

/// What a hook has seen, and what it is to report.
struct Seen<'a> {
    settings: &'a Settings,
    scan: &'a Scan,
    options: &'a Options,
    started: Instant,
}

impl Seen<'_> {
    /// The findings that stop what is going on.
    fn failing(&self) -> Vec<&Finding> {
        self.scan.findings.iter().filter(|finding| self.settings.failing.includes(finding)).collect()
    }

    /// Writes the reports that were asked for, and tells whoever waits what was stopped and why. `published` are the
    /// remote branches that have a credential already.
    fn report(
        &self,
        act: HookEvent<'_>,
        published: &BTreeMap<CredentialId, BTreeSet<String>>,
        outputs: Vec<(Format, Writer)>,
    ) -> anyhow::Result<Exit> {
        let Self { settings, scan, options, started } = self;
        let report = Report { scan, rules: &settings.rules, now: settings.policy.now, options };
        // Whoever waits is told even where a report cannot be written.
        let written = write_all(&report, outputs);
        let exit = exit(settings, scan);
        let failing = self.failing();
        let stopped = Stopped { act, failing: &failing, published };
        if !failing.is_empty() {
            output::warn(&report::stopped(&report, &stopped));
        } else if !settings.quiet && scan.findings.iter().any(|finding| finding.suppression.is_none()) {
            output::warn(&report::passed(&report));
        }
        if failing.is_empty() && exit == Exit::Incomplete {
            output::warn(&act.not_covered());
        }
        let is_incomplete = matches!(exit, Exit::Incomplete | Exit::Interrupted);
        let has_notes = !scan.unreadable.is_empty() || scan.notices.contains(&Notice::ShallowPush);
        if settings.verbose || is_incomplete || has_notes {
            super::run::tell(settings, &report, *started);
        }
        written?;
        Ok(exit)
    }
}
