//! The user's folders, as each system has them.

use std::path::PathBuf;

use super::environment::variable;

/// Where what can be had again is kept; `None` if the environment names no home.
#[cfg(any(feature = "git", feature = "sts"))]
pub(super) fn cache() -> Option<PathBuf> {
    named("akid", "XDG_CACHE_HOME", ".cache", "Library/Caches")
}

/// Where what akid did is remembered; `None` if the environment names no home.
pub(super) fn state() -> Option<PathBuf> {
    named("akid", "XDG_STATE_HOME", ".local/state", "Library/Application Support")
}

fn named(name: &str, variable_name: &str, below_home: &str, below_home_of_mac: &str) -> Option<PathBuf> {
    let folder = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let below = if cfg!(target_os = "macos") { below_home_of_mac } else { below_home };
    let folder = if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else {
        folder(variable_name).or_else(|| Some(folder("HOME")?.join(below)))
    };
    Some(folder?.join(name))
}
