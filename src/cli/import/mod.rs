//! `akid baseline import`: a first baseline from what another tool found or ignores.
//!
//! In: files of other tools, which may contain secrets in clear. Each is read into [`Entry`]s, which have none: of a secret
//! only its fingerprint is kept. Out: the findings of akid that these entries name, in a baseline, and a list of the
//! entries that name none.

mod betterleaks;
mod commits;
mod detect_secrets;
mod entry;
mod gitleaks;
mod kingfisher;
mod matching;
mod read;
mod sarif;
mod trufflehog;

use std::collections::BTreeMap;
use std::path::Path;

use akid::finding::{Finding, Fingerprint};
use akid::redact::redact;
use anyhow::{Context, bail};

use self::commits::Commits;
use self::entry::Entry;
use self::matching::Matcher;
use super::everything::Everything;
use super::run::stop_on_interrupt;
use super::suppress_args::ImportArgs;
use super::{Exit, baseline, bounded, config, output};

/// How long a report may be, in MiB.
const MAX_LEN: u64 = 64;

/// A file of another tool.
struct Import {
    name: String,
    entries: Vec<Entry>,
}

/// Adds the findings that files of other tools name to a baseline.
pub(super) fn run(args: ImportArgs) -> anyhow::Result<Exit> {
    let everything = Everything::new(args.how)?;
    let path = everything.baseline_file(args.file)?;
    baseline::check_target(&path)?;
    let files = args.files.iter().map(|file| read(file)).collect::<anyhow::Result<Vec<_>>>()?;
    let stop = stop_on_interrupt()?;
    let scans = everything.scan(&stop)?;
    let entries = || files.iter().flat_map(|file| &file.entries);
    let commits = Commits::read(entries(), &everything.settings.rules, &stop);
    if stop.is_stopped() {
        output::warn("the baseline was not changed: the scan was stopped before its end");
        return Ok(Exit::Interrupted);
    }
    let matcher = Matcher::new(&scans, &everything.base, entries());
    let mut found: BTreeMap<Fingerprint, &Finding> = BTreeMap::new();
    let mut unmatched = Vec::new();
    for file in &files {
        for entry in &file.entries {
            match matcher.find(entry, &commits) {
                Ok(findings) => {
                    found.extend(findings.into_iter().map(|finding| (finding.fingerprint(), finding)))
                }
                Err(reason) => unmatched.push(message(&file.name, entry, &reason)),
            }
        }
    }
    let written = baseline::add(&path, found.into_values(), &everything.settings.rules)?;
    output::print(format!("{}\n", written.message(&path)).as_bytes())?;
    if unmatched.is_empty() {
        return Ok(Exit::Clean);
    }
    // What could not be read may contain what is missing.
    let is_incomplete = everything.tell_incomplete(&scans);
    let all = entries().count();
    output::warn(&format!("not imported: {} of {all} entries\n{}", unmatched.len(), unmatched.concat()));
    Ok(if is_incomplete { Exit::Incomplete } else { Exit::Findings })
}

/// Reads a file of another tool.
fn read(path: &Path) -> anyhow::Result<Import> {
    let name = config::shown(path);
    let text = bounded::read(path, MAX_LEN).with_context(|| format!("{name}: cannot be read"))?;
    match read::entries(&text) {
        Ok(entries) => Ok(Import { name, entries }),
        Err(reason) => bail!("{name}: {reason}"),
    }
}

/// Which entry it is that names no finding, and why.
fn message(file: &str, entry: &Entry, reason: &str) -> String {
    let line = entry.lines.as_ref().map(|lines| format!(":{}", lines.start())).unwrap_or_default();
    let place =
        entry.path.as_ref().map(|path| format!("{}{line}: ", redact(path.as_bytes()))).unwrap_or_default();
    let ids = entry.clues.key_ids.iter().map(|id| format!("{id}: "));
    format!("  {file}, {}: {place}{}{reason}\n", entry.at, ids.collect::<String>())
}
