//! Annotations for GitHub Actions: workflow commands, one a line.
//!
//! GitHub shows ten errors, ten warnings and ten notices of a step and drops the rest without a word, so the most
//! severe are written and the rest is told by its number. The form is from GitHub's reference of workflow commands:
//! `::error file=F,line=L,col=C,title=T::MESSAGE`, with `%`, line ends and, in properties, `:` and `,` escaped.

use std::io::{self, Write};

use super::remarks::{Remark, remarks};
use super::tally::Tally;
use super::{Report, summary, words};
use crate::finding::Finding;
use crate::level::Severity;
use crate::origin::Origin;
use crate::redact::redact;

/// How many annotations of a kind GitHub shows for a step.
const MAX_OF_KIND: usize = 10;

/// What an annotation is shown as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Error,
    Warning,
    Notice,
}

/// Writes the annotations, and then what was found in a line that is no command.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut left = Left::default();
    let remarks: Vec<_> =
        remarks(report.scan, report.options.hints).filter(|remark| !remark.sort.is_as_asked()).collect();
    if let Some(annotation) = incomplete(&remarks) {
        left.take(annotation.kind);
        annotation.write(out)?;
    }
    for remark in remarks.iter().filter(|remark| !remark.is_error) {
        let annotation = Annotation::of_remark(remark);
        if left.take(annotation.kind) {
            annotation.write(out)?;
        }
    }
    let mut untold = 0;
    for finding in report.ranked() {
        let annotation = Annotation::of_finding(report, finding);
        if left.take(annotation.kind) {
            annotation.write(out)?;
        } else {
            untold += 1;
        }
    }
    if untold > 0 {
        Annotation::of_rest(untold).write(out)?;
    }
    writeln!(out, "{}; {}", summary::found(report, &Tally::of(report.scan)), summary::scanned(report))
}

