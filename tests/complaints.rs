//! What users of other scanners warn of, and the tests by which akid does not do the same. The last test here holds
//! that each of them is there.
//!
//! Detection
//!
//! 1. Credentials not found, a lone `S3_SECRET_KEY` invisible: `what_stands_alone_is_found`,
//!    `every_layout_is_found_and_paired_to_the_byte`
//! 2. Temporary credentials unsupported for years: `temporary_credentials_are_found_with_all_three_parts`
//! 3. The result depends on the line before the key: `a_pair_is_found_at_any_offset`,
//!    `a_credential_across_the_edge_of_a_piece_is_found_as_in_the_whole`
//! 4. Secrets lost under load: `any_number_of_threads_writes_the_same_bytes`,
//!    `a_panic_tells_its_place_and_not_its_message`, `a_file_that_vanishes_during_the_scan_is_told`
//! 5. Occurrences collapsed: `the_same_credential_twice_is_one_finding_with_two_places`,
//!    `sarif_has_one_result_for_each_place_tied_by_the_fingerprint`
//! 6. An example silently ignored, so that the tool seems broken: `tests/cmd/example`
//! 7. The secret never detected, only the key ID: `a_pair_is_found_at_its_exact_spans_in_any_noise`
//! 8. Letters that no key ID has are accepted: `what_has_a_letter_that_no_key_id_has_is_none`
//! 9. UTF-16 files skipped: `what_powershell_writes_is_read`, `so_it_is_in_utf_16_and_utf_32`
//! 10. The console's CSV files not understood: `the_consoles_csv_files_are_read_by_their_headers`
//!
//! False alarms
//!
//! 11. Key IDs inside long base64: `a_key_id_inside_base64_is_none`
//! 12. `AROA…`, `AIDA…` and account IDs taken for secrets: `other_ids_of_iam_are_none`
//! 13. Integrity sums and commit IDs taken for secrets: `sums_and_commit_ids_are_none`
//! 14. The examples that SDKs bring: `tests/cmd/example`, `what_only_looks_like_a_leak_is_none`
//! 15. Presigned URLs are no leaks of a key: `tests/cmd/presigned-expired`, `tests/cmd/presigned-live`
//!
//! Asking AWS
//!
//! 16. Two secrets and one ID: validity at random. Can't happen: akid never uses what it found; it asks once about each
//!     key ID: `a_scan_asks_once_about_each_key_signs_with_the_callers_and_sends_no_secret`
//! 17. Keys of other partitions never verify. Can't happen: nothing is verified; the account is read from the ID, which
//!     has the same form in every partition: `a_new_id_tells_its_account_and_an_old_one_says_why_not`
//! 18. Live validation must be switched off in CI, canaries must be skipped: `no_socket_is_opened_unless_it_is_said`,
//!     `a_canary_is_left_alone`
//! 19. Hooks that wait for a network or exceed their time: `a_push_that_takes_too_long_is_told_as_not_covered`, and
//!     hooks have no option to ask AWS: `tests/cmd/help-hook-pre-receive`
//!
//! Speed and memory
//!
//! 20. Hours for a history, memory that grows with it: `sizes_that_lie_cost_no_memory`,
//!     `what_is_far_away_changes_nothing`; `benches/compare.py` measures both
//! 21. One pass for each pattern, argument lists too long. Can't happen: one automaton has the anchors of all rules, and
//!     hooks read what they need themselves: `a_stopped_commit_is_told_in_fewer_than_fifteen_lines`
//! 22. Worktrees fail, a hook clones the whole repository: `a_linked_worktree_has_its_own_index_and_head`,
//!     `linked_worktrees_share_a_hook_and_folders_of_ones_own_are_respected`
//! 23. No ranges, no increments: `a_range_has_what_its_commits_change_and_nothing_before`,
//!     `only_what_the_remote_lacks_is_scanned`
//!
//! Hooks
//!
//! 24. A hook for what is staged scans history: `every_kind_of_change_is_staged_and_nothing_of_the_worktree_is`
//! 25. Installed without patterns, it passes silently: `tests/cmd/rules-folder-empty`,
//!     `an_akid_that_is_gone_stops_the_commit_and_says_so`
//!
//! Reports
//!
//! 26. SARIF that is refused: `sarif_is_valid_with_and_without_findings`,
//!     `sarif_regions_count_from_one_and_end_after_their_last_character`
//! 27. The secret is in the report: `no_format_prints_a_secret`, `no_form_of_input_brings_a_secret_into_any_output`
//! 28. Fingerprints that die on squash and rebase: `it_holds_through_moves_of_lines_squash_and_rebase`
//! 29. No convention for findings in history: `a_key_that_was_deleted_is_found_in_every_format`
//! 30. Options that do not exist are ignored: `tests/cmd/unknown-option`, `tests/cmd/config-unknown-key`

