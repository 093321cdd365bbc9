//! What became of the targets of a run, in numbers.

use super::outcome::{End, Outcome};
use crate::cli::output;

/// What became of a target in this run.
pub(super) struct Done {
    pub(super) outcome: Option<Outcome>,
    pub(super) is_unchanged: bool,
}

/// What became of the targets of this run.
#[derive(Debug, Default)]
pub(super) struct Tally {
    done: usize,
    ends: [u64; 4],
    unchanged: u64,
    elsewhere: u64,
    credentials: u64,
    pub(super) failing: u64,
}

impl Tally {
    /// Adds a target, and tells of it on standard error.
    pub(super) fn add(&mut self, done: &Done, is_quiet: bool, all: usize) {
        self.done += 1;
        let Some(outcome) = &done.outcome else {
            self.elsewhere += 1;
            return;
        };
        self.unchanged += u64::from(done.is_unchanged);
        let end = End::ALL.iter().position(|end| *end == outcome.status).unwrap_or(0);
        self.ends[end] += 1;
        self.credentials += outcome.credentials;
        self.failing += outcome.failing;
        if !is_quiet || outcome.status != End::Ok {
            let note = if done.is_unchanged { " (unchanged)" } else { "" };
            output::warn(&format!("{}/{all} {}{note}", self.done, outcome.line()));
        }
    }

    pub(super) fn is_complete(&self) -> bool {
        self.ends[1..].iter().all(|&count| count == 0) && self.elsewhere == 0
    }

    pub(super) fn summary(&self) -> String {
        let counts = End::ALL.iter().zip(self.ends).filter(|(_, count)| *count > 0);
        let mut parts: Vec<String> = counts.map(|(end, count)| format!("{count} {}", end.as_str())).collect();
        if self.unchanged > 0 {
            parts.push(format!("{} of them unchanged", self.unchanged));
        }
        if self.elsewhere > 0 {
            parts.push(format!("{} left to another run", self.elsewhere));
        }
        format!(
            "{} targets: {}; {} credentials, {} fail, counted once per target",
            self.done,
            if parts.is_empty() { "none".to_owned() } else { parts.join(", ") },
            self.credentials,
            self.failing
        )
    }
}
