//! JUnit's XML, as CI servers read it: a test for each finding, and one for each input that should have been scanned.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::remarks::{Remark, remarks};
use super::tally::Tally;
use super::{Report, summary, words};
use crate::finding::Finding;

/// Writes one document with one suite.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let suite = Suite::of(report);
    let mut writer = Writer::new_with_indent(&mut *out, b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let attributes = suite.attributes(report);
    let counts = || attributes.iter().map(|(name, value)| (*name, value.as_str()));
    writer.create_element("testsuites").with_attributes(counts()).write_inner_content(|writer| {
        let element = writer.create_element("testsuite").with_attributes(counts());
        element.write_inner_content(|writer| suite.write(report, writer)).map(drop)
    })?;
    writeln!(out)
}

/// The tests of a report. Those of findings are made when they are written.
struct Suite<'a> {
    findings: Vec<&'a Finding>,
    /// What is to be said of the run that is a test.
    errors: Vec<Remark<'a>>,
    /// What is none.
    others: Vec<Remark<'a>>,
}

struct Test {
    class: String,
    name: String,
    place: Option<(String, u64)>,
    outcome: Outcome,
}

enum Outcome {
    Passed,
    Failed {
        rule: String,
        message: String,
        text: String,
    },
    /// A finding that does not make the run fail.
    Tolerated {
        message: String,
    },
    Error {
        sort: &'static str,
        message: String,
    },
}

impl<'a> Suite<'a> {
    fn of(report: &Report<'a>) -> Self {
        let (errors, others) = remarks(report.scan, report.options.hints).partition(|remark| remark.is_error);
        Self { findings: report.ranked(), errors, others }
    }

    /// The test of the run as a whole. Never an empty suite: servers take one for a run that did not work.
    fn whole(&self) -> Option<Test> {
        let passed = || Test::whole("everything was scanned".to_owned(), Outcome::Passed);
        self.errors.is_empty().then(passed)
    }

    fn attributes(&self, report: &Report<'_>) -> Vec<(&'static str, String)> {
        let errors = self.errors.len();
        let tests = self.findings.len() + errors + usize::from(errors == 0);
        let failures =
            self.findings.iter().filter(|finding| report.options.failing.includes(finding)).count();
        vec![
            ("name", env!("CARGO_PKG_NAME").to_owned()),
            ("tests", tests.to_string()),
            ("failures", failures.to_string()),
            ("errors", errors.to_string()),
            ("skipped", (self.findings.len() - failures).to_string()),
            ("time", "0".to_owned()),
            ("timestamp", report.now.strftime("%Y-%m-%dT%H:%M:%S").to_string()),
        ]
    }

    fn write<W: Write>(&self, report: &Report<'_>, writer: &mut Writer<W>) -> io::Result<()> {
        let tally = Tally::of(report.scan);
        let mut properties = vec![("version".to_owned(), env!("CARGO_PKG_VERSION").to_owned())];
        properties.push(("inputs".to_owned(), report.scan.inputs.to_string()));
        properties.push(("excluded".to_owned(), report.scan.excluded.len().to_string()));
        properties.extend(
            tally
                .by_suppression
                .iter()
                .map(|(reason, n)| (format!("suppressed.{}", reason.as_str()), n.to_string())),
        );
        writer.create_element("properties").write_inner_content(|writer| {
            for (name, value) in &properties {
                let element = writer.create_element("property");
                element
                    .with_attributes([("name", name.as_str()), ("value", value.as_str())])
                    .write_empty()?;
            }
            Ok(())
        })?;
        self.findings.iter().try_for_each(|finding| Test::of_finding(report, finding).write(writer))?;
        self.whole().iter().try_for_each(|test| test.write(writer))?;
        self.errors.iter().try_for_each(|error| Test::of_error(error).write(writer))?;
        let sums = [summary::found(report, &tally), summary::scanned(report)];
        let lines: Vec<_> = self.others.iter().map(Remark::told).chain(sums).collect();
        writer.create_element("system-out").write_text_content(BytesText::new(&xml(&lines.join("\n"))))?;
        Ok(())
    }
}