#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;
use std::path::Path;

use akid::aws::fake;
use akid::detect::{Detector, Found};
use akid::level::Certainty;
use akid::rule::RuleSet;
use regex::Regex;

fn found(bytes: &[u8]) -> Vec<Found> {
    static DETECTOR: std::sync::LazyLock<Detector> =
        std::sync::LazyLock::new(|| Detector::new(&RuleSet::built_in()));
    DETECTOR.detect(bytes).found
}

#[test]
fn what_stands_alone_is_found() {
    let key = fake::pair(1);
    for name in ["AWS_SECRET_ACCESS_KEY", "S3_SECRET_KEY"] {
        let found = found(format!("{name}={}\n", key.secret_text()).as_bytes());
        assert_eq!((found.len(), found[0].credential.secret()), (1, Some(key.secret())), "{name}");
        assert_eq!(found[0].rule.as_str(), "aws-secret-access-key");
    }
    let alone = found(key.id_text().as_bytes());
    assert_eq!((alone.len(), alone[0].rule.as_str()), (1, "aws-access-key-id"));
}

#[test]
fn temporary_credentials_are_found_with_all_three_parts() {
    let key = fake::temporary(2);
    let (id, secret, token) = (key.id_text(), key.secret_text(), key.token_text());
    let text = format!("aws_access_key_id={id}\naws_secret_access_key={secret}\naws_session_token={token}\n");
    let found = found(text.as_bytes());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].rule.as_str(), "aws-temporary-credentials");
    assert_eq!(
        (found[0].credential.secret(), found[0].credential.token()),
        (Some(key.secret()), key.token())
    );
}

#[test]
fn what_has_a_letter_that_no_key_id_has_is_none() {
    let id = fake::pair(3).id_text().to_owned();
    for letter in ["0", "1", "8", "9"] {
        let text = format!("aws_access_key_id = {}{letter}\n", &id[..19]);
        assert!(found(text.as_bytes()).is_empty(), "{text}");
    }
}

#[test]
fn what_powershell_writes_is_read() {
    let key = fake::pair(4);
    let text = format!(
        "$Env:AWS_ACCESS_KEY_ID=\"{}\"\r\n$Env:AWS_SECRET_ACCESS_KEY=\"{}\"\r\n",
        key.id_text(),
        key.secret_text()
    );
    let utf_16 = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes);
    let found = found(&utf_16.collect::<Vec<_>>());
    assert_eq!((found.len(), found[0].credential.secret()), (1, Some(key.secret())));
}

#[test]
fn the_consoles_csv_files_are_read_by_their_headers() {
    let key = fake::pair(5);
    let (id, secret) = (key.id_text(), key.secret_text());
    for text in [
        format!("\u{feff}Access key ID,Secret access key\r\n{id},{secret}\r\n"),
        format!(
            "User name,Password,Access key ID,Secret access key,Console login link\nada,,{id},{secret},https://x\n"
        ),
    ] {
        let found = found(text.as_bytes());
        assert_eq!((found.len(), found[0].credential.secret()), (1, Some(key.secret())), "{}", found.len());
        assert_eq!(found[0].confidence.certainty(), Certainty::High);
    }
}

