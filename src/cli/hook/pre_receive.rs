//! `akid hook pre-receive`: the wiring, and the time that a push may take.

use std::collections::BTreeMap;
use std::time::Instant;

use akid::report::HookEvent;

use super::args::{OnTimeout, PreReceiveArgs};
use super::{Pushed, Seen, lines};
use crate::cli::Exit;
use crate::cli::cache;
use crate::cli::output;
use crate::cli::repository::of_environment;
use crate::cli::request::Request;
use crate::cli::run::stop_on_interrupt;
use crate::cli::settings::Settings;

/// Scans what is pushed to this repository.
pub(super) fn run(args: PreReceiveArgs) -> anyhow::Result<Exit> {
    let started = Instant::now();
    let (timeout, on_timeout, cache) = (args.timeout, args.on_timeout, args.cache.clone());
    let repository = of_environment()?;
    // Only what whoever runs the server put there: never a worktree, which a push may change.
    let config = Some(repository.git_dir().join(crate::cli::config::NAME)).filter(|path| path.is_file());
    let settings = Settings::with(Request::from(args), None, config)?;
    let push = lines::of_pre_receive(lines::stdin()?)?;
    let stop = stop_on_interrupt()?;
    let stop = timeout.map_or_else(|| stop.clone(), |timeout| stop.at(Instant::now() + timeout));
    let cache = cache.open(&settings);
    let Pushed { scan, options, outputs } = Pushed::scan(&settings, repository, &push, cache.clone(), &stop)?;
    cache::warn_of_problems(cache.as_deref());
    let exit = Seen { settings: &settings, scan: &scan, options: &options, started }.report(
        HookEvent::Receive,
        &BTreeMap::new(),
        outputs,
    )?;
    if !scan.interrupted || !stop.is_late() {
        return Ok(exit);
    }
    let (verdict, otherwise) = match on_timeout {
        OnTimeout::Reject => ("refused", Exit::Incomplete),
        OnTimeout::Accept => ("taken all the same", Exit::Clean),
    };
    let found = scan.findings.iter().any(|finding| settings.failing.includes(finding));
    let verdict = if found { "refused" } else { verdict };
    output::warn(&format!(
        "akid: NOT COVERED: there was no time to scan all of this push, which is {verdict}"
    ));
    Ok(if found { Exit::Findings } else { otherwise })
}
