//! How far a scan has come.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How far a scan has come; may be read while it runs.
#[derive(Debug, Default)]
pub struct Progress {
    /// The counts of runs that go on, and the sums of those that have ended.
    runs: Mutex<Vec<Arc<Counts>>>,
}

/// What one run has taken so far. Runs of several repositories may go on at the same time.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) inputs: AtomicU64,
    pub(super) members: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) expected: AtomicU64,
}

impl Progress {
    /// Number of inputs taken so far.
    pub fn inputs(&self) -> u64 {
        self.sum(|counts| &counts.inputs)
    }

    /// How many inputs sources have announced so far; zero if none has.
    pub fn expected(&self) -> u64 {
        self.sum(|counts| &counts.expected)
    }

    /// Number of bytes taken so far.
    pub fn bytes(&self) -> u64 {
        self.sum(|counts| &counts.bytes)
    }

    /// Starts to count for a run, which ends when what is returned is dropped.
    pub(super) fn start(&self) -> Arc<Counts> {
        let mut runs = self.runs();
        let ended = Counts::default();
        for run in runs.extract_if(.., |run| Arc::strong_count(run) == 1) {
            ended.add(&run);
        }
        let new = Arc::new(Counts::default());
        runs.extend([Arc::new(ended), Arc::clone(&new)]);
        new
    }

    fn sum(&self, count: impl Fn(&Counts) -> &AtomicU64) -> u64 {
        self.runs().iter().map(|run| count(run).load(Ordering::Relaxed)).sum()
    }

    fn runs(&self) -> MutexGuard<'_, Vec<Arc<Counts>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    /// Takes note of an input of `bytes` bytes.
    pub(super) fn input(&self, bytes: u64) {
        self.inputs.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn add(&self, other: &Self) {
        let pairs = [
            (&self.inputs, &other.inputs),
            (&self.members, &other.members),
            (&self.bytes, &other.bytes),
            (&self.expected, &other.expected),
        ];
        for (sum, part) in pairs {
            sum.fetch_add(part.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_counted_together_and_those_that_ended_take_no_room() {
        let progress = Progress::default();
        let first = progress.start();
        first.input(10);
        for _ in 0..100 {
            progress.start().input(1);
        }
        assert_eq!(
            (progress.inputs(), progress.bytes(), first.inputs.load(Ordering::Relaxed)),
            (101, 110, 1)
        );
        assert!(progress.runs().len() <= 4);
    }
}
