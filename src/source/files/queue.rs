//! Threads that share work which makes more work.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::panic::{self, Panicked};

/// Work to be done.
#[derive(Debug)]
pub(super) struct Jobs<J> {
    /// Done first: jobs that keep something open.
    pub(super) open: Vec<J>,
    /// Done once no job is in `open`, the last one first.
    pub(super) later: Vec<J>,
}

impl<J> Default for Jobs<J> {
    fn default() -> Self {
        Self { open: Vec::new(), later: Vec::new() }
    }
}

/// Runs `first` and all the work that it makes, on up to `threads` threads: the caller's, and as many more as the system
/// gives. Each thread makes itself a worker.
///
/// # Panics
///
/// If a worker does, once all of them have ended.
pub(super) fn run<J: Send, W: FnMut(J) -> Jobs<J>>(
    first: Jobs<J>,
    threads: usize,
    worker: impl Fn() -> W + Sync,
) {
    let state = State { jobs: first, running: 0, waiting: 0, is_over: false };
    let queue = Queue { state: Mutex::new(state), wake: Condvar::new() };
    let work = || queue.work(worker());
    let panicked = thread::scope(|scope| {
        let spawn = |_| thread::Builder::new().spawn_scoped(scope, work).ok();
        let others: Vec<_> = (1..threads).map_while(spawn).collect();
        let own = work();
        let others = others.into_iter().map(|other| other.join().unwrap_or(Ok(())));
        others.fold(own, Result::and)
    });
    panicked.unwrap_or_else(|panicked| panicked.resume());
}

struct Queue<J> {
    state: Mutex<State<J>>,
    wake: Condvar,
}

struct State<J> {
    jobs: Jobs<J>,
    /// Jobs that threads are at, and that may make more.
    running: usize,
    /// Threads that wait for work.
    waiting: usize,
    is_over: bool,
}

impl<J> Queue<J> {
    /// Works until nothing is left to do.
    fn work(&self, mut worker: impl FnMut(J) -> Jobs<J>) -> Result<(), Panicked> {
        let outcome = panic::catch(|| {
            while let Some(job) = self.next() {
                self.add(worker(job));
            }
        });
        if outcome.is_err() {
            self.state().is_over = true;
            self.wake.notify_all();
        }
        outcome
    }

    /// Takes a job; `None` once there will be no more.
    fn next(&self) -> Option<J> {
        let mut state = self.state();
        loop {
            if state.is_over {
                return None;
            }
            if let Some(job) = state.jobs.open.pop().or_else(|| state.jobs.later.pop()) {
                state.running += 1;
                return Some(job);
            }
            if state.running == 0 {
                state.is_over = true;
                self.wake.notify_all();
                return None;
            }
            state.waiting += 1;
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
    }

    /// Adds what a job made, which is done.
    fn add(&self, more: Jobs<J>) {
        let mut state = self.state();
        state.running -= 1;
        let is_idle = state.running == 0;
        let count = more.open.len() + more.later.len();
        state.jobs.open.extend(more.open);
        state.jobs.later.extend(more.later);
        // The thread that adds takes one itself.
        if state.waiting > 0 && (count > 1 || is_idle) {
            self.wake.notify_all();
        }
    }

    fn state(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn all_work_is_done_once_on_any_number_of_threads() {
        for threads in [1, 2, 8] {
            let done = AtomicUsize::new(0);
            // Each job of depth n makes two of depth n - 1, one of each sort.
            let first = Jobs { open: vec![10], later: Vec::new() };
            run(first, threads, || {
                |depth: u32| {
                    done.fetch_add(1, Ordering::Relaxed);
                    let more = if depth > 0 { vec![depth - 1] } else { Vec::new() };
                    Jobs { open: more.clone(), later: more }
                }
            });
            assert_eq!(done.into_inner(), 2047, "{threads} threads");
        }
    }

    #[test]
    fn a_panic_ends_the_work_of_all_threads() {
        for threads in [1, 3] {
            let outcome = panic::catch(|| {
                let first = Jobs { open: vec![0; 100], later: Vec::new() };
                run(first, threads, || |_: u8| -> Jobs<u8> { panic!("a message") });
            });
            assert!(outcome.is_err(), "{threads} threads");
        }
    }
}
