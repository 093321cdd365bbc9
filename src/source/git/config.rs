//! The few settings of a repository that say what there is to read. Nothing else of its configuration counts.
//!
//! Only the repository's own file is read. What it includes is not: an included file may lie anywhere, and no include
//! changes where objects are. The user's own configuration is not read, either.

use std::io;
use std::path::Path;

use super::read;

/// What the configuration says of objects, refs and worktrees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ObjectSettings {
    /// The hash that objects are named by, as it is written, if it is.
    pub(super) object_format: Option<String>,
    /// Whether missing objects were promised by a remote.
    pub(super) is_partial: bool,
    /// Whether it has no worktree of its own.
    pub(super) is_bare: bool,
    /// The format that refs are stored in, if it is not that of files.
    pub(super) ref_storage: Option<String>,
    /// Extensions that are not known: what they change may be anything.
    pub(super) unknown_extensions: Vec<String>,
    /// The worktree's folder, if it is not the one with the repository in it.
    pub(super) worktree: Option<String>,
    /// Why the configuration cannot be read, if one is there: what it says may be anything.
    pub(super) fault: Option<String>,
}

/// A setting: `key = value` below `[section "name"]`.
#[derive(Debug, PartialEq, Eq)]
struct Setting {
    /// In lower case.
    section: String,
    name: String,
    /// In lower case.
    key: String,
    /// `None` for a key alone, which means true.
    value: Option<String>,
}

/// A remote repository, as the configuration names it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Remote {
    pub(super) name: String,
    pub(super) urls: Vec<String>,
    /// Where it is pushed to, if that is somewhere else.
    pub(super) push_urls: Vec<String>,
    /// What is fetched to where, such as `+refs/heads/*:refs/remotes/origin/*`.
    pub(super) fetch: Vec<String>,
}

/// What a branch follows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Upstream {
    pub(super) remote: String,
    /// The full name of a ref there.
    pub(super) merge: String,
}

/// Extensions that change nothing about where objects and refs are.
const KNOWN_EXTENSIONS: [&str; 7] = [
    "compatobjectformat",
    "noop",
    "noop-v1",
    "preciousobjects",
    "relativeworktrees",
    "submodulepathconfig",
    "worktreeconfig",
];

/// Larger configurations are not read, in bytes.
const MAX_LEN: u64 = 1 << 20;

/// Reads the configuration at `path`. The objects are there, whether it can be read or not.
pub(super) fn read(path: &Path) -> ObjectSettings {
    match read::plain(path, MAX_LEN) {
        Ok(text) => object_settings(&settings(&String::from_utf8_lossy(&text))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => ObjectSettings::default(),
        Err(error) => ObjectSettings { fault: Some(error.to_string()), ..ObjectSettings::default() },
    }
}

/// The remotes that the configuration at `path` names, in order.
pub(super) fn remotes(path: &Path) -> Vec<Remote> {
    remotes_of(&settings(&text(path)))
}

/// What the branch called `branch` follows by the configuration at `path`.
pub(super) fn upstream(path: &Path, branch: &str) -> Option<Upstream> {
    let settings = settings(&text(path));
    let value = |key: &str| {
        let is_it =
            |setting: &&Setting| setting.section == "branch" && setting.name == branch && setting.key == key;
        settings.iter().rev().find(is_it).and_then(|setting| setting.value.clone())
    };
    Some(Upstream { remote: value("remote")?, merge: value("merge")? })
}

fn text(path: &Path) -> String {
    String::from_utf8_lossy(&read::plain(path, MAX_LEN).unwrap_or_default()).into_owned()
}

fn object_settings(settings: &[Setting]) -> ObjectSettings {
    let mut found = ObjectSettings::default();
    for setting in settings {
        let value = setting.value.as_deref().unwrap_or_default();
        match (setting.section.as_str(), setting.key.as_str()) {
            ("extensions", "objectformat") => found.object_format = Some(value.to_owned()),
            ("extensions", "partialclone") => found.is_partial = true,
            ("extensions", "refstorage") => {
                found.ref_storage = Some(value.to_owned()).filter(|value| value != "files");
            }
            ("extensions", key) if !KNOWN_EXTENSIONS.contains(&key) => {
                found.unknown_extensions.push(key.to_owned());
            }
            ("core", "repositoryformatversion") if !matches!(value, "" | "0" | "1") => {
                found.unknown_extensions.push(format!("repositoryformatversion {value}"));
            }
            ("core", "worktree") => found.worktree = setting.value.clone(),
            ("core", "bare") => found.is_bare = setting.is_true(),
            ("remote", "promisor") => found.is_partial |= setting.is_true(),
            _ => {}
        }
    }
    found
}

fn remotes_of(settings: &[Setting]) -> Vec<Remote> {
    let mut remotes: Vec<Remote> = Vec::new();
    for setting in settings.iter().filter(|setting| setting.section == "remote" && !setting.name.is_empty()) {
        let at = remotes.iter().position(|remote| remote.name == setting.name).unwrap_or_else(|| {
            remotes.push(Remote { name: setting.name.clone(), ..Remote::default() });
            remotes.len() - 1
        });
        let values = match setting.key.as_str() {
            "url" => &mut remotes[at].urls,
            "pushurl" => &mut remotes[at].push_urls,
            "fetch" => &mut remotes[at].fetch,
            _ => continue,
        };
        values.extend(setting.value.clone());
    }
    remotes
}

impl Setting {
    /// What git takes for true: also a key without a value, and no value that is empty.
    fn is_true(&self) -> bool {
        let is_false = |value: &str| {
            value.is_empty()
                || ["false", "no", "off", "0"].iter().any(|word| value.eq_ignore_ascii_case(word))
        };
        !self.value.as_deref().is_some_and(is_false)
    }
}

/// The settings of a configuration, in order. Lines that make no sense are passed over.
fn settings(text: &str) -> Vec<Setting> {
    let (mut section, mut name) = (String::new(), String::new());
    let mut settings = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let mut line = line.trim();
        if let Some((header, rest)) = line.strip_prefix('[').and_then(header) {
            (section, name) = header;
            line = rest.trim();
        }
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        let (key, value) = match line.split_once('=') {
            Some((key, value)) => (key, Some(self::value(value, &mut lines))),
            None => (line.split(['#', ';']).next().unwrap_or_default(), None),
        };
        let key = key.trim().to_ascii_lowercase();
        settings.push(Setting { section: section.clone(), name: name.clone(), key, value });
    }
    settings
}

