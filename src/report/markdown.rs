//! The report for pages that show Markdown: a CI job's summary, a comment on a merge request.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::numbers::count;
use super::remarks::{Remark, remarks};
use super::tally::Tally;
use super::{Report, history, summary, words};
use crate::finding::Finding;

/// How long the report may be, in bytes. GitHub takes 65,536 characters in a comment and 1 MiB in the summary of a step,
/// and drops what is longer whole.
const MAX_LEN: usize = 60_000;
/// How much of that is for other things than findings.
const FOR_REMARKS: usize = 10_000;
/// How much of a text from outside is shown in a cell, in characters.
const MAX_CELL: usize = 160;

const TABLE: &str = "| severity | finding | where | key | account |\n|---|---|---|---|---|\n";

/// Writes a heading, a table of the findings that count, what to do, and what was not scanned.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let findings = report.ranked();
    let mut page = format!("### akid: {}\n\n", verdict(report, &findings));
    let remarks = told(remarks(report.scan, report.options.hints));
    if !findings.is_empty() {
        page.push_str(TABLE);
        let room = MAX_LEN - FOR_REMARKS;
        let rows = findings.iter().map(|finding| row(report, finding));
        let shown = push_while_room(&mut page, rows, room);
        let more = findings.len() as u64 - shown as u64 + report.scan.left_out.findings();
        if more > 0 {
            page.push_str(&format!("\n{} not shown, the least severe.\n", count(more, "more finding")));
        }
        page.push_str(&format!("\n{}", next_steps(report, &findings[..shown])));
    }
    page.push_str(&remarks);
    let found = summary::found(report, &Tally::of(report.scan));
    page.push_str(&format!("{found}; {}.\n", summary::scanned(report)));
    out.write_all(page.as_bytes())
}

fn verdict(report: &Report<'_>, findings: &[&Finding]) -> String {
    let failing = findings.iter().filter(|finding| report.options.failing.includes(finding)).count();
    let all = findings.len() + usize::try_from(report.scan.left_out.findings()).unwrap_or(usize::MAX);
    let found = match (all, failing) {
        (0, _) if report.scan.is_complete() => return "no findings".to_owned(),
        (0, _) => "no findings in what was scanned".to_owned(),
        (all, 0) => format!("{}, none of which fails", count(all as u64, "finding")),
        (all, failing) if all == failing => count(all as u64, "finding"),
        (all, failing) => format!(
            "{}, of which {failing} fail{}",
            count(all as u64, "finding"),
            if failing == 1 { "s" } else { "" }
        ),
    };
    let incomplete = if report.scan.is_complete() { "" } else { "; not everything was scanned" };
    format!("{found}{incomplete}")
}

/// Adds `lines` while the page is not longer than `room`; how many.
fn push_while_room(page: &mut String, lines: impl Iterator<Item = String>, room: usize) -> usize {
    let mut pushed = 0;
    for line in lines {
        if page.len() + line.len() > room {
            break;
        }
        page.push_str(&line);
        pushed += 1;
    }
    pushed
}

fn row(report: &Report<'_>, finding: &Finding) -> String {
    let severity = finding.severity().to_string();
    let fails = report.options.failing.includes(finding);
    let severity = if fails { format!("**{severity}**") } else { severity };
    let name = &finding.credential;
    let secret = name.any_secret().or(name.token().copied()).map(|secret| code(&secret.to_string()));
    let key = name.id().map(|id| code(id.as_str())).or(secret).unwrap_or_default();
    let account = finding.account.map(|account| {
        let name = finding.owner.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
        code(&format!("{}{name}", account.id))
    });
    let account = account.unwrap_or_default();
    let says = words::says(finding, report.now).map(|says| format!(": {}", code(&says)));
    let title = plain(words::title(finding, report.rule(finding))) + &says.unwrap_or_default();
    format!("| {severity} | {title} | {} | {key} | {account} |\n", place(report, finding))
}

/// Where it is: path and line, and for history the commit.
fn place(report: &Report<'_>, finding: &Finding) -> String {
    let path = words::whole_path(report, finding);
    let start = finding.places.first().filter(|_| !finding.origin.is_name()).map(|place| place.main().start);
    let at = start.map(|start| format!(":{}:{}", start.line, start.column)).unwrap_or_default();
    let mut place = code(&format!("{path}{at}"));
    if let Some(exposure) = &finding.exposure {
        if let Some(commit) = history::introduced(exposure) {
            place.push_str(&format!(" from {}", code(&commit)));
        }
        place.push_str(&format!("; {}", code(&history::whereabouts(exposure))));
    }
    place
}

