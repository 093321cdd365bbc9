//! Recognises what akid itself writes: reports and baselines, by how they start.
//!
//! A report names key IDs, so that scanning one again would find each of them once more. It masks every secret: what a
//! file that starts like a report holds beside lone key IDs is nothing that akid wrote, and counts.

use std::borrow::Cow;

use super::baseline;
use super::json_head::Strings;
use crate::aws::AccessKeyId;
use crate::text::Wide;

/// As many bytes of an input decide whether it is a report.
pub const REPORT_HEAD: usize = 4096;

/// The word in reports for the schema of akid's own JSON.
const SCHEMA: &[u8] = b"akid/1";

/// The words for severities and certainties.
const SEVERITIES: [&[u8]; 4] = [b"critical", b"high", b"medium", b"low"];
/// In how many lines the first fact of a report for people may be broken.
const MAX_LINES: usize = 8;
const CERTAINTIES: [&[u8]; 4] = [b"certain", b"high", b"medium", b"low"];

/// Whether an input that starts with `head` is a report or a baseline of akid.
pub fn is_own_report(head: &[u8]) -> bool {
    let head = &head[..head.len().min(REPORT_HEAD)];
    let text = plain(head);
    match text.first() {
        Some(b'{') => is_json(&text),
        Some(b'<') => is_junit(&text) || is_html(&text),
        Some(b'#') => is_markdown(&text) || text.starts_with(baseline::START.as_bytes()),
        Some(b':') => is_github(&text),
        _ => is_csv(&text) || is_keys(&text) || is_text(&text),
    }
}

/// The text in UTF-8, without a byte order mark: some shells write what a command prints in UTF-16.
fn plain(head: &[u8]) -> Cow<'_, [u8]> {
    let Some(wide) = Wide::of(head) else {
        return head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).into();
    };
    let numbers = head.chunks_exact(wide.unit_len()).map(|unit| wide.number(unit));
    let ascii = |number| u8::try_from(number).ok().filter(u8::is_ascii).unwrap_or(b'?');
    numbers.skip_while(|&number| number == 0xfeff).map(ascii).collect()
}

/// JSON, JSON Lines, SARIF, OCSF, the reports for GitLab and DefectDojo.
fn is_json(text: &[u8]) -> bool {
    let strings = Strings::of(text);
    let is = |path: &[&str], value: &[u8]| strings.get(path) == Some(value);
    let is_hash = |path: &[&str]| {
        strings.get(path).is_some_and(|value| value.len() == 32 && value.iter().all(u8::is_ascii_hexdigit))
    };
    let is_log = is(&["schema"], SCHEMA) && is(&["tool", "name"], b"akid");
    let is_line = is(&["type"], b"finding") && is_hash(&["fingerprint"]) && is_hash(&["credential_id"]);
    let is_sarif = is(&["properties", "schema"], SCHEMA);
    let is_gitlab = is(&["scan", "analyzer", "id"], b"akid") && is(&["scan", "type"], b"secret_detection");
    let is_defectdojo = is(&["name"], b"akid") && is(&["type"], b"akid");
    let is_ocsf = is(&["metadata", "product", "name"], b"akid")
        && (is(&["class_name"], b"Data Security Finding") || is(&["class_name"], b"Scan Activity"));
    is_log || is_line || is_sarif || is_gitlab || is_defectdojo || is_ocsf
}

