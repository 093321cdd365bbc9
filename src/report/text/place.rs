//! One place of a credential, and how to look at it.

use super::layout::Layout;
use super::{INDENT, PATH, masked_line};
use crate::finding::{CredentialName, Finding, Location, Place, Reachability};
use crate::origin::Origin;
use crate::redact::redact;
use crate::report::{Report, github::without_commands, history, words};

/// How many further occurrences in the same input are told by their lines.
const MAX_OCCURRENCES: usize = 10;
/// Digits of an ID in a command.
const SHORT: usize = 10;

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
    let whereabouts = finding.exposure.as_ref().map(|exposure| match is_file(finding) {
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
    if let Some(command) = command(finding) {
        // Not wrapped: it is to be pasted.
        text.push_str(&format!("{:indent$}{command}  # shows it unmasked\n", ""));
    }
    text
}

/// Whether it is in a file that was scanned, and not only in history.
fn is_file(finding: &Finding) -> bool {
    matches!(finding.origin.root(), Origin::File(_) | Origin::FileName(_))
}

/// What is known of the place.
fn facts(report: &Report<'_>, finding: &Finding) -> Vec<String> {
    let exposure = finding.exposure.as_ref();
    let first = finding.places.first();
    let layer = finding.layer.as_ref().map(|layer| format!("layer {}", words::layer(layer)));
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
        ("secret", place.secret.filter(|_| name.secret.is_some())),
        ("session token", place.token.filter(|_| name.token.is_some())),
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

/// The command that shows what is in history, ready to paste; `None` for what is in a file or in a name.
fn command(finding: &Finding) -> Option<String> {
    let exposure = finding.exposure.as_ref().filter(|_| !finding.origin.is_name() && !is_file(finding))?;
    let object = exposure.object?;
    let repository = finding.repository.as_deref().map_or(".", |repository| repository.path.as_str());
    let git = if repository == "." { "git".to_owned() } else { format!("git -C {}", quoted(repository)?) };
    let commit = exposure.last.as_ref().filter(|_| exposure.reachability != Reachability::Index);
    let path = match finding.origin.root() {
        Origin::Version(path) => {
            std::str::from_utf8(path.as_bytes()).ok().filter(|text| redact(text.as_bytes()) == **text)
        }
        _ => None,
    };
    Some(match (commit, path.and_then(|path| Some((path, commit?)))) {
        (Some(_), Some((path, commit))) => {
            format!("{git} show {}", quoted(&format!("{}:{path}", &commit.id.to_string()[..SHORT]))?)
        }
        _ => format!("{git} cat-file -p {}", &object.to_string()[..SHORT]),
    })
}

/// A word as the shell takes it; `None` for what was masked or escaped, which names nothing.
fn quoted(word: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    match word {
        word if word.contains("****") || word.contains('\\') => None,
        word if !word.is_empty() && word.chars().all(is_plain) => Some(word.to_owned()),
        word => Some(format!("'{}'", word.replace('\'', "'\\''"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_for_the_shell_only_where_it_must_be() {
        assert_eq!(quoted("a/b-c.env").as_deref(), Some("a/b-c.env"));
        assert_eq!(quoted("it's here").as_deref(), Some("'it'\\''s here'"));
        assert_eq!(quoted("$(x)").as_deref(), Some("'$(x)'"));
        assert_eq!(quoted("a/****"), None);
    }
}
