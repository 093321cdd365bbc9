//! Baselines: read, written, and rid of what is found no more.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::Path;

use akid::finding::{Finding, Fingerprint, Suppression};
use akid::redact::redact;
use akid::rule::RuleSet;
use akid::scan::Scan;
use akid::source::read_unlinked;
use akid::suppress::{Baseline, KnownIn};
use anyhow::{Context, anyhow, bail};

use super::bounded;
use super::config::{self, Loaded};
use super::lock::lock;
use super::output::{self, Target, Writer};
use super::place::Place;

/// A baseline that is used.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) baseline: Baseline,
    /// What to call it, as it may be shown; `None` if none is used.
    pub(super) name: Option<String>,
    /// The file that it is, unless it is one of a commit.
    pub(super) file: Option<Place>,
}

/// Reads the baseline at `given`, else the one that the configuration names. One that is about to be written need not
/// be there.
pub(super) fn read(given: Option<&Path>, loaded: &Loaded, written: Option<&Path>) -> anyhow::Result<Known> {
    let origin = loaded.found.as_ref().map(|found| &found.origin);
    let place = || format!("{}: `baseline`", loaded.place_of("baseline").unwrap_or_default());
    let mut resolved = None;
    let path = match (given, &loaded.config.baseline, origin) {
        (Some(path), ..) => path.to_path_buf(),
        (None, Some(path), Some(config::Origin::File(config))) => {
            resolved = config::resolved_beside(config, path).with_context(place)?;
            config::beside(config, path).with_context(place)?
        }
        #[cfg(feature = "git")]
        (None, Some(path), Some(config::Origin::Commit(folder))) => {
            folder.join(config::plain(path).with_context(place)?)
        }
        (None, Some(path), None) => config::plain(path).with_context(place)?,
        (None, None, _) => return Ok(Known::default()),
    };
    let name = redact(path.as_os_str().as_encoded_bytes());
    match &loaded.revision {
        #[cfg(feature = "git")]
        Some((repository, revision)) if path.is_relative() => {
            let text = text_at(repository, revision, &path, given.is_some())?;
            return Ok(Known { baseline: parse(&name, &text)?, name: Some(name), file: None });
        }
        _ => {}
    }
    let file = Place::of(&path).ok();
    let is_to_come =
        !path.exists() && file.is_some() && file == written.and_then(|path| Place::of(path).ok());
    let baseline = match resolved {
        _ if is_to_come => Baseline::default(),
        // It may come with what is scanned.
        Some(file) => parsed(&path, read_unlinked(&file, MAX_LEN << 20).map_err(std::io::Error::from))?,
        None => open(&path)?,
    };
    Ok(Known { baseline, name: Some(name), file })
}

/// The baseline at `path`, from the top, in a commit; nothing if there is none. One that `is_given` as an option is
/// looked for in the current folder and above it, as the configuration is.
#[cfg(feature = "git")]
fn text_at(
    repository: &akid::source::git::Repository,
    revision: &str,
    path: &Path,
    is_given: bool,
) -> anyhow::Result<Vec<u8>> {
    let path = config::plain(&path.to_string_lossy())?;
    let here = || config::folders_up(repository, &[".".into()]);
    let folders = if is_given { here() } else { vec!["".into()] };
    let text =
        |folder: &std::path::PathBuf| config::file_at(repository, revision, &folder.join(&path)).transpose();
    Ok(folders.iter().find_map(text).transpose()?.unwrap_or_default())
}

/// Checks where a baseline is to be written: what is there is read first, and kept.
pub(super) fn check_target(path: &Path) -> anyhow::Result<()> {
    let name = redact(path.as_os_str().as_encoded_bytes());
    if path.as_os_str() == "-" || path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        bail!("`{name}` is not a regular file\nhelp: name a file for the baseline");
    }
    Ok(())
}

/// How long a baseline may be, in MiB: a line takes 33 bytes.
const MAX_LEN: u64 = 256;

/// Reads the file at `path`.
pub(super) fn open(path: &Path) -> anyhow::Result<Baseline> {
    parsed(path, bounded::read(path, MAX_LEN))
}

fn parsed(path: &Path, text: std::io::Result<Vec<u8>>) -> anyhow::Result<Baseline> {
    let name = redact(path.as_os_str().as_encoded_bytes());
    let text = text.map_err(|error| {
        let help = match error.kind() {
            ErrorKind::NotFound => format!("\nhelp: `akid scan --write-baseline {name}` creates it"),
            _ => String::new(),
        };
        anyhow!("{name}: cannot be read: {error}{help}")
    })?;
    parse(&name, &text)
}

fn parse(name: &str, text: &[u8]) -> anyhow::Result<Baseline> {
    Baseline::parse(text).map_err(|error| {
        anyhow!("{name}: {error}\nhelp: after a merge, keep the lines of both sides and drop the marks")
    })
}

/// What was written to a baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    /// The findings that are new in it.
    pub(super) added: usize,
    /// The findings that it already contained.
    pub(super) known: usize,
}

