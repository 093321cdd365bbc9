//! Baselines of detect-secrets: for each file, the SHA-1 digests of its secrets and their lines.

use akid::known::Sha1Digest;
use serde_json::Value;

use super::entry::{Clues, Entry, lines, text};

/// The findings of a baseline; `None` if `value` is none.
pub(super) fn entries(value: &Value) -> Option<Vec<Entry>> {
    value.get("plugins_used").or_else(|| value.get("generated_at"))?;
    let files = value.get("results")?.as_object()?;
    let mut entries = Vec::new();
    for (path, findings) in files {
        for (nth, finding) in findings.as_array()?.iter().enumerate() {
            let digest = text(finding, &["hashed_secret"]).and_then(|hex| Sha1Digest::parse(&hex));
            entries.push(Entry {
                at: format!("result {}", nth + 1),
                path: Some(path.clone()),
                lines: lines(finding.get("line_number").and_then(Value::as_u64), None),
                clues: Clues { digest: Some(digest?), ..Clues::default() },
                ..Entry::default()
            });
        }
    }
    Some(entries)
}
