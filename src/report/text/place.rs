//! One place of a credential, and how to look at it.

use super::layout::Layout;
use super::{INDENT, PATH, masked_line};
use crate::finding::{CredentialName, Finding, Location, Novelty, Place};
use crate::report::{Report, git_command, github::without_commands, history, words};

/// How many further occurrences in the same input are told by their lines.
const MAX_OCCURRENCES: usize = 10;

/// Path, line and column; for a name, the path alone.
pub(super) fn path_and_position(report: &Report<'_>, finding: &Finding) -> String {
    let place = finding.places.first().filter(|_| !finding.origin.is_name());
    let place = place.map(|place| format!(":{}", line_and_column(place.main()))).unwrap_or_default();
    format!("{}{place}", words::path_of(report, finding))
}

/// Where the credential is and what still leads there, in two lines at least. With more `detail`: the masked line, and
/// who brought it.
pub(super) fn lines(report: &Report<'_>, finding: &Finding, layout: Layout, detail: bool) -> String {
    let path = without_commands(&path_and_position(report, finding));
    let whereabouts = finding.exposure.as_deref().map(|exposure| match git_command::is_file(finding) {
        true => format!("in this file, and in history: {}", history::whereabouts(exposure)),
        false => history::whereabouts(exposure),
    });
    let mut text = layout.behind(&path, PATH, &whereabouts.unwrap_or_default(), INDENT);
    let indent = INDENT + 4;
    if detail && let Some(place) = finding.places.first() {
        text.push_str(&format!("{:indent$}{}\n", "", masked_line(&place.excerpt)));
    }
    let facts = if detail { facts(report, finding) } else { Vec::new() };
    for fact in facts {
        text.push_str(&layout.wrapped(&fact, indent));
    }
    if let Some(command) = git_command::showing(finding) {
        // Not wrapped: it is to be pasted.
        text.push_str(&format!("{:indent$}{command}  # shows it unmasked\n", ""));
    }
    text
}

/// What is known of the place.
fn facts(report: &Report<'_>, finding: &Finding) -> Vec<String> {
    let exposure = finding.exposure.as_deref();
    let first = finding.places.first();
    let layer = finding.layer.as_deref().map(|layer| format!("layer {}", words::layer(layer)));
    let introduced = exposure.and_then(history::introduced).map(|commit| format!("introduced in {commit}"));
    let age = exposure.and_then(|exposure| history::age(finding, exposure, report.now));
    let introduced = match (introduced, age) {
        (Some(introduced), Some(age)) => Some(format!("{introduced} ({age})")),
        (introduced, age) => introduced.or(age),
    };
    [
        first.and_then(|place| parts(&finding.credential, place)),
        first.and_then(encodings),
        finding.origin.is_name().then(|| "in the name, not the content".to_owned()),
        (finding.novelty == Some(Novelty::Place)).then(|| "a new place".to_owned()),
        other_occurrences(finding),
        layer,
        introduced,
        exposure.and_then(history::versions),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The parts that are not where the place is shown.
fn parts(name: &CredentialName, place: &Place) -> Option<String> {
    let parts = [
        ("secret", place.secret().filter(|_| name.any_secret().is_some())),
        ("session token", place.token().filter(|_| name.token().is_some())),
    ];
    let told = |(what, at): (&str, Option<Location>)| {
        let at = at.filter(|&at| at != place.main())?;
        Some(format!("{what} at {}", line_and_column(at)))
    };
    let told: Vec<String> = parts.into_iter().filter_map(told).collect();
    (!told.is_empty()).then(|| told.join(", "))
}

/// Where else in the same input the credential is.
fn other_occurrences(finding: &Finding) -> Option<String> {
    let others = finding.places.get(1..)?.iter().take(MAX_OCCURRENCES);
    let mut told: Vec<_> = others.map(|place| line_and_column(place.main())).collect();
    let rest = finding.occurrences.saturating_sub(1 + told.len() as u64);
    if rest > 0 {
        told.push(format!("{}{rest} more", if told.is_empty() { "" } else { "and " }));
    }
    (!told.is_empty()).then(|| format!("also at {}", told.join(", ")))
}

fn encodings(place: &Place) -> Option<String> {
    let words: Vec<_> = place.encodings.iter().map(|encoding| encoding.as_str()).collect();
    (!words.is_empty()).then(|| format!("encoded as {}", words.join(", in ")))
}

fn line_and_column(location: Location) -> String {
    format!("{}:{}", location.start.line, location.start.column)
}
