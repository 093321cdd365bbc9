//! The report for people, and the summary beside it.

use akid::aws::fake;
use akid::finding::Finding;
use akid::level::{Certainty, Confidence, Doubt, Severity};
use akid::origin::{Origin, RelativePath};
use akid::owner::Ownership;
use akid::report::{Failing, Format, Hints, Options, Report, Shown};
use akid::scan::Scan;
use jiff::Timestamp;
use proptest::prelude::*;

use super::scans::{exposed, full_scan, pair_finding};
use super::{HINTS, RULES, render, render_with, summed_up};

/// Text without its styles.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut parts = text.split('\x1b');
    plain.push_str(parts.next().unwrap());
    parts.for_each(|part| plain.push_str(part.split_once('m').unwrap().1));
    plain
}

#[test]
fn text_tells_what_whose_where_and_what_next() {
    let scan = Scan { findings: vec![pair_finding("src/deploy.sh", &fake::pair(1), 3)], ..Scan::default() };
    let (key, account) = (fake::pair(1), fake::pair(1).id().account().unwrap());
    let (id, secret) = (key.id_text(), key.secret().fingerprint());
    let text = plain(&render(&scan, Format::Text));
    assert!(
        text.starts_with(&format!(
            "critical  {id} + secret {secret}                FAILS
          AWS access key with its secret (aws-access-key), confidence high
          account {account} (decoded from the key ID)
          src/deploy.sh:1:6
              id = {id}
              secret at 2:10
              also at 3:6, 5:6
          next: "
        )),
        "{text}"
    );
    let step = RULES.get(&scan.findings[0].rule).unwrap().next_step.replace("<KEY_ID>", id);
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words(&text).ends_with(&words(&step)), "{text}");
    assert!(text.contains(&format!("akid explain {id}\n")), "a command on one line: {text}");
}

#[test]
fn text_tells_dates_doubts_and_encodings_and_leaves_suppressed_findings_out() {
    let text = plain(&render(&full_scan(), Format::Text));
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("signed 2026-01-01T00:00:00Z, for s3, in us-east-1, expired 2026-01-01T00:15:00Z"),
        "{text}"
    );
    assert!(words.contains("medium: the path contains test, example or documentation"), "{text}");
    assert!(text.contains("encoded as base64, in utf-16"), "{text}");
    assert!(!text.contains("tests/it.rs"), "{text}");
}

#[test]
fn text_names_ten_further_occurrences_and_counts_the_rest() {
    let finding = Finding { occurrences: 99, ..pair_finding("a", &fake::pair(1), 30) };
    let scan = Scan { findings: vec![finding], ..Scan::default() };
    let text = plain(&render(&scan, Format::Text));
    assert!(
        text.split_whitespace().collect::<Vec<_>>().join(" ").contains("19:6, 21:6, and 88 more"),
        "{text}"
    );
}

/// One credential at `n` paths, in reverse order, the last of them in history.
fn at_paths(n: u64) -> Scan {
    let file = |at| pair_finding(&format!("{at:03}.env"), &fake::pair(6), 1);
    let past = exposed("Add a key", false);
    Scan { findings: (1..n).rev().map(file).chain([past]).collect(), ..Scan::default() }
}

#[test]
fn a_credential_is_shown_once_with_five_places_and_the_rest_counted() {
    let text = plain(&render(&at_paths(9), Format::Text));
    assert_eq!(text.matches("FAILS").count(), 1, "{text}");
    let shown: Vec<&str> = text.lines().filter(|line| line.contains(".env:")).map(str::trim).collect();
    assert_eq!(shown.len(), 5, "{text}");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("… and 4 more places: 3 in current files, 1 only in old commits; -v lists all next:"),
        "{text}"
    );
    let all = Options { verbose: true, ..Options::default() };
    let text = plain(&render_with(&at_paths(9), Format::Text, &all));
    let shown = text.lines().filter(|line| line.contains(".env:") && !line.contains("git ")).count();
    assert_eq!((shown, text.contains("more place")), (9, false), "{text}");
    // The place in history comes last, with the command that shows it.
    let command = text.lines().rev().find(|line| line.contains("git ")).unwrap().trim();
    assert_eq!(
        command,
        "git show abababab:old/prod.env  # shows it unmasked".replace("abababab", &"ab".repeat(5))
    );
}

