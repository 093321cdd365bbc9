//! The report as a page for a browser: one file that loads nothing, for people who decide what is done next.
//!
//! The page is written piece by piece: a head with the style and the script, an overview, a row for each credential,
//! and what was not scanned. [`maud`] escapes every text; the policy in the head allows nothing but the page's own
//! style and script. Everything is on the page without the script, which sorts, filters and copies.

mod axis;
mod breakdown;
mod credential;
mod head;
mod overview;
mod place;
mod table;
mod timeline;
mod unscanned;

use std::io::{self, Write};

use jiff::Timestamp;
use maud::{Markup, html};

use super::tally::Tally;
use super::{Credential, Report, credentials};
use breakdown::Breakdown;

/// What the pieces of the page share.
struct Page<'a> {
    report: &'a Report<'a>,
    /// The credentials that count, those that fail first.
    credentials: Vec<Credential<'a>>,
    tally: Tally,
    /// The credentials by account, repository and owner.
    breakdown: Breakdown,
}

/// Writes the page.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let page = Page::of(report);
    write!(out, "<!DOCTYPE html><html lang=\"en\">")?;
    put(out, &head::head(&page))?;
    writeln!(out, "<body>")?;
    put(out, &overview::banner(&page))?;
    writeln!(out, "<main>")?;
    put(out, &overview::totals(&page))?;
    put(out, &timeline::section(&page))?;
    put(out, &page.breakdown.section())?;
    table::write(&page, out)?;
    put(out, &unscanned::suppressed(&page))?;
    unscanned::write(&page, out)?;
    writeln!(out, "</main>")?;
    put(out, &overview::footer(&page))?;
    put(out, &head::script())?;
    writeln!(out, "</body>\n</html>")
}

impl<'a> Page<'a> {
    fn of(report: &'a Report<'a>) -> Self {
        let mut credentials = credentials(report.scan, &report.options.failing);
        credentials.retain(|credential| !credential.is_suppressed());
        let breakdown = Breakdown::of(&credentials);
        Self { report, credentials, tally: Tally::of(report.scan), breakdown }
    }

    fn failing(&self) -> usize {
        self.credentials.iter().filter(|credential| credential.fails).count()
    }

    /// Whether places have to name their repository.
    fn is_of_several(&self) -> bool {
        self.breakdown.repositories() > 1
    }
}

/// Writes one piece and ends its line: the next piece starts with what akid wrote.
fn put(out: &mut dyn Write, piece: &Markup) -> io::Result<()> {
    writeln!(out, "{}", piece.0)
}

/// What a credential is called: its key ID, else the fingerprint of its secret or token.
fn name_of(credential: &Credential<'_>) -> String {
    let name = &credential.best().credential;
    let secret = || name.any_secret().or(name.token().copied()).map(|secret| secret.to_string());
    name.id().map(|id| id.to_string()).or_else(secret).unwrap_or_else(|| credential.id().to_string())
}

/// Where a credential's row is on the page.
fn anchor_of(credential: &Credential<'_>) -> String {
    format!("c-{}", credential.id())
}

fn day(at: Timestamp) -> String {
    at.strftime("%F").to_string()
}

/// A command to copy: the script adds the button.
fn command(command: &str) -> Markup {
    html! { pre.copy { code { (command) } } }
}
