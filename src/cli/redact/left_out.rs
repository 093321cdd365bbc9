//! What a walk of `--in-place` and `--check` does not read, although it lies in a named folder.

use std::collections::BTreeSet;
use std::path::Path;

use akid::redact::redact;

use crate::cli::output;

/// Paths of one kind that are listed; the rest is counted.
const LISTED: usize = 10;

/// Paths that were not read, by kind.
#[derive(Default)]
pub(super) struct LeftOut {
    links: Paths,
    specials: Paths,
    repositories: Paths,
    asides: Paths,
}

/// The first paths in order, and how many there are.
#[derive(Default)]
struct Paths {
    first: BTreeSet<String>,
    count: u64,
}

impl LeftOut {
    /// Adds a symbolic link, which is not followed.
    pub(super) fn link(&mut self, path: &Path) {
        self.links.add(path);
    }

    /// Adds a pipe, a socket or a device.
    pub(super) fn special(&mut self, path: &Path) {
        self.specials.add(path);
    }

    /// Adds a folder of git.
    pub(super) fn repository(&mut self, path: &Path) {
        self.repositories.add(path);
    }

    /// Adds a file that a run of akid writes or left.
    pub(super) fn aside(&mut self, path: &Path) {
        self.asides.add(path);
    }

    /// Lists them on standard error.
    pub(super) fn tell(&self) {
        self.links.tell("symbolic links, which are not followed");
        self.specials.tell("pipes, sockets or devices");
        self.repositories.tell("git repositories, whose files are not rewritten: `akid history` scans them");
        self.asides.tell("temporary files of akid");
    }
}

impl Paths {
    fn add(&mut self, path: &Path) {
        let path = redact(path.as_os_str().as_encoded_bytes());
        if self.first.insert(path) {
            self.count += 1;
        }
        if self.first.len() > LISTED {
            self.first.pop_last();
        }
    }

    fn tell(&self, what: &str) {
        if self.count == 0 {
            return;
        }
        let mut text = format!("not read: {} ({what})", self.count);
        self.first.iter().for_each(|path| {
            text.push_str("\n  ");
            text.push_str(path);
        });
        let more = self.count - self.first.len() as u64;
        if more > 0 {
            text.push_str(&format!("\n  and {more} more"));
        }
        output::warn(&text);
    }
}
