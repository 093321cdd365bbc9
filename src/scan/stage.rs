//! Stages that come after what finds something: a bug in one costs nothing that was found.

use super::Scan;
use crate::panic;
use crate::source::{Gap, Stage};

impl Scan {
    /// Runs a stage on the scan. A panic in it is a gap: what was found stays, without what the stage would have added.
    ///
    /// `work` must leave the scan sound wherever it panics.
    pub fn run_stage(&mut self, stage: Stage, work: impl FnOnce(&mut Self)) {
        if let Err(panicked) = panic::catch(|| work(self)) {
            self.gaps.insert(Gap::Stage(stage, panicked));
        }
    }
}
