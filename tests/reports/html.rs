//! The page for a browser: what it allows itself, what stays text, and that nothing is missing.

use std::collections::BTreeSet;
use std::sync::Arc;

use akid::aws::fake;
use akid::finding::{Commit, Finding, RepositoryName};
use akid::level::Severity;
use akid::origin::{Origin, RelativePath};
use akid::redact::redact;
use akid::report::{Failing, Format, credentials};
use akid::scan::Scan;
use data_encoding::BASE64;
use regex::Regex;
use sha2::{Digest, Sha256};

use crate::reports::render;
use crate::reports::scans::{exposed, file, full_scan, pair_finding};

fn page(scan: &Scan) -> String {
    render(scan, Format::Html)
}

/// What is between the only two tags of an element.
fn content<'a>(page: &'a str, name: &str) -> &'a str {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let (_, rest) = page.split_once(&start).unwrap();
    let (content, rest) = rest.split_once(&end).unwrap();
    assert!(!rest.contains(&start), "a second {name}");
    content
}

/// The page without style and script: all that a scan can change.
fn markup(page: &str) -> String {
    page.replace(content(page, "style"), "").replace(content(page, "script"), "")
}

/// Every tag, with its attributes.
fn tags(page: &str) -> Vec<String> {
    let tag = Regex::new(r#"<[a-zA-Z/!](?:[^"'>]|"[^"]*"|'[^']*')*>"#).unwrap();
    tag.find_iter(&markup(page)).map(|tag| tag.as_str().to_owned()).collect()
}

/// What a browser makes of the references that the page writes.
fn text_of(page: &str) -> String {
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")];
    entities.iter().fold(markup(page), |text, (entity, c)| text.replace(entity, c))
}

#[test]
fn the_policy_allows_the_style_and_the_script_of_the_page_and_nothing_else() {
    let page = page(&full_scan());
    let hash = |name| format!("'sha256-{}'", BASE64.encode(&Sha256::digest(content(&page, name))));
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        hash("style"),
        hash("script")
    );
    let meta = format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">");
    let (before, _) = page.split_once(&meta).expect("the policy");
    assert!(!before.contains("<style") && !before.contains("<script"), "the policy comes first");
    assert!(page.is_ascii() || page.contains("<meta charset=\"utf-8\">"));
}

/// Names that try to be markup, and one that is too long for any column.
fn hostile() -> Vec<String> {
    let long = "n".repeat(4000);
    let names = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</td></table></details><h1>no</h1>",
        "&lt;b&gt;&#60;i&#62;",
        "\u{202e}gnp.exe",
        "</style></script><!--",
        "javascript:alert(1)",
        &long,
    ];
    names.map(str::to_owned).to_vec()
}

/// A finding with `name` as its path, its repository, its commit's author and subject: those that a finding holds as
/// they may be shown are made so as a scan does.
fn named(name: &str) -> Finding {
    let shown = redact(name.as_bytes());
    let mut finding = exposed(&shown, true);
    let exposure = finding.exposure.as_mut().unwrap();
    let commit = Commit { author: shown.clone(), ..(**exposure.first.as_ref().unwrap()).clone() };
    exposure.first = Some(Arc::new(commit));
    finding.origin = Origin::Version(RelativePath::from_bytes(name));
    finding.repository = Some(Arc::new(RepositoryName::new(name.as_bytes(), name.as_bytes(), Some(name))));
    finding.owner.name = Some(shown);
    finding
}

#[test]
fn hostile_names_stay_text() {
    let plain = page(&Scan { findings: vec![named("plain")], ..Scan::default() });
    let names = |page: &str| -> Vec<String> {
        let name = Regex::new(r"^</?([a-z0-9!-]+)").unwrap();
        tags(page).iter().map(|tag| name.find(tag).map_or(tag.clone(), |it| it.as_str().to_owned())).collect()
    };
    for name in hostile() {
        let page = page(&Scan { findings: vec![named(&name)], ..Scan::default() });
        // The repository's name is what comes after the last slash, and may be its identity.
        let structure: BTreeSet<_> = names(&page).into_iter().collect();
        let expected: BTreeSet<_> = names(&plain).into_iter().collect();
        assert_eq!(structure, expected, "{name:.40}");
        let shown = name.replace('\u{202e}', r"\u{202e}");
        assert!(text_of(&page).contains(&shown), "{name:.40}");
        assert!(!page.contains('\u{202e}'), "{name:.40}");
    }
}