#[test]
fn what_fails_comes_first_then_what_is_worse() {
    let failing = Failing { owners: vec![Ownership::Own], ..Failing::default() };
    let mut findings: Vec<Finding> = (1..=4).map(|seed| pair_finding("a", &fake::pair(seed), 1)).collect();
    findings[0].rule_severity = Severity::Low;
    findings[2].owner.ownership = Ownership::Own;
    findings[3].rule_severity = Severity::High;
    let ids = [2, 1, 3, 0].map(|at: usize| findings[at].credential.id().unwrap().to_string());
    let scan = Scan { findings, ..Scan::default() };
    let options = Options { failing, ..Options::default() };
    let text = plain(&render_with(&scan, Format::Text, &options));
    let titles: Vec<&str> = text.lines().filter(|line| line.contains(" + secret ")).collect();
    let listed: Vec<&str> = titles.iter().map(|line| line.split_whitespace().nth(1).unwrap()).collect();
    assert_eq!(listed, ids);
    assert_eq!(
        titles.iter().map(|line| line.ends_with("FAILS")).collect::<Vec<_>>(),
        [true, false, false, false]
    );
}

#[test]
fn what_is_not_shown_is_counted_in_the_summary_and_is_in_every_other_report() {
    let shown = Shown { only_failing: true, min_severity: Severity::Critical };
    let options = Options { shown, hints: HINTS, ..Options::default() };
    let text = plain(&render_with(&full_scan(), Format::Text, &options));
    assert_eq!(text.lines().filter(|line| line.starts_with("low ")).count(), 0, "{text}");
    let scan = full_scan();
    let report = Report {
        scan: &scan,
        rules: &RULES,
        now: "2026-06-01T00:00:00Z".parse().unwrap(),
        options: &options,
    };
    let summary = akid::report::summary(&report, std::time::Duration::ZERO);
    assert!(summary.contains("not shown because of --hide: 1 credential\n"), "{summary}");
    for format in Format::ALL.into_iter().filter(|format| *format != Format::Text) {
        assert_eq!(
            render_with(&full_scan(), format, &options),
            render_with(&full_scan(), format, &Options { hints: HINTS, ..Options::default() }),
            "{}",
            format.as_str()
        );
    }
}

#[test]
fn a_report_names_no_option_but_those_it_is_given() {
    let scan = full_scan();
    let options = |hints| Options {
        shown: Shown { only_failing: true, min_severity: Severity::Critical },
        hints,
        ..Options::default()
    };
    let summary = |options| {
        let report = Report { scan: &scan, rules: &RULES, now: Timestamp::UNIX_EPOCH, options: &options };
        akid::report::summary(&report, std::time::Duration::ZERO)
    };
    let (bare, given) = (summary(options(Hints::default())), summary(options(HINTS)));
    assert!(!bare.contains("--") && given.contains("--"), "{bare}\n{given}");
    assert!(bare.contains("larger than the limit\n") && bare.contains("not shown: 1 credential\n"), "{bare}");
    for format in [Format::Sarif, Format::Html] {
        let named = ["`--fail` fails", "--from", "--because"].map(|text| {
            let report = render_with(&scan, format, &options(HINTS)).contains(text);
            assert!(!render(&scan, format).contains(text), "{text}");
            report
        });
        assert_eq!(named, [format == Format::Sarif, format == Format::Sarif, format == Format::Html]);
    }
}

