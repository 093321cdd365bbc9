//! The top of the page: what was scanned, whether that was everything, and how much was found.

use maud::{Markup, html};

use super::{Page, timeline};
use crate::level::Severity;
use crate::owner::Ownership;
use crate::report::numbers::{count, grouped};
use crate::report::summary::scanned;

/// The result in a few words.
pub(super) fn title(page: &Page<'_>) -> String {
    let credentials = page.credentials.len() as u64;
    let failing = page.failing() as u64;
    let verb = if failing == 1 { "fails" } else { "fail" };
    match (credentials, failing) {
        (0, _) if page.report.scan.is_complete() => "no credentials found".to_owned(),
        (0, _) => "no credentials found in what was scanned".to_owned(),
        (_, 0) => format!("{}, none fails", count(credentials, "credential")),
        (all, failing) if all == failing => {
            format!("{}, {}", count(all, "credential"), if all == 1 { "it fails" } else { "all fail" })
        }
        _ => format!("{}, {} {verb}", count(credentials, "credential"), grouped(failing)),
    }
}

/// What was scanned, and a warning if that was not everything.
pub(super) fn banner(page: &Page<'_>) -> Markup {
    let (report, scan) = (page.report, page.report.scan);
    let now = report.now.strftime("%F %H:%M UTC").to_string();
    html! {
        a.skip href="#credentials" { "Skip to the credentials" }
        header {
            p.brand { "akid" span { "AWS access keys in files and git history" } }
            h1 { (title(page)) }
            p.scanned { (scanned(report)) " · " time { (now) } }
            @if scan.interrupted {
                p.alert { strong { "The scan was interrupted." } " This is what was found before it stopped." }
            } @else if !scan.is_complete() {
                p.alert {
                    strong { "The scan is incomplete." }
                    " Credentials may be missing from this page. "
                    a href="#unscanned" { "What was not scanned" }
                }
            }
            (contents(page))
        }
    }
}

fn contents(page: &Page<'_>) -> Markup {
    html! {
        nav aria-label="On this page" {
            ul {
                @if timeline::is_there(page) { li { a href="#timeline" { "Timeline" } } }
                @if !page.credentials.is_empty() { li { a href="#breakdown" { "Where and whose" } } }
                li { a href="#credentials" { "Credentials" } }
                @if !page.tally.by_suppression.is_empty() { li { a href="#suppressed" { "Suppressed" } } }
                li { a href="#unscanned" { "Not scanned" } }
            }
        }
    }
}

/// Counts of credentials and findings.
pub(super) fn totals(page: &Page<'_>) -> Markup {
    let findings: u64 = page.tally.by_severity.values().sum();
    let by_severity = |severity| {
        page.credentials.iter().filter(|credential| credential.severity() == severity).count() as u64
    };
    let failing = page.failing() as u64;
    html! {
        section aria-labelledby="totals" {
            h2.hidden-text id="totals" { "Totals" }
            dl.totals {
                div { dt { "credentials" } dd { (grouped(page.credentials.len() as u64)) } }
                div.fails[failing > 0] { dt { (if failing == 1 { "fails" } else { "fail" }) } dd { (grouped(failing)) } }
                div { dt { "findings" } dd { (grouped(findings)) } }
                @for severity in Severity::ALL.into_iter().rev() {
                    @let n = by_severity(severity);
                    div class={ "severity " (severity) @if n == 0 { " none" } } { dt { (severity) } dd { (grouped(n)) } }
                }
            }
        }
    }
}

/// How to read the page.
pub(super) fn footer(page: &Page<'_>) -> Markup {
    let failing = &page.report.options.failing;
    let owners: Vec<_> = failing.owners.iter().map(|owner| owner.as_str()).collect();
    html! {
        footer {
            p {
                "A credential fails the run if one of its findings has severity " (failing.severity)
                " or above and confidence " (failing.certainty) " or above"
                @if owners.len() < Ownership::ALL.len() { ", and its owner is " (owners.join(" or ")) }
                ". A finding is one credential at one path of one repository. "
                "Secrets are never on this page: " code { "sha256:" } " names a secret by its fingerprint."
            }
            p { "Made by akid " (env!("CARGO_PKG_VERSION")) ". This file loads nothing and sends nothing." }
        }
    }
}
