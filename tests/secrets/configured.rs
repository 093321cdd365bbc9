//! Repositories with a secret in their configurations, and in the files that name folders.

use std::fs;
use std::path::Path;

use akid::source::git::{History, Repository};

use super::law::Case;

/// The histories of repositories below `folder`, one for each case, and the errors of those that cannot be opened.
pub(super) fn repositories(folder: &Path, cases: &[Case]) -> (Vec<History>, Vec<String>) {
    let (mut opened, mut errors) = (Vec::new(), Vec::new());
    for (nth, case) in cases.iter().enumerate() {
        let top = folder.join(nth.to_string());
        let git_dir = top.join(".git");
        for inner in ["objects/pack", "refs/heads"] {
            fs::create_dir_all(git_dir.join(inner)).unwrap();
        }
        let configurations = configurations(&case.text);
        fs::write(git_dir.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        fs::write(git_dir.join("config"), &configurations[nth % configurations.len()]).unwrap();
        match Repository::open(&top) {
            Ok(repository) => opened.push(History::new(repository, 1, None)),
            Err(error) => errors.push(error.to_string()),
        }
    }
    (opened, errors)
}

/// Configurations that say `text` in a value or a key which akid repeats.
fn configurations(text: &str) -> [String; 4] {
    let value = toml::Value::String(text.chars().filter(|c| !c.is_control()).collect());
    let key: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    [
        format!("[extensions]\n\tobjectFormat = {value}\n"),
        format!("[extensions]\n\trefStorage = {value}\n"),
        format!("[extensions]\n\t{key} = true\n"),
        format!("[core]\n\trepositoryFormatVersion = {value}\n"),
    ]
}
