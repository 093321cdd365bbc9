//! The report for people: a block for each credential, those that fail the run first.
//!
//! ```text
//! critical  AKIA53L3J55W6EXAMPLE + secret sha256:93df41cf2d80                FAILS
//!           AWS access key with its secret (aws-access-key), confidence high
//!           account 952130727789 (decoded from the key ID)
//!           deploy/prod.env:2:19  still in main
//!               AWS_SECRET_ACCESS_KEY=****
//!               introduced in 5b05207161, 2026-03-02, Ada Example: Deploy by script
//!           … and 12 more places: 12 only in old commits; -v lists all
//!           next: akid explain AKIA53L3J55W6EXAMPLE
//! ```

mod layout;
mod place;

use std::io::{self, Write};

use anstyle::{AnsiColor, Color, Style};

use self::layout::Layout;
use super::github::without_commands;
use super::{Credential, Report, Standing, credentials, words};
use crate::aws::{AccessKeyId, Generation};
use crate::finding::{CredentialName, Finding, Novelty, Suppression};
use crate::level::Severity;
use crate::rule::Rule;
use crate::text::{Excerpt, Part};

/// How many places of a credential are shown, unless all are asked for.
const MAX_PLACES: usize = 5;
/// How far the facts of a credential stand to the right: as far as the longest severity takes, and a gap.
const INDENT: usize = 10;

const PATH: Style = Style::new().bold();
const KEY_ID: Style = Style::new().bold().fg_color(Some(Color::Ansi(AnsiColor::Yellow)));
const QUIET: Style = Style::new().dimmed();
const FAILS: Style = Style::new().bold().fg_color(Some(Color::Ansi(AnsiColor::Red)));

/// Writes a block for each credential that is to be shown, with an empty line between two.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let credentials = credentials(report.scan, &report.options.failing);
    let shown = credentials.iter().filter(|credential| report.options.shown.includes(credential));
    for (nth, credential) in shown.enumerate() {
        if nth > 0 {
            writeln!(out)?;
        }
        out.write_all(block(report, credential).as_bytes())?;
    }
    let is_gone = |credential: &&Credential<'_>| {
        credential.best().suppression == Some(Suppression::Gone) && credential.is_suppressed()
    };
    for (nth, credential) in credentials.iter().filter(is_gone).enumerate() {
        if nth == 0 {
            writeln!(out, "\ngone: rotated, or removed from what was scanned")?;
        }
        let best = credential.best();
        let place = place::path_and_position(report, best);
        writeln!(out, "  {}  {}", name(&best.credential), without_commands(&place))?;
    }
    Ok(())
}

/// One credential as the report for people shows it, with ANSI styles; ends with a newline.
pub fn block(report: &Report<'_>, credential: &Credential<'_>) -> String {
    let block = Block { report, credential, layout: Layout::new(report.options.width) };
    // Authors, refs and steps of builds come from outside, as paths do.
    without_commands(&block.text())
}

/// Where a finding is, how bad it is, and what.
pub(super) fn heading(report: &Report<'_>, finding: &Finding, rule: Option<&Rule>) -> String {
    let severity = severity_style(finding.severity());
    format!(
        "{PATH}{}{PATH:#}: {severity}{}{severity:#}: {} ({})",
        without_commands(&place::path_and_position(report, finding)),
        finding.severity(),
        words::title(finding, rule),
        finding.rule
    )
}

/// One credential, about to be written.
struct Block<'a> {
    report: &'a Report<'a>,
    credential: &'a Credential<'a>,
    layout: Layout,
}

