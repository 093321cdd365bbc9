//! The reports that CI systems show: annotations, GitLab's report, JUnit, Markdown.

use akid::aws::fake;
use akid::finding::{Claims, Finding};
use akid::level::Severity;
use akid::origin::{Origin, RelativePath};
use akid::report::{Failing, Format, Options, without_commands};
use akid::scan::Scan;
use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Value, json};

use super::scans::{exposed, full_scan, pair_finding};
use super::{render, render_with};

const CI: [Format; 4] = [Format::Github, Format::Gitlab, Format::Junit, Format::Markdown];

fn scan_of(findings: Vec<Finding>) -> Scan {
    Scan { findings, ..Scan::default() }
}

fn at_path(path: &[u8]) -> Scan {
    let origin = Origin::File(RelativePath::from_bytes(path));
    scan_of(vec![Finding { origin, ..pair_finding("", &fake::pair(1), 1) }])
}

fn gitlab(scan: &Scan) -> Value {
    let report: Value = serde_json::from_str(&render(scan, Format::Gitlab)).unwrap();
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    let schema = compiler.compile("tests/schemas/gitlab-secret-detection.json", &mut schemas).unwrap();
    if let Err(error) = schemas.validate(&report, schema) {
        panic!("{error}");
    }
    report
}

/// Each element of an XML document: its name, and the attribute asked for.
fn elements(xml: &str, attribute: &str) -> Vec<(String, Option<String>)> {
    let mut reader = Reader::from_str(xml);
    let mut elements = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) | Event::Empty(element) => {
                let name = element.name().as_ref().to_owned();
                let value = element.try_get_attribute(attribute).unwrap();
                let value = value.map(|value| value.value.into_owned());
                elements.push((
                    name,
                    value.map(|value| quick_xml::escape::unescape(&value).unwrap().into_owned()),
                ));
            }
            Event::Eof => return elements,
            _ => {}
        }
    }
}

fn count(xml: &str, element: &str) -> usize {
    elements(xml, "name").iter().filter(|(name, _)| name == element).count()
}

#[test]
fn annotations_stand_at_their_line_and_those_that_fail_are_errors() {
    let key = fake::pair(1);
    let commands = render(&full_scan(), Format::Github);
    let lines: Vec<_> = commands.lines().collect();
    assert_eq!(lines.len(), 5, "{commands}");
    assert_eq!(
        lines[0],
        "::error title=akid%3A not everything was scanned::locked: not scanned, or only in part: permission denied"
    );
    assert!(
        lines[1].starts_with("::error file=k8s/secret.yaml,line=1,col=6,title=AWS access key"),
        "{commands}"
    );
    assert!(lines[2].starts_with("::error file=src/deploy.sh,line=1,col=6,title="), "{commands}");
    assert!(lines[2].contains(&format!(" {}, secret sha256:", key.id_text())), "{commands}");
    assert!(lines[3].starts_with("::notice file=docs/a b.md,line=1,col=6,"), "{commands}");
    assert_eq!(
        lines[4],
        "3 credentials in 3 places: 2 critical, 1 low; 2 fail; 1 suppressed (1 inline); scanned 1,234 files, 5.6 MB"
    );
}

#[test]
fn what_does_not_fail_is_a_warning_or_a_notice() {
    let failing = Failing { severity: Severity::Critical, ..Failing::default() };
    let options = Options { failing, ..Options::default() };
    let of = |severity| Finding { rule_severity: severity, ..pair_finding("a", &fake::pair(1), 1) };
    let kinds = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low].map(|severity| {
        let commands = render_with(&scan_of(vec![of(severity)]), Format::Github, &options);
        commands.split(' ').next().unwrap().to_owned()
    });
    assert_eq!(kinds, ["::error", "::warning", "::warning", "::notice"]);
}

