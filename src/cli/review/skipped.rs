//! Which credentials were skipped, by the IDs that reports give them.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use akid::finding::{CredentialId, Fingerprint};
use anyhow::Context;

use crate::cli::config::shown;
use crate::cli::folders;
use crate::cli::output::Writer;

/// The credentials that were skipped in reviews of one folder.
#[derive(Debug)]
pub(super) struct Skipped {
    ids: BTreeSet<String>,
    /// `None` where there is no place to remember them.
    file: Option<PathBuf>,
}

impl Skipped {
    /// What is remembered of the folder `base`. What cannot be read is forgotten: it only changes the order.
    pub(super) fn read(base: &Path) -> Self {
        let name = base.canonicalize().unwrap_or_else(|_| base.to_path_buf());
        // Another release of Rust may hash otherwise: then the order is forgotten, nothing else.
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        let name = format!("{:016x}", hasher.finish());
        let file = folders::state().map(|folder| folder.join("review").join(name));
        let text = file.as_ref().and_then(|file| fs::read_to_string(file).ok()).unwrap_or_default();
        let is_id = |line: &&str| Fingerprint::parse(line.as_bytes()).is_some();
        Self { ids: text.lines().filter(is_id).map(str::to_owned).collect(), file }
    }

    pub(super) fn contains(&self, id: CredentialId) -> bool {
        self.ids.contains(&id.to_string())
    }

    pub(super) fn insert(&mut self, id: CredentialId) -> anyhow::Result<()> {
        if self.ids.insert(id.to_string()) { self.save() } else { Ok(()) }
    }

    pub(super) fn remove(&mut self, id: CredentialId) -> anyhow::Result<()> {
        if self.ids.remove(&id.to_string()) { self.save() } else { Ok(()) }
    }

    fn save(&self) -> anyhow::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let folder = file.parent().unwrap_or(file);
        fs::create_dir_all(folder).with_context(|| format!("{}: cannot be created", shown(folder)))?;
        let lines: String = self.ids.iter().map(|id| format!("{id}\n")).collect();
        Writer::replace(file.clone())?.write(true, |out| out.write_all(lines.as_bytes()))
    }
}