#[test]
fn a_key_id_inside_base64_is_none() {
    let id = fake::pair(6).id_text().to_owned();
    let text = format!("image = \"iVBORw0KGgoAAAANSUhEUgAA{id}BKwYAAAAAElFTkSuQmCC/+w0KGgoA\"\n");
    assert!(found(text.as_bytes()).is_empty());
}

#[test]
fn other_ids_of_iam_are_none() {
    let tail = &fake::pair(7).id_text()[4..].to_owned();
    for prefix in ["AROA", "AIDA", "AGPA", "AIPA", "ANPA", "ANVA", "ASCA", "APKA"] {
        assert!(found(format!("id = {prefix}{tail}\n").as_bytes()).is_empty(), "{prefix}");
    }
    assert!(found(b"account = 609629065308\n").is_empty());
}

#[test]
fn sums_and_commit_ids_are_none() {
    let sum = "sha512-9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08vYXdzc2VjcmV0YWNjZXNza2V5aGVyZQ==";
    let commit = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
    for text in [
        format!("\"integrity\": \"{sum}\"\n"),
        format!("aws-sdk.git#{commit}\n"),
        format!("aws_commit = \"{commit}\"\n"),
    ] {
        let failing =
            found(text.as_bytes()).into_iter().filter(|found| found.confidence.certainty() > Certainty::Low);
        assert_eq!(failing.count(), 0, "{text}");
    }
}

/// Names of all tests there are, and of the cases of `tests/cmd`.
fn tests() -> BTreeSet<String> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let name = Regex::new(r"#\[test\]\s+(?:#\[[^\]]*\]\s+)*fn (\w+)").unwrap();
    let in_law = Regex::new(r"(?m)^    fn (\w+)\(").unwrap();
    let mut names = BTreeSet::new();
    let mut waiting = vec![top.join("tests"), top.join("src")];
    while let Some(folder) = waiting.pop() {
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.join("cmd.toml").is_file() {
                names.insert(format!("tests/cmd/{}", path.file_name().unwrap().to_string_lossy()));
            } else if path.is_dir() && !path.ends_with("node_modules") && !path.ends_with(".venv") {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                names.extend(
                    name.captures_iter(&text).filter_map(|found| Some(found.get(1)?.as_str().to_owned())),
                );
                if text.contains("proptest!") {
                    names.extend(in_law.captures_iter(&text).map(|found| found[1].to_owned()));
                }
            }
        }
    }
    names
}

#[test]
fn each_complaint_has_a_test_that_is_there() {
    let tests = tests();
    let docs: String = include_str!("complaints.rs")
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| format!("{line}\n"))
        .collect();
    let item = Regex::new(r"(?m)^ (\d+)\. ").unwrap();
    let starts: Vec<usize> = item.find_iter(&docs).map(|found| found.start()).collect();
    let numbers: Vec<usize> = item.captures_iter(&docs).map(|found| found[1].parse().unwrap()).collect();
    assert_eq!(numbers, (1..=30).collect::<Vec<_>>());
    let name = Regex::new(r"`((?:tests/cmd/[a-z-]+)|(?:[a-z0-9]+_[a-z0-9_]+))`").unwrap();
    for (nth, &start) in starts.iter().enumerate() {
        let text = &docs[start..starts.get(nth + 1).copied().unwrap_or(docs.len())];
        let named: Vec<&str> = name.captures_iter(text).map(|found| found.get(1).unwrap().as_str()).collect();
        assert!(!named.is_empty(), "{text}");
        for test in named {
            assert!(tests.contains(test), "complaint {}: no test `{test}`", nth + 1);
        }
    }
}
