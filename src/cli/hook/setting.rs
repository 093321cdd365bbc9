//! Git's setting of a folder whose hooks run in all repositories of a user: `core.hooksPath`.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::git::{git, shown};
use crate::cli::environment::variable;

const NAME: &str = "core.hooksPath";

/// Checks that the user's configuration may be written: git replaces the file, and a device or a pipe would be gone.
pub(super) fn check() -> anyhow::Result<()> {
    let is_other = |file: &PathBuf| file.metadata().is_ok_and(|metadata| !metadata.is_file());
    if let Some(file) = files().into_iter().find(is_other) {
        bail!(
            "{}: not a regular file, so that git's configuration of this user cannot be written there\n\
             help: unset GIT_CONFIG_GLOBAL, or have it name a regular file",
            shown(&file)
        );
    }
    Ok(())
}

/// Sets it to the folder `path`.
pub(super) fn set(path: &Path) -> anyhow::Result<()> {
    let path = path.to_str().context("the folder of hooks has no name that git could keep")?;
    git(Path::new("."), &["config", "--global", NAME, path]).map(drop)
}

/// Takes it away. Returns whether it was there.
pub(super) fn unset() -> anyhow::Result<bool> {
    let here = Path::new(".");
    if git(here, &["config", "--global", "--get", NAME]).is_err() {
        return Ok(false);
    }
    git(here, &["config", "--global", "--unset", NAME]).map(|_| true)
}

/// The files that git may take for the user's configuration.
fn files() -> Vec<PathBuf> {
    if let Some(file) = variable("GIT_CONFIG_GLOBAL") {
        return vec![file.into()];
    }
    let below = |name, path: &str| variable(name).map(|folder| PathBuf::from(folder).join(path));
    let xdg = below("XDG_CONFIG_HOME", "git/config").or_else(|| below("HOME", ".config/git/config"));
    below("HOME", ".gitconfig").into_iter().chain(xdg).collect()
}
