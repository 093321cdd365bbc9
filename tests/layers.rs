//! The layers of the library: a module uses only modules of lower rows, and each dependency only where it belongs.

#![expect(clippy::expect_used, reason = "a test")]

mod graph;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use regex::Regex;

use graph::Graph;

/// Where each dependency may be named.
const ROOMS: [(&str, &[&str]); 53] = [
    ("aho_corasick", &["anchor", "rule/anchors"]),
    ("anstream", &["cli", "main"]),
    ("anstyle", &["report/text"]),
    ("anyhow", &["cli", "main"]),
    ("bzip2", &["source/container"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("console", &["cli/review"]),
    ("crc32fast", &["source/container", "source/format"]),
    (
        "data_encoding",
        &[
            "anchor",
            "aws",
            "cli/fleet",
            "detect",
            "finding",
            "known",
            "mask",
            "origin",
            "redact",
            "report/html",
            "source/container",
        ],
    ),
    // `report` has a module of this name.
    ("csv", &["cli/import", "report"]),
    ("dialoguer", &["cli/review"]),
    ("flate2", &["source/container", "source/format", "source/git"]),
    ("globset", &["cli", "scan", "source", "suppress"]),
    ("hmac", &["aws"]),
    ("indicatif", &["cli"]),
    (
        "jiff",
        &["cli", "detect", "finding", "owner", "report", "resolve/respond", "scan", "source/git", "suppress"],
    ),
    ("liblzma", &["source/container"]),
    ("lz4_flex", &["source/container", "source/format"]),
    ("maud", &["report/html"]),
    ("zstd", &["source/container", "source/format"]),
    ("libdeflater", &["source/git"]),
    (
        "memchr",
        &[
            "anchor",
            "cli/redact",
            "detect",
            "known",
            "mask",
            "scan",
            "source/container",
            "source/format",
            "source/git",
            "source/image",
            "suppress",
            "text",
        ],
    ),
    ("quick_xml", &["report/junit"]),
    ("rayon", &["scan"]),
    // `mask`: names, what may stand behind them, and pieces that are joined.
    ("regex", &["detect", "mask/named", "mask/shaped", "mask/signature", "rule"]),
    ("serde", &["cli", "report", "resolve/respond", "rule"]),
    ("serde_json", &["cli", "detect/recorded", "known", "report", "resolve/respond", "source/image"]),
    ("serde_sarif", &["report/sarif"]),
    ("sha1", &["aws", "known", "source/git"]),
    ("sha1_checked", &["source/git"]),
    ("sha2", &["aws", "clean", "cli/fleet", "finding", "report/html", "source/git"]),
    ("signal_hook", &["cli"]),
    ("strsim", &["cli"]),
    ("terminal_size", &["cli"]),
    ("textwrap", &["report/text"]),
    ("thiserror", &["clean", "report/read", "resolve", "rule", "source", "suppress"]),
    ("toml", &["cli", "rule"]),
    // The library, by the name that only the command calls it by.
    ("akid", &["cli"]),
    ("aws_config", &["resolve"]),
    ("aws_credential_types", &["resolve"]),
    ("aws_sdk_cloudtrail", &["resolve/respond/client"]),
    ("aws_sdk_iam", &["resolve/respond/client"]),
    ("aws_sdk_organizations", &["resolve/respond/client"]),
    ("aws_sdk_sts", &["resolve"]),
    ("aws_smithy_http_client", &["resolve"]),
    ("rustix", &["clean", "cli", "source/beneath"]),
    ("aws_smithy_runtime_api", &["resolve"]),
    ("aws_smithy_types", &["resolve"]),
    ("http_body_util", &["resolve"]),
    ("tokio", &["resolve"]),
    ("zeroize", &["aws"]),
];

/// A source file: its path below `src` without `.rs`, and its lines without comments.
struct Source {
    path: String,
    code: String,
}

fn sources() -> Vec<Source> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&top, &mut files);
    files.sort();
    files.iter().map(|file| Source::read(&top, file)).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

impl Source {
    fn read(top: &Path, file: &Path) -> Self {
        let below = file.strip_prefix(top).expect("a file below src").with_extension("");
        let path = below.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
        let text = std::fs::read_to_string(file).expect("a source file");
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        Self { path, code: code.map(|line| format!("{line}\n")).collect() }
    }

    /// The module at the top of the crate that this file is or belongs to.
    fn module(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }

    fn is_in(&self, room: &str) -> bool {
        self.path.strip_prefix(room).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// The rows of a table of layers in a module's documentation, from the bottom up.
fn rows_in(documentation: &str) -> Vec<Vec<String>> {
    let table = documentation.split("//! # Layers\n").nth(1).expect("a section on layers");
    let module = Regex::new(r"`(\w+)`").expect("a regex");
    let row = |line: &str| -> Option<Vec<String>> {
        let cell = line.strip_prefix("//! | ")?.split(" | ").next()?;
        let names: Vec<String> = module.captures_iter(cell).map(|found| found[1].to_owned()).collect();
        (!names.is_empty()).then_some(names)
    };
    let mut rows: Vec<_> =
        table.lines().take_while(|line| !line.starts_with("//! # ")).filter_map(row).collect();
    rows.reverse();
    rows
}

/// The rows of the table of layers in the crate's documentation, from the bottom up.
fn rows() -> Vec<Vec<String>> {
    rows_in(include_str!("../src/lib.rs"))
}

#[test]
fn every_module_of_the_library_has_a_row_and_every_row_its_modules() {
    let library = sources().into_iter().find(|source| source.path == "lib").expect("src/lib.rs");
    let module = Regex::new(r"(?m)^(?:pub )?mod (\w+);").expect("a regex");
    let mut there: Vec<_> = module.captures_iter(&library.code).map(|found| found[1].to_owned()).collect();
    let mut known = rows().concat();
    there.sort();
    known.sort();
    assert_eq!(there, known);
}

#[test]
fn a_module_names_only_modules_of_lower_rows() {
    let path = Regex::new(r"\bcrate::(\w+|\{)").expect("a regex");
    let rows = rows();
    let row = |module: &str| rows.iter().position(|row| row.iter().any(|name| name == module));
    for source in sources().iter().filter(|source| !matches!(source.module(), "cli" | "main" | "lib")) {
        let own = row(source.module()).expect("a row");
        for found in path.captures_iter(&source.code) {
            let named = &found[1];
            let is_below = row(named).is_some_and(|row| row < own);
            assert!(is_below || named == source.module(), "src/{}.rs names {named}", source.path);
        }
    }
}

#[test]
fn a_module_in_source_or_cli_names_only_modules_of_lower_rows() {
    let graph = Graph::of(&sources());
    let tables =
        [("source", include_str!("../src/source/mod.rs")), ("cli", include_str!("../src/cli/mod.rs"))];
    for (top, documentation) in tables {
        let rows = rows_in(documentation);
        let within = graph.within(top);
        let mut listed = rows.concat();
        listed.sort();
        let there: Vec<&str> = within.keys().copied().collect();
        assert_eq!(there, listed, "the modules in {top}");
        let row = |module: &str| rows.iter().position(|row| row.iter().any(|name| name == module));
        for (module, named) in &within {
            for named in named {
                assert!(row(named) < row(module), "src/{top}/{module} names {named}");
            }
        }
    }
}

#[test]
fn no_files_import_each_other_but_parents_and_children() {
    let cycles = Graph::of(&sources()).cycles();
    assert!(cycles.is_empty(), "{}", cycles.join("\n"));
}

#[test]
fn a_foreign_crate_is_named_only_in_its_rooms() {
    let sources = sources();
    for (name, rooms) in ROOMS {
        let path = Regex::new(&format!(r"(?m)(?:^|[^\w:]){name}::")).expect("a regex");
        for source in &sources {
            let is_room = rooms.iter().any(|room| source.is_in(room));
            assert!(is_room || !path.is_match(&source.code), "src/{}.rs names {name}", source.path);
        }
    }
}

/// The library says what is wrong; what to call is the command's to say.
#[test]
fn only_the_command_names_its_options() {
    let option = Regex::new(r"(?:^|[^\w-])--([a-z][a-z-]*[a-z])").expect("a regex");
    let options: BTreeSet<String> = helps()
        .iter()
        .flat_map(|help| option.captures_iter(help).map(|found| found[1].to_owned()).collect::<Vec<_>>())
        .filter(|name| name != "help" && name != "version")
        .collect();
    assert!(options.contains("resolve-timeout") && options.len() > 50, "{options:?}");
    let literal = Regex::new(r#""((?:[^"\\]|\\(?s:.))*)""#).expect("a regex");
    for source in sources().iter().filter(|source| !matches!(source.module(), "cli" | "main")) {
        for text in literal.captures_iter(&source.code) {
            for found in option.captures_iter(&text[1]) {
                assert!(!options.contains(&found[1]), "src/{}.rs names --{}", source.path, &found[1]);
            }
        }
    }
}

/// The help of each command, which lists its options.
fn helps() -> Vec<String> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd");
    let cases = cases.read_dir().expect("a folder of cases").map(|case| case.expect("a case").path());
    let is_help =
        |case: &PathBuf| case.file_name().is_some_and(|name| name.to_string_lossy().starts_with("help"));
    let read = |case: PathBuf| std::fs::read_to_string(case.join("stdout")).expect("the help of a command");
    cases.filter(is_help).map(read).collect()
}

#[test]
fn every_dependency_has_a_room_that_uses_it() {
    let manifest = include_str!("../Cargo.toml").parse::<toml::Table>().expect("a manifest");
    let unix = &manifest["target"]["cfg(unix)"]["dependencies"];
    let dependencies = [&manifest["dependencies"], unix].into_iter().filter_map(toml::Value::as_table);
    let all: String = sources().into_iter().map(|source| source.code).collect();
    for name in dependencies.flat_map(|table| table.keys()).map(|name| name.replace('-', "_")) {
        assert!(ROOMS.iter().any(|(known, _)| *known == name), "{name} has no room");
        assert!(all.contains(&format!("{name}::")), "{name} is used nowhere");
    }
}

#[test]
fn no_source_is_unsafe_unfinished_or_silences_a_lint_without_a_reason() {
    let unwanted = Regex::new(concat!(r"TO", r"DO|FIX", r"ME|to", "do!|unimplemented!")).expect("a regex");
    let unsafe_block = Regex::new(r"\bunsafe\b").expect("a regex");
    let silenced = Regex::new(r"#!?\[(?:allow|expect)\(([^\]]*)\]").expect("a regex");
    for source in sources() {
        assert!(!unwanted.is_match(&source.code), "src/{}.rs", source.path);
        assert!(!unsafe_block.is_match(&source.code), "src/{}.rs", source.path);
        for found in silenced.captures_iter(&source.code) {
            assert!(found[1].contains("reason = "), "src/{}.rs: {}", source.path, &found[0]);
        }
    }
}
