//! Mirrors of remote repositories, made and fetched by the user's own git.
//!
//! Nothing in a remote repository makes git run something: hooks are off, submodules and LFS are left alone, and only
//! https, ssh and, where it is allowed, files are spoken. Credentials come from the user's helpers only: git never asks.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use akid::redact;
use akid::stop::Stop;
use akid::text::without_user_info;

use super::process::{self, Ended, How};
use crate::cli::environment::variable;

/// How often a transfer is tried, and how long to wait before the next try.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(5)];

/// Where mirrors are, and what git may do.
#[derive(Debug)]
pub(super) struct Mirrors {
    pub(super) folder: PathBuf,
    pub(super) budget: Option<u64>,
    pub(super) may_be_file: bool,
}

/// A mirror, which nobody else fetches or deletes as long as this is held.
#[derive(Debug)]
pub(super) struct Mirror {
    pub(super) path: PathBuf,
    _lock: File,
}

/// Why there is no mirror.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    Failed(String),
    TimedOut,
    Stopped,
}

/// What a remote has: its refs, as git lists them, and the commit of `HEAD`.
#[derive(Debug)]
pub(super) struct Remote {
    pub(super) refs: Vec<u8>,
    pub(super) head: Option<String>,
}

impl Mirrors {
    /// Asks what the remote has.
    pub(super) fn remote(&self, url: &str, deadline: Instant, stop: &Stop) -> Result<Remote, Trouble> {
        let ended = self.tried(&["ls-remote", "--quiet", "--", url], deadline, stop)?;
        let text = String::from_utf8_lossy(&ended.stdout);
        let head = text.lines().find_map(|line| line.strip_suffix("\tHEAD")).map(str::to_owned);
        Ok(Remote { refs: ended.stdout, head })
    }

    /// Clones the remote, or fetches what is new; returns the mirror. Waits for another fleet that uses it.
    pub(super) fn fetch(
        &self,
        id: &str,
        url: &str,
        deadline: Instant,
        stop: &Stop,
    ) -> Result<Mirror, Trouble> {
        let path = self.folder.join(format!("{id}.git"));
        let shown = path.to_string_lossy().into_owned();
        let lock = self.lock(&path, deadline, stop)?;
        let is_whole = path.join("akid-mirror").is_file();
        if is_whole {
            self.tried(
                &["-C", &shown, "fetch", "--quiet", "--prune", "--no-recurse-submodules", "origin"],
                deadline,
                stop,
            )?;
        } else {
            // What a killed run left is no repository yet.
            drop(fs::remove_dir_all(&path));
            self.tried(&["clone", "--quiet", "--mirror", "--", url, &shown], deadline, stop)?;
        }
        // By its time the mirror that was used longest ago is known.
        File::create(path.join("akid-mirror")).map_err(no_mirror)?;
        Ok(Mirror { path, _lock: lock })
    }

    /// Takes the mirror at `path` for this target alone, as soon as nobody else has it.
    fn lock(&self, path: &Path, deadline: Instant, stop: &Stop) -> Result<File, Trouble> {
        fs::create_dir_all(&self.folder).map_err(no_mirror)?;
        loop {
            match try_lock(path) {
                Ok(Some(lock)) => return Ok(lock),
                Ok(None) if stop.is_stopped() => return Err(Trouble::Stopped),
                Ok(None) if Instant::now() >= deadline => return Err(Trouble::TimedOut),
                Ok(None) => thread::sleep(Duration::from_millis(50)),
                Err(error) => return Err(no_mirror(error)),
            }
        }
    }

    /// Runs git until it succeeds, or there is no use in trying.
    fn tried(&self, words: &[&str], deadline: Instant, stop: &Stop) -> Result<Ended, Trouble> {
        let mut pauses = PAUSES.iter();
        loop {
            let ended = process::run(self.git(words), deadline, stop)
                .map_err(|error| Trouble::Failed(format!("git cannot be run: {error}")))?;
            match ended.how {
                How::TimedOut => return Err(Trouble::TimedOut),
                How::Stopped => return Err(Trouble::Stopped),
                How::Exited(status) if status.success() => return Ok(ended),
                How::Exited(_) => {}
            }
            let Some(pause) = pauses.next().filter(|_| is_worth_a_try(&ended.stderr)) else {
                return Err(Trouble::Failed(told(&ended.stderr)));
            };
            let until = Instant::now() + *pause;
            while Instant::now() < until && !stop.is_stopped() {
                thread::sleep(Duration::from_millis(50));
            }
            if words.first() == Some(&"clone")
                && let Some(path) = words.last()
            {
                drop(fs::remove_dir_all(path));
            }
        }
    }

