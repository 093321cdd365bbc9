//! `akid allow`: the wiring.
//!
//! An entry says in the configuration's own words what is allowed, so that whoever reviews the file can read it: a
//! credential ID, which is a hash, becomes its key ID, its secret's fingerprint and its rule.

use std::path::PathBuf;

use akid::finding::Finding;
use akid::redact;
use akid::suppress::Baseline;
use anyhow::bail;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Exit;
use super::args::{ConfigArgs, HowArgs};
use super::config::{self, AllowEntry, Edit};
use super::everything::Everything;
use super::lock::lock;
use super::name::Name;
use super::output::{self, Writer};
use super::run::stop_on_interrupt;
use super::settings::check_with;
use super::suppress_args::AllowArgs;

/// Adds an entry to the configuration that a scan of the current folder would use.
pub(super) fn run(args: AllowArgs) -> anyhow::Result<Exit> {
    let AllowArgs { name, reason, expires, paths, config, rules, threads } = args;
    let reason = redact::words(reason.trim().as_bytes());
    if reason.is_empty() {
        bail!("the reason is empty\nhelp: say in `--reason` why this may stay, for people who read the file");
    }
    let named = config.as_deref().map(config::target).transpose()?;
    // The file that is named need not be there yet.
    let no_config = named.as_ref().is_some_and(|file| !file.exists());
    let config = ConfigArgs::new(config.filter(|_| !no_config), no_config);
    let everything = Everything::new(HowArgs { config, rules, threads, max_findings: None })?;
    check_day(expires, everything.settings.policy.now)?;
    let Some(what) = entry(&everything, &name)? else { return Ok(Exit::Interrupted) };
    let entry = AllowEntry { path: paths, reason, expires, ..what };
    let told = add(&everything, named.unwrap_or_else(|| file(&everything)), &entry)?;
    output::print(told.as_bytes())?;
    Ok(Exit::Clean)
}

/// Adds `entry` to the configuration at `file`. Returns what was done, in words for the user.
pub(super) fn add(everything: &Everything, file: PathBuf, entry: &AllowEntry) -> anyhow::Result<String> {
    let _lock = lock(&file)?;
    let name = config::shown(&file);
    let (edited, is_there) = match Edit::of(file.clone(), entry)? {
        Edit::Changed { loaded, is_there } => (loaded, is_there),
        Edit::Needless(place) => {
            return Ok(format!(
                "{place}: an entry allows this already; edit it to change its reason or its term\n"
            ));
        }
    };
    check_with(&edited, &everything.settings.rules, Baseline::default())?;
    Writer::replace(file)?.write(true, |out| out.write_all(edited.text().as_bytes()))?;
    let done = if is_there { "added to" } else { "created" };
    let rows: String = entry.rows().into_iter().map(|row| redact::words(row.as_bytes()) + "\n").collect();
    Ok(format!("{done} {name}:\n[[allow]]\n{rows}"))
}

/// Refuses a last day that is over.
pub(super) fn check_day(expires: Option<Date>, now: Timestamp) -> anyhow::Result<()> {
    let today = now.to_zoned(TimeZone::UTC).date();
    match expires {
        Some(day) if day < today => bail!("`--expires {day}` is over: today is {today} in UTC"),
        _ => Ok(()),
    }
}

/// The configuration of the current folder, there or not.
pub(super) fn file(everything: &Everything) -> PathBuf {
    let origin = everything.settings.config.found.as_ref().map(|found| found.origin.clone());
    match origin {
        Some(config::Origin::File(file)) => file,
        _ => everything.base.join(config::NAME),
    }
}

/// The entry for what `name` names; `None` if the scan that looked for it was stopped.
fn entry(everything: &Everything, name: &Name) -> anyhow::Result<Option<AllowEntry>> {
    Ok(Some(match name {
        Name::KeyId(id) => AllowEntry { key_id: [*id].into(), ..AllowEntry::default() },
        Name::Secret(secret) => AllowEntry { secret: [*secret].into(), ..AllowEntry::default() },
        Name::Hex(fingerprint) => {
            let scans = everything.scan(&stop_on_interrupt()?)?;
            if scans.iter().any(|scan| scan.interrupted) {
                return Ok(None);
            }
            let mut findings = scans.iter().flat_map(|scan| &scan.findings);
            match findings.find(|finding| name.is_of(finding)) {
                Some(finding) if name.is_credential_of(finding) => of_credential(finding),
                Some(_) => AllowEntry { finding: [*fingerprint].into(), ..AllowEntry::default() },
                None => {
                    everything.tell_incomplete(&scans);
                    bail!(
                        "no finding in the files or their history matches {name}\nhelp: name its key ID instead"
                    )
                }
            }
        }
    }))
}

/// The entry for the credential of `finding`, and for no other: what is allowed as a lone key ID says nothing of a secret
/// that comes to it.
pub(super) fn of_credential(finding: &Finding) -> AllowEntry {
    let name = &finding.credential;
    let is_pair = name.id().is_some() && name.any_secret().is_some();
    // A token is renewed while the credential stays.
    let token = name.token().copied().filter(|_| name.id().is_none() && name.any_secret().is_none());
    AllowEntry {
        key_id: name.id().into_iter().collect(),
        secret: name.any_secret().into_iter().chain(token).collect(),
        rule: Some(finding.rule.clone()).filter(|_| !is_pair).into_iter().collect(),
        ..AllowEntry::default()
    }
}
