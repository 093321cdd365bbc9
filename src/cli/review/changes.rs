//! What a decision wrote, to be taken back.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::cli::config::shown;
use crate::cli::lock::lock;
use crate::cli::output::Writer;

/// A file before and after a decision.
#[derive(Debug)]
pub(super) struct Change {
    path: PathBuf,
    /// `None` if it was not there.
    before: Option<Vec<u8>>,
    after: Vec<u8>,
}

impl Change {
    /// What `make` writes to the file at `path`.
    pub(super) fn of(path: &Path, make: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<Self> {
        let before = fs::read(path).ok();
        make()?;
        let after = fs::read(path).with_context(|| format!("{}: cannot be read", shown(path)))?;
        Ok(Self { path: path.to_path_buf(), before, after })
    }

    /// Restores the file, unless somebody else has changed it since. Says what was done.
    pub(super) fn take_back(self) -> anyhow::Result<String> {
        let name = shown(&self.path);
        let _lock = lock(&self.path)?;
        let now = fs::read(&self.path).with_context(|| format!("{name}: cannot be read"))?;
        if now != self.after {
            bail!("{name} was changed since then\nhelp: edit it yourself");
        }
        match self.before {
            Some(before) => {
                Writer::replace(self.path)?.write(true, |out| out.write_all(&before))?;
                Ok(format!("undone: {name} is as it was"))
            }
            None => {
                fs::remove_file(&self.path).with_context(|| format!("{name}: cannot be removed"))?;
                Ok(format!("undone: {name} is removed, as it was not there before"))
            }
        }
    }
}
