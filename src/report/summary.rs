//! What a scan did, in a few lines beside the report: how much was scanned, what was found, what was not scanned.

use std::fmt::Display;
use std::time::Duration;

use super::acceptance::acceptance;
use super::numbers::{bytes, count, grouped};
use super::tally::{Suppressed, Tally};
use super::{Compared, Credential, Hints, Report, Shown, accounts, credentials, words};
use crate::finding::Suppression;
use crate::level::Severity;
use crate::resolve::Resolution;
use crate::scan::Scan;
use crate::source::Skipped;

/// How many of the inputs that the user left out are named: a glob may leave out any number.
const MAX_EXCLUDED: usize = 10;

/// Sums a scan up for people; ends with a newline.
///
/// Every skipped input is named, with the reason: nothing is skipped in silence.
pub fn summary(report: &Report<'_>, elapsed: Duration) -> String {
    let (scan, hints) = (report.scan, report.options.hints);
    let tally = Tally::of(scan);
    let mut lines = String::new();
    let mut line = |text: String| {
        lines.push_str(&text);
        lines.push('\n');
    };
    if scan.interrupted {
        line("interrupted: this is what was found so far".to_owned());
    }
    let skipped = scan.skipped.len() as u64 + scan.left_out.skipped;
    if skipped > 0 {
        line(format!("not scanned, or only in part: {}", count(skipped, "input")));
    }
    let named = |skipped: &Skipped| {
        format!("  {}: {}", words::path(report, &skipped.origin), words::skip_message(&skipped.reason))
    };
    scan.skipped.iter().map(named).for_each(&mut line);
    scan.gaps.iter().for_each(|gap| line(format!("incomplete: {}", words::gap(gap))));
    let unreadable = scan.unreadable.len() as u64 + scan.left_out.unreadable;
    if unreadable > 0 {
        let inputs = count(unreadable, "input");
        let fails = Hints::after("; ", hints.fail_on_unreadable);
        line(format!(
            "warning: {inputs} could not be read completely (empty, encrypted, damaged or unsupported){fails}"
        ));
    }
    scan.unreadable.iter().map(named).for_each(&mut line);
    let acceptance = acceptance(scan);
    if !acceptance.is_empty() {
        line("to accept this, add to .akid.toml:".to_owned());
    }
    acceptance.into_iter().for_each(|text| line(format!("  {text}")));
    words::left_out(scan).for_each(|(is_error, text)| {
        line(format!("{}: {text}", if is_error { "incomplete" } else { "note" }));
    });
    accepted(report).into_iter().for_each(&mut line);
    excluded(report).into_iter().for_each(&mut line);
    for (gap, reason) in &scan.accepted_gaps {
        line(format!("accepted ({reason}): {}", words::gap(gap)));
    }
    scan.notices.iter().for_each(|notice| line(format!("note: {}", words::notice(notice))));
    scan.stale.iter().for_each(|stale| line(format!("note: {}", words::stale(stale))));
    resolution(&scan.resolution).into_iter().for_each(&mut line);
    let credentials = counting(report);
    line(found_of(scan, &tally, &credentials));
    accounts::by_account(&credentials, hints).into_iter().for_each(&mut line);
    hidden(&credentials, &report.options.shown, hints).into_iter().for_each(&mut line);
    if let Some(Compared { new, gone, still_there }) = report.options.compared {
        let [new, gone, still_there] = [new, gone, still_there].map(grouped);
        line(format!("compared by credential: {new} new, {gone} gone, {still_there} still there"));
    }
    line(format!("{}, in {:.2} s", scanned(report), elapsed.as_secs_f64()));
    lines
}

/// How much was scanned.
pub(super) fn scanned(report: &Report<'_>) -> String {
    let Scan { inputs, members, bytes, .. } = report.scan;
    let inside = match members {
        0 => String::new(),
        members => format!(" with {} in archives", count(*members, "member")),
    };
    format!("scanned {}{inside}, {}", count(*inputs, report.options.counted.noun()), self::bytes(*bytes))
}

/// Who asked AWS, and what came of that beside the answers.
fn resolution(resolution: &Resolution) -> Vec<String> {
    let caller = resolution.caller.as_ref().map(|caller| format!("AWS was asked by {}", caller.arn));
    let notes = resolution.notes.iter().map(|note| format!("WARNING: {note}"));
    let failures = resolution.failures.iter().map(|failure| format!("not resolved: {failure}"));
    caller.into_iter().chain(notes).chain(failures).collect()
}

