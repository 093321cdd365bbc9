//! Files and standard input: what is read, what is passed over, what it is called, and that pieces change nothing.

#![expect(clippy::unwrap_used, reason = "a test")]

#[cfg(unix)]
mod ignored;
mod names;
mod pieces;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod special;
#[cfg(unix)]
mod swapped;
mod walk;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use akid::aws::fake::{self, Fake};
use akid::detect::Detector;
use akid::rule::RuleSet;
use akid::scan::{Policy, Scan, Scanner};
use akid::source::{Files, FilesOptions};
use akid::stop::Stop;
use tempfile::TempDir;

static RULES: LazyLock<RuleSet> = LazyLock::new(RuleSet::built_in);
static DETECTOR: LazyLock<Detector> = LazyLock::new(|| Detector::new(&RULES));

/// A folder of files, gone when dropped.
struct Tree {
    _folder: TempDir,
    top: PathBuf,
}

impl Tree {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        Self { _folder: folder, top }
    }

    fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.top.join(path)
    }

    fn with(self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// With a credential of its own in a file.
    fn with_key(self, path: impl AsRef<Path>) -> Self {
        let seed = path.as_ref().as_os_str().len() as u64;
        self.with(path, settings(&fake::pair(seed)))
    }

    /// Scans below the top, each root by its path from there.
    fn scan(&self, roots: &[&str]) -> Scan {
        let roots: Vec<_> = roots.iter().map(|root| self.path(root)).collect();
        scan(&roots, 2)
    }

    /// A run of the command in the top.
    fn akid(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_akid"));
        command.args(args).current_dir(&self.top).env("SOURCE_DATE_EPOCH", "1767225600");
        command
    }
}

fn scan(roots: &[PathBuf], threads: usize) -> Scan {
    let policy = Policy { now: "2026-01-01T00:00:00Z".parse().unwrap(), ..Policy::default() };
    let scanner = Scanner::new(Detector::new(&RULES), policy, threads, Stop::default());
    scanner.scan(&[&Files::new(roots, FilesOptions { threads, ..FilesOptions::default() })])
}

fn settings(key: &Fake) -> String {
    format!("aws_access_key_id = {}\naws_secret_access_key = {}\n", key.id_text(), key.secret_text())
}

/// The paths of what was found.
fn found(scan: &Scan) -> Vec<String> {
    let paths = scan.findings.iter().map(|finding| finding.origin.path());
    paths.map(|path| String::from_utf8_lossy(path).into_owned()).collect()
}
