//! Tells what a scan found, in the format that its reader needs.
//!
//! In: a [`Scan`], whose secrets cannot be printed. Out: bytes, the same for the same scan. Every text that came from
//! outside (paths, messages of the system) passes through [`redact`](crate::redact::redact) on its way, and the whole
//! report through a [`Filter`] that knows each detected secret. Knows nothing of arguments, terminals or exit codes;
//! each format owns its output structs.

mod acceptance;
mod accounts;
mod credentials;
mod csv;
mod defectdojo;
mod failing;
mod git_command;
mod github;
mod gitlab;
mod hints;
mod history;
mod html;
mod json;
mod junit;
pub mod keys;
mod markdown;
mod numbers;
mod ocsf;
mod read;
mod remarks;
mod sarif;
mod shown;
#[cfg(feature = "respond")]
pub mod status;
mod stopped;
mod summary;
mod tally;
mod text;
mod words;

use std::cmp::Reverse;
use std::io::{self, BufWriter, Write};

use jiff::Timestamp;

use crate::finding::Finding;
use crate::known::{Filter, Masked};
use crate::rule::{Rule, RuleSet};
use crate::scan::Scan;

pub use credentials::{Credential, Standing, credentials};
pub use failing::Failing;
pub use git_command::showing;
pub use github::without_commands;
pub use hints::Hints;
pub use read::{Compared, ReadError, Reported, compare, merge, read};
pub use remarks::first_error;
pub use sarif::sarif_files;
pub use shown::Shown;
pub use stopped::{HookEvent, Stopped, passed, stopped};
pub use summary::summary;
pub use text::block;

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// For people at a terminal. Holds ANSI styles: whoever writes it to something else strips them.
    Text,
    /// One JSON object of schema `akid/1`, which `docs/akid-1.schema.json` defines and `docs/json.md` describes.
    Json,
    /// JSON Lines: the findings of [`Json`](Self::Json), one a line with `"type":"finding"`, and at the end the rest
    /// of it with `"type":"summary"`, by which a file that was cut short is told from one that found nothing.
    Jsonl,
    /// SARIF 2.1.0, with what GitHub code scanning asks for.
    Sarif,
    /// Comma-separated values by RFC 4180, with a header, for spreadsheets: what one would calculate is made text.
    ///
    /// `type` says what a line tells of: a `finding`, a `suppressed` one (`reason` says why), or what was `skipped`,
    /// `accepted`, `excluded`, is `unresolved`, `stale`, a `gap`, a `note`, or that the scan was `interrupted` (`message`
    /// tells more).
    /// `line` and `column` are those of the first place. The other columns are named like the keys of
    /// [`Json`](Self::Json); `commit`, `committed`, `author` and `subject` are those of the commit that brought it.
    Csv,
    /// Workflow commands of GitHub Actions, which show findings as annotations of a run and a pull request: those
    /// that make the run fail as errors. GitHub shows ten of each kind; the most severe come, and the rest is counted.
    Github,
    /// GitLab's report of secret detection, schema 15.2.1: one object with a vulnerability for each finding that
    /// counts. It has no source code.
    Gitlab,
    /// JUnit's XML, for CI servers: each finding that counts is a test, failed if it makes the run fail and skipped if
    /// not; each input that could not be scanned is an error.
    Junit,
    /// A table in Markdown, for the summary of a CI job or a comment on a merge request: at most 60,000 bytes, the
    /// most severe findings first.
    Markdown,
    /// A page for a browser, in one file that loads nothing: an overview, and a row for each credential.
    Html,
    /// DefectDojo's generic findings import: one object with the findings that count. It has no source code.
    Defectdojo,
    /// Events of the Open Cybersecurity Schema Framework 1.6, one a line: a Data Security Finding for each finding that
    /// counts, and at the end a Scan Activity, which says whether everything was scanned.
    Ocsf,
}

/// What there is to tell.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What was scanned and found.
    pub scan: &'a Scan,
    /// The rules that it was scanned with.
    pub rules: &'a RuleSet,
    /// What counts as now, for dates of expiry.
    pub now: Timestamp,
    /// What the user asked for.
    pub options: &'a Options,
}