impl Test {
    fn of_finding(report: &Report<'_>, finding: &Finding) -> Self {
        let rule = report.rule(finding);
        let path = words::whole_path(report, finding);
        let start = finding.places.first().map(|place| place.main().start);
        let start = start.filter(|_| !finding.origin.is_name());
        let at = start.map(|start| format!(":{}:{}", start.line, start.column)).unwrap_or_default();
        let key_id = finding.credential.id().map(|id| format!(" {id}")).unwrap_or_default();
        let message = format!("{}: {} in {path}{at}", finding.severity(), words::title(finding, rule));
        let outcome = if report.options.failing.includes(finding) {
            let says = words::says(finding, report.now).map(|says| format!("It says of itself: {says}.\n"));
            let text = format!("{}{}", says.unwrap_or_default(), words::message(finding, rule));
            Outcome::Failed { rule: finding.rule.to_string(), message, text }
        } else {
            Outcome::Tolerated { message: format!("{message}; it does not make the run fail") }
        };
        Self {
            class: format!("akid.{}", finding.rule),
            name: format!("{path}{at}{key_id}"),
            place: finding.origin.file_path().map(|_| (path, start.map_or(1, |start| start.line))),
            outcome,
        }
    }

    fn of_error(remark: &Remark<'_>) -> Self {
        let outcome = Outcome::Error { sort: remark.sort.as_str(), message: remark.told() };
        Self::whole(remark.path().unwrap_or_else(|| remark.sort.as_str().to_owned()), outcome)
    }

    fn whole(name: String, outcome: Outcome) -> Self {
        Self { class: "akid.scan".to_owned(), name, place: None, outcome }
    }

    fn write<W: Write>(&self, writer: &mut Writer<W>) -> io::Result<()> {
        let (class, name) = (xml(&self.class), xml(&self.name));
        let mut element = writer.create_element("testcase").with_attributes([
            ("classname", class.as_str()),
            ("name", name.as_str()),
            ("time", "0"),
        ]);
        if let Some((file, line)) = &self.place {
            let (file, line) = (xml(file), line.to_string());
            element = element.with_attributes([("file", file.as_str()), ("line", line.as_str())]);
        }
        match &self.outcome {
            Outcome::Passed => element.write_empty().map(drop),
            outcome => element.write_inner_content(|writer| outcome.write(writer)).map(drop),
        }
    }
}

impl Outcome {
    fn write<W: Write>(&self, writer: &mut Writer<W>) -> io::Result<()> {
        match self {
            Self::Passed => {}
            Self::Failed { rule, message, text } => {
                let (rule, message) = (xml(rule), xml(message));
                let element = writer.create_element("failure");
                let element =
                    element.with_attributes([("type", rule.as_str()), ("message", message.as_str())]);
                element.write_text_content(BytesText::new(&xml(text)))?;
            }
            Self::Tolerated { message } => {
                let message = xml(message);
                writer
                    .create_element("skipped")
                    .with_attribute(("message", message.as_str()))
                    .write_empty()?;
            }
            Self::Error { sort, message } => {
                let message = xml(message);
                let element = writer.create_element("error");
                element.with_attributes([("type", *sort), ("message", message.as_str())]).write_empty()?;
            }
        }
        Ok(())
    }
}

/// The text with what XML 1.0 has no way to write, not even escaped, as U+FFFD. Markup is escaped by the writer.
fn xml(text: &str) -> String {
    let is_char = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    text.chars().map(|c| if is_char(c) { c } else { char::REPLACEMENT_CHARACTER }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        assert_eq!(xml("a\u{1}b\u{ffff}\u{fffe}c\n<"), "a\u{fffd}b\u{fffd}\u{fffd}c\n<");
    }
}
