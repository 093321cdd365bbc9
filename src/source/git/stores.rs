//! The folders that a repository has its objects in: its own, and those that it borrows from.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use super::path::from_bytes;
use super::read;

/// A folder of objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// The folder, as it is written where it is named.
    pub path: PathBuf,
    /// Whether it is there.
    pub is_there: bool,
}

/// What git takes from the environment, read by whoever may read it.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `GIT_DIR`
    pub git_dir: Option<OsString>,
    /// `GIT_OBJECT_DIRECTORY`
    pub object_directory: Option<OsString>,
    /// `GIT_ALTERNATE_OBJECT_DIRECTORIES`
    pub alternate_object_directories: Option<OsString>,
    /// `GIT_SHALLOW_FILE`: of a server that takes a push from a shallow clone.
    pub shallow_file: Option<OsString>,
}

/// Longer lists of alternates are cut: no repository borrows from so many.
const MAX_STORES: usize = 1000;

impl Store {
    /// `objects`, a path without links, then `more`, then what each of them borrows from, each once.
    pub(super) fn all(objects: &Path, more: &[PathBuf]) -> Vec<Self> {
        let mut stores = Vec::new();
        let mut known = BTreeSet::new();
        let mut waiting: Vec<PathBuf> = more.iter().rev().cloned().collect();
        waiting.push(objects.to_path_buf());
        while let Some(path) = waiting.pop() {
            // What was swapped for a link since it was resolved leads nowhere else.
            let is_own = |real: &PathBuf| path != objects || real == objects;
            let real = path.canonicalize().ok().filter(|real| real.is_dir() && is_own(real));
            if stores.len() == MAX_STORES || !known.insert(real.clone().unwrap_or_else(|| path.clone())) {
                continue;
            }
            if let Some(real) = &real {
                waiting.extend(alternates(real).into_iter().rev());
            }
            stores.push(Self { is_there: real.is_some(), path: real.unwrap_or(path) });
        }
        stores
    }
}

/// Longer lists of alternates are not read, in bytes.
const MAX_LEN: u64 = 1 << 20;

/// Why the list of what the folder `objects` borrows from cannot be read, and its path; `None` if it can, or there is none.
pub(super) fn unreadable_list(objects: &Path) -> Option<(PathBuf, io::Error)> {
    let error = list(objects).err().filter(|error| error.kind() != io::ErrorKind::NotFound)?;
    Some((objects.join(LIST), error))
}

const LIST: &str = "info/alternates";

fn list(objects: &Path) -> io::Result<Vec<u8>> {
    read::small(objects, Path::new(LIST), MAX_LEN)
}

/// The folders that the folder `objects` borrows from.
fn alternates(objects: &Path) -> Vec<PathBuf> {
    let text = list(objects).unwrap_or_default();
    let lines = text.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let written = lines.filter(|line| !line.is_empty() && !line.starts_with(b"#"));
    written.take(MAX_STORES).map(|line| objects.join(from_bytes(&unquoted(line)))).collect()
}

impl Environment {
    /// The folders of `GIT_ALTERNATE_OBJECT_DIRECTORIES`.
    pub(super) fn alternates(&self) -> Vec<PathBuf> {
        let separator = if cfg!(windows) { b';' } else { b':' };
        let list = self.alternate_object_directories.as_deref().unwrap_or_default().as_encoded_bytes();
        split_unquoted(list, separator).into_iter().map(|path| from_bytes(&unquoted(path))).collect()
    }
}

/// The parts of `list` between separators that stand in no quotes, empty ones left out.
fn split_unquoted(list: &[u8], separator: u8) -> Vec<&[u8]> {
    let (mut parts, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, &byte) in list.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' if quoted || at == start => quoted = !quoted,
            _ if byte == separator && !quoted => {
                parts.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&list[start..]);
    parts.retain(|part| !part.is_empty());
    parts
}

/// What git means by a path that it may have quoted as C does.
fn unquoted(path: &[u8]) -> Vec<u8> {
    let Some(inner) = path.strip_prefix(b"\"").and_then(|path| path.strip_suffix(b"\"")) else {
        return path.to_vec();
    };
    let mut plain = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((&byte, after)) = rest.split_first() {
        let (byte, used) = if byte == b'\\' { escape(after) } else { (byte, 0) };
        plain.push(byte);
        rest = after.get(used..).unwrap_or_default();
    }
    plain
}

/// The byte that follows a backslash, and how many bytes spell it.
fn escape(text: &[u8]) -> (u8, usize) {
    let octal = |digits: &[u8]| {
        let all = digits.iter().all(|digit| (b'0'..=b'7').contains(digit));
        let value = digits.iter().fold(0_u32, |value, digit| value * 8 + u32::from(digit - b'0'.min(*digit)));
        u8::try_from(value).ok().filter(|_| all)
    };
    if let Some(byte) = text.get(..3).and_then(octal) {
        return (byte, 3);
    }
    match text.first() {
        Some(b'n') => (b'\n', 1),
        Some(b't') => (b'\t', 1),
        Some(b'r') => (b'\r', 1),
        Some(b'a') => (7, 1),
        Some(b'b') => (8, 1),
        Some(b'v') => (11, 1),
        Some(b'f') => (12, 1),
        Some(&byte) => (byte, 1),
        None => (b'\\', 0),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn quoted_paths_are_read_as_git_writes_them() {
        assert_eq!(unquoted(br#""a\"b\\c\303\244\t""#), "a\"b\\cä\t".as_bytes());
        assert_eq!(unquoted(br"a\b"), br"a\b");
        assert_eq!(unquoted(br#""a\"#), br#""a\"#);
    }

    #[test]
    fn a_list_is_split_outside_of_quotes() {
        assert_eq!(split_unquoted(br#"a:"b:\":c"::d"#, b':'), [&b"a"[..], br#""b:\":c""#, b"d"]);
    }

    #[test]
    fn stores_are_followed_round_a_loop_once_and_a_missing_one_is_told() {
        let temp = tempfile::tempdir().unwrap();
        let top = temp.path().canonicalize().unwrap();
        for name in ["a", "b"] {
            fs::create_dir_all(top.join(name).join("info")).unwrap();
        }
        fs::write(top.join("a/info/alternates"), "# borrowed\n../b\n\"../miss\\151ng\"\n").unwrap();
        fs::write(top.join("b/info/alternates"), format!("{}\n", top.join("a").display())).unwrap();
        let stores = Store::all(&top.join("a"), &[top.join("b")]);
        let told: Vec<_> = stores.iter().map(|store| (store.path.clone(), store.is_there)).collect();
        assert_eq!(told, [(top.join("a"), true), (top.join("b"), true), (top.join("a/../missing"), false)]);
    }
}
