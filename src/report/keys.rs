//! Whose keys are, for `akid resolve`: a table, JSON or CSV.

use std::io::{self, Write};

use serde::Serialize;

use super::json::{Account, Resolution, SCHEMA, Tool};
use super::{csv, words};
use crate::aws::{AccessKeyId, Generation, KeyKind};
use crate::resolve::{self, Key};

/// Keys, and what came of asking AWS about them.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// In the order in which they are told.
    pub keys: Vec<Key>,
    /// What came of asking.
    pub resolution: resolve::Resolution,
}

/// How keys are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFormat {
    /// For people: a table with a header.
    Text,
    /// One object of schema `akid/1`, a `key_list` in `docs/json.md`.
    Json,
    /// Comma-separated values by RFC 4180, with a header.
    Csv,
}

/// Writes the keys.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn write(format: KeyFormat, keys: &Keys, out: &mut dyn Write) -> io::Result<()> {
    match format {
        KeyFormat::Text => write_table(keys, out),
        KeyFormat::Json => write_json(keys, out),
        KeyFormat::Csv => write_csv(keys, out),
    }
}

const COLUMNS: usize = 8;
const TITLES: [&str; COLUMNS] =
    ["key ID", "kind", "generation", "account", "known by", "ownership", "name", "error"];
const NAMES: [&str; COLUMNS] =
    ["key_id", "kind", "generation", "account", "known_by", "ownership", "name", "error"];

/// A key's facts, one a column.
fn row(key: &Key) -> [String; COLUMNS] {
    let account = key.account;
    [
        key.id.to_string(),
        kind(key).to_owned(),
        generation(key).to_owned(),
        account.map(|account| account.id.to_string()).unwrap_or_default(),
        account.map(|account| account.known_by.as_str()).unwrap_or_default().to_owned(),
        key.owner.ownership.as_str().to_owned(),
        key.owner.name.clone().unwrap_or_default(),
        error(key),
    ]
}

fn kind(key: &Key) -> &'static str {
    kind_of(key.id)
}

/// What kind of credential an ID names, as reports say it.
pub(super) fn kind_of(id: AccessKeyId) -> &'static str {
    match id.kind() {
        KeyKind::LongTerm => "long-term",
        KeyKind::Temporary => "temporary",
    }
}

fn generation(key: &Key) -> &'static str {
    match key.id.generation() {
        Generation::New(_) => "new",
        Generation::Old => "old",
        Generation::Implausible => "implausible",
    }
}

/// What is wrong: why AWS did not tell, and what contradicts it if it did.
fn error(key: &Key) -> String {
    let contradiction = key.account.and_then(words::contradiction);
    contradiction.into_iter().chain(key.owner.unresolved.clone()).collect::<Vec<_>>().join("; ")
}

fn write_table(keys: &Keys, out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<_> = keys.keys.iter().map(row).collect();
    let titles = TITLES.map(str::to_owned);
    let mut widths = [0; COLUMNS];
    for row in rows.iter().chain([&titles]) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    // A column that says nothing of any key is left out.
    let is_shown =
        [0, 1, 2, 3, 4, 5, 6, 7].map(|n: usize| n < 6 || rows.iter().any(|row| !row[n].is_empty()));
    for row in [&titles].into_iter().chain(&rows) {
        let cells = row.iter().zip(widths).zip(is_shown).filter(|(_, is_shown)| *is_shown);
        let line: Vec<_> = cells.map(|((cell, width), _)| format!("{cell:width$}")).collect();
        writeln!(out, "{}", line.join("  ").trim_end())?;
    }
    Ok(())
}

fn write_csv(keys: &Keys, out: &mut dyn Write) -> io::Result<()> {
    csv::write_line(&NAMES, out)?;
    keys.keys.iter().try_for_each(|key| csv::write_line(&row(key), out))
}

/// The object that keys are listed in.
#[derive(Serialize)]
struct Log<'a, E> {
    schema: &'static str,
    tool: Tool,
    keys: Vec<E>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution: Option<Resolution<'a>>,
    complete: bool,
}

/// Writes keys as one object, which is complete if nothing failed and `is_all_known`.
pub(super) fn write_log<E: Serialize>(
    keys: impl Iterator<Item = E>,
    resolution: &resolve::Resolution,
    is_all_known: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let log = Log {
        schema: SCHEMA,
        tool: Tool::AKID,
        keys: keys.collect(),
        resolution: Resolution::of(resolution),
        complete: resolution.failures.is_empty() && is_all_known,
    };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

#[derive(Serialize)]
struct Entry<'a> {
    key_id: &'a str,
    kind: &'static str,
    generation: &'static str,
    account: Option<Account>,
    ownership: &'static str,
    unresolved: Option<&'a str>,
}

fn write_json(keys: &Keys, out: &mut dyn Write) -> io::Result<()> {
    let entries = keys.keys.iter().map(|key| Entry {
        key_id: key.id.as_str(),
        kind: kind(key),
        generation: generation(key),
        account: key.account.map(|account| Account::of(account, &key.owner)),
        ownership: key.owner.ownership.as_str(),
        unresolved: key.owner.unresolved.as_deref(),
    });
    write_log(entries, &keys.resolution, true, out)
}
