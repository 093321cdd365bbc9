//! A credential's row, and what unfolds from it.

use maud::{Markup, html};

use super::{Page, anchor_of, command, day, name_of, place};
use crate::finding::Finding;
use crate::owner::Ownership;
use crate::report::numbers::{count, grouped};
use crate::report::{Credential, Hints, Standing, words};

/// So many places of a credential are shown: more is for programs.
const MAX_PLACES: usize = 100;

pub(super) fn row(page: &Page<'_>, credential: &Credential<'_>) -> Markup {
    let best = credential.best();
    let name = name_of(credential);
    let findings = credential.findings.len() as u64;
    let numbers: Vec<String> = page.breakdown.all().iter().map(|groups| groups.numbers(credential)).collect();
    let [severities, accounts, repositories, owners] = &numbers[..] else {
        unreachable!("one number for each way to break credentials down")
    };
    html! {
        tbody id=(anchor_of(credential)) role="rowgroup" data-fails=(u8::from(credential.fails))
            data-there=(u8::from(credential.is_still_there())) data-severity=(severities) data-account=(accounts)
            data-repository=(repositories) data-owner=(owners) {
            tr role="row" {
                td.level role="cell" data-value=(credential.severity() as u8) { (level(credential)) }
                th scope="row" role="rowheader" {
                    code { (name) }
                    span.note { (words::title(best, page.report.rule(best))) }
                }
                td role="cell" { (account(best)) }
                td role="cell" { (where_it_is(page, credential)) }
                td.number role="cell" data-value=(findings) { (grouped(findings)) span.unit { @if findings == 1 { " finding" } @else { " findings" } } }
                td role="cell" data-value=[since(credential)] { (dates(credential)) }
            }
            tr.more role="row" {
                td colspan="6" role="cell" {
                    details {
                        summary { "Details" span.hidden-text { " of " (name) } }
                        (unfolded(page, credential))
                    }
                }
            }
        }
    }
}

fn level(credential: &Credential<'_>) -> Markup {
    let severity = credential.severity();
    html! {
        span class={ "badge " (severity) } { (severity) }
        @if credential.fails { " " span.badge.fails { "fails" } }
    }
}

fn account(best: &Finding) -> Markup {
    let Some(account) = best.account else { return html! { span.note { "unknown" } } };
    let whose = match best.owner.ownership {
        Ownership::Own => Some("yours"),
        Ownership::Foreign => Some("not yours"),
        Ownership::Canary => Some("canary token"),
        Ownership::Example => Some("example"),
        Ownership::Unknown => None,
    };
    let state = best.owner.status.as_ref().map(|status| status.state.as_str());
    let notes = [best.owner.name.as_deref(), whose, state];
    let notes: Vec<_> = notes.into_iter().flatten().collect();
    html! {
        (account.id)
        @if !notes.is_empty() { span.note { (notes.join(", ")) } }
    }
}

fn where_it_is(page: &Page<'_>, credential: &Credential<'_>) -> Markup {
    let best = credential.best();
    let repository = best.repository.as_ref().filter(|_| page.is_of_several());
    let repositories = credential.repositories();
    html! {
        code { (place::short_path(best)) }
        @if let Some(repository) = repository {
            span.note {
                "in " (repository.name)
                @if repositories > 1 { " and " (count(repositories - 1, "other")) }
            }
        }
    }
}

/// When it was introduced, in seconds; nothing where that is not known.
fn since(credential: &Credential<'_>) -> Option<i64> {
    credential.introduced()?.1.committed.map(jiff::Timestamp::as_second)
}

fn dates(credential: &Credential<'_>) -> Markup {
    let since = credential.introduced().and_then(|(_, commit)| commit.committed);
    html! {
        @if let Some(since) = since { time { (day(since)) } } @else { span.note.inline { "not known" } }
        span.note { (state(credential)) }
    }
}

/// What became of it. Commits tell when it was written last, and not when it was removed.
pub(super) fn state(credential: &Credential<'_>) -> Markup {
    html! {
        @match (credential.last_seen(), Standing::of(credential.best())) {
            (_, Standing::Current | Standing::Tip) => "still there",
            (_, Standing::Unreachable) => "only unreachable",
            (Some(last), Standing::Past) => { "removed after " time { (day(last)) } },
            (None, Standing::Past) => "only in old commits",
        }
    }
}

fn unfolded(page: &Page<'_>, credential: &Credential<'_>) -> Markup {
    let shown = &credential.findings[..credential.findings.len().min(MAX_PLACES)];
    let more = (credential.findings.len() - shown.len()) as u64;
    html! {
        div.unfolded {
            section.next {
                h3 { "What to do" }
                (next(page, credential))
            }
            section.facts {
                h3 { "What is known" }
                dl { @for (label, text) in facts(page, credential) { dt { (label) } dd { (text) } } }
            }
            section {
                h3 { (count(credential.findings.len() as u64, "finding")) }
                ol.places { @for finding in shown { (place::place(page, finding)) } }
                @if more > 0 { p { "and " (grouped(more)) " more, which the JSON report lists" } }
            }
        }
    }
}

/// What to do, and the commands for it.
fn next(page: &Page<'_>, credential: &Credential<'_>) -> Markup {
    let best = credential.best();
    let step = words::next_step_of_any(best, page.report.rule(best)).unwrap_or_default();
    let step = step.split_once("akid explain").map_or(step, |(before, _)| before);
    let explained = best.credential.id().map_or_else(|| best.rule.to_string(), |id| id.to_string());
    html! {
        p.step { (step.trim_end_matches([' ', ':'])) }
        (command(&format!("akid explain {explained}")))
        p.note { "Only if it is harmless, in the repository:" }
        (command(&format!("akid allow {}{}", credential.id(), Hints::after(" ", page.report.options.hints.allow))))
    }
}

/// What is known of the credential itself.
fn facts(page: &Page<'_>, credential: &Credential<'_>) -> impl Iterator<Item = (&'static str, String)> {
    let best = credential.best();
    let name = &best.credential;
    let owner = &best.owner;
    [
        ("rule", Some(format!("{} ({})", words::title(best, page.report.rule(best)), best.rule))),
        ("key ID", name.id().map(|id| id.to_string())),
        ("secret", name.any_secret().map(|secret| secret.to_string())),
        ("session token", name.token().map(|token| token.to_string())),
        ("account", best.account.map(|account| words::account(account, owner))),
        ("unresolved", owner.unresolved.clone()),
        ("status", owner.status.as_ref().map(words::status)),
        ("confidence", Some(words::confidence(&best.confidence))),
        ("where", Some(standings(credential))),
        ("suppressed", (credential.suppressed > 0).then(|| count(credential.suppressed, "finding"))),
        ("credential ID", Some(credential.id().to_string())),
    ]
    .into_iter()
    .filter_map(|(label, text)| Some((label, text?)))
}

/// How many of its findings are to be seen where.
fn standings(credential: &Credential<'_>) -> String {
    let counts = [Standing::Current, Standing::Tip, Standing::Past, Standing::Unreachable]
        .map(|standing| (credential.count(&[standing]), place::standing(standing)));
    let told = counts.into_iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{} {word}", grouped(n)));
    told.collect::<Vec<_>>().join(", ")
}
