//! The table of credentials, in an order that is useful as it is, and what narrows it.

use std::io::{self, Write};

use maud::{Markup, html};

use super::breakdown::Groups;
use super::{Page, credential, put};
use crate::report::numbers::{count, grouped};

/// So many groups are offered to filter by: a menu of more is no use.
const MAX_OPTIONS: usize = 1000;

const COLUMNS: [&str; 6] =
    ["Severity", "Credential", "Account", "Best place to look", "Findings", "Introduced"];

/// Writes the table, a credential at a time.
pub(super) fn write(page: &Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<section aria-labelledby=\"credentials\">")?;
    put(out, &html! { h2 id="credentials" tabindex="-1" { "Credentials" } })?;
    if page.credentials.is_empty() {
        put(out, &html! { p.nothing { (nothing(page)) } })?;
        return writeln!(out, "</section>");
    }
    put(out, &tools(page))?;
    // The roles are those that the elements have by themselves until the style lays them out as a grid.
    writeln!(out, "<table class=\"credentials\" id=\"table\" role=\"table\">")?;
    put(out, &head())?;
    for credential in &page.credentials {
        put(out, &credential::row(page, credential))?;
    }
    writeln!(
        out,
        "</table>\n<p class=\"nothing\" id=\"nothing\" hidden>No credential matches.</p>\n</section>"
    )
}

fn nothing(page: &Page<'_>) -> &'static str {
    if page.report.scan.is_complete() {
        "No credential was found."
    } else {
        "No credential was found in what was scanned."
    }
}

fn head() -> Markup {
    html! {
        caption.hidden-text {
            "Credentials, those that fail first, then by severity, confidence and where they are"
        }
        thead role="rowgroup" {
            tr role="row" {
                @for column in COLUMNS {
                    th scope="col" role="columnheader" { (column) }
                }
            }
        }
    }
}

/// What narrows the table. It needs the script, which shows it.
fn tools(page: &Page<'_>) -> Markup {
    html! {
        div.tools id="tools" role="search" aria-label="Credentials" hidden {
            p.wide {
                label for="search" { "Search" }
                input id="search" type="search" autocomplete="off" spellcheck="false"
                    placeholder="key ID, path, author, commit …";
            }
            p {
                label for="fails" { "Result" }
                select id="fails" {
                    option value="" { "any" }
                    option value="1" { "fails (" (grouped(page.failing() as u64)) ")" }
                    option value="0" { "does not fail" }
                }
            }
            p {
                label for="there" { "Still there" }
                select id="there" {
                    option value="" { "any" }
                    option value="1" { "yes" }
                    option value="0" { "no" }
                }
            }
            @for groups in page.breakdown.all() { (options(groups)) }
            p.buttons {
                button type="button" id="unfold" { "Unfold all" }
                button type="button" id="fold" { "Fold all" }
                button type="button" id="reset" { "Reset" }
            }
            p.count id="count" role="status" { (count(page.credentials.len() as u64, "credential")) }
        }
    }
}

fn options(groups: &Groups) -> Markup {
    let by = groups.by();
    html! {
        p {
            label for=(by) { (by) }
            select id=(by) {
                option value="" { "any" }
                @for (number, group) in groups.groups.iter().take(MAX_OPTIONS).enumerate() {
                    option value=(number) { (group.name) " (" (grouped(group.credentials)) ")" }
                }
            }
        }
    }
}