#[test]
fn ten_annotations_of_a_kind_are_written_and_the_rest_is_counted() {
    let finding = |n: u64| pair_finding(&format!("{n:02}"), &fake::pair(n), 1);
    let mut findings: Vec<_> = (0..15).map(finding).collect();
    findings[13].rule_severity = Severity::High;
    let low = |n| Finding { rule_severity: Severity::Low, ..finding(n) };
    findings.extend((20..40).map(low));
    let commands = render(&scan_of(findings), Format::Github);
    assert_eq!(commands.matches("::error ").count(), 10);
    assert!(!commands.contains("file=13,"), "the least severe are left out");
    assert_eq!(commands.matches("::notice ").count(), 10);
    assert!(commands.contains("::notice title=akid%3A more findings::16 more findings are not shown here"));
}

#[test]
fn a_finding_of_history_is_annotated_where_it_is_checked_out_and_else_told_by_its_commit() {
    let gone = render(&scan_of(vec![exposed("Oops", false)]), Format::Github);
    assert!(gone.starts_with("::error title="), "{gone}");
    assert!(
        gone.contains(&format!("::old/prod.env:1 in commit {}: AWS access key", "ab".repeat(20))),
        "{gone}"
    );
    let here = render(&scan_of(vec![exposed("Oops", true)]), Format::Github);
    assert!(here.starts_with("::error file=old/prod.env,line=1,col=6,"), "{here}");
}

#[test]
fn gitlab_gets_a_vulnerability_for_each_finding_that_counts() {
    let report = gitlab(&full_scan());
    let vulnerabilities = report["vulnerabilities"].as_array().unwrap();
    assert_eq!(vulnerabilities.len(), 3);
    let deploy = &vulnerabilities[2];
    assert_eq!(
        (&deploy["severity"], &deploy["location"]["file"]),
        (&json!("Critical"), &json!("src/deploy.sh"))
    );
    assert_eq!(deploy["location"]["commit"], json!({"sha": "0000000"}));
    assert_eq!(deploy["identifiers"][0]["value"], "aws-access-key");
    assert_eq!(deploy["details"]["key_id"]["value"], fake::pair(1).id_text());
    assert_eq!(deploy["id"], full_scan().findings[2].fingerprint().to_string());
    assert_eq!(
        (&report["scan"]["status"], &report["scan"]["start_time"]),
        (&json!("failure"), &json!("2026-06-01T00:00:00"))
    );
    let messages: Vec<_> =
        report["scan"]["messages"].as_array().unwrap().iter().map(|m| m["value"].as_str().unwrap()).collect();
    assert!(messages[0].contains("locked") && messages[1].contains("big.bin"), "{messages:?}");
    assert!(messages[2].contains("1 suppressed (1 inline)"), "{messages:?}");
    assert!(!render(&full_scan(), Format::Gitlab).contains("raw_source_code_extract"));
}

#[test]
fn gitlab_is_told_the_commit_of_a_finding_of_history() {
    let report = gitlab(&scan_of(vec![exposed("Oops", false)]));
    assert_eq!(report["scan"]["status"], "success");
    assert_eq!(
        report["vulnerabilities"][0]["location"]["commit"],
        json!({
            "sha": "ab".repeat(20), "author": "Ada <ada@example.com>",
            "date": "2020-09-13T12:26:40Z", "message": "Oops",
        })
    );
    assert_eq!(gitlab(&Scan::default())["vulnerabilities"], json!([]));
}

#[test]
fn junit_has_a_test_for_each_finding_and_each_input_that_was_not_scanned() {
    let xml = render(&full_scan(), Format::Junit);
    let tests: Vec<_> = elements(&xml, "name").into_iter().filter(|(name, _)| name == "testcase").collect();
    assert_eq!(tests.len(), 4, "{xml}");
    assert_eq!((count(&xml, "failure"), count(&xml, "skipped"), count(&xml, "error")), (2, 1, 1));
    assert!(xml.contains("tests=\"4\" failures=\"2\" errors=\"1\" skipped=\"1\""), "{xml}");
    assert!(xml.contains("<property name=\"suppressed.inline\" value=\"1\"/>"), "{xml}");
    assert_eq!(
        tests[1].1.as_deref(),
        Some(format!("src/deploy.sh:1:6 {}", fake::pair(1).id_text()).as_str())
    );
    let clean = render(&Scan::default(), Format::Junit);
    assert!(
        clean.contains("tests=\"1\" failures=\"0\" errors=\"0\"") && count(&clean, "testcase") == 1,
        "{clean}"
    );
}

