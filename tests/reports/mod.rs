//! Reports: what each format says of a scan that is put together by hand, and what it never says.

#![allow(clippy::unwrap_used, reason = "what a test puts together by hand is sound")]

mod ci;
mod csv;
mod defectdojo;
mod html;
mod json;
mod ocsf;
mod own;
mod read;
mod sarif;
pub(crate) mod scans;
pub(crate) mod schema;
#[cfg(feature = "respond")]
mod status;
mod text;

use std::io;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use aho_corasick::AhoCorasick;
use akid::aws::fake::{self, Fake};
use akid::aws::{AccountId, Likeness};
use akid::finding::{Finding, ImageLayer, SignedRequest};
use akid::origin::{Member, Origin};
use akid::owner::{Account, KnownBy};
use akid::panic::{Panicked, catch};
use akid::report::{Format, Hints, Options, Report, summary, write};
use akid::resolve::{Answer, Refusal, Resolution};
use akid::rule::RuleSet;
use akid::scan::Scan;
use akid::source::{ArchiveFault, Excluded, ExcludedBy, SkipReason, Skipped};
use akid::text::Excerpt;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::Value;

use scans::{file, full_scan, pair_finding};

/// The rules, parsed once: that takes longer than a report.
static RULES: LazyLock<RuleSet> = LazyLock::new(RuleSet::built_in);

/// Options that a command may have.
const HINTS: Hints = Hints {
    list_all: "--all lists them",
    fail_on_unreadable: "with --fail, exit code 2",
    unreadable: "`--fail` fails on such inputs",
    resolve_again: "run `x --from` on this file",
    hidden_by: "--hide",
    size_limit: "--limit",
    allow: "--because '…'",
};

fn render_with(scan: &Scan, format: Format, options: &Options) -> String {
    let now: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
    let mut out = Vec::new();
    write(format, &Report { scan, rules: &RULES, now, options }, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// A caught panic, without the output of the panic hook.
fn panicked() -> Panicked {
    catch(|| std::panic::resume_unwind(Box::new(()))).map_or_else(|panicked| panicked, |()| unreachable!())
}

fn render(scan: &Scan, format: Format) -> String {
    render_with(scan, format, &Options::default())
}

fn summed_up(scan: &Scan) -> String {
    let options = Options { hints: HINTS, ..Options::default() };
    let report = Report { scan, rules: &RULES, now: Timestamp::UNIX_EPOCH, options: &options };
    summary(&report, Duration::from_millis(1234))
}

#[test]
fn the_same_scan_gives_the_same_bytes() {
    for format in Format::ALL {
        assert_eq!(render(&full_scan(), format), render(&full_scan(), format), "{}", format.as_str());
    }
}

#[test]
fn a_known_account_is_labelled() {
    let id = AccountId::parse("123456789012").unwrap();
    let account = Some(Account { id, known_by: KnownBy::KeyId, otherwise: None });
    let scan = Scan {
        findings: vec![Finding { account, ..pair_finding("a", &fake::pair(1), 1) }],
        ..Scan::default()
    };
    let log: Value = serde_json::from_str(&render(&scan, Format::Json)).unwrap();
    assert_eq!(log["findings"][0]["account"]["label"], "documentation");
    let words = render(&scan, Format::Text).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("used in documentation and emulators"), "{words}");
}

/// A scan with `text` wherever a text from outside can stand.
fn scan_with(text: &str, key: &Fake) -> Scan {
    let path = format!("backup/{text}.txt");
    let line = format!("id={} key={}", key.id_text(), text);
    let secret = line.len() - text.len()..line.len();
    let mut finding = pair_finding(&path, key, 2);
    Arc::make_mut(&mut finding.places)[0].excerpt = Excerpt::cut(line.as_bytes(), &(3..23), &[secret], &[]);
    Arc::make_mut(&mut finding.places)[0].line_hash = None;
    finding.signed = Some(Box::new(SignedRequest {
        region: Some(text.to_owned()),
        service: Some(text.to_owned()),
        ..SignedRequest::default()
    }));
    let refusal = Refusal::new(Some(text), Some(text), Some(text));
    finding.owner.unresolved = Answer::Unknown(refusal.clone()).problem();
    let member = Origin::Member(Member::new(file(&path), vec![path.clone().into_bytes(), text.into()]));
    let layer = ImageLayer {
        number: 1,
        of: 2,
        image: Some(text.to_owned()),
        made_by: Some(format!("RUN export SECRET={text} CUT={}", &text[..39])),
        is_deleted: true,
    };
    let inside = Finding { origin: member.clone(), layer: Some(Box::new(layer)), ..finding.clone() };
    let skipped = |reason| Skipped { origin: file(&path), reason };
    Scan {
        resolution: Resolution { failures: vec![refusal.to_string()], ..Resolution::default() },
        findings: vec![finding, inside],
        skipped: vec![
            Skipped { origin: member, reason: SkipReason::Archive(ArchiveFault::Encrypted) },
            skipped(SkipReason::Io(io::Error::other(format!("no such key: {text}")))),
            skipped(SkipReason::Panic(panicked())),
            skipped(SkipReason::TooMany),
        ],
        excluded: vec![Excluded { origin: file(&path), by: ExcludedBy::Glob }],
        ..Scan::default()
    }
}

proptest! {
    // Seeds are reproducible by themselves: no file of regressions.
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_format_prints_a_secret(seed in prop_oneof![0_u64..5000, Just(33), Just(58), Just(3881)]) {
        let key = fake::temporary(seed);
        prop_assume!(key.secret().likeness() == Likeness::RandomKey);
        for secret in [key.secret_text(), key.token_text()] {
            let pieces = AhoCorasick::new(secret.as_bytes().windows(8)).unwrap();
            let scan = scan_with(secret, &key);
            let options = Options {
                sarif_category: Some(secret.to_owned()),
                sarif_suppressed: true,
                path_prefix: format!("{secret}/"),
                current_folder: "backup/".to_owned(),
                ..Options::default()
            };
            let mut outputs: Vec<_> =
                Format::ALL.iter().map(|&format| render_with(&scan, format, &options)).collect();
            outputs.push(summed_up(&scan));
            for output in outputs {
                let escapes = [("%2B", "+"), ("%2F", "/"), ("&#43;", "+"), ("&#61;", "=")];
                let decoded = escapes.iter().fold(output, |text, (code, c)| text.replace(code, c));
                prop_assert!(!pieces.is_match(&decoded), "{decoded}");
            }
        }
    }
}
