//! The pages for contributors: what they name exists.

use std::fs;

use regex::Regex;

use crate::project::{read, root};

const PAGES: [&str; 2] = ["CONTRIBUTING.md", "SECURITY.md"];

/// Stands for a name that the reader chooses.
const PLACEHOLDER: &str = "RULE_ID";

/// Returns the paths that a page names: in code, where there is a folder or an ending, in links, and in the first column
/// of tables.
fn paths(page: &str) -> Vec<String> {
    let named = Regex::new(concat!(
        r"(?m)`(\.?[\w-]+(?:/[\w.-]+)+|[\w-]+\.(?:md|rs|toml|yml))`",
        r"|\]\(([\w./-]+)(?:\#[\w-]*)?\)",
        r"|^\|\ `([\w./-]+)`",
        r"|^(\.ci/\w+)",
    ))
    .unwrap();
    let found = named.captures_iter(page).filter_map(|found| found.iter().skip(1).flatten().next());
    found.map(|path| path.as_str().to_owned()).filter(|path| !path.contains(PLACEHOLDER)).collect()
}

#[test]
fn paths_that_the_pages_for_contributors_name_exist() {
    for page in PAGES {
        for path in paths(&read(page)) {
            assert!(root().join(&path).exists(), "{page} names {path}, which does not exist");
        }
    }
    assert!(paths(&read(PAGES[0])).len() > 30, "a page that names no paths checks nothing");
}

#[test]
fn paths_are_recognised() {
    let page = "Read `src/a.rs`, `b.toml` and [c](D.md#e).\n| `f` | what |\n.ci/run g\n`rules/RULE_ID.toml`, `--option`\n";
    assert_eq!(paths(page), ["src/a.rs", "b.toml", "D.md", "f", ".ci/run"]);
}

#[test]
fn the_page_for_contributors_names_the_oldest_rust() {
    let oldest = env!("CARGO_PKG_RUST_VERSION");
    assert!(read(PAGES[0]).contains(&format!("Rust {oldest} or later")), "Cargo.toml says {oldest}");
}

#[test]
fn each_form_for_issues_warns_of_live_keys() {
    let folder = root().join(".github/ISSUE_TEMPLATE");
    let forms = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let forms: Vec<_> = forms.filter(|form| !form.ends_with("config.yml")).collect();
    assert!(forms.len() >= 2, "{forms:?}");
    for form in forms {
        let text = fs::read_to_string(&form).unwrap();
        assert!(text.contains("Never paste a live key"), "{}", form.display());
        assert!(text.contains("label: This issue contains no live key"), "{}", form.display());
    }
}

#[test]
fn the_workflow_runs_steps_that_exist() {
    let (script, workflow) = (read(".ci/run"), read(".github/workflows/ci.yml"));
    let steps = Regex::new(r"(?s)\n        steps:\n(.*?)\n    steps:").unwrap().captures(&workflow).unwrap()
        [1]
    .to_owned();
    let mut named = steps.lines().flat_map(|line| line.trim_start_matches([' ', '-']).split(' ')).peekable();
    assert!(named.peek().is_some());
    for step in named {
        assert!(script.contains(&format!("\nstep_{step}() {{")), ".ci/run has no step {step}");
    }
}
