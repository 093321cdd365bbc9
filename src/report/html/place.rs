//! One finding of a credential: its place, the line, and what git knows of it.

use maud::{Markup, html};

use super::{Page, command};
use crate::finding::{Exposure, Finding};
use crate::redact::redact;
use crate::report::{Standing, git_command, history, words};
use crate::text::{Excerpt, Part};

/// So many further lines with the credential are named.
const MAX_LINES: usize = 10;
/// So much of a path is shown in the table, in characters.
const MAX_SHORT: usize = 90;

pub(super) fn place(page: &Page<'_>, finding: &Finding) -> Markup {
    let repository = finding.repository.as_ref().filter(|_| page.is_of_several());
    let first = finding.places.first();
    html! {
        li {
            p.place {
                code { (path(finding)) }
                " " span.chip { (standing(Standing::of(finding))) }
                @if page.report.options.failing.includes(finding) { " " span.badge.fails { "fails" } }
            }
            @if let Some(repository) = repository {
                p.note { "in " (repository.name) ": " span.copy { (repository.identity()) } }
            }
            @if let Some(place) = first { (excerpt(&place.excerpt)) }
            dl { @for (label, text) in facts(page, finding) { dt { (label) } dd { (text) } } }
            @if let Some(shown) = git_command::showing(finding) {
                p.note { "To see it (this prints the secret):" }
                (command(&shown))
            }
        }
    }
}

/// Path, line and column.
pub(super) fn path(finding: &Finding) -> String {
    let path = redact(finding.origin.path());
    let start = finding.places.first().filter(|_| !finding.origin.is_name()).map(|place| place.main().start);
    start.map_or_else(|| path.clone(), |start| format!("{path}:{}:{}", start.line, start.column))
}

/// The same for a narrow column: of a long path, the start and the end, which says most.
pub(super) fn short_path(finding: &Finding) -> String {
    let path = path(finding);
    let len = path.chars().count();
    if len <= MAX_SHORT {
        return path;
    }
    let start = MAX_SHORT / 4;
    let rest = path.chars().skip(len - (MAX_SHORT - start - 1));
    path.chars().take(start).chain(['…']).chain(rest).collect()
}

/// Where a finding is to be seen, in a few words.
pub(super) fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Current => "in current files",
        Standing::Tip => "in other branches and tags",
        Standing::Past => "only in old commits",
        Standing::Unreachable => "only in unreachable objects",
    }
}

/// The masked line.
fn excerpt(excerpt: &Excerpt) -> Markup {
    html! {
        pre.excerpt { code {
            @for part in excerpt.parts() {
                @match part {
                    Part::Plain(text) => (text),
                    Part::Marked(text) => mark { (text) },
                    Part::Masked => span.mask { "****" },
                    Part::Elided => span.mask { "…" },
                }
            }
        } }
    }
}

/// What is known of the place.
fn facts(page: &Page<'_>, finding: &Finding) -> impl Iterator<Item = (&'static str, String)> {
    let exposure = finding.exposure.as_deref();
    let objects = exposure.map(other_objects).filter(|ids| !ids.is_empty());
    [
        ("introduced in", exposure.and_then(history::introduced)),
        ("versions", exposure.and_then(history::versions)),
        ("in history", exposure.map(history::whereabouts)),
        ("objects", objects),
        ("exposed since", exposure.and_then(|exposure| history::age(finding, exposure, page.report.now))),
        ("also at", other_lines(finding)),
        ("encoded as", encodings(finding)),
        ("layer", finding.layer.as_deref().map(words::layer)),
        ("signed", finding.signed.as_deref().and_then(|signed| words::signed(signed, page.report.now))),
        ("says", finding.claims.as_deref().and_then(|claims| words::claims(claims, page.report.now))),
        ("found in", finding.origin.is_name().then(|| "the name, not the content".to_owned())),
    ]
    .into_iter()
    .filter_map(|(label, text)| Some((label, text?)))
}

fn other_objects(exposure: &Exposure) -> String {
    let ids = exposure.object.iter().chain(&exposure.other_objects);
    let is_unreachable = exposure.versions > 1 && !exposure.other_objects.is_empty();
    let ids = ids.filter(|_| is_unreachable).map(ToString::to_string);
    ids.collect::<Vec<_>>().join(", ")
}

/// Where else in the same input the credential is.
fn other_lines(finding: &Finding) -> Option<String> {
    let others = finding.places.iter().skip(1).take(MAX_LINES).map(|place| place.main().start);
    let mut lines: Vec<_> = others.map(|start| format!("{}:{}", start.line, start.column)).collect();
    let more = finding.occurrences.saturating_sub(1 + lines.len() as u64);
    if more > 0 {
        lines.push(format!("{more} more"));
    }
    (!lines.is_empty()).then(|| lines.join(", "))
}

fn encodings(finding: &Finding) -> Option<String> {
    let words: Vec<_> = finding.places.first()?.encodings.iter().map(|encoding| encoding.as_str()).collect();
    (!words.is_empty()).then(|| words.join(", in "))
}
