//! The few settings of a repository that say what there is to read. Nothing else of its configuration counts.

use std::path::Path;

use super::read;

/// What the configuration says of objects and worktrees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ObjectSettings {
    /// Whether IDs are SHA-256.
    pub(super) is_sha256: bool,
    /// Whether missing objects were promised by a remote.
    pub(super) is_partial: bool,
    /// Whether it has no worktree of its own.
    pub(super) is_bare: bool,
}

/// No more of a configuration is read than this, in bytes.
const MAX_LEN: u64 = 1 << 20;

/// Reads the configuration at `path`. One that cannot be read says nothing: the objects are there all the same.
pub(super) fn read(path: &Path) -> ObjectSettings {
    parse(&text(path))
}

/// The text of a configuration; none if it cannot be read.
pub(super) fn text(path: &Path) -> String {
    String::from_utf8_lossy(&read::plain(path, MAX_LEN).unwrap_or_default()).into_owned()
}

fn parse(text: &str) -> ObjectSettings {
    let mut settings = ObjectSettings::default();
    let mut section = String::new();
    for line in text.lines().map(str::trim) {
        let line = match line.strip_prefix('[').and_then(|header| header.split_once(']')) {
            Some((header, rest)) => {
                section = header.trim().to_ascii_lowercase();
                rest.trim()
            }
            None => line,
        };
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        let key = key.trim().to_ascii_lowercase();
        let value = value.split(['#', ';']).next().unwrap_or_default().trim().trim_matches('"');
        match (section.as_str(), key.as_str()) {
            ("extensions", "objectformat") => settings.is_sha256 = value.eq_ignore_ascii_case("sha256"),
            ("extensions", "partialclone") => settings.is_partial = true,
            ("core", "bare") => settings.is_bare = is_true(line, value),
            (section, "promisor") if section.starts_with("remote ") => {
                settings.is_partial |= is_true(line, value);
            }
            _ => {}
        }
    }
    settings
}

/// What git takes for true: also a key without a value, and no value that is empty.
fn is_true(line: &str, value: &str) -> bool {
    let is_false = ["false", "no", "off", "0"].iter().any(|word| value.eq_ignore_ascii_case(word));
    let is_empty = value.is_empty() && line.contains('=');
    !is_false && !is_empty
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_of_objects_and_promises_are_read_and_the_rest_is_not() {
        assert_eq!(
            parse("[core]\n\tignorecase = true\n[remote \"origin\"]\n\turl = x\n"),
            ObjectSettings::default()
        );
        assert!(parse("[extensions]\n\tobjectFormat = sha256 # x\n").is_sha256);
        assert!(parse("[Extensions] ObjectFormat=\"SHA256\"").is_sha256);
        assert!(!parse("[core]\nobjectformat = sha256\n[extensions]\nobjectformat = sha1").is_sha256);
        assert!(parse("[core]\nbare\n").is_bare && !parse("[core]\nbare = False\n").is_bare);
        assert!(parse("[extensions]\n  partialClone = origin\n").is_partial);
        assert!(parse("[remote \"origin\"]\n  promisor = true\n").is_partial);
        assert!(!parse("[remote \"origin\"]\n  promisor = false\n").is_partial);
    }
}
