//! Being stopped: by the user, a signal or a time limit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

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
    use std::time::Duration;

    use super::*;

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
