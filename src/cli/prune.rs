//! `akid baseline prune`: the wiring.

use super::everything::Everything;
use super::run::stop_on_interrupt;
use super::suppress_args::PruneArgs;
use super::{Exit, baseline, output};

/// Scans files, and the history that they have, and takes from the baseline what is in neither.
pub(super) fn run(args: PruneArgs) -> anyhow::Result<Exit> {
    let everything = Everything::new(args.how)?;
    let path = everything.baseline_file(args.file)?;
    baseline::open(&path)?;
    let scans = everything.scan(&stop_on_interrupt()?)?;
    if !everything.tell_incomplete(&scans) {
        baseline::tell(baseline::prune(&path, &scans, &everything.settings.rules)?, &path)?;
        return Ok(Exit::Clean);
    }
    output::warn(
        "the baseline was not changed: its entries may match something that could not be read\n\
         help: prune it where all files and all of history can be read, such as in a full clone",
    );
    let is_interrupted = scans.iter().any(|scan| scan.interrupted);
    Ok(if is_interrupted { Exit::Interrupted } else { Exit::Incomplete })
}
