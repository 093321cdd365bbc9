//! Recognises which tool wrote a file, by its content.

use serde_json::{Deserializer, Value};

use super::entry::Entry;
use super::{betterleaks, detect_secrets, gitleaks, kingfisher, sarif, trufflehog};

/// What can be imported, for the message about a file that cannot be.
const FORMATS: &str = "akid reads .gitleaksignore and .betterleaksignore, .secrets.baseline of detect-secrets, reports \
                       of Gitleaks (JSON, CSV), of Betterleaks and Kingfisher (JSON, JSONL) and of TruffleHog (JSONL), \
                       and SARIF";

/// The entries of a file.
///
/// # Errors
///
/// Why it cannot be understood, in words that repeat nothing of it: it may contain secrets.
pub(super) fn entries(text: &[u8]) -> Result<Vec<Entry>, String> {
    let text =
        std::str::from_utf8(text).map_err(|error| format!("not UTF-8, at byte {}", error.valid_up_to()))?;
    let text = text.trim_start_matches('\u{feff}');
    if matches!(text.trim_start().bytes().next(), Some(b'{' | b'[')) {
        return of_json(text);
    }
    let entries = if gitleaks::is_csv(text) { gitleaks::csv(text) } else { gitleaks::ignored(text) };
    entries.ok_or_else(unknown)
}

fn unknown() -> String {
    format!("not a file that can be imported\nhelp: {FORMATS}")
}

/// The entries of a file with one or several values of JSON.
fn of_json(text: &str) -> Result<Vec<Entry>, String> {
    let mut entries = Vec::new();
    for (nth, value) in Deserializer::from_str(text).into_iter::<Value>().enumerate() {
        // The message of the error itself may quote a value.
        let value = value
            .map_err(|error| format!("not valid JSON at line {}, column {}", error.line(), error.column()))?;
        entries.extend(of_value(&value, nth + 1).ok_or_else(unknown)?);
    }
    Ok(entries)
}

fn of_value(value: &Value, nth: usize) -> Option<Vec<Entry>> {
    if trufflehog::is_result(value) {
        return Some(vec![trufflehog::entry(value, format!("line {nth}"))]);
    }
    if let Some(findings) = value.as_array().filter(|findings| findings.iter().all(gitleaks::is_finding)) {
        let entry = |(nth, finding)| gitleaks::entry(finding, format!("finding {}", nth + 1));
        return Some(findings.iter().enumerate().map(entry).collect());
    }
    betterleaks::entries(value, &format!("line {nth}"))
        .or_else(|| detect_secrets::entries(value))
        .or_else(|| sarif::entries(value))
        .or_else(|| kingfisher::entries(value, &format!("finding {nth}")))
}

#[cfg(test)]
mod tests {
    use akid::aws::fake;

    use super::*;

    #[test]
    fn what_is_no_report_is_refused_and_not_repeated() {
        let key = fake::pair(3);
        let secret = key.secret_text();
        for text in [
            format!("{{\"{secret}\": "),
            format!("[\"{secret}\"]"),
            format!("{{\"findings\": [{{\"rule\": \"{secret}\"}}]}}"),
            format!("{{\"results\": {{\"a\": [{{\"hashed_secret\": \"{secret}\"}}]}}, \"generated_at\": 1}}"),
            format!("secret = {secret}\n"),
            format!("RuleID,Commit,File,\n\"{secret}"),
        ] {
            let error = entries(text.as_bytes()).map(|entries| entries.len());
            let Err(error) = error else { continue };
            assert!(!error.contains(&secret[..8]), "{error}");
        }
        for text in ["\u{0}", "{}", "[1]", "a = 1\n", "{\"findings\": 1}", "[[[[[[]]]]]]"] {
            assert!(entries(text.as_bytes()).is_err(), "{text}");
        }
        let deep = "[".repeat(100_000);
        assert!(entries(deep.as_bytes()).is_err());
    }

    #[test]
    fn a_report_without_findings_has_no_entries() {
        for text in ["", "[]", "{\"findings\": []}", "{\"version\": \"2.1.0\", \"runs\": [{}]}"] {
            assert_eq!(entries(text.as_bytes()).map(|entries| entries.len()), Ok(0), "{text}");
        }
    }
}