/// What the user accepts that it was not scanned whole, the first by name.
fn accepted(report: &Report<'_>) -> Vec<String> {
    let accepted = &report.scan.accepted;
    if accepted.is_empty() {
        return Vec::new();
    }
    let total = count(accepted.len() as u64 + report.scan.left_out.accepted, "input");
    let mut lines = vec![format!("accepted, although not scanned completely: {total}")];
    lines.extend(accepted.iter().take(MAX_EXCLUDED).map(|(skipped, reason)| {
        let fault = words::skip_message(&skipped.reason);
        format!("  {}: {fault}; accepted: {reason}", words::path(report, &skipped.origin))
    }));
    if accepted.len() > MAX_EXCLUDED {
        lines.push(more(accepted.len() - MAX_EXCLUDED, report));
    }
    lines
}

/// How many inputs are not named.
fn more(n: usize, report: &Report<'_>) -> String {
    format!("  and {n} more{}", Hints::after(": ", report.options.hints.list_all))
}

/// What the user left out, the first by name.
fn excluded(report: &Report<'_>) -> Vec<String> {
    let excluded = &report.scan.excluded;
    if excluded.is_empty() {
        return Vec::new();
    }
    let mut lines =
        vec![format!("excluded: {}", count(excluded.len() as u64 + report.scan.left_out.excluded, "input"))];
    lines.extend(excluded.iter().take(MAX_EXCLUDED).map(|excluded| {
        let why = words::excluded_message(excluded.by, report.options.hints);
        format!("  {}: {why}", words::path(report, &excluded.origin))
    }));
    if excluded.len() > MAX_EXCLUDED {
        lines.push(more(excluded.len() - MAX_EXCLUDED, report));
    }
    lines
}

/// The credentials that count.
fn counting<'a>(report: &Report<'a>) -> Vec<Credential<'a>> {
    let mut credentials = credentials(report.scan, &report.options.failing);
    credentials.retain(|credential| !credential.is_suppressed());
    credentials
}

/// How much was found, and how much of it does not count.
pub(super) fn found(report: &Report<'_>, tally: &Tally) -> String {
    found_of(report.scan, tally, &counting(report))
}

fn found_of(scan: &Scan, tally: &Tally, credentials: &[Credential<'_>]) -> String {
    let findings: u64 = tally.by_severity.values().sum();
    // Of a tree with known findings, "no findings" would be wrong.
    let none = if tally.by_suppression.contains_key(&Suppression::Baseline) {
        "no new findings"
    } else {
        "no findings"
    };
    let mut line = match findings {
        0 if scan.is_all_read() => none.to_owned(),
        0 => format!("{none} in what was scanned"),
        _ => found_credentials(credentials, findings),
    };
    line += &suppressed(scan, tally);
    line
}

/// How much does not count: credentials, and the places that they are in where these are more.
fn suppressed(scan: &Scan, tally: &Tally) -> String {
    let findings: u64 = tally.by_suppression.values().sum();
    if findings == 0 {
        return String::new();
    }
    let uncounted = || Suppressed { credentials: findings, by_reason: tally.by_suppression.clone() };
    let Suppressed { credentials, by_reason } = Suppressed::of(scan).unwrap_or_else(uncounted);
    let what = if credentials < findings {
        format!("{} in {}", count(credentials, "credential"), count(findings, "place"))
    } else {
        grouped(findings)
    };
    format!("; {what} suppressed ({})", numbers(by_reason.iter().map(|(reason, n)| (reason.as_str(), n))))
}

/// The credentials by severity, the number of places, and how many fail.
fn found_credentials(credentials: &[Credential<'_>], findings: u64) -> String {
    let number = |is_it: &dyn Fn(&Credential<'_>) -> bool| {
        credentials.iter().filter(|credential| is_it(credential)).count() as u64
    };
    let of = |severity| number(&|credential| credential.severity() == severity);
    let by_severity = Severity::ALL.map(|severity| (severity, of(severity)));
    let by_severity = by_severity.iter().rev().filter(|(_, n)| *n > 0).map(|(severity, n)| (severity, n));
    let fail = number(&|credential| credential.fails);
    format!(
        "{} in {}: {}; {} fail{}",
        count(credentials.len() as u64, "credential"),
        count(findings, "place"),
        numbers(by_severity),
        if fail == 0 { "none".to_owned() } else { grouped(fail) },
        if fail <= 1 { "s" } else { "" },
    )
}

/// What the options keep from the report for people.
fn hidden(credentials: &[Credential<'_>], shown: &Shown, hints: Hints) -> Option<String> {
    let hidden = credentials.iter().filter(|credential| shown.hides(credential)).count() as u64;
    let why = Hints::after(" because of ", hints.hidden_by);
    (hidden > 0).then(|| format!("not shown{why}: {}", count(hidden, "credential")))
}

fn numbers<'a>(counts: impl Iterator<Item = (impl Display, &'a u64)>) -> String {
    let counts: Vec<_> = counts.map(|(word, n)| format!("{} {word}", grouped(*n))).collect();
    counts.join(", ")
}
