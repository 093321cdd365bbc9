//! The command, case by case. A case is a folder:
//!
//! | file | holds |
//! |---|---|
//! | `cmd.toml` | what is run, in what tree, and the exit code: see [`Case`] |
//! | `stdout`, `stderr` | what is printed; nothing, if the file is not there |
//! | anything else | a file of this name that the command writes |
//!
//! No key is in them: `{{key-id}}`, `{{secret}}`, `{{fingerprint}}` (the secret's) and `{{account}}` stand for the
//! parts of a made-up credential, with `.2` or `.3` at the end of the name for those of others, and with `temporary.`
//! before it for those of a temporary one, which has `temporary.token` and `temporary.token-fingerprint`, too. `{{hash}}`, `{{time}}`, `{{version}}`, `{{tree}}` and
//! `{{folder}}` (the tree's name) stand for what is not the case's business; `[..]` and lines of `...` for anything. `SNAPSHOTS=overwrite` writes anew what
//! is there.

#![expect(clippy::expect_used, reason = "a test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use akid::aws::fake::{self, Fake};
use regex::Regex;
use serde::Deserialize;
use snapbox::{Assert, Data, IntoData};

/// What is run.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// Arguments, separated by spaces.
    args: String,
    exit: i32,
    /// The tree to run in: paths and contents.
    #[serde(default, rename = "in")]
    tree: BTreeMap<String, String>,
    /// Where in it to run.
    #[serde(default)]
    folder: PathBuf,
    /// Whether the tree is a repository.
    #[serde(default)]
    repository: bool,
    #[serde(default)]
    stdin: String,
    #[serde(default)]
    env: BTreeMap<String, String>,
}

/// What placeholders stand for.
struct Names(Vec<(String, String)>);

impl Names {
    fn new() -> Self {
        let mut names = Vec::new();
        for (number, suffix) in ["", ".2", ".3"].into_iter().enumerate() {
            add("", suffix, &fake::pair(number as u64), &mut names);
        }
        add("temporary.", "", &fake::temporary(0), &mut names);
        Self(names)
    }

    fn fill(&self, template: &str) -> String {
        self.0.iter().fold(template.to_owned(), |text, (name, value)| text.replace(name, value))
    }

    /// What was printed with the placeholders back in it. A secret that is printed stays what it is, and so differs
    /// from what is expected.
    fn take_out(&self, printed: &str) -> String {
        let is_public =
            |name: &str| name.contains("fingerprint") || !name.contains("secret") && !name.contains("token");
        let known = self.0.iter().filter(|(name, _)| is_public(name));
        let text = known.fold(printed.to_owned(), |text, (name, value)| text.replace(value, name));
        let varying = [
            (r"\b(?:[0-9a-f]{32}|[0-9a-f]{16}(:\d+))\b", "{{hash}}$1"),
            (r"\bin \d+\.\d\d s\b", "in {{time}}"),
            (concat!(r"\b", env!("CARGO_PKG_VERSION"), r"\b"), "{{version}}"),
        ];
        varying.iter().fold(text, |text, (pattern, name)| {
            Regex::new(pattern).expect("a regex").replace_all(&text, *name).into_owned()
        })
    }
}

fn add(prefix: &str, suffix: &str, key: &Fake, names: &mut Vec<(String, String)>) {
    let parts = [
        ("key-id", key.id_text().to_owned()),
        ("secret", key.secret_text().to_owned()),
        ("fingerprint", key.secret().fingerprint().to_string()),
        ("account", key.id().account().expect("an account").to_string()),
        ("token", key.token_text().to_owned()),
    ];
    let token = key.token().map(|token| ("token-fingerprint", token.fingerprint().to_string()));
    let parts = parts.into_iter().chain(token).filter(|(_, value)| !value.is_empty());
    names.extend(parts.map(|(part, value)| (format!("{{{{{prefix}{part}{suffix}}}}}"), value)));
}

/// Runs a case; returns what was not as it should be.
fn run(folder: &Path, names: &Names) -> Vec<String> {
    let written = fs::read_to_string(folder.join("cmd.toml")).expect("a cmd.toml");
    let case: Case = toml::from_str(&written).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let tree = tempfile::tempdir().expect("a folder");
    plant(&case, tree.path(), names);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_akid"));
    let args = names.fill(&case.args);
    command.args(args.split_whitespace()).current_dir(tree.path().join(&case.folder));
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "COLUMNS"] {
        command.env_remove(name);
    }
    command.env("SOURCE_DATE_EPOCH", "1767225600").envs(&case.env);
    let output = snapbox::cmd::Command::from_std(command).stdin(names.fill(&case.stdin)).output();
    let output = output.expect("the command runs");

    let mut faults = Vec::new();
    if output.status.code() != Some(case.exit) {
        faults.push(format!("exit {:?}, not {}", output.status.code(), case.exit));
    }
    let mut check = |name: &str, actual: &[u8]| {
        let actual = names.take_out(&String::from_utf8_lossy(actual));
        let actual = actual.replace(&*tree.path().to_string_lossy(), "{{tree}}");
        // Reports name the folder that was scanned.
        let own_name = tree.path().file_name().expect("a name").to_string_lossy();
        let actual = actual.replace(&*own_name, "{{folder}}");
        faults.extend(differs(&folder.join(name), actual));
    };
    check("stdout", &output.stdout);
    check("stderr", &output.stderr);
    for name in names_in(folder) {
        if !["cmd.toml", "stdout", "stderr"].contains(&&*name) {
            check(&name, &fs::read(tree.path().join(&case.folder).join(&name)).unwrap_or_default());
        }
    }
    faults
}

fn plant(case: &Case, tree: &Path, names: &Names) {
    for (path, content) in &case.tree {
        let path = tree.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, names.fill(content)).expect("a file");
    }
    if case.repository {
        fs::create_dir(tree.join(".git")).expect("a folder");
    }
}

fn differs(expected: &Path, actual: String) -> Option<String> {
    let is_there = expected.exists();
    let wanted = if is_there { Data::read_from(expected, None) } else { Data::text("") };
    let assert = Assert::new().action_env(snapbox::assert::DEFAULT_ACTION_ENV);
    // What is printed is compared as text, whatever the extension.
    let wanted = if is_there { wanted.is(snapbox::data::DataFormat::Text) } else { wanted };
    assert.try_eq(Some(&"printed"), actual.into_data(), wanted).err().map(|error| error.to_string())
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"));
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[test]
fn every_case_prints_and_exits_as_it_says() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd");
    let names = Names::new();
    let mut report = String::new();
    for name in names_in(&cases).iter().filter(|name| cases.join(name).is_dir()) {
        for fault in run(&cases.join(name), &names) {
            report.push_str(&format!("\n== {name}: {fault}"));
        }
    }
    assert!(report.is_empty(), "{report}");
}
