//! The table of places, and what of it is there.

use std::collections::BTreeSet;
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

impl Place {
    /// What of the place is there, in order.
    pub(super) fn there(&self, folders: &Folders) -> BTreeSet<PathBuf> {
        let patterns = self.paths.iter().flat_map(|pattern| {
            let (start, rest) = folders.start(pattern);
            expanded(start, rest)
        });
        let named = self.variables.iter().filter_map(|name| variable(name));
        let named = named.flat_map(|paths| std::env::split_paths(&paths).collect::<Vec<_>>());
        patterns.chain(named.filter(|path| path.is_absolute())).filter(|path| path.exists()).collect()
    }
}

/// The paths below `start` that `pattern` fits. Hidden files are fitted only where the pattern names the dot.
fn expanded(start: PathBuf, pattern: &str) -> Vec<PathBuf> {
    pattern.split('/').filter(|part| !part.is_empty()).fold(vec![start], |paths, part| {
        if !part.contains('*') {
            return paths.into_iter().map(|path| path.join(part)).collect();
        }
        let Ok(glob) = GlobBuilder::new(part).literal_separator(true).build() else { return Vec::new() };
        let glob = glob.compile_matcher();
        paths
            .iter()
            .flat_map(|path| entries(path))
            .filter(|path| {
                let name = path.file_name().map(Path::new).unwrap_or(Path::new(""));
                let is_hidden = name.as_os_str().as_encoded_bytes().starts_with(b".");
                glob.is_match(name) && (!is_hidden || part.starts_with('.'))
            })
            .collect()
    })
}

/// What is in a folder; nothing if it is none, or cannot be read.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path())).collect()
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
