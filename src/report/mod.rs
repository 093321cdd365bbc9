//! Tells what a scan found, in the format that its reader needs.
//!
//! In: a [`Scan`], which has nothing secret in it. Out: bytes, the same for the same scan. Every text that came from
//! outside (paths, messages of the system) passes through [`redact`](crate::redact::redact) on its way. Knows nothing
//! of arguments, terminals or exit codes; each format owns its output structs.

mod history;
mod json;
pub mod keys;
mod sarif;
mod summary;
mod tally;
mod text;
mod words;

use std::io::{self, BufWriter, Write};

use jiff::Timestamp;

use crate::finding::Finding;
use crate::rule::{Rule, RuleSet};
use crate::scan::Scan;

pub use summary::summary;

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// For people at a terminal. Holds ANSI styles: whoever writes it to something else strips them.
    Text,
    /// One JSON object of schema `akid/1`.
    ///
    /// | key | value |
    /// |---|---|
    /// | `schema` | `akid/1` |
    /// | `tool` | `name`, `version` |
    /// | `findings[]` | see below; suppressed ones included |
    /// | `skipped[]` | what was not scanned whole: `path`, `reason` (a word, such as `io` or `too-many`), `message` |
    /// | `excluded[]` | what the user left out: `path`, `by` (`size`, `glob`) |
    /// | `gaps[]` | what a source does not have or know, in words |
    /// | `resolution` | only if AWS was asked: `caller` (`account`, `arn`), `failures[]` and `notes[]` in words |
    /// | `summary` | `inputs`, `members` of archives if there are any, `bytes`, `interrupted`; `findings` by severity and `suppressed` by reason |
    /// | `complete` | whether all that was asked for was scanned, and resolved |
    ///
    /// A finding has `rule`, `severity`, `confidence` (`level`, `reasons[]`), `fingerprint`, `credential_id`, `path`,
    /// `archive` (only for what is inside of one: its `path`, and in `members[]` the names that lead from there), `layer` (only for what is in a container image: `number`, `of`,
    /// `image`, `made_by`, `deleted_later`),
    /// `stands_in` (`content`, or `name` for the name of a file, folder or ref), `key_id`, `secret` and `token` (their
    /// fingerprints), `account` (`id`, `known_by`: `key-id`, `session-token` or `sts`, `label`, `name`, `otherwise`: what
    /// another source says instead), `ownership` (`own`, `canary`, `example`, `foreign`, `unknown`), `unresolved` (why AWS
    /// did not tell the account), `signed` (`signed_at`, `expires_at`, `region`, `service`), `exposure`, `suppressed` (the
    /// reason), `occurrences` and `places[]`: in
    /// each `key_id`, `secret` and `token` with `line`, `column`, `end_line`, `end_column` (1-based, in characters,
    /// the end exclusive), `start` and `end` (in bytes, 0-based), then `excerpt` and `encodings[]`. What is not known
    /// is `null`. There may be fewer places than occurrences. Control characters of paths are escaped, and bytes that
    /// are not UTF-8 stand as `\xff`.
    ///
    /// An `exposure` is what git knows of a finding in history: `object` (the version that the places are in, `null` for a name), `first`
    /// and `last` (the commits that brought it: `commit`, `author`, `authored`, `committed`, `subject`), `versions`,
    /// `lives` (`tip`, `past`, `stash`, `reflog`, `index`, `unreachable`, `unknown`), `tips[]`, `at_head`, and
    /// `expired_if_dates_are_right` for temporary credentials.
    Json,
    /// JSON Lines: the findings of [`Json`](Self::Json), one a line with `"type":"finding"`, and at the end the rest
    /// of it with `"type":"summary"`, by which a file that was cut short is told from one that found nothing.
    Jsonl,
    /// SARIF 2.1.0, with what GitHub code scanning asks for.
    Sarif,
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
}

/// What the inputs of a scan are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Counted {
    /// Files and streams.
    #[default]
    Files,
    /// Objects of git.
    Objects,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Text, Self::Json, Self::Jsonl, Self::Sarif];

    /// The word for it in options.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Sarif => "sarif",
        }
    }
}

impl<'a> Report<'a> {
    /// The rule of a finding, unless the scan was made with other rules.
    fn rule(&self, finding: &Finding) -> Option<&'a Rule> {
        self.rules.get(&finding.rule)
    }
}

/// Writes the report and flushes it.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn write(format: Format, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    match format {
        Format::Text => text::write(report, &mut out)?,
        Format::Json => json::write(report, &mut out)?,
        Format::Jsonl => json::write_lines(report, &mut out)?,
        Format::Sarif => sarif::write(report, &mut out)?,
    }
    out.flush()
}
