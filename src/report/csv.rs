//! The report for spreadsheets: comma-separated values by RFC 4180, a line for each finding, described at
//! [`Format::Csv`](super::Format::Csv).

use std::io::{self, Write};

use super::remarks::{Remark, remarks};
use super::{Report, words};
use crate::finding::{Claims, Finding};
use crate::redact::redact;

const COLUMNS: usize = 33;

/// The header.
const NAMES: [&str; COLUMNS] = [
    "type",
    "severity",
    "confidence",
    "fails",
    "rule",
    "path",
    "line",
    "column",
    "key_id",
    "secret",
    "token",
    "account",
    "account_name",
    "ownership",
    "occurrences",
    "commit",
    "committed",
    "author",
    "subject",
    "reachability",
    "reason",
    "justification",
    "message",
    "fingerprint",
    "repository",
    "status",
    "status_evidence",
    "last_used",
    "user",
    "region",
    "start_url",
    "issued_at",
    "expires_at",
];

/// Writes the header, the findings, and what there is to say of the run.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_line(&NAMES, out)?;
    for finding in &report.scan.findings {
        write_line(&of_finding(report, finding), out)?;
    }
    for remark in remarks(report.scan, report.options.hints) {
        write_line(&of_remark(remark), out)?;
    }
    Ok(())
}

fn of_finding(report: &Report<'_>, finding: &Finding) -> [String; COLUMNS] {
    let (name, status) = (&finding.credential, finding.owner.status.as_ref());
    let at = finding.places.first().filter(|_| !finding.origin.is_name()).map(|place| place.main().start);
    let exposure = finding.exposure.as_deref();
    let commit = exposure.and_then(|exposure| exposure.first.as_ref());
    let text = |text: Option<&String>| text.cloned().unwrap_or_default();
    let printed = |value: Option<&dyn ToString>| value.map(ToString::to_string).unwrap_or_default();
    let (signed, claims) = (finding.signed.as_deref(), finding.claims.as_deref());
    let shown = |text: Option<&String>| text.map(|text| redact(text.as_bytes())).unwrap_or_default();
    let claim = |field: fn(&Claims) -> Option<&String>| shown(claims.and_then(field));
    let issued_at = signed.map_or_else(|| claims.and_then(|it| it.issued_at), |it| it.signed_at);
    let expires_at = signed.map_or_else(|| claims.and_then(|it| it.expires_at), |it| it.expires_at);
    [
        if finding.suppression.is_some() { "suppressed" } else { "finding" }.to_owned(),
        finding.severity().to_string(),
        finding.confidence.certainty().to_string(),
        if report.options.failing.includes(finding) { "yes" } else { "no" }.to_owned(),
        finding.rule.to_string(),
        redact(finding.origin.path()),
        printed(at.as_ref().map(|at| &at.line as _)),
        printed(at.as_ref().map(|at| &at.column as _)),
        printed(name.id().as_ref().map(|id| id as _)),
        printed(name.any_secret().as_ref().map(|secret| secret as _)),
        printed(name.token().copied().as_ref().map(|token| token as _)),
        printed(finding.account.as_ref().map(|account| &account.id as _)),
        text(finding.owner.name.as_ref()),
        finding.owner.ownership.as_str().to_owned(),
        finding.occurrences.to_string(),
        printed(commit.map(|commit| &commit.id as _)),
        printed(commit.and_then(|commit| commit.committed.as_ref()).map(|at| at as _)),
        text(commit.map(|commit| &commit.author)),
        text(commit.map(|commit| &commit.subject)),
        exposure.map(|exposure| exposure.reachability.as_str()).unwrap_or_default().to_owned(),
        finding.suppression.map(|reason| reason.as_str()).unwrap_or_default().to_owned(),
        text(finding.justification.as_ref()),
        words::title(finding, report.rule(finding)).to_owned(),
        finding.fingerprint().to_string(),
        finding.repository.as_deref().map(|repository| repository.identity().to_owned()).unwrap_or_default(),
        status.map(|status| status.state.as_str()).unwrap_or_default().to_owned(),
        status.map(words::status).unwrap_or_default(),
        printed(status.and_then(|status| status.last_use.as_ref()?.at()).as_ref().map(|at| at as _)),
        claim(|claims| claims.user.as_ref()),
        signed.map_or_else(|| claim(|claims| claims.region.as_ref()), |it| shown(it.region.as_ref())),
        claim(|claims| claims.start_url.as_ref()),
        printed(issued_at.as_ref().map(|at| at as _)),
        printed(expires_at.as_ref().map(|at| at as _)),
    ]
}

fn of_remark(remark: Remark<'_>) -> [String; COLUMNS] {
    let mut cells = NAMES.map(|_| String::new());
    let mut set = |name: &str, text: String| {
        if let Some(column) = NAMES.iter().position(|known| *known == name) {
            cells[column] = text;
        }
    };
    set("type", remark.sort.as_str().to_owned());
    set("path", remark.path().unwrap_or_default());
    set("reason", remark.reason.to_owned());
    set("message", remark.text);
    cells
}

/// Writes one line of cells, each in quotes where it needs them.
pub(super) fn write_line(cells: &[impl AsRef<str>], out: &mut dyn Write) -> io::Result<()> {
    for (nth, text) in cells.iter().enumerate() {
        let comma = if nth > 0 { "," } else { "" };
        write!(out, "{comma}{}", cell(text.as_ref()))?;
    }
    writeln!(out)
}

fn cell(text: &str) -> String {
    let text = without_formulas(text);
    if text.contains(['"', ',', ';', '\t', '\n', '\r']) || text.starts_with('\'') {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// The text with an apostrophe before what a spreadsheet would take for the start of a formula: at its start, and
/// after what separates cells where the system's language separates them by something other than a comma.
fn without_formulas(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 1);
    let mut is_start = true;
    for c in text.chars() {
        if is_start && matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\t' | '\r') {
            safe.push('\'');
        }
        safe.push(c);
        is_start = matches!(c, ';' | '\t' | ',' | '"');
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_calculate_is_made_text() {
        assert_eq!(cell("=1+1"), "\"'=1+1\"");
        assert_eq!(cell("@SUM(A1)"), "\"'@SUM(A1)\"");
        assert_eq!(cell("a;=1"), "\"a;'=1\"");
        assert_eq!(cell("a\"=1"), "\"a\"\"'=1\"");
        assert_eq!(cell("a=1+1"), "a=1+1");
    }

    #[test]
    fn quotes_stand_only_where_they_are_needed() {
        assert_eq!(cell("src/main.rs"), "src/main.rs");
        assert_eq!(cell("a,b"), "\"a,b\"");
        assert_eq!(cell("a \"b\""), "\"a \"\"b\"\"\"");
    }
}
