//! Archives: what is found in them and where, what is told of those that can't be read, and that none is too much.

#![expect(clippy::unwrap_used, reason = "a test")]

mod beside;
mod bombs;
pub(crate) mod build;
pub(crate) mod documents;
mod formats;
mod hostile;
mod images;
mod law;
mod pdf;
mod quine;
mod sqlite;
mod texts;
mod zips;

use std::io::Read;
use std::sync::LazyLock;

use akid::aws::fake::{self, Fake};
use akid::detect::Detector;
use akid::origin::Origin;
use akid::rule::RuleSet;
use akid::scan::{Policy, Scan, Scanner};
use akid::source::Limits;
use akid::source::{Content, Event, Sink, SkipReason, Source};
use akid::stop::Stop;

static RULES: LazyLock<RuleSet> = LazyLock::new(RuleSet::built_in);

/// No trouble.
const NONE: [&str; 0] = [];

/// An input that is held, as a source hands over files.
pub(crate) struct Held<'a>(pub(crate) &'a [u8]);

impl Source for Held<'_> {
    fn run(&self, sink: &dyn Sink) {
        sink.take(Event::Input(&|| Origin::Stdin, Content::Whole(self.0)));
    }
}

/// An input that is read bit by bit.
struct Streamed<F>(F);

impl<R: Read, F: Fn() -> R + Sync> Source for Streamed<F> {
    fn run(&self, sink: &dyn Sink) {
        sink.take(Event::Input(&|| Origin::Stdin, Content::Stream(&mut (self.0)())));
    }
}

fn scan_within(source: &dyn Source, limits: Limits) -> Scan {
    let policy = Policy { now: "2026-01-01T00:00:00Z".parse().unwrap(), ..Policy::default() };
    Scanner::new(Detector::new(&RULES), policy, 2, Stop::default()).with_limits(limits).scan(&[source])
}

fn scan(bytes: &[u8]) -> Scan {
    scan_within(&Held(bytes), Limits::default())
}

/// What was found, as `path:line:column`, without the input's own name. It is the same however the input is read.
fn found(bytes: &[u8]) -> Vec<String> {
    let held = scan(bytes);
    let streamed = scan_within(&Streamed(|| bytes), Limits::default());
    assert_eq!(places(&held), places(&streamed));
    assert_eq!(troubles(&held), troubles(&streamed));
    places(&held)
}

fn places(scan: &Scan) -> Vec<String> {
    let place = |finding: &akid::finding::Finding| {
        let path = String::from_utf8_lossy(finding.origin.path()).into_owned();
        let path = path.strip_prefix("<stdin>").unwrap().trim_start_matches("!/");
        let at = finding.places[0].main().start;
        format!("{path}:{}:{}", at.line, at.column)
    };
    scan.findings.iter().map(place).collect()
}

/// What could not be read, as `path: word`, without the input's own name.
fn troubles(scan: &Scan) -> Vec<String> {
    let trouble = |skipped: &akid::source::Skipped| {
        let path = String::from_utf8_lossy(skipped.origin.path()).into_owned();
        let word = match &skipped.reason {
            SkipReason::Archive(fault) | SkipReason::Member(fault) => fault.as_str().to_owned(),
            other => format!("{other:?}"),
        };
        format!("{}: {word}", path.strip_prefix("<stdin>").unwrap().trim_start_matches("!/"))
    };
    let mut all: Vec<_> = scan.skipped.iter().chain(&scan.unreadable).collect();
    all.sort_by(|a, b| akid::source::Skipped::order(a, b));
    all.into_iter().map(trouble).collect()
}

/// A file with a pair in it.
fn settings(key: &Fake) -> Vec<u8> {
    format!(
        "# made up\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        key.id_text(),
        key.secret_text()
    )
    .into_bytes()
}

/// The same, by number.
fn key_file(seed: u64) -> Vec<u8> {
    settings(&fake::pair(seed))
}