impl Block<'_> {
    fn text(&self) -> String {
        let mut text = self.title();
        for fact in self.facts() {
            text.push_str(&self.layout.wrapped(&fact, INDENT));
        }
        let all = &self.credential.findings;
        let shown = if self.report.options.verbose { all.len() } else { MAX_PLACES };
        for (nth, finding) in all.iter().take(shown).enumerate() {
            let is_best = nth == 0 || self.report.options.verbose;
            text.push_str(&place::lines(self.report, finding, self.layout, is_best));
        }
        if let Some(rest) = all.get(shown..).and_then(rest) {
            text.push_str(&self.layout.wrapped(&rest, INDENT));
        }
        let best = self.credential.best();
        if let Some(step) = words::next_step(best, self.report.rule(best)) {
            // A command stays on one line: it is to be pasted.
            let step = step.replace("akid explain ", "akid\u{a0}explain\u{a0}");
            text.push_str(&self.layout.wrapped(&format!("next: {step}"), INDENT).replace('\u{a0}', " "));
        }
        text
    }

    /// How bad it is, the credential by its public names, and whether it makes the run fail.
    fn title(&self) -> String {
        let severity = self.credential.severity();
        let style = severity_style(severity);
        let name = name(&self.credential.best().credential);
        let styled = format!("{style}{severity:<INDENT$}{style:#}{KEY_ID}{name}{KEY_ID:#}");
        let is_new = |finding: &&Finding| finding.novelty == Some(Novelty::Credential);
        let mark = match (self.credential.findings.iter().all(is_new), self.credential.fails) {
            (true, true) => "NEW, FAILS",
            (true, false) => "NEW",
            (false, true) => "FAILS",
            (false, false) => return format!("{styled}\n"),
        };
        let gap = self.layout.gap(INDENT + name.chars().count(), mark);
        format!("{styled}{gap}{FAILS}{mark}{FAILS:#}\n")
    }

    /// What is known of the credential wherever it is.
    fn facts(&self) -> Vec<String> {
        let best = self.credential.best();
        let rule = self.report.rule(best);
        let confidence = words::confidence(&best.confidence);
        let signed = best.signed.as_deref().and_then(|signed| words::signed(signed, self.report.now));
        [
            Some(format!("{} ({}), confidence {confidence}", words::title(best, rule), best.rule)),
            account(best),
            best.owner.unresolved.as_ref().map(|reason| format!("not resolved: {reason}")),
            best.owner.status.as_ref().map(words::status),
            signed.map(|facts| format!("signed {facts}")),
            best.claims.as_deref().and_then(|claims| words::claims(claims, self.report.now)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// The places that are not shown, in numbers.
fn rest(findings: &[&Finding]) -> Option<String> {
    let count = |standing| findings.iter().filter(|finding| Standing::of(finding) == standing).count();
    let counts = [
        (count(Standing::Current), "in current files"),
        (count(Standing::Tip), "in other branches and tags"),
        (count(Standing::Past), "only in old commits"),
        (count(Standing::Unreachable), "only in unreachable objects"),
    ];
    let counts: Vec<String> = counts
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, place)| format!("{} {place}", super::numbers::grouped(n as u64)))
        .collect();
    let more = super::numbers::count(findings.len() as u64, "more place");
    Some(match &counts[..] {
        [] => return None,
        [_] => {
            let only = counts[0].split_once(' ').map_or("", |(_, place)| place);
            format!("… and {more}, {only}; -v lists all")
        }
        counts => format!("… and {more}: {}; -v lists all", counts.join(", ")),
    })
}

/// A credential by the names that are no secret.
fn name(credential: &CredentialName) -> String {
    let parts = [
        credential.id().map(|id| id.to_string()),
        credential.any_secret().map(|secret| format!("secret {secret}")),
        credential.token().map(|token| format!("session token {token}")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" + ")
}

fn account(finding: &Finding) -> Option<String> {
    let is_old = |id: &AccessKeyId| id.generation() == Generation::Old;
    let unknown = || "account unknown: key IDs of this older kind do not contain it".to_owned();
    finding
        .account
        .map(|account| format!("account {}", words::account(account, &finding.owner)))
        .or_else(|| finding.credential.id().filter(is_old).map(|_| unknown()))
}

/// A masked line, without its end.
fn masked_line(excerpt: &Excerpt) -> String {
    let part = |part: &Part| match part {
        Part::Plain(text) => without_commands(text),
        Part::Marked(text) => format!("{KEY_ID}{text}{KEY_ID:#}"),
        Part::Masked => format!("{QUIET}****{QUIET:#}"),
        Part::Elided => format!("{QUIET}…{QUIET:#}"),
    };
    excerpt.parts().iter().map(part).collect()
}

/// A masked line; ends with a newline.
pub(super) fn excerpt(excerpt: &Excerpt) -> String {
    format!("    {}\n", masked_line(excerpt))
}

fn severity_style(severity: Severity) -> Style {
    let (style, color) = match severity {
        Severity::Critical => (Style::new().bold(), AnsiColor::Red),
        Severity::High => (Style::new(), AnsiColor::Red),
        Severity::Medium => (Style::new(), AnsiColor::Yellow),
        Severity::Low => (Style::new(), AnsiColor::Cyan),
    };
    style.fg_color(Some(Color::Ansi(color)))
}