#[test]
fn markdown_is_a_table_of_what_counts_and_says_what_to_do() {
    let page = render(&full_scan(), Format::Markdown);
    assert!(
        page.starts_with("### akid: 3 findings, of which 2 fail; not everything was scanned\n"),
        "{page}"
    );
    let key = fake::pair(1);
    let account = key.id().account().unwrap();
    let row = format!(
        "| **critical** | AWS access key with its secret | `src/deploy.sh:1:6` | `{}` | `{account}` |\n",
        key.id_text()
    );
    assert!(page.contains(&row), "{page}");
    assert!(page.contains("| low | ") && page.contains("`akid explain KEY_ID`"), "{page}");
    assert!(page.contains("- `locked`: `not scanned, or only in part: permission denied`"), "{page}");
    assert!(page.ends_with("1 suppressed (1 inline); scanned 1,234 files, 5.6 MB.\n"), "{page}");
    assert!(render(&Scan::default(), Format::Markdown).starts_with("### akid: no findings\n"));
}

#[test]
fn markdown_is_never_longer_than_a_comment_may_be() {
    let finding = |n: u64| pair_finding(&format!("{}{n}.txt", "|folder/".repeat(30)), &fake::pair(n), 1);
    let mut scan = scan_of((0..500).map(finding).collect());
    scan.skipped = (0..500).flat_map(|_| full_scan().skipped).collect();
    let page = render(&scan, Format::Markdown);
    assert!(page.len() < 60_000 && page.len() > 40_000, "{}", page.len());
    let rows = page.lines().filter(|line| line.starts_with("| **critical")).count();
    assert!(page.contains(&format!("{} more findings not shown, the least severe.", 500 - rows)));
    assert!(
        page.contains("- and ") && page.contains("500 credentials in 500 places: 500 critical; 500 fail")
    );
}

#[test]
fn no_suppressed_finding_is_shown_and_each_is_counted() {
    for format in CI {
        let report = render(&full_scan(), format);
        assert!(!report.contains("tests/it.rs"), "{}", format.as_str());
        assert!(report.contains("1 suppressed (1 inline)"), "{}", format.as_str());
    }
}

/// The path that an annotation's property stands for.
fn file_of(command: &str) -> Option<String> {
    let value = command.split_once("file=")?.1.split(',').next()?;
    let unescaped = [("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")];
    Some(unescaped.iter().fold(value.to_owned(), |text, (code, c)| text.replace(code, c)))
}

