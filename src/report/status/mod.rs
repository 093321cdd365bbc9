//! What the owner's account knows of keys, for `akid status`: text, JSON or CSV.

mod json;

use std::io::{self, Write};

use super::json::{LastUsed, time};
use super::keys::{KeyFormat, kind_of};
use super::{csv, words};
use crate::owner::KeyStatus;
use crate::resolve;
use crate::resolve::respond::{Activity, Count, KeyFacts, Remedy, SessionOrigin, UserKey};

pub use json::value;

/// Keys with all that their accounts know of them.
#[derive(Clone, Debug, Default)]
pub struct Statuses {
    /// In the order in which they are shown.
    pub keys: Vec<KeyFacts>,
    /// What came of asking.
    pub resolution: resolve::Resolution,
}

/// Puts a remedy into words, which name options of the command that writes the keys.
pub type RemedyWords = fn(&Remedy) -> String;

/// Most counts that the text shows of one sort; JSON has all of them.
const MAX_COUNTS: usize = 5;

/// Writes the keys.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn write(
    format: KeyFormat,
    statuses: &Statuses,
    words: RemedyWords,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        KeyFormat::Text => statuses.keys.iter().try_for_each(|key| write_text(key, words, out)),
        KeyFormat::Json => json::write(statuses, words, out),
        KeyFormat::Csv => write_csv(statuses, out),
    }
}

/// The state, as people read it.
fn state(status: &KeyStatus) -> String {
    let likely = if status.is_likely { " (likely)" } else { "" };
    format!("{}{likely}", status.state.as_str())
}

/// All that is known of one key, for people: its ID and state, then a fact a line.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn write_text(key: &KeyFacts, words: RemedyWords, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}  {}", key.id, state(&key.status))?;
    for (name, fact) in rows(key) {
        writeln!(out, "  {name:<11} {fact}")?;
    }
    for lack in &key.lacks {
        // What is the evidence already is not said twice.
        if lack.why != key.status.evidence {
            writeln!(out, "  {:<11} {}", if lack.is_denied { "not allowed" } else { "not known" }, lack.why)?;
        }
        let help = lack.remedy.as_ref().map(words).unwrap_or_default();
        for (nth, line) in help.lines().enumerate() {
            let mark = if nth == 0 { "help: " } else { "" };
            writeln!(out, "  {:<11} {mark}{}", "", line.trim_start())?;
        }
    }
    Ok(())
}

/// One key in a line: its state, whose it is, its age and last use, what says so, and its account.
pub fn line(key: &KeyFacts) -> String {
    format!("{}; account {}", words::status(&key.status), account(key))
}

fn rows(key: &KeyFacts) -> Vec<(&'static str, String)> {
    let mut rows = vec![("account", account(key))];
    if let Some(principal) = &key.status.principal {
        rows.push((if key.session.is_some() { "session of" } else { "user" }, principal.clone()));
    }
    if key.is_root {
        rows.push((
            "",
            "the root user: no policy limits it; delete its keys, and sign in with MFA".to_owned(),
        ));
    }
    if let Some(user) = &key.user {
        rows.extend(user.arn.clone().map(|arn| ("", arn)));
        rows.extend(user.tags.iter().map(|(name, value)| ("tag", format!("{name} = {value}"))));
        rows.extend(
            user.quarantine.iter().map(|policy| ("quarantine", format!("{policy}: AWS has seen this leak"))),
        );
    }
    rows.extend(key.status.created_at.map(|at| ("created", format!("{at:.0}"))));
    rows.extend(key.status.last_use.as_ref().map(|last| ("last used", last.describe())));
    rows.extend(key.other_keys.iter().map(|other| ("other key", other_key(other))));
    rows.extend(key.session.iter().map(|origin| ("created by", created_by(origin))));
    rows.extend(key.activity.iter().flat_map(activity));
    rows.push(("evidence", format!("{}; learnt {:.0}", key.status.evidence, key.status.learnt_at)));
    rows
}

fn account(key: &KeyFacts) -> String {
    let Some(account) = key.account else { return "not known".to_owned() };
    let name = key.owner.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
    let contradiction = words::contradiction(account).map(|text| format!("; {text}")).unwrap_or_default();
    format!("{}{name} ({}){contradiction}", account.id, key.owner.ownership.as_str())
}

fn other_key(key: &UserKey) -> String {
    let created = key.created_at.map(|at| format!(", created {at:.0}")).unwrap_or_default();
    format!("{} {}{created}", key.id, key.state.as_str())
}

fn created_by(origin: &SessionOrigin) -> String {
    let part = |word: &str, text: &Option<String>| {
        text.as_ref().map(|text| format!(" {word} {text}")).unwrap_or_default()
    };
    format!(
        "{}{}{}{}{}",
        origin.operation,
        part("by", &origin.actor),
        part("with", &origin.signer),
        part("from", &origin.address),
        origin.at.map(|at| format!(" at {at:.0}")).unwrap_or_default()
    )
}

fn activity(activity: &Activity) -> Vec<(&'static str, String)> {
    let more = if activity.is_cut { " or more" } else { "" };
    let span = activity.span.map(|(from, to)| format!(", {from:.0} to {to:.0}")).unwrap_or_default();
    let head = format!(
        "{}{more} events, {} denied, of 90 days in {}{span}",
        activity.events,
        activity.denied,
        activity.regions.join(" and ")
    );
    let count = |count: &Count| {
        let denied = if count.denied > 0 { format!(", {} denied", count.denied) } else { String::new() };
        ("", format!("{:>6}  {}{denied}", count.events, count.of))
    };
    let lists = [&activity.by_event, &activity.by_address, &activity.by_agent];
    let lines = lists.into_iter().flat_map(|list| list.iter().take(MAX_COUNTS).map(count));
    std::iter::once(("activity", head)).chain(lines).collect()
}

const COLUMNS: [&str; 14] = [
    "key_id",
    "kind",
    "account",
    "ownership",
    "state",
    "likely",
    "principal",
    "created_at",
    "last_used_at",
    "last_used_service",
    "last_used_region",
    "quarantine",
    "evidence",
    "learnt_at",
];

fn write_csv(statuses: &Statuses, out: &mut dyn Write) -> io::Result<()> {
    csv::write_line(&COLUMNS, out)?;
    for key in &statuses.keys {
        let (used_at, service, region) = match LastUsed::of(key.status.last_use.as_ref()) {
            Some(used) => (used.at, used.service, used.region),
            None => (None, None, None),
        };
        let quarantine = key.user.iter().flat_map(|user| user.quarantine.clone()).collect::<Vec<_>>();
        let row: [String; 14] = [
            key.id.to_string(),
            kind_of(key.id).to_owned(),
            key.account.map(|account| account.id.to_string()).unwrap_or_default(),
            key.owner.ownership.as_str().to_owned(),
            key.status.state.as_str().to_owned(),
            key.status.is_likely.to_string(),
            key.status.principal.clone().unwrap_or_default(),
            key.status.created_at.map(time).unwrap_or_default(),
            used_at.unwrap_or_default(),
            service.unwrap_or_default().to_owned(),
            region.unwrap_or_default().to_owned(),
            quarantine.join(" "),
            key.status.evidence.clone(),
            time(key.status.learnt_at),
        ];
        csv::write_line(&row, out)?;
    }
    Ok(())
}
