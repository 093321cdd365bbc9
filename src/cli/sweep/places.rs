//! The table of places, and what of it is there.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use globset::GlobBuilder;
use serde::Deserialize;

use crate::cli::environment::variable;

/// Places, as data.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Table {
    pub(super) place: Vec<Place>,
    pub(super) not_looked_at: Vec<NotLookedAt>,
}

/// Files and folders of one kind.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    pub(super) name: String,
    pub(super) what: String,
    paths: Vec<String>,
    /// Names of variables that have more paths.
    #[serde(default)]
    variables: Vec<String>,
}

/// Something that a sweep leaves out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NotLookedAt {
    pub(super) what: String,
}

impl Table {
    /// The table that akid comes with.
    pub(super) fn built_in() -> anyhow::Result<Self> {
        Ok(toml::from_str(include_str!("places.toml"))?)
    }
}

/// The folders of a user.
#[derive(Debug)]
pub(super) struct Folders {
    pub(super) home: PathBuf,
    others: [(&'static str, PathBuf); 4],
}

impl Folders {
    /// Those of the environment; `None` without a home folder.
    pub(super) fn of_environment() -> Option<Self> {
        let home = PathBuf::from(variable("HOME").or_else(|| variable("USERPROFILE"))?);
        let folder = |name: &str, by_default: &str| {
            // As the specification has it: a path that is not absolute does not count.
            let set = variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
            set.unwrap_or_else(|| home.join(by_default))
        };
        let others = [
            ("{config}", folder("XDG_CONFIG_HOME", ".config")),
            ("{data}", folder("XDG_DATA_HOME", ".local/share")),
            ("{state}", folder("XDG_STATE_HOME", ".local/state")),
            ("{cache}", folder("XDG_CACHE_HOME", ".cache")),
        ];
        Some(Self { home, others })
    }

    /// The path that a variable stands for, as the AWS CLI reads it: `~` is the home folder, and other paths start in the
    /// current one.
    pub(super) fn named(&self, path: &Path) -> PathBuf {
        if let Ok(below) = path.strip_prefix("~") {
            return self.home.join(below);
        }
        std::env::current_dir().map_or_else(|_| path.to_path_buf(), |current| current.join(path))
    }

    /// Whether `path` is in one of the user's folders.
    pub(super) fn has(&self, path: &Path) -> bool {
        let is_in = |folder: &Path| {
            path.starts_with(folder) || folder.canonicalize().is_ok_and(|folder| path.starts_with(folder))
        };
        is_in(&self.home) || self.others.iter().any(|(_, folder)| is_in(folder))
    }

    /// The first part of `pattern` as a path, and what is behind it.
    fn start<'p>(&self, pattern: &'p str) -> (PathBuf, &'p str) {
        let named = self.others.iter().map(|(name, folder)| (*name, folder));
        for (name, folder) in named.chain([("{home}", &self.home)]) {
            if let Some(rest) = pattern.strip_prefix(name) {
                return (folder.clone(), rest.trim_start_matches('/'));
            }
        }
        (PathBuf::from("/"), pattern.trim_start_matches('/'))
    }
}

/// What of the table is there.
#[derive(Debug, Default)]
pub(super) struct There {
    /// Pipes, sockets and devices: opening one may wait forever.
    pub(super) specials: BTreeSet<PathBuf>,
    /// What the system does not let akid look at, and why.
    pub(super) unread: BTreeMap<PathBuf, io::Error>,
    /// Folders that were listed: many patterns start in the same ones.
    listed: BTreeMap<PathBuf, Vec<PathBuf>>,
}

impl There {
    /// Returns the files and folders of `place`, in order.
    pub(super) fn look(&mut self, place: &Place, folders: &Folders) -> BTreeSet<PathBuf> {
        let mut paths = Vec::new();
        for pattern in &place.paths {
            let (start, rest) = folders.start(pattern);
            paths.extend(self.expanded(start, rest));
        }
        for value in place.variables.iter().filter_map(|name| variable(name)) {
            // Only some of them are lists, and a path may have the separator in it.
            let parts = std::env::split_paths(&value).filter(|path| !path.as_os_str().is_empty());
            paths.extend(parts.chain([PathBuf::from(&value)]).map(|path| folders.named(&path)));
        }
        paths.into_iter().filter(|path| self.is_there(path)).collect()
    }

    /// Whether there is a file or a folder at `path`.
    fn is_there(&mut self, path: &Path) -> bool {
        match path.metadata() {
            Ok(metadata) if metadata.is_file() || metadata.is_dir() => return true,
            Ok(_) => {
                self.specials.insert(path.to_path_buf());
            }
            Err(error) => self.fail(path, error),
        }
        false
    }

    /// Notes that the system refuses to say what is at `path`: the nearest thing on the way that it does show.
    fn fail(&mut self, path: &Path, error: io::Error) {
        if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) {
            return;
        }
        let seen = path.ancestors().find(|path| path.symlink_metadata().is_ok()).unwrap_or(path);
        self.unread.entry(seen.to_path_buf()).or_insert(error);
    }

    /// The paths below `start` that `pattern` fits. Hidden files are fitted only where the pattern names the dot.
    fn expanded(&mut self, start: PathBuf, pattern: &str) -> Vec<PathBuf> {
        let mut paths = vec![start];
        for part in pattern.split('/').filter(|part| !part.is_empty()) {
            if !part.contains(['*', '{']) {
                paths.iter_mut().for_each(|path| path.push(part));
                continue;
            }
            let Ok(glob) = GlobBuilder::new(part).literal_separator(true).build() else { return Vec::new() };
            let glob = glob.compile_matcher();
            let fits = |path: &PathBuf| {
                let name = path.file_name().unwrap_or(OsStr::new(""));
                let is_hidden = name.as_encoded_bytes().starts_with(b".");
                glob.is_match(Path::new(name)) && (!is_hidden || part.starts_with('.'))
            };
            let mut fitting = Vec::new();
            for path in paths {
                fitting.extend(self.entries(path).iter().filter(|path| fits(path)).cloned());
            }
            paths = fitting;
        }
        paths
    }

    /// What is in a folder; nothing if it is none.
    fn entries(&mut self, folder: PathBuf) -> &[PathBuf] {
        if !self.listed.contains_key(&folder) {
            let mut paths = Vec::new();
            match folder.read_dir() {
                Ok(entries) => {
                    for entry in entries {
                        match entry {
                            Ok(entry) => paths.push(entry.path()),
                            Err(error) => self.fail(&folder, error),
                        }
                    }
                }
                Err(error) => self.fail(&folder, error),
            }
            self.listed.insert(folder.clone(), paths);
        }
        self.listed.get(&folder).map_or(&[][..], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sound() {
        let table = Table::built_in().unwrap();
        let names: BTreeSet<&str> = table.place.iter().map(|place| place.name.as_str()).collect();
        assert_eq!(names.len(), table.place.len());
        for path in table.place.iter().flat_map(|place| &place.paths) {
            let is_started = path.starts_with('/')
                || ["{home}/", "{config}/", "{data}/", "{state}/", "{cache}/"]
                    .iter()
                    .any(|start| path.starts_with(start));
            assert!(is_started && !path.contains("//") && !path.ends_with('/'), "{path}");
        }
    }
}
