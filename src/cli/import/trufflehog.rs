//! Results of TruffleHog as JSON Lines: key ID and secret in clear, and where they were found by the kind of source.

use serde_json::Value;

use super::entry::{Clues, Entry, lines, text};

/// Whether `value` is a result.
pub(super) fn is_result(value: &Value) -> bool {
    value.get("SourceMetadata").is_some() && value.get("DetectorName").is_some()
}

/// A result. `SourceMetadata.Data` has one key, which names the source.
pub(super) fn entry(value: &Value, at: String) -> Entry {
    let clues = ["RawV2", "Raw", "Redacted"].map(|key| text(value, &[key]));
    let data = value.get("SourceMetadata").and_then(|data| data.get("Data"));
    let place = data.and_then(Value::as_object).and_then(|sources| sources.values().next());
    let of_place = |key| place.and_then(|place| text(place, &[key]));
    Entry {
        at,
        path: of_place("file"),
        lines: lines(place.and_then(|place| place.get("line")).and_then(Value::as_u64), None),
        commit: of_place("commit"),
        clues: Clues::of(clues.iter().flatten().map(String::as_str)),
    }
}
