//! Whether all that libgit2 may open of a repository is plain files: it opens whatever bears a name that it knows, and at
//! a pipe it would wait for ever. No clone brings one; an archive may.

use std::fs;
use std::path::{Path, PathBuf};

use crate::source::git::config;
use crate::source::git::repo::{Repository, from_bytes};

/// Folders of a repository that libgit2 has no business in, some of them large.
const UNREAD: [&str; 3] = ["annex", "lfs", "modules"];
/// Folders nested deeper are not looked into, nor by git.
const MAX_DEPTH: usize = 64;
/// Configurations that include each other are followed this far, as by libgit2.
const MAX_INCLUDES: usize = 10;

/// Something that libgit2 may open and that is no file; `None` if there is nothing of the kind.
pub(super) fn not_plain(repository: &Repository) -> Option<PathBuf> {
    let stores = repository.stores().into_iter().map(|store| store.path);
    let folders = [repository.git_dir().to_path_buf(), repository.common_dir().to_path_buf()];
    let odd = folders.into_iter().chain(stores).find_map(|folder| odd_in(&folder));
    let configs = [repository.common_dir().join("config"), repository.git_dir().join("config.worktree")];
    odd.or_else(|| configs.into_iter().find_map(|config| odd_include(&config, 0)))
}

/// Something below `top` that is neither a file nor a folder.
fn odd_in(top: &Path) -> Option<PathBuf> {
    let mut waiting = vec![(top.to_path_buf(), 0)];
    while let Some((folder, depth)) = waiting.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let kind = entry.file_type().and_then(|kind| {
                // What leads nowhere cannot be opened.
                if kind.is_symlink() {
                    fs::metadata(&path).map(|target| target.file_type())
                } else {
                    Ok(kind)
                }
            });
            let is_unread = depth == 0 && UNREAD.iter().any(|name| entry.file_name() == *name);
            match kind {
                Ok(kind) if kind.is_dir() && depth == MAX_DEPTH => return Some(path),
                Ok(kind) if kind.is_dir() && !is_unread => waiting.push((path, depth + 1)),
                Ok(kind) if !kind.is_dir() && !kind.is_file() => return Some(path),
                _ => {}
            }
        }
    }
    None
}

/// Something that is no file, or not surely one, and that the configuration at `path` includes, if it includes any.
fn odd_include(path: &Path, depth: usize) -> Option<PathBuf> {
    let text = config::text(path);
    if !text.to_ascii_lowercase().contains("include") {
        return None;
    }
    // Whatever section they seem to be in: it takes all of git's grammar to tell.
    let values = text.lines().filter_map(|line| line.split_once('='));
    let values = values.filter(|(key, _)| key.trim_end().to_ascii_lowercase().ends_with("path"));
    for (_, value) in values {
        let Some(value) = plain_value(value) else { return Some(path.to_path_buf()) };
        let included = match value.strip_prefix("~/") {
            Some(rest) => std::env::home_dir().unwrap_or_default().join(rest),
            None => path.parent().unwrap_or(path).join(from_bytes(value.as_bytes())),
        };
        match fs::metadata(&included) {
            Ok(metadata) if metadata.is_file() && depth < MAX_INCLUDES => {
                if let Some(odd) = odd_include(&included, depth + 1) {
                    return Some(odd);
                }
            }
            Ok(_) => return Some(included),
            Err(_) => {}
        }
    }
    None
}

/// A value as it stands, if nothing in it stands for something else.
fn plain_value(text: &str) -> Option<&str> {
    let text = text.trim();
    let quoted = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let value = quoted.unwrap_or_else(|| text.split(['#', ';']).next().unwrap_or_default().trim());
    (!value.contains(['"', '\\'])).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_with_escapes_is_not_plain() {
        assert_eq!(plain_value(" ../shared.cfg # ours"), Some("../shared.cfg"));
        assert_eq!(plain_value("\"a;b\""), Some("a;b"));
        for text in ["a\\", "\"a\\\"b\"", "a\"b\"", "\"a\" # \"b\""] {
            assert_eq!(plain_value(text), None, "{text}");
        }
    }
}