#[test]
fn no_tag_has_a_style_or_a_handler_or_leads_away() {
    let findings = hostile().iter().map(|name| named(name)).collect();
    let attribute = Regex::new(r#"\s([a-zA-Z-]+)(?:=(?:"([^"]*)"|'[^']*'|[^\s>]+))?"#).unwrap();
    let away =
        Regex::new(r"^(?:src|srcset|action|formaction|data|poster|background|ping|manifest)$").unwrap();
    let mut links = 0;
    for tag in tags(&page(&Scan { findings, ..full_scan() })) {
        for found in attribute.captures_iter(&tag) {
            let (name, value) = (found[1].to_ascii_lowercase(), found.get(2).map_or("", |it| it.as_str()));
            assert!(name != "style" && !name.starts_with("on") && !away.is_match(&name), "{tag}");
            if name == "href" {
                links += 1;
                assert!(value.starts_with('#'), "{tag}");
            }
        }
        let name = tag.trim_start_matches(['<', '/']).split([' ', '>']).next().unwrap();
        assert!(
            !["link", "img", "iframe", "object", "embed", "base", "form", "use"].contains(&name),
            "{tag}"
        );
    }
    assert!(links > 3);
}

#[test]
fn every_link_leads_to_something_on_the_page() {
    let page = page(&Scan { findings: vec![named("a"), exposed("b", false)], ..full_scan() });
    let all = |pattern: &str| -> Vec<String> {
        let found = Regex::new(pattern).unwrap();
        found.captures_iter(&markup(&page)).map(|found| found[1].to_owned()).collect()
    };
    let ids = all(r#"\sid="([^"]*)""#);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an ID comes twice");
    for link in
        [all(r##"href="#([^"]*)""##), all(r#"\sfor="([^"]*)""#), all(r#"labelledby="([^"]*)""#)].concat()
    {
        assert!(ids.contains(&link), "{link}");
    }
}

#[test]
fn every_credential_that_counts_is_on_the_page_in_the_order_of_reports() {
    let mut findings: Vec<_> =
        (1..40).map(|seed| pair_finding(&format!("src/{seed}.sh"), &fake::pair(seed), 1)).collect();
    for (nth, finding) in findings.iter_mut().enumerate() {
        finding.rule_severity = Severity::ALL[nth % 4];
    }
    let scan = Scan { findings, ..full_scan() };
    let failing = Failing::default();
    let all = credentials(&scan, &failing);
    assert!(all.iter().any(|credential| credential.fails) && !all.iter().all(|credential| credential.fails));
    let page = page(&scan);
    let row = Regex::new(r#"<tbody id="c-([0-9a-f]+)"[^>]* data-fails="(\d)""#).unwrap();
    let rows: Vec<_> = row.captures_iter(&page).map(|row| (row[1].to_owned(), row[2] == *"1")).collect();
    let expected: Vec<_> =
        all.iter().map(|credential| (credential.id().to_string(), credential.fails)).collect();
    assert_eq!(rows, expected);
}

#[test]
fn suppressed_findings_are_counted_and_not_listed() {
    let text = text_of(&page(&full_scan()));
    assert!(text.contains("1 finding did not count:"));
    assert!(text.contains("1 allowed by a comment on the line"));
    assert!(!text.contains(fake::pair(3).id_text()));
}

#[test]
fn what_was_not_scanned_is_named_at_the_top_and_in_full_below() {
    let text = page(&full_scan());
    let (top, rest) = text.split_once("<main>").unwrap();
    assert!(top.contains("The scan is incomplete."));
    assert!(rest.contains("<code>locked</code>") && rest.contains("<code>big.bin</code>"));
    let complete = page(&Scan::default());
    assert!(complete.contains("Everything was scanned.") && !complete.contains("incomplete"));
}

#[test]
fn a_finding_in_history_has_the_command_that_shows_it() {
    let command = |path: &[u8], repository: &str| {
        let mut finding = exposed("Add a key", true);
        finding.origin = Origin::Version(RelativePath::from_bytes(path));
        finding.repository = Some(Arc::new(RepositoryName::new(repository.as_bytes(), b"", None)));
        text_of(&page(&Scan { findings: vec![finding], ..Scan::default() }))
    };
    let (commit, object) = ("ab".repeat(5), "01".repeat(5));
    assert!(command(b"old/prod.env", ".").contains(&format!(">git show {commit}:old/prod.env<")));
    assert!(
        command(b"it's $(x).env", "../a b")
            .contains(&format!(">git -C '../a b' show '{commit}:it'\\''s $(x).env'<"))
    );
    // A path that is shown with an escape is not the path.
    assert!(command(b"a\nb.env", "../x").contains(&format!(">git -C ../x cat-file -p {object}<")));
    let files = Scan {
        findings: vec![Finding { origin: file("a"), ..pair_finding("a", &fake::pair(1), 1) }],
        ..Scan::default()
    };
    assert!(!text_of(&page(&files)).contains(">git "));
}
