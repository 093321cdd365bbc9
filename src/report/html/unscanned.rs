//! What does not count, and what was not scanned.

use std::io::{self, Write};

use maud::{Markup, html};

use super::{Page, put};
use crate::finding::Suppression;
use crate::report::acceptance::acceptance;
use crate::report::numbers::{count, grouped};
use crate::report::remarks::{Remark, Sort, remarks};

/// So many inputs of each sort are named, and so many at once.
const MAX_NAMED: usize = 1000;
const SHOWN: usize = 10;

/// How many findings are suppressed, and why.
pub(super) fn suppressed(page: &Page<'_>) -> Markup {
    let by_suppression = &page.tally.by_suppression;
    html! {
        @if !by_suppression.is_empty() {
            section aria-labelledby="suppressed" {
                h2 id="suppressed" { "Suppressed" }
                p { (count(by_suppression.values().sum(), "finding")) " did not count:" }
                ul { @for (reason, n) in by_suppression { li { (grouped(*n)) " " (why(*reason)) } } }
            }
        }
    }
}

fn why(reason: Suppression) -> &'static str {
    match reason {
        Suppression::Example => "from the AWS documentation",
        Suppression::Placeholder => "placeholders",
        Suppression::Expired => "expired presigned URLs",
        Suppression::AkidReport => "in reports of akid",
        Suppression::Inline => "allowed by a comment on the line",
        Suppression::Allow => "allowed by the configuration",
        Suppression::Baseline => "in the baseline",
        Suppression::Gone => "in an older report only",
    }
}

/// Writes what was not scanned, the worst first, and how to accept it.
pub(super) fn write(page: &Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    let scan = page.report.scan;
    writeln!(out, "<section aria-labelledby=\"unscanned\">")?;
    put(out, &html! { h2 id="unscanned" tabindex="-1" { "Not scanned, and notes" } })?;
    let all: Vec<_> = remarks(scan, page.report.options.hints).collect();
    for sort in Sort::ALL {
        let of_sort: Vec<_> = all.iter().filter(|remark| remark.sort == sort).collect();
        if !of_sort.is_empty() {
            put(out, &group(sort, &of_sort))?;
        }
    }
    if all.is_empty() {
        put(out, &html! { p { "Everything was scanned." } })?;
    }
    let acceptance = acceptance(scan);
    if !acceptance.is_empty() {
        let entries = acceptance.join("\n");
        put(
            out,
            &html! { p { "To accept this, add to " code { ".akid.toml" } ":" } pre.copy { code { (entries) } } },
        )?;
    }
    writeln!(out, "</section>")
}

fn group(sort: Sort, remarks: &[&Remark<'_>]) -> Markup {
    let named = &remarks[..remarks.len().min(MAX_NAMED)];
    let more = (remarks.len() - named.len()) as u64;
    let list = html! {
        ul {
            @for remark in named {
                li {
                    @if let Some(path) = remark.path() { code { (path) } " " }
                    (remark.text)
                }
            }
            @if more > 0 { li { "and " (grouped(more)) " more, which the JSON report lists" } }
        }
    };
    let number = grouped(remarks.len() as u64);
    html! {
        h3.error[remarks.iter().any(|remark| remark.is_error)] { (heading(sort)) " (" (number) ")" }
        @if remarks.len() > SHOWN {
            details { summary { "Show" span.hidden-text { ": " (heading(sort)) } } (list) }
        } @else {
            (list)
        }
    }
}

fn heading(sort: Sort) -> &'static str {
    match sort {
        Sort::Interrupted => "Interrupted",
        Sort::Skipped => "Not scanned, or only in part",
        Sort::Unresolved => "Not resolved",
        Sort::LeftOut => "Not listed",
        Sort::Gap => "Gaps",
        Sort::Unreadable => "Not readable by any tool",
        Sort::Stale => "Configuration without effect",
        Sort::Note => "Notes",
        Sort::Accepted => "Accepted",
        Sort::Excluded => "Excluded",
    }
}
