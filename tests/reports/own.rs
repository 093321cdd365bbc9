//! Reports of akid that a later scan meets: the key IDs in them are no findings, and everything else in them is.

use std::fs;

use akid::aws::fake::{self, Fake};
use akid::detect::Detector;
use akid::finding::Suppression;
use akid::report::Format;
use akid::scan::{Policy, Scan, Scanner};
use akid::source::{Files, FilesOptions};
use akid::stop::Stop;

use crate::reports::scans::{full_scan, pair_finding};
use crate::reports::{RULES, render};

fn scan_of(content: &[u8]) -> Scan {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("content");
    fs::write(&path, content).unwrap();
    let policy =
        Policy { now: "2026-01-01T00:00:00Z".parse().unwrap(), inline_allow: false, ..Policy::default() };
    let scanner = Scanner::new(Detector::new(&RULES), policy, 1, Stop::default());
    scanner.scan(&[&Files::new(&[path], FilesOptions::default())])
}

/// A report of credentials that each format lists.
fn report(format: Format, findings: u64) -> String {
    let counting = (1..=findings).map(|seed| pair_finding(&format!("src/{seed}.sh"), &fake::pair(seed), 1));
    render(&Scan { findings: counting.collect(), ..full_scan() }, format)
}

fn suppressions(scan: &Scan) -> Vec<Option<Suppression>> {
    scan.findings.iter().map(|finding| finding.suppression).collect()
}

#[test]
fn key_ids_in_a_report_of_any_format_are_suppressed() {
    for format in Format::ALL {
        let text = report(format, 3);
        let scan = scan_of(text.as_bytes());
        let name = format.as_str();
        assert_eq!(suppressions(&scan), [Some(Suppression::AkidReport); 3], "{name}: {text}");
        // As a shell of Windows redirects it.
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let scan = scan_of(&[b"\xff\xfe", wide.as_slice()].concat());
        assert_eq!(suppressions(&scan), [Some(Suppression::AkidReport); 3], "{name} in UTF-16");
    }
}

#[test]
fn a_report_that_is_too_large_to_be_held_is_recognised_by_its_start() {
    for format in Format::ALL {
        let filler = " ".repeat(127).repeat(1 << 14);
        let text = format!("{}\n{filler}\n{}\n", report(format, 3), fake::pair(4).id_text());
        let scan = scan_of(text.as_bytes());
        assert_eq!(suppressions(&scan), [Some(Suppression::AkidReport); 4], "{}", format.as_str());
    }
}

#[test]
fn key_ids_beside_a_baseline_are_suppressed() {
    let key = fake::pair(1);
    let baseline = akid::suppress::Baseline::of(&full_scan().findings, &RULES, akid::suppress::KnownIn::Any);
    let header = "# Known findings: `akid scan --baseline` fails only on others.\n";
    let scan = scan_of(format!("{header}{baseline}# {} is the staging key\n", key.id_text()).as_bytes());
    assert_eq!(suppressions(&scan), [Some(Suppression::AkidReport)]);
}

#[test]
fn nothing_but_lone_key_ids_hides_in_what_starts_like_a_report() {
    let (long, temporary) = (fake::pair(7), fake::temporary(9));
    let pair = |key: &Fake| {
        format!("aws_access_key_id = {}\naws_secret_access_key = {}\n", key.id_text(), key.secret_text())
    };
    let url = format!(
        "https://b.s3.amazonaws.com/x?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}/20260101/us-east-1/s3/aws4_request\
         &X-Amz-Date=20260101T000000Z&X-Amz-Expires=604800&X-Amz-SignedHeaders=host&X-Amz-Signature={}\n",
        long.id_text(),
        "0123456789abcdef".repeat(4)
    );
    // Far from the report's own key IDs, none of which may be paired.
    let filler = "\n# nothing".repeat(8000);
    for format in Format::ALL {
        let report = report(format, 3);
        for (hidden, rule) in [
            (pair(&long), "aws-access-key"),
            (pair(&temporary), "aws-temporary-credentials"),
            (format!("aws_secret_access_key = {}\n", long.secret_text()), "aws-secret-access-key"),
            (format!("aws_session_token = {}\n", temporary.token_text()), "aws-session-token"),
            (url.clone(), "aws-presigned-url"),
        ] {
            let scan = scan_of(format!("{report}{filler}\n{hidden}").as_bytes());
            let counting = scan.findings.iter().filter(|finding| finding.suppression.is_none());
            let rules: Vec<_> = counting.map(|finding| finding.rule.as_str()).collect();
            assert_eq!(rules, [rule], "{}", format.as_str());
        }
    }
}
