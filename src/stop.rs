//! Being stopped: by the user, a signal or a time limit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often a wait checks the switch.
const TICK: Duration = Duration::from_millis(100);

/// A switch that ends work early. Clones are the same switch.
///
/// Every loop whose length depends on input checks it at least once a second.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    flag: Arc<AtomicBool>,
    deadline: Option<Instant>,
}

impl Stop {
    /// Returns the same switch, which turns at `deadline` by itself. That needs no thread: the clock is read at each check.
    pub fn at(&self, deadline: Instant) -> Self {
        Self { deadline: Some(deadline), ..self.clone() }
    }

    /// Ends the work as soon as each worker checks the switch.
    pub fn stop(&self) {
        self.flag.store(true, Ordering::Relaxed);
    }

    /// Returns whether the work must end.
    pub fn is_stopped(&self) -> bool {
        self.flag.load(Ordering::Relaxed) || self.is_late()
    }

    /// Waits for a while, and returns whether the work may go on then.
    pub fn sleep(&self, time: Duration) -> bool {
        let end = Instant::now() + time;
        while !self.is_stopped() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            std::thread::sleep(left.min(TICK));
        }
        false
    }

    /// Returns whether the deadline has passed.
    pub fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// What signal handlers set: they may do little else.
    pub fn flag(&self) -> &Arc<AtomicBool> {
        &self.flag
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_ends_early_once_the_work_must_end() {
        let stop = Stop::default();
        assert!(stop.sleep(Duration::from_millis(1)));
        stop.stop();
        let started = Instant::now();
        assert!(!stop.sleep(Duration::from_secs(60)) && started.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn clones_are_one_switch_and_a_deadline_is_of_its_own() {
        let stop = Stop::default();
        let late = stop.at(Instant::now());
        let early = stop.at(Instant::now() + Duration::from_secs(3600));
        assert!(late.is_stopped() && late.clone().is_late());
        assert!(!early.is_stopped() && !stop.is_stopped());
        stop.clone().stop();
        assert!(early.is_stopped() && !early.is_late());
    }
}
