//! When credentials were introduced, and until when they were there.

use std::fmt::Write;

use jiff::Timestamp;
use jiff::civil::Date;
use maud::{Markup, html};

use super::axis::Axis;
use super::{Page, anchor_of, credential, day, name_of};
use crate::level::Severity;
use crate::report::Credential;
use crate::report::numbers::{count, grouped};

/// So many credentials have a bar at once, and so many of the rest when they are unfolded.
const SHOWN: usize = 15;
const FOLDED: usize = 250;
/// The height of the chart and of a credential's bar, in pixels.
const HEIGHT: f64 = 120.0;
const LANE: u32 = 14;

/// A credential that was introduced at a known time.
struct Exposed<'a> {
    credential: &'a Credential<'a>,
    began: Timestamp,
}

/// The chart of all, and a bar for each of the worst.
pub(super) fn section(page: &Page<'_>) -> Markup {
    let exposed: Vec<_> = page.credentials.iter().filter_map(Exposed::of).collect();
    let now = page.report.now;
    let axis = Axis::of(exposed.iter().map(|it| it.began), now);
    html! {
        @if let Some(axis) = axis { (chart(&axis, &exposed, page.credentials.len(), now)) }
    }
}

/// Whether there is a date to show.
pub(super) fn is_there(page: &Page<'_>) -> bool {
    page.credentials.iter().any(|credential| Exposed::of(credential).is_some())
}

impl<'a> Exposed<'a> {
    fn of(credential: &'a Credential<'a>) -> Option<Self> {
        let (_, commit) = credential.introduced()?;
        Some(Self { credential, began: commit.committed? })
    }
}

fn chart(axis: &Axis, exposed: &[Exposed<'_>], all: usize, now: Timestamp) -> Markup {
    let (shown, rest) = exposed.split_at(exposed.len().min(SHOWN));
    let folded = &rest[..rest.len().min(FOLDED)];
    let unlisted = (rest.len() - folded.len()) as u64;
    let undated = (all - exposed.len()) as u64;
    html! {
        section aria-labelledby="timeline" {
            h2 id="timeline" { "Timeline" }
            p.note {
                "When each credential was introduced, by the dates of commits."
                " A ring marks the last commit with a credential that was removed later."
                @if undated > 0 { " " (count(undated, "credential")) " without a date: not shown here." }
            }
            div.timeline {
                (bars(axis, exposed))
                (ticks(axis))
                h3 { @if rest.is_empty() { "Each credential" } @else { "First " (shown.len()) " credentials of the table" } }
                ul.lanes { @for it in shown { (lane(axis, it, now)) } }
                @if !folded.is_empty() {
                    details {
                        summary { (grouped(rest.len() as u64)) " more" }
                        ul.lanes { @for it in folded { (lane(axis, it, now)) } }
                        @if unlisted > 0 { p { "and " (grouped(unlisted)) " more, in the table of credentials" } }
                    }
                }
            }
        }
    }
}

/// How many were introduced in each period, by severity.
fn bars(axis: &Axis, exposed: &[Exposed<'_>]) -> Markup {
    let (periods, word) = axis.periods();
    let counts = counts(axis, &periods, exposed);
    let highest = counts.iter().map(|counts| counts.iter().sum::<u32>()).max().unwrap_or(0).max(1);
    let most = format!("up to {highest} a {word}");
    let label = format!("Credentials introduced: {most}");
    html! {
        div.lane {
            p.most.note { (most) }
            svg role="img" aria-label=(label) width="100%" height=(HEIGHT + 1.0) {
                @for (period, counts) in periods.windows(2).zip(&counts) {
                    @let (from, to) = (axis.at(period[0]), axis.at(period[1]));
                    @for (severity, y, height) in stack(*counts, highest) {
                        rect class=(severity) x=(per_cent(from)) width=(per_cent((to - from) * 0.86)) y=(y) height=(height) {
                            title { (told(period[0], *counts)) }
                        }
                    }
                }
                line.base x1="0" x2="100%" y1=(HEIGHT + 0.5) y2=(HEIGHT + 0.5) {}
            }
        }
    }
}

fn legend() -> Markup {
    html! {
        ul.legend {
            @for severity in Severity::ALL.into_iter().rev() {
                li {
                    svg aria-hidden="true" width="12" height="12" { rect class=(severity) width="12" height="12" rx="2" {} }
                    (severity)
                }
            }
        }
    }
}

/// How many were introduced in each period, from low to critical.
fn counts(axis: &Axis, periods: &[Date], exposed: &[Exposed<'_>]) -> Vec<[u32; 4]> {
    let mut counts = vec![[0; 4]; periods.len() - 1];
    for it in exposed {
        let day = axis.day(it.began);
        let period = periods.partition_point(|start| *start <= day) - 1;
        counts[period][it.credential.severity() as usize] += 1;
    }
    counts
}

/// The parts of a bar: the worst at the bottom.
fn stack(counts: [u32; 4], most: u32) -> Vec<(Severity, String, String)> {
    let mut below = HEIGHT;
    let mut parts = Vec::new();
    for severity in Severity::ALL.into_iter().rev() {
        let height = HEIGHT * f64::from(counts[severity as usize]) / f64::from(most);
        if height > 0.0 {
            below -= height;
            parts.push((severity, format!("{below:.1}"), format!("{height:.1}")));
        }
    }
    parts
}

fn told(from: Date, counts: [u32; 4]) -> String {
    let mut told = format!("from {from}:");
    for severity in Severity::ALL.into_iter().rev().filter(|severity| counts[*severity as usize] > 0) {
        // Writing to a string does not fail.
        let _ = write!(told, " {} {severity}", counts[severity as usize]);
    }
    told
}

fn ticks(axis: &Axis) -> Markup {
    html! {
        div.lane {
            span {}
            svg aria-hidden="true" width="100%" height="18" {
                @for (at, text) in axis.ticks() {
                    @let anchor = if at < 4.0 { "start" } else if at > 96.0 { "end" } else { "middle" };
                    text x=(per_cent(at)) y="13" text-anchor=(anchor) { (text) }
                }
            }
            (legend())
        }
    }
}

/// From its introduction until it was seen last.
fn lane(axis: &Axis, it: &Exposed<'_>, now: Timestamp) -> Markup {
    let credential = it.credential;
    let severity = credential.severity();
    let is_there = credential.is_still_there();
    let ended = if is_there { now } else { credential.last_seen().unwrap_or(it.began) };
    let (from, to) = (axis.at(axis.day(it.began)), axis.at(axis.day(ended)));
    let middle = LANE / 2;
    html! {
        li.lane {
            a href={ "#" (anchor_of(credential)) } { code { (name_of(credential)) } }
            svg aria-hidden="true" width="100%" height=(LANE) {
                line.base x1="0" x2="100%" y1=(middle) y2=(middle) {}
                rect class=(severity) x=(per_cent(from)) width=(per_cent(to - from)) y=(middle - 3) height="6" rx="3" {}
                circle class=(severity) cx=(per_cent(from)) cy=(middle) r="4" {}
                @if !is_there { circle.ended class=(severity) cx=(per_cent(to)) cy=(middle) r="4" {} }
            }
            span.note { time { (day(it.began)) } ", " (severity) ", " (credential::state(credential)) }
        }
    }
}

fn per_cent(share: f64) -> String {
    format!("{share:.2}%")
}
