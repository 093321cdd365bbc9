//! SARIF of any tool: a result for each finding. Some tools put the secret in clear into the region's snippet.

use serde_json::Value;

use super::entry::{Clues, Entry, lines, text};

/// The results of a log, an entry for each of their locations; `None` if `value` is no log.
pub(super) fn entries(value: &Value) -> Option<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut nth = 0;
    for run in value.get("runs")?.as_array()? {
        for result in run.get("results").and_then(Value::as_array).into_iter().flatten() {
            nth += 1;
            let locations = result.get("locations").and_then(Value::as_array);
            let of_location = |location| entry(result, location, format!("result {nth}"));
            entries.extend(locations.into_iter().flatten().map(of_location));
        }
    }
    Some(entries)
}

fn entry(result: &Value, location: &Value, at: String) -> Entry {
    let place = location.get("physicalLocation").unwrap_or(&Value::Null);
    let region = place.get("region").unwrap_or(&Value::Null);
    let number = |key| region.get(key).and_then(Value::as_u64);
    let uri = text(place, &["artifactLocation", "uri"]).map(|uri| decoded(&uri));
    let (commit, path) = match uri.as_deref().and_then(of_web) {
        Some((commit, path)) => (Some(commit.to_owned()), Some(path.to_owned())),
        None => (text(result, &["partialFingerprints", "commitSha"]), uri),
    };
    Entry {
        at,
        path,
        lines: lines(number("startLine"), number("endLine")),
        commit,
        clues: Clues::of(text(region, &["snippet", "text"]).as_deref()),
    }
}

/// The commit and the path in a link to a file of a hosted repository.
fn of_web(uri: &str) -> Option<(&str, &str)> {
    let (_, rest) = uri.split_once("://")?.1.split_once("/blob/")?;
    let (commit, path) = rest.split_once('/')?;
    Some((commit, path.rsplit_once("#L").map_or(path, |(path, _)| path)))
}

/// The URI without percent-encoding; as it is where that is broken.
fn decoded(uri: &str) -> String {
    let mut bytes = Vec::with_capacity(uri.len());
    let mut rest = uri.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| byte == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        let escaped = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(escaped.unwrap_or(byte));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    let plain = String::from_utf8(bytes).unwrap_or_else(|_| uri.to_owned());
    plain.strip_prefix("file://").map(str::to_owned).unwrap_or(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_is_a_path_or_a_link_to_a_commit() {
        for (uri, path) in
            [("a%20b/%C3%A9", "a b/\u{e9}"), ("100%", "100%"), ("file:///a", "/a"), ("%ff", "%ff")]
        {
            assert_eq!(decoded(uri), path);
        }
        assert_eq!(of_web("https://example.com/o/r/blob/0123abc/a/b.env#L3"), Some(("0123abc", "a/b.env")));
        assert_eq!(of_web("a/blob/b"), None);
    }
}
