//! The report for people, and the summary beside it.

use akid::aws::fake;
use akid::finding::Finding;
use akid::origin::{Origin, RelativePath};
use akid::report::{Format, Options};
use akid::scan::Scan;
use proptest::prelude::*;

use super::scans::{full_scan, pair_finding};
use super::{RULES, render, render_with, summed_up};

/// Text without its styles.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut parts = text.split('\x1b');
    plain.push_str(parts.next().unwrap());
    parts.for_each(|part| plain.push_str(part.split_once('m').unwrap().1));
    plain
}

#[test]
fn text_tells_where_what_whose_and_what_next() {
    let scan = Scan { findings: vec![pair_finding("src/deploy.sh", &fake::pair(1), 3)], ..Scan::default() };
    let (key, account) = (fake::pair(1), fake::pair(1).id().account().unwrap());
    let (id, secret) = (key.id_text(), key.secret().fingerprint());
    assert_eq!(
        plain(&render(&scan, Format::Text)),
        format!(
            "src/deploy.sh:1:6: critical: AWS access key with its secret (aws-access-key)\n    \
             id = {id}\n    \
             secret      {secret} at 2:10\n    \
             account     {account} (decoded from the key ID)\n    \
             confidence  high\n    \
             also at     3:6, 5:6\n    \
             next        {}\n",
            RULES.get(&scan.findings[0].rule).unwrap().next_step.replace("<KEY_ID>", id)
        )
    );
}

#[test]
fn text_tells_dates_doubts_and_encodings_and_leaves_suppressed_findings_out() {
    let text = plain(&render(&full_scan(), Format::Text));
    assert!(
        text.contains("signed      2026-01-01T00:00:00Z, for s3, in us-east-1, expired 2026-01-01T00:15:00Z")
    );
    assert!(text.contains("medium: the path contains test, example or documentation"), "{text}");
    assert!(text.contains("encoded as  base64, in utf-16"), "{text}");
    assert!(!text.contains("tests/it.rs"), "{text}");
}

#[test]
fn text_names_ten_further_places_and_counts_the_rest() {
    let finding = Finding { occurrences: 99, ..pair_finding("a", &fake::pair(1), 30) };
    let scan = Scan { findings: vec![finding], ..Scan::default() };
    assert!(plain(&render(&scan, Format::Text)).contains("19:6, 21:6, and 88 more\n"));
}

#[test]
fn text_paths_start_at_the_current_folder_and_obey_no_escape_sequence() {
    let scan =
        Scan { findings: vec![pair_finding("a\x1b[2J\n\u{202e}b", &fake::pair(1), 1)], ..Scan::default() };
    let options = Options { path_prefix: "../top/".to_owned(), ..Options::default() };
    let text = plain(&render_with(&scan, Format::Text, &options));
    assert!(text.starts_with(r"../top/a\x1b[2J\n\u{202e}b:1:6: critical"), "{text}");
}

#[test]
fn a_path_in_the_current_folder_is_told_from_there_unless_that_cuts_what_is_masked() {
    let options =
        Options { path_prefix: "../".to_owned(), current_folder: "app/".to_owned(), ..Options::default() };
    let first_line = |path: &str, options: &Options| {
        let scan = Scan { findings: vec![pair_finding(path, &fake::pair(1), 1)], ..Scan::default() };
        plain(&render_with(&scan, Format::Text, options)).lines().next().unwrap().to_owned()
    };
    assert!(first_line("app/a.env", &options).starts_with("a.env:1:6: "));
    assert!(first_line("apple/a.env", &options).starts_with("../apple/a.env:1:6: "));
    // A secret in a path is folders, as far as its slashes go.
    let key = (0..).map(fake::pair).find(|key| key.secret_text().find('/') == Some(20)).unwrap();
    let (folder, rest) = key.secret_text().split_at(21);
    let line = first_line(key.secret_text(), &Options { current_folder: folder.to_owned(), ..options });
    assert!(line.starts_with("../****:1:6: ") && !line.contains(rest), "{line}");
}

#[test]
fn a_summary_counts_everything_and_names_what_was_not_scanned() {
    assert_eq!(
        summed_up(&full_scan()),
        "not scanned, or only in part: 1 input\n  locked: permission denied\n\
         to accept this, add to .akid.toml:\n  [[accept-skip]]\n  path = \"/locked\"\n  \
         reason = \"why this is harmless\"\n\
         excluded: 1 input\n  big.bin: larger than --max-file-size\n\
         3 findings (2 critical, 1 low); 1 suppressed (1 inline)\n\
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
        prop_assert_eq!(text.lines().count(), 6);
        prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{:?}", text);
    }
}