/// One error for all that was not scanned, so that the findings keep their places.
fn incomplete(remarks: &[Remark<'_>]) -> Option<Annotation> {
    let mut errors = remarks.iter().filter(|remark| remark.is_error);
    let first = errors.next()?.told();
    let more = match errors.count() {
        0 => String::new(),
        more => format!("; and {more} more: the log names them"),
    };
    Some(Annotation {
        kind: Kind::Error,
        at: None,
        title: "akid: not everything was scanned".to_owned(),
        message: format!("{first}{more}"),
    })
}

/// How many annotations of each kind there still is room for. The last notice is kept for the number of the rest.
struct Left([usize; 3]);

impl Default for Left {
    fn default() -> Self {
        Self([MAX_OF_KIND, MAX_OF_KIND, MAX_OF_KIND - 1])
    }
}

impl Left {
    fn take(&mut self, kind: Kind) -> bool {
        let left = &mut self.0[kind as usize];
        let is_room = *left > 0;
        *left -= usize::from(is_room);
        is_room
    }
}

struct Annotation {
    kind: Kind,
    /// A path below the top of the repository, with line and column if it is not its name that counts.
    at: Option<(String, Option<(u64, u64)>)>,
    title: String,
    message: String,
}

impl Annotation {
    fn of_finding(report: &Report<'_>, finding: &Finding) -> Self {
        let kind = match finding.severity() {
            _ if report.options.failing.includes(finding) => Kind::Error,
            Severity::Critical | Severity::High | Severity::Medium => Kind::Warning,
            Severity::Low => Kind::Notice,
        };
        let rule = report.rule(finding);
        let at = at(finding);
        // What is not in the checkout is told in words, and what is in an archive.
        let elsewhere = if at.is_none() || finding.origin.member().is_some() {
            format!("{}: ", told_place(report, finding))
        } else {
            String::new()
        };
        let title = format!("{} ({})", words::title(finding, rule), finding.rule);
        Self { kind, at, title, message: format!("{elsewhere}{}", words::message(finding, rule)) }
    }

    fn of_remark(remark: &Remark<'_>) -> Self {
        let kind = if remark.sort.is_warning() { Kind::Warning } else { Kind::Notice };
        Self { kind, at: None, title: "akid".to_owned(), message: remark.told() }
    }

    fn of_rest(untold: usize) -> Self {
        let message = format!(
            "{} not shown here: GitHub takes {MAX_OF_KIND} annotations of a kind. The other reports have all of them.",
            if untold == 1 { "1 more finding is".to_owned() } else { format!("{untold} more findings are") }
        );
        Self { kind: Kind::Notice, at: None, title: "akid: more findings".to_owned(), message }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let kind = match self.kind {
            Kind::Error => "error",
            Kind::Warning => "warning",
            Kind::Notice => "notice",
        };
        write!(out, "::{kind} ")?;
        if let Some((path, place)) = &self.at {
            write!(out, "file={},", property(path))?;
            if let Some((line, column)) = place {
                write!(out, "line={line},col={column},")?;
            }
        }
        writeln!(out, "title={}::{}", property(&self.title), data(&self.message))
    }
}

/// Where in the checkout a finding is; `None` if it is not there.
fn at(finding: &Finding) -> Option<(String, Option<(u64, u64)>)> {
    // What is inside of an archive is shown at the archive.
    let is_checked_out = match finding.origin.root() {
        Origin::File(_) | Origin::FileName(_) => true,
        Origin::Version(_) | Origin::VersionName(_) => {
            finding.exposure.as_deref().is_some_and(|exposure| exposure.at_head)
        }
        _ => false,
    };
    let path = finding.origin.file_path().filter(|_| is_checked_out)?;
    let has_line = !finding.origin.is_name() && finding.origin.member().is_none();
    let place = finding.places.first().filter(|_| has_line);
    let start = place.map(|place| place.main().start);
    Some((redact(path.as_bytes()), start.map(|start| (start.line, start.column))))
}

/// Where a finding is that is not in the checkout.
fn told_place(report: &Report<'_>, finding: &Finding) -> String {
    let path = words::whole_path(report, finding);
    let line = finding.places.first().filter(|_| !finding.origin.is_name());
    let line = line.map(|place| format!(":{}", place.main().start.line)).unwrap_or_default();
    let commit = finding.exposure.as_deref().and_then(|exposure| exposure.first.as_ref());
    let commit = commit.map(|commit| format!(" in commit {}", commit.id)).unwrap_or_default();
    format!("{path}{line}{commit}")
}

/// Text of a command's message.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text of a command's property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Makes text harmless that may be written to the log of a CI system: no line of it is a command to the runner,
/// whatever the names of files in it. GitHub Actions takes `::` at the start of a line and `##[` anywhere, Azure
/// Pipelines `##vso[` and `##[` anywhere, TeamCity `##teamcity[` at the start of a line.
pub fn without_commands(text: &str) -> String {
    let line = |line: &str| {
        let indent = line.len() - line.trim_start().len();
        match line[indent..].strip_prefix("::") {
            Some(rest) => format!("{}: :{rest}", &line[..indent]),
            None => line.to_owned(),
        }
    };
    apart_from_bracket(&text.split_inclusive('\n').map(line).collect::<String>())
}

/// Sets the bracket of `##word[` apart.
fn apart_from_bracket(text: &str) -> String {
    let mut harmless = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("##") {
        // However many there are, the last two count.
        let hashes = rest[at..].len() - rest[at..].trim_start_matches('#').len();
        let (before, from) = rest.split_at(at + hashes);
        let word =
            from.len() - from.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '-').len();
        harmless.push_str(before);
        harmless.push_str(&from[..word]);
        if from[word..].starts_with('[') {
            harmless.push(' ');
        }
        rest = &from[word..];
    }
    harmless + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_property_or_a_command_is_escaped() {
        assert_eq!(property("a,b:c%d\ne"), "a%2Cb%3Ac%25d%0Ae");
        assert_eq!(data("a,b::c%d\r\ne"), "a,b::c%25d%0D%0Ae");
    }

    #[test]
    fn no_text_beside_the_report_is_a_command() {
        assert_eq!(
            without_commands("a::b\n  :::error::x ##[group]y\n::c\n###vso[task.x]##teamcity[y]## [z]##"),
            "a::b\n  : ::error::x ## [group]y\n: :c\n###vso [task.x]##teamcity [y]## [z]##"
        );
    }
}
