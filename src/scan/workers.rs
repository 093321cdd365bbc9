//! The threads that the pieces of large inputs are examined on.

use std::sync::OnceLock;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::panic;
use crate::source::threads_for;

/// Threads that start when the first large input comes, since most scans have none.
#[derive(Debug)]
pub(super) struct Workers {
    count: usize,
    pool: OnceLock<Option<ThreadPool>>,
}

impl Workers {
    /// `count` of them, 0 for as many as there are processors.
    pub(super) fn new(count: usize) -> Self {
        Self { count: threads_for(count), pool: OnceLock::new() }
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// What `examine` makes of each of `pieces`, in their order. Where the system gives no threads, the caller's does
    /// all of it.
    pub(super) fn map<T: Sync, R: Send>(&self, pieces: &[T], examine: impl Fn(&T) -> R + Sync) -> Vec<R> {
        if self.count == 1 || pieces.len() < 2 {
            return pieces.iter().map(examine).collect();
        }
        let start = || ThreadPoolBuilder::new().num_threads(self.count).build().ok();
        let Some(pool) = self.pool.get_or_init(start) else {
            return pieces.iter().map(examine).collect();
        };
        // The place of a panic is remembered by the worker's thread, not by the one that waits.
        let examine = |piece| panic::catch(|| examine(piece)).unwrap_or_else(|panicked| panicked.resume());
        pool.install(|| pieces.par_iter().map(examine).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_keep_their_order_on_any_number_of_threads() {
        let pieces: Vec<usize> = (0..100).collect();
        for count in [0, 1, 3] {
            assert_eq!(Workers::new(count).map(&pieces, |piece| piece + 1), (1..101).collect::<Vec<_>>());
        }
    }

    #[test]
    fn as_many_threads_work_as_are_asked_for() {
        let workers = Workers::new(3);
        assert!(workers.map(&[(); 50], |()| rayon::current_num_threads()).iter().all(|&count| count == 3));
    }

    #[test]
    fn a_panic_of_a_worker_keeps_its_place() {
        panic::remember();
        for count in [1, 2] {
            let outcome = panic::catch(|| Workers::new(count).map(&[1, 2], |_| -> u8 { panic!() }));
            let place = outcome.map_or_else(|panicked| panicked.to_string(), |_| String::new());
            assert!(place.contains("workers.rs:"), "{place}");
        }
        drop(std::panic::take_hook());
    }
}
