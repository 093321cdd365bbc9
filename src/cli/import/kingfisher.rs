//! Reports of Kingfisher as JSON or JSON Lines: the snippet of a finding is its secret in clear.

use serde_json::Value;

use super::entry::{Clues, Entry, lines, text};

/// The findings in one value of a report: a list, an object with a list, or one finding; `None` if it is something else.
pub(super) fn entries(value: &Value, at: &str) -> Option<Vec<Entry>> {
    // The last line of JSON Lines tells of the scan.
    if value.get("audit").is_some() && value.get("finding").is_none() && value.get("findings").is_none() {
        return Some(Vec::new());
    }
    // Later versions wrap the list; earlier ones put a finding into a list of matches.
    let findings = match value {
        Value::Array(findings) => findings.as_slice(),
        Value::Object(fields) => match fields.get("findings").or_else(|| fields.get("matches")) {
            Some(findings) => return entries(findings, at),
            None => std::slice::from_ref(value),
        },
        _ => return None,
    };
    let mut all = Vec::new();
    for (nth, value) in findings.iter().enumerate() {
        let at = if findings.len() > 1 { format!("finding {}", nth + 1) } else { at.to_owned() };
        match value.get("matches") {
            Some(matches) => all.extend(entries(matches, &at)?),
            None => all.push(entry(value, at)?),
        }
    }
    Some(all)
}

fn entry(value: &Value, at: String) -> Option<Entry> {
    value.get("rule")?.get("id")?;
    let finding = value.get("finding")?;
    let git = |keys: &[&str]| text(finding.get("git_metadata")?, keys);
    Some(Entry {
        at,
        path: git(&["file", "path"]).or_else(|| text(finding, &["path"])),
        lines: lines(finding.get("line").and_then(Value::as_u64), None),
        commit: git(&["commit", "id"]),
        clues: Clues::of(text(finding, &["snippet"]).as_deref()),
    })
}
