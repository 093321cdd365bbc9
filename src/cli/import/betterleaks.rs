//! Reports of Betterleaks 2 as JSON or JSON Lines: a finding names its value, its place, and the other parts of the
//! credential. Each value comes with its SHA-256, also where it is masked.

use akid::aws::SecretFingerprint;
use serde_json::Value;

use super::entry::{Clues, Entry, is_masked, lines, text};

/// The findings in one value of a report; `None` if it is something else.
pub(super) fn entries(value: &Value, at: &str) -> Option<Vec<Entry>> {
    value.get("schema_version")?;
    if let Some(finding) = value.get("finding") {
        return Some(vec![entry(finding, at.to_owned())?]);
    }
    match value.get("findings") {
        Some(findings) => {
            let numbered = findings.as_array()?.iter().enumerate();
            numbered.map(|(nth, finding)| entry(finding, format!("finding {}", nth + 1))).collect()
        }
        // The last line, which tells of the scan.
        None => value.get("scan").map(|_| Vec::new()),
    }
}

fn entry(finding: &Value, at: String) -> Option<Entry> {
    finding.get("rule_id")?;
    let number = |key| finding.get("location")?.get(key)?.as_u64();
    let sets = finding.get("component_sets").and_then(Value::as_array).into_iter().flatten();
    let parts = sets.filter_map(|set| set.get("components")?.as_array()).flatten();
    let values: Vec<String> = std::iter::once(finding)
        .chain(parts.clone())
        .flat_map(|part| [text(part, &["match", "value"]), text(part, &["match", "full"])])
        .flatten()
        .collect();
    let mut clues = Clues::of(values.iter().map(String::as_str));
    clues.secrets.extend(std::iter::once(finding).chain(parts).filter_map(masked));
    Some(Entry {
        at,
        path: text(finding, &["location", "path"]).or_else(|| text(finding, &["attributes", "path"])),
        lines: lines(number("start_line"), number("end_line")),
        commit: text(finding, &["attributes", "git.sha"]),
        clues,
    })
}

/// The fingerprint of a value that is masked.
fn masked(part: &Value) -> Option<SecretFingerprint> {
    text(part, &["match", "value"]).filter(|value| is_masked(value))?;
    fingerprint(&text(part, &["match", "fingerprint"])?)
}

/// Reads a SHA-256 in hex. One that was made with a key is of no use here.
pub(super) fn fingerprint(hash: &str) -> Option<SecretFingerprint> {
    let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    let start = hash.get(..12).filter(|_| is_hash)?.to_ascii_lowercase();
    SecretFingerprint::parse(&format!("sha256:{start}"))
}
