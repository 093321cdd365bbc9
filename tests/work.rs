//! A worktree, and what git says of what it is told to do there.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use akid::aws::fake;
use tempfile::TempDir;

use crate::history::repo::of_this_machine;

/// The command under test.
pub(crate) const AKID: &str = env!("CARGO_BIN_EXE_akid");

/// A folder with repositories in it, gone when dropped, where nothing of this machine's configuration counts.
pub(crate) struct Folder {
    _folder: TempDir,
    pub(crate) top: PathBuf,
}

/// A repository in it.
pub(crate) struct Work {
    pub(crate) top: PathBuf,
    home: PathBuf,
}

/// What a process said, and whether it was content.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    /// What it printed to standard output, then what it printed to standard error.
    pub(crate) text: String,
}

impl Said {
    fn of(output: &Output) -> Self {
        let text = [&output.stdout[..], &output.stderr[..]].concat();
        Self { code: output.status.code(), text: String::from_utf8(text).unwrap() }
    }

    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.text);
        self.text
    }

    #[track_caller]
    pub(crate) fn stopped(self) -> String {
        assert_ne!(self.code, Some(0), "{}", self.text);
        self.text
    }
}

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        fs::create_dir(top.join("home")).unwrap();
        Self { _folder: folder, top }
    }

    /// An empty repository.
    pub(crate) fn repo(&self, name: &str) -> Work {
        self.init(name, "git init -q -b main")
    }

    /// The same with objects and refs in these formats.
    pub(crate) fn repo_of(&self, name: &str, formats: [&str; 2]) -> Work {
        self.init_of(name, formats, "git init -q -b main")
    }

    /// The same with refs in files of their own, whatever the tests are run with: for what is written there by hand.
    pub(crate) fn repo_with_files(&self, name: &str) -> Work {
        self.init(name, "GIT_DEFAULT_REF_FORMAT=files git init -q -b main")
    }

    /// An empty repository without a worktree.
    pub(crate) fn bare(&self, name: &str) -> Work {
        self.init(name, "git init -q -b main --bare")
    }

    /// The same with objects and refs in these formats.
    pub(crate) fn bare_of(&self, name: &str, formats: [&str; 2]) -> Work {
        self.init_of(name, formats, "git init -q -b main --bare")
    }

    /// By the environment, since older ones of git do not know the options.
    fn init_of(&self, name: &str, [objects, refs]: [&str; 2], init: &str) -> Work {
        self.init(name, &format!("GIT_DEFAULT_HASH={objects} GIT_DEFAULT_REF_FORMAT={refs} {init}"))
    }

    fn init(&self, name: &str, init: &str) -> Work {
        let work = Work { top: self.top.join(name), home: self.top.join("home") };
        fs::create_dir_all(&work.top).unwrap();
        work.sh(init).ok();
        work
    }
}

impl Work {
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        for name in of_this_machine() {
            command.env_remove(name);
        }
        command
            .current_dir(&self.top)
            .env_remove("XDG_CONFIG_HOME")
            .env("HOME", &self.home)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "A")
            .env("GIT_AUTHOR_EMAIL", "a@example.com")
            .env("GIT_COMMITTER_NAME", "A")
            .env("GIT_COMMITTER_EMAIL", "a@example.com");
        command
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> Said {
        Said::of(&self.command("git").args(arguments).output().unwrap())
    }

    pub(crate) fn akid(&self, arguments: &[&str]) -> Said {
        Said::of(&self.command(AKID).args(arguments).output().unwrap())
    }

    /// What a shell makes of `line`.
    pub(crate) fn sh(&self, line: &str) -> Said {
        Said::of(&self.command("sh").args(["-c", line]).output().unwrap())
    }

    /// The same repository from `folder` below its top, or elsewhere.
    pub(crate) fn at(&self, folder: impl AsRef<Path>) -> Self {
        Self { top: self.top.join(folder), home: self.home.clone() }
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.top.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.top.join(path)).unwrap()
    }

    pub(crate) fn write_hook(&self, path: &str, script: &str) {
        self.write(path, format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(self.top.join(path), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Commits a file past all hooks.
    pub(crate) fn commit(&self, path: &str, content: impl AsRef<[u8]>) {
        self.write(path, content);
        self.git(&["add", "--", path]).ok();
        self.git(&["commit", "-q", "--no-verify", "-m", &format!("change {path}")]).ok();
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.top.join(path).symlink_metadata().is_ok()
    }
}

/// A file with a key in it.
pub(crate) fn leak(seed: u64) -> String {
    let key = fake::pair(seed);
    format!("AWS_ACCESS_KEY_ID={}\nAWS_SECRET_ACCESS_KEY={}\n", key.id_text(), key.secret_text())
}

/// The ID of that key.
pub(crate) fn id(seed: u64) -> String {
    fake::pair(seed).id_text().to_owned()
}

/// Whether no eight letters of the secret are in `text`.
pub(crate) fn keeps_secret(text: &str, seed: u64) -> bool {
    let key = fake::pair(seed);
    !key.secret_text().as_bytes().windows(8).any(|part| text.contains(std::str::from_utf8(part).unwrap()))
}
