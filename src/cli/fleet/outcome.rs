//! What became of each target, and the folder that remembers it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use akid::redact::redact;
use anyhow::{Context, bail};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::target::Target;
use crate::cli::output::Writer;

/// How the scan of a target ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum End {
    /// Everything was scanned.
    Ok,
    /// Something could not be read. What was found is there.
    Incomplete,
    /// It could not be scanned. What an earlier scan found stays.
    Failed,
    /// It took too long. What was found until then is there.
    Timeout,
}

impl End {
    /// Every end, the best first.
    pub(super) const ALL: [Self; 4] = [Self::Ok, Self::Incomplete, Self::Failed, Self::Timeout];

    /// The word for it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Incomplete => "incomplete",
            Self::Failed => "failed",
            Self::Timeout => "timeout",
        }
    }
}

/// What is remembered of a target: the JSON of `akid fleet status --json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Outcome {
    pub(super) target: String,
    pub(super) id: String,
    pub(super) status: End,
    /// Why it is not `ok`.
    pub(super) reason: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) labels: BTreeMap<String, String>,
    /// The commit that is checked out, or that the remote's `HEAD` names.
    pub(super) head: Option<String>,
    /// When the scan started.
    pub(super) time: Timestamp,
    pub(super) seconds: f64,
    pub(super) inputs: u64,
    pub(super) bytes: u64,
    /// Findings and credentials that count.
    pub(super) findings: u64,
    pub(super) credentials: u64,
    /// Credentials that fail.
    pub(super) failing: u64,
    /// What a scan depends on, as a hash: the repository, akid, rules, configuration, options.
    pub(super) state: Option<String>,
    /// When something that was found, or an exception, expires next: then the target is scanned again.
    pub(super) expires: Option<Timestamp>,
}

/// The folder with the results.
#[derive(Clone, Debug)]
pub(super) struct Store {
    folder: PathBuf,
}

impl Store {
    /// Creates the folder, if it is not there.
    pub(super) fn create(folder: &Path) -> anyhow::Result<Self> {
        let store = Self { folder: folder.to_path_buf() };
        for part in ["findings", "status", "locks"] {
            let path = folder.join(part);
            fs::create_dir_all(&path).with_context(|| format!("{}: cannot be created", shown(&path)))?;
        }
        Ok(store)
    }

    /// Opens a folder that a scan wrote.
    pub(super) fn open(folder: &Path) -> anyhow::Result<Self> {
        if !folder.join("status").is_dir() {
            bail!("{}: no results of `akid fleet scan` are here", shown(folder));
        }
        Ok(Self { folder: folder.to_path_buf() })
    }

    /// Where the findings of a target are: a report in JSON Lines.
    pub(super) fn findings(&self, id: &str) -> PathBuf {
        self.path("findings", id, "jsonl")
    }

    /// Takes a target for this process alone; `None` if another one has it.
    pub(super) fn lock(&self, id: &str) -> anyhow::Result<Option<File>> {
        let path = self.path("locks", id, "lock");
        let cannot = || format!("{}: cannot be locked", shown(&path));
        make_folder(&path)?;
        let file = File::options().create(true).append(true).open(&path).with_context(cannot)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(error).with_context(cannot),
        }
    }

    /// What is remembered of a target. What cannot be read counts as nothing.
    pub(super) fn outcome(&self, id: &str) -> Option<Outcome> {
        let text = fs::read(self.path("status", id, "json")).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Remembers what became of a target.
    pub(super) fn remember(&self, outcome: &Outcome) -> anyhow::Result<()> {
        let path = self.path("status", &outcome.id, "json");
        make_folder(&path)?;
        Writer::replace(path)?.write(true, |out| {
            serde_json::to_writer(&mut *out, outcome)?;
            writeln!(out)
        })
    }

    /// Everything that is remembered, by target.
    pub(super) fn outcomes(&self) -> anyhow::Result<Vec<Outcome>> {
        let mut outcomes = Vec::new();
        let status = self.folder.join("status");
        let list =
            |path: &Path| fs::read_dir(path).with_context(|| format!("{}: cannot be read", shown(path)));
        for folder in list(&status)?.flatten().filter(|entry| entry.path().is_dir()) {
            for file in list(&folder.path())?.flatten() {
                let path = file.path();
                if path.extension().is_none_or(|end| end != "json") {
                    continue;
                }
                let text = fs::read(&path).with_context(|| format!("{}: cannot be read", shown(&path)))?;
                let outcome: Outcome = serde_json::from_slice(&text).ok().with_context(|| {
                    format!("{}: damaged\nhelp: delete the file and scan again", shown(&path))
                })?;
                outcomes.push(outcome);
            }
        }
        outcomes.sort_by(|a, b| (&a.target, &a.id).cmp(&(&b.target, &b.id)));
        Ok(outcomes)
    }

    /// A file of a target. A folder of 100,000 files is slow to list, so the first two digits are a folder.
    fn path(&self, part: &str, id: &str, extension: &str) -> PathBuf {
        let folder = id.get(..2).unwrap_or(id);
        self.folder.join(part).join(folder).join(format!("{id}.{extension}"))
    }
}

/// Creates the folder that `path` lies in.
pub(super) fn make_folder(path: &Path) -> anyhow::Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).with_context(|| format!("{}: cannot be created", shown(folder)))
}

fn shown(path: &Path) -> String {
    redact(path.as_os_str().as_encoded_bytes())
}

impl Outcome {
    /// A target of which nothing is known yet.
    pub(super) fn begin(target: &Target, time: Timestamp) -> Self {
        Self {
            target: target.name(),
            id: target.id(),
            status: End::Failed,
            reason: None,
            labels: target.labels.clone(),
            head: None,
            time,
            seconds: 0.0,
            inputs: 0,
            bytes: 0,
            findings: 0,
            credentials: 0,
            failing: 0,
            state: None,
            expires: None,
        }
    }

    /// One line for people.
    pub(super) fn line(&self) -> String {
        let found = match self.credentials {
            0 => "nothing found".to_owned(),
            1 => format!("1 credential, {} fails", self.failing),
            n => format!("{n} credentials, {} fail", self.failing),
        };
        let reason = self.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let told = if self.status == End::Failed { String::new() } else { format!("  {found}") };
        format!("{:<10}  {}{told}{reason}", self.status.as_str(), self.target)
    }
}
