//! `akid baseline add`: the wiring.

use akid::finding::{Finding, Fingerprint};
use akid::scan::Scan;
use anyhow::bail;

use super::everything::Everything;
use super::name::Name;
use super::run::stop_on_interrupt;
use super::suppress_args::AddArgs;
use super::{Exit, baseline, output};

/// Adds the findings that are named to a baseline. A credential ID looks like a fingerprint, so both are looked up in
/// the files and their history.
pub(super) fn run(args: AddArgs) -> anyhow::Result<Exit> {
    let everything = Everything::new(args.how)?;
    let path = everything.baseline_file(args.file)?;
    baseline::check_target(&path)?;
    if args.no_scan {
        let written = baseline::add_fingerprints(&path, &fingerprints(&args.names)?)?;
        output::print(format!("{}\n", written.message(&path)).as_bytes())?;
        return Ok(Exit::Clean);
    }
    let scans = everything.scan(&stop_on_interrupt()?)?;
    if scans.iter().any(|scan| scan.interrupted) {
        output::warn("the baseline was not changed: the scan was stopped before its end");
        return Ok(Exit::Interrupted);
    }
    let unmatched: Vec<String> =
        args.names.iter().filter(|name| found(&scans, name).next().is_none()).map(Name::to_string).collect();
    if !unmatched.is_empty() {
        everything.tell_incomplete(&scans);
        bail!(
            "the baseline was not changed: no finding in the files or their history matches {}\n\
             help: `--no-scan` adds the fingerprint of a finding that is elsewhere",
            unmatched.join(", ")
        );
    }
    let named = args.names.iter().flat_map(|name| found(&scans, name));
    let written = baseline::add(&path, named, &everything.settings.rules)?;
    output::print(format!("{}\n", written.message(&path)).as_bytes())?;
    let is_finding = |name: &Name| {
        matches!(name, Name::Hex(_)) && found(&scans, name).all(|finding| !name.is_credential_of(finding))
    };
    // What could not be read may contain more findings of a credential.
    if !args.names.iter().all(is_finding) && everything.tell_incomplete(&scans) {
        return Ok(Exit::Incomplete);
    }
    Ok(Exit::Clean)
}

/// The findings that `name` names.
fn found<'s>(scans: &'s [Scan], name: &'s Name) -> impl Iterator<Item = &'s Finding> {
    scans.iter().flat_map(|scan| &scan.findings).filter(|finding| name.is_of(finding))
}

/// The names as fingerprints.
fn fingerprints(names: &[Name]) -> anyhow::Result<Vec<Fingerprint>> {
    let fingerprint = |name: &Name| match name {
        Name::Hex(fingerprint) => Ok(*fingerprint),
        name => bail!("{name}: not a fingerprint\nhelp: leave out `--no-scan` to look it up"),
    };
    names.iter().map(fingerprint).collect()
}