/// Paths that try to be something else.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let pieces = [
        "::error::x",
        "::stop-commands::x",
        "##[error]x",
        "\n::add-mask::x\n",
        "%0A",
        "| a | b |",
        "`",
        "``",
        "<b>",
        "</code>",
        "&#124;",
        "\\",
        "\\|",
        "]]>",
        "<!--",
        "\"",
        "'",
        "@all",
        "![x](http://x)",
        "https://example.com",
        "a",
        "\u{ffff}",
        "\u{1}",
        "-->",
        ",",
        ":",
        "=",
        "\u{1f511}",
        " ",
    ];
    let pieces = pieces.map(|piece| piece.as_bytes().to_vec());
    let piece = prop_oneof![4 => prop::sample::select(pieces.to_vec()), 1 => prop::collection::vec(any::<u8>(), 1..4)];
    prop::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_path_adds_a_command_or_changes_one(path in hostile()) {
        let commands = render(&at_path(&path), Format::Github);
        let lines: Vec<_> = commands.lines().collect();
        prop_assert_eq!(lines.len(), 2);
        let shown = akid::redact::redact(&path);
        prop_assert_eq!(file_of(lines[0]), Some(shown));
        prop_assert!(lines[0].starts_with("::error file=") && lines[1].starts_with("1 credential"));
        let summary = without_commands(&String::from_utf8_lossy(&path));
        prop_assert!(!summary.lines().any(|line| line.trim_start().starts_with("::")));
        prop_assert!(!summary.contains("##["));
    }

    #[test]
    fn no_path_breaks_the_xml(path in hostile()) {
        let xml = render(&at_path(&path), Format::Junit);
        let tests: Vec<_> = elements(&xml, "file").into_iter().filter(|(name, _)| name == "testcase").collect();
        prop_assert_eq!(tests.len(), 2);
        let shown = akid::redact::redact(&path).replace(['\u{ffff}', '\u{fffe}'], "\u{fffd}");
        prop_assert_eq!(tests[0].1.as_ref(), Some(&shown));
        let is_allowed = |c: char| c == '\n' || (c >= ' ' && !['\u{ffff}', '\u{fffe}'].contains(&c));
        prop_assert!(xml.chars().all(is_allowed));
    }

    #[test]
    fn no_path_is_markup_in_a_table(path in hostile()) {
        let page = render(&at_path(&path), Format::Markdown);
        let rows: Vec<_> = page.lines().filter(|line| line.starts_with("| **critical")).collect();
        prop_assert_eq!(rows.len(), 1);
        prop_assert_eq!(rows[0].matches('|').count(), 6);
        let cell = rows[0].split(" | ").nth(2).unwrap();
        let in_html = cell.strip_prefix("<code>").and_then(|cell| cell.strip_suffix("</code>"));
        let in_ticks = cell.strip_prefix('`').and_then(|cell| cell.strip_suffix('`'));
        // An `@` has a break of ours before it, so that no address is seen; a path's own `<` is a reference.
        let written = in_html.unwrap_or_default();
        prop_assert_eq!(written.matches("<wbr>&#64;").count(), written.matches("&#64;").count());
        let markup = |text: &str| text.replace("<wbr>&#64;", "").replace('&', "").contains(|c: char| c.is_ascii_punctuation() && !"/-#;".contains(c));
        prop_assert!(in_ticks.is_some_and(|text| !text.contains(['`', '\\'])) || in_html.is_some_and(|text| !markup(text)), "{}", cell);
    }

    #[test]
    fn no_path_breaks_the_report_for_gitlab(path in hostile()) {
        let report = gitlab(&at_path(&path));
        prop_assert_eq!(&report["vulnerabilities"][0]["location"]["file"], &json!(akid::redact::redact(&path)));
    }
}

#[test]
fn what_a_credential_says_of_itself_is_in_every_report_of_ci() {
    let claims = Claims {
        user: Some("ada".to_owned()),
        region: Some("eu-west-1".to_owned()),
        expires_at: "2099-01-01T00:00:00Z".parse().ok(),
        ..Claims::default()
    };
    let finding = Finding { claims: Some(Box::new(claims)), ..pair_finding("a", &fake::pair(1), 1) };
    let scan = scan_of(vec![finding]);
    let says = "user ada, in eu-west-1, valid until 2099-01-01T00:00:00Z";
    assert_eq!(gitlab(&scan)["vulnerabilities"][0]["details"]["says"]["value"], says);
    for format in [Format::Junit, Format::Markdown] {
        let text = render(&scan, format);
        assert!(text.contains(says), "{text}");
    }
    // A user's name may be anything.
    let hostile = Claims { user: Some("|x`<b>".to_owned()), ..Claims::default() };
    let finding = Finding { claims: Some(Box::new(hostile)), ..pair_finding("a", &fake::pair(1), 1) };
    let row = render(&scan_of(vec![finding]), Format::Markdown);
    assert!(!row.contains("|x`") && !row.contains("<b>"), "{row}");
}