/// What the user may ask of a report.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The category that keeps this analysis apart from others of the same commit; if not given, `akid/tree/` for
    /// files and `akid/history/` for objects.
    pub sarif_category: Option<String>,
    /// Which of [`sarif_files`] to write, from zero on; `None` for one with everything.
    pub sarif_file: Option<usize>,
    /// Whether SARIF lists suppressed findings, too. GitHub opens alerts for them all the same.
    pub sarif_suppressed: bool,
    /// What leads from the current folder to the paths of the scan, with a `/` at its end, so that a terminal can open
    /// them; often empty.
    pub path_prefix: String,
    /// Where the current folder lies below the base of the scan, with a `/` at its end; empty if it does not. Paths in
    /// it are told from there.
    pub current_folder: String,
    /// What the inputs are.
    pub counted: Counted,
    /// Which findings make the run fail.
    pub failing: Failing,
    /// Which credentials the report for people shows; all other reports have all of them.
    pub shown: Shown,
    /// Whether the report for people lists every place.
    pub verbose: bool,
    /// How the scan differs from an older one, if it was compared with one.
    pub compared: Option<Compared>,
    /// What the report says of the options of the command that writes it.
    pub hints: Hints,
    /// How many columns the terminal has, if the report for people goes to one.
    pub width: Option<usize>,
}

/// What the inputs of a scan are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Counted {
    /// Files and streams.
    #[default]
    Files,
    /// Objects of git.
    Objects,
    /// Both.
    FilesAndObjects,
}

impl Counted {
    /// The word for one.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Files => "file",
            Self::Objects => "object",
            Self::FilesAndObjects => "input",
        }
    }
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 12] = [
        Self::Text,
        Self::Json,
        Self::Jsonl,
        Self::Sarif,
        Self::Csv,
        Self::Github,
        Self::Gitlab,
        Self::Junit,
        Self::Markdown,
        Self::Html,
        Self::Defectdojo,
        Self::Ocsf,
    ];

    /// The word for it in options.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Sarif => "sarif",
            Self::Csv => "csv",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Defectdojo => "defectdojo",
            Self::Ocsf => "ocsf",
        }
    }
}

impl<'a> Report<'a> {
    /// The rule of a finding, unless the scan was made with other rules.
    fn rule(&self, finding: &Finding) -> Option<&'a Rule> {
        self.rules.get(&finding.rule)
    }

    /// The findings that count, in the order of the scan.
    fn counting(&self) -> impl Iterator<Item = &'a Finding> + use<'a> {
        self.scan.findings.iter().filter(|finding| finding.suppression.is_none())
    }

    /// The findings that count: those that make the run fail first, then by severity.
    fn ranked(&self) -> Vec<&'a Finding> {
        let mut ranked: Vec<_> = self.counting().collect();
        ranked.sort_by_key(|finding| Reverse((self.options.failing.includes(finding), finding.severity())));
        ranked
    }
}

/// Writes the report and flushes it. Returns how much of detected secrets was still in it, and had to be masked.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn write(format: Format, report: &Report<'_>, out: &mut dyn Write) -> io::Result<Masked> {
    let mut out = Filter::new(BufWriter::new(out), report.scan.known.windows());
    match format {
        Format::Text => text::write(report, &mut out)?,
        Format::Json => json::write(report, &mut out)?,
        Format::Jsonl => json::write_lines(report, &mut out)?,
        Format::Sarif => sarif::write(report, &mut out)?,
        Format::Csv => csv::write(report, &mut out)?,
        Format::Github => github::write(report, &mut out)?,
        Format::Gitlab => gitlab::write(report, &mut out)?,
        Format::Junit => junit::write(report, &mut out)?,
        Format::Markdown => markdown::write(report, &mut out)?,
        Format::Html => html::write(report, &mut out)?,
        Format::Defectdojo => defectdojo::write(report, &mut out)?,
        Format::Ocsf => ocsf::write(report, &mut out)?,
    }
    out.flush()?;
    Ok(out.masked())
}