/// The section and the name that a header has after its `[`, and what follows its `]`.
fn header(text: &str) -> Option<((String, String), &str)> {
    let end = text.find([']', '"'])?;
    let (before, rest) = text.split_at(end);
    if let Some(rest) = rest.strip_prefix(']') {
        // An old way to write a name: `[section.name]`.
        let (section, name) = before.trim().split_once('.').unwrap_or((before.trim(), ""));
        return Some(((section.to_ascii_lowercase(), name.to_ascii_lowercase()), rest));
    }
    let mut name = String::new();
    let mut chars = rest[1..].char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => {
                let rest = rest[1 + at + 1..].trim_start().strip_prefix(']')?;
                return Some(((before.trim().to_ascii_lowercase(), name), rest));
            }
            '\\' => name.push(chars.next()?.1),
            _ => name.push(char),
        }
    }
    None
}

/// A value without its quotes, escapes and comment. One that ends with a backslash goes on in the next of `lines`.
fn value<'a>(text: &'a str, lines: &mut dyn Iterator<Item = &'a str>) -> String {
    let mut value = String::new();
    // The length up to the last character that is no blank outside of quotes.
    let (mut len, mut is_quoted) = (0, false);
    let mut chars = text.trim().chars();
    loop {
        match chars.next() {
            None | Some('\n') => break,
            Some('"') => {
                is_quoted = !is_quoted;
                len = value.len();
            }
            Some('#' | ';') if !is_quoted => break,
            Some('\\') => match chars.next() {
                None => {
                    let Some(next) = lines.next() else { break };
                    chars = next.trim_end().chars();
                    continue;
                }
                Some('n') => value.push('\n'),
                Some('t') => value.push('\t'),
                Some('b') => value.push('\u{8}'),
                Some(char) => value.push(char),
            },
            Some(char) => value.push(char),
        }
        if is_quoted || !value.ends_with([' ', '\t']) {
            len = value.len();
        }
    }
    value.truncate(len);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> ObjectSettings {
        object_settings(&settings(text))
    }

    #[test]
    fn the_format_of_objects_and_promises_are_read_and_the_rest_is_not() {
        assert_eq!(
            parse("[core]\n\tignorecase = true\n[remote \"origin\"]\n\turl = x\n"),
            ObjectSettings::default()
        );
        let format = |text| parse(text).object_format;
        assert_eq!(format("[extensions]\n\tobjectFormat = sha256 # x\n").as_deref(), Some("sha256"));
        assert_eq!(format("[Extensions] ObjectFormat=\"SHA256\"").as_deref(), Some("SHA256"));
        let last = format("[core]\nobjectformat = x\n[extensions]\nobjectformat = x\nobjectformat = sha1");
        assert_eq!(last.as_deref(), Some("sha1"));
        assert_eq!(format("[core]\nobjectformat = sha256\n"), None);
        assert!(parse("[core]\nbare\n").is_bare && !parse("[core]\nbare = False\n").is_bare);
        assert!(parse("[extensions]\n  partialClone = origin\n").is_partial);
        assert!(parse("[remote \"origin\"]\n  promisor = true\n").is_partial);
        assert!(!parse("[remote \"origin\"]\n  promisor = false\n").is_partial);
        assert_eq!(parse("[extensions]\nrefstorage=reftable").ref_storage.as_deref(), Some("reftable"));
        assert_eq!(parse("[extensions]\nrefstorage=files").ref_storage, None);
    }

    #[test]
    fn remotes_are_read_with_quotes_escapes_and_continued_lines() {
        let text = "[remote \"a\\\"b]\"] url = \"x # y\" ; z\n fetch = +refs/heads/*:\\\nrefs/remotes/a/*\n\
            [remote.c]\nurl=1\n[remote \"a\\\"b]\"]\nurl = 2 3  \npushurl = \"q\\t\"\n";
        let a = Remote {
            name: "a\"b]".to_owned(),
            urls: vec!["x # y".to_owned(), "2 3".to_owned()],
            push_urls: vec!["q\t".to_owned()],
            fetch: vec!["+refs/heads/*:refs/remotes/a/*".to_owned()],
        };
        let c = Remote { name: "c".to_owned(), urls: vec!["1".to_owned()], ..Remote::default() };
        assert_eq!(remotes_of(&settings(text)), [a, c]);
    }

    #[test]
    fn no_text_makes_it_panic() {
        for text in ["[", "[a", "[a \"", "[a \"\\", "[a \"b\"", "=", "[a]=\\", "a=\"", "[\u{e9}\"\u{e9}\"]x"]
        {
            drop(settings(text));
        }
    }
}