/// What to do, each step once.
fn next_steps(report: &Report<'_>, findings: &[&Finding]) -> String {
    let mut told = BTreeSet::new();
    let mut steps = String::new();
    for finding in findings {
        let rule = report.rule(finding);
        let Some(step) = words::next_step_of_any(finding, rule).filter(|step| told.insert(*step)) else {
            continue;
        };
        let step = match step.split_once("akid explain <KEY_ID>") {
            Some((before, after)) => {
                format!("{}{}{}", plain(before), code("akid explain KEY_ID"), plain(after))
            }
            None => plain(step),
        };
        steps.push_str(&format!("- {}: {step}\n", plain(words::title(finding, rule))));
    }
    if steps.is_empty() { steps } else { format!("What to do:\n\n{steps}\n") }
}

/// What was not scanned and what is not known, as far as it fits.
fn told<'a>(remarks: impl Iterator<Item = Remark<'a>>) -> String {
    let mut remarks = remarks.peekable();
    if remarks.peek().is_none() {
        return String::new();
    }
    let mut told = "Scan problems and remarks:\n\n".to_owned();
    let mut all = 0;
    let lines = remarks.by_ref().inspect(|_| all += 1).map(|remark| format!("- {}\n", line(&remark)));
    let shown = push_while_room(&mut told, lines, FOR_REMARKS / 2);
    let untold = all - shown + remarks.count();
    if untold > 0 {
        told.push_str(&format!("- and {untold} more\n"));
    }
    told + "\n"
}

fn line(remark: &Remark<'_>) -> String {
    let text = code(&remark.text);
    remark.path().map_or_else(|| text.clone(), |path| format!("{}: {text}", code(&path)))
}

/// Text that may come from outside, as code: nothing in it is Markdown, HTML, a link, or a mention of somebody.
///
/// The end of a long text is shown: of a path it tells most.
fn code(text: &str) -> String {
    let len = text.chars().count();
    let skipped = len.saturating_sub(MAX_CELL);
    let cut: String = if skipped > 0 { "…" } else { "" }.chars().chain(text.chars().skip(skipped)).collect();
    let is_plain = !cut.contains(['`', '|', '\\', '\n', '\r']) && cut.trim() == cut && !cut.is_empty();
    if is_plain { format!("`{cut}`") } else { format!("<code>{}</code>", entities(&cut)) }
}

/// Text of a rule, in which no Markdown is meant.
fn plain(text: &str) -> String {
    let needs = |c: char| {
        matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '&' | '#' | '@' | '~' | '!')
    };
    text.chars()
        .map(|c| if needs(c) { entity(c) } else { c.to_string() })
        .collect::<String>()
        .replace('\n', " ")
}

/// Text with everything as a character reference that Markdown or HTML could take for more than text.
fn entities(text: &str) -> String {
    let needs = |c: char| c.is_ascii_control() || (c.is_ascii_punctuation() && c != '/' && c != '-');
    let shown = |c: char| match c {
        // Addresses are looked for once references are text again, and never across an element.
        '@' => format!("<wbr>{}", entity(c)),
        c if needs(c) => entity(c),
        c => c.to_string(),
    };
    text.chars().map(shown).collect()
}

fn entity(c: char) -> String {
    format!("&#{};", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_plain_where_it_can_be() {
        assert_eq!(code("src/a.py:3:19"), "`src/a.py:3:19`");
        assert_eq!(code("a|b"), "<code>a&#124;b</code>");
        assert_eq!(code("x`<img>"), "<code>x&#96;&#60;img&#62;</code>");
        assert_eq!(code("|x@b.com"), "<code>&#124;x<wbr>&#64;b&#46;com</code>");
        assert_eq!(code(" "), "<code> </code>");
    }

    #[test]
    fn the_end_of_a_long_text_is_shown() {
        let long = format!("{}/end.txt", "a/".repeat(200));
        assert!(code(&long).ends_with("/end.txt`") && code(&long).chars().count() == MAX_CELL + 3);
    }
}
