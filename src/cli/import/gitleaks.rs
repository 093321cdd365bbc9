//! Reports of Gitleaks and Betterleaks 1, and ignore files of both. A report has an object or a row for each finding,
//! with its secret in clear unless it was masked; an ignore file has a line `COMMIT:PATH:RULE:LINE` or `PATH:RULE:LINE`,
//! or, for Betterleaks 2, the SHA-256 of the value.

use serde_json::Value;

use super::betterleaks::fingerprint;
use super::entry::{Clues, Entry, lines, text};

/// Whether `value` is a finding of a JSON report.
pub(super) fn is_finding(value: &Value) -> bool {
    value.get("RuleID").is_some() && value.get("StartLine").is_some()
}

/// A finding of a JSON report.
pub(super) fn entry(value: &Value, at: String) -> Entry {
    let clues = [text(value, &["Secret"]), text(value, &["Match"])];
    let number = |key| value.get(key).and_then(Value::as_u64);
    // Betterleaks keeps both under new names.
    let either = |old, new| text(value, &[old]).or_else(|| text(value, &["Attributes", new]));
    Entry {
        at,
        path: either("File", "path"),
        lines: lines(number("StartLine"), number("EndLine")),
        commit: either("Commit", "git.sha"),
        clues: Clues::of(clues.iter().flatten().map(String::as_str)),
    }
}

/// Whether `text` is a report as CSV.
pub(super) fn is_csv(text: &str) -> bool {
    text.starts_with("RuleID,Commit,File,")
}

/// The findings of a report as CSV; `None` if it is none.
pub(super) fn csv(text: &str) -> Option<Vec<Entry>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let names = reader.headers().ok()?.clone();
    let column = |name: &str| names.iter().position(|column| column == name);
    let [commit, file, secret, match_, first, last] =
        ["Commit", "File", "Secret", "Match", "StartLine", "EndLine"].map(column);
    let mut entries = Vec::new();
    for (nth, row) in reader.records().enumerate() {
        let row = row.ok()?;
        let cell = |column: Option<usize>| row.get(column?).filter(|text| !text.is_empty());
        let number = |column| cell(column).and_then(|text| text.parse().ok());
        entries.push(Entry {
            at: format!("row {}", nth + 1),
            path: cell(file).map(str::to_owned),
            lines: lines(number(first), number(last)),
            commit: cell(commit).map(str::to_owned),
            clues: Clues::of([cell(secret), cell(match_)].into_iter().flatten()),
        });
    }
    Some(entries)
}

/// The entries of an ignore file; `None` if a line is something else.
pub(super) fn ignored(text: &str) -> Option<Vec<Entry>> {
    let lines = text.lines().map(str::trim).enumerate();
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines.map(|(nth, line)| ignored_line(line, format!("line {}", nth + 1))).collect()
}

fn ignored_line(line: &str, at: String) -> Option<Entry> {
    if let Some(fingerprint) = fingerprint(line) {
        let clues = Clues { secrets: [fingerprint].into(), ..Clues::default() };
        return Some(Entry { at, clues, ..Entry::default() });
    }
    let (rest, number) = line.rsplit_once(':')?;
    let (place, _rule) = rest.rsplit_once(':')?;
    let is_id = |text: &str| text.len() >= 7 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (commit, path) = match place.split_once(':') {
        Some((commit, path)) if is_id(commit) => (Some(commit.to_owned()), path),
        _ => (None, place),
    };
    let lines = lines(Some(number.parse().ok()?), None);
    Some(Entry { at, path: Some(path.to_owned()), lines, commit, ..Entry::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_lines_name_a_place_with_or_without_a_commit() {
        let commit = "0123456789".repeat(4);
        let text =
            format!("# why\n\n{commit}:a/b.env:aws-access-token:3\r\n012345a:c:d.env:r:4\n  e.env:r:5\n");
        let entries = ignored(&text).unwrap();
        let places: Vec<_> = entries
            .iter()
            .map(|entry| (entry.at.as_str(), entry.commit.as_deref(), entry.path.as_deref().unwrap()))
            .collect();
        let wanted = [
            ("line 3", Some(&*commit), "a/b.env"),
            ("line 4", Some("012345a"), "c:d.env"),
            ("line 5", None, "e.env"),
        ];
        assert_eq!(places, wanted);
        assert_eq!(entries[2].lines, Some(5..=5));
        assert!(ignored("a sentence\n").is_none() && ignored("a:b:c\n").is_none());
    }
}