impl Written {
    /// Describes the change to the baseline at `path`.
    pub(super) fn message(self, path: &Path) -> String {
        let noun = if self.added == 1 { "finding" } else { "findings" };
        let known = match self.known {
            0 => String::new(),
            1 => "; 1 more was already in it".to_owned(),
            known => format!("; {known} more were already in it"),
        };
        format!("wrote {} {noun} to {}{known}", self.added, config::shown(path))
    }
}

/// Adds what counts in `scan`, which came to its end, to the baseline at `path`, so that it is known from now on.
pub(super) fn write(rules: &RuleSet, path: &Path, scan: &mut Scan) -> anyhow::Result<Written> {
    let counts = |finding: &Finding| matches!(finding.suppression, None | Some(Suppression::Baseline));
    let findings = scan.findings.iter().filter(|finding| counts(finding));
    let known_in = if scan.is_of_several { KnownIn::Own } else { KnownIn::Any };
    let written = add_known_in(path, findings, rules, known_in)?;
    // Only now are they known.
    for finding in scan.findings.iter_mut().filter(|finding| counts(finding)) {
        finding.suppression = Some(Suppression::Baseline);
    }
    Ok(written)
}

/// Adds `findings` of one repository to the baseline at `path`, which need not be there yet.
pub(super) fn add<'a>(
    path: &Path,
    findings: impl Iterator<Item = &'a Finding>,
    rules: &RuleSet,
) -> anyhow::Result<Written> {
    add_known_in(path, findings, rules, KnownIn::Any)
}

fn add_known_in<'a>(
    path: &Path,
    findings: impl Iterator<Item = &'a Finding>,
    rules: &RuleSet,
    known_in: KnownIn,
) -> anyhow::Result<Written> {
    let findings: Vec<&Finding> = findings.collect();
    // Files and their history may both have a finding, and what may be left of a pair is none.
    let identity = |finding: &Finding| {
        let repository = finding.repository.clone().filter(|_| known_in == KnownIn::Own);
        (repository, finding.fingerprint())
    };
    let distinct: BTreeMap<_, &Finding> =
        findings.iter().map(|finding| (identity(finding), *finding)).collect();
    let known = |baseline: &Baseline| distinct.values().filter(|finding| baseline.covers(finding)).count();
    extend(path, distinct.len(), known, Baseline::of(findings.iter().copied(), rules, known_in))
}

/// Adds `fingerprints` to the baseline at `path`, which need not be there yet.
pub(super) fn add_fingerprints(path: &Path, fingerprints: &[Fingerprint]) -> anyhow::Result<Written> {
    let distinct: BTreeSet<&Fingerprint> = fingerprints.iter().collect();
    let known = |baseline: &Baseline| distinct.iter().filter(|it| baseline.contains(it)).count();
    extend(path, distinct.len(), known, fingerprints.iter().copied().collect())
}

/// Adds `more`, which is `count` findings, to the baseline at `path`; says how many of them were `known` there.
fn extend(
    path: &Path,
    count: usize,
    known: impl FnOnce(&Baseline) -> usize,
    more: Baseline,
) -> anyhow::Result<Written> {
    let _lock = lock(path)?;
    let mut baseline = if path.exists() { open(path)? } else { Baseline::default() };
    let known = known(&baseline);
    baseline.extend(more);
    save(path, &baseline)?;
    Ok(Written { added: count - known, known })
}

/// Takes from the baseline at `path` what is neither in `scans` nor left over from it. Says how many lines go.
pub(super) fn prune(path: &Path, scans: &[Scan], rules: &RuleSet) -> anyhow::Result<(usize, usize)> {
    let _lock = lock(path)?;
    let old = open(path)?;
    let findings = || scans.iter().flat_map(|scan| &scan.findings);
    let mut kept = old.intersection(&Baseline::of(findings(), rules, KnownIn::Any));
    // What was known at the path of a deleted branch is known by the fingerprint that it has now.
    let is_moved = |finding: &&Finding| {
        finding.is_unreachable()
            && (finding.suppression == Some(Suppression::Baseline) || old.covers(finding))
    };
    kept.extend(Baseline::of(findings().filter(is_moved), rules, KnownIn::Any));
    if kept != old {
        save(path, &kept)?;
    }
    let gone = old.len() - old.intersection(&kept).len();
    Ok((gone, kept.len()))
}

/// What stands at the top of a baseline. [`Baseline`] knows its own by the first words.
const HEADER: &str = "\
# Known findings: `akid scan --baseline` fails only on others. Written by `--write-baseline`,
# tidied by `akid baseline prune`. Merge it by keeping the lines of both sides.
";

fn save(path: &Path, baseline: &Baseline) -> anyhow::Result<()> {
    let writer = Writer::open(&Target::File(path.to_path_buf()))?;
    writer.write(true, |out| write!(out, "{HEADER}{baseline}"))
}

/// Tells how many lines went.
pub(super) fn tell((gone, kept): (usize, usize), path: &Path) -> std::io::Result<()> {
    let name = config::shown(path);
    output::print(format!("{name}: {gone} taken out, {kept} kept\n").as_bytes())
}