    fn git(&self, words: &[&str]) -> Command {
        let mut git = Command::new("git");
        git.env("GIT_TERMINAL_PROMPT", "0").env("GCM_INTERACTIVE", "never").env("GIT_LFS_SKIP_SMUDGE", "1");
        // The helpers of the user's configuration answer, and nobody else.
        git.env("GIT_ASKPASS", "true").env("SSH_ASKPASS", "true").env("SSH_ASKPASS_REQUIRE", "force");
        if variable("GIT_SSH_COMMAND").is_none() && variable("GIT_SSH").is_none() {
            git.env("GIT_SSH_COMMAND", "ssh -oBatchMode=yes");
        }
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"] {
            git.env_remove(name);
        }
        let files = if self.may_be_file { "always" } else { "never" };
        for setting in [
            "core.hooksPath=/dev/null",
            "core.fsmonitor=false",
            "gc.auto=0",
            "maintenance.auto=false",
            "fetch.recurseSubmodules=false",
            "submodule.recurse=false",
            "transfer.fsckObjects=false",
            "protocol.allow=never",
            "protocol.https.allow=always",
            "protocol.ssh.allow=always",
            &format!("protocol.file.allow={files}"),
        ] {
            git.arg("-c").arg(setting);
        }
        git.args(words);
        git
    }

    /// Deletes what was used longest ago, until what is left is within the budget. Mirrors that are in use stay, also by
    /// another fleet.
    pub(super) fn keep_to_budget(&self) {
        let Some(budget) = self.budget else { return };
        let mut mirrors: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        for path in entries.map(|entry| entry.path()).filter(|path| path.is_dir()) {
            let used = fs::metadata(path.join("akid-mirror")).and_then(|file| file.modified());
            mirrors.push((used.unwrap_or(SystemTime::UNIX_EPOCH), size_of(&path), path));
        }
        mirrors.sort();
        let mut all: u64 = mirrors.iter().map(|(_, size, _)| size).sum();
        for (_, size, path) in mirrors {
            if all <= budget {
                break;
            }
            if let Ok(Some(_lock)) = try_lock(&path)
                && fs::remove_dir_all(&path).is_ok()
            {
                all -= size;
            }
        }
    }
}

/// Takes the lock beside the mirror at `path`; `None` if somebody else has it. The file stays when the mirror goes: who
/// opened it before would lock what nobody else sees.
fn try_lock(path: &Path) -> io::Result<Option<File>> {
    let file = File::options().create(true).append(true).open(path.with_extension("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn no_mirror(error: io::Error) -> Trouble {
    Trouble::Failed(format!("no mirror: {error}"))
}

/// How many bytes the files of a folder take.
fn size_of(folder: &Path) -> u64 {
    let mut size = 0;
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => size += size_of(&entry.path()),
            Ok(metadata) => size += metadata.len(),
            Err(_) => {}
        }
    }
    size
}

/// Whether the next try may succeed: not where the remote has said no.
fn is_worth_a_try(stderr: &[u8]) -> bool {
    let text = String::from_utf8_lossy(stderr);
    let finals = [
        "not found",
        "does not exist",
        "does not appear to be a git repository",
        "uthentication failed",
        "ermission denied",
        "could not read Username",
        "could not read Password",
        "terminal prompts disabled",
        "not allowed",
        "returned error: 401",
        "returned error: 403",
        "returned error: 404",
        "certificate",
    ];
    !finals.iter().any(|word| text.contains(word))
}

/// The first line in which git says what is wrong, as it may be shown.
fn told(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let line = text.lines().find(|line| line.starts_with("fatal:") || line.starts_with("error:"));
    let line = line.or_else(|| text.lines().last()).unwrap_or("git failed");
    redact::words(without_user_info(line).as_bytes())
}
