//! The report for people: what was found, where, whose it is, and what to do about it.
//!
//! ```text
//! src/deploy.sh:3:19: critical: AWS access key (aws-access-key)
//!     AWS_ACCESS_KEY_ID=AKIA…
//!     secret      sha256:0123456789ab at 4:23
//!     account     609629065308 (decoded from the key ID)
//!     confidence  high
//!     next        make a new key, …
//! ```

use std::io::{self, Write};

use anstyle::{AnsiColor, Color, Style};

use super::github::without_commands;
use super::{Report, history, words};
use crate::aws::{AccessKeyId, Generation, SecretFingerprint};
use crate::finding::{Finding, Location, Place, SignedRequest};
use crate::level::Severity;
use crate::redact::redact;
use crate::rule::Rule;
use crate::text::{Excerpt, Part};

/// How many further places of a finding are told.
const MAX_PLACES: usize = 10;

const PATH: Style = Style::new().bold();
const KEY_ID: Style = Style::new().bold().fg_color(Some(Color::Ansi(AnsiColor::Yellow)));
const QUIET: Style = Style::new().dimmed();

/// Writes each finding that counts, with an empty line between two.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let counting = report.scan.findings.iter().filter(|finding| finding.suppression.is_none());
    for (nth, finding) in counting.enumerate() {
        if nth > 0 {
            writeln!(out)?;
        }
        let mut text = Vec::new();
        Entry { report, finding, rule: report.rule(finding) }.write(&mut text)?;
        // Authors, refs and steps of builds come from outside, as paths do.
        out.write_all(without_commands(&String::from_utf8_lossy(&text)).as_bytes())?;
    }
    Ok(())
}

/// Where a finding is, how bad it is, and what.
pub(super) fn heading(report: &Report<'_>, finding: &Finding, rule: Option<&Rule>) -> String {
    let severity = severity_style(finding.severity);
    let place = finding.places.first().filter(|_| !finding.origin.is_name());
    let place = place.map(|place| format!(":{}", line_and_column(place.main()))).unwrap_or_default();
    format!(
        "{PATH}{}{place}{PATH:#}: {severity}{}{severity:#}: {} ({})",
        without_commands(&words::path_of(report, finding)),
        finding.severity,
        words::title(finding, rule),
        finding.rule
    )
}

/// One finding, about to be written.
struct Entry<'a> {
    report: &'a Report<'a>,
    finding: &'a Finding,
    rule: Option<&'a Rule>,
}

impl Entry<'_> {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let finding = self.finding;
        writeln!(out, "{}", heading(self.report, finding, self.rule))?;
        if let Some(place) = finding.places.first() {
            write!(out, "{}", excerpt(&place.excerpt))?;
        }
        for (label, text) in self.rows() {
            writeln!(out, "    {QUIET}{label:<10}{QUIET:#}  {text}")?;
        }
        Ok(())
    }

    /// What is known, each with its label.
    fn rows(&self) -> impl Iterator<Item = (&'static str, String)> {
        let finding = self.finding;
        let name = &finding.credential;
        let first = finding.places.first();
        let exposure = finding.exposure.as_ref();
        [
            ("secret", part(name.secret, first, |place| place.secret)),
            ("token", part(name.token, first, |place| place.token)),
            ("account", account(finding)),
            ("unresolved", finding.owner.unresolved.clone()),
            ("confidence", Some(words::confidence(&finding.confidence))),
            ("signed", finding.signed.as_ref().and_then(|signed| self.signed(signed))),
            ("encoded as", first.and_then(encodings)),
            ("found in", finding.origin.is_name().then(|| "the name, not the content".to_owned())),
            ("also at", self.other_places()),
            ("layer", finding.layer.as_ref().map(words::layer)),
            ("introduced", exposure.and_then(history::introduced)),
            ("versions", exposure.and_then(history::versions)),
            ("in history", exposure.map(history::whereabouts)),
            ("exposed", exposure.and_then(|exposure| history::age(finding, exposure, self.report.now))),
            ("next", words::next_step(finding, self.rule)),
        ]
        .into_iter()
        .filter_map(|(label, text)| Some((label, text?)))
    }

    /// What a signed request says of itself, and whether it is over.
    fn signed(&self, signed: &SignedRequest) -> Option<String> {
        let expiry =
            |at| if at <= self.report.now { format!("expired {at}") } else { format!("valid until {at}") };
        let facts = [
            signed.signed_at.map(|at| at.to_string()),
            signed.service.as_ref().map(|service| format!("for {}", redact(service.as_bytes()))),
            signed.region.as_ref().map(|region| format!("in {}", redact(region.as_bytes()))),
            signed.expires_at.map(expiry),
        ];
        let facts: Vec<_> = facts.into_iter().flatten().collect();
        (!facts.is_empty()).then(|| facts.join(", "))
    }

    /// Where else in the same input the credential stands.
    fn other_places(&self) -> Option<String> {
        let others = self.finding.places.get(1..)?;
        let mut told: Vec<_> =
            others.iter().take(MAX_PLACES).map(|place| line_and_column(place.main())).collect();
        let rest = self.finding.occurrences.saturating_sub(1 + told.len() as u64);
        if rest > 0 {
            told.push(format!("{}{rest} more", if told.is_empty() { "" } else { "and " }));
        }
        (!told.is_empty()).then(|| told.join(", "))
    }
}

fn line_and_column(location: Location) -> String {
    format!("{}:{}", location.start.line, location.start.column)
}

/// A secret part by its name, and where it stands if that is not where the finding is shown.
fn part(
    fingerprint: Option<SecretFingerprint>,
    place: Option<&Place>,
    location: impl Fn(&Place) -> Option<Location>,
) -> Option<String> {
    let elsewhere = place.and_then(|place| location(place).filter(|&at| at != place.main()));
    let at = elsewhere.map(|at| format!(" at {}", line_and_column(at))).unwrap_or_default();
    fingerprint.map(|fingerprint| format!("{fingerprint}{at}"))
}

fn account(finding: &Finding) -> Option<String> {
    let is_old = |id: &AccessKeyId| id.generation() == Generation::Old;
    let unknown = || "unknown: key IDs of this older kind do not contain it".to_owned();
    finding
        .account
        .map(|account| words::account(account, &finding.owner))
        .or_else(|| finding.credential.key_id.filter(is_old).map(|_| unknown()))
}

fn encodings(place: &Place) -> Option<String> {
    let words: Vec<_> = place.encodings.iter().map(|encoding| encoding.as_str()).collect();
    (!words.is_empty()).then(|| words.join(", in "))
}

/// A masked line; ends with a newline.
pub(super) fn excerpt(excerpt: &Excerpt) -> String {
    let part = |part: &Part| match part {
        Part::Plain(text) => without_commands(text),
        Part::Marked(text) => format!("{KEY_ID}{text}{KEY_ID:#}"),
        Part::Masked => format!("{QUIET}****{QUIET:#}"),
        Part::Elided => format!("{QUIET}…{QUIET:#}"),
    };
    format!("    {}\n", excerpt.parts().iter().map(part).collect::<String>())
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