fn is_junit(text: &[u8]) -> bool {
    let text = text.strip_prefix(br#"<?xml version="1.0" encoding="UTF-8"?>"#).unwrap_or(text);
    let suites = text.trim_ascii_start().strip_prefix(br#"<testsuites name="akid" "#);
    suites.is_some_and(|rest| memchr::memmem::find(rest, br#"<testsuite name="akid" "#).is_some())
}

/// The page for a browser: its head names akid before anything from outside can come.
fn is_html(text: &[u8]) -> bool {
    let start = br#"<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="generator" content="akid "#;
    let policy = br#"<meta http-equiv="Content-Security-Policy" content="default-src 'none';"#;
    text.strip_prefix(start).is_some_and(|rest| has(rest, &[policy]))
}

fn is_markdown(text: &[u8]) -> bool {
    let Some(rest) = text.strip_prefix(b"### akid: ") else { return false };
    rest.first().is_some_and(u8::is_ascii_digit)
        && memchr::memmem::find(rest, b"\n| severity | finding | where | key | account |").is_some()
}

fn is_csv(text: &[u8]) -> bool {
    text.starts_with(b"type,severity,confidence,fails,rule,path,line,column,key_id,secret,token,")
}

/// What `akid resolve` prints as CSV or as text, or `akid explain` of a key ID.
fn is_keys(text: &[u8]) -> bool {
    let mut lines = complete_lines(text);
    let first = lines.next().unwrap_or_default();
    let heading = ["key ID", "kind", "generation", "account", "known by", "ownership"];
    let columns = String::from_utf8_lossy(first);
    let is_table = columns.split("  ").map(str::trim).filter(|name| !name.is_empty()).take(6).eq(heading);
    let is_page = AccessKeyId::parse(first).is_some()
        && lines.next().is_some_and(|line| line.starts_with(b"  kind        "));
    first.starts_with(b"key_id,kind,generation,account,known_by,ownership,") || is_table || is_page
}

/// Workflow commands of GitHub Actions, of which one tells of a finding.
fn is_github(text: &[u8]) -> bool {
    let commands = [&b"::error "[..], b"::warning ", b"::notice "];
    let lines = complete_lines(text);
    let first = lines.take_while(|line| commands.iter().any(|command| line.starts_with(command)));
    { first }.any(|line| CERTAINTIES.iter().any(|word| has(line, &[b". Confidence ", word])))
}

/// The report for people: a severity and a credential, then lines with an indent, which name the rule and tell the
/// confidence.
fn is_text(text: &[u8]) -> bool {
    const INDENT: usize = 10;
    const NAMES: [&[u8]; 4] = [b"AKIA", b"ASIA", b"secret sha256:", b"session token sha256:"];
    let text = &without_styles(text);
    let mut lines = complete_lines(text);
    let is_title = |line: &[u8]| {
        let (severity, name) = line.split_at_checked(INDENT).unwrap_or_default();
        SEVERITIES.contains(&severity.trim_ascii_end()) && NAMES.iter().any(|start| name.starts_with(start))
    };
    if !lines.next().is_some_and(is_title) {
        return false;
    }
    // The first fact may be broken into lines anywhere between two words.
    let facts = lines.take_while(|line| line.starts_with(&[b' '; INDENT])).take(MAX_LINES);
    let facts: Vec<&[u8]> = facts.map(<[u8]>::trim_ascii).collect();
    let facts = facts.join(&b' ');
    CERTAINTIES.iter().any(|word| has(&facts, &[b"), confidence ", word]))
}

/// The text without the sequences that colour it on a terminal.
fn without_styles(text: &[u8]) -> Vec<u8> {
    let mut parts = text.split(|&byte| byte == 0x1b);
    let mut plain = parts.next().unwrap_or_default().to_vec();
    for part in parts {
        let end = part.iter().position(|&byte| byte == b'm').filter(|_| part.starts_with(b"["));
        plain.extend_from_slice(&part[end.map_or(0, |end| end + 1)..]);
    }
    plain
}

/// The lines of `text` that end there.
fn complete_lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let end = memchr::memrchr(b'\n', text).unwrap_or(0);
    text[..end].split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

fn has(line: &[u8], parts: &[&[u8]]) -> bool {
    memchr::memmem::find(line, &parts.concat()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_resembles_a_report_is_none() {
        for text in [
            "",
            "{\"schema\": \"akid/1\"}",
            "{\"tool\": {\"name\": \"akid\"}}",
            "{\"findings\": [{\"schema\": \"akid/1\", \"tool\": {\"name\": \"akid\"}}]}",
            "{\"type\": \"finding\", \"fingerprint\": \"2d85\", \"credential_id\": \"93e2\"}",
            "### akid: 1 finding\n\nsee AKIA\n",
            "<testsuites name=\"akid\" tests=\"1\"><testsuite name=\"other\"></testsuite></testsuites>",
            "critical  AKIA\nnothing (a-rule), confidence high\n",
            "critical  nobody\n          a key (a-rule), confidence high\n",
            "::error file=a,line=1::a key\n",
            "# Known findings\n",
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>akid</title></head>\n",
        ] {
            assert!(!is_own_report(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn a_report_that_another_program_laid_out_anew_is_still_one() {
        let compact = br#"{"schema":"akid/1","tool":{"name":"akid","version":"0.1.0"},"findings":[]}"#;
        assert!(is_own_report(compact));
        let marked = [b"\xef\xbb\xbf\r\n ".as_slice(), compact].concat();
        assert!(!is_own_report(&marked) && is_own_report(&[b"\xef\xbb\xbf".as_slice(), compact].concat()));
        let wide: Vec<u8> = compact.iter().flat_map(|&byte| [byte, 0]).collect();
        assert!(is_own_report(&wide) && is_own_report(&[b"\xff\xfe", wide.as_slice()].concat()));
    }
}
