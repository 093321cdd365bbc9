//! The wheel: `akid` on the Python package index belongs to another project, so nobody may be sent there.

use regex::Regex;

use crate::project::{read, texts};

const WHEEL: &str = "akid-scanner";

/// The start of a command that installs or runs packages of the index.
const INSTALLER: &str = r"\b(?:(?:pip3?|pipx|uv|poetry|pdm|conda)(?:\s+(?:pip|tool))?\s+(?:install|run|add|inject|download|upgrade)|uvx)\s";

/// A requirement, or a page of the index.
const REFERENCE: &str =
    r#"\bakid(?:\[\w+\])?\s*(?:==|>=|~=|<=)\s*["']?[0-9]|pypi\.org/(?:project|pypi|simple)/akid(?:[^\w-]|$)"#;

/// Recognises what fetches the other project.
struct Fetches {
    installer: Regex,
    reference: Regex,
}

impl Fetches {
    fn new() -> Self {
        Self { installer: Regex::new(INSTALLER).unwrap(), reference: Regex::new(REFERENCE).unwrap() }
    }

    /// Returns the first words of `text` that fetch the other project.
    fn find(&self, text: &str) -> Option<String> {
        let command = self.installer.find_iter(text).find_map(|installer| {
            let name = package(&text[installer.end()..])?;
            (!name.starts_with(WHEEL)).then(|| format!("{}{name}", installer.as_str()))
        });
        command.or_else(|| self.reference.find(text).map(|found| found.as_str().to_owned()))
    }
}

/// Returns the first word of a command's arguments that is either project's name.
fn package(arguments: &str) -> Option<&str> {
    // In running text a command may be broken before its first argument.
    let words = arguments.trim_start().lines().next()?.split_whitespace();
    words
        .take_while(|word| !["&&", "||", ";", "|"].contains(word))
        .map(|word| word.trim_matches(|sign: char| !sign.is_alphanumeric()))
        .find(|word| *word == "akid" || word.starts_with("akid[") || word.starts_with(WHEEL))
}

#[test]
fn no_file_sends_anyone_to_the_other_akid() {
    let fetches = Fetches::new();
    for (path, text) in texts() {
        if let Some(found) = fetches.find(&text) {
            panic!("{}: `{found}`: the wheel is called {WHEEL}", path.display());
        }
    }
}

#[test]
fn commands_that_fetch_the_other_akid_are_recognised() {
    let fetches = Fetches::new();
    let name = "akid";
    let wrong = [
        format!("pip install {name}"),
        format!("Run `pip install --user {name}`."),
        format!("python3 -m pip install\n    -U {name}"),
        format!("pipx run {name} scan"),
        format!("uv tool install {name}"),
        format!("uvx {name} scan"),
        format!("dependencies = [\"{name}==0.1.0\"]"),
        format!("https://pypi.org/project/{name}/"),
    ];
    for text in wrong {
        assert!(fetches.find(&text).is_some(), "{text}");
    }
    let right = [
        format!("pip install {WHEEL}"),
        format!("uvx --from {WHEEL} {name} scan"),
        format!("pip install {WHEEL} && {name} scan"),
        format!("pip install requests\n{name} scan"),
        format!("dependencies = [\"{WHEEL}==0.1.0\"]"),
        format!("https://pypi.org/project/{WHEEL}/"),
    ];
    for text in right {
        assert_eq!(fetches.find(&text), None, "{text}");
    }
}

#[test]
fn the_wheel_and_the_mirror_agree_on_its_name() {
    assert!(read("packaging/python/pyproject.toml").contains(&format!("\nname = \"{WHEEL}\"\n")));
    let wanted = format!("\ndependencies = [\"{WHEEL}=={}\"]\n", env!("CARGO_PKG_VERSION"));
    assert!(read("packaging/pre-commit-mirror/pyproject.toml").contains(&wanted));
}