#[test]
fn lines_are_as_wide_as_the_terminal_and_no_wider_than_prose_should_be() {
    let finding = |n: u64| Finding {
        confidence: Confidence::new(Certainty::High).doubting(Doubt::TestPath).doubting(Doubt::HexDigest),
        ..exposed(
            &format!("Subject {n} of many words that go on for longer than a line has room for them"),
            true,
        )
    };
    let scan = Scan { findings: vec![finding(1)], ..Scan::default() };
    for (columns, most) in [(Some(80), 80), (Some(200), 120), (None, 80), (Some(10), 40)] {
        let options = Options { width: columns, ..Options::default() };
        let text = plain(&render_with(&scan, Format::Text, &options));
        let is_whole =
            |line: &&str| line.contains("git ") || line.contains("sha256") || line.contains("AKIA");
        for line in text.lines().filter(|line| !is_whole(line)) {
            assert!(line.chars().count() <= most, "{columns:?}: {line}");
        }
    }
}

#[test]
fn text_paths_start_at_the_current_folder_and_obey_no_escape_sequence() {
    let scan =
        Scan { findings: vec![pair_finding("a\x1b[2J\n\u{202e}b", &fake::pair(1), 1)], ..Scan::default() };
    let options = Options { path_prefix: "../top/".to_owned(), ..Options::default() };
    let text = plain(&render_with(&scan, Format::Text, &options));
    assert!(text.contains("          ../top/a\\x1b[2J\\n\\u{202e}b:1:6\n"), "{text}");
}

#[test]
fn a_path_in_the_current_folder_is_told_from_there_unless_that_cuts_what_is_masked() {
    let options =
        Options { path_prefix: "../".to_owned(), current_folder: "app/".to_owned(), ..Options::default() };
    let place = |path: &str, options: &Options| {
        let scan = Scan { findings: vec![pair_finding(path, &fake::pair(1), 1)], ..Scan::default() };
        plain(&render_with(&scan, Format::Text, options)).lines().nth(3).unwrap().trim().to_owned()
    };
    assert!(place("app/a.env", &options) == "a.env:1:6");
    assert!(place("apple/a.env", &options) == "../apple/a.env:1:6");
    // A secret in a path is folders, as far as its slashes go.
    let key = (0..).map(fake::pair).find(|key| key.secret_text().find('/') == Some(20)).unwrap();
    let (folder, rest) = key.secret_text().split_at(21);
    let line = place(key.secret_text(), &Options { current_folder: folder.to_owned(), ..options });
    assert!(line == "../****:1:6" && !line.contains(rest), "{line}");
}

#[test]
fn a_summary_counts_everything_and_names_what_was_not_scanned() {
    assert_eq!(
        summed_up(&full_scan()),
        "not scanned, or only in part: 1 input\n  locked: permission denied\n\
         to accept this, add to .akid.toml:\n  [[accept-skip]]\n  path = \"/locked\"\n  \
         reason = \"why this is harmless\"\n\
         excluded: 1 input\n  big.bin: larger than --limit\n\
         3 credentials in 3 places: 2 critical, 1 low; 2 fail; 1 suppressed (1 inline)\n  \
         account 241378767377  1 credential, 1 fails\n  \
         account 247471105408  1 credential, 1 fails\n  \
         account 952888006475  1 credential\n\
         scanned 1,234 files, 5.6 MB, in 1.23 s\n"
    );
    assert_eq!(summed_up(&Scan::default()), "no findings\nscanned 0 files, 0 bytes, in 1.23 s\n");
    let interrupted = Scan { interrupted: true, ..Scan::default() };
    assert!(summed_up(&interrupted).starts_with("interrupted: "));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_path_brings_a_control_character_or_a_line_of_its_own(path in prop::collection::vec(any::<u8>(), 1..40)) {
        let finding = Finding {
            origin: Origin::File(RelativePath::from_bytes(path)),
            ..pair_finding("", &fake::pair(1), 1)
        };
        let text = plain(&render(&Scan { findings: vec![finding], ..Scan::default() }, Format::Text));
        prop_assert_eq!(text.lines().count(), 8);
        prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{:?}", text);
    }
}
